"""What stands beside a cost as benefit: who uses the system, and whether use began on time (F17).

「予定どおり」: the first day of use is not after the first day of the joint term that was agreed
on. Only bodies of the first wave that joined with the others have that day as theirs;
of the others no planned day is recorded, and nothing is made up for it.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, kw_only=True)
class BodyUse:
    """A body that takes part. None: not recorded, or not for this reader.

    contracted, used: of the project's main unit; used in `month`, its newest recorded one.
    planned_on: the day use was to begin. began_on: the day it did.
    """

    code: str
    name: str
    contracted: int | None = None
    used: int | None = None
    month: date | None = None
    planned_on: date | None = None
    began_on: date | None = None

    @property
    def days_late(self) -> int | None:
        """0 and below: on time, or earlier. None where one of the days is not recorded."""
        if self.planned_on is None or self.began_on is None:
            return None
        return (self.began_on - self.planned_on).days


@dataclass(frozen=True, kw_only=True)
class OnTime:
    """on_time of `known` bodies began as planned; of `unknown` it cannot be said."""

    on_time: int
    known: int
    unknown: int

    @property
    def tenths(self) -> int | None:
        """The rate in tenths of a percent, rounded half up; None where nothing is known."""
        if not self.known:
            return None
        return (2_000 * self.on_time + self.known) // (2 * self.known)


def count_on_time(rows: Iterable[BodyUse]) -> OnTime:
    """Bodies whose days are both recorded, and of these the ones that were not late."""
    days = [row.days_late for row in rows]
    known = [late for late in days if late is not None]
    on_time = sum(late <= 0 for late in known)
    return OnTime(on_time=on_time, known=len(known), unknown=len(days) - len(known))


def sum_users(rows: Iterable[BodyUse]) -> int | None:
    """All that is used; None as soon as one body's use is not known: no sum of a part."""
    found = [row.used for row in rows]
    known = [used for used in found if used is not None]
    return sum(known) if known and len(known) == len(found) else None
