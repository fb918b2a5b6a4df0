"""Beyond the award: extensions by the lead, late joiners; changes and ends by the signer."""

from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from accounts.roles import Action, Actor, may_for_body
from foundation.audit import secret
from foundation.errors import Blocker, Conflict, NotFound, Refused
from procurement.contract_models import AwardExtension, ContractChange
from procurement.domain.contract_changes import (
    AFTER_CONTRACTING,
    ChangeDraft,
    ChangeFacts,
    ChangeKind,
    ExtensionKind,
    list_change_blockers,
)
from procurement.domain.contracts import BUYING, MODEL_RULES
from procurement.domain.participation import TAKING_PART
from procurement.domain.participation import ParticipationStatus as Status
from procurement.domain.signing import MAX_AMOUNT_YEN
from procurement.domain.states import State
from procurement.models import Participation, Project
from procurement.queries.contracts import ContractRow
from procurement.queries.signing_facts import Around
from procurement.queries.standing import Standing
from procurement.services.access import (
    find_participation,
    get_body,
    list_leading_blockers,
    list_mixing_blockers,
    lock_led_project,
    lock_project,
)
from procurement.services.contracts import Approval, told_lead
from procurement.services.invitations import organization_of_body
from procurement.services.joining import list_approval_blockers
from procurement.services.traces import Told, leave_trace

_FIRST = "ほかの担当者が先に記録しました。今の内容を確かめて、もう一度記録してください。"


def list_extending_blockers(around: Around, standing: Standing) -> list[Blocker]:
    """Why the lead cannot extend the award now."""
    blockers = list_leading_blockers(standing, Action.FIX_SHARE_VERSION)
    if around.project.state not in AFTER_CONTRACTING or around.award is None:
        message = "途中参加・変更の承認は、導入・運用の段階で記録します。"
        blockers.append(Blocker(code="wrong_state", message=message))
    return blockers


def extend_award(
    session: Session,
    *,
    actor: Actor,
    now: datetime,
    project_id: int,
    kind: ExtensionKind,
    body_code: str,
    amount_yen: int,
    quantity: int | None,
    reason: str,
    approval: Approval,
    seen_number: int,
) -> AwardExtension:
    """More than the award, for one body. A late joiner is asked to sign. Raises Refused, Conflict.

    amount_yen: tax-excluded. seen_number: of the newest extension the actor saw.
    """
    project, standing = lock_led_project(session, actor, project_id, Action.FIX_SHARE_VERSION)
    around = Around(session, project)
    blockers = list_extending_blockers(around, standing)
    blockers += _list_extension_blockers(session, project, kind, body_code, amount_yen, quantity)
    blockers += list_approval_blockers(approval.day, approval.number, now)
    if blockers or approval.day is None:
        raise Refused(blockers)
    if len(around.extensions) != seen_number:
        raise Conflict(_FIRST)
    extension = AwardExtension(
        project_id=project_id,
        number=seen_number + 1,
        kind=kind.value,
        body_code=body_code,
        amount_yen=amount_yen,
        reason=reason.strip(),
        approval_date=approval.day,
        approval_number=approval.number,
        decided_at=now,
        decided_by=actor.label,
    )
    session.add(extension)
    told = []
    if kind is ExtensionKind.LATE_JOINER:
        wave = _wave_of(session, project, body_code, approval)
        _ask_in(session, project, body_code, quantity or 0, wave, actor, now)
        told = [_told_late_joiner(session, project, body_code)]
    leave_trace(
        session,
        actor=actor,
        now=now,
        project=project,
        action="extend_award",
        changes={"body_code": body_code, "extension": kind.value, "price": secret(amount_yen)},
        told=told,
    )
    return extension


def _list_extension_blockers(
    session: Session,
    project: Project,
    kind: ExtensionKind,
    body_code: str,
    amount_yen: int,
    quantity: int | None,
) -> list[Blocker]:
    try:
        body = get_body(session, body_code)
    except NotFound:
        message = "団体コード（6桁）を確かめてください。"
        return [Blocker(code="body", message=message, field="body_code")]
    blockers = list_mixing_blockers(project, [body])
    row = find_participation(session, project.id, body_code)
    takes_part = row is not None and row.status in TAKING_PART
    if not 1 <= amount_yen <= MAX_AMOUNT_YEN:
        message = "金額（税抜）を1円以上で入力してください。"
        blockers.append(Blocker(code="amount", message=message, field="amount_yen"))
    if kind is ExtensionKind.CHANGE and not takes_part:
        message = "変更は、参加している団体について承認します。"
        blockers.append(Blocker(code="not_joined", message=message, field="body_code"))
    if kind is ExtensionKind.LATE_JOINER and takes_part:
        message = "この団体はすでに参加しています。"
        blockers.append(Blocker(code="already_joined", message=message, field="body_code"))
    if kind is ExtensionKind.LATE_JOINER and not quantity:
        message = "途中参加する団体の数量を入力してください。"
        blockers.append(Blocker(code="quantity", message=message, field="quantity"))
    return blockers


