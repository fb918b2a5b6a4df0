"""What the example projects ask of vendors by name: information, before anything is chosen.

All vendors of the kind are asked alike: being asked tells nothing about an estimate's basis.
"""

from datetime import date, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from catalog.models import Offer, Offering, PricePlan
from foundation.clock import jst_moment
from procurement.models import EstimateBasis, Project, ProjectOffering, VendorRequest

ANSWER_DAYS = 28
NAMED_IN_PUBLIC = 3


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
