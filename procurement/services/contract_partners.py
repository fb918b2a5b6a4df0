"""Whom to contract with: the vendor of a method without a notice, re-quotes, qualifications."""

from datetime import date, datetime

from sqlalchemy import delete
from sqlalchemy.orm import Session

from accounts.audit import record
from accounts.roles import Action, Actor
from catalog.models import Vendor
from foundation.audit import secret
from foundation.clock import jst_today
from foundation.errors import Blocker, Conflict, NotFound, Refused
from procurement.contract_models import BidderQualification, ContractQuote, ContractRefusal
from procurement.domain.contract_changes import AFTER_CONTRACTING
from procurement.domain.contracts import MODEL_RULES, ContractKind
from procurement.domain.judging import sheet_sha256
from procurement.domain.participation import ParticipationStatus as Status
from procurement.domain.signing import MAX_AMOUNT_YEN, WAITS_FOR_SHARES
from procurement.domain.states import WITHOUT_NOTICE, ProcurementMethod, State
from procurement.models import Participation, Project, ProjectRole
from procurement.queries.planned_price import find_limit
from procurement.queries.signing_facts import Around
from procurement.queries.standing import Standing
from procurement.queries.tender import find_own_vendor, find_round
from procurement.services.access import (
    find_participation,
    get_body,
    list_leading_blockers,
    lock_led_project,
    lock_project,
)
from procurement.services.contracts import Approval, list_own_blockers, told_lead
from procurement.services.invitations import organization_of_body
from procurement.services.joining import list_approval_blockers
from procurement.services.leaving import close_open_consents
from procurement.services.traces import Told, leave_trace
from procurement.tender_models import Award

_CHOSEN = {
    False: "契約の相手方に決まりました。",
    True: "推奨製品の認定の候補に選ばれました。",
}


def list_choosing_blockers(around: Around, standing: Standing) -> list[Blocker]:
    """Why the lead cannot name the vendor itself: only by methods without a notice."""
    project = around.project
    blockers = list_leading_blockers(standing, Action.FIX_SHARE_VERSION)
    method = project.procurement_method
    if not method or ProcurementMethod(method) not in WITHOUT_NOTICE:
        message = "契約の相手方は、開札・審査の結果で決まります。"
        blockers.append(Blocker(code="by_notice", message=message))
    later = around.certifies and project.state in AFTER_CONTRACTING
    if project.state != State.CONTRACTING.value and not later:
        message = "相手方を記録するのは「契約」の段階です。"
        blockers.append(Blocker(code="wrong_state", message=message))
    if around.contracts and not around.certifies:  # a recommended product is one of several
        message = "契約を記録した後は、相手方を変えられません。"
        blockers.append(Blocker(code="signed", message=message))
    return blockers


def choose_vendor(
    session: Session,
    *,
    actor: Actor,
    now: datetime,
    project_id: int,
    vendor_id: int,
    price_yen: int | None,
    quotes_taken: int,
    reason: str,
    seen_number: int,
) -> Award:
    """見積合わせ・随意契約: the one with the lowest quote, or the one asked, with the reason.

    price_yen: tax-excluded, None where the model awards no amount. seen_number: of the award
    the actor saw, 0 for none. Raises Refused, Conflict.
    """
    project, standing = lock_led_project(session, actor, project_id, Action.FIX_SHARE_VERSION)
    around = Around(session, project)
    blockers = list_choosing_blockers(around, standing)
    compares = project.procurement_method == ProcurementMethod.QUOTE_COMPARISON.value
    if compares and quotes_taken < 2:
        message = "見積合わせでは、2者以上から見積を取ります。"
        blockers.append(Blocker(code="quotes", message=message, field="quotes_taken"))
    blockers += _list_price_blockers(around, price_yen)
    blockers += _list_limit_blockers(session, project_id, price_yen)
    vendor = session.get(Vendor, vendor_id)
    chosen = vendor is not None and vendor.publication_status == "published"
    if vendor is None or not chosen or vendor.fictional != project.fictional:
        message = "事業者を選び直してください。"
        blockers.append(Blocker(code="vendor", message=message, field="vendor_id"))
    if blockers or vendor is None:
        raise Refused(blockers)
    number = around.award.number if around.award else 0
    if number != seen_number:
        raise Conflict("ほかの担当者が先に相手方を記録しました。今の内容を確かめてください。")
    award = _award(session, project, vendor, price_yen or 0, number + 1)
    award.sheet = _sheet(vendor_id, project.procurement_method, quotes_taken, reason)
    award.sha256 = sheet_sha256(award.sheet)
    award.decided_at, award.decided_by = now, actor.label
    session.add(award)
    leave_trace(
        session,
        actor=actor,
        now=now,
        project=project,
        action="choose_vendor",
        changes={"vendor_id": vendor_id, "quotes_taken": quotes_taken, "price": secret(price_yen)},
        told=[_told_vendor(project, vendor, _CHOSEN[around.certifies])],
    )
    return award


