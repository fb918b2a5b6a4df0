"""Signing: the lead's manager for all, each body's manager for itself (domain §4, §8)."""

from dataclasses import dataclass, replace
from datetime import date, datetime

from sqlalchemy.orm import Session

from accounts.roles import Action, Actor, may_for_body
from foundation.audit import secret
from foundation.clock import jst_today
from foundation.errors import Blocker, Refused
from foundation.money import with_tax
from procurement.contract_models import Contract
from procurement.domain.contracts import MODEL_RULES, WITH_VENDOR, ContractKind
from procurement.domain.participation import ParticipationStatus as Status
from procurement.domain.signing import (
    ContractDraft,
    list_signing_blockers,
    list_stage_blockers,
)
from procurement.models import Project
from procurement.queries.contracts import AwardedRow, QualificationRow, find_qualification
from procurement.queries.signing_facts import Around
from procurement.queries.standing import Standing
from procurement.services.access import (
    find_participation,
    get_body,
    list_leading_blockers,
    lock_led_project,
    lock_project,
)
from procurement.services.joining import become_participant, list_approval_blockers
from procurement.services.own_unit_prices import add_own_prices, read_drafted_prices
from procurement.services.traces import Told, leave_trace

NO_MODEL = Blocker(code="contract_model", message="契約の形が決まっていません。")


@dataclass(frozen=True, kw_only=True)
class Approval:
    """決裁日 and 決裁番号 of the organisation that signs."""

    day: date | None
    number: str


def list_overall_blockers(around: Around, standing: Standing, today: date) -> list[Blocker]:
    """Why the lead cannot sign the document for all now, whatever it will say."""
    blockers = list_leading_blockers(standing, Action.FIX_SHARE_VERSION)
    if around.model is None:
        return [*blockers, NO_MODEL]
    kind = MODEL_RULES[around.model].overall
    if kind is None:
        message = "この契約の形では、全体の契約はありません。"
        return [*blockers, Blocker(code="no_overall", message=message)]
    return blockers + _list_stage_blockers(around, kind, "", today)


def list_own_blockers(around: Around, actor: Actor, body_code: str, today: date) -> list[Blocker]:
    """Why this actor cannot sign for this body now, whatever the document will say."""
    if actor.body_code != body_code or not may_for_body(actor, Action.JOIN, body_code):
        message = "契約を結べるのは、その団体の決裁者だけです。"
        return [Blocker(code="not_manager", message=message)]
    if around.model is None:
        return [NO_MODEL]
    if not around.has_refused(body_code) and not around.takes_part(body_code):
        return [Blocker(code="not_joined", message="この団体は参加していません。")]
    return list_body_stage_blockers(around, body_code, today)


def list_body_stage_blockers(around: Around, body_code: str, today: date) -> list[Blocker]:
    """Why the body's own document cannot be signed in this stage, by whomever."""
    if around.model is None:
        return [NO_MODEL]
    kind = MODEL_RULES[around.model].per_body
    return _list_stage_blockers(around, kind, body_code, today)


def _list_stage_blockers(
    around: Around, kind: ContractKind, body_code: str, today: date
) -> list[Blocker]:
    facts = around.facts(
        kind, body_code, today=today, buyer_kind=None, qualification=QualificationRow()
    )
    return list_stage_blockers(kind, around.wave_of(body_code), facts)


def sign_overall(
    session: Session,
    *,
    actor: Actor,
    now: datetime,
    project_id: int,
    draft: ContractDraft,
    approval: Approval,
) -> Contract:
    """The lead's manager records the document made once for all. Raises Refused.

    draft.kind and .wave are not asked: the contract model says which document it is.
    """
    project, standing = lock_led_project(session, actor, project_id, Action.FIX_SHARE_VERSION)
    around, today = Around(session, project), jst_today(now)
    blockers = list_overall_blockers(around, standing, today)
    kind = MODEL_RULES[around.model].overall if around.model else None
    if blockers or kind is None:
        raise Refused(blockers)
    draft = replace(draft, kind=kind, wave=1, product=draft.product.strip())
    contract = sign_document(session, actor, now, around, draft, "", approval)
    text = f"{kind.label}を記録しました。"
    leave_trace(
        session,
        actor=actor,
        now=now,
        project=project,
        action="sign_contract",
        changes=_changes(contract, draft),
        told=told_vendor(project, around.find_partner(draft), kind, text),
        told_everybody=text,
    )
    return contract


def sign_own(
    session: Session,
    *,
    actor: Actor,
    now: datetime,
    project_id: int,
    body_code: str,
    draft: ContractDraft,
    approval: Approval,
) -> Contract:
    """The body's manager records its own document; the body has then contracted. Raises Refused."""
    project, _ = lock_project(session, actor, project_id)
    around, today = Around(session, project), jst_today(now)
    blockers = list_own_blockers(around, actor, body_code, today)
    if blockers or around.model is None:
        raise Refused(blockers)
    kind = MODEL_RULES[around.model].per_body
    draft = replace(
        draft, kind=kind, wave=around.wave_of(body_code), product=around.find_product(draft)
    )
    contract = sign_document(session, actor, now, around, draft, body_code, approval)
    _become_contracted(session, actor, now, project_id, body_code, approval)
    text = f"{get_body(session, body_code).name}が{kind.label}を記録しました。"
    leave_trace(
        session,
        actor=actor,
        now=now,
        project=project,
        action="sign_contract",
        changes=_changes(contract, draft),
        told=[
            told_lead(project, text),
            *told_vendor(project, around.find_partner(draft), kind, text),
        ],
    )
    return contract


