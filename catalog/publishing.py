"""Entries become rows. Nothing here asks for permission, records or commits: services do.

Every change of something findable queues its search document in the same transaction.
"""

from collections.abc import Iterable, Mapping
from dataclasses import fields, replace
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from accounts.models import LocalBody, Organization
from accounts.roles import OrganizationKind
from catalog.answers import stated
from catalog.checks import list_case_blockers, list_offering_blockers, list_vendor_blockers
from catalog.criteria import CRITERIA
from catalog.entries import (
    CaseEntry,
    OfferEntry,
    OfferingEntry,
    PlanEntry,
    PublicationStatus,
    VendorEntry,
    content_sha256,
)
from catalog.entry_files import with_files
from catalog.models import (
    Case,
    CaseParticipant,
    Offer,
    Offering,
    OfferingVersion,
    PricePlan,
    SystemType,
    Vendor,
)
from catalog.search.outbox import queue
from catalog.vendor_numbers import list_taken_numbers, stored_number, taking_numbers
from foundation.errors import Blocker, Refused, refuse

_CASE_RELATIONS = frozenset({"participants", "offering_keys", "measured_effects"})
_VERSION_FIELDS = ("name", "summary", "vendor_name", "system_type_code", "answers", "offers")
# Columns of a case that its entry holds under the same name.
CASE_COLUMNS = tuple(f.name for f in fields(CaseEntry) if f.name not in _CASE_RELATIONS)


def add_vendor(session: Session, entry: VendorEntry, *, now: datetime) -> Vendor:
    """A vendor and the organisation that acts for it. Raises Refused."""
    _refuse_while(list_new_vendor_blockers(session, entry))
    numbers = _numbers(entry)
    organization = Organization(
        kind=OrganizationKind.VENDOR.value,
        name=entry.name,
        prefecture_code=entry.prefecture_code,
        fictional=entry.fictional,
        **numbers,
    )
    vendor = Vendor(
        organization=organization,
        name=entry.name,
        kana=entry.kana,
        prefecture_code=entry.prefecture_code,
        address=entry.address,
        website=entry.website,
        introduction=entry.introduction,
        sme=entry.sme,
        startup=entry.startup,
        size_basis=entry.size_basis,
        fictional=entry.fictional,
        registered_on=entry.registered_on,
        updated_at=now,
    )
    with taking_numbers(session, numbers):
        session.add(vendor)
    return vendor


def list_new_vendor_blockers(session: Session, entry: VendorEntry) -> list[Blocker]:
    """Every reason why this vendor cannot be added."""
    return [*list_vendor_blockers(entry), *list_taken_numbers(session, _numbers(entry))]


def _numbers(entry: VendorEntry) -> dict[str, str | None]:
    return {
        "corporate_number": stored_number(entry.corporate_number),
        "alternate_key": entry.alternate_key,
    }


def add_offering(session: Session, entry: OfferingEntry, *, now: datetime) -> Offering:
    """A draft entry: no version, seen by nobody but its vendor and the operator."""
    _require_system_type(session, entry.system_type_code)
    if session.scalar(select(Offering.id).where(Offering.key == entry.key)) is not None:
        raise refuse("offering_known", f"キー「{entry.key}」はすでに登録されています。", "key")
    if session.get(Vendor, entry.maker_id) is None:
        raise refuse("maker_unknown", "開発元の事業者が登録されていません。", "maker")
    offering = Offering(
        key=entry.key,
        vendor_id=entry.maker_id,
        system_type_code=entry.system_type_code,
        name=entry.name,
        summary=entry.summary,
        publication_status=PublicationStatus.DRAFT.value,
        current_version=0,
        fictional=entry.fictional,
        registered_on=entry.registered_on,
        updated_at=now,
    )
    session.add(offering)
    session.flush()
    return offering


