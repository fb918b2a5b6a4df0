"""What can be found: one frozen document per offering, case, project, spec or program."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class Viewer(StrEnum):
    """The class of reader a search answers: it decides which of the two field sets is read."""

    PUBLIC = "public"
    GOVERNMENT = "government"


@dataclass(frozen=True, kw_only=True)
class SearchDocument:
    """An entry as the index knows it. Only entries that somebody may find are made at all.

    visibility: PUBLIC, or GOVERNMENT when the entry's existence itself is for bodies only.
    facets: facet name (catalog.search.facets) → values; `kind` and `fictional` are added.
    government_body, government_facets: of a public entry, what only bodies may read.
    closes_at: the deadline that 「締切が近い順」 sorts by, None when there is none.
    joining_bodies: how many local bodies take part; 0 where that says nothing.
    population: of the municipality it is of (census 2020), 0 when there is none; peer_group:
    that municipality's 類似団体 group.
    """

    kind: str
    object_id: int
    title: str
    url: str
    summary: str = ""
    vendor: str = ""
    category: str = ""
    body: str = ""
    government_body: str = ""
    facets: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    government_facets: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    updated_at: datetime
    closes_at: datetime | None = None
    joining_bodies: int = 0
    population: int = 0
    peer_group: str = ""
    visibility: Viewer = Viewer.PUBLIC
    fictional: bool

    @property
    def key(self) -> str:
        return document_key(self.kind, self.object_id)


def document_key(kind: str, object_id: int) -> str:
    """The name of a document in the index."""
    return f"{kind}:{object_id}"
