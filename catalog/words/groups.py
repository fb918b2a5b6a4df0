"""The operator's groups of synonyms: reading, registering, changing. Nothing here commits."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from catalog.words.models import SynonymGroup

FEWEST_WORDS, MOST_WORDS = 2, 20
MOST_CHARACTERS = 50  # of a word
MOST_NOTE_CHARACTERS = 500


@dataclass(frozen=True, kw_only=True)
class GroupRow:
    """A group as its page shows it."""

    id: int
    words: tuple[str, ...]
    note: str
    active: bool
    updated_at: datetime
    updated_by: str
    row_version: int


def groups_generation(session: Session) -> tuple[int, int]:
    """Differs after every change of a group: groups are never deleted, versions only grow."""
    row = session.execute(select(func.count(), func.sum(SynonymGroup.row_version))).one()
    return int(row[0]), int(row[1] or 0)


def list_active_words(session: Session) -> list[tuple[str, ...]]:
    """The words of every group that is switched on."""
    groups = select(SynonymGroup.words).where(SynonymGroup.active).order_by(SynonymGroup.id)
    return [tuple(words) for words in session.scalars(groups)]