def append_version(
    session: Session,
    offering: Offering,
    entry: OfferingEntry,
    *,
    now: datetime,
    published_by: str,
    change_note: str = "",
) -> OfferingVersion:
    """The next version of the entry, which readers see from now on. Raises Refused.

    The same content as the current version gives no new one: that version is returned.
    """
    _refuse_while(list_offering_blockers(entry))
    _require_system_type(session, entry.system_type_code)
    maker = session.get_one(Vendor, offering.vendor_id)
    sellers = _sellers(session, entry.offers)
    current = find_version(session, offering.id, offering.current_version)
    if entry.files is None:
        entry = replace(entry, files=tuple(current.files) if current else ())
    content = version_content(entry, maker.name, sellers)
    sha256 = content_sha256(content)
    if current is not None and current.content_sha256 == sha256:
        _show(session, offering, now)
        return current
    version = OfferingVersion(
        offering_id=offering.id,
        number=offering.current_version + 1,
        change_note=change_note,
        content_sha256=sha256,
        published_at=now,
        published_by=published_by,
        **content,
    )
    session.add(version)
    _write_offers(session, offering, entry.offers)
    offering.name = entry.name
    offering.summary = entry.summary
    offering.system_type_code = entry.system_type_code
    offering.current_version = version.number
    offering.updated_at = now
    _show(session, offering, now)
    return version


def _show(session: Session, offering: Offering, now: datetime) -> None:
    """Have the entry, also one taken down before, in lists and search."""
    offering.publication_status = PublicationStatus.PUBLISHED.value
    session.flush()
    queue(session, "offering", offering.id, now=now)


def find_version(session: Session, offering_id: int, number: int) -> OfferingVersion | None:
    """One version of an entry."""
    return session.scalar(
        select(OfferingVersion).where(
            OfferingVersion.offering_id == offering_id, OfferingVersion.number == number
        )
    )


def write_case(session: Session, entry: CaseEntry, *, now: datetime) -> Case:
    """The case of this key, new or brought up to date, published. Raises Refused."""
    _refuse_while(list_case_blockers(entry))
    _require_system_type(session, entry.system_type_code)
    _require_bodies(session, entry)
    case = session.scalar(select(Case).where(Case.key == entry.key))
    if case is None:
        case = Case(key=entry.key)
        session.add(case)
    if entry.lead_body_code or entry.lead_body_name != case.lead_body_name:
        case.lead_organization_id = None  # led by a body now, or by somebody of another name
    for name in CASE_COLUMNS:
        setattr(case, name, getattr(entry, name))
    case.measured_effects = list(entry.measured_effects)
    case.publication_status = PublicationStatus.PUBLISHED.value
    case.updated_at = now
    case.participants = [
        CaseParticipant(body_code=p.body_code, joined_on=p.joined_on, left_on=p.left_on)
        for p in entry.participants
    ]
    case.offerings = _offerings_by_key(session, entry.offering_keys)
    session.flush()
    queue(session, "case", case.id, now=now)
    return case


def says_the_same(case: Case, entry: CaseEntry) -> bool:
    """Whether the published case already says everything the entry says, and nothing more."""
    participants = {(p.body_code, p.joined_on, p.left_on) for p in case.participants}
    return (
        case.publication_status == PublicationStatus.PUBLISHED.value
        and all(getattr(case, name) == getattr(entry, name) for name in CASE_COLUMNS)
        and list(case.measured_effects or ()) == list(entry.measured_effects)
        and participants == {(p.body_code, p.joined_on, p.left_on) for p in entry.participants}
        and {offering.key for offering in case.offerings} == set(entry.offering_keys)
    )


def version_content(
    entry: OfferingEntry, maker_name: str, seller_names: Mapping[int, str]
) -> dict[str, Any]:
    """What a version says, as it is stored and hashed. seller_names: by vendor id."""
    content = {
        "name": entry.name,
        "summary": entry.summary,
        "vendor_name": maker_name,
        "system_type_code": entry.system_type_code,
        "answers": stated(entry.answers, CRITERIA),
        "offers": [_offer_content(offer, seller_names[offer.seller_id]) for offer in entry.offers],
    }
    return with_files(content, entry.files or ())


