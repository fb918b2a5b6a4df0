"""The door through which every package hands its documents to the search index.

A higher package registers its source when the application is put together (app.py);
nothing here knows who they are.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Protocol

from sqlalchemy.orm import Session

from catalog.conformance import naming_specs
from catalog.search.documents import SearchDocument
from catalog.search.suggestions import Suggestion
from catalog.spec_names import load_spec_names

# facet name → value → the word shown for it
FacetLabels = Mapping[str, Mapping[str, str]]


class DocumentSource(Protocol):
    """Where the documents of one kind come from. Few queries, however many ids."""

    def list_ids(self, session: Session) -> Sequence[int]:
        """Ids of everything of this kind that somebody may find."""

    def documents(self, session: Session, ids: Sequence[int]) -> Sequence[SearchDocument]:
        """The documents of these ids; an id that may not be found gives none."""


# (kind, id) of the entries whose documents say something of an object of another kind
ListFollowers = Callable[[Session, int], Iterable[tuple[str, int]]]
ListSuggestions = Callable[[Session], Iterable[Suggestion]]

_sources: dict[str, DocumentSource] = {}
_label_loaders: dict[str, Callable[[Session], FacetLabels]] = {}
_suggestion_loaders: dict[str, ListSuggestions] = {}
_follower_lists: dict[tuple[str, str], ListFollowers] = {}


def register(kind: str, source: DocumentSource) -> None:
    """Take the documents of this kind from the source; registering again replaces it."""
    _sources[kind] = source


def register_labels(owner: str, load: Callable[[Session], FacetLabels]) -> None:
    """Take words for facet values from the database; asked once per index generation."""
    _label_loaders[owner] = load


def register_suggestions(owner: str, load: ListSuggestions) -> None:
    """Take what is proposed while one types; asked once per index generation."""
    _suggestion_loaders[owner] = load


def register_followers(kind: str, owner: str, list_followers: ListFollowers) -> None:
    """Have these documents made again whenever an object of the kind changes."""
    _follower_lists[kind, owner] = list_followers


def list_followers(session: Session, kind: str, object_id: int) -> Iterator[tuple[str, int]]:
    """What has to be made again with this object's document."""
    for (followed, _owner), found in _follower_lists.items():
        if followed == kind:
            yield from found(session, object_id)


def list_suggestions(session: Session) -> Iterator[Suggestion]:
    """All registered suggestions, whoever may see them."""
    for load in _suggestion_loaders.values():
        yield from load(session)


def list_kinds() -> tuple[str, ...]:
    """The kinds that can be found, in order of registration."""
    return tuple(_sources)


def list_ids(session: Session, kind: str) -> Sequence[int]:
    """Ids of everything of this kind that somebody may find."""
    return _sources[kind].list_ids(session)


def list_documents(session: Session, kind: str, ids: Sequence[int]) -> Sequence[SearchDocument]:
    """The documents of these ids. A kind nobody registered any more has none."""
    source = _sources.get(kind)
    if source is None:
        return ()
    with naming_specs(lambda: load_spec_names(session)):
        return source.documents(session, ids)


def load_labels(session: Session) -> dict[str, dict[str, str]]:
    """All registered words for facet values."""
    labels: dict[str, dict[str, str]] = {}
    for load in _label_loaders.values():
        for facet, words in load(session).items():
            labels.setdefault(facet, {}).update(words)
    return labels
