"""The lead says what its project counts as under the policy (F03). It warns, it blocks nothing."""

from datetime import datetime

from sqlalchemy.orm import Session

from accounts.roles import Action, Actor
from catalog.policy import NO_WARNING, ClassedKind, PolicyScope
from catalog.policy_confirming import ACTION, ClassAnswer, ConfirmedBy, confirm_class
from foundation.clock import jst_today
from foundation.errors import Blocker, Refused
from procurement.models import Project
from procurement.queries.standing import Standing
from procurement.services.access import list_leading_blockers, lock_led_project
from procurement.services.policy_recheck import make_project_subject
from procurement.services.projects import FINAL_STATES
from procurement.services.traces import leave_trace


def confirm_project_class(
    session: Session,
    *,
    actor: Actor,
    now: datetime,
    project_id: int,
    answer: ClassAnswer,
    policy_reason: str,
) -> None:
    """Add the lead's word; a warning needs its reason in writing. Raises Conflict, Refused."""
    project, standing = lock_led_project(session, actor, project_id, Action.EDIT_PROJECT)
    blockers = list_confirming_blockers(project, standing)
    blockers += list_reason_blockers(answer.scope, policy_reason)
    if blockers:
        raise Refused(blockers)
    subject = make_project_subject(session, project, jst_today(now))
    done = confirm_class(
        session,
        actor=actor,
        now=now,
        kind=ClassedKind.PROJECT,
        role=ConfirmedBy.LEAD,
        subject=subject,
        answer=answer,
    )
    project.policy_check = {
        "scope": subject.scope,
        "items": list(subject.items),
        "warned": _warns(subject.scope) or _warns(answer.scope),
        "reason": policy_reason.strip() or answer.reason.strip(),
        "checked_by": actor.label,
        "checked_at": now.isoformat(),
    }
    leave_trace(session, actor=actor, now=now, project=project, action=ACTION, changes=done.changes)


def list_confirming_blockers(project: Project, standing: Standing) -> list[Blocker]:
    """Why the actor cannot confirm the class now."""
    blockers = list_leading_blockers(standing, Action.EDIT_PROJECT)
    if project.state in FINAL_STATES:
        message = "終了・中止した案件の区分は変わりません。"
        blockers.append(Blocker(code="ended", message=message))
    return blockers


def list_reason_blockers(scope: str, policy_reason: str) -> list[Blocker]:
    """Going on with what the state's support does not cover is written down for every member."""
    if not _warns(scope) or policy_reason.strip():
        return []
    message = "後押しの対象外の区分です。確認したうえで進める理由を入力してください。"
    return [Blocker(code="policy_reason", message=message, field="policy_reason")]


def _warns(scope: str) -> bool:
    return scope in set(PolicyScope) and PolicyScope(scope) not in NO_WARNING
