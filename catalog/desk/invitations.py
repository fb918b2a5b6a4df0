"""A person is invited to a vendor by a link to its address, and becomes one of its people once.

Nothing is stored of an invitation: the link says all of it, signed and for a day
(catalog/views/registration.py). Who has an account comes in with it, after signing in.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from accounts.audit import record
from accounts.models import Membership, Organization, User
from accounts.notices import MAIL_FOOTER, tell_organization
from accounts.roles import SYSTEM, Actor, OrganizationKind, Role
from accounts.services import NewUser, create_user
from accounts.signin import normalize_email
from catalog.desk.registration import (
    INVITATION_SUBJECT,
    Person,
    list_members,
    managed_organization,
    may_mail,
)
from catalog.models import Vendor
from catalog.queries.vendors import find_successor
from foundation.audit import AuditEvent
from foundation.errors import NotFound, refuse
from foundation.labels import LabelledEnum
from foundation.mail import queue_mail

_LEFT = ("remove_member", "join_member")


class InvitedRole(LabelledEnum):
    """What the invited person becomes."""

    STAFF = "staff", "担当者"
    MANAGER = "manager", "管理者（利用者を招き、役割を変え、事業者の情報を直せます）"


_ROLES = {
    InvitedRole.STAFF: (Role.VENDOR_STAFF,),
    InvitedRole.MANAGER: (Role.VENDOR_STAFF, Role.VENDOR_MANAGER),
}


@dataclass(frozen=True, kw_only=True)
class Invitation:
    """What the link says. after: the newest audit event when it was made."""

    email: str
    organization_id: int
    role: InvitedRole = InvitedRole.STAFF
    after: int = 0


class Standing(LabelledEnum):
    """How the reader of the link can come in; the label says what to do where it cannot."""

    NEW = "new", ""
    ACCEPT = "accept", ""
    SIGN_IN = (
        "sign_in",
        "このメールアドレスは登録されています。その利用者としてサインインすると、招待を受けられます。",
    )
    MEMBER = "member", "すでにこの事業者の利用者です。そのまま事業者デスクを使えます。"
    USED = (
        "used",
        "この招待は使用済みです。もう一度入るには、事業者の管理者に新しい招待を送ってもらってください。",
    )
    OTHER_SIDE = (
        "other_side",
        "このメールアドレスは、自治体・府省庁などの利用者として登録されています。"
        "買う側と売る側を兼ねることはできません。別のメールアドレスに招待を送ってもらってください。",
    )


def newest_event(session: Session) -> int:
    """The number of the newest audit event: what happens to a member after it uses a link up."""
    return session.scalar(select(func.max(AuditEvent.seq))) or 0


def invite_member(
    session: Session, *, actor: Actor, email: str, role: InvitedRole, link: str, now: datetime
) -> None:
    """Mail a link by which a person joins the actor's vendor. Raises Refused."""
    organization_id = managed_organization(actor)
    _get_name(session, organization_id)
    address = normalize_email(email)
    if address in {member.email for member in list_members(session, organization_id)}:
        raise refuse("member", "この人は、すでに利用者です。", "email")
    if not may_mail(session, address, INVITATION_SUBJECT, now):
        raise refuse(
            "too_many", "この宛先には続けて送っています。1時間後にお試しください。", "email"
        )
    body = (
        f"{actor.organization_name}の{actor.name}さんが、もやいの利用者として招待しています。\n"
        f"次のアドレスを開いて登録してください（24時間有効、1回限り）。\n\n{link}\n\n"
        "もやいの登録が既にある方は、サインインしてから招待を受けます。"
    )
    queue_mail(session, to=address, subject=INVITATION_SUBJECT, body=body + MAIL_FOOTER, now=now)
    changes = {"organization_id": organization_id, "role": role.value}
    record(session, actor, "invite_member", "organization", organization_id, changes, now)


def find_standing(session: Session, invitation: Invitation, actor: Actor) -> tuple[str, Standing]:
    """The vendor's name and how the reader can come in. Raises NotFound, Refused where merged."""
    name = _get_name(session, invitation.organization_id)
    address = normalize_email(invitation.email)
    user = session.scalar(select(User).where(User.email == address))
    if user is None:
        return name, Standing.NEW
    kinds = (
        select(Organization.id, Organization.kind)
        .join(Membership, Membership.organization_id == Organization.id)
        .where(Membership.user_id == user.id)
    )
    own = {organization_id: kind for organization_id, kind in session.execute(kinds)}
    if invitation.organization_id in own:
        return name, Standing.MEMBER
    if set(own.values()) - {OrganizationKind.VENDOR.value}:
        return name, Standing.OTHER_SIDE
    if _is_used(session, invitation, user.id):
        return name, Standing.USED
    return name, Standing.ACCEPT if actor.user_id == user.id else Standing.SIGN_IN


def join_vendor(session: Session, *, invitation: Invitation, person: Person, now: datetime) -> None:
    """A new account among the vendor's people. Raises Refused, NotFound."""
    name = _get_name(session, invitation.organization_id)
    create_user(
        session,
        new=NewUser(email=person.email, name=person.name, password_hash=person.password_hash),
        organization_id=invitation.organization_id,
        roles=_ROLES[invitation.role],
        actor=SYSTEM,
        now=now,
    )
    _tell(session, invitation, name, person.name, now)


def accept_invitation(
    session: Session, *, actor: Actor, invitation: Invitation, now: datetime
) -> None:
    """Who has an account becomes one of the vendor's people with it. Raises Refused, NotFound."""
    # The organisation's row is the lock: a link opened twice counts once.
    session.get(Organization, invitation.organization_id, with_for_update=True)
    name, standing = find_standing(session, invitation, actor)
    if standing is not Standing.ACCEPT:
        raise refuse("not_invited", standing.label or "招待を受けられません。")
    for role in _ROLES[invitation.role]:
        session.add(
            Membership(
                user_id=actor.user_id, organization_id=invitation.organization_id, role=role.value
            )
        )
    session.flush()
    changes = {"user_id": actor.user_id, "role": invitation.role.value}
    organization_id = invitation.organization_id
    record(session, actor, "join_member", "organization", organization_id, changes, now)
    _tell(session, invitation, name, actor.name, now)


def _get_name(session: Session, organization_id: int) -> str:
    vendor = session.scalar(select(Vendor).where(Vendor.organization_id == organization_id))
    if vendor is None:
        raise NotFound(f"organization {organization_id}")
    if find_successor(session, vendor.id) is not None:
        message = "この事業者はほかの事業者に統合されたため、新しい利用者は入れません。"
        raise refuse("merged", message)
    return vendor.name


def _is_used(session: Session, invitation: Invitation, user_id: int) -> bool:
    """Whether the person came in or was taken out since the link was made."""
    statement = select(AuditEvent.changes).where(
        AuditEvent.subject_type == "organization",
        AuditEvent.subject_id == str(invitation.organization_id),
        AuditEvent.action.in_(_LEFT),
        AuditEvent.seq > invitation.after,
    )
    return any(changes.get("user_id") == user_id for changes in session.scalars(statement))


def _tell(session: Session, invitation: Invitation, vendor: str, name: str, now: datetime) -> None:
    title = f"{name}さんが「{vendor}」の利用者になりました"
    label = invitation.role.label.partition("（")[0]
    tell_organization(
        session,
        invitation.organization_id,
        title=title,
        body=f"{title}（{label}）。招いた覚えがなければ、管理者が「利用者」の画面から外せます。",
        url="/desk/vendor/members",
        now=now,
    )
