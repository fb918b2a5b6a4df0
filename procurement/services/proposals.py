"""Sealed proposals: handed in with a receipt, replaced, withdrawn, opened by two persons."""

from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from accounts.audit import record
from accounts.roles import Action, Actor
from foundation.errors import Blocker, Refused
from procurement.domain.ceilings import list_offer_blockers
from procurement.domain.states import State
from procurement.domain.tender import (
    ProposalContent,
    list_content_blockers,
    list_opening_blockers,
    list_proposing_blockers,
    receipt_sha256,
)
from procurement.queries.ceilings import list_measures
from procurement.queries.tender import find_round, get_notice
from procurement.services.access import lock_led_project, lock_project
from procurement.services.questions import get_acting_vendor
from procurement.services.traces import leave_trace
from procurement.tender_models import ProposalReceipt, ProposalWithdrawal, TenderOpening


def hand_in(
    session: Session, *, actor: Actor, now: datetime, project_id: int, content: ProposalContent
) -> ProposalReceipt:
    """Seal a proposal; an earlier one of the same vendor no longer stands.

    Nobody else can tell that anything was handed in: the project's row does not change, and
    the audit event stands under the vendor with the receipt's hash alone. Raises Refused.
    """
    vendor = get_acting_vendor(session, actor, Action.PROPOSE)
    project, _ = lock_project(session, actor, project_id)
    moments = get_notice(session, project).moments
    blockers = list_proposing_blockers(State(project.state), moments, now)
    blockers += list_content_blockers(content)
    measures = list_measures(session, project_id)
    blockers += list_offer_blockers(measures, content.offered, "offered")
    if project.fictional != vendor.fictional and not project.reenactment_of:
        message = "架空の事業者は架空の案件にだけ、実在の事業者は実在の案件にだけ提案できます。"
        blockers.append(Blocker(code="mixed_kinds", message=message))
    if blockers:
        raise Refused(blockers)
    round_number = find_round(session, project_id)
    number = _newest(session, project_id, round_number, vendor.id) + 1
    receipt = ProposalReceipt(
        project_id=project_id,
        round=round_number,
        vendor_id=vendor.id,
        number=number,
        content=content.as_json(),
        sha256=receipt_sha256(
            project_id=project_id,
            round_number=round_number,
            vendor_id=vendor.id,
            number=number,
            received_at=now,
            content=content.as_json(),
        ),
        received_at=now,
        submitted_by=actor.label,
    )
    session.add(receipt)
    session.flush()
    _note(session, actor, now, "hand_in_proposal", vendor.id, {"receipt": receipt.sha256})
    return receipt


def withdraw(
    session: Session, *, actor: Actor, now: datetime, project_id: int, reason: str
) -> ProposalWithdrawal:
    """Take back what was handed in, before the closing, with a reason. Raises Refused."""
    vendor = get_acting_vendor(session, actor, Action.PROPOSE)
    project, _ = lock_project(session, actor, project_id)
    moments = get_notice(session, project).moments
    blockers = list_proposing_blockers(State(project.state), moments, now)
    round_number = find_round(session, project_id)
    number = _newest(session, project_id, round_number, vendor.id)
    if not number or number <= _taken_back(session, project_id, round_number, vendor.id):
        blockers.append(Blocker(code="nothing", message="取り下げる提案がありません。"))
    if not reason.strip():
        message = "取り下げる理由を入力してください。"
        blockers.append(Blocker(code="reason", message=message, field="reason"))
    if blockers:
        raise Refused(blockers)
    withdrawal = ProposalWithdrawal(
        project_id=project_id,
        round=round_number,
        vendor_id=vendor.id,
        up_to_number=number,
        reason=reason.strip(),
        withdrawn_at=now,
        withdrawn_by=actor.label,
    )
    session.add(withdrawal)
    session.flush()
    _note(session, actor, now, "withdraw_proposal", vendor.id, {"up_to_number": number})
    return withdrawal


def open_proposals(
    session: Session, *, actor: Actor, now: datetime, project_id: int
) -> TenderOpening:
    """The first person asks for the opening, the second opens; both are named. Raises Refused."""
    project, _ = lock_led_project(session, actor, project_id, Action.MOVE_PROJECT)
    round_number = find_round(session, project_id)
    opening = session.scalar(
        select(TenderOpening).where(
            TenderOpening.project_id == project_id, TenderOpening.round == round_number
        )
    )
    blockers = list_opening_blockers(
        State(project.state),
        get_notice(session, project).moments,
        now,
        first_user_id=opening.first_user_id if opening else None,
        user_id=actor.user_id,
        opened=opening is not None and opening.opened_at is not None,
    )
    if blockers or actor.user_id is None:
        raise Refused(blockers)
    if opening is None:
        opening = TenderOpening(
            project_id=project_id,
            round=round_number,
            first_user_id=actor.user_id,
            first_at=now,
        )
        session.add(opening)
        action = "ask_for_opening"
    else:
        opening.second_user_id, opening.opened_at = actor.user_id, now
        action = "open_proposals"
    session.flush()
    leave_trace(
        session,
        actor=actor,
        now=now,
        project=project,
        action=action,
        changes={"round": round_number},
    )
    return opening


def _newest(session: Session, project_id: int, round_number: int, vendor_id: int) -> int:
    statement = select(func.max(ProposalReceipt.number)).where(
        ProposalReceipt.project_id == project_id,
        ProposalReceipt.round == round_number,
        ProposalReceipt.vendor_id == vendor_id,
    )
    return session.scalar(statement) or 0


def _taken_back(session: Session, project_id: int, round_number: int, vendor_id: int) -> int:
    statement = select(func.max(ProposalWithdrawal.up_to_number)).where(
        ProposalWithdrawal.project_id == project_id,
        ProposalWithdrawal.round == round_number,
        ProposalWithdrawal.vendor_id == vendor_id,
    )
    return session.scalar(statement) or 0


def _note(
    session: Session,
    actor: Actor,
    now: datetime,
    action: str,
    vendor_id: int,
    changes: dict[str, Any],
) -> None:
    record(session, actor, action, "vendor", vendor_id, changes, now)
