"""What the example projects ask of vendors by name: information, before anything is chosen.

All vendors of the kind are asked alike: being asked tells nothing about an estimate's basis.
"""

from datetime import date, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from accounts.roles import Actor, OrganizationKind, Role
from catalog.entries import PlanEntry
from catalog.models import Offer, Offering, PricePlan, Vendor
from foundation.clock import jst_moment
from procurement.example_actors import EXAMPLE_NAME
from procurement.models import EstimateBasis, Project, ProjectOffering, VendorRequest
from procurement.services.rfi import answer_request

ANSWER_DAYS = 28
NAMED_IN_PUBLIC = 3
# What the answering vendors' prices contain: as many answer as there are rows.
_COVERAGES = (
    {"migration": "separate", "training": "included", "exit": "included"},
    {"training": "included", "exit": "separate"},
)


def ask_vendors(session: Session, project: Project, base: date, now: datetime) -> int:
    """Ask every maker of a fictional product of the project's kind; how many were asked.

    The first products that are no basis of the estimate are named on the project's page.
    """
    offerings = session.scalars(
        select(Offering)
        .where(Offering.system_type_code == project.system_type_code, Offering.fictional)
        .order_by(Offering.key)
    ).all()
    makers = sorted({offering.vendor_id for offering in offerings})
    session.add_all(
        VendorRequest(
            project_id=project.id,
            vendor_id=vendor_id,
            kind="rfi",
            message=f"「{project.title}」の検討のため、機能・料金・導入までの期間について"
            "情報の提供をお願いします。契約を約束するものではありません。",
            sent_at=now,
            closes_at=jst_moment(base + timedelta(days=ANSWER_DAYS)),
        )
        for vendor_id in makers
    )
    bases = set(
        session.scalars(
            select(Offer.offering_id)
            .join(PricePlan, PricePlan.offer_id == Offer.id)
            .join(EstimateBasis, EstimateBasis.price_plan_id == PricePlan.id)
            .where(EstimateBasis.project_id == project.id)
        )
    )
    named = [offering.id for offering in offerings if offering.id not in bases]
    session.add_all(
        ProjectOffering(project_id=project.id, offering_id=offering_id, relation="requested")
        for offering_id in named[:NAMED_IN_PUBLIC]
    )
    session.flush()
    return len(makers)


def answer_as_vendors(session: Session, project: Project, now: datetime) -> None:
    """The first asked vendors with a plan for joint use answer with one of their own (架空)."""
    rows = session.execute(
        select(VendorRequest.vendor_id, PricePlan)
        .join(Offering, Offering.vendor_id == VendorRequest.vendor_id)
        .join(Offer, (Offer.offering_id == Offering.id) & (Offer.seller_id == Offering.vendor_id))
        .join(PricePlan, PricePlan.offer_id == Offer.id)
        .where(VendorRequest.project_id == project.id, PricePlan.name == "共同利用プラン")
        .where(Offering.system_type_code == project.system_type_code)
        .order_by(VendorRequest.vendor_id.desc(), PricePlan.id.desc())
    )
    plans = {vendor_id: plan for vendor_id, plan in rows}  # the first plan of each vendor stays
    for vendor_id, covered in zip(sorted(plans), _COVERAGES, strict=False):
        answer_request(
            session,
            actor=_vendor_actor(session, vendor_id),
            now=now,
            project_id=project.id,
            entry=_answer_of(plans[vendor_id]),
            coverage=covered,
            seen_version=0,
        )


def _answer_of(plan: PricePlan) -> PlanEntry:
    name = "共同調達向けの参考見積"
    return PlanEntry(
        name=name,
        definition=plan.definition | {"name": name},
        not_included="現地での作業は別料金です（架空）。",
        price_basis="今回の参加団体の数量による参考見積（架空）",
    )


def _vendor_actor(session: Session, vendor_id: int) -> Actor:
    vendor = session.get_one(Vendor, vendor_id)
    return Actor(
        name=EXAMPLE_NAME,
        organization_id=vendor.organization_id,
        organization_kind=OrganizationKind.VENDOR,
        organization_name=vendor.name,
        roles=frozenset({Role.VENDOR_STAFF}),
        fictional=vendor.fictional,
    )
