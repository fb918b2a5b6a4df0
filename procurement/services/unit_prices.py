"""Recording the unit prices of an award, and what a body used of each item in a month."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime

from sqlalchemy.orm import Session

from accounts.roles import Action, Actor
from catalog.pricing import Kind
from foundation.audit import secret
from foundation.clock import jst_today
from foundation.errors import Blocker, Conflict, NotFound, Refused
from procurement.contract_models import AwardUnitPrice
from procurement.domain.ledger import Billed
from procurement.domain.states import State
from procurement.domain.unit_prices import (
    UnitPrice,
    list_invoice_blockers,
    list_total_blockers,
    read_table,
)
from procurement.ledger_models import UsageRecord
from procurement.queries.contracts import AwardedRow
from procurement.queries.signing_facts import Around
from procurement.queries.standing import Standing
from procurement.queries.unit_prices import (
    list_booked_categories,
    list_unit_prices,
    list_users,
    load_tables,
    load_used,
    sum_used,
)
from procurement.services.access import (
    find_participation,
    list_leading_blockers,
    lock_led_project,
)
from procurement.services.ledger_access import SAVED_FIRST, lock_ledger
from procurement.services.ledger_upkeep import list_quantity_blockers, list_usage_blockers
from procurement.services.traces import leave_trace


def list_recording_blockers(around: Around, standing: Standing) -> list[Blocker]:
    """Why no table of unit prices can be recorded now, whatever it says."""
    blockers = list_leading_blockers(standing, Action.FIX_SHARE_VERSION)
    if around.project.state != State.CONTRACTING.value or around.contracts:
        message = "単価表は「契約」の段階で、契約を記録する前に記録します。"
        blockers.append(Blocker(code="wrong_state", message=message))
    if around.award is None or not around.awards_a_sum:
        message = "額を決定した契約の相手方がいません。"
        blockers.append(Blocker(code="no_award", message=message))
    return blockers


def record_unit_prices(
    session: Session, *, actor: Actor, now: datetime, project_id: int, text: str
) -> tuple[UnitPrice, ...]:
    """The award becomes a table of unit prices that comes to its price. Raises Refused."""
    project, standing = lock_led_project(session, actor, project_id, Action.FIX_SHARE_VERSION)
    around = Around(session, project)
    blockers = list_recording_blockers(around, standing)
    if blockers or around.award is None:
        raise Refused(blockers)
    if list_unit_prices(session, project_id):
        raise Conflict("単価表は記録済みです。今の単価表を確かめてください。")
    lines, blockers = read_table(text)
    blockers = blockers or list_total_blockers(lines, around.award.price_yen)
    if blockers:
        raise Refused(blockers)
    session.add_all(_row(around.award, line, actor, now) for line in lines)
    leave_trace(
        session,
        actor=actor,
        now=now,
        project=project,
        action="record_unit_prices",
        changes={"items": len(lines), "unit_prices": secret(text)},
        told_everybody="単価表を記録しました。「契約」で確かめられます。",
    )
    return lines


def _row(award: AwardedRow, line: UnitPrice, actor: Actor, now: datetime) -> AwardUnitPrice:
    return AwardUnitPrice(
        award_id=award.id,
        number=line.number,
        item=line.item,
        unit=line.unit,
        category=line.category.value,
        unit_price=line.unit_price,
        expected_quantity=line.expected_quantity,
        recorded_at=now,
        recorded_by=actor.label,
    )


def record_item_usage(
    session: Session,
    *,
    actor: Actor,
    now: datetime,
    project_id: int,
    body_code: str,
    period: date,
    quantities: Mapping[int, int],
    seen_number: int,
) -> tuple[UsageRecord, ...]:
    """What a body used of each item in the month; only what differs is written anew.

    quantities: number of the item → quantity. seen_number: Σ of the newest entries' numbers the
    actor saw, 0 for none. Raises Refused, Conflict.
    """
    project, standing = lock_ledger(session, actor, project_id)
    if find_participation(session, project_id, body_code) is None:
        raise NotFound("participation")
    lines = list_unit_prices(session, project_id)
    if not lines or set(quantities) != {line.number for line in lines}:
        raise NotFound("unit prices")
    blockers = list_usage_blockers(project, standing, body_code)
    for line in lines:
        wanted = quantities[line.number]
        given = list_quantity_blockers(session, project, period, wanted, jst_today(now))
        blockers += [_of_item(each, line) for each in given]
    if blockers:
        raise Refused(blockers)
    before = load_used(session, project_id, period, lines).get(body_code, {})
    if sum(number for _, number in before.values()) != seen_number:
        raise Conflict(SAVED_FIRST)
    booked = list_booked_categories(session, project_id, period, body_code)
    _refuse_booked(lines, booked, before, quantities)
    entries = [
        UsageRecord(
            project_id=project_id,
            body_code=body_code,
            period=period,
            unit=line.usage_unit,
            number=before.get(line.number, (0, 0))[1] + 1,
            quantity=quantities[line.number],
            entered_at=now,
            entered_by=actor.label,
        )
        for line in lines
        if line.number not in before or before[line.number][0] != quantities[line.number]
    ]
    session.add_all(entries)
    used = secret(str(sorted(quantities.items())))
    changes = {"body_code": body_code, "period": period, "used": used}
    leave_trace(
        session, actor=actor, now=now, project=project, action="record_usage", changes=changes
    )
    return tuple(entries)


def _refuse_booked(
    lines: Sequence[UnitPrice],
    booked: frozenset[Kind],
    before: Mapping[int, tuple[int, int]],
    quantities: Mapping[int, int],
) -> None:
    """What an invoice was made of stays as it is: the ledger would say two sums of one month."""
    message = "この月の請求を記録済みです。直すときは、先にその請求を取り消してください。"
    blockers = [
        Blocker(code="booked", message=f"{line.item}：{message}", field=f"item{line.number}")
        for line in lines
        if line.category in booked and quantities[line.number] != before.get(line.number, (0, 0))[0]
    ]
    if blockers:
        raise Refused(blockers)


def _of_item(blocker: Blocker, line: UnitPrice) -> Blocker:
    field = f"item{line.number}" if blocker.field == "quantity" else blocker.field
    return Blocker(code=blocker.code, message=f"{line.item}：{blocker.message}", field=field)


def list_unit_price_blockers(
    session: Session, project_id: int, for_body: str, billed: Billed
) -> list[Blocker]:
    """An invoice under a table is usage × the unit price of its contract. Up to four queries."""
    lines = load_tables(session, project_id, billed.period).of(for_body)
    if not lines:
        return []
    codes = (for_body,) if for_body else list_users(session, project_id, billed.period)
    used = load_used(session, project_id, billed.period, lines)
    recorded = sum_used(used, codes, lines)
    return list_invoice_blockers(lines, recorded, billed.category, billed.net_yen)
