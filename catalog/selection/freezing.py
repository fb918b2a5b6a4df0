"""Entries as they stand now: an offering's version, the content of what has no versions."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from catalog.entries import content_sha256
from catalog.library.queries import list_programs, list_specs
from catalog.models import Case, Offering, OfferingVersion
from catalog.publishing import CASE_COLUMNS
from catalog.search import sources
from catalog.search.documents import SearchDocument, Viewer
from catalog.selection.record_content import FrozenEntry, plain

# What a library entry's row says that is no fact of the entry itself.
_ROW_ONLY = frozenset({"id"})


def freeze(
    session: Session, found: Iterable[tuple[str, int]], viewer: Viewer
) -> dict[str, FrozenEntry]:
    """Key → entry of those of the (kind, id) pairs that this reader may find now."""
    ids: dict[str, list[int]] = defaultdict(list)
    for kind, object_id in found:
        ids[kind].append(object_id)
    entries: dict[str, FrozenEntry] = {}
    for kind, wanted in sorted(ids.items()):
        documents = [
            document
            for document in sources.list_documents(session, kind, wanted)
            if viewer is Viewer.GOVERNMENT or document.visibility is Viewer.PUBLIC
        ]
        entries |= _FREEZERS.get(kind, _freeze_documents)(session, documents)
    return entries


def _freeze_offerings(
    session: Session, documents: Sequence[SearchDocument]
) -> dict[str, FrozenEntry]:
    """The current version of each; the versions themselves are kept for ever."""
    statement = (
        select(OfferingVersion)
        .join(Offering, Offering.id == OfferingVersion.offering_id)
        .where(Offering.id.in_([document.object_id for document in documents]))
        .where(OfferingVersion.number == Offering.current_version)
    )
    versions = {version.offering_id: version for version in session.scalars(statement)}
    return {
        document.key: FrozenEntry(
            title=versions[document.object_id].name,
            provider=versions[document.object_id].vendor_name,
            category=document.category,
            fictional=document.fictional,
            sha256=versions[document.object_id].content_sha256,
            version=versions[document.object_id].number,
            published_at=versions[document.object_id].published_at,
        )
        for document in documents
        if document.object_id in versions
    }


def _freeze_cases(session: Session, documents: Sequence[SearchDocument]) -> dict[str, FrozenEntry]:
    """All that a case says of itself."""
    statement = select(Case).where(Case.id.in_([document.object_id for document in documents]))
    contents = {
        case.id: {name: getattr(case, name) for name in CASE_COLUMNS}
        | {"measured_effects": list(case.measured_effects or ())}
        for case in session.scalars(statement)
    }
    return {d.key: _frozen(d, contents[d.object_id]) for d in documents}


def _freeze_specs(session: Session, documents: Sequence[SearchDocument]) -> dict[str, FrozenEntry]:
    return _freeze_rows(list_specs(session, [d.object_id for d in documents]), documents)


def _freeze_programs(
    session: Session, documents: Sequence[SearchDocument]
) -> dict[str, FrozenEntry]:
    return _freeze_rows(list_programs(session, [d.object_id for d in documents]), documents)


def _freeze_rows(
    rows: Sequence[Any], documents: Sequence[SearchDocument]
) -> dict[str, FrozenEntry]:
    contents = {row.id: _row_content(row) for row in rows}
    return {d.key: _frozen(d, contents[d.object_id]) for d in documents}


def _row_content(row: Any) -> dict[str, Any]:
    facts = {name: value for name, value in vars(row).items() if name not in _ROW_ONLY}
    return {**facts, "system_types": [kind.code for kind in row.system_types]}


def _freeze_documents(
    _session: Session, documents: Sequence[SearchDocument]
) -> dict[str, FrozenEntry]:
    """What the search shows of things of higher packages: their public part."""
    return {
        d.key: _frozen(
            d,
            {
                "summary": d.summary,
                "body": d.body,
                "facets": d.facets,
                "closes_at": d.closes_at,
                "joining_bodies": d.joining_bodies,
                "updated_at": d.updated_at,
            },
        )
        for d in documents
    }


def _frozen(document: SearchDocument, content: Mapping[str, Any]) -> FrozenEntry:
    said = plain({"title": document.title, "url": document.url, **content})
    return FrozenEntry(
        title=document.title,
        provider=document.vendor,
        category=document.category,
        fictional=document.fictional,
        sha256=content_sha256(said),
        content=said,
    )


Freezer = Callable[[Session, Sequence[SearchDocument]], dict[str, FrozenEntry]]

_FREEZERS: Mapping[str, Freezer] = {
    "offering": _freeze_offerings,
    "case": _freeze_cases,
    "spec": _freeze_specs,
    "program": _freeze_programs,
}
