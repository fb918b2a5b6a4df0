"""What can be judged: every entry of the search with its stable name and its facts.

The facts are read through the document sources, not from the index: no engine has a say in them.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from catalog.library.models import FundingProgram, SpecDocument
from catalog.models import Case, Offering
from catalog.search.documents import SearchDocument
from catalog.search.outbox import list_all_documents
from foundation.db import Database
from procurement.models import Project

# Where the name that outlives a new build of the data stands; projects have only their titles.
_STABLE = {
    "offering": Offering.key,
    "case": Case.key,
    "spec": SpecDocument.key,
    "program": FundingProgram.key,
    "project": Project.title,
}


@dataclass(frozen=True, kw_only=True)
class Entry:
    """An entry by its stable name, `kind:key`. text: everything a reader of results can read.

    types: codes of its system types. prefecture: two digits, "" when none is known.
    """

    name: str
    kind: str
    object_id: int
    real: bool
    types: tuple[str, ...]
    prefecture: str
    title: str
    vendor: str
    text: str


def list_entries(database: Database) -> tuple[Entry, ...]:
    """Every entry a visitor may find, in the order of the sources."""
    with database.read_session() as session:
        names = _stable_names(session)
        return tuple(_entry(document, names) for document in list_all_documents(session))


def _stable_names(session: Session) -> dict[tuple[str, int], str]:
    return {
        (kind, object_id): f"{kind}:{key}"
        for kind, column in _STABLE.items()
        for object_id, key in session.execute(select(column.class_.id, column))
    }


def _entry(document: SearchDocument, names: dict[tuple[str, int], str]) -> Entry:
    return Entry(
        name=names[document.kind, document.object_id],
        kind=document.kind,
        object_id=document.object_id,
        real=not document.fictional,
        types=tuple(document.facets.get("category", ())),
        prefecture="".join(document.facets.get("prefecture", ())),
        title=document.title,
        vendor=document.vendor,
        text="\n".join((document.title, document.vendor, document.category, document.body)),
    )


def names_by_object(entries: Iterable[Entry]) -> dict[tuple[str, int], str]:
    """(kind, id) → stable name."""
    return {(entry.kind, entry.object_id): entry.name for entry in entries}
