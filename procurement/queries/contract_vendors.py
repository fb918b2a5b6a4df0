"""Which vendors a project has: the awarded one, or several whose products are certified."""

from collections.abc import Sequence
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from catalog.models import Vendor
from foundation.clock import month_start
from procurement.contract_models import Contract
from procurement.domain.contracts import ContractKind
from procurement.domain.states import ContractModel
from procurement.models import Project
from procurement.queries.contracts import AwardedRow, find_newest_award, make_awarded
from procurement.queries.tender_facts import round_of
from procurement.tender_models import Award


def bills_in_project(session: Session, project: Project, vendor_id: int) -> bool:
    """Whether the vendor's invoices are booked here: the awarded one, or any that a body chose."""
    if project.contract_model == ContractModel.RECOMMENDED_PRODUCT.value:
        signed = select(Contract.id).where(
            Contract.project_id == project.id,
            Contract.kind == ContractKind.INDIVIDUAL.value,
            Contract.vendor_id == vendor_id,
        )
        return session.scalar(signed.limit(1)) is not None
    award = find_newest_award(session, project.id)
    return award is not None and award.vendor_id == vendor_id


def find_vendor_of_body(
    session: Session, project_id: int, body_code: str, month: date
) -> int | None:
    """The vendor the body had a contract of its own with in that month; else the first. One query.

    month: its first day. A set-up is invoiced before the contract's period begins.
    """
    rows = session.execute(
        select(Contract.vendor_id, Contract.starts_on)
        .where(
            Contract.project_id == project_id,
            Contract.body_code == body_code,
            Contract.vendor_id.is_not(None),
        )
        .order_by(Contract.term, Contract.id)
    ).all()
    begun = [row for row in rows if row.starts_on and month_start(row.starts_on) <= month]
    found: int | None = (begun[-1] if begun else rows[0]).vendor_id if rows else None
    return found


def list_awards(session: Session, project_id: int) -> tuple[Award, ...]:
    """Of the project's present round, the newest last. One query."""
    return tuple(
        session.scalars(
            select(Award)
            .where(Award.project_id == project_id, Award.round == round_of(project_id))
            .options(joinedload(Award.vendor))
            .order_by(Award.number)
        )
    )


def list_candidates(session: Session, awards: Sequence[Award]) -> tuple[AwardedRow, ...]:
    """The vendors of the round's awards that may be certified, by id. At most one query.

    Those whom an evaluation ranked, and those whom a method without a notice named.
    """
    found = {
        int(line["bidder"]): award
        for award in awards
        for line in award.sheet["proposals"]
        if line["rank"]
    }
    if not found:
        return ()
    vendors = session.scalars(select(Vendor).where(Vendor.id.in_(found)).order_by(Vendor.id))
    return tuple(make_awarded(found[vendor.id], vendor) for vendor in vendors)
