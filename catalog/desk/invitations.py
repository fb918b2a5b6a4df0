"""A person is invited to a vendor by a link to its address, and becomes one of its people once.

The link carries a key; what it stands for is a row until its day is over, so that a manager can
take it back. Who has an account comes in with it, after signing in.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from accounts.audit import record
from accounts.models import Membership, Organization, User
from accounts.notices import MAIL_FOOTER, tell_organization
from accounts.roles import SYSTEM, VISITOR, Actor, OrganizationKind, Role
from accounts.services import NewUser, create_user
from accounts.signin import normalize_email
from catalog.desk.registration import (
    INVITATION_SUBJECT,
    Person,
    list_members,
    lock_managed,
    managed_organization,
    may_mail,
)
from catalog.desk.vendor_models import VendorInvitation
from catalog.models import Vendor
from catalog.queries.vendors import find_successor
from foundation.db import Database
from foundation.errors import Conflict, NotFound, refuse
from foundation.labels import LabelledEnum
from foundation.mail import queue_mail

VALID_FOR = timedelta(hours=24)
_ACCEPTED, _REVOKED = "accepted", "revoked"


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
    """What the link stands for. closes_at: when it ends; outcome: '' while it is open."""

    id: int
    key: str
    email: str
    organization_id: int
    role: InvitedRole
    closes_at: datetime
    outcome: str


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
    REVOKED = (
        "revoked",
        "この招待は取り消されました。事業者の利用者になるには、"
        "事業者の管理者に新しい招待を送ってもらってください。",
    )
    OTHER_SIDE = (
        "other_side",
        "このメールアドレスは、自治体・府省庁などの利用者として登録されています。"
        "買う側と売る側を兼ねることはできません。別のメールアドレスに招待を送ってもらってください。",
    )


def get_invitation(session: Session, key: str, now: datetime) -> Invitation:
    """What the link stands for. Raises NotFound once its day is over."""
    row = session.scalar(select(VendorInvitation).where(VendorInvitation.key == key))
    if row is None or row.closes_at <= now:
        raise NotFound("invitation")
    return _invitation(row)


def list_open_invitations(
    session: Session, organization_id: int, now: datetime
) -> tuple[Invitation, ...]:
    """Invitations that can still be accepted, the one that ends first before the others."""
    statement = (
        select(VendorInvitation)
        .where(VendorInvitation.organization_id == organization_id)
        .where(VendorInvitation.outcome == "", VendorInvitation.closes_at > now)
        .order_by(VendorInvitation.closes_at, VendorInvitation.id)
    )
    return tuple(_invitation(row) for row in session.scalars(statement))


def invite_member(
    session: Session,
    *,
    actor: Actor,
    email: str,
    role: InvitedRole,
    key: str,
    link: str,
    now: datetime,
) -> None:
    """Mail a link by which a person joins the actor's vendor. Raises Refused.

    key: of the link, guessed by nobody.
    """
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
    row = VendorInvitation(
        key=key,
        organization_id=organization_id,
        email=address,
        role=role.value,
        sent_at=now,
        sent_by=actor.label,
        closes_at=now + VALID_FOR,
    )
    session.add(row)
    session.flush()
    changes = {"invitation_id": row.id, "role": role.value}
    record(session, actor, "invite_member", "organization", organization_id, changes, now)


def revoke_invitation(
    session: Session, *, actor: Actor, invitation_id: int, now: datetime
) -> Invitation:
    """Take an open invitation back: its link leads nowhere from now on.

    Raises Refused for who manages no vendor, NotFound, Conflict where it was used or taken back.
    """
    organization_id = lock_managed(session, actor)
    row = session.get(VendorInvitation, invitation_id, populate_existing=True)
    if row is None or row.organization_id != organization_id or row.closes_at <= now:
        raise NotFound(f"invitation {invitation_id}")
    if row.outcome == _ACCEPTED:
        raise Conflict("この招待は、すでに受けられました。利用者の一覧を確かめてください。")
    if row.outcome:
        raise Conflict("この招待は、すでに取り消されています。")
    row.outcome = _REVOKED
    session.flush()
    changes = {"invitation_id": row.id, "role": row.role}
    record(session, actor, "revoke_invitation", "organization", organization_id, changes, now)
    return _invitation(row)


def forget_invitations(database: Database, now: datetime) -> None:
    """Delete invitations whose day is over: no address is kept longer than its link works."""
    over = VendorInvitation.closes_at <= now
    with database.read_session() as session:
        if session.scalar(select(VendorInvitation.id).where(over).limit(1)) is None:
            return
    with database.transaction() as session:
        session.execute(delete(VendorInvitation).where(over))


def find_standing(session: Session, invitation: Invitation, actor: Actor) -> tuple[str, Standing]:
    """The vendor's name and how the reader can come in. Raises NotFound, Refused where merged."""
    name = _get_name(session, invitation.organization_id)
    closed = {_ACCEPTED: Standing.USED, _REVOKED: Standing.REVOKED}.get(invitation.outcome)
    user = session.scalar(select(User).where(User.email == invitation.email))
    if user is None:
        return name, closed or Standing.NEW
    kinds = (
        select(Organization.id, Organization.kind)
        .join(Membership, Membership.organization_id == Organization.id)
        .where(Membership.user_id == user.id)
    )
    own = {organization_id: kind for organization_id, kind in session.execute(kinds)}
    if invitation.organization_id in own:
        return name, Standing.MEMBER
    if closed is not None:
        return name, closed
    if set(own.values()) - {OrganizationKind.VENDOR.value}:
        return name, Standing.OTHER_SIDE
    return name, Standing.ACCEPT if actor.user_id == user.id else Standing.SIGN_IN


def join_vendor(session: Session, *, invitation: Invitation, person: Person, now: datetime) -> None:
    """A new account among the vendor's people. Raises Refused, NotFound."""
    name = _use_up(session, invitation, VISITOR, Standing.NEW)
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
    name = _use_up(session, invitation, actor, Standing.ACCEPT)
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


def _use_up(session: Session, invitation: Invitation, actor: Actor, needed: Standing) -> str:
    """The vendor's name; every open invitation of that address to it counts as accepted.

    The organisation's row is the lock: a link opened twice, or taken back meanwhile, counts once.
    Raises Refused for whoever does not stand as needed, NotFound.
    """
    session.get(Organization, invitation.organization_id, with_for_update=True)
    statement = select(VendorInvitation).where(
        VendorInvitation.organization_id == invitation.organization_id,
        VendorInvitation.email == invitation.email,
    )
    rows = list(session.scalars(statement.execution_options(populate_existing=True)))
    own = [row for row in rows if row.id == invitation.id]
    if not own:
        raise NotFound(f"invitation {invitation.id}")
    name, standing = find_standing(session, _invitation(own[0]), actor)
    if standing is not needed:
        raise refuse("not_invited", standing.label or "招待を受けられません。")
    for row in rows:
        row.outcome = row.outcome or _ACCEPTED
    session.flush()
    return name


def _invitation(row: VendorInvitation) -> Invitation:
    return Invitation(
        id=row.id,
        key=row.key,
        email=row.email,
        organization_id=row.organization_id,
        role=InvitedRole(row.role),
        closes_at=row.closes_at,
        outcome=row.outcome,
    )


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
