"""What every engine of the bench is given and must answer."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from bench.questions import Question
from catalog.search.documents import SearchDocument, Viewer
from catalog.search.plan import Plan
from catalog.search.schema import PAIR_FIELDS, TEXT_FIELDS, index_fields


@dataclass(frozen=True, kw_only=True)
class Cut:
    """A document cut by our analyzer: what an engine that gets tokens is given."""

    number: int
    terms: Sequence[str]
    pairs: Sequence[str]
    facets: Mapping[str, str]  # each of the four has one value
    updated_at: int  # seconds
    text: str  # as written, for an engine that cuts by itself


@dataclass(frozen=True, kw_only=True)
class Asked:
    """A question with the tokens it comes to: for engines that are given tokens."""

    question: Question
    plan: Plan


@dataclass(frozen=True, kw_only=True)
class Answer:
    """ids: of the page, in order. counts: facet → value → results; zeros may be left out."""

    total: int
    ids: tuple[int, ...]
    counts: Mapping[str, Mapping[str, int]]


class Engine(Protocol):
    """An index on disk that can be asked."""

    name: str

    def build(self) -> float:
        """Write the index; the seconds that took, without cutting the text."""

    def answer(self, asked: Asked) -> Answer:
        """Ids of the page, total, and counts of the four facets under all filters."""

    def update(self, cut: Cut) -> None:
        """Put the document in the place of that of the same number: the next answer has it."""

    def reopen(self) -> None:
        """Forget everything kept in memory: what follows is a first touch."""

    def close(self) -> None:
        """Give back files and memory."""


def cut_document(document: SearchDocument) -> Cut:
    """Cut the text of a document that everybody may see."""
    fields = index_fields(document)
    return Cut(
        number=document.object_id,
        terms=[term for name in TEXT_FIELDS for term in fields.get(name, ())],
        pairs=[term for name in PAIR_FIELDS for term in fields.get(name, ())],
        facets={name: values[0] for name, values in document.facets.items()},
        updated_at=int(document.updated_at.timestamp()),
        text=" ".join((document.title, document.vendor, document.category, document.body)),
    )


def is_public(document: SearchDocument) -> bool:
    """Whether the visitor who asks may see it."""
    return document.visibility is Viewer.PUBLIC
