"""Example users: one for every role, only where the installation is an example."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from accounts.models import Membership, Organization, User
from accounts.roles import ROLE_LABELS, SYSTEM, Role
from accounts.services import NewUser, create_user
from foundation.errors import refuse

# Printed on the sign-in page of an example: it protects nothing.
EXAMPLE_PASSWORD = "moyai-example-2026"


@dataclass(frozen=True, kw_only=True)
class ExampleUserRow:
    """A sign-in to try the product with."""

    email: str
    name: str
    organization_name: str
    role_label: str
    fictional: bool
    password: str = EXAMPLE_PASSWORD


def create_example_users(
    session: Session,
    rows: Iterable[Mapping[str, str]],
    *,
    example_mode: object,
    password_hash: str,
    now: datetime,
) -> int:
    """Make the users of the rows (email, name, organization, role); how many are new.

    organization: a body's code, a corporate number or an alternate key. password_hash: that
    of EXAMPLE_PASSWORD, made once outside the transaction. Refused outside the example mode.
    """
    if not example_mode:
        raise refuse("example_mode", "見本の利用者は、試用環境の外では作成できません。")
    made = 0
    for row in rows:
        if session.scalar(select(User.id).where(User.email == row["email"])):
            continue
        create_user(
            session,
            new=NewUser(
                email=row["email"], name=row["name"], password_hash=password_hash, example=True
            ),
            organization_id=get_organization_id(session, row["organization"]),
            roles=[Role(name) for name in row["role"].split("|")],
            actor=SYSTEM,
            now=now,
        )
        made += 1
    return made


def get_organization_id(session: Session, key: str) -> int:
    """The organisation with that body code, corporate number or alternate key; LookupError."""
    found = session.scalar(
        select(Organization.id).where(
            (Organization.body_code == key)
            | (Organization.corporate_number == key)
            | (Organization.alternate_key == key)
        )
    )
    if found is None:
        raise LookupError(f"no organisation {key}")
    return found


def list_example_users(session: Session) -> list[ExampleUserRow]:
    """Every example user with one line per role."""
    rows = session.execute(
        select(User.email, User.name, Organization.name, Organization.fictional, Membership.role)
        .join(Membership, Membership.user_id == User.id)
        .join(Organization, Organization.id == Membership.organization_id)
        .where(User.example, User.active)
        .order_by(User.id, Membership.id)
    )
    return [
        ExampleUserRow(
            email=email,
            name=name,
            organization_name=organization,
            role_label=ROLE_LABELS[Role(role)],
            fictional=fictional,
        )
        for email, name, organization, fictional, role in rows
    ]
