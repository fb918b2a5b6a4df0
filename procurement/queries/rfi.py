"""Requests for information and their answers, each as far as its reader may see them (§5)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session, joinedload

from catalog.models import Offering, Vendor
from catalog.plan_units import Unit
from catalog.plans import Plan
from foundation.errors import Refused
from procurement.domain.pricing import Buyer
from procurement.domain.quotes import (
    Coverage,
    CoverageItem,
    NormalQuote,
    list_units_missing,
    normalise,
    per_resident,
)
from procurement.domain.scrutiny import Scrutiny, scrutinise, size_band
from procurement.domain.sharing_members import buyer_of
from procurement.models import Project, VendorRequest
from procurement.queries.comparable_cases import ComparableCase, list_cases
from procurement.queries.figures import list_sharing_members, terms_of
from procurement.queries.standing import Standing
from procurement.rfi_models import RfiAnswer

RFI = "rfi"


@dataclass(frozen=True, kw_only=True)
class RequestRow:
    """A vendor that was asked. answered_at: None while it has not answered."""

    vendor_id: int
    vendor_name: str
    fictional: bool
    sent_at: datetime
    closes_at: datetime | None
    answered_at: datetime | None


@dataclass(frozen=True, kw_only=True)
class AnswerRow:
    """An answer made comparable. quote None: units_missing says which quantities are not known."""

    vendor_name: str
    fictional: bool
    answered_at: datetime
    plan: Plan
    not_included: str
    price_basis: str
    quote: NormalQuote | None
    units_missing: tuple[Unit, ...]
    scrutiny: Scrutiny | None


@dataclass(frozen=True, kw_only=True)
class OwnAnswer:
    """A vendor's own answer as it stands. row_version 0: none yet."""

    definition: Mapping[str, Any] | None
    tax_rate_percent: Decimal
    coverage: Mapping[str, str]
    not_included: str
    price_basis: str
    answered_at: datetime | None
    row_version: int


NO_ANSWER = OwnAnswer(
    definition=None,
    tax_rate_percent=Decimal(10),
    coverage={},
    not_included="",
    price_basis="",
    answered_at=None,
    row_version=0,
)


def find_rfi_request(session: Session, project_id: int, vendor_id: int) -> VendorRequest | None:
    """The newest request to this vendor."""
    found: VendorRequest | None = session.scalar(
        select(VendorRequest)
        .where(
            VendorRequest.project_id == project_id,
            VendorRequest.vendor_id == vendor_id,
            VendorRequest.kind == RFI,
        )
        .order_by(VendorRequest.id.desc())
        .limit(1)
    )
    return found


def find_rfi_answer(session: Session, project_id: int, vendor_id: int) -> RfiAnswer | None:
    """The vendor's answer."""
    found: RfiAnswer | None = session.scalar(
        select(RfiAnswer).where(
            RfiAnswer.project_id == project_id, RfiAnswer.vendor_id == vendor_id
        )
    )
    return found


def get_own_answer(session: Session, project_id: int, vendor_id: int) -> OwnAnswer:
    """For the vendor's own people."""
    row = find_rfi_answer(session, project_id, vendor_id)
    if row is None:
        return NO_ANSWER
    return OwnAnswer(
        definition=row.definition,
        tax_rate_percent=row.tax_rate_percent,
        coverage=row.coverage,
        not_included=row.not_included,
        price_basis=row.price_basis,
        answered_at=row.answered_at,
        row_version=row.row_version,
    )


def list_requests(session: Session, project_id: int) -> tuple[RequestRow, ...]:
    """Whom the lead asked, by name; for the lead. One query."""
    rows = session.execute(
        select(VendorRequest, Vendor.name, Vendor.fictional, RfiAnswer.answered_at)
        .join(Vendor, Vendor.id == VendorRequest.vendor_id)
        .outerjoin(
            RfiAnswer,
            (RfiAnswer.project_id == VendorRequest.project_id)
            & (RfiAnswer.vendor_id == VendorRequest.vendor_id),
        )
        .where(VendorRequest.project_id == project_id, VendorRequest.kind == RFI)
        .order_by(Vendor.name, VendorRequest.id)
    )
    return tuple(
        RequestRow(
            vendor_id=sent.vendor_id,
            vendor_name=name,
            fictional=fictional,
            sent_at=sent.sent_at,
            closes_at=sent.closes_at,
            answered_at=answered_at,
        )
        for sent, name, fictional, answered_at in rows
    )


