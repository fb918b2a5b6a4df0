"""Cases filled in by another package: begun, kept up to date, and not handed in too early."""

import secrets
from collections.abc import Callable
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from catalog.case_drafting.contents import Content, content_of, new_content
from catalog.case_drafting.models import CaseDraft
from catalog.models import Case
from foundation.errors import Blocker

_DRAFT, _SUBMITTED, _PUBLISHED = "draft", "submitted", "published"
DraftCheck = Callable[[Session, int], list[Blocker]]
_draft_checks: list[DraftCheck] = []


def register_draft_check(check: DraftCheck) -> None:
    """A higher package says what else stands in the way of handing in a draft; called once."""
    if check not in _draft_checks:
        _draft_checks.append(check)


def list_outside_faults(session: Session, draft_id: int) -> list[Blocker]:
    """What higher packages say against handing in this draft."""
    return [fault for check in _draft_checks for fault in check(session, draft_id)]


def start_filled_case(
    session: Session, *, organization_id: int, content: Content, now: datetime, by: str
) -> CaseDraft:
    """A draft of that organisation, filled in from what another package knows.

    by: whose act brought it about. Who acts records it: one act, one event.
    """
    draft = CaseDraft(
        key=f"case-{secrets.token_hex(6)}",
        organization_id=organization_id,
        content=new_content() | content,
        status=_DRAFT,
        updated_at=now,
        updated_by=by,
    )
    session.add(draft)
    session.flush()
    return draft


def fill_case(
    session: Session, *, draft_id: int, before: Content, after: Content, now: datetime, by: str
) -> tuple[str, ...]:
    """Put what changed into a draft; the keys of the fields that changed.

    before: what was filled in last time. What a person has written over since stays as it is.
    A published case becomes a draft again; a submission that waits is left to the operator.
    """
    draft = session.scalars(
        select(CaseDraft).where(CaseDraft.id == draft_id).with_for_update()
    ).one()
    content = dict(draft.content)
    if draft.case_id is not None and draft.status == _PUBLISHED:
        content = content_of(session.get_one(Case, draft.case_id))
    empty = new_content()
    changed = tuple(
        key
        for key, value in after.items()
        if value != content.get(key) and content.get(key) in (before.get(key), empty.get(key))
    )
    if not changed or draft.status == _SUBMITTED:
        return ()
    draft.content = content | {key: after[key] for key in changed}
    draft.status = _DRAFT
    draft.updated_at, draft.updated_by = now, by
    session.flush()
    return changed
