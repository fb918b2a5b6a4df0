"""What people do with accounts: make users, change passwords, end sessions, read notices."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, select, update
from sqlalchemy.orm import Session

from accounts.audit import record
from accounts.models import Membership, Organization, User
from accounts.roles import Actor, OrganizationKind, Role
from accounts.signin import new_token, normalize_email
from foundation.errors import Conflict, NotFound, refuse
from foundation.mail import Notice, notices_of

# Which roles an organisation can give its people (domain §8).
ROLES_OF_KIND: dict[OrganizationKind, frozenset[Role]] = {
    OrganizationKind.PREFECTURE: frozenset({Role.PREFECTURE_COORDINATOR}),
    OrganizationKind.MUNICIPALITY: frozenset({Role.MUNICIPAL_STAFF, Role.MUNICIPAL_MANAGER}),
    OrganizationKind.ASSOCIATION: frozenset({Role.MUNICIPAL_STAFF, Role.MUNICIPAL_MANAGER}),
    OrganizationKind.COUNCIL: frozenset({Role.MUNICIPAL_STAFF, Role.MUNICIPAL_MANAGER}),
    OrganizationKind.VENDOR: frozenset({Role.VENDOR_STAFF, Role.VENDOR_MANAGER}),
    OrganizationKind.MINISTRY: frozenset({Role.MINISTRY_REPORTER}),
    OrganizationKind.OPERATOR: frozenset({Role.OPERATOR, Role.AUDITOR, Role.JUDGE}),
}


@dataclass(frozen=True, kw_only=True)
class NewUser:
    """A person to be given an account. password_hash: made outside the transaction."""

    email: str
    name: str
    password_hash: str
    example: bool = False


def create_user(
    session: Session,
    *,
    new: NewUser,
    organization_id: int,
    roles: Iterable[Role],
    actor: Actor,
    now: datetime,
) -> int:
    """Give a person an account in an organisation; the user's number.

    Refused when the address is taken or the organisation cannot give such a role.
    """
    organization = session.get(Organization, organization_id)
    if organization is None:
        raise NotFound
    roles = sorted(set(roles))
    _check_roles(organization, roles)
    email = normalize_email(new.email)
    if session.scalar(select(User.id).where(User.email == email)):
        raise refuse("email_taken", "このメールアドレスは既に登録されています。", "email")
    user = User(
        email=email,
        name=new.name,
        password_hash=new.password_hash,
        session_token=new_token(),
        example=new.example,
        created_at=now,
    )
    session.add(user)
    session.flush()
    for role in roles:
        session.add(Membership(user_id=user.id, organization_id=organization_id, role=role))
    changes = {"organization_id": organization_id, "roles": roles, "example": new.example}
    record(session, actor, "create_user", "user", user.id, changes, now)
    return user.id


def _check_roles(organization: Organization, roles: list[Role]) -> None:
    possible = ROLES_OF_KIND[OrganizationKind(organization.kind)]
    # A judge is invited from anywhere (domain §8).
    wrong = [role for role in roles if role not in possible and role is not Role.JUDGE]
    if wrong or not roles:
        raise refuse("role", f"「{organization.name}」ではこの役割を選べません。", "role")


def change_password(
    session: Session, *, actor: Actor, old_hash: str, new_hash: str, now: datetime
) -> str:
    """Replace the password and end every session; the token of the new one.

    old_hash: the hash the old password was checked against; Conflict if it changed since.
    """
    user = _own_user(session, actor)
    if user.password_hash != old_hash:
        raise Conflict("ほかの画面でパスワードが先に変更されました。")
    user.password_hash = new_hash
    user.session_token = new_token()
    record(session, actor, "change_password", "user", user.id, {}, now)
    return user.session_token


def sign_out_everywhere(session: Session, *, actor: Actor, now: datetime) -> None:
    """End every session of the actor, on every machine."""
    user = _own_user(session, actor)
    user.session_token = new_token()
    record(session, actor, "sign_out_everywhere", "user", user.id, {}, now)


def _own_user(session: Session, actor: Actor) -> User:
    user = session.get(User, actor.user_id, with_for_update=True)
    if user is None:
        raise NotFound
    return user


def mark_notice_read(session: Session, *, actor: Actor, notice_id: int, now: datetime) -> str:
    """Mark one of the actor's notices read; the address it leads to. NotFound for others'."""
    notice = session.scalar(select(Notice).where(Notice.id == notice_id, _own_notices(actor)))
    if notice is None:
        raise NotFound
    if notice.read_at is None:
        notice.read_at = now
        session.flush()
    return notice.url


def mark_all_notices_read(session: Session, *, actor: Actor, now: datetime) -> None:
    """Mark every notice of the actor read."""
    session.execute(
        update(Notice).where(_own_notices(actor), Notice.read_at.is_(None)).values(read_at=now)
    )


def _own_notices(actor: Actor) -> ColumnElement[bool]:
    return notices_of(actor.user_id, actor.organization_id)
