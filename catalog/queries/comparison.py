"""Reading what is put side by side: a few entries at their current versions."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from sqlalchemy.orm import Session

from accounts.roles import Actor
from catalog.queries.marks import MarkRow, list_marks
from catalog.queries.offerings import (
    BodySize,
    OfferingRow,
    VersionContent,
    find_body_size,
    list_current_contents,
    list_readable_rows,
)

MAX_COMPARED = 5
# Beyond so many numbers an address is not read: nobody picks by hand what goes there.
MAX_READ = 50

Compared = tuple[OfferingRow, VersionContent]


@dataclass(frozen=True, kw_only=True)
class WantedIds:
    """What an address asks for. unreadable: parts that are no number, as they were typed."""

    ids: tuple[int, ...]
    unreadable: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class ComparisonPage:
    """Entries in the order asked for, at most MAX_COMPARED.

    missing: numbers of nothing this reader may see, whether hidden or never given out.
    beyond: readable ones past the limit. marks: recommended marks by entry.
    """

    found: tuple[Compared, ...]
    missing: tuple[int, ...]
    beyond: tuple[int, ...]
    unreadable: tuple[str, ...]
    body: BodySize | None
    marks: Mapping[int, tuple[MarkRow, ...]] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class PickedRow:
    """An entry picked for comparison."""

    id: int
    name: str
    fictional: bool


def read_ids(values: Sequence[str]) -> WantedIds:
    """The ids of 「ids=1,2」 and 「ids=1&ids=2」, each once, in order; full-width digits too."""
    parts = [part.strip() for value in values for part in value.replace("、", ",").split(",")]
    ids: dict[int, None] = {}
    unreadable: dict[str, None] = {}
    for part in filter(None, parts):
        if part.isdecimal() and len(part) <= 9:
            ids[int(part)] = None
        else:
            unreadable[part] = None
    return WantedIds(ids=tuple(ids)[:MAX_READ], unreadable=tuple(unreadable))


def get_comparison(session: Session, actor: Actor, wanted: WantedIds) -> ComparisonPage:
    """The readable ones of these entries with what each says to this reader. Four queries."""
    rows = list_readable_rows(session, wanted.ids)
    readable = [number for number in wanted.ids if number in rows]
    shown = readable[:MAX_COMPARED]
    contents = list_current_contents(session, actor, shown)
    return ComparisonPage(
        found=tuple((rows[number], contents[number]) for number in shown),
        missing=tuple(number for number in wanted.ids if number not in rows),
        beyond=tuple(readable[MAX_COMPARED:]),
        unreadable=wanted.unreadable,
        body=find_body_size(session, actor.body_code),
        marks=list_marks(session, shown),
    )


def list_picked(session: Session, ids: Sequence[int]) -> tuple[PickedRow, ...]:
    """The readable ones of the ids in their order; nothing is asked for none. One query."""
    if not ids:
        return ()
    found = list_readable_rows(session, ids)
    return tuple(
        PickedRow(id=row.id, name=row.name, fictional=row.fictional)
        for row in (found[number] for number in ids if number in found)
    )
