"""Sending a 督促状: once, to inbox and mail, with what was open on that day."""

from datetime import datetime

from sqlalchemy.orm import Session

from accounts.roles import Action, Actor
from foundation.audit import secret
from foundation.clock import era_date, jst_today
from foundation.errors import Blocker, Conflict, Refused
from procurement.domain.dunning import LetterDraft, list_letter_blockers, list_overdue_blockers
from procurement.domain.ledger import PaymentRoute
from procurement.ledger_models import DunningLetter
from procurement.models import Project
from procurement.queries.dunning import LetterPage, get_letter_page
from procurement.queries.ledger import LedgerScope
from procurement.queries.ledger_facts import find_route
from procurement.queries.standing import Standing
from procurement.services.access import list_leading_blockers
from procurement.services.contracts import Approval
from procurement.services.invitations import organization_of_body
from procurement.services.joining import list_approval_blockers
from procurement.services.ledger_access import SAVED_FIRST, lock_ledger
from procurement.services.traces import Told, leave_trace


def list_sending_blockers(
    standing: Standing, route: PaymentRoute | None, page: LetterPage, now: datetime
) -> list[Blocker]:
    """Why this actor cannot send a letter now: the manager of who collects, about what is due."""
    blockers = list_leading_blockers(standing, Action.FIX_SHARE_VERSION)
    if route is PaymentRoute.INDIVIDUAL:
        message = "各団体が事業者に支払うため、督促状はありません。"
        blockers.append(Blocker(code="individual", message=message))
    return blockers + list_overdue_blockers(page.overdue, jst_today(now))


def send_letter(
    session: Session,
    *,
    actor: Actor,
    now: datetime,
    project_id: int,
    invoice_id: int,
    draft: LetterDraft,
    approval: Approval,
    seen_number: int,
) -> DunningLetter:
    """Record the letter and tell the body, once. Raises Refused, Conflict, NotFound.

    seen_number: of the newest letter about the invoice the actor saw, 0 for none.
    """
    project, standing = lock_ledger(session, actor, project_id)
    scope = LedgerScope(everything=standing.leads, body_code=actor.body_code or "")
    page = get_letter_page(session, project_id, invoice_id, scope)
    number = page.letters[0].number if page.letters else 0
    if number != seen_number:
        raise Conflict(SAVED_FIRST)
    blockers = list_sending_blockers(standing, find_route(session, project), page, now)
    blockers += list_letter_blockers(draft, jst_today(now))
    blockers += list_approval_blockers(approval.day, approval.number, now)
    if blockers or approval.day is None:
        raise Refused(blockers)
    letter = _letter(page, draft, actor, now)
    letter.project_id, letter.number = project_id, number + 1
    letter.approval_date, letter.approval_number = approval.day, approval.number
    session.add(letter)
    leave_trace(
        session,
        actor=actor,
        now=now,
        project=project,
        action="send_dunning_letter",
        changes={
            "invoice": invoice_id,
            "number": letter.number,
            "pay_by": letter.pay_by,
            "approval_date": letter.approval_date,
            "approval_number": letter.approval_number,
            "open_yen": secret(letter.open_yen),
        },
        told=[_told(session, project, page, letter)],
    )
    return letter


def _letter(page: LetterPage, draft: LetterDraft, actor: Actor, now: datetime) -> DunningLetter:
    """Of today, about what is open today."""
    return DunningLetter(
        invoice_id=page.invoice_id,
        letter_number=draft.letter_number.strip(),
        issued_on=jst_today(now),
        pay_by=draft.pay_by,
        open_yen=page.overdue.open_yen,
        sent_at=now,
        sent_by=actor.label,
    )


def _told(session: Session, project: Project, page: LetterPage, letter: DunningLetter) -> Told:
    """To whoever owes it; never an amount."""
    month = f"{page.period.year}年{page.period.month}月分"
    return Told(
        organization_id=organization_of_body(session, page.body_code).id,
        title=f"督促状：「{project.title}」{month}",
        text=(
            f"{month}の請求（納付期限 {era_date(page.due_on)}）の納付を確認できないため、"
            f"督促状（{letter.number}回目）を送ります。"
            f"{era_date(letter.pay_by)}までに納付してください。"
        ),
        path=f"/projects/{project.id}/ledger/{page.period:%Y-%m}/lines/{page.invoice_id}"
        f"/letters/{letter.number}",
    )
