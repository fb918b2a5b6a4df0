"""A procurement on the calendar: counted back, looked ahead, votes, budgets and waves."""

from dataclasses import replace
from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from foundation.clock import (
    add_months,
    back_working_days,
    count_working_days,
    is_working_day,
)
from procurement.domain.assemblies import (
    BodyCalendar,
    budget_gate,
    budget_request_before,
    contract_gates,
    property_gates,
    shortest_limit,
    vote_before,
)
from procurement.domain.participation import BudgetStatus
from procurement.domain.schedule import STEPS, VOTE, Plan, count_back, look_ahead
from procurement.domain.states import ProcurementMethod, State
from procurement.domain.waves import Ending, meet, propose_waves

START = date(2027, 10, 1)
PLAN = Plan(
    starts_on=START,
    state=State.FORMING,
    state_since=date(2026, 11, 2),
    method=ProcurementMethod.OPEN_PROPOSAL,
)
days = st.dates(min_value=date(2026, 1, 1), max_value=date(2035, 12, 31))


def test_the_worked_days_by_hand():
    """2026-12-29 to 2027-01-03 are closed, and 11 January 2027 is 成人の日."""
    assert back_working_days(date(2027, 1, 12), 1) == date(2027, 1, 8)
    assert back_working_days(date(2027, 1, 4), 1) == date(2026, 12, 28)
    assert count_working_days(date(2026, 12, 28), date(2027, 1, 12)) == 7


def test_a_plan_counted_back_by_hand():
    """Introduction 3 months before 1 October; the contract ends on the last worked day of June."""
    spans = {span.step.key: span for span in count_back(PLAN)}
    assert spans["introduction"].starts_on == date(2027, 7, 1)
    assert spans["introduction"].ends_on == date(2027, 9, 30)
    assert spans["contracting"].ends_on == date(2027, 6, 30)
    assert spans["contracting"].starts_on == date(2027, 6, 17)
    assert spans["evaluation"].ends_on == date(2027, 6, 16)
    assert list(spans) == [step.key for step in STEPS if step.key != VOTE]


@given(days, st.integers(1, 60), st.booleans())
def test_steps_follow_each_other_without_overlap(start, length, buys):
    plan = replace(PLAN, starts_on=start, lengths={"notice": length}, buys_property=buys)
    spans = count_back(plan)
    for earlier, later in pairwise(spans):
        assert earlier.starts_on <= earlier.ends_on < later.starts_on
        between = earlier.ends_on + timedelta(days=1)
        # Only closed days lie between two steps, but before a contract that waits for a vote.
        if VOTE not in (earlier.step.key, later.step.key):
            assert count_working_days(between, later.starts_on - timedelta(days=1)) == 0
    notice = next(span for span in spans if span.step.key == "notice")
    assert count_working_days(notice.starts_on, notice.ends_on) == length
    assert is_working_day(notice.starts_on)


def test_a_quote_comparison_has_no_notice():
    plan = replace(PLAN, method=ProcurementMethod.QUOTE_COMPARISON)
    keys = [span.step.key for span in count_back(plan)]
    assert "notice" not in keys
    assert "evaluation" not in keys


def test_property_waits_for_every_assembly():
    """One votes in March, June, September, December, the other in June alone."""
    calendars = (BodyCalendar(code="1"), BodyCalendar(code="2", assembly_months=(6,)))
    plan = replace(PLAN, buys_property=True, calendars=calendars)
    span = next(span for span in count_back(plan) if span.step.key == VOTE)
    assert span.ends_on == date(2027, 6, 30)
    later = replace(plan, starts_on=date(2028, 1, 1))
    span = next(span for span in count_back(later) if span.step.key == VOTE)
    # Introduction begins on 1 October: September's vote for one, June's for the other.
    assert span.ends_on == date(2027, 9, 30)
    assert span.starts_on == back_working_days(date(2027, 6, 30), 20)


@given(days, st.sets(st.integers(1, 12), min_size=1))
def test_the_last_vote_is_in_a_session_and_before_the_day(day, months):
    vote = vote_before(BodyCalendar(assembly_months=tuple(months)), day)
    assert vote < day
    assert vote.month in months
    assert is_working_day(vote)


def test_what_is_late_is_said_in_worked_days():
    """Beginning the present step a month after its last possible day."""
    spans = {span.step.key: span for span in count_back(PLAN)}
    last = spans["forming"].ends_on
    fits = look_ahead(replace(PLAN, state_since=last), last - timedelta(days=300))
    assert fits.late_working_days == 0
    late = look_ahead(replace(PLAN, state_since=date(2026, 9, 1)), last + timedelta(days=7))
    assert late.late_working_days == count_working_days(
        last + timedelta(days=1), last + timedelta(days=7)
    )
    assert late.earliest > START


@given(days, st.sampled_from([s for s in State if s not in (State.CANCELLED,)]), st.booleans())
def test_the_earliest_start_can_be_kept(today, state, buys):
    """Starting at the earliest day that is named is never late again."""
    plan = replace(PLAN, state=state, state_since=today, buys_property=buys)
    outlook = look_ahead(plan, today)
    again = look_ahead(replace(plan, starts_on=outlook.earliest), today)
    assert again.late_working_days == 0


