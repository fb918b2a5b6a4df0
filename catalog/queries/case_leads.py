"""Which organisation leads a case: a body by its code, a council by its own number."""

from sqlalchemy import ColumnElement, and_, or_

from accounts.models import Organization
from catalog.models import Case


def leads_case() -> ColumnElement[bool]:
    """To join a case with its lead's organisation: at most one, none where nobody of it is here."""
    return or_(
        Organization.body_code == Case.lead_body_code,
        and_(Case.lead_body_code.is_(None), Organization.id == Case.lead_organization_id),
    )
