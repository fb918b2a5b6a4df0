"""Two stages of one procurement: the cap, the days, the result, and what rests on it (F13)."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from procurement.domain.dossier import Dossier
from procurement.domain.guards import first_stage_is_settled
from procurement.domain.moves import MOVES
from procurement.domain.states import BEFORE_NOTICE, State
from procurement.domain.two_stages import (
    HIROSHIMA_CAP_YEN,
    StageDecision,
    StagePattern,
    Stages,
    default_cap,
    list_decided_blockers,
    list_decision_blockers,
    list_first_blockers,
    list_result_blockers,
    list_time_blockers,
)

TODAY = date(2026, 11, 20)
NOW = datetime(2026, 11, 20, tzinfo=UTC)
TRIED = Stages(
    pattern=StagePattern.OWN,
    stage1_cap_yen=500_000,
    stage1_starts_on=date(2026, 9, 1),
    stage1_ends_on=date(2026, 10, 31),
    stage1_amount_yen=500_000,
    stage1_result="議事録の作成が月18時間短くなった。",
    stage1_result_on=date(2026, 11, 10),
)
DECIDED = replace(
    TRIED,
    stage2_decision=StageDecision.PROCEED,
    stage2_reason="目標の月10時間を超えたため",
    stage2_decided_on=TODAY,
)


def test_only_hiroshimas_pattern_has_a_cap_of_its_own():
    assert HIROSHIMA_CAP_YEN == 1_000_000  # policy-sources N10
    assert default_cap(StagePattern.HIROSHIMA, None) == 1_000_000
    assert default_cap(StagePattern.HIROSHIMA, 800_000) == 800_000
    assert default_cap(StagePattern.OWN, None) is None
    assert default_cap(StagePattern.NONE, 800_000) is None


def fields_of(wanted, known=None):
    return [each.field for each in list_first_blockers(known or Stages(), wanted, TODAY)]


def test_a_trial_at_its_cap_is_recorded():
    assert fields_of(TRIED) == []
    bare = Stages(pattern=StagePattern.OWN, stage1_cap_yen=1)
    assert fields_of(bare) == []


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"stage1_cap_yen": None}, "stage1_cap_yen"),
        ({"stage1_cap_yen": 0}, "stage1_cap_yen"),
        ({"stage1_cap_yen": 10**12 + 1}, "stage1_cap_yen"),
        ({"stage1_amount_yen": 500_001}, "stage1_amount_yen"),
        ({"stage1_amount_yen": -1}, "stage1_amount_yen"),
        ({"stage1_ends_on": date(2026, 8, 31)}, "stage1_ends_on"),
        ({"stage1_result_on": date(2026, 8, 31)}, "stage1_result_on"),
        ({"stage1_result_on": TODAY + timedelta(days=1)}, "stage1_result_on"),
        ({"stage1_result_on": None}, "stage1_result_on"),
        ({"stage1_result": "  "}, "stage1_result"),
        ({"stage1_result": "あ" * 2001}, "stage1_result"),
    ],
)
def test_what_is_wrong_is_named_beside_its_field(change, field):
    assert fields_of(replace(TRIED, **change)) == [field]


def test_an_end_or_a_result_needs_a_beginning():
    assert fields_of(replace(TRIED, stage1_starts_on=None)) == [
        "stage1_ends_on",
        "stage1_result_on",
    ]


def test_over_the_cap_says_by_how_much():
    [blocker] = list_first_blockers(Stages(), replace(TRIED, stage1_amount_yen=512_345), TODAY)
    assert "12,345円超えています" in blocker.message


def test_nothing_is_recorded_where_no_pattern_is_chosen():
    assert fields_of(Stages()) == ["pattern"]


def test_a_trial_that_has_begun_is_not_dropped_without_a_result():
    planned = Stages(
        pattern=StagePattern.OWN, stage1_cap_yen=1, stage1_starts_on=TODAY + timedelta(days=1)
    )
    assert fields_of(Stages(), planned) == []
    assert fields_of(Stages(), replace(planned, stage1_starts_on=TODAY)) == ["pattern"]
    assert fields_of(Stages(), replace(planned, stage1_amount_yen=1)) == ["pattern"]


def test_the_second_stage_is_decided_on_a_result_with_a_reason_and_a_day():
    proceed = StageDecision.PROCEED
    assert list_result_blockers(TRIED) == []
    for unknown in (
        Stages(),
        replace(TRIED, stage1_result=""),
        replace(TRIED, pattern=StagePattern.NONE),
    ):
        assert [each.code for each in list_result_blockers(unknown)] == ["no_result"]
    assert list_decision_blockers(TRIED, proceed, "良かった", TODAY, TODAY) == []
    assert list_decision_blockers(TRIED, StageDecision.OPEN, "", None, TODAY) == []
    wrong = [
        (" ", TODAY, "stage2_reason"),
        ("あ" * 2001, TODAY, "stage2_reason"),
        ("良かった", None, "stage2_decided_on"),
        ("良かった", date(2026, 11, 9), "stage2_decided_on"),
        ("良かった", TODAY + timedelta(days=1), "stage2_decided_on"),
    ]
    for reason, day, field in wrong:
        [blocker] = list_decision_blockers(TRIED, StageDecision.STOP, reason, day, TODAY)
        assert blocker.field == field
    assert list_decided_blockers(TRIED) == []
    assert [each.code for each in list_decided_blockers(DECIDED)] == ["decided"]


def test_both_stages_are_recorded_before_the_second_ones_procedure():
    open_in = {state for state in State if not list_time_blockers(state)}
    assert open_in == BEFORE_NOTICE


def guarded(stages):
    dossier = Dossier(
        project_id=1, title="案件", state=State.AGREEMENT, state_since=NOW, stages=stages
    )
    return [each.code for each in first_stage_is_settled(dossier, NOW)]


def test_no_procedure_begins_before_the_first_stage_is_settled():
    assert guarded(Stages()) == []
    assert guarded(DECIDED) == []
    assert guarded(TRIED) == ["stage2_open"]
    assert guarded(replace(DECIDED, stage2_decision=StageDecision.STOP)) == ["stage2_stopped"]
    assert guarded(replace(DECIDED, stage1_result_on=None)) == ["stage1_result"]
    begins = {m.action for m in MOVES if first_stage_is_settled in m.guards}
    assert begins == {"publish_notice", "start_contracting"}


def test_a_reason_shown_to_others_tells_no_figure():
    shown = [
        each.message
        for stages in (TRIED, replace(TRIED, stage1_result=""))
        for each in first_stage_is_settled(
            Dossier(
                project_id=1, title="案", state=State.AGREEMENT, state_since=NOW, stages=stages
            ),
            NOW,
        )
    ]
    assert len(shown) == 2
    assert not any("500" in message or "18" in message for message in shown)
