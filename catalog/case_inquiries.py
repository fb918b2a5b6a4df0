"""Asking the office behind a case, and its answer; neither side sees an address of the other."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Select, func, or_, select
from sqlalchemy.orm import Session, aliased

from accounts.audit import record
from accounts.models import Membership, Organization, User
from accounts.notices import tell_organization, tell_user
from accounts.roles import Action, Actor, may
from catalog.entries import PublicationStatus
from catalog.models import Case, CaseInquiry
from catalog.queries.case_leads import leads_case
from foundation.errors import NotFound, refuse

MOST_WORDS = 2_000
# Of one person within the hour, of one organisation within the day.
MOST_HOURLY = 5
MOST_DAILY = 20
NOT_HERE = (
    "この事例の幹事団体は、まだこのサイトを利用していないため、ここからは問い合わせできません。"
)


class TooManyInquiries(Exception):
    """Somebody asks more than an office can answer. after: seconds until the next may be sent."""

    def __init__(self, after: int) -> None:
        super().__init__("続けて問い合わせています。時間をおいてから、もう一度お送りください。")
        self.after = after


@dataclass(frozen=True, kw_only=True)
class Contact:
    """The case somebody may ask about. office: what the case calls it; refusal: why not, or ''."""

    case_id: int
    title: str
    body_name: str
    office: str
    fictional: bool
    organization_id: int | None
    refusal: str


@dataclass(frozen=True, kw_only=True)
class InquiryRow:
    """A question to an office with its answer, as either side reads it."""

    id: int
    case_id: int
    case_title: str
    fictional: bool
    message: str
    asked_at: datetime
    asked_by: str
    to_name: str
    reply: str
    replied_at: datetime | None
    replied_by: str
    may_reply: bool


def find_contact(session: Session, actor: Actor, case_id: int) -> Contact:
    """Whom a question about this case would reach. Raises NotFound."""
    people = (
        select(Membership.organization_id)
        .join(User, User.id == Membership.user_id)
        .where(User.active, Membership.organization_id == Organization.id)
    )
    statement = (
        select(Case, Organization.id, people.exists())
        .outerjoin(Organization, leads_case())
        .where(Case.id == case_id, Case.publication_status == PublicationStatus.PUBLISHED.value)
    )
    found = session.execute(statement).first()
    if found is None:
        raise NotFound(f"case {case_id}")
    case, organization_id, reached = found
    return Contact(
        case_id=case.id,
        title=case.title,
        body_name=case.lead_body_name,
        office=case.contact_office,
        fictional=case.fictional,
        organization_id=organization_id if reached else None,
        refusal=_refusal(actor, case, organization_id if reached else None),
    )


def ask_contact_office(
    session: Session, *, actor: Actor, now: datetime, case_id: int, message: str
) -> int:
    """Send a question to the office; its number. By inbox and mail to the lead body's people.

    Raises Refused, NotFound, TooManyInquiries.
    """
    if not may(actor, Action.ASK_CONTACT_OFFICE) or actor.user_id is None:
        raise NotFound(f"case {case_id}")
    contact = find_contact(session, actor, case_id)
    if contact.refusal or contact.organization_id is None:
        raise refuse("unreachable", contact.refusal)
    _check_words(message, "message")
    # The sender's own row is the lock: two tabs count one after the other.
    session.get(User, actor.user_id, with_for_update=True)
    _check_rate(session, actor, now)
    inquiry = CaseInquiry(
        case_id=case_id,
        sender_user_id=actor.user_id,
        sender_organization_id=actor.organization_id,
        recipient_organization_id=contact.organization_id,
        message=message.strip(),
        asked_at=now,
        asked_by=actor.label,
    )
    session.add(inquiry)
    session.flush()
    record(session, actor, "ask_contact_office", "case", case_id, {"inquiry_id": inquiry.id}, now)
    title = f"事例「{contact.title}」への問い合わせ"
    office = f"（宛先：{contact.office}）" if contact.office else ""
    body = f"{actor.label}から問い合わせが届きました{office}。\n\n{inquiry.message}"
    url = f"/cases/inquiries/{inquiry.id}"
    tell_organization(session, contact.organization_id, title=title, body=body, url=url, now=now)
    return inquiry.id


def reply_to_inquiry(
    session: Session, *, actor: Actor, now: datetime, inquiry_id: int, reply: str
) -> None:
    """The office's answer, once; the person who asked is told. Raises Refused, NotFound."""
    inquiry = session.get(CaseInquiry, inquiry_id, with_for_update=True)
    if (
        inquiry is None
        or not may(actor, Action.ASK_CONTACT_OFFICE)
        or inquiry.recipient_organization_id != actor.organization_id
    ):
        raise NotFound(f"inquiry {inquiry_id}")
    if inquiry.replied_at is not None:
        raise refuse("answered", f"{inquiry.replied_by}がすでに返信しています。")
    _check_words(reply, "reply")
    inquiry.reply, inquiry.replied_at, inquiry.replied_by = reply.strip(), now, actor.label
    session.flush()
    changes = {"inquiry_id": inquiry.id}
    record(session, actor, "reply_to_inquiry", "case", inquiry.case_id, changes, now)
    case = session.get_one(Case, inquiry.case_id)
    title = f"事例「{case.title}」への問い合わせに返信がありました"
    body = f"{actor.label}から返信がありました。\n\n{inquiry.reply}"
    url = f"/cases/inquiries/{inquiry.id}"
    tell_user(session, inquiry.sender_user_id, title=title, body=body, url=url, now=now)


