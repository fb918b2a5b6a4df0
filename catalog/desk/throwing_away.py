"""A draft nobody but its vendor ever saw is thrown away, with its uploads.

What was handed in stays: submissions are written once, and so is what became of them.
"""

from datetime import datetime

from sqlalchemy import delete, exists, select
from sqlalchemy.orm import Session

from accounts.audit import record
from accounts.roles import Actor
from catalog.desk.contents import sha256_of
from catalog.desk.drafts import current_content, find_own_offering, get_own_offering
from catalog.desk.models import OfferingDraft, OfferingSubmission
from catalog.entries import PublicationStatus
from catalog.models import Offering, StoredFile, case_offering
from foundation.errors import Blocker, Conflict, Refused

_PUBLISHED = (
    "公開されたことのある掲載は捨てられません。公開中の掲載は「掲載を終了する」で終えられます。"
)
_HANDED_IN = "運営者に提出したことのある掲載は、提出の記録が残るため捨てられません。"
_LINKED = "運営者が調達事例と結び付けているため捨てられません。運営者に連絡してください。"


def list_draft_blockers(session: Session, actor: Actor, offering_id: int) -> list[Blocker]:
    """Every reason why its vendor cannot throw this entry away. Raises NotFound."""
    return _list_blockers(session, find_own_offering(session, actor, offering_id))


def throw_draft_away(
    session: Session, *, actor: Actor, now: datetime, offering_id: int, seen_sha256: str
) -> str:
    """The entry, its draft and its uploads are gone; its name is given back.

    seen_sha256: the hash of the draft as it was shown. The files' contents are removed by the
    day's tidying; nothing leads to them from now on. Raises Conflict, Refused, NotFound.
    """
    offering = get_own_offering(session, actor, offering_id)
    blockers = _list_blockers(session, offering)
    if blockers:
        raise Refused(blockers)
    draft = session.get(OfferingDraft, offering.id)
    if sha256_of(current_content(session, offering, draft)) != seen_sha256:
        raise Conflict("ほかの人が先に変更しました。変更後の内容を確かめてください。")
    key, name = offering.key, offering.name
    if draft is not None:
        session.delete(draft)
    session.execute(delete(StoredFile).where(StoredFile.offering_id == offering.id))
    session.flush()
    session.delete(offering)
    session.flush()
    changes = {"key": key, "name": name}
    record(session, actor, "throw_draft_away", "offering", offering_id, changes, now)
    return name


def _list_blockers(session: Session, offering: Offering) -> list[Blocker]:
    submitted = exists().where(OfferingSubmission.offering_id == offering.id)
    linked = exists().where(case_offering.c.offering_id == offering.id)
    handed_in, in_case = session.execute(select(submitted, linked)).one()
    published = offering.current_version > 0
    never_left = offering.publication_status == PublicationStatus.DRAFT.value
    reasons = (
        ("published", published, _PUBLISHED),
        ("handed_in", not published and (handed_in or not never_left), _HANDED_IN),
        ("linked", in_case, _LINKED),
    )
    return [Blocker(code=code, message=message) for code, holds, message in reasons if holds]
