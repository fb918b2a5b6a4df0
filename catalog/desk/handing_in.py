"""Handing in several drafts in one step: each for itself, by the rules of a single one."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from accounts.roles import Actor
from catalog.criterion import Review
from catalog.desk.changes import Names, list_changes, review_of
from catalog.desk.contents import Content, content_of, sha256_of
from catalog.desk.drafts import get_own_vendor, list_content_blockers
from catalog.desk.models import OfferingDraft, OfferingReview, OfferingSubmission
from catalog.desk.submissions import Seen, Verdict, submit_offering
from catalog.entries import PublicationStatus
from catalog.models import Offering, OfferingVersion, SystemType
from foundation.errors import Conflict, NotFound, Refused

MOST_SHOWN = 50
MOST_REASONS = 5
_NO_NAMES = Names(system_types={}, vendors={})


@dataclass(frozen=True, kw_only=True)
class ReadyDraft:
    """A draft that is not handed in as it stands. review: how it would be looked at.

    reasons: why it cannot be handed in yet. replaces: an earlier submission of it waits.
    returned: it was sent back just as it is.
    """

    id: int
    name: str
    fictional: bool
    seen: Seen
    review: Review
    changed: tuple[str, ...]
    reasons: tuple[str, ...]
    replaces: bool
    returned: bool


@dataclass(frozen=True, kw_only=True)
class HandedIn:
    """What became of one draft. version: published at once as; None where it waits or stays."""

    id: int
    name: str
    version: int | None = None
    reasons: tuple[str, ...] = ()


def list_ready(session: Session, actor: Actor) -> tuple[ReadyDraft, ...]:
    """The drafts of the actor's vendor which say something new, the longest untouched first.

    At most MOST_SHOWN. Raises NotFound. Few queries, however many drafts.
    """
    vendor = get_own_vendor(session, actor)
    current = (OfferingVersion.offering_id == Offering.id) & (
        OfferingVersion.number == Offering.current_version
    )
    statement = (
        select(Offering, OfferingDraft, OfferingVersion)
        .join(OfferingDraft, OfferingDraft.offering_id == Offering.id)
        .outerjoin(OfferingVersion, current)
        .where(Offering.vendor_id == vendor.id)
        .order_by(OfferingDraft.updated_at, Offering.id)
    )
    found = session.execute(statement).all()
    ids = [offering.id for offering, _draft, _version in found]
    waiting, returned = _waiting(session, ids), _returned(session, ids)
    # Every entry asks for its kind: all are held while the reasons are looked for.
    _held = session.scalars(select(SystemType)).all()
    ready: list[ReadyDraft] = []
    for offering, draft, version in found:
        content = dict(draft.content)
        before = content_of(version) if version is not None else None
        own = sha256_of(content)
        if waiting.get(offering.id) == own or (before is not None and sha256_of(before) == own):
            continue
        if len(ready) < MOST_SHOWN:
            one = _ready(session, offering, content, before)
            ready.append(
                replace(
                    one, replaces=offering.id in waiting, returned=(offering.id, own) in returned
                )
            )
    return tuple(ready)


def hand_in(
    session: Session, *, actor: Actor, now: datetime, chosen: dict[int, Seen], change_note: str
) -> tuple[HandedIn, ...]:
    """Hand in each chosen draft as it was seen; what became of each.

    One that is refused or was changed meanwhile stays as it is and keeps no other back.
    """
    vendor = get_own_vendor(session, actor)
    return tuple(
        _hand_in(session, actor, now, offering_id, seen, change_note)
        for offering_id, seen in chosen.items()
        if _is_own(session, vendor.id, offering_id)
    )


def _hand_in(
    session: Session, actor: Actor, now: datetime, offering_id: int, seen: Seen, change_note: str
) -> HandedIn:
    name = session.get_one(Offering, offering_id).name
    try:
        submission = submit_offering(
            session,
            actor=actor,
            now=now,
            offering_id=offering_id,
            seen=seen,
            change_note=change_note,
        )
    except Refused as refused:
        reasons = _first([blocker.message for blocker in refused.blockers])
        return HandedIn(id=offering_id, name=name, reasons=reasons)
    except (Conflict, NotFound) as error:
        return HandedIn(id=offering_id, name=name, reasons=(str(error),))
    return HandedIn(id=offering_id, name=submission.content["name"], version=submission.version)


def _is_own(session: Session, vendor_id: int, offering_id: int) -> bool:
    offering = session.get(Offering, offering_id)
    return offering is not None and offering.vendor_id == vendor_id


def _ready(
    session: Session, offering: Offering, content: Content, before: Content | None
) -> ReadyDraft:
    changes = list_changes(before, content, _NO_NAMES) if before else ()
    shown = offering.publication_status == PublicationStatus.PUBLISHED.value
    review = review_of(changes) if before and shown else Review.BEFORE
    blockers = list_content_blockers(session, offering, content)
    return ReadyDraft(
        id=offering.id,
        name=content["name"],
        fictional=offering.fictional,
        seen=Seen(content_sha256=sha256_of(content), version=offering.current_version),
        review=review,
        changed=tuple(dict.fromkeys(change.label for change in changes)),
        reasons=_first([blocker.message for blocker in blockers]),
        replaces=False,
        returned=False,
    )


def _waiting(session: Session, offering_ids: Sequence[int]) -> dict[int, str]:
    """By entry, the hash of the submission that waits for review before publication."""
    statement = (
        select(OfferingSubmission.offering_id, OfferingSubmission.content_sha256)
        .outerjoin(OfferingReview, OfferingReview.submission_id == OfferingSubmission.id)
        .where(OfferingSubmission.offering_id.in_(offering_ids))
        .where(OfferingSubmission.review == Review.BEFORE.value)
        .where(OfferingReview.submission_id.is_(None))
        .order_by(OfferingSubmission.id)
    )
    return {offering_id: sha256 for offering_id, sha256 in session.execute(statement)}


def _returned(session: Session, offering_ids: Sequence[int]) -> set[tuple[int, str]]:
    """(entry, hash) of everything that was sent back."""
    statement = (
        select(OfferingSubmission.offering_id, OfferingSubmission.content_sha256)
        .join(OfferingReview, OfferingReview.submission_id == OfferingSubmission.id)
        .where(OfferingSubmission.offering_id.in_(offering_ids))
        .where(OfferingReview.verdict == Verdict.SENT_BACK.value)
    )
    return {(offering_id, sha256) for offering_id, sha256 in session.execute(statement)}


def _first(reasons: Sequence[str]) -> tuple[str, ...]:
    more = len(reasons) - MOST_REASONS
    rest = [f"ほかに{more}件"] if more > 0 else []
    return (*reasons[:MOST_REASONS], *rest)
