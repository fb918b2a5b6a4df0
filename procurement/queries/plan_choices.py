"""The price plans a lead can take as the basis of an estimate."""

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from catalog.models import Offer, Offering, PricePlan, Vendor
from procurement.models import EstimateBasis


@dataclass(frozen=True, kw_only=True)
class PlanChoice:
    """A published plan, for the lead only."""

    id: int
    label: str


@dataclass(frozen=True, kw_only=True)
class LeadBasisRow:
    """A basis with the product behind it: for the lead only, never for members or vendors."""

    id: int
    label: str
    offering_id: int
    offering_name: str
    plan_name: str


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
        select(EstimateBasis.id, EstimateBasis.label, Offering.id, Offering.name, PricePlan.name)
        .join(PricePlan, PricePlan.id == EstimateBasis.price_plan_id)
        .join(Offer, Offer.id == PricePlan.offer_id)
        .join(Offering, Offering.id == Offer.offering_id)
        .where(EstimateBasis.project_id == project_id)
        .order_by(EstimateBasis.label)
    )
    return tuple(
        LeadBasisRow(
            id=id_, label=label, offering_id=offering_id, offering_name=name, plan_name=plan
        )
        for id_, label, offering_id, name, plan in rows
    )
