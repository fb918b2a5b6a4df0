"""The price plans a lead can take as the basis of an estimate."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from catalog.entries import READABLE_STATUSES
from catalog.models import Offer, Offering, PricePlan, Vendor
from catalog.plans import Plan
from procurement.domain.basis_standing import BasisStanding, basis_standing
from procurement.models import EstimateBasis


@dataclass(frozen=True, kw_only=True)
class PlanChoice:
    """A published plan, for the lead only."""

    id: int
    label: str


@dataclass(frozen=True, kw_only=True)
class LeadBasisRow:
    """A basis with the product behind it: for the lead only, never for members or vendors.

    url: '' while nobody can read the entry.
    """

    id: int
    label: str
    offering_id: int
    offering_name: str
    plan_name: str
    standing: BasisStanding
    url: str


def list_plan_choices(
    session: Session, system_type_code: str, *, fictional: bool
) -> tuple[PlanChoice, ...]:
    """Plans offered now for that kind of system, real ones for real projects. One query."""
    rows = session.execute(
        select(PricePlan.id, Offering.name, Vendor.name, PricePlan.name)
        .join(Offer, Offer.id == PricePlan.offer_id)
        .join(Offering, Offering.id == Offer.offering_id)
        .join(Vendor, Vendor.id == Offer.seller_id)
        .where(
            Offering.system_type_code == system_type_code,
            Offering.publication_status == "published",
            Offering.fictional.is_(fictional),
            PricePlan.offered.is_(True),
        )
        .order_by(Offering.name, Vendor.name, PricePlan.position)
    )
    return tuple(
        PlanChoice(id=id_, label=f"{offering}／{plan}（{seller}）")
        for id_, offering, seller, plan in rows
    )


def list_lead_bases(session: Session, project_id: int) -> tuple[LeadBasisRow, ...]:
    """The bases with their products. Only for the lead: the caller has asked. One query."""
    rows = session.execute(
        select(EstimateBasis, PricePlan, Offering)
        .join(PricePlan, PricePlan.id == EstimateBasis.price_plan_id)
        .join(Offer, Offer.id == PricePlan.offer_id)
        .join(Offering, Offering.id == Offer.offering_id)
        .where(EstimateBasis.project_id == project_id)
        .order_by(EstimateBasis.label)
    )
    return tuple(_lead_basis(row) for row in rows)


def standing_of(row: Any) -> BasisStanding:
    """How the plan of a basis is offered now. row: EstimateBasis, PricePlan, Offering."""
    return basis_standing(
        status=row.Offering.publication_status,
        offered=row.PricePlan.offered,
        same_price=components_of(row.EstimateBasis.plan_snapshot)
        == components_of(row.PricePlan.definition),
    )


def components_of(definition: dict[str, Any]) -> Any:
    """What a stored plan is computed from, whatever it is called."""
    return Plan.from_dict(definition).to_dict()["components"]


def _lead_basis(row: Any) -> LeadBasisRow:
    basis, offering = row.EstimateBasis, row.Offering
    readable = offering.publication_status in [status.value for status in READABLE_STATUSES]
    return LeadBasisRow(
        id=basis.id,
        label=basis.label,
        offering_id=offering.id,
        offering_name=offering.name,
        plan_name=row.PricePlan.name,
        standing=standing_of(row),
        url=f"/offerings/{offering.id}" if readable else "",
    )
