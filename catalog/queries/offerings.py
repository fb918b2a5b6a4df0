"""Reading offerings: one with its sellers, plans and cases; old versions; several side by side."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from accounts.models import LocalBody
from accounts.roles import Actor, sees_government
from catalog.answers import stated
from catalog.chance import chance
from catalog.criteria import PUBLIC_AND_GOVERNMENT, PUBLIC_ONLY, visible_criteria
from catalog.criterion import Criterion
from catalog.entries import PublicationStatus
from catalog.models import Offering, OfferingVersion, SystemType, Vendor
from catalog.plans import Plan
from catalog.policy import ClassedKind
from catalog.queries.cases import CaseRow, Counts, list_cases_using, readable_offering
from catalog.queries.files import FileRow, readable_files
from catalog.queries.policy_classes import ClassPage, get_class_page
from foundation.errors import NotFound
from foundation.paging import Page, paginate

PEERS = 8  # shown for choosing


@dataclass(frozen=True, kw_only=True)
class OfferingFilter:
    """What a reader narrows the list of offerings by; None and '' do not narrow."""

    category: str = ""
    vendor_id: int | None = None
    fictional: bool | None = None


@dataclass(frozen=True, kw_only=True)
class OfferingRow:
    """An offering in a list."""

    id: int
    key: str
    name: str
    summary: str
    vendor_id: int
    vendor_name: str
    system_type_code: str
    system_type_name: str
    status: str
    version: int
    fictional: bool
    registered_on: date
    updated_at: datetime


@dataclass(frozen=True, kw_only=True)
class PlanRow:
    """A price plan as a version states it, tax-excluded."""

    name: str
    plan: Plan
    tax_rate_percent: Decimal
    not_included: str
    price_basis: str


@dataclass(frozen=True, kw_only=True)
class OfferRow:
    """A seller and its plans as a version states them."""

    seller_id: int
    seller_name: str
    contract_conditions: str
    plans: tuple[PlanRow, ...]


@dataclass(frozen=True, kw_only=True)
class VersionRow:
    """One version in the history of an entry."""

    number: int
    published_at: datetime
    change_note: str
    content_sha256: str


@dataclass(frozen=True, kw_only=True)
class VersionContent:
    """What a version says to this reader: answers above the reader's class are not in it.

    files: those the reader may have; left out where several entries are read at once.
    """

    row: VersionRow
    name: str
    summary: str
    vendor_name: str
    system_type_code: str
    answers: Mapping[str, Any]
    offers: tuple[OfferRow, ...]
    files: tuple[FileRow, ...] = ()


@dataclass(frozen=True, kw_only=True)
class BodySize:
    """The size of the reader's own body, for 「自分の団体なら」. None = not published."""

    code: str
    name: str
    fictional: bool
    population: int | None
    households: int | None
    staff: int | None


@dataclass(frozen=True, kw_only=True)
class PeerRow:
    """Another entry of the same system type."""

    id: int
    name: str
    vendor_name: str
    fictional: bool


@dataclass(frozen=True, kw_only=True)
class OfferingPage:
    """An entry as its page shows it; criteria: those whose answers this reader may see.

    policy_scope: what a person confirmed, else what its kind of system counts as.
    """

    row: OfferingRow
    policy_scope: str
    policy: ClassPage
    content: VersionContent
    criteria: tuple[Criterion, ...]
    versions: tuple[VersionRow, ...]
    cases: tuple[CaseRow, ...]
    body: BodySize | None


def criteria_for(actor: Actor) -> tuple[Criterion, ...]:
    """The criteria whose answers the actor may read."""
    return visible_criteria(PUBLIC_AND_GOVERNMENT if sees_government(actor) else PUBLIC_ONLY)


def list_offerings(
    session: Session, wanted: OfferingFilter, *, page: int = 1, size: int = 50
) -> Page[OfferingRow]:
    """Published offerings by id. Two queries."""
    statement = _select_rows().where(*_conditions(wanted)).order_by(Offering.id)
    return paginate(session, statement, page=page, size=size, make_row=_make_row)


