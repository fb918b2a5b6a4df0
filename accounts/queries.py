"""Reading who acts: users, their memberships, their inbox and audit events."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import Select, bindparam, func, select
from sqlalchemy.orm import Session

from accounts.models import Membership, Organization, User
from accounts.roles import ROLE_LABELS, Actor, OrganizationKind, Role
from foundation.audit import AuditEvent
from foundation.mail import Notice, notices_of
from foundation.paging import Page, paginate

NOTICES_A_PAGE = 20
EVENTS_A_PAGE = 50


@dataclass(frozen=True, kw_only=True)
class MembershipRow:
    """One organisation a user belongs to, with every role held there."""

    organization_id: int
    organization_name: str
    organization_kind: OrganizationKind
    roles: frozenset[Role]
    body_code: str | None
    prefecture_code: str | None
    fictional: bool

    @property
    def role_labels(self) -> str:
        return "、".join(label for role, label in ROLE_LABELS.items() if role in self.roles)


@dataclass(frozen=True, kw_only=True)
class UserRow:
    """A person's own data, as the account page shows them."""

    id: int
    name: str
    email: str
    example: bool
    memberships: tuple[MembershipRow, ...]


def find_user_by_token(session: Session, token: str) -> UserRow | None:
    """The active user whose sessions carry this token, with the memberships. One query."""
    rows = session.execute(_user_by_token(), {"token": token}).all()
    if not rows:
        return None
    user = rows[0]
    return UserRow(
        id=user.user_id,
        name=user.user_name,
        email=user.email,
        example=user.example,
        memberships=_memberships(row for row in rows if row.role is not None),
    )


# Asked for every page a person reads: put together once.
@cache
def _user_by_token() -> Select[*tuple[Any, ...]]:
    """A row for each role of the user, one without a role for who has none."""
    return (
        select(
            User.id.label("user_id"),
            User.name.label("user_name"),
            User.email,
            User.example,
            Membership.role,
            Organization.id,
            Organization.name,
            Organization.kind,
            Organization.body_code,
            Organization.prefecture_code,
            Organization.fictional,
        )
        .outerjoin(Membership, Membership.user_id == User.id)
        .outerjoin(Organization, Organization.id == Membership.organization_id)
        .where(User.session_token == bindparam("token"), User.active)
        .order_by(Membership.id)
    )


def _memberships(rows: Iterable[Any]) -> tuple[MembershipRow, ...]:
    """The user's organisations in the order they were joined, roles gathered."""
    roles: dict[int, set[Role]] = defaultdict(set)
    organizations: dict[int, Any] = {}
    for row in rows:
        roles[row.id].add(Role(row.role))
        organizations[row.id] = row
    return tuple(
        _membership_row(organization, frozenset(roles[organization.id]))
        for organization in organizations.values()
    )


def _membership_row(organization: Any, roles: frozenset[Role]) -> MembershipRow:
    return MembershipRow(
        organization_id=organization.id,
        organization_name=organization.name,
        organization_kind=OrganizationKind(organization.kind),
        roles=roles,
        body_code=organization.body_code,
        prefecture_code=organization.prefecture_code,
        fictional=organization.fictional,
    )


def actor_of(user: UserRow, organization_id: int | None = None) -> Actor:
    """The user acting for one of their organisations: the one named, else the first."""
    chosen = [row for row in user.memberships if row.organization_id == organization_id]
    row = next(iter(chosen or user.memberships), None)
    if row is None:
        return Actor(user_id=user.id, name=user.name)
    return Actor(
        user_id=user.id,
        name=user.name,
        organization_id=row.organization_id,
        organization_kind=row.organization_kind,
        organization_name=row.organization_name,
        roles=row.roles,
        body_code=row.body_code,
        prefecture_code=row.prefecture_code,
        fictional=row.fictional,
    )


def get_password_hash(session: Session, actor: Actor) -> str:
    """The hash the actor's password is checked against."""
    statement = select(User.password_hash).where(User.id == actor.user_id)
    return session.scalars(statement).one()


def get_actor(session: Session, email: str, organization_id: int | None = None) -> Actor:
    """The actor behind an address; LookupError if there is none (tests, commands)."""
    token = session.scalar(select(User.session_token).where(User.email == email))
    user = find_user_by_token(session, token) if token else None
    if user is None:
        raise LookupError(email)
    return actor_of(user, organization_id)


@dataclass(frozen=True, kw_only=True)
class NoticeRow:
    """A notice of the inbox."""

    id: int
    title: str
    body: str
    url: str
    created_at: datetime
    read_at: datetime | None


def count_unread(session: Session, actor: Actor) -> int:
    """How many notices wait to be read."""
    mine = notices_of(actor.user_id, actor.organization_id)
    statement = select(func.count()).select_from(Notice).where(mine, Notice.read_at.is_(None))
    return session.scalar(statement) or 0


def list_notices(session: Session, actor: Actor, page: int) -> Page[NoticeRow]:
    """The actor's own notices and those of the organisation, newest first."""
    statement = (
        select(Notice)
        .where(notices_of(actor.user_id, actor.organization_id))
        .order_by(Notice.created_at.desc(), Notice.id.desc())
    )
    return paginate(session, statement, page=page, size=NOTICES_A_PAGE, make_row=_notice_row)


def _notice_row(found: Any) -> NoticeRow:
    notice: Notice = found[0]
    return NoticeRow(
        id=notice.id,
        title=notice.title,
        body=notice.body,
        url=notice.url,
        created_at=notice.created_at,
        read_at=notice.read_at,
    )


@dataclass(frozen=True, kw_only=True)
class AuditRow:
    """An event of the audit chain as the auditor's page shows it."""

    seq: int
    at: datetime
    actor_label: str
    action: str
    subject: str
    changes: dict[str, Any]
    hash: str


def list_audit_events(session: Session, organization_id: int | None, page: int) -> Page[AuditRow]:
    """Events newest first: one organisation's, or all of them where it is None."""
    statement = select(AuditEvent).order_by(AuditEvent.seq.desc())
    if organization_id is not None:
        statement = statement.where(AuditEvent.organization_id == organization_id)
    return paginate(session, statement, page=page, size=EVENTS_A_PAGE, make_row=_audit_row)


def _audit_row(found: Any) -> AuditRow:
    entry: AuditEvent = found[0]
    return AuditRow(
        seq=entry.seq,
        at=entry.at,
        actor_label=entry.actor_label,
        action=entry.action,
        subject=f"{entry.subject_type} {entry.subject_id}",
        changes=entry.changes,
        hash=entry.hash,
    )
