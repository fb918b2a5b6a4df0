"""The table of moves: what each guard asks, who may move, and that nothing leads nowhere (§4)."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from foundation.errors import Refused
from procurement.domain.consent import ConsentStatus, ConsentView
from procurement.domain.diagram import PATH, lifecycle_page
from procurement.domain.dossier import (
    Dossier,
    MemberView,
    NoticeFacts,
    ResultFacts,
    RoleView,
    VersionView,
)
from procurement.domain.lifecycle import (
    ENDED,
    MAIN_ROAD,
    MOVES,
    AgreementBasis,
    ContractModel,
    Mover,
    ProcurementMethod,
    State,
    blockers,
    deadline_of,
    get_move,
    list_moves,
    list_reason_blockers,
)
from procurement.domain.participation import BudgetStatus, ParticipationStatus, ProjectRoleKind
from tests.harness.refusals import says_what_to_do

NOW = datetime(2026, 11, 20, 3, 0, tzinfo=UTC)
SOON = NOW + timedelta(days=10)
PAST = NOW - timedelta(days=1)
LEAD = RoleView(organization_id=1, name="滋賀県", role=ProjectRoleKind.LEAD)


def member(
    number: int, status: ParticipationStatus = ParticipationStatus.JOINED, **more: object
) -> MemberView:
    values: dict[str, object] = {
        "code": f"{number:06d}",
        "name": f"{number}町",
        "status": status,
        "quantity": 10,
    }
    return MemberView(**(values | more))  # type: ignore[arg-type]


def dossier(state: State, **more: object) -> Dossier:
    values: dict[str, object] = {
        "project_id": 1,
        "title": "生成AIの共同調達",
        "state": state,
        "state_since": PAST,
        "roles": (LEAD,),
        "join_closes_at": SOON,
    }
    return Dossier(**(values | more))  # type: ignore[arg-type]


def codes(project: Dossier, action: str) -> list[str]:
    """Of what stands in the way, each in words that say what to do."""
    found = blockers(project, get_move(project.state, action), NOW)
    assert [b.message for b in found if not says_what_to_do(b.message)] == []
    return [b.code for b in found]


def consent(
    number: int, status: ConsentStatus = ConsentStatus.GIVEN, maximum: int = 100
) -> ConsentView:
    return ConsentView(
        code=f"{number:06d}", name=f"{number}町", status=status, maximum_yen={2027: maximum}
    )


def version(*numbers: int) -> VersionView:
    lines = {f"{number:06d}": {2027: 100} for number in numbers}
    return VersionView(number=1, sha256="0" * 64, lines=lines)


def agreed(**more: object) -> Dossier:
    values: dict[str, object] = {
        "members": (member(1), member(2)),
        "version": version(1, 2),
        "consents": (consent(1), consent(2)),
    }
    values |= more
    state = values.pop("state", State.AGREEMENT)
    return dossier(state, **values)  # type: ignore[arg-type]


def test_recruiting_starts_with_one_lead_and_a_deadline_ahead() -> None:
    survey = dossier(State.INTENTION_SURVEY)
    assert codes(survey, "open_recruitment") == []
    assert codes(replace(survey, roles=()), "open_recruitment") == ["one_lead"]
    assert codes(replace(survey, roles=(LEAD, LEAD)), "open_recruitment") == ["one_lead"]
    assert codes(replace(survey, join_closes_at=None), "open_recruitment") == ["join_deadline"]
    assert codes(replace(survey, join_closes_at=NOW), "open_recruitment") == ["join_deadline"]


def test_forming_is_left_with_enough_bodies_and_quantity() -> None:
    alone = dossier(State.FORMING, members=(member(1),))
    assert codes(alone, "start_specification") == ["min_participants"]
    [blocker] = blockers(alone, get_move(State.FORMING, "start_specification"), NOW)
    assert "あと1団体" in blocker.message
    pair = replace(alone, members=(member(1), member(2)))
    assert codes(pair, "start_specification") == []
    assert codes(replace(pair, min_quantity=21), "start_specification") == ["min_quantity"]
    assert codes(replace(pair, min_participants=3), "start_specification") == ["min_participants"]


@pytest.mark.parametrize(
    "status",
    [
        ParticipationStatus.INTERESTED,
        ParticipationStatus.LEFT,
        ParticipationStatus.DECLINED,
        ParticipationStatus.LAPSED,
    ],
)
def test_only_bodies_that_take_part_count(status: ParticipationStatus) -> None:
    project = dossier(State.FORMING, members=(member(1), member(2, status)))
    assert codes(project, "start_specification") == ["min_participants"]


@pytest.mark.parametrize("status", [ParticipationStatus.REQUESTED, ParticipationStatus.PREPARED])
def test_a_body_that_has_begun_to_answer_is_waited_for_until_the_deadline(
    status: ParticipationStatus,
) -> None:
    project = dossier(State.FORMING, members=(member(1), member(2), member(3, status)))
    [blocker] = blockers(project, get_move(State.FORMING, "start_specification"), NOW)
    assert blocker.message.startswith("3町の確認待ちです（回答期限 2026-11-30 12:00）。")
    assert codes(replace(project, join_closes_at=PAST), "start_specification") == []


def test_the_deadline_is_extended_once_and_only_without_enough_bodies() -> None:
    alone = dossier(State.FORMING, members=(member(1),))
    assert codes(alone, "extend_recruitment") == []
    assert codes(replace(alone, join_extended=True), "extend_recruitment") == ["extended"]
    enough = replace(alone, members=(member(1), member(2)))
    assert codes(enough, "extend_recruitment") == ["minimum_met"]


def test_agreement_may_be_entered_straight_from_forming() -> None:
    bare = dossier(State.FORMING, members=(member(1), member(2)))
    assert codes(bare, "start_agreement") == [
        "terms",
        "basis",
        "agreement_basis",
        "consent_deadline",
    ]
    ready = replace(
        bare,
        has_terms=True,
        estimate_bases=1,
        agreement_basis=AgreementBasis.NONE,
        consent_closes_at=SOON,
    )
    assert codes(ready, "start_agreement") == []
    assert codes(replace(ready, consent_closes_at=PAST), "start_agreement") == ["consent_deadline"]
    assert codes(replace(ready, state=State.ESTIMATE), "start_agreement") == []


def test_agreement_is_left_when_everybody_agreed_to_the_version_of_the_members() -> None:
    assert codes(agreed(), "start_specification") == []
    assert codes(agreed(version=None), "start_specification") == ["no_version"]
    carried = agreed(consents=(consent(1), consent(2, ConsentStatus.CARRIED)))
    assert codes(carried, "start_specification") == []


@pytest.mark.parametrize(
    "status", [ConsentStatus.ASKED, ConsentStatus.WITHDRAWN, ConsentStatus.LAPSED]
)
def test_the_names_of_those_without_consent_are_told_but_no_figure(status: ConsentStatus) -> None:
    project = agreed(consents=(consent(1, maximum=123_456), consent(2, status, maximum=654_321)))
    [blocker] = blockers(project, get_move(State.AGREEMENT, "start_specification"), NOW)
    assert blocker.code == "consent_missing"
    assert "2町" in blocker.message and "1町" not in blocker.message
    assert "654" not in blocker.message


def test_a_version_about_other_bodies_is_stale() -> None:
    newcomer = agreed(members=(member(1), member(2), member(3)),
                      consents=(consent(1), consent(2), consent(3)))  # fmt: skip
    assert codes(newcomer, "start_specification") == ["stale_version"]
    left = agreed(members=(member(1), member(2)), version=version(1, 2, 3))
    assert codes(left, "start_specification") == ["stale_version"]


def notice(**more: object) -> NoticeFacts:
    values: dict[str, object] = {
        "policy_checked": True,
        "method": ProcurementMethod.OPEN_PROPOSAL,
        "method_reason": "地方自治法施行令第167条の2第1項第2号",
        "evaluation_rule_fixed": True,
        "questions_close_at": NOW + timedelta(days=1),
        "answers_due_at": NOW + timedelta(days=2),
        "proposals_close_at": NOW + timedelta(days=3),
    }
    return NoticeFacts(**(values | more))  # type: ignore[arg-type]


def noticeable(**more: object) -> Dossier:
    budget = BudgetStatus.APPROPRIATED
    values: dict[str, object] = {
        "members": (member(1, budget_status=budget), member(2, budget_status=budget)),
        "contract_model": ContractModel.BASIC_AND_INDIVIDUAL,
        "notice": notice(),
    }
    return agreed(**(values | more))


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"policy_checked": False}, "policy_check"),
        ({"policy_warns": True}, "policy_reason"),
        ({"method_reason": ""}, "method"),
        ({"method": None}, "method"),
        ({"evaluation_rule_fixed": False}, "evaluation_rule"),
        ({"answers_due_at": None}, "moments"),
        ({"answers_due_at": NOW + timedelta(days=4)}, "moments"),
        ({"questions_close_at": PAST}, "moments"),
    ],
)
def test_the_notice_waits_for_each_of_its_conditions(change: dict[str, object], code: str) -> None:
    assert codes(noticeable(), "publish_notice") == []
    assert codes(noticeable(notice=notice(**change)), "publish_notice") == [code]


def test_a_budget_before_the_vote_passes_only_with_the_condition_in_the_notice() -> None:
    before = member(2, budget_status=BudgetStatus.BEFORE_VOTE)
    project = noticeable(members=(member(1, budget_status=BudgetStatus.APPROPRIATED), before))
    assert codes(project, "publish_notice") == ["budget_before_vote"]
    conditional = replace(project, notice=notice(conditional_on_budget=True))
    assert codes(conditional, "publish_notice") == []
    unknown = noticeable(members=(member(1, budget_status=BudgetStatus.APPROPRIATED), member(2)))
    assert codes(unknown, "publish_notice") == ["budget_unknown"]


def test_the_method_decides_the_route_after_agreement() -> None:
    direct = noticeable(notice=notice(method=ProcurementMethod.QUOTE_COMPARISON))
    assert codes(direct, "start_contracting") == []
    assert codes(direct, "publish_notice") == ["wrong_method"]
    assert codes(noticeable(), "start_contracting") == ["wrong_method"]
    actions = [m.action for m in list_moves(State.AGREEMENT, ProcurementMethod.OPEN_BIDDING)]
    assert "publish_notice" in actions and "start_contracting" not in actions


def test_evaluation_waits_for_the_closing_moment_and_the_answers() -> None:
    facts = notice(proposals_close_at=PAST, unanswered_questions=2)
    project = dossier(State.SOLICITATION, notice=facts)
    assert codes(project, "start_evaluation") == ["questions", "not_opened"]
    empty = replace(project, results=ResultFacts(opened=True))
    assert codes(empty, "start_evaluation") == ["questions", "no_proposal"]
    ready = replace(
        project,
        notice=replace(facts, unanswered_reason="質問者が取り下げた"),
        results=ResultFacts(opened=True, valid_proposals=1),
    )
    assert codes(ready, "start_evaluation") == []
    early = replace(ready, notice=replace(ready.notice, proposals_close_at=SOON))
    assert codes(early, "start_evaluation") == ["not_closed"]


def test_later_states_wait_for_their_results() -> None:
    assert codes(dossier(State.EVALUATION), "award") == ["scores", "no_award"]
    assert codes(dossier(State.CONTRACTING), "turn_to_runner_up") == ["no_runner_up"]
    contracting = replace(agreed(), state=State.CONTRACTING)
    assert codes(contracting, "start_introduction") == ["basic_contract"]
    signed = ResultFacts(basic_contract=True, bodies_without_contract=("2町",))
    assert codes(replace(contracting, results=signed), "start_introduction") == ["contracts"]
    recommended = replace(
        contracting, results=signed, contract_model=ContractModel.RECOMMENDED_PRODUCT
    )
    assert codes(recommended, "start_introduction") == []
    waiting = dossier(State.INTRODUCTION, results=ResultFacts(bodies_not_in_use=("1町",)))
    assert codes(waiting, "start_operation") == ["not_in_use"]
    assert codes(dossier(State.OPERATION), "close") == ["know_how"]
    none = ResultFacts(no_know_how_reason="既存の運用を引き継いだだけのため")
    assert codes(dossier(State.OPERATION, results=none), "close") == []


def test_a_move_from_another_state_is_refused() -> None:
    move = get_move(State.FORMING, "start_specification")
    [blocker] = blockers(agreed(), move, NOW)
    assert blocker.code == "wrong_state"
    with pytest.raises(Refused, match="負担合意"):
        get_move(State.AGREEMENT, "open_recruitment")


def test_moves_back_and_cancelling_need_a_reason() -> None:
    for move in MOVES:
        if move.is_way_back or move.target is State.CANCELLED:
            assert move.reason_needed, move.action
            assert [b.field for b in list_reason_blockers(move, " ")] == ["reason"]
            assert list_reason_blockers(move, "仕様の見直し") == []
            assert list_reason_blockers(move, "あ" * 1001)
    assert list_reason_blockers(get_move(State.FORMING, "start_agreement"), "") == []


def test_every_state_that_has_not_ended_can_be_cancelled_by_the_manager() -> None:
    for state in State:
        found = [m for m in list_moves(state) if m.target is State.CANCELLED]
        assert len(found) == (0 if state in ENDED else 1)
        assert all(m.who is Mover.LEAD_MANAGER for m in found)
    assert all(list_moves(state) == () for state in ENDED)


def test_every_state_is_reached_and_left() -> None:
    reached = {State.INTENTION_SURVEY}
    for _ in State:
        reached |= {m.target for m in MOVES if m.source in reached}
    assert reached == set(State)
    for state in MAIN_ROAD[:-1]:
        assert any(not m.is_way_back and m.target is not State.CANCELLED for m in list_moves(state))


def test_actions_are_unique_per_state_and_every_move_is_told_and_audited() -> None:
    keys = [(m.source, m.action) for m in MOVES]
    assert len(set(keys)) == len(keys)
    assert all(m.told and m.event.startswith("project.") and m.label for m in MOVES)


def test_notice_award_and_failure_are_the_managers() -> None:
    managers = {m.action for m in MOVES if m.who is Mover.LEAD_MANAGER}
    assert {"publish_notice", "award", "cancel", "fail_to_solicitation", "renew"} <= managers
    assert "open_recruitment" not in managers


def test_a_waiting_state_has_a_deadline() -> None:
    assert deadline_of(dossier(State.FORMING)) == SOON
    assert deadline_of(dossier(State.AGREEMENT, consent_closes_at=PAST)) == PAST
    assert deadline_of(dossier(State.SOLICITATION, notice=notice())) == NOW + timedelta(days=3)
    assert deadline_of(dossier(State.OPERATION)) is None


def test_the_diagram_in_the_documentation_is_fresh() -> None:
    page = Path(__file__).resolve().parents[2] / PATH
    assert page.read_text(encoding="utf-8") == lifecycle_page()
