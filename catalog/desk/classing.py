"""What an entry counts as under the policy before anybody reads it: suggested when it is handed
in, confirmed by the operator beside the submission, carried on when it is published (F03).
"""

from dataclasses import dataclass, replace
from datetime import date, datetime

from sqlalchemy.orm import Session

from accounts.roles import Actor
from catalog.desk.contents import Content
from catalog.desk.models import OfferingSubmission
from catalog.desk.waiting import find_waiting
from catalog.entries import PublicationStatus
from catalog.models import Offering, SystemType, Vendor
from catalog.policy import PolicyScope, ScopeSuggestion, suggest_scope
from catalog.policy_confirming import ClassAnswer, Confirmed, confirm_offering_subject
from catalog.policy_history import (
    OFFERING,
    Subject,
    class_offering,
    get_offering_subject,
    note_changed,
    note_if_new,
)
from catalog.queries.policy import list_valid_items
from foundation.clock import jst_today


@dataclass(frozen=True, kw_only=True)
class Classed:
    """What is confirmed. submission_id: of the first one, which nobody published yet, or None."""

    subject: Subject
    submission_id: int | None = None


def get_classed(session: Session, offering_id: int, today: date) -> Classed:
    """A published or suspended entry; else the first submission of it that waits.

    Raises NotFound for one that was never handed in, was given back, or has ended.
    """
    offering = session.get(Offering, offering_id)
    waits = PublicationStatus.SUBMITTED.value
    if offering is not None and offering.publication_status == waits:
        submission = find_waiting(session, offering_id)
        if submission is not None:
            subject = _subject_of(session, offering, submission, today)
            return Classed(subject=subject, submission_id=submission.id)
    return Classed(subject=get_offering_subject(session, offering_id, today))


def confirm_entry_class(
    session: Session, *, actor: Actor, now: datetime, offering_id: int, answer: ClassAnswer
) -> Confirmed:
    """The operator's word on an entry, public or handed in. Raises NotFound, Conflict, Refused."""
    subject = get_classed(session, offering_id, jst_today(now)).subject
    return confirm_offering_subject(session, actor=actor, now=now, subject=subject, answer=answer)


def note_submitted_class(
    session: Session, offering: Offering, submission: OfferingSubmission, now: datetime
) -> None:
    """Keep what the tables suggest of what was handed in, where it is not what was kept last."""
    subject = _subject_of(session, offering, submission, jst_today(now))
    note_if_new(session, OFFERING, subject, now)


def suggest_draft_class(
    session: Session, content: Content, kind_scope: str, today: date
) -> ScopeSuggestion:
    """What the tables suggest of what is being written; nothing is kept of it. One query.

    kind_scope: what its system type counts as by itself.
    """
    words = f"{content['name']} {content['summary']}"
    return suggest_scope(kind_scope, words, list_valid_items(session, today))


def note_published_class(session: Session, offering_id: int, now: datetime) -> None:
    """Keep what the tables suggest of what readers see from now on; another class is told of."""
    note_changed(session, OFFERING, get_offering_subject(session, offering_id, jst_today(now)), now)


def _subject_of(
    session: Session, offering: Offering, submission: OfferingSubmission, today: date
) -> Subject:
    content = submission.content
    kind = session.get(SystemType, content["system_type_code"])
    found = class_offering(
        offering,
        name=content["name"],
        summary=content["summary"],
        category_scope=kind.policy_scope if kind else PolicyScope.UNDETERMINED.value,
        organization_id=session.get_one(Vendor, offering.vendor_id).organization_id,
        items=list_valid_items(session, today),
    )
    # Whoever confirms has this very submission before its eyes, not a later one.
    return replace(found, content_sha256=submission.content_sha256)