def stored_content(version: OfferingVersion) -> dict[str, Any]:
    """What a version says today, as it was hashed."""
    return with_files({name: getattr(version, name) for name in _VERSION_FIELDS}, version.files)


def _sellers(session: Session, offers: Iterable[OfferEntry]) -> dict[int, str]:
    wanted = {offer.seller_id for offer in offers}
    statement = select(Vendor.id, Vendor.name).where(Vendor.id.in_(wanted))
    found = {vendor_id: name for vendor_id, name in session.execute(statement)}
    if wanted - set(found):
        raise refuse("seller_unknown", "販売事業者が登録されていません。", "offers")
    return found


def _offer_content(offer: OfferEntry, seller_name: str) -> dict[str, Any]:
    return {
        "seller_id": offer.seller_id,
        "seller_name": seller_name,
        "contract_conditions": offer.contract_conditions,
        "plans": [plan_content(plan) for plan in offer.plans],
    }


def plan_content(plan: PlanEntry) -> dict[str, Any]:
    """A plan as versions hold it."""
    return {
        "name": plan.name,
        "definition": dict(plan.definition),
        "tax_rate_percent": str(plan.tax_rate_percent),
        "not_included": plan.not_included,
        "price_basis": plan.price_basis,
    }


def _write_offers(session: Session, offering: Offering, entries: Iterable[OfferEntry]) -> None:
    """Rows of sellers and plans as the new version has them; rows left out are kept aside."""
    statement = select(Offer).where(Offer.offering_id == offering.id)
    known = {offer.seller_id: offer for offer in session.scalars(statement)}
    for offer in known.values():
        offer.offered = False
        for plan in offer.plans:
            plan.offered = False
    for entry in entries:
        offer = known.get(entry.seller_id) or _new_offer(session, offering, entry)
        offer.offered = True
        offer.contract_conditions = entry.contract_conditions
        _write_plans(offer, entry.plans)


def _new_offer(session: Session, offering: Offering, entry: OfferEntry) -> Offer:
    offer = Offer(offering_id=offering.id, seller_id=entry.seller_id)
    session.add(offer)
    return offer


def _write_plans(offer: Offer, entries: Iterable[PlanEntry]) -> None:
    known = {plan.name: plan for plan in offer.plans}
    for position, entry in enumerate(entries, start=1):
        plan = known.get(entry.name)
        if plan is None:
            plan = PricePlan(name=entry.name)
            offer.plans.append(plan)
        plan.position = position
        plan.definition = dict(entry.definition)
        plan.tax_rate_percent = entry.tax_rate_percent
        plan.not_included = entry.not_included
        plan.price_basis = entry.price_basis
        plan.offered = True


def _require_system_type(session: Session, code: str) -> None:
    if session.get(SystemType, code) is None:
        message = f"システム種別「{code}」はありません。"
        raise refuse("system_type_unknown", message, "system_type")


def _require_bodies(session: Session, entry: CaseEntry) -> None:
    wanted = {participant.body_code for participant in entry.participants}
    if entry.lead_body_code:
        wanted.add(entry.lead_body_code)
    statement = select(LocalBody.code).where(LocalBody.code.in_(wanted))
    missing = sorted(wanted - set(session.scalars(statement)))
    if missing:
        message = f"団体コード「{'、'.join(missing)}」の団体はありません。"
        raise refuse("body_unknown", message, "participants")


def _offerings_by_key(session: Session, keys: tuple[str, ...]) -> list[Offering]:
    statement = select(Offering).where(Offering.key.in_(keys)).order_by(Offering.id)
    found: Mapping[str, Offering] = {o.key: o for o in session.scalars(statement)}
    missing = sorted(set(keys) - set(found))
    if missing:
        message = f"掲載サービスのキー「{'、'.join(missing)}」はありません。"
        raise refuse("offering_unknown", message, "offering_keys")
    return list(found.values())


def _refuse_while(blockers: list[Blocker]) -> None:
    if blockers:
        raise Refused(blockers)
