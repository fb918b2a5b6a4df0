"""Prices of a unit-price contract that change with it: from a month on, earlier ones stay."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from sqlalchemy.orm import Session

from accounts.roles import Action, Actor
from foundation.audit import secret
from foundation.clock import add_months, months_between
from foundation.errors import Blocker, Conflict, Refused
from procurement.contract_models import ChangedUnitPrice
from procurement.domain.contract_changes import AFTER_CONTRACTING, ExtensionKind
from procurement.domain.own_unit_prices import list_raise_blockers, raised_yen
from procurement.domain.unit_prices import ChangedPrice, UnitPrice, prices_of, read_changes
from procurement.models import Project
from procurement.queries.ledger_facts import find_last_closed
from procurement.queries.signing_facts import Around
from procurement.queries.standing import Standing
from procurement.queries.unit_prices import (
    list_booked_from,
    list_changed_prices,
    list_unit_prices,
)
from procurement.services.access import list_leading_blockers, lock_led_project
from procurement.services.ledger_access import SAVED_FIRST
from procurement.services.traces import leave_trace


@dataclass(frozen=True, kw_only=True)
class PriceDraft:
    """A change as typed. valid_from: the first of its first month. text: an item a line."""

    valid_from: date
    text: str
    reason: str


def list_price_change_blockers(around: Around, standing: Standing) -> list[Blocker]:
    """Why no change of the prices can be recorded now, whatever it says."""
    blockers = list_leading_blockers(standing, Action.FIX_SHARE_VERSION)
    if around.project.state not in AFTER_CONTRACTING:
        message = "単価の変更は、導入・運用の段階で記録します。"
        blockers.append(Blocker(code="wrong_state", message=message))
    return blockers


def change_unit_prices(
    session: Session,
    *,
    actor: Actor,
    now: datetime,
    project_id: int,
    draft: PriceDraft,
    seen_number: int,
) -> tuple[ChangedUnitPrice, ...]:
    """New prices from a month on, none of which is booked yet. Raises Refused, Conflict.

    seen_number: of the newest change the actor saw, 0 for none.
    """
    project, standing = lock_led_project(session, actor, project_id, Action.FIX_SHARE_VERSION)
    around = Around(session, project)
    lines, changes = list_unit_prices(session, project_id), list_changed_prices(session, project_id)
    blockers = list_price_change_blockers(around, standing)
    if not lines:
        blockers.append(Blocker(code="no_table", message="単価表が記録されていません。"))
    wanted, unread = read_changes(draft.text, lines)
    blockers += unread or [
        *_list_month_blockers(session, project, draft, lines, changes, set(wanted)),
        *_list_above_award(around, draft.valid_from, lines, changes, wanted),
    ]
    if not draft.reason.strip():
        message = "変更の根拠を入力してください。"
        blockers.append(Blocker(code="reason", message=message, field="reason"))
    if blockers or around.award is None:
        raise Refused(blockers)
    newest = max((each.number for each in changes), default=0)
    if newest != seen_number:
        raise Conflict(SAVED_FIRST)
    leave_trace(
        session,
        actor=actor,
        now=now,
        project=project,
        action="change_unit_prices",
        changes={"period": draft.valid_from, "unit_prices": secret(draft.text)},
        told_everybody="単価の変更を記録しました。「契約」で確かめられます。",
    )
    rows = [_row(around.award.id, newest + 1, draft, *each) for each in wanted.items()]
    for row in rows:
        row.recorded_at, row.recorded_by = now, actor.label
    session.add_all(rows)
    session.flush()
    return tuple(rows)


def _list_above_award(
    around: Around,
    first: date,
    lines: tuple[UnitPrice, ...],
    changes: tuple[ChangedPrice, ...],
    wanted: dict[int, Decimal],
) -> list[Blocker]:
    """Why the table as it would then hold rises above the award without an approved change."""
    project = around.project
    if not wanted or project.term_start is None or not project.term_months:
        return []
    now_held = {line.number: line.unit_price for line in prices_of(lines, changes, first)}
    months = months_between(first, add_months(project.term_start, project.term_months))
    raised = raised_yen(lines, now_held | wanted, months, project.term_months)
    rises = any(price > now_held[number] for number, price in wanted.items())
    approved = sum(
        each.amount_yen for each in around.extensions if each.kind is ExtensionKind.CHANGE
    )
    return list_raise_blockers(raised, approved) if rises else []


def _row(
    award_id: int, number: int, draft: PriceDraft, line_number: int, price: Decimal
) -> ChangedUnitPrice:
    return ChangedUnitPrice(
        award_id=award_id,
        number=number,
        line_number=line_number,
        valid_from=draft.valid_from,
        unit_price=price,
        reason=draft.reason.strip(),
    )


def _list_month_blockers(
    session: Session,
    project: Project,
    draft: PriceDraft,
    lines: tuple[UnitPrice, ...],
    changes: tuple[ChangedPrice, ...],
    wanted: set[int],
) -> list[Blocker]:
    """A change never reaches back over another one, a closed month or an invoice that stands."""
    first = draft.valid_from
    closed = find_last_closed(session, project.id)
    changed = {line.category.value for line in lines if line.number in wanted}
    booked = {
        period
        for period, category in list_booked_from(session, project.id, first)
        if category in changed
    }
    checks = (
        (
            first.day == 1 and project.term_start is not None and first >= project.term_start,
            "共同利用の期間の中の月を入力してください。",
        ),
        (
            all(each.valid_from <= first for each in changes),
            "記録済みの単価の変更より前の月からは変えられません。",
        ),
        (closed is None or first > closed, "締めた月の単価は変えられません。"),
        (not booked, "請求を記録済みの月があります。先にその請求を取り消してください。"),
    )
    return [
        Blocker(code="valid_from", message=message, field="valid_from")
        for holds, message in checks
        if not holds
    ]
