"""Around the invoices: what was used, closing a month, on what the collection rests."""

from datetime import date, datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from accounts.roles import Action, Actor, may
from foundation.audit import secret
from foundation.clock import add_months, fiscal_year_label, fiscal_year_of, jst_today
from foundation.errors import Blocker, Conflict, NotFound, Refused
from procurement.domain.participation import ParticipationStatus
from procurement.ledger_models import LedgerClose, LedgerNote, UsageRecord
from procurement.models import Project
from procurement.queries.ledger_facts import find_last_closed
from procurement.queries.standing import Standing
from procurement.queries.terms_in_time import first_month
from procurement.services.access import find_participation, list_leading_blockers
from procurement.services.ledger_access import SAVED_FIRST, list_stage_blockers, lock_ledger
from procurement.services.traces import leave_trace

MAX_QUANTITY = 1_000_000_000


def list_usage_blockers(project: Project, standing: Standing, body_code: str) -> list[Blocker]:
    """A body's own people enter its usage, also after it left, or the lead for it."""
    blockers = list_stage_blockers(project)
    used = standing.takes_part or standing.participation == ParticipationStatus.LEFT
    own = used and standing.actor.body_code == body_code
    if not (own or standing.leads) or not may(standing.actor, Action.EDIT_PROJECT):
        message = "利用の量を記録できるのは、その団体と幹事団体だけです。"
        blockers.append(Blocker(code="not_own", message=message))
    return blockers


def record_usage(
    session: Session,
    *,
    actor: Actor,
    now: datetime,
    project_id: int,
    body_code: str,
    period: date,
    quantity: int,
    seen_number: int,
) -> UsageRecord:
    """What the body used in the month, in the project's unit. Raises Refused, Conflict.

    seen_number: of the newest entry the actor saw, 0 for none.
    """
    project, standing = lock_ledger(session, actor, project_id)
    place = find_participation(session, project_id, body_code)
    if place is None:
        raise NotFound("participation")
    blockers = list_usage_blockers(project, standing, body_code)
    if place.ends_on is not None and period > place.ends_on:
        message = "利用が終わった後の月の利用は記録できません。"
        blockers.append(Blocker(code="after_use", message=message, field="period"))
    blockers += list_quantity_blockers(session, project, period, quantity, jst_today(now))
    if blockers:
        raise Refused(blockers)
    key = (
        UsageRecord.project_id == project_id,
        UsageRecord.body_code == body_code,
        UsageRecord.period == period,
        UsageRecord.unit == project.main_unit,
    )
    number = session.scalar(select(func.max(UsageRecord.number)).where(*key)) or 0
    if number != seen_number:
        raise Conflict(SAVED_FIRST)
    entry = UsageRecord(
        project_id=project_id,
        body_code=body_code,
        period=period,
        unit=project.main_unit,
        number=number + 1,
        quantity=quantity,
        entered_at=now,
        entered_by=actor.label,
    )
    session.add(entry)
    leave_trace(
        session,
        actor=actor,
        now=now,
        project=project,
        action="record_usage",
        changes={"body_code": body_code, "period": period, "used": secret(quantity)},
    )
    return entry


def list_quantity_blockers(
    session: Session, project: Project, period: date, quantity: int, today: date
) -> list[Blocker]:
    """What cannot be recorded as used: negative, of a month to come, of a closed one."""
    blockers = []
    if not 0 <= quantity <= MAX_QUANTITY:
        message = "数量は0以上で入力してください。"
        blockers.append(Blocker(code="quantity", message=message, field="quantity"))
    if period.day != 1 or period > today:
        message = "これからの月の利用は記録できません。"
        blockers.append(Blocker(code="period", message=message, field="period"))
    closed = find_last_closed(session, project.id)
    if closed is not None and period <= closed:
        message = "締めた月の利用は変えられません。"
        blockers.append(Blocker(code="closed", message=message, field="period"))
    return blockers


def list_closing_blockers(
    project: Project, standing: Standing, period: date, due: date | None, today: date
) -> list[Blocker]:
    """Why the month cannot be closed now: months are closed one after another, once over.

    due: the month that is closed next.
    """
    blockers = list_stage_blockers(project)
    if not standing.leads or not may(standing.actor, Action.FIX_SHARE_VERSION):
        message = "月を締めるのは、幹事団体の決裁者です。"
        blockers.append(Blocker(code="not_manager", message=message))
    if due is None or period != due:
        text = f"{due.year}年{due.month}月" if due else "共同利用の期間の最初の月"
        blockers.append(Blocker(code="order", message=f"次に締めるのは{text}です。"))
    if add_months(period, 1) > today:
        blockers.append(Blocker(code="not_over", message="月が終わってから締めます。"))
    return blockers


def next_to_close(session: Session, project: Project) -> date | None:
    """The month after the last closed one, or the first of the first term. At most two queries."""
    last = find_last_closed(session, project.id)
    return add_months(last, 1) if last else first_month(session, project)


def close_period(
    session: Session, *, actor: Actor, now: datetime, project_id: int, period: date
) -> LedgerClose:
    """Nothing more is booked in the month; the database refuses it. Raises Refused."""
    project, standing = lock_ledger(session, actor, project_id)
    due = next_to_close(session, project)
    blockers = list_closing_blockers(project, standing, period, due, jst_today(now))
    if blockers:
        raise Refused(blockers)
    entry = LedgerClose(project_id=project_id, period=period, closed_at=now, closed_by=actor.label)
    session.add(entry)
    year = fiscal_year_label(fiscal_year_of(period))
    leave_trace(
        session,
        actor=actor,
        now=now,
        project=project,
        action="close_ledger",
        changes={"period": period},
        told_everybody=f"{year}、{period.month}月分の請求・支払を締めました。",
    )
    return entry


def write_legal_basis(
    session: Session,
    *,
    actor: Actor,
    now: datetime,
    project_id: int,
    text: str,
    seen_version: int,
) -> LedgerNote:
    """On what the collection rests, in the lead's own words. Raises Refused, Conflict."""
    project, standing = lock_ledger(session, actor, project_id)
    blockers = list_leading_blockers(standing, Action.EDIT_PROJECT) + list_stage_blockers(project)
    if not text.strip():
        message = "根拠（規約・協定・条例などの名称と条項）を入力してください。"
        blockers.append(Blocker(code="legal_basis", message=message, field="legal_basis"))
    if blockers:
        raise Refused(blockers)
    note = session.get(LedgerNote, project_id, populate_existing=True)
    if (note.row_version if note else 0) != seen_version:
        raise Conflict(SAVED_FIRST)
    if note is None:
        note = LedgerNote(project_id=project_id)
        session.add(note)
    note.legal_basis, note.updated_at, note.updated_by = text.strip(), now, actor.label
    leave_trace(
        session,
        actor=actor,
        now=now,
        project=project,
        action="write_legal_basis",
        changes={"legal_basis": note.legal_basis},
    )
    return note
