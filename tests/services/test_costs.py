"""A body reports its own budgets and settlements (F17): who, when, never silently over another."""

from dataclasses import dataclass

import pytest
from sqlalchemy import select

from accounts.roles import Actor
from foundation.audit import AuditEvent
from foundation.db import Database
from foundation.errors import Conflict, NotFound, Refused
from procurement.cost_models import CostGoal
from procurement.domain.costs import CostBasis, CostCategory
from procurement.models import CostRow
from procurement.queries.own_costs import get_own_costs
from procurement.services.costs import YearCosts, record_costs, set_cost_goal
from tests.harness.builders import NOW
from tests.harness.ledger import make_collected_project
from tests.harness.projects import make_project, make_world


def said(year=2025, basis=CostBasis.SETTLEMENT, source="決算書", **amounts):
    return YearCosts(
        fiscal_year=year,
        basis=basis,
        amounts={each: amounts.get(each.value) for each in CostCategory},
        source=source,
    )


@dataclass(frozen=True, kw_only=True)
class Opened:
    """A project at its introduction and one still gathering, and who is in both."""

    database: Database
    project_id: int
    early_id: int
    first: Actor
    second: Actor
    lead: Actor
    vendor: Actor


@pytest.fixture
def opened(database):
    return _open(database)


@pytest.fixture
def sqlite_opened(sqlite_database):
    return _open(sqlite_database)


def _open(database: Database) -> Opened:
    with database.transaction() as session:
        world = make_world(session)
        project, _vendor, manager = make_collected_project(session, world)
        return Opened(
            database=database,
            project_id=project.id,
            early_id=make_project(session, world, joined=2).id,
            first=world.manager(world.bodies[0]),
            second=world.manager(world.bodies[1]),
            lead=world.lead,
            vendor=manager,
        )


def report(session, actor, project_id, wanted, seen=None):
    if seen is None:
        seen = get_own_costs(session, project_id, actor.body_code or "").seen_sha256
    record_costs(
        session, actor=actor, now=NOW, project_id=project_id, wanted=wanted, seen_sha256=seen
    )


def rows(session, project_id):
    return [
        (r.body_code, r.fiscal_year, r.basis, r.category, r.amount_yen, r.row_version)
        for r in session.scalars(
            select(CostRow).where(CostRow.project_id == project_id).order_by(CostRow.id)
        )
    ]


def test_a_body_reports_changes_and_takes_back(opened):
    actor, project_id = opened.first, opened.project_id
    with opened.database.transaction() as session:
        report(session, actor, project_id, said(operating=0, build_other=5))
        report(session, actor, project_id, said(basis=CostBasis.BUDGET_INITIAL, operating=9))
        report(session, actor, project_id, said(operating=7))
        assert rows(session, project_id) == [
            (actor.body_code, 2025, "settlement", "operating", 7, 2),
            (actor.body_code, 2025, "budget_initial", "operating", 9, 1),
        ]
        page = get_own_costs(session, project_id, actor.body_code)
        assert [(line.basis, line.amounts) for line in page.lines] == [
            ("budget_initial", {"operating": 9}),
            ("settlement", {"operating": 7}),
        ]
        found = select(AuditEvent).where(AuditEvent.action == "record_costs")
        assert len(session.scalars(found).all()) == 3


def test_two_of_a_body_never_write_over_each_other(opened):
    actor, project_id = opened.first, opened.project_id
    with opened.database.transaction() as session:
        seen = get_own_costs(session, project_id, actor.body_code).seen_sha256
        report(session, actor, project_id, said(operating=1), seen)
    with opened.database.transaction() as session, pytest.raises(Conflict):
        report(session, actor, project_id, said(operating=2), seen)
    with opened.database.transaction() as session:
        # Another body's report is nothing to this one.
        report(session, opened.second, project_id, said(operating=3))
        assert [row[4] for row in rows(session, project_id)] == [1, 3]


@pytest.mark.parametrize(
    ("wanted", "words"),
    [
        (said(year=2026, operating=1), "年度が終わってから"),
        (said(year=2017, operating=1), "2018年度から"),
        (said(year=2028, basis=CostBasis.BUDGET_INITIAL, operating=1), "2027年度まで"),
        (said(), "金額を1つ以上"),
        (said(operating=-1), "0円から"),
        (said(operating=10**11 + 1), "0円から"),
        (said(operating=1, source="あ" * 201), "200文字以内"),
        (said(basis=CostBasis.CONTRACT, operating=1), "区分を選んで"),
    ],
)
def test_what_cannot_be_is_refused_in_words(sqlite_opened, wanted, words):
    with sqlite_opened.database.transaction() as session, pytest.raises(Refused) as refused:
        report(session, sqlite_opened.first, sqlite_opened.project_id, wanted)
    assert words in str([blocker.message for blocker in refused.value.blockers])


def test_nobody_reports_for_another_or_before_the_introduction(opened):
    with opened.database.transaction() as session:
        for actor in (opened.lead, opened.vendor):
            with pytest.raises(NotFound):
                report(session, actor, opened.project_id, said(operating=1), "")
        with pytest.raises(Refused):
            report(session, opened.first, opened.early_id, said(operating=1))
        assert rows(session, opened.project_id) == rows(session, opened.early_id) == []


def test_a_goal_is_set_changed_and_taken_back(opened):
    actor = opened.first

    def put(session, yen, seen):
        set_cost_goal(
            session,
            actor=actor,
            now=NOW,
            project_id=opened.project_id,
            target_yen=yen,
            note="",
            seen_version=seen,
        )

    with opened.database.transaction() as session:
        put(session, 0, 0)
        put(session, 5, 1)
        with pytest.raises(Conflict):
            put(session, 6, 1)
        assert get_own_costs(session, opened.project_id, actor.body_code).goal.target_yen == 5
        put(session, None, 2)
        assert session.scalars(select(CostGoal)).all() == []
        with pytest.raises(Refused):
            put(session, None, 0)
