"""Waves: when bodies with different contract ends begin, and what paying twice costs them."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from foundation.clock import add_months, month_start, months_between


@dataclass(frozen=True, kw_only=True)
class Ending:
    """A body and the last day of its present contract; None: none, or not stated."""

    code: str
    name: str
    ends_on: date | None
    annual_cost_yen: int | None = None


@dataclass(frozen=True, kw_only=True)
class Meeting:
    """How a body's present contract meets the joint start, in calendar months.

    double_months: both are paid. gap_months: neither serves. double_yen: present cost of the
    double months, None where the yearly cost is not stated.
    """

    code: str
    name: str
    starts_on: date
    ends_on: date | None
    double_months: int
    gap_months: int
    double_yen: int | None


def meet(ending: Ending, starts_on: date) -> Meeting:
    """starts_on: first day of joint use. Months begun count whole; yen are floored once."""
    double = gap = 0
    if ending.ends_on is not None:
        first_free = month_start(ending.ends_on + timedelta(days=1))
        if ending.ends_on >= starts_on:
            double = months_between(starts_on, ending.ends_on) + 1
        else:
            gap = max(months_between(first_free, starts_on), 0)
    yearly = ending.annual_cost_yen
    cost = None if yearly is None else yearly * double // 12
    return Meeting(
        code=ending.code,
        name=ending.name,
        starts_on=starts_on,
        ends_on=ending.ends_on,
        double_months=double,
        gap_months=gap,
        double_yen=cost,
    )


@dataclass(frozen=True, kw_only=True)
class Wave:
    """Bodies that begin on the same day."""

    number: int
    starts_on: date
    meetings: tuple[Meeting, ...]

    @property
    def double_months(self) -> int:
        return sum(meeting.double_months for meeting in self.meetings)

    @property
    def gap_months(self) -> int:
        return sum(meeting.gap_months for meeting in self.meetings)


def propose_waves(
    endings: Iterable[Ending], first_start: date, every_months: int, last_start: date
) -> tuple[Wave, ...]:
    """Each body in the first wave that begins after its contract ends, none of them empty.

    Waves may begin every so many months from first_start to last_start; a body whose contract
    ends later than that is in the last one, one without a stated end in the first.
    """
    starts = _starts(first_start, every_months, last_start)
    grouped: dict[date, list[Meeting]] = defaultdict(list)
    for ending in sorted(endings, key=lambda each: each.code):
        start = _start_for(ending, starts)
        grouped[start].append(meet(ending, start))
    return tuple(
        Wave(number=number, starts_on=start, meetings=tuple(grouped[start]))
        for number, start in enumerate(sorted(grouped), start=1)
    )


def _starts(first: date, every_months: int, last: date) -> list[date]:
    starts = [first]
    while add_months(starts[-1], every_months) <= last:
        starts.append(add_months(starts[-1], every_months))
    return starts


def _start_for(ending: Ending, starts: Sequence[date]) -> date:
    if ending.ends_on is None:
        return starts[0]
    return next((start for start in starts if start > ending.ends_on), starts[-1])
