"""What of an entry waits for review."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from catalog.criterion import Review
from catalog.desk.models import OfferingReview, OfferingSubmission


def find_waiting(session: Session, offering_id: int) -> OfferingSubmission | None:
    """The submission of the entry that waits for review before publication."""
    statement = (
        select(OfferingSubmission)
        .outerjoin(OfferingReview, OfferingReview.submission_id == OfferingSubmission.id)
        .where(OfferingSubmission.offering_id == offering_id)
        .where(OfferingSubmission.review == Review.BEFORE.value)
        .where(OfferingReview.submission_id.is_(None))
        .order_by(OfferingSubmission.id.desc())
        .limit(1)
    )
    return session.scalar(statement)
