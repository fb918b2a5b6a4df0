"""Counting searches that lead nowhere, after the reader has the page."""

import logging

from flask import Response, after_this_request

from catalog.search.analyzer import names_a_person
from catalog.search.query import SearchQuery
from catalog.search.results import SearchPage
from catalog.views.search_setup import current_viewer, get_search
from catalog.words.missed import Outcome, count_missed, kept_text
from foundation.web import get_database, now

log = logging.getLogger("moyai.search")


def count_if_missed(found: SearchPage) -> None:
    """Have the search counted once the response is sent, if it led nowhere."""
    outcome = _outcome(found)
    if outcome is None:
        return
    conditions = _conditions(found) if outcome is Outcome.FILTERED else ()
    text = kept_text(found.query.text, conditions)
    if not text or names_a_person(text):
        return
    database, moment = get_database(), now()

    def keep() -> None:
        # The page is already with its reader: nothing here may fail it.
        try:
            with database.transaction() as session:
                count_missed(session, text, outcome, moment)
        except Exception:
            log.exception("a search that led nowhere could not be counted")

    @after_this_request
    def keep_when_sent(response: Response) -> Response:
        response.call_on_close(keep)
        return response


def _outcome(found: SearchPage) -> Outcome | None:
    """How the search led nowhere; only first pages, and no question asked twice, count."""
    query = found.query
    if query.page != 1 or query.literal or found.too_long:
        return None
    if found.answered_text:
        return Outcome.SUBSTITUTED
    if found.partial and not found.whole:
        return Outcome.NOTHING
    if found.total or not (query.text.strip() or query.filters):
        return None
    words_alone = SearchQuery(text=query.text)
    is_found = get_search().count(words_alone, viewer=current_viewer(), now=now()) > 0
    return Outcome.FILTERED if query.filters and is_found else Outcome.NOTHING


def _conditions(found: SearchPage) -> tuple[str, ...]:
    return tuple(
        f"{facet.label}：{value.label}"
        for facet in found.facets
        for value in facet.values
        if value.checked
    )
