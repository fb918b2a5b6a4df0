"""Asking vendors for information, and their answers: structured prices, not binding (domain §5)."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from accounts.audit import record
from accounts.notices import tell_organization
from accounts.roles import Action, Actor
from catalog.entries import PlanEntry
from catalog.models import Vendor
from catalog.plans import Plan
from foundation.clock import to_jst
from foundation.errors import Blocker, Conflict, NotFound, Refused
from procurement.domain.quotes import DEFAULT_YEARS, Coverage, CoverageItem
from procurement.domain.states import BEFORE_NOTICE, State
from procurement.models import Project, VendorRequest
from procurement.queries.rfi import (
    RFI,
    find_rfi_answer,
    find_rfi_request,
    list_askable_vendors,
    list_buyers,
    normalise_for,
)
from procurement.queries.standing import Standing, is_public
from procurement.rfi_models import RfiAnswer
from procurement.services.access import list_leading_blockers, lock_led_project, lock_project
from procurement.services.questions import get_acting_vendor
from procurement.services.traces import Told, leave_trace

MAX_MESSAGE = 1000


def list_requesting_blockers(project: Project, standing: Standing) -> list[Blocker]:
    """Why no vendor can be asked now."""
    blockers = list_leading_blockers(standing, Action.EDIT_PROJECT)
    if State(project.state) not in BEFORE_NOTICE:
        message = "公告した後は、情報提供依頼を出せません。"
        blockers.append(Blocker(code="after_notice", message=message))
    elif not is_public(project):
        message = "参加団体の募集に進んで案件を公開すると、事業者に依頼できます。"
        blockers.append(Blocker(code="hidden", message=message))
    return blockers


def request_information(
    session: Session,
    *,
    actor: Actor,
    now: datetime,
    project_id: int,
    vendor_ids: Sequence[int],
    message: str,
    closes_at: datetime,
) -> int:
    """Ask these vendors; how many. Raises Refused."""
    project, standing = lock_led_project(session, actor, project_id, Action.EDIT_PROJECT)
    askable = dict(list_askable_vendors(session, project))
    chosen = sorted(set(vendor_ids))
    blockers = list_requesting_blockers(project, standing)
    checks = [
        ("vendors", bool(chosen), "依頼する事業者を選んでください。"),
        ("vendors", set(chosen) <= askable.keys(), "事業者を選び直してください。"),
        ("message", 0 < len(message) <= MAX_MESSAGE, f"依頼の文は{MAX_MESSAGE:,}文字までです。"),
        ("closes_on", closes_at > now, "回答期限には、これからの日を入れてください。"),
    ]
    blockers += [
        Blocker(code=f"field_{name}", message=text, field=name)
        for name, holds, text in checks
        if not holds
    ]
    if blockers:
        raise Refused(blockers)
    for vendor_id in chosen:
        session.add(
            VendorRequest(
                project_id=project_id,
                vendor_id=vendor_id,
                kind=RFI,
                message=message,
                sent_at=now,
                closes_at=closes_at,
            )
        )
    leave_trace(
        session,
        actor=actor,
        now=now,
        project=project,
        action="request_information",
        changes={"vendors": chosen, "closes_at": closes_at},
        told=[_ask(session, project, vendor_id, closes_at) for vendor_id in chosen],
    )
    return len(chosen)


def list_rfi_answering_blockers(
    project: Project, request: VendorRequest, now: datetime
) -> list[Blocker]:
    """Why the vendor cannot answer now. Late by a second is late."""
    if State(project.state) not in BEFORE_NOTICE:
        message = "公告したため、情報提供依頼への回答は終わりました。"
        return [Blocker(code="after_notice", message=message)]
    closes = request.closes_at
    if closes is not None and now > closes:
        message = f"回答期限 {to_jst(closes):%Y-%m-%d %H:%M} を過ぎたため回答できません。"
        return [Blocker(code="after_deadline", message=message)]
    return []


def answer_request(
    session: Session,
    *,
    actor: Actor,
    now: datetime,
    project_id: int,
    entry: PlanEntry,
    coverage: Mapping[str, str],
    seen_version: int,
) -> RfiAnswer:
    """Keep the vendor's answer; the lead reads it at once. Raises Refused, Conflict, NotFound."""
    vendor = get_acting_vendor(session, actor, Action.ASK_QUESTION)
    project, _ = lock_project(session, actor, project_id)
    request = find_rfi_request(session, project_id, vendor.id)
    if request is None:
        raise NotFound("request for information")
    blockers = list_rfi_answering_blockers(project, request, now)
    if not coverage.keys() <= set(CoverageItem) or not set(coverage.values()) <= set(Coverage):
        blockers.append(Blocker(code="coverage", message="含まれるものを選び直してください。"))
    if blockers:
        raise Refused(blockers)
    plan = Plan.from_dict(entry.definition)
    row = find_rfi_answer(session, project_id, vendor.id)
    if (row.row_version if row is not None else 0) != seen_version:
        raise Conflict("同じ会社の別の担当者が先に回答しました。もう一度保存すると置き換わります。")
    row = row or RfiAnswer(project_id=project_id, vendor_id=vendor.id)
    _fill(session, row, project, plan, entry, coverage)
    row.answered_at, row.answered_by = now, actor.label
    session.add(row)
    session.flush()
    # Prices stay out of the chain: it is read by more people than the answer.
    changes = {"project": project_id, "answer": row.id}
    record(session, actor, "answer_rfi", "vendor", vendor.id, changes, now)
    tell_organization(
        session,
        project.lead_organization_id,
        title=f"「{project.title}」の情報提供依頼への回答",
        body=f"{vendor.name}が回答しました。",
        url=f"/projects/{project_id}/rfi",
        now=now,
    )
    return row


def _fill(
    session: Session,
    row: RfiAnswer,
    project: Project,
    plan: Plan,
    entry: PlanEntry,
    coverage: Mapping[str, str],
) -> None:
    buyers = list_buyers(session, project)
    quote = normalise_for(plan, project, buyers, coverage, DEFAULT_YEARS)
    row.definition = plan.to_dict()
    row.tax_rate_percent = entry.tax_rate_percent
    row.coverage = dict(coverage)
    row.not_included, row.price_basis = entry.not_included, entry.price_basis
    row.annual_yen = quote.annual_yen if quote else None
    row.residents = sum(buyer.quantities.resident for buyer in buyers) or None


def _ask(session: Session, project: Project, vendor_id: int, closes_at: datetime) -> Told:
    vendor = session.get_one(Vendor, vendor_id)
    return Told(
        organization_id=vendor.organization_id,
        title=f"「{project.title}」の情報提供依頼",
        text=f"{to_jst(closes_at):%Y-%m-%d %H:%M}（日本時間）までに回答してください。"
        "契約を約束するものではありません。",
        path=f"/projects/{project.id}/rfi",
    )
