"""Reading vendors: the public page and the list; the vendor's own desk."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from sqlalchemy import Select, func, literal, or_, select
from sqlalchemy.orm import Session

from accounts.models import Organization
from accounts.roles import Actor
from catalog.entries import PublicationStatus
from catalog.models import Offer, Offering, Vendor, VendorChange
from catalog.number_models import VendorNumber
from catalog.queries.cases import CaseRow, Counts, list_cases_using
from catalog.queries.offerings import OfferingRow, list_vendor_offerings
from foundation.errors import NotFound
from foundation.paging import Page, paginate

_PUBLIC_STATES = (PublicationStatus.PUBLISHED,)
_ALL_STATES = tuple(PublicationStatus)


@dataclass(frozen=True, kw_only=True)
class VendorRow:
    """A vendor as everybody sees it. corporate_number: None for a sole trader."""

    id: int
    name: str
    kana: str
    corporate_number: str | None
    prefecture_code: str | None
    address: str
    website: str
    introduction: str
    sme: bool
    startup: bool
    size_basis: str
    fictional: bool
    publication_status: str
    registered_on: date
    updated_at: datetime


@dataclass(frozen=True, kw_only=True)
class NameRow:
    """A name the vendor had until that day, or a vendor that was merged into it."""

    old_name: str
    until: date
    merged: bool
    reason: str


@dataclass(frozen=True, kw_only=True)
class NumberRow:
    """A corporate number the vendor was known by until it was put right; None for none."""

    old_number: str | None
    corrected_at: datetime


@dataclass(frozen=True, kw_only=True)
class SoldRow:
    """A product of another maker that the vendor sells."""

    offering_id: int
    name: str
    maker_name: str
    fictional: bool


@dataclass(frozen=True, kw_only=True)
class VendorPage:
    """A vendor with what it makes and sells, and the cases that name its products."""

    row: VendorRow
    offerings: tuple[OfferingRow, ...]
    sold: tuple[SoldRow, ...]
    cases: tuple[CaseRow, ...]
    history: tuple[NameRow, ...] = ()
    numbers: tuple[NumberRow, ...] = ()


def list_vendors(
    session: Session, *, fictional: bool | None = None, page: int = 1, size: int = 50
) -> Page[VendorRow]:
    """Registered vendors by id. Two queries."""
    statement = _select_rows()
    if fictional is not None:
        statement = statement.where(Vendor.fictional == fictional)
    return paginate(
        session,
        statement.order_by(Vendor.id),
        page=page,
        size=size,
        make_row=lambda found: _make_row(found[0], found[1]),
    )


def count_vendors(session: Session) -> Counts:
    """Registered vendors, real and fictional apart; one with no offering counts too."""
    statement = (
        select(Vendor.fictional, func.count())
        .where(Vendor.publication_status == PublicationStatus.PUBLISHED.value)
        .group_by(Vendor.fictional)
    )
    found = {fictional: count for fictional, count in session.execute(statement)}
    return Counts(real=found.get(False, 0), fictional=found.get(True, 0))


def get_vendor_page(session: Session, vendor_id: int) -> VendorPage:
    """A vendor's public page with its former names and numbers. Raises NotFound. Six queries."""
    found = session.execute(_select_rows().where(Vendor.id == vendor_id)).one_or_none()
    if found is None:
        raise NotFound(f"vendor {vendor_id}")
    page = _page(session, _make_row(found[0], found[1]), _PUBLIC_STATES)
    numbers = _list_numbers(session, vendor_id)
    return replace(page, history=_list_names(session, vendor_id), numbers=numbers)


def get_own_desk(session: Session, actor: Actor) -> VendorPage:
    """The actor's own vendor with its entries in every state. Raises NotFound."""
    statement = (
        select(Vendor, Organization.corporate_number)
        .join(Organization, Organization.id == Vendor.organization_id)
        .where(Vendor.organization_id == actor.organization_id)
    )
    found = session.execute(statement).one_or_none()
    if found is None:
        raise NotFound(f"vendor of organization {actor.organization_id}")
    return _page(session, _make_row(found[0], found[1]), _ALL_STATES)


