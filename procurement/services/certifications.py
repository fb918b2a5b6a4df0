"""Withdrawing the certification of a recommended product: no new contract, running ones go on."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy.orm import Session

from accounts.roles import Action, Actor
from foundation.clock import jst_today
from foundation.errors import Blocker, Refused
from procurement.contract_models import ContractChange
from procurement.domain.contract_changes import ChangeKind
from procurement.domain.contracts import ContractKind
from procurement.domain.signing import CERTIFYING
from procurement.models import Project
from procurement.queries.contracts import ContractRow
from procurement.queries.signing_facts import Around
from procurement.queries.standing import Standing
from procurement.services.access import list_leading_blockers, lock_led_project
from procurement.services.contracts import Approval, told_lead
from procurement.services.joining import list_approval_blockers
from procurement.services.traces import Told, leave_trace

MAX_REASON = 1000


@dataclass(frozen=True, kw_only=True)
class Withdrawal:
    """What is withdrawn. ends_on: the last day of the certification."""

    certification_id: int
    ends_on: date | None
    reason: str


def list_withdrawing_blockers(around: Around, standing: Standing) -> list[Blocker]:
    """Why the lead cannot withdraw any certification now."""
    blockers = list_leading_blockers(standing, Action.FIX_SHARE_VERSION)
    if around.project.state not in CERTIFYING:
        message = "認定の取消は、契約・導入・運用の段階で記録します。"
        blockers.append(Blocker(code="wrong_state", message=message))
    if all(each.withdrawn_on for each in around.certified):
        message = "取り消せる認定がありません。"
        blockers.append(Blocker(code="none_certified", message=message))
    return blockers


def withdraw_certification(
    session: Session,
    *,
    actor: Actor,
    now: datetime,
    project_id: int,
    wanted: Withdrawal,
    approval: Approval,
) -> ContractChange:
    """The product can no longer be chosen after that day. Raises Refused.

    Contracts that rest on it go on, and so do their invoices; every member and the vendor are
    told. The day is not in the past: nobody who contracted in good faith is left without.
    """
    project, standing = lock_led_project(session, actor, project_id, Action.FIX_SHARE_VERSION)
    around, today = Around(session, project), jst_today(now)
    blockers = list_withdrawing_blockers(around, standing)
    row = _find_certification(around, wanted.certification_id)
    blockers += _list_blockers(row, wanted, today)
    blockers += list_approval_blockers(approval.day, approval.number, now)
    if blockers or row is None or approval.day is None:
        raise Refused(blockers)
    change = ContractChange(
        contract_id=row.id,
        number=row.changes + 1,
        kind=ChangeKind.END.value,
        amount_yen=0,
        ends_on=wanted.ends_on,
        reason=wanted.reason.strip(),
        approval_date=approval.day,
        approval_number=approval.number,
        made_at=now,
        made_by=actor.label,
    )
    session.add(change)
    text = (
        f"「{row.product}」の推奨製品の認定を{wanted.ends_on}で取り消します。"
        f"理由：{change.reason}　記録済みの契約はそのまま続きます。"
    )
    leave_trace(
        session,
        actor=actor,
        now=now,
        project=project,
        action="withdraw_certification",
        changes=_changes(row, change),
        told=_told_vendor(around, project, row, text),
        told_everybody=f"{text}新しい契約は、ほかの推奨製品から選んでください。",
    )
    return change


def _changes(row: ContractRow, change: ContractChange) -> dict[str, object]:
    return {
        "vendor_id": row.vendor_id,
        "product": row.product,
        "ends_on": change.ends_on,
        "reason": change.reason,
    }


def _find_certification(around: Around, certification_id: int) -> ContractRow | None:
    return next(
        (
            row
            for row in around.contracts
            if (row.id, row.kind, row.term)
            == (certification_id, ContractKind.CERTIFICATION, around.term)
        ),
        None,
    )


def _list_blockers(row: ContractRow | None, wanted: Withdrawal, today: date) -> list[Blocker]:
    if row is None or row.ended:
        message = "取り消す認定を、今の認定から選んでください。"
        return [Blocker(code="certification", message=message, field="certification_id")]
    until = row.changed_end or row.ends_on or today
    checks = (
        (
            "ends_on",
            wanted.ends_on is not None and today <= wanted.ends_on <= until,
            f"取消の日を、今日から認定の終わり（{until}）までの日付で入力してください。",
        ),
        (
            "reason",
            0 < len(wanted.reason.strip()) <= MAX_REASON,
            f"理由を{MAX_REASON:,}文字以内で入力してください。",
        ),
    )
    return [
        Blocker(code=field, message=message, field=field)
        for field, holds, message in checks
        if not holds
    ]


def _told_vendor(around: Around, project: Project, row: ContractRow, text: str) -> list[Told]:
    found = (each for each in around.candidates if each.vendor_id == row.vendor_id)
    organization_id = next((each.organization_id for each in found), None)
    told = told_lead(project, text)
    return [Told(organization_id=organization_id, title=told.title, text=text, path=told.path)]
