"""Unit prices of one contract that change alone: its buyer records, its vendor says yes (§4)."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from decimal import Decimal

from sqlalchemy.orm import Session

from accounts.roles import Action, Actor, may, may_for_body
from foundation.audit import secret
from foundation.errors import Blocker, Conflict, NotFound, Refused
from procurement.contract_models import ChangedContractPrice, ConfirmedContractPrice
from procurement.domain.contract_changes import AFTER_CONTRACTING
from procurement.domain.contracts import BUYING, ContractKind
from procurement.domain.own_unit_prices import list_own_change_blockers
from procurement.domain.unit_prices import UnitPrice, read_changes
from procurement.models import Project
from procurement.queries.contract_prices import ContractChangeRow, load_contract_prices
from procurement.queries.contracts import ContractRow
from procurement.queries.ledger_facts import find_last_closed
from procurement.queries.signing_facts import Around
from procurement.queries.standing import Standing
from procurement.queries.tender import find_own_vendor
from procurement.queries.unit_prices import list_booked_from, list_prices_of
from procurement.services.access import list_leading_blockers, lock_project
from procurement.services.contracts import Approval, told_lead
from procurement.services.invitations import organization_of_body
from procurement.services.joining import list_approval_blockers
from procurement.services.ledger_access import SAVED_FIRST
from procurement.services.price_changes import PriceDraft
from procurement.services.traces import Told, leave_trace


def find_own_buying(around: Around, standing: Standing) -> ContractRow | None:
    """The running contract that the actor's side buys by: the body's own, or the lead's for all."""
    row = around.find_own_open(standing.actor.body_code or "")
    if row is not None and row.kind in BUYING:
        return row
    if not standing.leads:
        return None
    found = (r for r in around.contracts if r.kind is ContractKind.REPRESENTATIVE and not r.ended)
    return max(found, key=lambda each: each.term, default=None)


def list_own_price_blockers(
    around: Around, standing: Standing, row: ContractRow | None
) -> list[Blocker]:
    """Why the actor cannot change the prices of this contract alone now, whatever they are."""
    if row is None or not around.unit_prices:
        return [Blocker(code="no_table", message="単価表のある契約が記録されていません。")]
    blockers = []
    if not row.body_code:
        blockers += list_leading_blockers(standing, Action.FIX_SHARE_VERSION)
    elif not may_for_body(standing.actor, Action.JOIN, row.body_code):
        message = "契約の単価を変えられるのは、その団体の決裁者だけです。"
        blockers.append(Blocker(code="not_manager", message=message))
    if around.project.state not in AFTER_CONTRACTING:
        message = "契約の単価の変更は、導入・運用の段階で記録します。"
        blockers.append(Blocker(code="wrong_state", message=message))
    return blockers


def change_contract_prices(
    session: Session,
    *,
    actor: Actor,
    now: datetime,
    project_id: int,
    draft: PriceDraft,
    approval: Approval,
    seen_number: int,
) -> tuple[ChangedContractPrice, ...]:
    """New prices of the actor's own contract; they count once its vendor confirms them.

    seen_number: of the contract's newest change the actor saw, 0 for none. Raises Refused and
    Conflict.
    """
    project, standing = lock_project(session, actor, project_id)
    around = Around(session, project)
    row = find_own_buying(around, standing)
    blockers = list_own_price_blockers(around, standing, row)
    if blockers or row is None:
        raise Refused(blockers)
    wanted, blockers = read_changes(draft.text, around.unit_prices)
    own = [e for e in load_contract_prices(session, project_id).changes if e.contract_id == row.id]
    blockers = blockers or _list_blockers(session, project, row, own, draft, wanted)
    if not draft.reason.strip():
        message = "変更の理由を入力してください。"
        blockers.append(Blocker(code="reason", message=message, field="reason"))
    blockers += list_approval_blockers(approval.day, approval.number, now)
    if blockers or approval.day is None:
        raise Refused(blockers)
    newest = max((each.number for each in own), default=0)
    if newest != seen_number:
        raise Conflict(SAVED_FIRST)
    rows = [_row(row.id, newest + 1, draft, approval, *each) for each in wanted.items()]
    for each in rows:
        each.recorded_at, each.recorded_by = now, actor.label
    session.add_all(rows)
    text = "が契約の単価の変更を記録しました。内容を確認してください。"
    leave_trace(
        session,
        actor=actor,
        now=now,
        project=project,
        action="change_contract_prices",
        changes=_changes(row, draft, approval),
        told=_told(session, around, project, row, text),
    )
    return tuple(rows)


