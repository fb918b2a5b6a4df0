"""An entry leaves the readers for a while or for good, and comes back.

The operator suspends and resumes, its vendor withdraws; always with a reason. Whoever makes or
sells the entry is told, but for who did it. A suspended entry that is withdrawn stays suspended:
else its vendor would show what the operator hid. That it ended is read from the audit chain, as
the reason of the suspension is.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from accounts.audit import record
from accounts.notices import tell_organization
from accounts.roles import Action, Actor, may
from catalog import services
from catalog.desk.classing import note_published_class
from catalog.desk.submissions import Verdict, close_submission
from catalog.desk.telling import tell_operators
from catalog.desk.waiting import find_waiting
from catalog.entries import PublicationStatus as Status
from catalog.models import Offer, Offering, Vendor
from catalog.search.outbox import queue
from foundation.audit import AuditEvent
from foundation.errors import NotFound, refuse

_SUSPENDED = "suspend_offering"
_RESUMED = "resume_offering"
_WITHDRAWN = "withdraw_offering"
_HANDED_IN = "submit_offering"
_ENDED = (
    "事業者が掲載を終了しているため、公開を再開できません。"
    "事業者がもう一度提出すると、審査のうえで再開できます。"
)


@dataclass(frozen=True, kw_only=True)
class SuspendedRow:
    """An entry nobody reads now. since, reason: of the newest suspension.

    ended: why its vendor withdrew it since, '' where it did not.
    """

    id: int
    name: str
    vendor_name: str
    fictional: bool
    since: datetime
    reason: str
    ended: str


@dataclass(frozen=True, kw_only=True)
class Hidden:
    """Why an entry is suspended, and why its vendor ended it since, '' where it did not."""

    reason: str
    ended: str


def suspend_offering(
    session: Session, *, actor: Actor, now: datetime, offering_id: int, reason: str
) -> None:
    """Take a published entry away from readers for a while. Raises Refused, NotFound."""
    _switch(session, actor, now, offering_id, reason, (Status.PUBLISHED, Status.SUSPENDED))


def resume_offering(
    session: Session, *, actor: Actor, now: datetime, offering_id: int, reason: str
) -> None:
    """Show a suspended entry again, at the version it had. Raises Refused, NotFound."""
    _switch(session, actor, now, offering_id, reason, (Status.SUSPENDED, Status.PUBLISHED))


def withdraw_entry(
    session: Session, *, actor: Actor, now: datetime, offering_id: int, reason: str
) -> None:
    """Its vendor ends the entry; what waited for review is taken back with it.

    Else an approval would bring back what nobody offers any more. Raises Refused, NotFound.
    """
    offering = services.get_offering(session, offering_id)
    if offering.publication_status == Status.SUSPENDED.value:
        _withdraw_suspended(session, actor, now, offering, reason)
    else:
        services.withdraw_offering(
            session, actor=actor, now=now, offering_id=offering_id, reason=reason
        )
    waiting = find_waiting(session, offering_id)
    if waiting is not None:
        close_submission(session, waiting, Verdict.RECALLED, actor=actor, now=now)
    title = f"「{offering.name}」の掲載が終了しました"
    body = f"{title}。\n開発元から：{reason.strip()}"
    _tell(session, actor, offering, title, body, now)
    tell_operators(session, title=title, body=body, url=f"/offerings/{offering.id}", now=now)


def list_suspended(session: Session) -> tuple[SuspendedRow, ...]:
    """Every suspended entry, the longest first: no page of theirs leads there. Two queries."""
    statement = (
        select(Offering, Vendor.name)
        .join(Vendor, Vendor.id == Offering.vendor_id)
        .where(Offering.publication_status == Status.SUSPENDED.value)
    )
    found = {offering.id: (offering, name) for offering, name in session.execute(statement)}
    events = _read_events(session, list(found))
    nothing = _Events(suspension=None, end=None)
    rows = [
        SuspendedRow(
            id=offering.id,
            name=offering.name,
            vendor_name=name,
            fictional=offering.fictional,
            since=own.suspension.at if own.suspension else offering.updated_at,
            reason=_reason(own.suspension),
            ended=_reason(own.end),
        )
        for offering, name in found.values()
        for own in (events.get(offering.id, nothing),)
    ]
    return tuple(sorted(rows, key=lambda row: (row.since, row.id)))


def find_hidden(session: Session, offering_id: int) -> Hidden:
    """Of a suspended entry, the words of whoever suspended and ended it last. One query."""
    own = _read_events(session, [offering_id]).get(offering_id)
    if own is None:
        return Hidden(reason="", ended="")
    return Hidden(reason=_reason(own.suspension), ended=_reason(own.end))


@dataclass(frozen=True, kw_only=True)
class _Events:
    """The newest suspension; its vendor's end, where nothing came after it."""

    suspension: AuditEvent | None
    end: AuditEvent | None


