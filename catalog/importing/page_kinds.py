"""What can be sent in on a page: each kind says who may, how rows are judged and written.

catalog registers its own kinds, app.py those of higher packages.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from accounts.roles import Actor
from foundation.db import Database
from foundation.labels import LabelledEnum
from foundation.tables import TableRow, read_table

# What a sender may bring in, as the kind understands it; goes into the database as JSON.
Limits = Mapping[str, Any]
Counts = dict[str, int]


class Outcome(LabelledEnum):
    """What taking a row in would do."""

    REFUSED = "refused", "取り込めない"
    QUESTION = "question", "同じものですか"
    NEW = "new", "新規"
    CHANGED = "changed", "変更"
    SAME = "same", "変更なし"


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """What one row would do. said: (label, before, after) or, refused, (column, reason, '').

    seen: names what the row was compared with; '' for what is not there yet.
    """

    outcome: Outcome
    key: str = ""
    name: str = ""
    said: tuple[tuple[str, str, str], ...] = ()
    alike: tuple[str, ...] = ()
    seen: str = ""


Judge = Callable[[Session, Sequence[TableRow]], list[Verdict]]


@dataclass(frozen=True, kw_only=True)
class Taking:
    """A file that is being taken in, within its one transaction."""

    file_id: int
    batch_id: int
    limits: Limits
    actor: Actor
    now: datetime


def _no_shape(_database: Database, _batch_id: int, _now: datetime) -> None:
    pass


@dataclass(frozen=True, kw_only=True)
class PageKind:
    """One kind of file. limits_of: None for those who may not send it.

    judge: made once for a file, then asked for some rows at a time; it must not write.
    shape: what can be done before the commit. take: writes all rows; Conflict where what they
    were compared with changed. export: what is there now, as a workbook that can be sent in.
    """

    key: str
    label: str
    words: str
    action: str
    required: Sequence[str]
    limits_of: Callable[[Session, Actor], Limits | None]
    open_judge: Callable[[Session, Limits, datetime], Judge]
    take: Callable[[Session, Taking], Counts]
    shape: Callable[[Database, int, datetime], None] = _no_shape
    read: Callable[[Path, Sequence[str]], Iterator[TableRow]] = read_table
    template: str = ""
    export: Callable[[Session, Limits], bytes] | None = None


_KINDS: dict[str, PageKind] = {}


def register_kinds(kinds: Iterable[PageKind]) -> None:
    """Add kinds; one of the same key is replaced."""
    _KINDS.update({kind.key: kind for kind in kinds})


def find_kind(key: str) -> PageKind | None:
    """The kind of that key."""
    return _KINDS.get(key)


def list_kinds(session: Session, actor: Actor) -> tuple[PageKind, ...]:
    """The kinds this actor may send in."""
    return tuple(kind for kind in _KINDS.values() if kind.limits_of(session, actor) is not None)


def refused(
    problems: Iterable[tuple[str, str]], *, key: str = "", name: str = "", alike: Sequence[str] = ()
) -> Verdict:
    """The verdict on a row with faults; only a question if that is all that is open."""
    said = tuple((column, reason, "") for column, reason in problems)
    question = bool(alike) and len(said) == 1
    return Verdict(
        outcome=Outcome.QUESTION if question else Outcome.REFUSED,
        key=key,
        name=name,
        said=said,
        alike=tuple(alike),
    )
