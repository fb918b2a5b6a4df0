"""The basis of an estimate (試算の前提): frozen price plans under a neutral label."""

from datetime import datetime
from string import ascii_uppercase

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from accounts.roles import Action, Actor
from catalog.models import Offer, Offering, PricePlan
from catalog.plan_units import Kind, Unit
from catalog.plans import Component, Plan
from foundation.errors import Blocker, Refused
from procurement.domain.pricing import units_counted
from procurement.domain.states import BEFORE_NOTICE
from procurement.models import EstimateBasis, Project
from procurement.queries.standing import Standing
from procurement.services.access import list_leading_blockers, lock_led_project
from procurement.services.traces import leave_trace

LABEL = "試算の前提"
MAX_BASES = 5
# Quantities every body has from the published facts, or by being one.
KNOWN_UNITS = (Unit.FLAT, Unit.BODY, Unit.RESIDENT, Unit.HOUSEHOLD)


def list_basis_blockers(project: Project, standing: Standing) -> list[Blocker]:
    """Why the actor cannot change what the estimate rests on."""
    blockers = list_leading_blockers(standing, Action.EDIT_PROJECT)
    if project.state not in BEFORE_NOTICE:
        message = "公告した後は、試算の前提を変えられません。"
        blockers.append(Blocker(code="after_notice", message=message))
    return blockers


def add_estimate_basis(
    session: Session, *, actor: Actor, now: datetime, project_id: int, price_plan_id: int
) -> EstimateBasis:
    """Take a published plan as one basis. Its content is frozen; its product is not named.

    Nobody is told, its vendor least of all (domain §5).
    """
    project, standing = lock_led_project(session, actor, project_id, Action.EDIT_PROJECT)
    present = list(_bases(session, project_id))
    plan = _find_plan(session, price_plan_id)
    blockers = list_basis_blockers(project, standing) + _plan_blockers(plan, project, present)
    if blockers or plan is None:
        raise Refused(blockers)
    label = _next_label(present)
    # The plan's own name could point to a product: the snapshot carries the label instead.
    snapshot = Plan.from_dict(plan.definition | {"name": label}).to_dict()
    basis = EstimateBasis(
        project_id=project_id,
        price_plan_id=plan.id,
        label=label,
        plan_snapshot=snapshot,
        tax_rate_percent=plan.tax_rate_percent,
        added_at=now,
    )
    session.add(basis)
    session.flush()
    leave_trace(
        session,
        actor=actor,
        now=now,
        project=project,
        action="add_estimate_basis",
        changes={"label": label, "price_plan_id": plan.id},
    )
    return basis


def remove_estimate_basis(
    session: Session, *, actor: Actor, now: datetime, project_id: int, basis_id: int
) -> None:
    """Take a basis away. Fixed versions keep their own copy of it."""
    project, standing = lock_led_project(session, actor, project_id, Action.EDIT_PROJECT)
    blockers = list_basis_blockers(project, standing)
    basis = session.get(EstimateBasis, basis_id)
    if basis is None or basis.project_id != project_id:
        blockers.append(Blocker(code="no_basis", message="その試算の前提はありません。"))
    if blockers or basis is None:
        raise Refused(blockers)
    session.delete(basis)
    session.flush()
    leave_trace(
        session,
        actor=actor,
        now=now,
        project=project,
        action="remove_estimate_basis",
        changes={"label": basis.label},
    )


def _plan_blockers(
    plan: PricePlan | None, project: Project, present: list[EstimateBasis]
) -> list[Blocker]:
    if plan is None:
        message = "料金プランを選んでください。"
        return [Blocker(code="no_plan", message=message, field="price_plan_id")]
    blockers = []
    if len(present) >= MAX_BASES:
        message = f"試算の前提は{MAX_BASES}件までです。"
        blockers.append(Blocker(code="too_many", message=message, field="price_plan_id"))
    if any(basis.price_plan_id == plan.id for basis in present):
        message = "この料金プランは、すでに試算の前提にしています。"
        blockers.append(Blocker(code="twice", message=message, field="price_plan_id"))
    return blockers + _unit_blockers(plan, project)


def _unit_blockers(plan: PricePlan, project: Project) -> list[Blocker]:
    """A plan may count what the facts know and what this project asks for, and nothing else."""
    asked = Unit(project.main_unit)
    counted = units_counted(Plan.from_dict(plan.definition), _is_no_option)
    return [
        Blocker(
            code="unit_not_asked",
            message=f"料金プラン「{plan.name}」は{unit.label}の数量で計算しますが、この案件で参加団体に"
            f"聞く数量は{asked.label}です。{asked.label}で計算するプランを選ぶか、"
            "案件の「主な数量の単位」を変えてください。",
            field="price_plan_id",
        )
        for unit in counted
        if unit not in (*KNOWN_UNITS, asked)
    ]


def _is_no_option(component: Component) -> bool:
    """Nobody has chosen an option while the estimate is made: it needs no quantity yet."""
    return component.kind is not Kind.OPTION


def _find_plan(session: Session, price_plan_id: int) -> PricePlan | None:
    """The plan, if it is offered in a published entry."""
    found: PricePlan | None = session.scalar(
        select(PricePlan)
        .join(Offer, Offer.id == PricePlan.offer_id)
        .join(Offering, Offering.id == Offer.offering_id)
        .where(
            PricePlan.id == price_plan_id,
            PricePlan.offered.is_(True),
            Offering.publication_status == "published",
        )
        .options(joinedload(PricePlan.offer))
    )
    return found


def _bases(session: Session, project_id: int) -> list[EstimateBasis]:
    return list(
        session.scalars(
            select(EstimateBasis)
            .where(EstimateBasis.project_id == project_id)
            .order_by(EstimateBasis.id)
        )
    )


def _next_label(present: list[EstimateBasis]) -> str:
    used = {basis.label for basis in present}
    return next(label for letter in ascii_uppercase if (label := f"{LABEL} {letter}") not in used)