def list_askable_vendors(session: Session, project: Project) -> tuple[tuple[int, str], ...]:
    """Published vendors with a published entry of the kind that were not asked. One query."""
    asked = select(VendorRequest.vendor_id).where(
        VendorRequest.project_id == project.id, VendorRequest.kind == RFI
    )
    rows = session.execute(
        select(Vendor.id, Vendor.name)
        .join(Offering, Offering.vendor_id == Vendor.id)
        .where(
            Offering.system_type_code == project.system_type_code,
            Offering.publication_status == "published",
            Vendor.publication_status == "published",
            Vendor.fictional == project.fictional,
            Vendor.id.not_in(asked),
        )
        .distinct()
        .order_by(Vendor.name)
    )
    return tuple((vendor_id, name) for vendor_id, name in rows)


def find_last_closing(session: Session, project_id: int) -> datetime | None:
    """The latest deadline of the project's requests. One query."""
    return session.scalar(
        select(func.max(VendorRequest.closes_at)).where(
            VendorRequest.project_id == project_id, VendorRequest.kind == RFI
        )
    )


def reads_answers(standing: Standing, closing: datetime | None, now: datetime) -> bool:
    """The lead on arrival, members once the deadline is over; a vendor never (domain §5)."""
    if standing.leads:
        return True
    return standing.is_member and closing is not None and now > closing


def list_buyers(session: Session, project: Project) -> tuple[Buyer, ...]:
    """The bodies that take part as a plan is priced for them; none while no term is fixed."""
    try:
        terms = terms_of(project)
    except Refused:
        return ()
    return tuple(buyer_of(member, terms) for member in list_sharing_members(session, project.id))


@dataclass(frozen=True, kw_only=True)
class AnswersCompared:
    """The answers, for how many bodies and residents; past: cases of the same kind and size."""

    answers: tuple[AnswerRow, ...]
    bodies: int
    residents: int
    past: tuple[ComparableCase, ...]


def list_answers(session: Session, project: Project, years: int) -> tuple[AnswerRow, ...]:
    """Every answer, normalised and compared. Who may read them is asked by the caller."""
    return compare_answers(session, project, years).answers


def compare_answers(session: Session, project: Project, years: int) -> AnswersCompared:
    """Every answer beside past cases. Who may read them is asked by the caller. Four queries."""
    buyers = list_buyers(session, project)
    residents = sum(buyer.quantities.resident for buyer in buyers)
    rows = session.scalars(
        select(RfiAnswer)
        .where(RfiAnswer.project_id == project.id)
        .options(joinedload(RfiAnswer.vendor))
    ).all()
    past = list_cases(session, project, residents) if residents else ()
    others = [case.each_yen for case in past]
    if rows and residents:
        others += _list_quoted(session, project, size_band(residents))
    made = [_answer(row, project, buyers, others, years) for row in rows]
    return AnswersCompared(
        answers=tuple(sorted(made, key=lambda row: row.answered_at)),
        bodies=len(buyers),
        residents=residents,
        past=past,
    )


def normalise_for(
    plan: Plan, project: Project, buyers: Sequence[Buyer], coverage: Mapping[str, str], years: int
) -> NormalQuote | None:
    """The plan for these bodies; None where nobody takes part or a quantity is missing."""
    if not buyers or list_units_missing(plan, buyers):
        return None
    said = {CoverageItem(key): Coverage(value) for key, value in coverage.items()}
    return normalise(plan, buyers, said, unit=Unit(project.main_unit), years=years)


def _answer(
    row: RfiAnswer,
    project: Project,
    buyers: Sequence[Buyer],
    others: Sequence[Fraction],
    years: int,
) -> AnswerRow:
    plan = Plan.from_dict(row.definition)
    quote = normalise_for(plan, project, buyers, row.coverage, years)
    residents = sum(buyer.quantities.resident for buyer in buyers)
    return AnswerRow(
        vendor_name=row.vendor.name,
        fictional=row.vendor.fictional,
        answered_at=row.answered_at,
        plan=plan,
        not_included=row.not_included,
        price_basis=row.price_basis,
        quote=quote,
        units_missing=list_units_missing(plan, buyers) if buyers else (),
        scrutiny=scrutinise(per_resident(quote.annual_yen, residents), others)
        if quote and residents
        else None,
    )


def _list_quoted(session: Session, project: Project, band: int) -> list[Fraction]:
    """Yearly yen per resident, tax-excluded, of answers to other projects, same kind and size.

    Real and made-up ones are never mixed. Only aggregates of these leave this module.
    """
    rows = session.execute(
        select(RfiAnswer.annual_yen, RfiAnswer.residents)
        .join(Project, Project.id == RfiAnswer.project_id)
        .where(
            Project.system_type_code == project.system_type_code,
            Project.fictional == project.fictional,
            Project.id != project.id,
            RfiAnswer.annual_yen > 0,
            RfiAnswer.residents > 0,
        )
    )
    return [
        per_resident(yen or 0, people)
        for yen, people in rows
        if people and size_band(people) == band
    ]
