"""A joint procurement on the calendar: counted back from the first day of use, and on from today.

Lengths are this product's first values, in working days (Japanese holidays and 29 December to
3 January are none) or months; the lead changes them. Nothing here decides: it says what does
not fit and by how much.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from foundation.clock import (
    add_months,
    add_working_days,
    back_working_days,
    count_working_days,
    month_start,
    next_working_day,
    previous_working_day,
)
from procurement.domain.assemblies import BodyCalendar, vote_before
from procurement.domain.states import (
    MAIN_ROAD,
    WITHOUT_NOTICE,
    ProcurementMethod,
    State,
)

MONTHS = "months"
WORKING_DAYS = "working_days"
VOTE = "vote"


@dataclass(frozen=True, kw_only=True)
class Step:
    """One stretch of work. default: how long at first, in `unit`. states: where it is done."""

    key: str
    label: str
    default: int
    unit: str = WORKING_DAYS
    longest: int = 250
    state: State


STEPS: tuple[Step, ...] = (
    Step(key="survey", label="意向調査", default=30, state=State.INTENTION_SURVEY),
    Step(key="forming", label="参加団体募集", default=40, state=State.FORMING),
    Step(key="specification", label="仕様作成", default=40, state=State.SPECIFICATION),
    Step(key="estimate", label="概算見積", default=30, state=State.ESTIMATE),
    Step(key="agreement", label="負担合意", default=30, state=State.AGREEMENT),
    Step(key="notice", label="公告から提案の締切まで", default=20, state=State.SOLICITATION),
    Step(key="evaluation", label="審査", default=20, state=State.EVALUATION),
    Step(key="contracting", label="契約の手続", default=10, state=State.CONTRACTING),
    Step(key=VOTE, label="仮契約から議決・本契約まで", default=20, state=State.CONTRACTING),
    Step(
        key="introduction",
        label="導入",
        default=3,
        unit=MONTHS,
        longest=36,
        state=State.INTRODUCTION,
    ),
)
DEFAULTS: Mapping[str, int] = {step.key: step.default for step in STEPS}
_COMPETITION = frozenset({"notice", "evaluation"})


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What the calendar is made from.

    starts_on: first day of use. lengths: step key → length; what is missing has its default.
    buys_property: devices and the like, whose purchase some assemblies must vote on.
    calendars: of the bodies taking part, as far as they stated them.
    """

    starts_on: date
    state: State
    state_since: date
    method: ProcurementMethod | None = None
    lengths: Mapping[str, int] = field(default_factory=dict)
    buys_property: bool = False
    calendars: Sequence[BodyCalendar] = ()

    def length(self, step: Step) -> int:
        """In the step's own unit."""
        return self.lengths.get(step.key, step.default)

    @property
    def steps(self) -> tuple[Step, ...]:
        """The steps this procurement has, in order."""
        left_out = set(_COMPETITION) if self.method in WITHOUT_NOTICE else set()
        if not self.buys_property:
            left_out.add(VOTE)
        return tuple(step for step in STEPS if step.key not in left_out)


@dataclass(frozen=True, kw_only=True)
class Span:
    """A step on the calendar, both days counted."""

    step: Step
    starts_on: date
    ends_on: date


def count_back(plan: Plan) -> tuple[Span, ...]:
    """When each step must begin and end for use to start on the wished day, first step first.

    A step ends on the last worked day before the next begins.
    """
    spans = []
    after = plan.starts_on
    for step in reversed(plan.steps):
        starts_on, ends_on = _span_before(plan, step, after)
        spans.append(Span(step=step, starts_on=starts_on, ends_on=ends_on))
        after = starts_on
    return tuple(reversed(spans))


def _span_before(plan: Plan, step: Step, after: date) -> tuple[date, date]:
    if step.unit == MONTHS:
        return add_months(after, -plan.length(step)), after - timedelta(days=1)
    if step.key == VOTE:
        return _vote_span_before(plan, after, plan.length(step))
    ends_on = previous_working_day(after - timedelta(days=1))
    return back_working_days(ends_on, plan.length(step) - 1), ends_on


def _vote_span_before(plan: Plan, after: date, working_days: int) -> tuple[date, date]:
    """From the provisional contract to the last vote: every body's assembly votes once.

    The provisional contract stands before the first of these votes, the real one after the last.
    """
    votes = [vote_before(calendar, after) for calendar in plan.calendars or (BodyCalendar(),)]
    return back_working_days(min(votes), working_days), max(votes)


@dataclass(frozen=True, kw_only=True)
class Outlook:
    """How the wished start looks from today.

    earliest: first of the month from which use could begin, every remaining step at full
    length but the present one, of which the days since it began are taken off.
    late_working_days: worked days missing for the wished start; 0 when it fits.
    """

    earliest: date
    late_working_days: int
    present: Step | None


def look_ahead(plan: Plan, today: date) -> Outlook:
    """From the present state on. Where use has begun, nothing is late."""
    remaining = _remaining(plan)
    if not remaining:
        return Outlook(earliest=plan.starts_on, late_working_days=0, present=None)
    spans = {span.step.key: span for span in count_back(plan)}
    day = today
    for step in remaining:
        day = _go_on(plan, step, day, today)
    earliest = day if day.day == 1 else add_months(month_start(day), 1)
    first = remaining[0]
    done = _days_done(plan, first, today)
    needed = max(plan.length(first) - done, 0) if first.unit == WORKING_DAYS else 0
    latest = back_working_days(spans[first.key].ends_on, max(needed - 1, 0))
    late = count_working_days(latest + timedelta(days=1), today) if today > latest else 0
    return Outlook(earliest=earliest, late_working_days=late, present=first)


def _remaining(plan: Plan) -> list[Step]:
    if plan.state not in MAIN_ROAD:
        return []
    at = MAIN_ROAD.index(plan.state)
    return [step for step in plan.steps if MAIN_ROAD.index(step.state) >= at]


def _days_done(plan: Plan, step: Step, today: date) -> int:
    """Worked days of the present state that have passed; a later step has none."""
    if step.state is not plan.state or step.key == VOTE:
        return 0
    return count_working_days(plan.state_since, today - timedelta(days=1))


def _go_on(plan: Plan, step: Step, day: date, today: date) -> date:
    """The first day after the step, when it begins on `day`."""
    if step.unit == MONTHS:
        return add_months(day, plan.length(step))
    if step.key == VOTE:
        return _after_votes(plan, day, plan.length(step))
    left = plan.length(step) - _days_done(plan, step, today)
    last = add_working_days(day, max(left - 1, 0))
    return next_working_day(last + timedelta(days=1))


def _after_votes(plan: Plan, day: date, working_days: int) -> date:
    """The first day after every assembly's next vote that the notice of the bill still reaches."""
    ready = add_working_days(day, working_days)
    months = 0
    while True:
        until = add_months(month_start(ready), months + 1)
        votes = [vote_before(calendar, until) for calendar in plan.calendars or (BodyCalendar(),)]
        if min(votes) >= ready:
            return next_working_day(max(votes) + timedelta(days=1))
        months += 1