def _list_price_blockers(around: Around, price_yen: int | None) -> list[Blocker]:
    """The award names an amount, except that of a recommended product, which never does."""
    if around.model is not None and not MODEL_RULES[around.model].names_amount:
        if price_yen is None:
            return []
        message = "推奨製品の認定には金額を記録しません。"
        return [Blocker(code="no_amount", message=message, field="price_yen")]
    if price_yen is not None and 1 <= price_yen <= MAX_AMOUNT_YEN:
        return []
    message = "金額（税抜）を1円以上で入力してください。"
    return [Blocker(code="price", message=message, field="price_yen")]


def _list_limit_blockers(session: Session, project_id: int, price_yen: int | None) -> list[Blocker]:
    """Without the figure: who names the vendor need not be who set the planned price."""
    limit = find_limit(session, project_id)
    if limit is None or price_yen is None or not limit.is_passed_by(price_yen):
        return []
    message = "金額が予定価格を超えています。見積を取り直すか、不調として前の段階へ戻してください。"
    return [Blocker(code="over_planned", message=message, field="price_yen")]


def _award(session: Session, project: Project, vendor: Vendor, price: int, number: int) -> Award:
    return Award(
        project_id=project.id,
        round=find_round(session, project.id),
        number=number,
        vendor_id=vendor.id,
        price_yen=price,
    )


def _sheet(vendor_id: int, method: str, quotes_taken: int, reason: str) -> dict[str, object]:
    """A sheet with one line, as an evaluation of one would have it, and how it came about."""
    line = {
        "bidder": str(vendor_id),
        "rank": 1,
        "total": None,
        "points": {},
        "price_points": None,
        "price_formula": "",
        "status": "ranked",
        "reasons": [],
    }
    direct = {"method": method, "quotes_taken": quotes_taken, "reason": reason.strip()}
    return {"proposals": [line], "result": "preferred", "direct": direct}


def _told_vendor(project: Project, vendor: Vendor, text: str) -> Told:
    return Told(
        organization_id=vendor.organization_id,
        title=f"「{project.title}」の契約",
        text=text,
        path=f"/projects/{project.id}/contracts",
    )


def give_requote(
    session: Session,
    *,
    actor: Actor,
    now: datetime,
    project_id: int,
    body_code: str,
    amount_yen: int,
    note: str,
    seen_number: int,
) -> ContractQuote:
    """The awarded vendor's price for one body; a later one counts instead. Raises Refused.

    amount_yen: tax-excluded. seen_number: of the newest re-quote the actor saw, 0 for none.
    """
    project, _ = lock_project(session, actor, project_id)
    around = Around(session, project)
    blockers = list_requoting_blockers(session, around, actor, body_code)
    if not 1 <= amount_yen <= MAX_AMOUNT_YEN:
        message = "金額（税抜）を1円以上で入力してください。"
        blockers.append(Blocker(code="amount", message=message, field="amount_yen"))
    if blockers or around.award is None:
        raise Refused(blockers)
    last = around.quotes.get(body_code)
    number = last.number if last else 0
    if number != seen_number:
        raise Conflict("同じ会社のほかの担当者が先に提出しました。今の内容を確かめてください。")
    quote = ContractQuote(
        project_id=project_id,
        body_code=body_code,
        vendor_id=around.award.vendor_id,
        number=number + 1,
        amount_yen=amount_yen,
        note=note.strip(),
        given_at=now,
        given_by=actor.label,
    )
    session.add(quote)
    text = f"{around.award.vendor_name}が再見積を提出しました。"
    own = Told(
        organization_id=organization_of_body(session, body_code).id,
        title=f"「{project.title}」の再見積",
        text=f"{text}内容を確かめ、契約するかどうかを決めてください。",
        path=f"/projects/{project_id}/contracts",
    )
    leave_trace(
        session,
        actor=actor,
        now=now,
        project=project,
        action="give_requote",
        changes={"body_code": body_code, "requote_yen": secret(amount_yen)},
        told=[own, told_lead(project, text)],
    )
    return quote


def list_requoting_blockers(
    session: Session, around: Around, actor: Actor, body_code: str
) -> list[Blocker]:
    """Why this vendor cannot quote to this body now. Raises NotFound for every other vendor."""
    vendor = find_own_vendor(session, actor)
    if vendor is None or around.award is None or around.award.vendor_id != vendor.id:
        raise NotFound("re-quote")
    if around.model is None or not MODEL_RULES[around.model].requote_first:
        message = "この契約の形では、再見積はありません。"
        return [Blocker(code="no_requote_model", message=message)]
    if not around.takes_part(body_code):
        return [Blocker(code="not_joined", message="この団体は参加していません。")]
    if around.find_signed(ContractKind.INDIVIDUAL, body_code) is not None:
        return [Blocker(code="signed", message="この団体とは契約済みです。")]
    if around.project.state not in (State.CONTRACTING, State.INTRODUCTION, State.OPERATION):
        return [Blocker(code="wrong_state", message="再見積は契約の段階で提出します。")]
    return []