def _page(session: Session, row: VendorRow, states: Sequence[PublicationStatus]) -> VendorPage:
    offerings = list_vendor_offerings(session, row.id, states=states)
    return VendorPage(
        row=row,
        offerings=offerings,
        sold=_list_sold(session, row.id),
        cases=list_cases_using(session, [offering.id for offering in offerings]),
    )


def find_successor(session: Session, vendor_id: int) -> int | None:
    """The public vendor that one was merged into, at the end of all mergers; None if it was not."""
    seen = {vendor_id}
    found, following = None, vendor_id
    while True:
        following = session.scalar(_merged_into(following))
        if following is None or following in seen:
            return found
        seen.add(following)
        found = following


def _merged_into(vendor_id: int) -> Select[int | None]:
    return select(VendorChange.successor_id).where(
        VendorChange.vendor_id == vendor_id, VendorChange.successor_id.is_not(None)
    )


def _list_names(session: Session, vendor_id: int) -> tuple[NameRow, ...]:
    """Its own former names, and those of every vendor that came to be it, however many mergers."""
    merged = select(literal(vendor_id, VendorChange.vendor_id.type).label("id")).cte(
        "merged", recursive=True
    )
    merged = merged.union(
        select(VendorChange.vendor_id).join(merged, VendorChange.successor_id == merged.c.id)
    )
    statement = (
        select(VendorChange)
        .where(VendorChange.vendor_id.in_(select(merged.c.id)))
        .where(or_(VendorChange.vendor_id != vendor_id, VendorChange.successor_id.is_(None)))
        .order_by(VendorChange.effective_on.desc(), VendorChange.id.desc())
    )
    return tuple(
        NameRow(
            old_name=change.old_name,
            until=change.effective_on,
            merged=change.vendor_id != vendor_id,
            reason=change.reason,
        )
        for change in session.scalars(statement)
    )


def _list_numbers(session: Session, vendor_id: int) -> tuple[NumberRow, ...]:
    """Newest first. A sole trader's own key is nobody else's to read."""
    statement = (
        select(VendorNumber.old_corporate_number, VendorNumber.decided_at)
        .where(VendorNumber.vendor_id == vendor_id)
        .order_by(VendorNumber.id.desc())
    )
    return tuple(
        NumberRow(old_number=number, corrected_at=at) for number, at in session.execute(statement)
    )


def _select_rows() -> Select[Vendor, str | None]:
    return (
        select(Vendor, Organization.corporate_number)
        .join(Organization, Organization.id == Vendor.organization_id)
        .where(Vendor.publication_status == PublicationStatus.PUBLISHED.value)
    )


def _make_row(vendor: Vendor, corporate_number: str | None) -> VendorRow:
    own = {
        name: getattr(vendor, name)
        for name in VendorRow.__dataclass_fields__
        if name != "corporate_number"
    }
    return VendorRow(corporate_number=corporate_number, **own)


def _list_sold(session: Session, vendor_id: int) -> tuple[SoldRow, ...]:
    statement = (
        select(Offering.id, Offering.name, Vendor.name, Offering.fictional)
        .join(Offer, Offer.offering_id == Offering.id)
        .join(Vendor, Vendor.id == Offering.vendor_id)
        .where(Offer.seller_id == vendor_id, Offer.offered, Offering.vendor_id != vendor_id)
        .where(Offering.publication_status == PublicationStatus.PUBLISHED.value)
        .order_by(Offering.name, Offering.id)
    )
    return tuple(
        SoldRow(offering_id=offering_id, name=name, maker_name=maker, fictional=fictional)
        for offering_id, name, maker, fictional in session.execute(statement)
    )
