"""Files of entries: which a reader may have, and where their content lies."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from accounts.roles import Action, Actor, Role, may, sees_government
from catalog.entry_files import (
    FileDisclosure,
    FileReference,
    FileUse,
    files_of,
    find_file,
    with_files,
)
from catalog.models import Offering, OfferingVersion, StoredFile
from catalog.queries.cases import readable_offering
from foundation.errors import NotFound
from foundation.uploads.kinds import KINDS, FileKind

# (session, actor, system type) → whether the actor's organisation leads such a purchase.
LeadCheck = Callable[[Session, Actor, str], bool]
_lead_checks: list[LeadCheck] = []


@dataclass(frozen=True, kw_only=True)
class FileRow:
    """A file as a page lists it. recorded: giving it out is written into the audit chain."""

    token: str
    title: str
    use: FileUse
    disclosure: FileDisclosure
    name: str
    kind: FileKind
    size_bytes: int
    sha256: str

    @property
    def recorded(self) -> bool:
        return self.disclosure is not FileDisclosure.PUBLIC


@dataclass(frozen=True, kw_only=True)
class FoundFile:
    """A file somebody may have. place: its name in the file store."""

    row: FileRow
    offering_id: int
    place: str


def register_lead_check(check: LeadCheck) -> None:
    """A higher package says who leads a purchase; called once when the application is made."""
    if check not in _lead_checks:
        _lead_checks.append(check)


def list_files(
    session: Session, actor: Actor, offering_id: int, number: int
) -> tuple[FileRow, ...]:
    """The files of a version this reader may have; the entry is known to be readable."""
    statement = (
        select(OfferingVersion.files, Offering.system_type_code)
        .join(Offering, Offering.id == OfferingVersion.offering_id)
        .where(OfferingVersion.offering_id == offering_id, OfferingVersion.number == number)
    )
    found = session.execute(statement).one_or_none()
    return readable_files(session, actor, found[0], found[1]) if found is not None else ()


def readable_files(
    session: Session, actor: Actor, files: Sequence[FileReference], system_type_code: str
) -> tuple[FileRow, ...]:
    """Those of an entry's files this reader may have; nothing is asked where there are none."""
    if not files:
        return ()
    rows = tuple(map(make_row, files))
    # Who leads what is asked only where a file is for those who lead.
    asks = any(row.disclosure is FileDisclosure.LEAD_ONLY for row in rows)
    seen = readable_classes(session, actor, system_type_code) if asks else _classes_of_roles(actor)
    return tuple(row for row in rows if row.disclosure in seen)


def get_public_file(session: Session, actor: Actor, offering_id: int, token: str) -> FoundFile:
    """A file of any version of a readable entry, if it is for this reader. Raises NotFound."""
    statement = (
        select(OfferingVersion.files, Offering.system_type_code)
        .join(Offering, Offering.id == OfferingVersion.offering_id)
        .where(OfferingVersion.offering_id == offering_id, readable_offering())
        .order_by(OfferingVersion.number.desc())
    )
    for files, system_type_code in session.execute(statement):
        file = find_file({"files": files}, token)
        if file is not None:
            row = make_row(file)
            if row.disclosure in readable_classes(session, actor, system_type_code):
                return locate(session, offering_id, file)
    raise NotFound(f"file {token} of offering {offering_id}")


def readable_classes(
    session: Session, actor: Actor, system_type_code: str
) -> frozenset[FileDisclosure]:
    """The classes of files of published entries of that kind which the actor may read."""
    classes = _classes_of_roles(actor)
    if FileDisclosure.GOVERNMENT in classes:
        watches = may(actor, Action.PUBLISH_OFFERING) or Role.AUDITOR in actor.roles
        if watches or any(check(session, actor, system_type_code) for check in _lead_checks):
            return classes | {FileDisclosure.LEAD_ONLY}
    return classes


def _classes_of_roles(actor: Actor) -> frozenset[FileDisclosure]:
    """What the actor's roles alone let it read."""
    public = frozenset({FileDisclosure.PUBLIC})
    return public | {FileDisclosure.GOVERNMENT} if sees_government(actor) else public


def with_readable_files(
    content: FileReference, classes: frozenset[FileDisclosure]
) -> dict[str, Any]:
    """The content without the files of other classes."""
    own = [file for file in files_of(content) if FileDisclosure(file["disclosure"]) in classes]
    return with_files(content, own)


def locate(session: Session, offering_id: int, file: FileReference) -> FoundFile:
    """The file with the place of its content. Raises NotFound where it was cleaned up."""
    stored = session.get(StoredFile, file["token"])
    if stored is None or stored.offering_id != offering_id:
        raise NotFound(f"file {file['token']}")
    return FoundFile(row=make_row(file), offering_id=offering_id, place=stored.place)


def list_content_files(content: FileReference) -> tuple[FileRow, ...]:
    """Every file a draft or submission names, for those who may see all of it."""
    return tuple(map(make_row, files_of(content)))


def make_row(file: FileReference) -> FileRow:
    """The reference as pages read it."""
    return FileRow(
        token=file["token"],
        title=file["title"],
        use=FileUse(file["use"]),
        disclosure=FileDisclosure(file["disclosure"]),
        name=file["name"],
        kind=KINDS[file["media"]],
        size_bytes=file["size_bytes"],
        sha256=file["sha256"],
    )