def test_nothing_is_late_once_it_is_in_use():
    assert look_ahead(replace(PLAN, state=State.OPERATION), date(2040, 1, 1)).present is None


def test_the_budget_is_asked_for_in_the_year_before():
    assert budget_request_before(BodyCalendar(), 2027) == date(2026, 10, 31)
    assert budget_request_before(BodyCalendar(budget_request=(1, 15)), 2027) == date(2027, 1, 15)
    assert budget_request_before(BodyCalendar(budget_request=(2, 31)), 2027) == date(2027, 2, 28)


def test_an_estimate_after_the_request_is_a_problem():
    body = BodyCalendar(code="992011", name="架空市")
    early = budget_gate(body, starts_on=START, estimate_ends_on=date(2026, 10, 30))
    late = budget_gate(body, starts_on=START, estimate_ends_on=date(2026, 11, 4))
    assert not early.problem
    assert "締切" in late.problem


@pytest.mark.parametrize(
    ("status", "covers", "limit", "problem"),
    [
        (BudgetStatus.MULTI_YEAR_COMMITMENT, None, None, ""),
        (BudgetStatus.LONG_TERM_CONTRACT, True, 60, ""),
        (BudgetStatus.LONG_TERM_CONTRACT, True, 59, "上限59か月"),
        (None, True, None, ""),
        (None, None, None, "債務負担行為の議決か"),
        (BudgetStatus.APPROPRIATED, False, None, "債務負担行為の議決か"),
    ],
)
def test_a_contract_over_years_needs_its_ground(status, covers, limit, problem):
    body = BodyCalendar(
        code="1",
        name="架空市",
        budget_status=status,
        long_term_covers=covers,
        long_term_limit_months=limit,
    )
    gates = contract_gates(body, contract_on=date(2027, 6, 30), starts_on=START, term_months=60)
    assert [problem in gate.problem and bool(gate.problem) == bool(problem) for gate in gates] == [
        True
    ]


def test_a_contract_within_its_year_asks_nothing():
    body = BodyCalendar(code="1", name="架空市")
    when = {"contract_on": date(2027, 4, 5), "starts_on": date(2027, 10, 1)}
    assert contract_gates(body, **when, term_months=6) == []
    assert len(contract_gates(body, **when, term_months=7)) == 1


def test_a_purchase_under_the_threshold_needs_no_vote():
    body = BodyCalendar(code="1", property_threshold_yen=20_000_000)
    on = date(2027, 6, 30)
    assert property_gates(body, vote_on=on, share_yen=19_999_999).problem == ""
    assert "20,000,000円" in property_gates(body, vote_on=on, share_yen=20_000_000).problem
    assert "未入力" in property_gates(BodyCalendar(code="2"), vote_on=on, share_yen=1).problem


def test_the_shortest_limit_is_named():
    bodies = [BodyCalendar(code="1", long_term_limit_months=84), BodyCalendar(code="2")]
    assert shortest_limit(bodies).code == "1"
    assert shortest_limit([BodyCalendar(code="2")]) is None


def test_paying_twice_by_hand():
    """April to September twice: six months of 1,200,001 yen a year, floored once."""
    found = meet(
        Ending(code="1", name="a", ends_on=date(2027, 9, 30), annual_cost_yen=1_200_001),
        date(2027, 4, 1),
    )
    assert (found.double_months, found.gap_months, found.double_yen) == (6, 0, 600_000)
    gap = meet(Ending(code="1", name="a", ends_on=date(2027, 1, 31)), date(2027, 4, 1))
    assert (gap.double_months, gap.gap_months, gap.double_yen) == (0, 2, None)
    seamless = meet(Ending(code="1", name="a", ends_on=date(2027, 3, 31)), date(2027, 4, 1))
    assert (seamless.double_months, seamless.gap_months) == (0, 0)


endings = st.lists(
    st.builds(
        Ending,
        code=st.integers(100_000, 999_999).map(str),
        name=st.just("架空市"),
        ends_on=st.none() | days,
    ),
    unique_by=lambda each: each.code,
    max_size=40,
)


@given(endings, st.sampled_from([1, 3, 6, 12]))
def test_waves_take_everybody_once_and_nobody_too_early(bodies, every):
    first, last = date(2027, 4, 1), date(2030, 4, 1)
    waves = propose_waves(bodies, first, every, last)
    assert sorted(m.code for wave in waves for m in wave.meetings) == sorted(
        each.code for each in bodies
    )
    assert [wave.number for wave in waves] == list(range(1, len(waves) + 1))
    assert waves == propose_waves(list(reversed(bodies)), first, every, last)
    for wave in waves:
        assert (wave.starts_on.year * 12 + wave.starts_on.month - 1 - 27 * 12) % every == (
            (2027 * 12 + 3 - 27 * 12) % every
        )
        for meeting in wave.meetings:
            late = meeting.ends_on is not None and meeting.ends_on >= wave.starts_on
            assert not late or wave.starts_on >= add_months(last, 1 - every)
