"""The settled requirements as versions of a specification, and corrections after the notice."""

import hashlib
from datetime import datetime

from sqlalchemy.orm import Session

from accounts.roles import Action, Actor
from foundation.audit import canonical_json
from foundation.errors import Blocker, Refused
from procurement.domain.requirements import MAX_DETAIL, changes_between, clauses_of
from procurement.domain.states import BEFORE_NOTICE, ENDED, State
from procurement.models import Project
from procurement.queries.requirements import get_specification, list_lines
from procurement.queries.standing import Standing
from procurement.requirement_models import SpecCorrection, SpecVersion
from procurement.services.access import list_leading_blockers, lock_led_project
from procurement.services.requirements import failed_fields, list_listing_blockers
from procurement.services.traces import leave_trace


def list_fixing_blockers(project: Project, standing: Standing) -> list[Blocker]:
    """Why the actor cannot fix a version now, whatever it would say."""
    blockers = list_listing_blockers(project, standing)
    if project.state == State.INTENTION_SURVEY.value:
        message = "意向調査の間は仕様書を固められません。参加団体の募集に進んでください。"
        blockers.append(Blocker(code="too_early", message=message))
    return blockers


def fix_specification(
    session: Session, *, actor: Actor, now: datetime, project_id: int, note: str = ""
) -> SpecVersion:
    """The settled lines as the next version; what is undecided stays out. Raises Refused."""
    project, standing = lock_led_project(session, actor, project_id, Action.EDIT_PROJECT)
    blockers = list_fixing_blockers(project, standing)
    present = get_specification(session, project_id)
    clauses = clauses_of([row.line for row in list_lines(session, project_id)])
    if not clauses:
        message = "「必須」か「加点」に決めた要件が1件もありません。"
        blockers.append(Blocker(code="empty", message=message))
    elif present.newest and not changes_between(present.newest.clauses, clauses):
        message = f"第{present.newest.number}版から変わったところがありません。"
        blockers.append(Blocker(code="same", message=message))
    if blockers:
        raise Refused(blockers)
    stored = [clause.to_dict() for clause in clauses]
    number = present.newest.number + 1 if present.newest else 1
    version = SpecVersion(
        project_id=project_id,
        number=number,
        clauses=stored,
        sha256=hashlib.sha256(canonical_json(stored).encode()).hexdigest(),
        note=note,
        fixed_at=now,
        fixed_by=actor.label,
    )
    session.add(version)
    leave_trace(
        session,
        actor=actor,
        now=now,
        project=project,
        action="fix_specification",
        changes={"spec_version": number, "sha256": version.sha256, "clauses": len(stored)},
        told_everybody=f"仕様書 第{number}版を固めました（要件{len(stored)}件）。",
    )
    return version


def list_correcting_blockers(project: Project, standing: Standing) -> list[Blocker]:
    """Why no correction can be issued: before the notice the list itself is changed."""
    blockers = list_leading_blockers(standing, Action.EDIT_PROJECT)
    state = State(project.state)
    if state in BEFORE_NOTICE:
        message = "公告の前は、要件の一覧を直して次の版を固めてください。"
        blockers.append(Blocker(code="before_notice", message=message))
    if state in ENDED:
        blockers.append(Blocker(code="ended", message="終了・中止した案件は変更できません。"))
    return blockers


def correct_specification(
    session: Session,
    *,
    actor: Actor,
    now: datetime,
    project_id: int,
    requirement_id: int | None,
    text: str,
    reason: str,
) -> SpecCorrection:
    """A correction of one clause, or of the whole, public at once. Raises Refused."""
    project, standing = lock_led_project(session, actor, project_id, Action.EDIT_PROJECT)
    blockers = list_correcting_blockers(project, standing)
    newest = get_specification(session, project_id).newest
    known = {clause.requirement_id for clause in newest.clauses} if newest else set()
    checks = [
        ("requirement_id", requirement_id in {None, *known}, "要件を選び直してください。"),
        ("text", 0 < len(text) <= MAX_DETAIL, f"訂正を{MAX_DETAIL:,}文字以内で入れてください。"),
        ("reason", 0 < len(reason) <= MAX_DETAIL, "訂正の理由を入力してください。"),
    ]
    blockers += failed_fields(checks)
    if blockers:
        raise Refused(blockers)
    row = SpecCorrection(
        project_id=project_id,
        requirement_id=requirement_id,
        text=text,
        reason=reason,
        issued_at=now,
        issued_by=actor.label,
    )
    session.add(row)
    leave_trace(
        session,
        actor=actor,
        now=now,
        project=project,
        action="correct_specification",
        changes={"text": text, "reason": reason},
        told_everybody="仕様書の訂正を出しました。",
    )
    return row