def get_inquiry(session: Session, actor: Actor, inquiry_id: int) -> InquiryRow:
    """A question, for the two organisations between which it passes. Raises NotFound."""
    statement = _select_for(actor).where(CaseInquiry.id == inquiry_id)
    found = session.execute(statement).one_or_none()
    if found is None:
        raise NotFound(f"inquiry {inquiry_id}")
    return _row(actor, *found)


def list_inquiries(session: Session, actor: Actor, limit: int = 50) -> tuple[InquiryRow, ...]:
    """The actor's organisation's questions, asked and received, newest first."""
    statement = _select_for(actor).order_by(CaseInquiry.id.desc()).limit(limit)
    return tuple(_row(actor, *found) for found in session.execute(statement))


def _refusal(actor: Actor, case: Case, organization_id: int | None) -> str:
    if organization_id is None:
        return NOT_HERE
    if organization_id == actor.organization_id:
        return "自団体の事例です。"
    if actor.is_signed_in and actor.fictional != case.fictional:
        return "架空の団体と実在の団体のあいだでは問い合わせできません。"
    return ""


def _check_words(text: str, field: str) -> None:
    if not text.strip():
        raise refuse("required", "内容を入力してください。", field)
    if len(text) > MOST_WORDS:
        raise refuse("too_long", f"{MOST_WORDS:,}文字以内で入力してください。", field)


def _check_rate(session: Session, actor: Actor, now: datetime) -> None:
    own = CaseInquiry.sender_user_id == actor.user_id
    whole = CaseInquiry.sender_organization_id == actor.organization_id
    for condition, most, within in (
        (own, MOST_HOURLY, timedelta(hours=1)),
        (whole, MOST_DAILY, timedelta(days=1)),
    ):
        statement = select(func.count(), func.min(CaseInquiry.asked_at)).where(
            condition, CaseInquiry.asked_at > now - within
        )
        count, oldest = session.execute(statement).one()
        if count >= most:
            raise TooManyInquiries(max(1, int((oldest + within - now).total_seconds())))


def _select_for(actor: Actor) -> Select[CaseInquiry, Case, str]:
    recipient = aliased(Organization)
    return (
        select(CaseInquiry, Case, recipient.name)
        .join(Case, Case.id == CaseInquiry.case_id)
        .join(recipient, recipient.id == CaseInquiry.recipient_organization_id)
        .where(
            or_(
                CaseInquiry.sender_organization_id == actor.organization_id,
                CaseInquiry.recipient_organization_id == actor.organization_id,
            )
        )
    )


def _row(actor: Actor, inquiry: CaseInquiry, case: Case, to_name: str) -> InquiryRow:
    received = inquiry.recipient_organization_id == actor.organization_id
    return InquiryRow(
        id=inquiry.id,
        case_id=case.id,
        case_title=case.title,
        fictional=case.fictional,
        message=inquiry.message,
        asked_at=inquiry.asked_at,
        asked_by=inquiry.asked_by,
        to_name=to_name,
        reply=inquiry.reply,
        replied_at=inquiry.replied_at,
        replied_by=inquiry.replied_by,
        may_reply=received and inquiry.replied_at is None,
    )