def list_refusing_blockers(
    around: Around, actor: Actor, body_code: str, today: date
) -> list[Blocker]:
    """Why this actor cannot say no for this body now: as for saying yes, and only by re-quote."""
    blockers = [
        blocker
        for blocker in list_own_blockers(around, actor, body_code, today)
        if blocker.code not in WAITS_FOR_SHARES
    ]
    if around.model is not None and not MODEL_RULES[around.model].requote_first:
        message = "再見積による契約の形ではありません。離脱は「自団体の負担・参加」から行います。"
        blockers.append(Blocker(code="no_requote_model", message=message))
    return blockers


def refuse_contract(
    session: Session,
    *,
    actor: Actor,
    now: datetime,
    project_id: int,
    body_code: str,
    reason: str,
    approval: Approval,
) -> ContractRefusal:
    """After its re-quote the body does not contract: it goes, the others keep their prices."""
    project, _ = lock_project(session, actor, project_id)
    around = Around(session, project)
    blockers = list_refusing_blockers(around, actor, body_code, jst_today(now))
    blockers += list_approval_blockers(approval.day, approval.number, now)
    if not reason.strip():
        message = "契約しない理由を入力してください。"
        blockers.append(Blocker(code="reason", message=message, field="reason"))
    row = find_participation(session, project_id, body_code)
    if blockers or row is None or approval.day is None:
        raise Refused(blockers)
    refusal = ContractRefusal(
        project_id=project_id,
        body_code=body_code,
        quote_number=around.quotes[body_code].number,
        reason=reason.strip(),
        approval_date=approval.day,
        approval_number=approval.number,
        refused_at=now,
        refused_by=actor.label,
    )
    session.add(refusal)
    _take_out(session, row, refusal, actor, now)
    text = f"{get_body(session, body_code).name}は、再見積のあと契約しないことを決めました。"
    leave_trace(
        session,
        actor=actor,
        now=now,
        project=project,
        action="refuse_contract",
        changes={"body_code": body_code, "direct_reason": secret(refusal.reason)},
        told=[told_lead(project, f"{text}ほかの団体の額は変わりません。")],
    )
    return refusal


def _take_out(
    session: Session, row: Participation, refusal: ContractRefusal, actor: Actor, now: datetime
) -> None:
    row.status, row.left_at, row.updated_at = Status.LEFT.value, now, now
    row.leave_reason = refusal.reason
    row.leave_approval_date = refusal.approval_date
    row.leave_approval_number = refusal.approval_number
    session.flush()
    close_open_consents(session, row.id, actor, now)
    session.execute(
        delete(ProjectRole).where(
            ProjectRole.project_id == row.project_id,
            ProjectRole.organization_id == actor.organization_id,
            ProjectRole.role == "participant",
        )
    )


def record_qualification(
    session: Session,
    *,
    actor: Actor,
    now: datetime,
    project_id: int,
    number: str,
    valid_until: date,
    seen_version: int,
    vendor_id: int | None = None,
) -> BidderQualification:
    """入札参加資格 of a vendor with the actor's body. Raises Refused, Conflict.

    vendor_id: which, where several have a certified product; None for the only one.
    """
    project, standing = lock_project(session, actor, project_id)
    around = Around(session, project)
    blockers = list_qualifying_blockers(around, standing)
    partners = [each.vendor_id for each in around.list_partners()]
    if vendor_id is None and len(partners) == 1:
        vendor_id = partners[0]
    if not blockers and vendor_id not in partners:
        blockers = [Blocker(code="vendor", message="事業者を選び直してください。")]
    if blockers or vendor_id is None or actor.organization_id is None:
        raise Refused(blockers)
    key = (actor.organization_id, vendor_id)
    row = session.get(BidderQualification, key, populate_existing=True)
    if (row.row_version if row else 0) != seen_version:
        raise Conflict("ほかの担当者が先に保存しました。今の内容を確かめて、保存してください。")
    if row is None:
        row = BidderQualification(organization_id=key[0], vendor_id=key[1])
        session.add(row)
    row.number, row.valid_until = number.strip(), valid_until
    row.updated_at, row.updated_by = now, actor.label
    session.flush()
    changes = {"vendor_id": key[1], "valid_until": valid_until}
    record(session, actor, "record_qualification", "project", project_id, changes, now)
    return row


def list_qualifying_blockers(around: Around, standing: Standing) -> list[Blocker]:
    """Who records it: the organisations that will contract, once the vendor is known."""
    buys = standing.leads or around.takes_part(standing.actor.body_code or "")
    blockers = []
    if not buys:
        message = "参加団体と幹事団体だけが記録できます。"
        blockers.append(Blocker(code="not_joined", message=message))
    if not around.list_partners():
        message = "契約の相手方が決まっていません。"
        blockers.append(Blocker(code="no_award", message=message))
    return blockers