def _read_events(session: Session, ids: list[int]) -> Mapping[int, _Events]:
    """By entry, for those that were ever suspended, withdrawn or handed in."""
    if not ids:
        return {}
    statement = (
        select(AuditEvent)
        .where(AuditEvent.subject_type == "offering")
        .where(AuditEvent.action.in_((_SUSPENDED, _WITHDRAWN, _HANDED_IN)))
        .where(AuditEvent.subject_id.in_([str(number) for number in ids]))
        .order_by(AuditEvent.seq)
    )
    found: dict[int, _Events] = {}
    for event in session.scalars(statement):
        number = int(event.subject_id)
        known = found.get(number, _Events(suspension=None, end=None))
        found[number] = _Events(
            suspension=event if event.action == _SUSPENDED else known.suspension,
            end=event if event.action == _WITHDRAWN else None,
        )
    return found


def _withdraw_suspended(
    session: Session, actor: Actor, now: datetime, offering: Offering, reason: str
) -> None:
    """Its vendor ends what the operator hid: it stays hidden. Raises Refused, NotFound."""
    if not services.may_edit_vendor(actor, session.get_one(Vendor, offering.vendor_id)):
        raise NotFound(f"offering {offering.id}")
    if find_hidden(session, offering.id).ended:
        raise refuse("state", "この掲載は、すでに終了しています。")
    if not reason.strip():
        raise refuse("required", "掲載を終了する理由を入力してください。", "reason")
    offering.updated_at = now
    session.flush()
    record(session, actor, _WITHDRAWN, "offering", offering.id, {"reason": reason}, now)


def _reason(event: AuditEvent | None) -> str:
    return str(event.changes.get("reason", "")) if event else ""


def _switch(
    session: Session,
    actor: Actor,
    now: datetime,
    offering_id: int,
    reason: str,
    states: tuple[Status, Status],
) -> None:
    if not may(actor, Action.PUBLISH_OFFERING):
        raise refuse("not_permitted", "この操作を行う権限がありません。")
    offering = services.get_offering(session, offering_id)
    needed, becomes = states
    if offering.publication_status != needed.value:
        now_is = Status(offering.publication_status).label
        message = f"この操作ができるのは{needed.label}のものだけです（現在は{now_is}）。"
        raise refuse("state", message)
    if not reason.strip():
        raise refuse("required", "理由を入力してください。", "reason")
    if needed is Status.SUSPENDED and find_hidden(session, offering.id).ended:
        raise refuse("ended", _ENDED)
    offering.publication_status = becomes.value
    offering.updated_at = now
    session.flush()
    queue(session, "offering", offering.id, now=now)
    action = _SUSPENDED if becomes is Status.SUSPENDED else _RESUMED
    record(session, actor, action, "offering", offering.id, {"reason": reason}, now)
    if becomes is Status.PUBLISHED:
        note_published_class(session, offering.id, now)
    title = f"「{offering.name}」が{becomes.label}になりました"
    body = f"{title}。\n運営者から：{reason.strip()}"
    _tell(session, actor, offering, title, body, now)


def _tell(
    session: Session, actor: Actor, offering: Offering, title: str, body: str, now: datetime
) -> None:
    """The maker, at its desk; who else sells the entry, at its public page."""
    maker = session.get_one(Vendor, offering.vendor_id)
    selling = (
        select(Vendor.organization_id)
        .join(Offer, Offer.seller_id == Vendor.id)
        .where(Offer.offering_id == offering.id, Offer.offered.is_(True))
    )
    own = maker.organization_id
    others = sorted(set(session.scalars(selling)) - {own})
    told = {own: f"/desk/vendor/offerings/{offering.id}"}
    # A suspended entry has no page a seller could open.
    told |= dict.fromkeys(others, "/desk/vendor")
    for organization_id, url in told.items():
        if organization_id != actor.organization_id:
            tell_organization(session, organization_id, title=title, body=body, url=url, now=now)
