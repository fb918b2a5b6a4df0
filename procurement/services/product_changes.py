"""A body changes to another certified product within the term: preview, then one event (§4)."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy.orm import Session

from accounts.roles import Action, Actor, may_for_body
from foundation.audit import secret
from foundation.clock import era_date
from foundation.errors import Blocker, Conflict, NotFound, Refused
from procurement.contract_models import Contract, ContractChange
from procurement.domain.contract_changes import ChangeKind
from procurement.domain.contracts import MODEL_RULES, WITH_VENDOR
from procurement.domain.product_change import (
    OldContract,
    ProductChange,
    YearCost,
    cost_by_year,
    list_product_blockers,
    seal,
)
from procurement.domain.signing import ContractDraft
from procurement.domain.states import State
from procurement.models import Project
from procurement.queries.product_change import find_replaceable, load_old_contract
from procurement.queries.signing_facts import Around
from procurement.services.access import lock_project
from procurement.services.contracts import (
    Approval,
    list_document_blockers,
    sign_document,
    told_lead,
    told_vendor,
)
from procurement.services.joining import list_approval_blockers
from procurement.services.traces import Told, leave_trace

CHANGED_SINCE = "確かめた後に内容が変わりました。もう一度確かめてから記録してください。"


@dataclass(frozen=True, kw_only=True)
class Preview:
    """What would follow. blockers: why not; years: empty while there are any."""

    old: OldContract
    draft: ContractDraft
    new_vendor: str
    years: tuple[YearCost, ...]
    blockers: tuple[Blocker, ...]
    sha256: str


def list_replacing_blockers(around: Around, actor: Actor, body_code: str) -> list[Blocker]:
    """Why this actor cannot change this body's product now, whatever it chooses."""
    if actor.body_code != body_code or not may_for_body(actor, Action.JOIN, body_code):
        message = "契約する製品を変えられるのは、その団体の決裁者だけです。"
        return [Blocker(code="not_manager", message=message)]
    if around.project.state != State.OPERATION:
        message = "契約する製品は、運用の段階で変えられます。"
        return [Blocker(code="wrong_state", message=message)]
    if find_replaceable(around, body_code) is None:
        message = "今の期間に続いている推奨製品の契約がありません。"
        return [Blocker(code="no_contract", message=message)]
    return []


def preview_product_change(
    session: Session,
    *,
    actor: Actor,
    now: datetime,
    around: Around,
    body_code: str,
    change: ProductChange,
    draft: ContractDraft,
    approval: Approval,
) -> Preview:
    """What the change means, and every reason against it. Nothing is written.

    draft: of the new contract; kind, wave, product and first day are not asked. Raises NotFound
    where the body has no contract to change.
    """
    row = find_replaceable(around, body_code)
    if row is None or around.model is None:
        raise NotFound("contract")
    old = load_old_contract(session, around.project.id, row)
    draft = replace(
        draft,
        kind=MODEL_RULES[around.model].per_body,
        wave=around.wave_of(body_code),
        product=around.find_product(draft),
        starts_on=change.starts_on,
    )
    chosen = next((e for e in around.certified if e.id == draft.certification_id), None)
    blockers = list_replacing_blockers(around, actor, body_code)
    blockers += list_product_blockers(change, old, chosen)
    blockers += list_document_blockers(session, actor, now, around, draft, body_code, follows=True)
    blockers += list_approval_blockers(approval.day, approval.number, now)
    partner = around.find_partner(draft)
    years: tuple[YearCost, ...] = ()
    if not blockers and draft.amount_yen is not None and draft.ends_on is not None:
        years = cost_by_year(change, old, draft.amount_yen, draft.ends_on)
    return Preview(
        old=old,
        draft=draft,
        new_vendor=partner.vendor_name if partner else "",
        years=years,
        blockers=tuple(blockers),
        sha256=seal(change, old, draft),
    )


def change_product(
    session: Session,
    *,
    actor: Actor,
    now: datetime,
    project_id: int,
    body_code: str,
    change: ProductChange,
    draft: ContractDraft,
    approval: Approval,
    preview_sha256: str,
) -> Contract:
    """End the old contract and sign the new one, or neither. Raises Refused, Conflict, NotFound.

    preview_sha256: of the preview the actor saw. The old contract, its changes and its invoices
    stay; the body goes on taking part, and nobody else pays more or less.
    """
    project, _ = lock_project(session, actor, project_id)
    around = Around(session, project)
    seen = preview_product_change(
        session,
        actor=actor,
        now=now,
        around=around,
        body_code=body_code,
        change=change,
        draft=draft,
        approval=approval,
    )
    if seen.blockers or approval.day is None:
        raise Refused(seen.blockers)
    if seen.sha256 != preview_sha256:
        raise Conflict(CHANGED_SINCE)
    own = [row for row in around.contracts if row.body_code == body_code]
    part = 1 + max(row.part for row in own if row.term == around.term)
    session.add(_end_of(seen.old, change, approval, actor, now))
    contract = sign_document(
        session, actor, now, around, seen.draft, body_code, approval, part=part
    )
    leave_trace(
        session,
        actor=actor,
        now=now,
        project=project,
        action="change_product",
        changes=_changes(seen, change, contract),
        told=_told(around, project, seen, change, contract),
    )
    return contract


def _end_of(
    old: OldContract, change: ProductChange, approval: Approval, actor: Actor, now: datetime
) -> ContractChange:
    return ContractChange(
        contract_id=old.id,
        number=old.changes + 1,
        kind=ChangeKind.REPLACED.value,
        amount_yen=change.old_yen - old.yen,
        ends_on=change.last_day,
        reason=change.reason.strip(),
        approval_date=approval.day,
        approval_number=approval.number,
        made_at=now,
        made_by=actor.label,
    )


def _changes(seen: Preview, change: ProductChange, contract: Contract) -> dict[str, object]:
    """For the audit chain. Amounts and the reason are for the parties: salted hashes only."""
    return {
        "body_code": contract.body_code,
        "product": [seen.old.product, contract.product],
        "vendor_id": [seen.old.vendor_id, contract.vendor_id],
        "contract_number": [seen.old.number, contract.number],
        "ends_on": change.last_day,
        "contract_yen": secret(contract.amount_yen),
        "price": secret(change.old_yen),
        "reason": secret(change.reason.strip()),
        "approval_date": contract.approval_date,
        "approval_number": contract.approval_number,
    }


def _told(
    around: Around, project: Project, seen: Preview, change: ProductChange, contract: Contract
) -> Sequence[Told]:
    """The lead, and each vendor of its own contract: neither learns here who the other is."""
    name = contract.buyer.name
    until = f"{name}の「{seen.old.product}」の契約は{era_date(change.last_day)}で終わります。"
    until += "その日までの請求・支払はそのまま続きます。"
    from_then = (
        f"{name}が{era_date(change.starts_on)}からの「{contract.product}」の契約を記録しました。"
    )
    whole = told_lead(project, f"{from_then}{until}")
    vendor = next((e for e in around.candidates if e.vendor_id == seen.old.vendor_id), None)
    told = [whole]
    if vendor is not None:
        told.append(replace(whole, organization_id=vendor.organization_id, text=until))
    kind = seen.draft.kind
    assert kind in WITH_VENDOR
    return [*told, *told_vendor(project, around.find_partner(seen.draft), kind, from_then)]
