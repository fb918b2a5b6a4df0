"""Preparing the notice: rule, moments, number; and moving the closing once it is published."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from itertools import pairwise
from typing import Any

from sqlalchemy.orm import Session

from accounts.roles import Action, Actor
from foundation.audit import secret
from foundation.errors import Blocker, Conflict, Refused
from foundation.filters import jst
from procurement.domain.evaluation_rule import read_rule
from procurement.domain.states import BEFORE_NOTICE, State
from procurement.models import Project
from procurement.queries.ceilings import list_measures
from procurement.queries.standing import Standing
from procurement.services.access import list_leading_blockers, lock_led_project
from procurement.services.proposal_ceilings import (
    CeilingDraft,
    keep_ceilings,
    list_ceiling_blockers,
)
from procurement.services.traces import leave_trace
from procurement.tender_models import TenderNotice

_SAVED_FIRST = "ほかの担当者が先に保存しました。今の内容を確かめて、もう一度保存してください。"


@dataclass(frozen=True, kw_only=True)
class NoticeFields:
    """What the lead fixes for the notice. Moments are UTC.

    rule: what procurement.domain.evaluation_rule reads; {} leaves it open.
    """

    rule: Mapping[str, Any] = field(default_factory=dict)
    questions_close_at: datetime | None = None
    answers_due_at: datetime | None = None
    proposals_close_at: datetime | None = None
    notice_url: str = ""
    notice_number: str = ""
    conditional_on_budget: bool = False
    quorum: int = 1
    ceilings: tuple[CeilingDraft, ...] = ()
    ceilings_tax_included: bool = True


def list_notice_blockers(project: Project, standing: Standing) -> list[Blocker]:
    """Why the actor cannot change what the notice will say."""
    blockers = list_leading_blockers(standing, Action.EDIT_PROJECT)
    if project.state not in BEFORE_NOTICE:
        message = "公告した後は、評価基準や条件を変えられません。期限は延ばせます。"
        blockers.append(Blocker(code="after_notice", message=message))
    return blockers


def list_moment_blockers(wanted: NoticeFields) -> list[Blocker]:
    """Moments that are stated must follow each other: questions, answers, proposals."""
    named = (
        ("questions_close_on", wanted.questions_close_at),
        ("answers_due_on", wanted.answers_due_at),
        ("proposals_close_on", wanted.proposals_close_at),
    )
    stated = [(name, moment) for name, moment in named if moment is not None]
    return [
        Blocker(
            code="moments",
            message="質問の締切、回答日、提案の締切を、この順にしてください。",
            field=name,
        )
        for (_, earlier), (name, later) in pairwise(stated)
        if later <= earlier
    ]


def set_notice(
    session: Session,
    *,
    actor: Actor,
    now: datetime,
    project_id: int,
    wanted: NoticeFields,
    seen_version: int,
) -> TenderNotice:
    """Keep the draft of the notice. Raises Refused for a rule that cannot stand, Conflict."""
    project, standing = lock_led_project(session, actor, project_id, Action.EDIT_PROJECT)
    blockers = list_notice_blockers(project, standing) + list_moment_blockers(wanted)
    if wanted.rule:
        blockers += _list_rule_blockers(wanted.rule)
    blockers += list_ceiling_blockers(session, project, wanted.ceilings)
    if blockers:
        raise Refused(blockers)
    notice = session.get(TenderNotice, project_id, populate_existing=True)
    if (notice.row_version if notice else 0) != seen_version:
        raise Conflict(_SAVED_FIRST)
    if notice is None:
        notice = TenderNotice(project_id=project_id, unanswered_reason="")
        session.add(notice)
    notice.evaluation_rule = dict(wanted.rule)
    notice.questions_close_at = wanted.questions_close_at
    notice.answers_due_at = wanted.answers_due_at
    notice.conditional_on_budget = wanted.conditional_on_budget
    notice.quorum = wanted.quorum
    notice.updated_at = now
    project.proposals_close_at = wanted.proposals_close_at
    project.notice_url, project.notice_number = wanted.notice_url, wanted.notice_number
    project.updated_at = now
    keep_ceilings(session, project, wanted.ceilings, tax_included=wanted.ceilings_tax_included)
    # A draft: what was announced is in the event of the notice.
    changes = {
        "evaluation_rule": secret(json.dumps(wanted.rule, ensure_ascii=False, sort_keys=True)),
        "questions_close_at": secret(_text(wanted.questions_close_at)),
        "answers_due_at": secret(_text(wanted.answers_due_at)),
        "proposals_close_at": secret(_text(wanted.proposals_close_at)),
        "notice_number": secret(wanted.notice_number),
        "ceilings": secret(" ".join(map(str, wanted.ceilings))),
        "conditional_on_budget": wanted.conditional_on_budget,
        "quorum": wanted.quorum,
    }
    leave_trace(
        session, actor=actor, now=now, project=project, action="set_notice", changes=changes
    )
    return notice


def notice_as_announced(session: Session, project: Project) -> dict[str, Any]:
    """What the notice says, for the chain: until it is out, only digests of it were written."""
    notice = session.get(TenderNotice, project.id)
    if notice is None:
        return {}
    return {
        "evaluation_rule": dict(notice.evaluation_rule),
        "questions_close_at": _text(notice.questions_close_at),
        "answers_due_at": _text(notice.answers_due_at),
        "proposals_close_at": _text(project.proposals_close_at),
        "notice_number": project.notice_number,
        "ceilings": {each.key: each.amount_yen for each in list_measures(session, project.id)},
    }


def postpone_closing(
    session: Session,
    *,
    actor: Actor,
    now: datetime,
    project_id: int,
    closes_at: datetime,
    reason: str,
) -> Project:
    """A later closing of proposals during the notice, with its reason; everybody is told."""
    project, standing = lock_led_project(session, actor, project_id, Action.FIX_SHARE_VERSION)
    blockers = list_leading_blockers(standing, Action.FIX_SHARE_VERSION)
    if project.state != State.SOLICITATION.value:
        message = "期限を延ばせるのは公告の期間だけです。"
        blockers.append(Blocker(code="no_notice", message=message))
    elif project.proposals_close_at is None or now >= project.proposals_close_at:
        message = "提案の期限が過ぎたため、延ばせません。"
        blockers.append(Blocker(code="closed", message=message))
    elif closes_at <= project.proposals_close_at:
        message = "今の期限より後の日にしてください。"
        blockers.append(Blocker(code="not_later", message=message, field="closes_on"))
    if not reason.strip():
        message = "延ばす理由を入力してください。"
        blockers.append(Blocker(code="reason", message=message, field="reason"))
    if blockers:
        raise Refused(blockers)
    project.proposals_close_at = closes_at
    project.updated_at = now
    leave_trace(
        session,
        actor=actor,
        now=now,
        project=project,
        action="postpone_closing",
        changes={"proposals_close_at": _text(closes_at), "reason": reason.strip()},
        told_everybody=f"提案の締切を{jst(closes_at)}に延ばしました。理由：{reason.strip()}",
    )
    return project


def _list_rule_blockers(rule: Mapping[str, Any]) -> list[Blocker]:
    try:
        read_rule(json.dumps(rule).encode())
    except Refused as refused:
        return [
            Blocker(code=each.code, message=each.message, field="criteria")
            for each in refused.blockers
        ]
    return []


def _text(moment: datetime | None) -> str:
    return moment.isoformat() if moment else ""
