"""Organisations of the example as actors, so that example projects walk the real services."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from accounts.models import Organization
from accounts.roles import Actor, OrganizationKind, Role

EXAMPLE_NAME = "見本データ"
_ROLES = {
    OrganizationKind.PREFECTURE: frozenset({Role.PREFECTURE_COORDINATOR}),
    OrganizationKind.MUNICIPALITY: frozenset({Role.MUNICIPAL_STAFF, Role.MUNICIPAL_MANAGER}),
    OrganizationKind.COUNCIL: frozenset({Role.MUNICIPAL_STAFF, Role.MUNICIPAL_MANAGER}),
}


def actor_of(session: Session, key: str) -> Actor:
    """The organisation with that body code or alternate key, acting with all its people's roles.

    Raises NoResultFound when the reference and example data are not loaded.
    """
    organization = session.scalars(
        select(Organization).where(
            (Organization.body_code == key) | (Organization.alternate_key == key)
        )
    ).one()
    kind = OrganizationKind(organization.kind)
    return Actor(
        name=EXAMPLE_NAME,
        organization_id=organization.id,
        organization_kind=kind,
        organization_name=organization.name,
        roles=_ROLES[kind],
        body_code=organization.body_code,
        prefecture_code=organization.prefecture_code,
        fictional=organization.fictional,
    )
