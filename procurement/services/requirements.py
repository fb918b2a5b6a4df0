"""The common list of requirements, which the lead edits, and each body's own column."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from accounts.roles import Action, Actor, may_for_body
from foundation.errors import Blocker, Conflict, NotFound, Refused
from procurement.domain.requirements import (
    MAX_DETAIL,
    MAX_REQUIREMENTS,
    MAX_TEXT,
    Origin,
    Settled,
)
from procurement.domain.states import BEFORE_NOTICE, State
from procurement.domain.survey import AnswerKind, Wish
from procurement.models import Project
from procurement.queries.requirements import list_lines
from procurement.queries.standing import Standing
from procurement.queries.survey import list_asked_codes
from procurement.requirement_models import (
    Requirement,
    RequirementColumn,
)
from procurement.services.access import list_leading_blockers, lock_led_project, lock_project
from procurement.services.traces import leave_trace
from procurement.survey_models import Survey, SurveyQuestion

MAX_YEN = 10**12


@dataclass(frozen=True, kw_only=True)
class RequirementFields:
    """What the lead writes of one line."""

    text: str
    detail: str = ""
    settled: str = Settled.OPEN.value
    customization: bool = False
    customization_yen: int | None = None
    customization_reason: str = ""


def list_listing_blockers(project: Project, standing: Standing) -> list[Blocker]:
    """Why the actor cannot change the common list: the notice fixes it."""
    blockers = list_leading_blockers(standing, Action.EDIT_PROJECT)
    if State(project.state) not in BEFORE_NOTICE:
        message = "公告した後は、要件の一覧を変えられません。仕様書の訂正を出してください。"
        blockers.append(Blocker(code="after_notice", message=message))
    return blockers


def add_requirement(
    session: Session,
    *,
    actor: Actor,
    now: datetime,
    project_id: int,
    wanted: RequirementFields,
) -> Requirement:
    """One more line at the end. Raises Refused."""
    project, standing = lock_led_project(session, actor, project_id, Action.EDIT_PROJECT)
    texts = [row.line.text for row in list_lines(session, project_id)]
    blockers = list_listing_blockers(project, standing) + list_field_blockers(wanted)
    if wanted.text in texts:
        message = "同じ文の要件がすでにあります。"
        blockers.append(Blocker(code="twice", message=message, field="text"))
    if len(texts) >= MAX_REQUIREMENTS:
        message = f"要件は{MAX_REQUIREMENTS}件までです。"
        blockers.append(Blocker(code="too_many", message=message, field="text"))
    if blockers:
        raise Refused(blockers)
    row = _new(project_id, wanted, Origin.LEAD, now)
    session.add(row)
    session.flush()
    changes = {"requirement": row.text, "settled": row.settled}
    leave_trace(
        session, actor=actor, now=now, project=project, action="add_requirement", changes=changes
    )
    return row


def adopt_survey(session: Session, *, actor: Actor, now: datetime, project_id: int) -> int:
    """Every question of the kind 必須・希望・不要 becomes a line; how many. Raises Refused.

    The answers are not copied: they are read where they are, so nothing is typed again.
    """
    project, standing = lock_led_project(session, actor, project_id, Action.EDIT_PROJECT)
    blockers = list_listing_blockers(project, standing)
    rows = list_lines(session, project_id)
    present = {row.survey_question_id for row in rows}
    questions = [
        question
        for question in session.scalars(
            select(SurveyQuestion)
            .where(
                SurveyQuestion.project_id == project_id,
                SurveyQuestion.kind == AnswerKind.REQUIREMENT.value,
            )
            .order_by(SurveyQuestion.id)
        )
        if question.id not in present
    ]
    survey = session.get(Survey, project_id)
    if survey is None or survey.opened_at is None:
        message = "意向調査を始めると、質問を要件として取り込めます。"
        blockers.append(Blocker(code="not_open", message=message))
    elif not questions:
        message = "意向調査に、取り込んでいない「必須・希望・不要」の質問はありません。"
        blockers.append(Blocker(code="nothing", message=message))
    if len(rows) + len(questions) > MAX_REQUIREMENTS:
        blockers.append(Blocker(code="too_many", message=f"要件は{MAX_REQUIREMENTS}件までです。"))
    if blockers:
        raise Refused(blockers)
    for question in questions:
        row = _new(project_id, RequirementFields(text=question.text), Origin.SURVEY, now)
        row.survey_question_id = question.id
        session.add(row)
    session.flush()
    changes = {"added": len(questions)}
    leave_trace(
        session, actor=actor, now=now, project=project, action="adopt_survey", changes=changes
    )
    return len(questions)


def change_requirement(
    session: Session,
    *,
    actor: Actor,
    now: datetime,
    project_id: int,
    requirement_id: int,
    wanted: RequirementFields,
    seen_version: int,
) -> Requirement:
    """Settle, price or reword a line. Raises Refused, Conflict, NotFound."""
    project, standing = lock_led_project(session, actor, project_id, Action.EDIT_PROJECT)
    row = _get(session, project_id, requirement_id)
    blockers = list_listing_blockers(project, standing) + list_field_blockers(wanted)
    if blockers:
        raise Refused(blockers)
    _require_seen(row, seen_version)
    changes = {
        name: {"from": getattr(row, name), "to": getattr(wanted, name)}
        for name in vars(wanted)
        if getattr(row, name) != getattr(wanted, name)
    }
    for name, value in vars(wanted).items():
        setattr(row, name, value)
    row.updated_at = now
    leave_trace(
        session,
        actor=actor,
        now=now,
        project=project,
        action="change_requirement",
        changes={"requirement": row.text, **changes},
    )
    return row


def remove_requirement(
    session: Session,
    *,
    actor: Actor,
    now: datetime,
    project_id: int,
    requirement_id: int,
    seen_version: int,
) -> None:
    """Take a line out of the list; fixed versions keep it. Raises Refused, Conflict, NotFound."""
    project, standing = lock_led_project(session, actor, project_id, Action.EDIT_PROJECT)
    row = _get(session, project_id, requirement_id)
    blockers = list_listing_blockers(project, standing)
    if blockers:
        raise Refused(blockers)
    _require_seen(row, seen_version)
    changes = {"requirement": row.text}
    session.delete(row)
    leave_trace(
        session, actor=actor, now=now, project=project, action="remove_requirement", changes=changes
    )


def list_answering_blockers(project: Project) -> list[Blocker]:
    """Why no body can change its column now."""
    if State(project.state) in BEFORE_NOTICE:
        return []
    message = "公告した後は、要件の回答を変えられません。質問は幹事団体に伝えてください。"
    return [Blocker(code="after_notice", message=message)]


def answer_column(
    session: Session,
    *,
    actor: Actor,
    now: datetime,
    project_id: int,
    wishes: Mapping[int, str],
    seen_version: int,
) -> RequirementColumn:
    """Keep the actor's own body's column. wishes: requirement id → Wish or '' (unanswered).

    seen_version: 0 where nothing was saved. Raises Refused, Conflict, NotFound.
    """
    project, _ = lock_project(session, actor, project_id)
    body_code = actor.body_code or ""
    if not may_for_body(actor, Action.STATE_INTEREST, body_code) or (
        body_code not in list_asked_codes(session, project_id)
    ):
        raise NotFound("requirement column")
    known = {row.line.id for row in list_lines(session, project_id)}
    blockers = list_answering_blockers(project)
    blockers += [
        Blocker(code="wish", message="回答を選び直してください。", field=f"r{key}")
        for key, wish in wishes.items()
        if key not in known or wish not in {"", *Wish}
    ]
    if blockers:
        raise Refused(blockers)
    row = session.scalar(
        select(RequirementColumn).where(
            RequirementColumn.project_id == project_id, RequirementColumn.body_code == body_code
        )
    )
    if (row.row_version if row is not None else 0) != seen_version:
        raise Conflict(
            "ほかの担当者が先に保存しました。今の回答を確かめて、もう一度保存してください。"
        )
    row = row or RequirementColumn(project_id=project_id, body_code=body_code)
    row.wishes = {str(key): wish for key, wish in sorted(wishes.items())}
    row.answered_by, row.answered_at = actor.label, now
    session.add(row)
    session.flush()
    said = sum(bool(wish) for wish in wishes.values())
    leave_trace(
        session,
        actor=actor,
        now=now,
        project=project,
        action="answer_requirements",
        changes={"body_code": body_code, "answered": said},
    )
    return row


def list_field_blockers(wanted: RequirementFields) -> list[Blocker]:
    """What is wrong with a line's fields: customising needs its reason (fit to the standard)."""
    kept = wanted.settled in (Settled.MUST, Settled.WANTED)
    yen = wanted.customization_yen
    return failed_fields(
        [
            (
                "text",
                0 < len(wanted.text) <= MAX_TEXT,
                f"要件を{MAX_TEXT}文字以内で入れてください。",
            ),
            ("detail", len(wanted.detail) <= MAX_DETAIL, f"説明は{MAX_DETAIL:,}文字までです。"),
            ("settled", wanted.settled in set(Settled), "扱いを選び直してください。"),
            (
                "customization_yen",
                yen is None or (wanted.customization and 0 <= yen <= MAX_YEN),
                "改修の費用は、「改修を伴う」要件にだけ0円以上で入れてください。",
            ),
            (
                "customization_reason",
                not (wanted.customization and kept) or bool(wanted.customization_reason),
                "改修を伴う要件を仕様に入れるときは、業務を変えずに改修する理由を入れてください。",
            ),
        ]
    )


def failed_fields(checks: list[tuple[str, bool, str]]) -> list[Blocker]:
    """A reason per check that does not hold: (field, holds, message)."""
    return [
        Blocker(code=f"field_{name}", message=message, field=name)
        for name, holds, message in checks
        if not holds
    ]


def _new(project_id: int, wanted: RequirementFields, origin: Origin, now: datetime) -> Requirement:
    return Requirement(project_id=project_id, origin=origin.value, updated_at=now, **vars(wanted))


def _get(session: Session, project_id: int, requirement_id: int) -> Requirement:
    row = session.get(Requirement, requirement_id)
    if row is None or row.project_id != project_id:
        raise NotFound("requirement")
    return row


def _require_seen(row: Requirement, seen_version: int) -> None:
    if row.row_version != seen_version:
        raise Conflict(
            "ほかの担当者が先にこの要件を変えました。今の内容を確かめて、もう一度保存してください。"
        )
