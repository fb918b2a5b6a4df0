"""What a body's own rules say of time and money: budget requests, assemblies, long contracts.

Each body states its own (a field left open is 「未入力」, never a guess); the first values are
only there to draw a calendar with, and every page says which are stated.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from foundation.clock import add_months, fiscal_year_of, month_start, previous_working_day
from procurement.domain.participation import BudgetStatus

# Regular sessions are commonly held four times a year.
USUAL_ASSEMBLY_MONTHS = (3, 6, 9, 12)
USUAL_BUDGET_REQUEST = (10, 31)
# The session that votes the first budget of the coming fiscal year ends by this month.
BUDGET_VOTE_MONTH = 3


@dataclass(frozen=True, kw_only=True)
class BodyCalendar:
    """A body's dates and limits. stated: False while these are the first values only.

    budget_request: (month, day) by which the coming year's budget is asked for.
    long_term_limit_months: the longest 長期継続契約 its ordinance allows, None = not stated.
    property_threshold_yen: price from which buying movables needs the assembly's vote.
    """

    code: str = ""
    name: str = ""
    stated: bool = False
    budget_request: tuple[int, int] = USUAL_BUDGET_REQUEST
    assembly_months: tuple[int, ...] = USUAL_ASSEMBLY_MONTHS
    long_term_covers: bool | None = None
    long_term_limit_months: int | None = None
    property_threshold_yen: int | None = None
    budget_status: BudgetStatus | None = None


def vote_before(calendar: BodyCalendar, day: date) -> date:
    """The last vote before the day: the last worked day of a month with a session."""
    month = month_start(day)
    while True:
        end = previous_working_day(add_months(month, 1) - timedelta(days=1))
        if month.month in calendar.assembly_months and end < day:
            return end
        month = add_months(month, -1)


def budget_request_before(calendar: BodyCalendar, fiscal_year: int) -> date:
    """The day by which the budget of that fiscal year is asked for, in the year before."""
    month, day = calendar.budget_request
    year = fiscal_year - 1 if month >= 4 else fiscal_year
    first = date(year, month, 1)
    return min(first + timedelta(days=day - 1), add_months(first, 1) - timedelta(days=1))


def budget_vote(fiscal_year: int) -> date:
    """The last worked day of the March before the fiscal year."""
    return previous_working_day(date(fiscal_year, BUDGET_VOTE_MONTH, 31))


@dataclass(frozen=True, kw_only=True)
class Gate:
    """A date of one body that the plan must meet, and whether it does.

    problem: what does not fit, in words; '' when it does.
    """

    code: str
    body: str
    what: str
    on: date | None
    problem: str = ""


def budget_gate(calendar: BodyCalendar, *, starts_on: date, estimate_ends_on: date | None) -> Gate:
    """Asking for the budget of the first year of use."""
    asked = budget_request_before(calendar, fiscal_year_of(starts_on))
    late = estimate_ends_on is not None and estimate_ends_on > asked
    return Gate(
        code=calendar.code,
        body=calendar.name,
        what="予算要求の締切",
        on=asked,
        problem="概算見積が終わる前に締切が来ます。前の年度の補正予算か、開始日を検討します。"
        if late
        else "",
    )


def contract_gates(
    calendar: BodyCalendar, *, contract_on: date, starts_on: date, term_months: int | None
) -> list[Gate]:
    """What a contract over several years, or before the budget's own year, asks of the body."""
    crosses = term_months is not None and fiscal_year_of(
        add_months(starts_on, term_months - 1)
    ) > fiscal_year_of(contract_on)
    if not crosses:
        return []
    return [
        Gate(
            code=calendar.code,
            body=calendar.name,
            what="複数年度にわたる契約",
            on=contract_on,
            problem=_commitment_problem(calendar, contract_on, term_months or 0),
        )
    ]


def _commitment_problem(calendar: BodyCalendar, contract_on: date, term_months: int) -> str:
    if calendar.budget_status is BudgetStatus.MULTI_YEAR_COMMITMENT:
        return ""
    limit = calendar.long_term_limit_months
    if calendar.budget_status is BudgetStatus.LONG_TERM_CONTRACT or calendar.long_term_covers:
        if limit is not None and term_months > limit:
            return f"長期継続契約の上限{limit}か月を、期間{term_months}か月が超えています。"
        return ""
    vote = vote_before(calendar, contract_on + timedelta(days=1))
    return (
        "債務負担行為の議決か、長期継続契約の条例の定めがあるか確かめます"
        f"（契約前の最後の議会の見込み：{vote.year}年{vote.month}月）。"
    )


def shortest_limit(calendars: Sequence[BodyCalendar]) -> BodyCalendar | None:
    """The body whose long-term contracts end first; a joint term must fit it."""
    limited = [c for c in calendars if c.long_term_limit_months is not None]
    return min(limited, key=lambda c: (c.long_term_limit_months, c.code), default=None)


def property_gates(calendar: BodyCalendar, *, vote_on: date, share_yen: int | None) -> Gate:
    """Whether a purchase of devices needs this body's assembly (its ordinance says from what)."""
    threshold = calendar.property_threshold_yen
    if threshold is None:
        problem = "財産の取得に議決が要る予定価格が未入力です。条例を確かめます。"
    elif share_yen is not None and share_yen < threshold:
        problem = ""
    else:
        problem = f"予定価格が{threshold:,}円以上なら、仮契約のあと議決を経て本契約とします。"
    return Gate(
        code=calendar.code,
        body=calendar.name,
        what="財産の取得の議決",
        on=vote_on,
        problem=problem,
    )
