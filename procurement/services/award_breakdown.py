"""The lead says when the awarded lump sum falls due (内訳); the final shares follow from it."""

from datetime import datetime

from sqlalchemy.orm import Session

from accounts.roles import Action, Actor
from foundation.audit import secret
from foundation.errors import Blocker, Conflict, Refused
from procurement.domain.award_costs import Breakdown, list_breakdown_blockers
from procurement.domain.states import State
from procurement.models import Project
from procurement.queries.award_costs import AwardBasis, find_award_basis
from procurement.queries.figures import list_sharing_members, terms_of
from procurement.queries.standing import Standing
from procurement.services.access import list_leading_blockers, lock_led_project
from procurement.services.traces import leave_trace
from procurement.tender_models import AwardBreakdown


def list_breaking_down_blockers(project: Project, standing: Standing) -> list[Blocker]:
    """Why this actor cannot say now when the award falls due."""
    blockers = list_leading_blockers(standing, Action.EDIT_PROJECT)
    if project.state != State.CONTRACTING:
        message = "決定した額の内訳は「契約」の段階で定めます。"
        blockers.append(Blocker(code="wrong_state", message=message))
    return blockers


def set_award_breakdown(
    session: Session,
    *,
    actor: Actor,
    now: datetime,
    project_id: int,
    wanted: Breakdown,
    reason: str,
    seen_number: int,
) -> AwardBreakdown:
    """Store what falls due once, monthly and yearly, tax-excluded. Nothing is fixed by it.

    seen_number: of the breakdown the actor saw, 0 for the proposed one. Raises Refused,
    Conflict when somebody else was quicker.
    """
    project, standing = lock_led_project(session, actor, project_id, Action.EDIT_PROJECT)
    members = list_sharing_members(session, project_id)
    award = find_award_basis(session, project, terms_of(project), members)
    blockers = list_breaking_down_blockers(project, standing)
    if award is None:
        message = "まとめて決定した金額がありません。契約の相手方と金額を先に決めてください。"
        raise Refused([*blockers, Blocker(code="no_award", message=message)])
    blockers += list_breakdown_blockers(wanted, award.to_break_down_yen, award.counts, reason)
    if blockers:
        raise Refused(blockers)
    if award.number != seen_number:
        raise Conflict("ほかの担当者が先に内訳を保存しました。今の内訳を確かめてください。")
    stored = _store(session, award, wanted, reason, actor, now)
    leave_trace(
        session,
        actor=actor,
        now=now,
        project=project,
        action="set_award_breakdown",
        changes={"number": stored.number, "total_yen": secret(wanted.total_yen(award.counts))},
    )
    return stored


def _store(
    session: Session,
    award: AwardBasis,
    wanted: Breakdown,
    reason: str,
    actor: Actor,
    now: datetime,
) -> AwardBreakdown:
    stored = AwardBreakdown(
        award_id=award.award_id,
        number=award.number + 1,
        initial_yen=wanted.initial_yen,
        monthly_yen=wanted.monthly_yen,
        yearly_yen=wanted.yearly_yen,
        reason=reason,
        decided_at=now,
        decided_by=actor.label,
    )
    session.add(stored)
    session.flush()
    return stored
