"""A vendor comes by itself: mail confirmed first, then its facts; the operator opens the page.

Nothing is stored before the mail is confirmed: the link carries what was asked, signed
(catalog/views/registration.py). Members come by the same kind of link.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from accounts.audit import record
from accounts.models import Membership, Organization, User
from accounts.notices import MAIL_FOOTER, tell_organization, tell_user
from accounts.roles import SYSTEM, Action, Actor, OrganizationKind, Role, may
from accounts.services import NewUser, create_user
from accounts.signin import normalize_email
from catalog import publishing
from catalog.entries import PublicationStatus, VendorEntry
from catalog.models import Vendor
from foundation.errors import Blocker, Conflict, NotFound, Refused, refuse
from foundation.mail import OutboxMail, queue_mail

SUBJECT = "【もやい】事業者登録の続き"
INVITATION_SUBJECT = "【もやい】事業者の利用者への招待"
# One address is not to be flooded by somebody who types it again and again.
MOST_MAILS = 3
WITHIN = timedelta(hours=1)
_ROLES = (Role.VENDOR_STAFF, Role.VENDOR_MANAGER)


@dataclass(frozen=True, kw_only=True)
class Person:
    """Who registers or joins: the address is confirmed. password_hash: made outside."""

    email: str
    name: str
    password_hash: str


@dataclass(frozen=True, kw_only=True)
class MemberRow:
    """A person of the vendor. manager: may invite, change roles and take people out."""

    user_id: int
    name: str
    email: str
    manager: bool


def ask_to_register(session: Session, *, email: str, link: str, now: datetime) -> None:
    """Mail the link to go on with; a known address is told so instead, by mail only.

    Whoever asks learns nothing of which addresses are known.
    """
    address = normalize_email(email)
    if not may_mail(session, address, SUBJECT, now):
        return
    known = session.scalar(select(User.id).where(User.email == address)) is not None
    body = (
        "このメールアドレスは登録済みです。サインインしてください。"
        if known
        else f"次のアドレスを開いて、事業者の登録を続けてください（24時間有効）。\n\n{link}\n\n"
        "心当たりのないときは、このメールを捨ててください。何も登録されません。"
    )
    queue_mail(session, to=address, subject=SUBJECT, body=body + MAIL_FOOTER, now=now)


def list_registration_blockers(session: Session, entry: VendorEntry, email: str) -> list[Blocker]:
    """Every reason why this vendor cannot register, whatever else its form still lacks."""
    blockers = publishing.list_new_vendor_blockers(session, entry)
    address = normalize_email(email)
    if session.scalar(select(User.id).where(User.email == address)) is not None:
        message = "このメールアドレスは既に登録されています。"
        blockers.append(Blocker(code="email_taken", message=message, field="email"))
    return blockers


def register_vendor(
    session: Session, *, entry: VendorEntry, person: Person, now: datetime
) -> Vendor:
    """The vendor with its first person, who manages it. Shown once the operator has looked.

    Raises Refused with every reason: broken or known number, missing facts, known address.
    """
    blockers = list_registration_blockers(session, entry, person.email)
    if blockers:
        raise Refused(blockers)
    vendor = publishing.add_vendor(session, entry, now=now)
    vendor.publication_status = PublicationStatus.SUBMITTED.value
    user_id = create_user(
        session,
        new=NewUser(email=person.email, name=person.name, password_hash=person.password_hash),
        organization_id=vendor.organization_id,
        roles=_ROLES,
        actor=SYSTEM,
        now=now,
    )
    actor = Actor(
        user_id=user_id,
        name=person.name,
        organization_id=vendor.organization_id,
        organization_name=vendor.name,
    )
    changes = {"name": vendor.name}
    record(session, actor, "register_vendor", "vendor", vendor.id, changes, now)
    kind = Organization.kind == OrganizationKind.OPERATOR.value
    title = f"事業者「{vendor.name}」の登録の確認が必要です"
    for organization_id in session.scalars(select(Organization.id).where(kind)):
        tell_organization(
            session, organization_id, title=title, body=f"{title}。", url="/admin/reviews", now=now
        )
    return vendor


def publish_vendor(
    session: Session, *, actor: Actor, now: datetime, vendor_id: int, seen_number: str
) -> None:
    """Show a vendor that registered itself, under the number that was looked at.

    Raises Refused, NotFound; Conflict where the vendor has put its number right since.
    """
    if not may(actor, Action.PUBLISH_OFFERING):
        raise refuse("not_permitted", "この操作を行う権限がありません。")
    vendor = session.get(Vendor, vendor_id, with_for_update=True)
    if vendor is None:
        raise NotFound(f"vendor {vendor_id}")
    if vendor.publication_status != PublicationStatus.SUBMITTED.value:
        raise refuse("state", "この事業者はすでに確認されています。")
    if seen_number != number_of(vendor):
        raise Conflict("事業者が番号を直しました。新しい番号を確かめてください。")
    vendor.publication_status = PublicationStatus.PUBLISHED.value
    vendor.updated_at = now
    session.flush()
    record(session, actor, "publish_vendor", "vendor", vendor.id, {"name": vendor.name}, now)
    title = "事業者の登録が確認されました"
    tell_organization(
        session,
        vendor.organization_id,
        title=title,
        body=f"{title}。事業者のページが公開されました。",
        url=f"/vendors/{vendor.id}",
        now=now,
    )


def number_of(vendor: Vendor) -> str:
    """The number the vendor is known by: corporate, or a sole trader's own."""
    return vendor.organization.corporate_number or vendor.organization.alternate_key or ""


