"""The fictional world into the database, once; dates count from the day of that first time."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, replace
from datetime import date, datetime, timedelta

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from accounts.audit import record
from accounts.models import LocalBody, Organization
from accounts.roles import SYSTEM, OrganizationKind
from catalog.entries import OfferingEntry
from catalog.example.bodies import ExampleBody
from catalog.example.cases import ASSOCIATION_NAME, COUNCIL_NAME
from catalog.example.reference import add_body_organizations, load_reference
from catalog.example.world import SEED, World, make_world
from catalog.mark_models import RecommendedMark
from catalog.models import Offering, SystemType, Vendor
from catalog.publishing import add_offering, add_vendor, append_version, write_case
from foundation.clock import jst_moment, jst_today
from foundation.settings import find_setting, get_or_put_setting, put_setting

__all__ = ["BASE_DATE_SETTING", "get_base_date", "load_example", "load_reference"]

BASE_DATE_SETTING = "example_base_date"
WORLD_SETTING = "example_world"
PREFECTURE_NAME = "架空県"
# Keys of the organisations that are neither bodies nor vendors; example_users.csv names them.
ORGANIZATIONS = (
    ("operator", OrganizationKind.OPERATOR, "もやい運営事務局（見本）", None, None),
    ("example-ministry", OrganizationKind.MINISTRY, "制度所管府省庁（見本）", None, None),
    ("example-council", OrganizationKind.COUNCIL, COUNCIL_NAME, "99", "992011"),
    ("example-association", OrganizationKind.ASSOCIATION, ASSOCIATION_NAME, "99", None),
)
_REVISED_KEYS = ("sla_availability", "certification_details", "introduction_effects")
REVISION_NOTE = "稼働率の保証、認証の番号、導入効果を追記しました。"


def load_example(session: Session, now: datetime) -> dict[str, int]:
    """Write the whole fictional world; how many of each kind, {} if it is there already.

    Needs the reference facts (system types). One audit event for all of it.
    """
    if find_setting(session, WORLD_SETTING) is not None:
        return {}
    base = get_base_date(session, now)
    world = make_world(base)
    _add_bodies(session, world.bodies)
    _add_organizations(session)
    # Rows that every entry asks for stay in the session only while something holds them.
    _held = session.scalars(select(SystemType)).all()
    vendors = _add_vendors(session, world)
    _add_offerings(session, world, vendors, base)
    _add_mark(session, base)
    for case in world.cases:
        write_case(session, case, now=jst_moment(case.last_confirmed_on))
    counts = {
        "local_body": len(world.bodies),
        "vendor": len(world.vendors),
        "offering": len(world.offerings),
        "case": len(world.cases),
    }
    put_setting(session, WORLD_SETTING, SEED)
    record(session, SYSTEM, "load_example", "example", SEED, counts, now)
    return counts


def get_base_date(session: Session, now: datetime) -> date:
    """The day all example dates count from: today in Japan at the first run."""
    kept = get_or_put_setting(session, BASE_DATE_SETTING, jst_today(now).isoformat())
    return date.fromisoformat(kept)


def _add_bodies(session: Session, bodies: Iterable[ExampleBody]) -> None:
    rows = [
        asdict(body)
        | {
            "kind": body.kind.value,
            "prefecture_code": body.code[:2],
            "prefecture_name": PREFECTURE_NAME,
            "fictional": True,
        }
        for body in bodies
    ]
    session.execute(insert(LocalBody), rows)
    add_body_organizations(session)


def _add_organizations(session: Session) -> None:
    for key, kind, name, prefecture_code, signing_body_code in ORGANIZATIONS:
        session.add(
            Organization(
                kind=kind.value,
                name=name,
                alternate_key=key,
                prefecture_code=prefecture_code,
                signing_body_code=signing_body_code,
                fictional=True,
            )
        )
    session.flush()


def _add_vendors(session: Session, world: World) -> list[Vendor]:
    """The vendors in order: the one offerings call number 1 comes first."""
    return [
        add_vendor(session, entry, now=jst_moment(entry.registered_on)) for entry in world.vendors
    ]


def _add_offerings(session: Session, world: World, vendors: Sequence[Vendor], base: date) -> None:
    """Every product published; each sixth has a second version with more answers."""
    for number, drawn in enumerate(world.offerings):
        entry = _with_ids(drawn, vendors)
        registered = entry.registered_on
        offering = add_offering(session, entry, now=jst_moment(registered))
        versions = [(entry, registered, "")]
        if number % 6 == 0:
            middle = registered + (base - registered) // 2
            versions = [(_earlier(entry), registered, ""), (entry, middle, REVISION_NOTE)]
        for content, day, note in versions:
            append_version(
                session,
                offering,
                content,
                now=jst_moment(day),
                published_by=SYSTEM.label,
                change_note=note,
            )


def _add_mark(session: Session, base: date) -> None:
    """One fictional recommendation of one fictional entry, as the operator would set it."""
    first = session.scalars(select(Offering.id).order_by(Offering.id).limit(1)).one()
    day = base - timedelta(days=90)
    session.add(
        RecommendedMark(
            offering_id=first,
            issuer="架空県デジタル推進会議（架空）",
            reason="共同検証で、窓口と基幹の連携の試験項目をすべて満たした（架空の例）",
            marked_on=day,
            source="架空県デジタル推進会議 共同検証報告書（架空）3頁",
            set_at=jst_moment(day + timedelta(days=7)),
            set_by=SYSTEM.label,
        )
    )
    session.flush()


def _with_ids(entry: OfferingEntry, vendors: Sequence[Vendor]) -> OfferingEntry:
    offers = tuple(
        replace(offer, seller_id=vendors[offer.seller_id - 1].id) for offer in entry.offers
    )
    return replace(entry, maker_id=vendors[entry.maker_id - 1].id, offers=offers)


def _earlier(entry: OfferingEntry) -> OfferingEntry:
    """The entry as first published, before the vendor added some answers."""
    answers = {key: value for key, value in entry.answers.items() if key not in _REVISED_KEYS}
    return replace(entry, answers=answers)