def list_all_offerings(session: Session) -> tuple[OfferingRow, ...]:
    """Every published offering by id (for downloads). One query."""
    return tuple(map(_make_row, session.execute(_select_rows().order_by(Offering.id))))


def count_offerings(session: Session) -> Counts:
    """Published offerings, real and fictional apart."""
    statement = (
        select(Offering.fictional, func.count())
        .where(Offering.publication_status == PublicationStatus.PUBLISHED.value)
        .group_by(Offering.fictional)
    )
    found = {fictional: count for fictional, count in session.execute(statement)}
    return Counts(real=found.get(False, 0), fictional=found.get(True, 0))


def get_offering_page(session: Session, actor: Actor, offering_id: int) -> OfferingPage:
    """An entry that is or was public, at its current version. Raises NotFound. Six queries."""
    row, policy_scope = _get_readable(session, offering_id)
    policy = get_class_page(session, ClassedKind.OFFERING.value, offering_id)
    return OfferingPage(
        row=row,
        policy_scope=policy.confirmed.scope if policy.confirmed else policy_scope,
        policy=policy,
        content=_get_content(session, actor, row, row.version),
        criteria=criteria_for(actor),
        versions=list_versions(session, offering_id),
        cases=list_cases_using(session, [offering_id]),
        body=find_body_size(session, actor.body_code),
    )


def get_version_page(
    session: Session, actor: Actor, offering_id: int, number: int
) -> tuple[OfferingRow, VersionContent]:
    """An old or the current version of a readable entry. Raises NotFound."""
    row, _policy_scope = _get_readable(session, offering_id)
    if number > row.version:
        raise NotFound(f"offering {offering_id} version {number}")
    return row, _get_content(session, actor, row, number)


def list_readable_rows(session: Session, ids: Sequence[int]) -> dict[int, OfferingRow]:
    """Those of the ids whose page exists for everybody, by id. One query."""
    statement = _select_all().where(Offering.id.in_(ids), readable_offering())
    return {row.id: row for row in map(_make_row, session.execute(statement))}


def list_current_contents(
    session: Session, actor: Actor, ids: Sequence[int]
) -> dict[int, VersionContent]:
    """The current content of each of these published entries, by offering id. One query."""
    statement = (
        select(OfferingVersion)
        .join(Offering, Offering.id == OfferingVersion.offering_id)
        .where(Offering.id.in_(ids), readable_offering())
        .where(OfferingVersion.number == Offering.current_version)
    )
    return {v.offering_id: _content(actor, v) for v in session.scalars(statement)}


def list_peers(session: Session, row: OfferingRow, month: str) -> tuple[PeerRow, ...]:
    """Published entries of the same system type, a few of them, in the month's chance order.

    Nobody gains by name, payment or age (domain §6). One query.
    """
    statement = (
        select(Offering.id, Offering.name, Vendor.name, Offering.fictional)
        .join(Vendor, Vendor.id == Offering.vendor_id)
        .where(Offering.publication_status == PublicationStatus.PUBLISHED.value)
        .where(Offering.system_type_code == row.system_type_code, Offering.id != row.id)
    )
    found = [
        PeerRow(id=number, name=name, vendor_name=vendor, fictional=fictional)
        for number, name, vendor, fictional in session.execute(statement)
    ]
    return tuple(sorted(found, key=lambda peer: chance(f"offering:{peer.id}", month))[:PEERS])


def list_versions(session: Session, offering_id: int) -> tuple[VersionRow, ...]:
    """The history of an entry, newest first."""
    statement = (
        select(
            OfferingVersion.number,
            OfferingVersion.published_at,
            OfferingVersion.change_note,
            OfferingVersion.content_sha256,
        )
        .where(OfferingVersion.offering_id == offering_id)
        .order_by(OfferingVersion.number.desc())
    )
    return tuple(VersionRow(**row._mapping) for row in session.execute(statement))