def _become_contracted(
    session: Session,
    actor: Actor,
    now: datetime,
    project_id: int,
    body_code: str,
    approval: Approval,
) -> None:
    """A body that joined has contracted; a late joiner joins by its signature."""
    row = find_participation(session, project_id, body_code)
    if row is None or row.status not in (Status.JOINED, Status.REQUESTED):
        return
    if row.status == Status.REQUESTED:
        row.joined_at, row.approval_date = now, approval.day
        row.approval_number = approval.number
        become_participant(session, project_id, actor.organization_id, now)
    row.status, row.updated_at = Status.CONTRACTED.value, now
    session.flush()


def list_document_blockers(
    session: Session,
    actor: Actor,
    now: datetime,
    around: Around,
    draft: ContractDraft,
    body_code: str,
    *,
    follows: bool = False,
) -> list[Blocker]:
    """Why this document cannot be signed. follows: it takes the place of the body's present one."""
    partner = around.find_partner(draft)
    facts = around.facts(
        draft.kind,
        body_code,
        today=jst_today(now),
        buyer_kind=actor.organization_kind,
        qualification=find_qualification(
            session, actor.organization_id, partner.vendor_id if partner else None
        ),
    )
    return list_signing_blockers(draft, replace(facts, signed=facts.signed and not follows))


def sign_document(
    session: Session,
    actor: Actor,
    now: datetime,
    around: Around,
    draft: ContractDraft,
    body_code: str,
    approval: Approval,
    *,
    part: int = 0,
) -> Contract:
    """Store what may be signed. Raises Refused with everything that is wrong with it.

    part: one more than the contract it takes the place of; 0 for the first of a term.
    """
    partner = around.find_partner(draft)
    own, unread = read_drafted_prices(session, around.project.id, draft, jst_today(now))
    blockers = list_document_blockers(
        session, actor, now, around, draft, body_code, follows=part > 0
    )
    blockers += unread
    blockers += list_approval_blockers(approval.day, approval.number, now)
    if blockers or approval.day is None or actor.organization_id is None:
        raise Refused(blockers)
    if draft.kind not in WITH_VENDOR:
        partner = None
    amount = draft.amount_yen
    contract = Contract(
        project_id=around.project.id,
        kind=draft.kind.value,
        wave=draft.wave,
        term=around.term,
        buyer_organization_id=actor.organization_id,
        body_code=body_code or None,
        part=len(around.certified) if draft.kind is ContractKind.CERTIFICATION else part,
        vendor_id=partner.vendor_id if partner else None,
        award_id=partner.id if partner else None,
        amount_yen=amount,
        amount_with_tax_yen=None if amount is None else with_tax(amount, draft.tax_percent),
        approval_date=approval.day,
        approval_number=approval.number,
        recorded_at=now,
        recorded_by=actor.label,
        **_written(draft),
    )
    session.add(contract)
    session.flush()
    add_own_prices(session, contract, own)
    return contract


def _written(draft: ContractDraft) -> dict[str, object]:
    """What the document says besides its parties and amount."""
    return {
        "number": draft.number,
        "signed_on": draft.signed_on,
        "starts_on": draft.starts_on,
        "ends_on": draft.ends_on,
        "tax_percent": draft.tax_percent,
        "vote_on": draft.vote_on,
        "membership": draft.membership.value if draft.membership else "",
        "signatory": draft.signatory,
        "clause": draft.clause,
        "reason": draft.reason,
        "guarantee": draft.guarantee.value if draft.guarantee else "",
        "guarantee_note": draft.guarantee_note,
        "product": draft.product,
        "certification_id": draft.certification_id,
    }


def _changes(contract: Contract, draft: ContractDraft) -> dict[str, object]:
    """For the audit chain. Amounts and reasons are for the parties: salted hashes only."""
    own = draft.own_prices.strip()
    return {
        **({"unit_prices": secret(own)} if own else {}),
        "contract_kind": contract.kind,
        "body_code": contract.body_code,
        "contract_number": contract.number,
        "vendor_id": contract.vendor_id,
        "product": contract.product,
        "signed_on": contract.signed_on,
        "contract_yen": secret(contract.amount_yen),
        "direct_reason": secret(contract.reason),
        "approval_date": contract.approval_date,
        "approval_number": contract.approval_number,
    }


def told_lead(project: Project, text: str) -> Told:
    """A notice to the lead body about a contract."""
    return Told(
        organization_id=project.lead_organization_id,
        title=f"「{project.title}」の契約",
        text=text,
        path=f"/projects/{project.id}/contracts",
    )


def told_vendor(
    project: Project, partner: AwardedRow | None, kind: ContractKind, text: str
) -> list[Told]:
    """The vendor that is a party to it; the others learn nothing of it before it is public."""
    if kind not in WITH_VENDOR or partner is None:
        return []
    return [replace(told_lead(project, text), organization_id=partner.organization_id)]
