"""Files a vendor gives with an entry: put into its draft, published with it, cleaned up after."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from accounts.audit import record
from accounts.roles import Actor
from catalog.desk import drafts
from catalog.desk.models import OfferingDraft, OfferingReview, OfferingSubmission
from catalog.entry_files import (
    MOST_FILES,
    MOST_TITLE,
    FileDisclosure,
    FileUse,
    files_of,
    find_file,
    with_files,
)
from catalog.models import Offering, OfferingVersion, StoredFile
from catalog.queries.files import FoundFile, locate
from foundation.clock import to_jst
from foundation.db import Database
from foundation.errors import NotFound, refuse
from foundation.settings import find_setting, put_setting
from foundation.uploads.recognise import clean_name, recognise
from foundation.uploads.store import FileStore

TIDIED_ON = "files_tidied_on"
# A file is written before the row that names it: younger ones may belong to a running request.
UNNAMED_FOR = timedelta(days=1)


@dataclass(frozen=True, kw_only=True)
class Upload:
    """A file as it was sent. name: as the sender calls it."""

    content: bytes
    name: str
    title: str
    use: FileUse
    disclosure: FileDisclosure


def add_file(
    session: Session,
    *,
    actor: Actor,
    now: datetime,
    offering_id: int,
    upload: Upload,
    store: FileStore,
) -> str:
    """Put the file into the entry's draft; its token. Readers get it with the next version.

    Raises Refused with the reason (kind, size, macros …), NotFound.
    """
    offering = drafts.get_own_offering(session, actor, offering_id)
    draft = session.get(OfferingDraft, offering.id)
    content = drafts.current_content(session, offering, draft)
    files = files_of(content)
    _check_title(upload)
    kind = recognise(upload.content, store.largest)
    sha256 = hashlib.sha256(upload.content).hexdigest()
    if len(files) >= MOST_FILES:
        raise refuse("too_many", f"ファイルは1件の掲載に{MOST_FILES}個までです。", "file")
    if any(file["sha256"] == sha256 for file in files):
        raise refuse("known", "同じ内容のファイルが、すでに添付されています。", "file")
    file = {
        "token": secrets.token_urlsafe(32),
        "use": upload.use.value,
        "title": upload.title.strip(),
        "disclosure": upload.disclosure.value,
        "name": clean_name(upload.name, kind),
        "media": kind.key,
        "size_bytes": len(upload.content),
        "sha256": sha256,
    }
    stored = StoredFile(
        token=file["token"],
        offering_id=offering.id,
        place=store.put(upload.content),
        sha256=sha256,
        uploaded_at=now,
        uploaded_by=actor.label,
    )
    session.add(stored)
    drafts.write_draft(session, offering, draft, with_files(content, [*files, file]), actor, now)
    changes = {"use": upload.use.value, "disclosure": upload.disclosure.value, "sha256": sha256}
    record(session, actor, "add_file", "offering", offering.id, changes, now)
    return stored.token


def remove_file(
    session: Session, *, actor: Actor, now: datetime, offering_id: int, token: str
) -> None:
    """Take the file out of the draft; published versions keep theirs. Raises NotFound."""
    offering = drafts.get_own_offering(session, actor, offering_id)
    draft = session.get(OfferingDraft, offering.id)
    content = drafts.current_content(session, offering, draft)
    gone = find_file(content, token)
    if gone is None:
        raise NotFound(f"file {token}")
    left = [file for file in files_of(content) if file["token"] != token]
    drafts.write_draft(session, offering, draft, with_files(content, left), actor, now)
    changes = {"use": gone["use"], "sha256": gone["sha256"]}
    record(session, actor, "remove_file", "offering", offering.id, changes, now)


def note_download(session: Session, *, actor: Actor, now: datetime, file: FoundFile) -> None:
    """Write down that a file not meant for everybody was given out."""
    changes = {"disclosure": file.row.disclosure.value, "sha256": file.row.sha256}
    record(session, actor, "download_file", "offering", file.offering_id, changes, now)


def get_own_file(session: Session, actor: Actor, offering_id: int, token: str) -> FoundFile:
    """A file of the draft or of a version, for the people of its vendor. Raises NotFound."""
    offering = drafts.find_own_offering(session, actor, offering_id)
    draft = session.get(OfferingDraft, offering.id)
    contents = [drafts.current_content(session, offering, draft)]
    statement = select(OfferingVersion.files).where(OfferingVersion.offering_id == offering.id)
    contents += [{"files": files} for files in session.scalars(statement)]
    for content in contents:
        file = find_file(content, token)
        if file is not None:
            return locate(session, offering.id, file)
    raise NotFound(f"file {token}")


def get_submitted_file(session: Session, submission_id: int, token: str) -> FoundFile:
    """A file of what was handed in, for the operator. Raises NotFound."""
    submission = session.get(OfferingSubmission, submission_id)
    file = find_file(submission.content, token) if submission is not None else None
    if submission is None or file is None:
        raise NotFound(f"file {token}")
    return locate(session, submission.offering_id, file)


def tidy_files(database: Database, now: datetime, store: FileStore) -> int:
    """Once a day: remove what no draft, waiting submission or version names; how many files."""
    today = to_jst(now).date().isoformat()
    with database.read_session() as session:
        if find_setting(session, TIDIED_ON) == today:
            return 0
    with database.transaction() as session:
        for stored in _list_unnamed(session):
            session.delete(stored)
        put_setting(session, TIDIED_ON, today)
    with database.read_session() as session:
        kept = set(session.scalars(select(StoredFile.place)))
    gone = [
        name
        for name, written in store.list_files()
        if name not in kept and written < now - UNNAMED_FOR
    ]
    for name in gone:
        store.remove(name)
    return len(gone)


def _list_unnamed(session: Session) -> list[StoredFile]:
    """The rows nothing names; entry by entry, its row locked against one who is just writing."""
    unnamed = []
    entries = select(StoredFile.offering_id).distinct().order_by(StoredFile.offering_id)
    for offering_id in session.scalars(entries).all():
        session.get(Offering, offering_id, with_for_update=True)
        named = _named_tokens(session, offering_id)
        rows = session.scalars(select(StoredFile).where(StoredFile.offering_id == offering_id))
        unnamed += [row for row in rows if row.token not in named]
    return unnamed


def _named_tokens(session: Session, offering_id: int) -> set[str]:
    draft = session.get(OfferingDraft, offering_id)
    lists = [files_of(draft.content)] if draft is not None else []
    versions = select(OfferingVersion.files).where(OfferingVersion.offering_id == offering_id)
    lists += [list(files) for files in session.scalars(versions)]
    waiting = (
        select(OfferingSubmission)
        .outerjoin(OfferingReview, OfferingReview.submission_id == OfferingSubmission.id)
        .where(OfferingSubmission.offering_id == offering_id)
        .where(OfferingReview.submission_id.is_(None))
    )
    lists += [files_of(submission.content) for submission in session.scalars(waiting)]
    return {file["token"] for files in lists for file in files}


def _check_title(upload: Upload) -> None:
    if not upload.title.strip():
        raise refuse("required", "「件名」を入力してください。", "title")
    if len(upload.title) > MOST_TITLE:
        raise refuse("too_long", f"「件名」は{MOST_TITLE}文字以内で入力してください。", "title")
