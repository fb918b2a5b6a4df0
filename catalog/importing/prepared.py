"""Entries of a file: shaped row by row before the commit, copied by few statements within it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import islice
from typing import Any

from sqlalchemy import Select, and_, delete, func, insert, literal, or_, select, text
from sqlalchemy.orm import Session
from sqlalchemy.sql.elements import ColumnElement

from catalog.entries import OfferingEntry, PublicationStatus, content_sha256
from catalog.importing.bulk import Stamp
from catalog.importing.models import StagedOffer, StagedOffering, StagedPlan
from catalog.models import Offer, Offering, OfferingVersion, PricePlan, SearchOutbox, Vendor
from catalog.publishing import version_content
from foundation.db import Database
from foundation.errors import Conflict
from foundation.staging import OVER, ImportBatch

ROWS_A_STEP = 500
LARGE_ROWS = 5_000
CACHE_KIB = 256 * 1024
_PUBLISHED = PublicationStatus.PUBLISHED.value
Rows = list[dict[str, Any]]
Placed = tuple[int, OfferingEntry]
PlanName = tuple[int, str | None]


def prepare(database: Database, batch_id: int, entries: Iterator[Placed]) -> None:
    """Shape the entries, each with its place in the file, in short transactions of their own."""
    while chunk := list(islice(entries, ROWS_A_STEP)):
        with database.transaction() as session:
            _shape(session, batch_id, chunk)
    with database.transaction() as session:
        _count_anew(session, StagedOffering, StagedOffer, StagedPlan)


def make_room(session: Session, batch_id: int) -> None:
    """Let SQLite hold what one commit changes in memory; the file is written once, at its end.

    Holds for the connection: for large files only, most of which are commands of their own.
    """
    rows = session.get_one(ImportBatch, batch_id).rows_read
    if rows > LARGE_ROWS and session.get_bind().dialect.name == "sqlite":
        session.execute(text(f"PRAGMA cache_size=-{CACHE_KIB}"))


def forget(session: Session, batch_id: int) -> None:
    """Throw away how a batch was shaped, to shape it anew."""
    for table in (StagedPlan, StagedOffer, StagedOffering):
        session.execute(delete(table).where(table.batch_id == batch_id))


def refuse_changed(session: Session, batch_id: int) -> None:
    """Raises Conflict where the catalog is not as it was when the entries were shaped."""
    staged = StagedOffering
    moved = (
        select(staged.key)
        .outerjoin(Offering, Offering.key == staged.key)
        .where(staged.batch_id == batch_id)
        .where(
            or_(
                and_(staged.based_on.is_(None), Offering.id.is_not(None)),
                and_(
                    staged.based_on.is_not(None),
                    func.coalesce(Offering.current_version, -1) != staged.based_on,
                ),
            )
        )
    )
    renamed = (
        select(StagedOffer.seller_name)
        .outerjoin(Vendor, Vendor.id == StagedOffer.seller_id)
        .where(StagedOffer.batch_id == batch_id)
        .where(func.coalesce(Vendor.name, "") != StagedOffer.seller_name)
    )
    for statement in (moved, renamed):
        found = session.scalar(statement.limit(1))
        if found is not None:
            raise Conflict(
                f"読み取りの後に登録内容が変わりました（{found}）。取り込み直してください。"
            )


def publish_new(session: Session, batch_id: int, stamp: Stamp) -> int:
    """The new entries of the batch with version 1, sellers and plans; how many."""
    added = session.scalar(_new(select(func.count(StagedOffering.key)), batch_id)) or 0
    if not added:
        return 0
    _copy_entries(session, batch_id, stamp.now)
    _count_anew(session, Offering)
    own = _new(select(), batch_id).join(Offering, Offering.key == StagedOffering.key)
    own = own.order_by(StagedOffering.position)
    copy_versions(session, own, literal(1, type_=StagedOffering.based_on.type), stamp)
    _copy_offers(session, own)
    queue_offerings(session, own, stamp.now)
    return added


def sweep(database: Database) -> None:
    """Throw the shaped rows of finished batches away, a few at a time: nobody has to wait."""
    done = select(ImportBatch.id).where(ImportBatch.state.in_(OVER))
    for table in (StagedPlan, StagedOffer, StagedOffering):
        while _sweep_some(database, table, done):
            pass


def _sweep_some(database: Database, table: Any, done: Select[Any]) -> bool:
    """Delete a few lines of one finished batch; whether there were any."""
    with database.transaction() as session:
        first = session.execute(
            select(table.batch_id, func.min(table.position))
            .where(table.batch_id.in_(done))
            .group_by(table.batch_id)
            .limit(1)
        ).first()
        if first is None:
            return False
        end = first[1] + ROWS_A_STEP * 4
        session.execute(delete(table).where(table.batch_id == first[0], table.position < end))
    return True


def _shape(session: Session, batch_id: int, chunk: Sequence[Placed]) -> None:
    names = {number: name for number, name in session.execute(select(Vendor.id, Vendor.name))}
    current = _current_of(session, [entry.key for _place, entry in chunk])
    offerings, offers, plans = Rows(), Rows(), Rows()
    for position, entry in chunk:
        at = {"batch_id": batch_id, "position": position}
        there = current.get(entry.key, _NOTHING)
        offering = _offering(replace(entry, files=there.files), names, there)
        offerings.append(at | offering | {"based_on": there.number})
        if not offering["same"]:
            _add_offers(at, entry, names, offers, plans)
    for table, rows in ((StagedOffering, offerings), (StagedOffer, offers), (StagedPlan, plans)):
        if rows:
            session.execute(insert(table), rows)


@dataclass(frozen=True, kw_only=True)
class _Current:
    """The version readers see; number 0 for an entry never published, None for none."""

    number: int | None = None
    sha256: str = ""
    offers: str = ""
    plans: frozenset[PlanName] = frozenset()
    files: tuple[Any, ...] = ()


_NOTHING = _Current()


def _current_of(session: Session, keys: Sequence[str]) -> dict[str, _Current]:
    current = and_(
        OfferingVersion.offering_id == Offering.id,
        OfferingVersion.number == Offering.current_version,
    )
    statement = (
        select(
            Offering.key,
            Offering.current_version,
            OfferingVersion.content_sha256,
            OfferingVersion.offers,
            OfferingVersion.files,
        )
        .outerjoin(OfferingVersion, current)
        .where(Offering.key.in_(keys))
    )
    return {
        key: _Current(
            number=number,
            sha256=sha256 or "",
            offers=_hash_of(offers or []),
            plans=_plan_names(offers or []),
            files=tuple(files or ()),
        )
        for key, number, sha256, offers, files in session.execute(statement)
    }


def _offering(entry: OfferingEntry, names: Mapping[int, str], there: _Current) -> dict[str, Any]:
    content = version_content(entry, names[entry.maker_id], names)
    own = content_sha256(content)
    return content | {
        "key": entry.key,
        "vendor_id": entry.maker_id,
        "fictional": entry.fictional,
        "registered_on": entry.registered_on,
        "files": list(entry.files or ()),
        "content_sha256": own,
        "same": own == there.sha256,
        "same_offers": _hash_of(content["offers"]) == there.offers,
        "same_plans": _plan_names(content["offers"]) == there.plans,
    }


def _hash_of(offers: Sequence[Any]) -> str:
    return content_sha256({"offers": offers})


def _plan_names(offers: Sequence[Any]) -> frozenset[PlanName]:
    """Each seller with the name of each of its plans, and with None for itself."""
    return frozenset(
        (offer["seller_id"], name)
        for offer in offers
        for name in (None, *(plan["name"] for plan in offer["plans"]))
    )


def _add_offers(
    at: dict[str, Any], entry: OfferingEntry, names: Mapping[int, str], offers: Rows, plans: Rows
) -> None:
    for offer in entry.offers:
        own = at | {"seller_id": offer.seller_id}
        offers.append(
            own
            | {
                "seller_name": names[offer.seller_id],
                "contract_conditions": offer.contract_conditions,
            }
        )
        plans += [
            own
            | {
                "place": place,
                "name": plan.name,
                "definition": dict(plan.definition),
                "tax_rate_percent": plan.tax_rate_percent,
                "not_included": plan.not_included,
                "price_basis": plan.price_basis,
            }
            for place, plan in enumerate(offer.plans, start=1)
        ]


def _new(statement: Select[Any], batch_id: int) -> Select[Any]:
    return statement.select_from(StagedOffering).where(
        StagedOffering.batch_id == batch_id, StagedOffering.based_on.is_(None)
    )


def _copy_entries(session: Session, batch_id: int, now: datetime) -> None:
    s = StagedOffering
    copy(
        session,
        Offering,
        _new(select(), batch_id).order_by(s.position),
        key=s.key,
        vendor_id=s.vendor_id,
        system_type_code=s.system_type_code,
        name=s.name,
        summary=s.summary,
        publication_status=literal(_PUBLISHED),
        current_version=literal(1),
        fictional=s.fictional,
        registered_on=s.registered_on,
        updated_at=literal(now, Offering.updated_at.type),
        row_version=literal(1),
    )


def copy_versions(
    session: Session, own: Select[Any], number: ColumnElement[int | None], stamp: Stamp
) -> None:
    """A version for each staged entry of `own`, which joins them to their offerings."""
    s = StagedOffering
    copy(
        session,
        OfferingVersion,
        own,
        offering_id=Offering.id,
        number=number,
        name=s.name,
        summary=s.summary,
        vendor_name=s.vendor_name,
        system_type_code=s.system_type_code,
        answers=s.answers,
        offers=s.offers,
        files=s.files,
        change_note=literal(stamp.change_note),
        content_sha256=s.content_sha256,
        published_at=literal(stamp.now, OfferingVersion.published_at.type),
        published_by=literal(stamp.published_by),
    )


def queue_offerings(session: Session, own: Select[Any], now: datetime) -> None:
    """Have the index take up the offerings that `own` joins."""
    copy(
        session,
        SearchOutbox,
        own,
        kind=literal("offering"),
        object_id=Offering.id,
        queued_at=literal(now, SearchOutbox.queued_at.type),
    )


def _copy_offers(session: Session, own: Select[Any]) -> None:
    staged, plan = StagedOffer, StagedPlan
    place = and_(
        staged.batch_id == StagedOffering.batch_id, staged.position == StagedOffering.position
    )
    offers = own.join(staged, place)
    copy(
        session,
        Offer,
        offers,
        offering_id=Offering.id,
        seller_id=staged.seller_id,
        contract_conditions=staged.contract_conditions,
        offered=literal(True),
    )
    _count_anew(session, Offer)
    made = and_(Offer.offering_id == Offering.id, Offer.seller_id == staged.seller_id)
    of_offer = and_(
        plan.batch_id == staged.batch_id,
        plan.position == staged.position,
        plan.seller_id == staged.seller_id,
    )
    copy(
        session,
        PricePlan,
        offers.join(Offer, made).join(plan, of_offer).order_by(plan.place),
        offer_id=Offer.id,
        position=plan.place,
        name=plan.name,
        definition=plan.definition,
        tax_rate_percent=plan.tax_rate_percent,
        not_included=plan.not_included,
        price_basis=plan.price_basis,
        offered=literal(True),
    )


def _count_anew(session: Session, *tables: Any) -> None:
    """PostgreSQL joins by what it last counted: of tables just filled, nothing yet."""
    if session.get_bind().dialect.name == "postgresql":
        for table in tables:
            session.execute(text(f"ANALYZE {table.__tablename__}"))


def copy(session: Session, table: Any, source: Select[Any], **columns: Any) -> None:
    """INSERT … SELECT: no row passes through this program."""
    chosen = source.with_only_columns(*columns.values(), maintain_column_froms=True)
    session.execute(insert(table).from_select(list(columns), chosen, include_defaults=False))
