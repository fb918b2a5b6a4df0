"""Telling every operator that something waits."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from accounts.models import Organization
from accounts.notices import tell_organization
from accounts.roles import OrganizationKind


def tell_operators(
    session: Session, *, title: str, url: str, now: datetime, body: str = ""
) -> None:
    """One notice and one mail an operator organisation. body: the title, where there is none."""
    kind = Organization.kind == OrganizationKind.OPERATOR.value
    for organization_id in session.scalars(select(Organization.id).where(kind)):
        tell_organization(
            session, organization_id, title=title, body=body or f"{title}。", url=url, now=now
        )