def _wave_of(session: Session, project: Project, body_code: str, approval: Approval) -> int:
    """That of the late joiners approved by the same decision, else one after all others."""
    waves = select(func.max(Participation.wave)).where(Participation.project_id == project.id)
    together = waves.join(
        AwardExtension,
        (AwardExtension.project_id == Participation.project_id)
        & (AwardExtension.body_code == Participation.body_code),
    ).where(
        AwardExtension.kind == ExtensionKind.LATE_JOINER.value,
        AwardExtension.approval_date == approval.day,
        AwardExtension.approval_number == approval.number,
        AwardExtension.body_code != body_code,
    )
    return session.scalar(together) or (session.scalar(waves) or 1) + 1


def _ask_in(
    session: Session,
    project: Project,
    body_code: str,
    quantity: int,
    wave: int,
    actor: Actor,
    now: datetime,
) -> None:
    """It joins, in that wave, when its manager signs."""
    row = find_participation(session, project.id, body_code)
    if row is None:
        row = Participation(project_id=project.id, body_code=body_code, status="", updated_at=now)
        session.add(row)
    row.status, row.wave, row.requested_by = Status.REQUESTED.value, wave, actor.label
    row.quantities, row.updated_at = {project.main_unit: quantity}, now
    session.flush()


def _told_late_joiner(session: Session, project: Project, body_code: str) -> Told:
    return Told(
        organization_id=organization_of_body(session, body_code).id,
        title=f"「{project.title}」への途中参加",
        text="幹事団体が途中参加を承認しました。条件を確かめ、契約を記録すると参加になります。",
        path=f"/projects/{project.id}/contracts",
    )


def list_changing_blockers(around: Around, actor: Actor, row: ContractRow | None) -> list[Blocker]:
    """Who changes a body's contract: its own manager, once there is one."""
    if row is None:
        return [Blocker(code="no_contract", message="記録された契約がありません。")]
    if actor.body_code != row.body_code or not may_for_body(actor, Action.JOIN, row.body_code):
        message = "契約を変えられるのは、その団体の決裁者だけです。"
        return [Blocker(code="not_manager", message=message)]
    if around.project.state not in AFTER_CONTRACTING:
        message = "契約の変更・解約は、導入・運用の段階で記録します。"
        return [Blocker(code="wrong_state", message=message)]
    return []


def change_contract(
    session: Session,
    *,
    actor: Actor,
    now: datetime,
    project_id: int,
    body_code: str,
    draft: ChangeDraft,
    approval: Approval,
    seen_number: int,
) -> ContractChange:
    """A change of the body's own contract, or its end: the body then leaves. Raises Refused.

    seen_number: of the newest change the actor saw, 0 for none. Raises Conflict.
    """
    project, _ = lock_project(session, actor, project_id)
    around = Around(session, project)
    row = around.find_own_open(body_code)
    blockers = list_changing_blockers(around, actor, row)
    if blockers or row is None:
        raise Refused(blockers)
    blockers = list_change_blockers(draft, _facts(around, row))
    blockers += list_approval_blockers(approval.day, approval.number, now)
    if blockers or approval.day is None:
        raise Refused(blockers)
    if row.changes != seen_number:
        raise Conflict(_FIRST)
    change = ContractChange(
        contract_id=row.id,
        number=seen_number + 1,
        kind=draft.kind.value,
        amount_yen=0 if draft.kind is ChangeKind.END else draft.amount_yen,
        ends_on=draft.ends_on,
        reason=draft.reason.strip(),
        approval_date=approval.day,
        approval_number=approval.number,
        made_at=now,
        made_by=actor.label,
    )
    session.add(change)
    if draft.kind is ChangeKind.END:
        _leave(session, project_id, body_code, change, now)
    changes = {"body_code": body_code, "change": draft.kind.value, "ends_on": draft.ends_on}
    leave_trace(
        session,
        actor=actor,
        now=now,
        project=project,
        action="change_contract",
        changes=changes | {"price": secret(change.amount_yen)},
        told=[told_lead(project, f"{row.body_name}が{draft.kind.label}を記録しました。")],
    )
    return change


def _facts(around: Around, row: ContractRow) -> ChangeFacts:
    rule = MODEL_RULES[around.model] if around.model else None
    limited = rule is not None and not (rule.in_operation or rule.requote_first)
    awarded = around.awarded_yen() if limited and row.kind in BUYING else None
    open_rows = [each for each in around.contracts if each.body_code and not each.ended]
    return ChangeFacts(
        state=State(around.project.state),
        starts_on=row.starts_on,
        current_yen=row.current_yen or 0,
        left_yen=None if awarded is None else awarded - around.contracted_yen(),
        open_contracts=len(open_rows),
    )


def _leave(
    session: Session, project_id: int, body_code: str, change: ContractChange, now: datetime
) -> None:
    """The body's part ends by the agreed terms; what it owes until then stays written."""
    row = find_participation(session, project_id, body_code)
    if row is None:
        return
    row.status, row.left_at, row.updated_at = Status.LEFT.value, now, now
    row.leave_reason, row.ends_on = change.reason, change.ends_on
    row.leave_approval_date = change.approval_date
    row.leave_approval_number = change.approval_number
    session.flush()