def list_vendor_offerings(
    session: Session, vendor_id: int, *, states: Sequence[PublicationStatus]
) -> tuple[OfferingRow, ...]:
    """The entries a vendor makes, in these states, by name."""
    values = [state.value for state in states]
    statement = _select_all().where(
        Offering.vendor_id == vendor_id, Offering.publication_status.in_(values)
    )
    return tuple(map(_make_row, session.execute(statement.order_by(Offering.name, Offering.id))))


def find_body_size(session: Session, body_code: str | None) -> BodySize | None:
    """The reader's own body's size; None for readers of no body."""
    body = session.get(LocalBody, body_code) if body_code else None
    if body is None:
        return None
    return BodySize(
        code=body.code,
        name=body.name,
        fictional=body.fictional,
        population=body.population_census_2020,
        households=body.households_2020,
        staff=body.staff_general_2024,
    )


def _select_all() -> Select[*tuple[Any, ...]]:
    return (
        select(Offering, Vendor.name, SystemType.name, SystemType.policy_scope)
        .join(Vendor, Vendor.id == Offering.vendor_id)
        .join(SystemType, SystemType.code == Offering.system_type_code)
    )


def _select_rows() -> Select[*tuple[Any, ...]]:
    return _select_all().where(Offering.publication_status == PublicationStatus.PUBLISHED.value)


def _make_row(found: Any) -> OfferingRow:
    offering, vendor_name, system_type_name, _policy_scope = found
    return OfferingRow(
        id=offering.id,
        key=offering.key,
        name=offering.name,
        summary=offering.summary,
        vendor_id=offering.vendor_id,
        vendor_name=vendor_name,
        system_type_code=offering.system_type_code,
        system_type_name=system_type_name,
        status=offering.publication_status,
        version=offering.current_version,
        fictional=offering.fictional,
        registered_on=offering.registered_on,
        updated_at=offering.updated_at,
    )


def _conditions(wanted: OfferingFilter) -> list[Any]:
    conditions: list[Any] = []
    if wanted.category:
        conditions.append(Offering.system_type_code == wanted.category)
    if wanted.vendor_id is not None:
        conditions.append(Offering.vendor_id == wanted.vendor_id)
    if wanted.fictional is not None:
        conditions.append(Offering.fictional == wanted.fictional)
    return conditions


def _get_readable(session: Session, offering_id: int) -> tuple[OfferingRow, str]:
    statement = _select_all().where(Offering.id == offering_id, readable_offering())
    found = session.execute(statement).one_or_none()
    if found is None:
        raise NotFound(f"offering {offering_id}")
    return _make_row(found), found[3]


def _get_content(session: Session, actor: Actor, row: OfferingRow, number: int) -> VersionContent:
    version = session.scalar(
        select(OfferingVersion).where(
            OfferingVersion.offering_id == row.id, OfferingVersion.number == number
        )
    )
    if version is None:
        raise NotFound(f"offering {row.id} version {number}")
    files = readable_files(session, actor, version.files, row.system_type_code)
    return replace(_content(actor, version), files=files)


def _content(actor: Actor, version: OfferingVersion) -> VersionContent:
    return VersionContent(
        row=VersionRow(
            number=version.number,
            published_at=version.published_at,
            change_note=version.change_note,
            content_sha256=version.content_sha256,
        ),
        name=version.name,
        summary=version.summary,
        vendor_name=version.vendor_name,
        system_type_code=version.system_type_code,
        answers=stated(version.answers, criteria_for(actor)),
        offers=tuple(_offer(offer) for offer in version.offers),
    )


def _offer(data: Mapping[str, Any]) -> OfferRow:
    return OfferRow(
        seller_id=data["seller_id"],
        seller_name=data["seller_name"],
        contract_conditions=data["contract_conditions"],
        plans=tuple(
            PlanRow(
                name=plan["name"],
                plan=Plan.from_dict(plan["definition"]),
                tax_rate_percent=Decimal(plan["tax_rate_percent"]),
                not_included=plan["not_included"],
                price_basis=plan["price_basis"],
            )
            for plan in data["plans"]
        ),
    )
