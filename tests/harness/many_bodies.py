"""Very many bodies, each with its manager, in a few statements."""

from itertools import islice

from sqlalchemy import select
from sqlalchemy.orm import Session

from accounts.models import LocalBody, Membership, Organization, User
from accounts.roles import Actor, OrganizationKind, Role
from tests.harness.builders import NOW, body_code

POPULATION = 20_000


def make_managers(session: Session, count: int) -> dict[str, Actor]:
    """Managers of that many new towns (free codes of prefecture 99), by the code."""
    taken = set(session.scalars(select(LocalBody.code)))
    free = (code for n in range(1, 1000) if (code := body_code(f"99{n:03d}")) not in taken)
    codes = list(islice(free, count))
    session.add_all(_body(code) for code in codes)
    session.flush()
    places = {code: _organization(code) for code in codes}
    people = {code: _user(code) for code in codes}
    session.add_all([*places.values(), *people.values()])
    session.flush()
    role = Role.MUNICIPAL_MANAGER
    session.add_all(
        Membership(user_id=people[code].id, organization_id=places[code].id, role=role)
        for code in codes
    )
    session.flush()
    return {code: _actor(people[code], places[code]) for code in codes}


def _body(code: str) -> LocalBody:
    return LocalBody(
        code=code,
        name=f"架空{code}町",
        kana="",
        kind="town",
        prefecture_code="99",
        prefecture_name="架空県",
        population_census_2020=POPULATION,
        population_register_2025=POPULATION,
        households_2020=POPULATION // 2,
        fictional=True,
    )


def _organization(code: str) -> Organization:
    return Organization(
        kind="municipality",
        name=f"架空{code}町",
        body_code=code,
        prefecture_code="99",
        fictional=True,
    )


def _user(code: str) -> User:
    return User(
        email=f"manager{code}@moyai.example",
        name=f"決裁者 {code}",
        password_hash="!",
        session_token=f"many-{code}",
        created_at=NOW,
    )


def _actor(user: User, place: Organization) -> Actor:
    return Actor(
        user_id=user.id,
        name=user.name,
        organization_id=place.id,
        organization_kind=OrganizationKind(place.kind),
        organization_name=place.name,
        roles=frozenset({Role.MUNICIPAL_MANAGER}),
        body_code=place.body_code,
        prefecture_code=place.prefecture_code,
        fictional=place.fictional,
    )