def _row(
    contract_id: int,
    number: int,
    draft: PriceDraft,
    approval: Approval,
    line_number: int,
    price: Decimal,
) -> ChangedContractPrice:
    return ChangedContractPrice(
        contract_id=contract_id,
        number=number,
        line_number=line_number,
        valid_from=draft.valid_from,
        unit_price=price,
        reason=draft.reason.strip(),
        approval_date=approval.day,
        approval_number=approval.number,
    )


def _changes(row: ContractRow, draft: PriceDraft, approval: Approval) -> dict[str, object]:
    """For the audit chain. Prices and why are for the parties: a salted hash only."""
    return {
        "body_code": row.body_code or None,
        "period": draft.valid_from,
        "unit_prices": secret(f"{draft.text}\n{draft.reason}"),
        "approval_date": approval.day,
        "approval_number": approval.number,
    }


def confirm_contract_prices(
    session: Session,
    *,
    actor: Actor,
    now: datetime,
    project_id: int,
    contract_id: int,
    number: int,
) -> ConfirmedContractPrice:
    """The vendor's manager says yes to the newest change of its contract. Raises Refused, NotFound.

    What stood in the way when it was recorded may stand there only now: a booked or closed month.
    """
    project, _ = lock_project(session, actor, project_id)
    around = Around(session, project)
    vendor = find_own_vendor(session, actor)
    row = next((each for each in around.contracts if each.id == contract_id), None)
    if vendor is None or row is None or row.vendor_id != vendor.id:
        raise NotFound("contract")
    own = [e for e in load_contract_prices(session, project_id).changes if e.contract_id == row.id]
    change = [each for each in own if each.number == number]
    if not change:
        raise NotFound("change")
    blockers = list_confirming_blockers(actor, own, number)
    draft = PriceDraft(valid_from=change[0].valid_from, text="", reason=change[0].reason)
    wanted = {each.line_number: each.unit_price for each in change}
    if around.project.state not in AFTER_CONTRACTING or row.ended:
        blockers.append(
            Blocker(code="wrong_state", message="契約が終わっているため確認できません。")
        )
    blockers += _list_blockers(session, project, row, own, draft, wanted)
    if blockers:
        raise Refused([replace(each, field=None) for each in blockers])
    confirmed = ConfirmedContractPrice(
        contract_id=row.id, number=number, confirmed_at=now, confirmed_by=actor.label
    )
    session.add(confirmed)
    changes = {"body_code": row.body_code or None, "period": draft.valid_from}
    leave_trace(
        session,
        actor=actor,
        now=now,
        project=project,
        action="confirm_contract_prices",
        changes=changes,
        told=_told(session, around, project, row, "の契約の単価の変更を、事業者が確認しました。"),
    )
    return confirmed


def list_confirming_blockers(
    actor: Actor, own: Iterable[ContractChangeRow], number: int
) -> list[Blocker]:
    """Why this person cannot confirm this change: not a manager, not the newest, or done."""
    rows = list(own)
    blockers = []
    if not may(actor, Action.PROPOSE):
        message = "単価の変更を確認できるのは、事業者の管理者だけです。"
        blockers.append(Blocker(code="not_manager", message=message))
    if number != max(each.number for each in rows):
        message = "新しい変更が記録されています。新しいものを確認してください。"
        blockers.append(Blocker(code="newer", message=message))
    if any(each.confirmed for each in rows if each.number == number):
        blockers.append(Blocker(code="confirmed", message="確認済みです。"))
    return blockers


def _list_blockers(
    session: Session,
    project: Project,
    row: ContractRow,
    own: Iterable[ContractChangeRow],
    draft: PriceDraft,
    wanted: dict[int, Decimal],
) -> list[Blocker]:
    """What the month and the prices that all pay in it say against the change."""
    lines: tuple[UnitPrice, ...] = list_prices_of(session, project.id, draft.valid_from)
    changed = {line.category.value for line in lines if line.number in wanted}
    booked = list_booked_from(session, project.id, draft.valid_from, row.body_code)
    return list_own_change_blockers(
        lines,
        wanted,
        first=draft.valid_from,
        begins=row.starts_on,
        ends=row.changed_end or row.ends_on,
        agreed=[each.valid_from for each in own if each.confirmed],
        closed=find_last_closed(session, project.id),
        booked=any(category in changed for _, category in booked),
    )


def _told(
    session: Session, around: Around, project: Project, row: ContractRow, text: str
) -> list[Told]:
    """Buyer, vendor and lead; no figure is told."""
    told = told_lead(project, f"{row.body_name or row.buyer_name}{text}")
    parties = {told.organization_id}
    if row.body_code:
        parties.add(organization_of_body(session, row.body_code).id)
    if around.award is not None and around.award.vendor_id == row.vendor_id:
        parties.add(around.award.organization_id)
    return [replace(told, organization_id=each) for each in sorted(e for e in parties if e)]
