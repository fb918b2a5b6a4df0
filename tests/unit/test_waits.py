"""Every wait, walked past its deadline in silence: somebody else can still move the project."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from procurement.domain.consent import ConsentStatus
from procurement.domain.costs import Term
from procurement.domain.dossier import ResultFacts
from procurement.domain.lifecycle import State, blockers, deadline_of, get_move
from procurement.domain.participation import ParticipationStatus
from procurement.domain.renewal import last_day_before
from procurement.domain.waits import WAITS, Party
from tests.unit.test_lifecycle import (
    NOW,
    PAST,
    SOON,
    agreed,
    consent,
    dossier,
    member,
    notice,
    version,
)

SILENT = member(3, ParticipationStatus.REQUESTED)
RECRUITED = dossier(State.FORMING, members=(member(1), member(2), SILENT), join_closes_at=PAST)
# After the lapse the body is out; the next version is about the others, who have agreed.
LAPSED = agreed(
    members=(member(1), member(2), member(3, ParticipationStatus.LAPSED)),
    consents=(consent(1), consent(2), consent(3, ConsentStatus.LAPSED)),
)
TENDERED = dossier(State.SOLICITATION, notice=notice(proposals_close_at=PAST))
JUDGED = dossier(State.EVALUATION, results=ResultFacts(scores_complete=True, awarded=True))
# The silent body in use leaves at the end of its term; the next version is about the others.
NEXT_TERM = date(2029, 4, 1)
RENEWED = agreed(
    state=State.OPERATION,
    members=(
        member(1, ParticipationStatus.IN_USE),
        member(2, ParticipationStatus.IN_USE),
        member(3, ParticipationStatus.IN_USE, ends_on=date(2029, 3, 31)),
    ),
    version=replace(version(1, 2), term_start=NEXT_TERM),
    consents=(consent(1), consent(2), consent(3, ConsentStatus.LAPSED)),
)
# (state, silent) → (the project in that silence, the actions somebody else may then take)
WAYS_OUT = {
    (State.INTENTION_SURVEY, Party.BODY): (
        dossier(State.INTENTION_SURVEY, survey_closes_at=PAST),
        ("open_recruitment", "cancel"),
    ),
    (State.FORMING, Party.BODY): (RECRUITED, ("start_specification", "cancel")),
    (State.AGREEMENT, Party.BODY): (LAPSED, ("start_specification", "cancel")),
    (State.SOLICITATION, Party.VENDOR): (
        TENDERED,
        ("fail_to_specification", "fail_to_estimate", "cancel"),
    ),
    # Whoever else works for the lead or the secretariat may be the second to open.
    (State.SOLICITATION, Party.OPENER): (
        replace(TENDERED, results=ResultFacts(opened=False)),
        ("fail_to_specification", "fail_to_estimate", "cancel"),
    ),
    # The judge is marked absent (services/judging.py); the quorum of the others decides.
    (State.EVALUATION, Party.JUDGE): (JUDGED, ("award", "fail_to_solicitation", "cancel")),
    (State.CONTRACTING, Party.VENDOR): (
        dossier(State.CONTRACTING, results=ResultFacts(runner_up="次点者")),
        ("turn_to_runner_up", "fail_to_solicitation", "cancel"),
    ),
    # A silent body lapses, be it over its consent or its contract (services/signing_requests.py);
    # the next version is about the others.
    (State.CONTRACTING, Party.BODY): (
        replace(
            LAPSED,
            state=State.CONTRACTING,
            results=ResultFacts(vendor_is_bound=True, basic_contract=True),
        ),
        ("start_introduction", "cancel"),
    ),
    (State.INTRODUCTION, Party.BODY): (
        dossier(State.INTRODUCTION, results=ResultFacts(bodies_not_in_use=("2町",))),
        ("cancel",),
    ),
    # No move waits for the operator; its review of the case: tests/services/test_review_waits.py.
    (State.INTRODUCTION, Party.OPERATOR): (
        dossier(State.INTRODUCTION),
        ("start_operation", "cancel"),
    ),
    # That it takes no part in the next term is recorded by services/renewals.py.
    (State.OPERATION, Party.BODY): (RENEWED, ("renew", "cancel")),
}


def test_every_wait_but_the_leads_is_walked_here():
    """A silent lead is walked through every state in tests/services/test_every_triple.py."""
    assert set(WAYS_OUT) == {(w.state, w.silent) for w in WAITS if w.silent is not Party.LEAD}


@pytest.mark.parametrize("key", WAYS_OUT, ids=lambda key: f"{key[0]}-{key[1]}")
def test_silence_leaves_a_way_out(key):
    project, actions = WAYS_OUT[key]
    assert project.state is key[0]
    for action in actions:
        assert blockers(project, get_move(project.state, action), NOW) == []


def test_a_body_in_use_is_waited_for_until_it_is_recorded_that_it_leaves():
    """Neither the version that names it nor one without it renews while it has no last day."""
    stays = replace(RENEWED, members=(*RENEWED.members[:2], member(3, ParticipationStatus.IN_USE)))
    renew = get_move(State.OPERATION, "renew")
    assert [b.code for b in blockers(stays, renew, NOW)] == ["stale_version", "consent_missing"]
    named = replace(stays, version=replace(version(1, 2, 3), term_start=NEXT_TERM))
    assert [b.code for b in blockers(named, renew, NOW)] == ["consent_missing"]


def test_the_last_day_is_that_of_the_term_before_the_next():
    first, moved = Term(start=date(2027, 4, 1), months=24), Term(start=date(2027, 7, 1), months=24)
    after = Term(start=NEXT_TERM, months=24)
    assert last_day_before([after, first]) == date(2029, 3, 31)
    assert last_day_before([after, after, first]) == date(2029, 3, 31)
    assert last_day_before([Term(start=date(2031, 4, 1), months=12), after, first]) == date(
        2031, 3, 31
    )
    for terms in ([], [first], [first, first], [moved, first], [first, after]):
        assert last_day_before(terms) is None


def test_until_the_deadline_they_are_waited_for():
    waiting = replace(RECRUITED, join_closes_at=SOON)
    forward = get_move(State.FORMING, "start_specification")
    assert [b.code for b in blockers(waiting, forward, NOW)] == ["pending"]
    assert blockers(waiting, forward, SOON + timedelta(seconds=1)) == []


def test_too_few_bodies_are_a_way_back_not_a_dead_end():
    few = dossier(State.FORMING, members=(member(1),), join_closes_at=PAST)
    assert deadline_of(few) == PAST
    assert blockers(few, get_move(State.FORMING, "extend_recruitment"), NOW) == []
    assert blockers(few, get_move(State.FORMING, "cancel"), NOW) == []