def list_waiting_vendors(session: Session) -> tuple[Vendor, ...]:
    """Vendors that registered themselves and wait for the operator, oldest first."""
    statement = select(Vendor).where(Vendor.publication_status == PublicationStatus.SUBMITTED.value)
    return tuple(session.scalars(statement.order_by(Vendor.id)))


def list_members(session: Session, organization_id: int) -> tuple[MemberRow, ...]:
    """The vendor's people by name."""
    statement = (
        select(User.id, User.name, User.email, Membership.role)
        .join(Membership, Membership.user_id == User.id)
        .where(Membership.organization_id == organization_id, User.active)
        .order_by(User.name, User.id)
    )
    people: dict[int, MemberRow] = {}
    for user_id, name, email, role in session.execute(statement):
        known = people.get(user_id) or MemberRow(
            user_id=user_id, name=name, email=email, manager=False
        )
        manager = known.manager or role == Role.VENDOR_MANAGER.value
        people[user_id] = replace(known, manager=manager)
    return tuple(people.values())


def set_manager(
    session: Session, *, actor: Actor, user_id: int, manager: str, now: datetime
) -> None:
    """Make a person manager (「yes」) or staff only (「no」); the last manager stays. Refused."""
    organization_id = managed_organization(actor)
    rows = _lock_members(session, organization_id)
    _refuse_former_manager(rows, actor)
    own = {row.role: row for row in rows if row.user_id == user_id}
    if not own:
        raise NotFound(f"user {user_id}")
    held = own.get(Role.VENDOR_MANAGER.value)
    if (manager == "yes") == (held is not None):
        return
    if held is None:
        session.add(
            Membership(
                user_id=user_id, organization_id=organization_id, role=Role.VENDOR_MANAGER.value
            )
        )
    else:
        _refuse_last_manager(rows, user_id)
        session.delete(held)
    session.flush()
    changes = {"user_id": user_id, "manager": manager}
    record(session, actor, "change_member", "organization", organization_id, changes, now)
    becomes = "管理者" if manager == "yes" else "担当者"
    _tell_person(session, actor, user_id, f"{becomes}になりました", now, "/desk/vendor")


def remove_member(session: Session, *, actor: Actor, user_id: int, now: datetime) -> None:
    """Take a person out of the vendor, or leave it; the last manager cannot. Refused, NotFound."""
    organization_id = actor.organization_id
    if user_id != actor.user_id:
        organization_id = managed_organization(actor)
    elif organization_id is None or not may(actor, Action.READ_VENDOR_DESK):
        raise NotFound("organization")
    rows = _lock_members(session, organization_id)
    if user_id != actor.user_id:
        _refuse_former_manager(rows, actor)
    own = [row for row in rows if row.user_id == user_id]
    if not own:
        raise NotFound(f"user {user_id}")
    _refuse_last_manager(rows, user_id)
    for row in own:
        session.delete(row)
    session.flush()
    changes = {"user_id": user_id}
    record(session, actor, "remove_member", "organization", organization_id, changes, now)
    _tell_person(session, actor, user_id, "利用者から外れました", now, "/account")


def managed_organization(actor: Actor) -> int:
    """The organisation of a vendor's manager. Raises Refused for everybody else."""
    if actor.organization_id is None or not may(actor, Action.MANAGE_VENDOR):
        raise refuse("not_permitted", "この操作は事業者の管理者だけができます。")
    return actor.organization_id


def lock_managed(session: Session, actor: Actor) -> int:
    """The organisation of a vendor's manager, its row locked; still its manager. Raises Refused."""
    organization_id = managed_organization(actor)
    _refuse_former_manager(_lock_members(session, organization_id), actor)
    return organization_id


def _lock_members(session: Session, organization_id: int) -> list[Membership]:
    """The memberships; two managers who leave at once pass here one after the other."""
    session.get(Organization, organization_id, with_for_update=True)
    statement = (
        select(Membership)
        .join(User, User.id == Membership.user_id)
        .where(Membership.organization_id == organization_id, User.active)
    )
    return list(session.scalars(statement))


def _refuse_former_manager(rows: list[Membership], actor: Actor) -> None:
    """Who was taken out or made staff a moment ago decides nothing more."""
    managers = {row.user_id for row in rows if row.role == Role.VENDOR_MANAGER.value}
    if actor.user_id not in managers:
        raise refuse("not_permitted", "この操作は事業者の管理者だけができます。")


def _tell_person(
    session: Session, actor: Actor, user_id: int, what: str, now: datetime, url: str
) -> None:
    """Whoever was changed by another learns it; where no desk is left, at the own account."""
    if user_id == actor.user_id:
        return
    title = f"「{actor.organization_name}」の{what}"
    body = f"{actor.name}さんの操作により、{title}。"
    tell_user(session, user_id, title=title, body=body, url=url, now=now)


def _refuse_last_manager(rows: list[Membership], user_id: int) -> None:
    managers = {row.user_id for row in rows if row.role == Role.VENDOR_MANAGER.value}
    if managers == {user_id}:
        message = "最後の管理者は外せません。先に、ほかの人を管理者にしてください。"
        raise refuse("last_manager", message)


def may_mail(session: Session, address: str, subject: str, now: datetime) -> bool:
    """Whether that address was not mailed so too often within the hour."""
    statement = select(func.count(OutboxMail.id)).where(
        OutboxMail.to == address, OutboxMail.subject == subject, OutboxMail.queued_at > now - WITHIN
    )
    return (session.scalar(statement) or 0) < MOST_MAILS
