"""Suggestions as links to the search they stand for."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from catalog.presenters.search import address
from catalog.search.query import SearchQuery
from catalog.search.suggestions import Suggestion


@dataclass(frozen=True, kw_only=True)
class SuggestedLink:
    """A text to search for. fictional: the entry of that name is made up."""

    text: str
    kind: str
    label: str
    fictional: bool
    url: str


def present_suggestions(typed: str, found: Iterable[Suggestion]) -> list[SuggestedLink]:
    """The suggestions that say something else than what stands there already."""
    return [
        SuggestedLink(
            text=suggestion.text,
            kind=suggestion.kind.value,
            label=suggestion.kind.label,
            fictional=suggestion.fictional,
            url=address(SearchQuery(text=suggestion.text)),
        )
        for suggestion in found
        if suggestion.text != typed.strip()
    ]


def suggestion_json(link: SuggestedLink) -> dict[str, Any]:
    """A suggestion as the API gives it."""
    return {
        "text": link.text,
        "kind": link.kind,
        "label": link.label,
        "fictional": link.fictional,
        "url": link.url,
    }
