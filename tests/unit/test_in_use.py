"""Users and begun on time: what is recorded is counted, what is not is said (F17)."""

from dataclasses import replace
from datetime import date

import pytest

from catalog.plan_units import Unit
from procurement.dashboard.cost_figures import BODIES_SHOWN, Paper
from procurement.dashboard.project_use import NOT_RECORDED, NOT_SHOWN, draw_use
from procurement.domain.in_use import BodyUse, count_on_time, sum_users

PLANNED = date(2027, 4, 1)
ON_TIME = BodyUse(
    code="990001",
    name="架空一市",
    contracted=100,
    used=80,
    month=date(2027, 6, 1),
    planned_on=PLANNED,
    began_on=PLANNED,
)
LATE = replace(ON_TIME, code="990002", name="架空二市", used=1_200, began_on=date(2027, 4, 15))
UNPLANNED = replace(ON_TIME, code="990003", name="架空三町", planned_on=None)
WAITING = replace(ON_TIME, code="990004", name="架空四村", used=None, month=None, began_on=None)
PAPER = Paper(
    source="負担案",
    as_of="架空",
    fictional=True,
    alone_source=None,
    sees_alone=False,
    sees_paid=True,
)


@pytest.mark.parametrize(
    ("row", "late"),
    [
        (ON_TIME, 0),
        (LATE, 14),
        (replace(ON_TIME, began_on=date(2027, 3, 31)), -1),
        (UNPLANNED, None),
        (WAITING, None),
    ],
)
def test_a_body_is_late_only_against_a_recorded_plan(row, late):
    assert row.days_late == late


@pytest.mark.parametrize(
    ("rows", "counted", "tenths"),
    [
        ((ON_TIME, LATE, UNPLANNED, WAITING), (1, 2, 2), 500),
        ((ON_TIME, ON_TIME, LATE), (2, 3, 0), 667),
        ((ON_TIME,), (1, 1, 0), 1000),
        ((LATE,), (0, 1, 0), 0),
        ((UNPLANNED, WAITING), (0, 0, 2), None),
        ((), (0, 0, 0), None),
    ],
)
def test_the_rate_is_of_bodies_with_both_days(rows, counted, tenths):
    found = count_on_time(rows)
    assert (found.on_time, found.known, found.unknown) == counted
    assert found.tenths == tenths


def test_users_are_added_only_where_all_are_known():
    assert sum_users((ON_TIME, LATE)) == 1_280
    assert sum_users((ON_TIME, replace(ON_TIME, used=0))) == 80
    assert sum_users((ON_TIME, WAITING)) is None
    assert sum_users(()) is None


def test_the_figure_says_what_is_not_recorded():
    figure = draw_use((ON_TIME, LATE), Unit.ACCOUNT, PAPER, NOT_RECORDED)
    assert figure.title.startswith("【架空】利用者の合計は1,280アカウント")
    assert figure.title.endswith("割合は50.0 %（2団体のうち1団体）")
    assert figure.rows[1][2:] == (
        *(100, 1_200, "2027-06"),
        *("令和9年4月1日", "令和9年4月15日", "14日おくれ"),
    )
    unknown = draw_use((UNPLANNED, WAITING), Unit.ACCOUNT, PAPER, NOT_RECORDED)
    assert "合計は未記録、予定どおりに利用を始めた割合は未記録" in unknown.title
    assert unknown.rows[1][3:] == (None, "未記録", "令和9年4月1日", "未記録", "未記録")
    assert {column.absent for column in unknown.columns if column.unit} == {"未記録"}
    assert "割合がわからない団体は2団体です。" in unknown.note


def test_who_does_not_read_all_is_not_told_that_nothing_is_recorded():
    figure = draw_use((ON_TIME, WAITING), Unit.ACCOUNT, PAPER, NOT_SHOWN)
    assert "合計は未記録・非表示" in figure.title
    assert figure.rows[1][4] == NOT_SHOWN


def test_of_many_bodies_the_first_are_on_the_page_and_all_in_the_file():
    many = [replace(ON_TIME, code=f"{n:06d}") for n in range(BODIES_SHOWN + 1)]
    figure = draw_use(many, Unit.ACCOUNT, PAPER, NOT_RECORDED)
    assert figure.shown == figure.rows[:BODIES_SHOWN]
    assert len(figure.rows) == BODIES_SHOWN + 1
    assert f"表は先頭{BODIES_SHOWN}団体です。" in figure.note
    assert draw_use(many[:-1], Unit.ACCOUNT, PAPER, NOT_RECORDED).shown is None


def test_what_is_no_person_is_not_called_one():
    figure = draw_use((ON_TIME,), Unit.DEVICE, PAPER, NOT_RECORDED)
    assert "利用の合計は80端末" in figure.title
    assert "利用者の人数は未記録です" in figure.note
    assert not any("利用者数" in column.label for column in figure.columns)
