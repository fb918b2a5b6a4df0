"""Reading who acts: users, their memberships, their example sign-ins."""

from collections import defaultdict
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from accounts.models import Membership, Organization, User
from accounts.roles import ROLE_LABELS, Actor, OrganizationKind, Role


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
    """The active user whose sessions carry this token."""
    user = session.scalar(select(User).where(User.session_token == token, User.active))
    if user is None:
        return None
    return UserRow(
        id=user.id,
        name=user.name,
        email=user.email,
        example=user.example,
        memberships=list_memberships(session, user.id),
    )


def list_memberships(session: Session, user_id: int) -> tuple[MembershipRow, ...]:
    """The user's organisations in the order they were joined, roles gathered."""
    rows = session.execute(
        select(Membership.role, Organization)
        .join(Organization, Membership.organization_id == Organization.id)
        .where(Membership.user_id == user_id)
        .order_by(Membership.id)
    ).all()
    roles: dict[int, set[Role]] = defaultdict(set)
    organizations: dict[int, Organization] = {}
    for role, organization in rows:
        roles[organization.id].add(Role(role))
        organizations[organization.id] = organization
    return tuple(
        _membership_row(organization, frozenset(roles[organization.id]))
        for organization in organizations.values()
    )


def _membership_row(organization: Organization, roles: frozenset[Role]) -> MembershipRow:
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


def get_actor(session: Session, email: str, organization_id: int | None = None) -> Actor:
    """The actor behind an address; LookupError if there is none (tests, commands)."""
    token = session.scalar(select(User.session_token).where(User.email == email))
    user = find_user_by_token(session, token) if token else None
    if user is None:
        raise LookupError(email)
    return actor_of(user, organization_id)
