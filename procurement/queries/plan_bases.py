"""Which plans the projects somebody runs are estimated with: for lead and secretariat alone.

Nobody else may be able to tell that a plan is a basis: neither its vendor nor a member
(domain §5).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from accounts.roles import Action, Actor, may
from catalog.models import Offer, PricePlan
from procurement.domain.sharing import SharePreview
from procurement.domain.states import BEFORE_NOTICE
from procurement.models import EstimateBasis, Project, ProjectRole
from procurement.queries.plan_choices import components_of
from procurement.queries.previews import get_previews
from procurement.queries.standing import LEADING_ROLES, Standing

# Computing a project's sharing takes three queries: the other projects are linked only.
MOST_COMPUTED = 1


@dataclass(frozen=True, kw_only=True)
class LedEstimate:
    """A plan as a basis of a project the actor runs, before its notice.

    changed: the entry's plan is no longer the one the estimate was frozen with.
    preview: the sharing on this basis; None where it was not computed, reason says why not.
    """

    project_id: int
    title: str
    fictional: bool
    label: str
    offering_id: int
    seller_id: int
    plan_name: str
    changed: bool
    members: int
    preview: SharePreview | None
    reason: str


def list_led_estimates(
    session: Session, actor: Actor, offering_ids: Sequence[int]
) -> tuple[LedEstimate, ...]:
    """The bases among these entries' plans, by project and label.

    One query for whoever runs no such project, none for who may run no project at all.
    """
    if not (offering_ids and actor.organization_id and may(actor, Action.EDIT_PROJECT)):
        return ()
    rows = _list_led_bases(session, actor, offering_ids)
    projects = list(dict.fromkeys(row.Project for row in rows))
    computed = {
        project.id: get_previews(session, project, Standing(actor=actor, roles=LEADING_ROLES))
        for project in projects[:MOST_COMPUTED]
    }
    return tuple(_estimate(row, computed) for row in rows)


def _list_led_bases(session: Session, actor: Actor, offering_ids: Sequence[int]) -> Sequence[Any]:
    led = select(ProjectRole.project_id).where(
        ProjectRole.organization_id == actor.organization_id,
        ProjectRole.role.in_(LEADING_ROLES),
    )
    return session.execute(
        select(EstimateBasis, Project, Offer.offering_id, Offer.seller_id, PricePlan)
        .join(Project, Project.id == EstimateBasis.project_id)
        .join(PricePlan, PricePlan.id == EstimateBasis.price_plan_id)
        .join(Offer, Offer.id == PricePlan.offer_id)
        .where(
            Offer.offering_id.in_(offering_ids),
            Project.state.in_(BEFORE_NOTICE),
            Project.id.in_(led),
        )
        .order_by(Project.id, EstimateBasis.label)
    ).all()


def _estimate(row: Any, computed: dict[int, Any]) -> LedEstimate:
    basis, project, plan = row.EstimateBasis, row.Project, row.PricePlan
    previews = computed.get(project.id)
    found = previews.find(basis.id) if previews else None
    blockers = (previews.blockers or (found.blockers if found else ())) if previews else ()
    return LedEstimate(
        project_id=project.id,
        title=project.title,
        fictional=project.fictional,
        label=basis.label,
        offering_id=row.offering_id,
        seller_id=row.seller_id,
        plan_name=plan.name,
        changed=components_of(basis.plan_snapshot) != components_of(plan.definition),
        members=len(previews.members) if previews else 0,
        preview=found.preview if found else None,
        reason="、".join(blocker.message for blocker in blockers),
    )
