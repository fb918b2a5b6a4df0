"""Searches that led nowhere, counted by day and text: what people miss, never who they are.

Kept for 90 days. A text is shown only when it was asked several times: what one person
typed once stays unread.
"""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from catalog.words.models import MissedSearch
from foundation.clock import to_jst
from foundation.settings import insert_if_absent
from foundation.text import normalize

KEPT_DAYS = 90
FEWEST_TIMES = 3  # below, a text is not shown
MOST_SHOWN = 100
MOST_WORD_CHARACTERS = 50
_MOST_CHARACTERS = 200
# Addresses, telephone numbers, 個人番号 and the like.
_PERSONAL = re.compile(r"@|https?:|(?:\d[-\s]?){7}")


class Outcome(StrEnum):
    """How a search led nowhere."""

    NOTHING = "nothing"  # no entry has the words
    FILTERED = "filtered"  # the words are found, but not under the conditions
    SUBSTITUTED = "substituted"  # similar words answered


@dataclass(frozen=True, kw_only=True)
class MissedRow:
    """A text and how often it led nowhere."""

    text: str
    outcome: Outcome
    times: int


def kept_text(words: str, conditions: tuple[str, ...] = ()) -> str:
    """The text to count; "" for one that is long or looks like somebody's own data."""
    plain = normalize(words)
    text = "／".join(part for part in (plain, *conditions) if part)
    too_long = len(plain) > MOST_WORD_CHARACTERS or len(text) > _MOST_CHARACTERS
    return "" if too_long or _PERSONAL.search(text) else text


def count_missed(session: Session, text: str, outcome: Outcome, now: datetime) -> None:
    """One more search of the day led nowhere; what is older than 90 days is forgotten."""
    day = to_jst(now).date()
    session.execute(delete(MissedSearch).where(MissedSearch.day < day - timedelta(KEPT_DAYS)))
    first = {"day": day, "text": text, "outcome": outcome.value, "times": 0}
    insert_if_absent(session, MissedSearch, first)
    session.execute(
        update(MissedSearch)
        .where(MissedSearch.day == day, MissedSearch.text == text)
        .values(times=MissedSearch.times + 1, outcome=outcome.value)
    )


def list_missed(session: Session, now: datetime) -> list[MissedRow]:
    """Texts that led nowhere at least three times, the most frequent first."""
    times = func.sum(MissedSearch.times)
    since = to_jst(now).date() - timedelta(KEPT_DAYS)
    rows = session.execute(
        select(MissedSearch.text, MissedSearch.outcome, times)
        .where(MissedSearch.day >= since)
        .group_by(MissedSearch.text, MissedSearch.outcome)
        .having(times >= FEWEST_TIMES)
        .order_by(times.desc(), MissedSearch.text)
        .limit(MOST_SHOWN)
    )
    return [MissedRow(text=t, outcome=Outcome(outcome), times=int(n)) for t, outcome, n in rows]
