"""The terms of sharing, as a draft: changing them changes previews and nothing fixed."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from accounts.roles import Action, Actor
from foundation.errors import Blocker, Conflict, Refused
from procurement.domain.states import BEFORE_NOTICE
from procurement.models import Project
from procurement.queries.figures import terms_of
from procurement.queries.standing import Standing
from procurement.services.access import list_leading_blockers, lock_led_project
from procurement.services.traces import leave_trace

# Written in the project itself, in one place only.
_OF_THE_PROJECT = ("term_start", "term_months", "quantity_unit")


def list_terms_blockers(project: Project, standing: Standing) -> list[Blocker]:
    """Why the actor cannot change the draft of the terms."""
    blockers = list_leading_blockers(standing, Action.EDIT_PROJECT)
    if project.state not in (*BEFORE_NOTICE, "contracting", "operation"):
        message = "公告した後は、負担の条件を変えられません。"
        blockers.append(Blocker(code="after_notice", message=message))
    return blockers


def set_sharing_terms(
    session: Session,
    *,
    actor: Actor,
    now: datetime,
    project_id: int,
    wanted: Mapping[str, Any],
    seen_version: int,
) -> Project:
    """Keep the draft of rule, parts and terms (the stored form of SharingTerms).

    Raises Refused for terms that cannot stand, Conflict when another saved since they were read.
    """
    project, standing = lock_led_project(session, actor, project_id, Action.EDIT_PROJECT)
    blockers = list_terms_blockers(project, standing)
    if blockers:
        raise Refused(blockers)
    if project.row_version != seen_version:
        raise Conflict(
            "ほかの担当者が先に案件を変更しました。今の条件を確かめて、もう一度保存してください。"
        )
    before = dict(project.sharing_terms)
    project.sharing_terms = dict(wanted)
    kept = terms_of(project).to_dict()
    project.sharing_terms = {k: v for k, v in kept.items() if k not in _OF_THE_PROJECT}
    project.updated_at = now
    session.flush()
    after = project.sharing_terms
    changed = {k: {"from": before.get(k), "to": v} for k, v in after.items() if before.get(k) != v}
    leave_trace(
        session,
        actor=actor,
        now=now,
        project=project,
        action="set_sharing_terms",
        changes=changed,
    )
    return project
