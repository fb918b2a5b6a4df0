"""The stored counter-examples on a real project: the view shows the coalition that gains."""

from typing import Any

import pytest
from sqlalchemy.orm import Session

from foundation.db import Database
from procurement.presenters.fairness import FairnessView, declared_words, fairness_view
from procurement.queries import fairness_page
from procurement.queries.fairness_page import FairnessPage, Wanted, get_fairness_page
from procurement.queries.standing import find_standing
from tests.harness.projects import World, fix, make_plan, make_project, make_world, move

FALLING = [{"from_qty": 1, "unit_price": "10"}, {"from_qty": 10, "unit_price": "5"}]
MINIMUM = {"unit_price": "10", "minimum_yen": 100}
ALL_UNITS = {"tiers": FALLING, "mode": "all_units"}


def plan_of(component: dict[str, Any]) -> dict[str, Any]:
    usual = {
        "key": "use",
        "name": "利用料",
        "kind": "recurring",
        "unit": "account",
        "period": "year",
        "quantity_basis": "joint",
    }
    return {"name": "標準", "components": [usual | component]}


def world_of(session: Session, component: dict[str, Any], quantities: tuple[int, ...]) -> World:
    world = make_world(session)
    world.plan_id = make_plan(session, plan_of(component))
    world.quantities = dict(zip([b.code for b in world.bodies], quantities, strict=False))
    return world


def view_of(
    session: Session, component: dict[str, Any], quantities: tuple[int, ...]
) -> tuple[FairnessPage, FairnessView]:
    """What the lead reads of one year of this plan."""
    world = world_of(session, component, quantities)
    project = make_project(session, world, joined=len(quantities), term_months=12)
    standing = find_standing(session, world.lead, project.id)
    page = get_fairness_page(session, project, standing, Wanted())
    assert page.chosen and page.fairness, page.blockers
    return page, fairness_view(page.chosen, page.fairness, at=1, own="")


def test_minimum_charge(database: Database):
    with database.transaction() as session:
        page, view = view_of(session, MINIMUM, (5, 5, 10))
        names = [body.name for body in page.fairness.bodies]
    assert [row.shapley for row in view.rows.rows] == ["59円", "58円", "83円"]
    (note,) = view.shapley_notes
    assert f"{names[0]}、{names[1]}は自分たちだけのほうが17円安くなります" in note


def test_one_price_for_all_units(sqlite_database: Database):
    with sqlite_database.transaction() as session:
        _, negative = view_of(session, ALL_UNITS, (9, 1))
        page, view = view_of(session, ALL_UNITS, (9, 1, 1))
    assert [row.shapley for row in negative.rows.rows] == ["65円", "−15円"]
    assert "目安がマイナスの団体は" in negative.shapley_notes[0]
    assert page.fairness.shapley_sharing.best.alone_yen == 50
    assert "自分たちだけのほうが5円安くなります" in view.shapley_notes[-1]


def test_a_fixed_version_is_looked_at_as_it_was_fixed(database: Database):
    with database.transaction() as session:
        world = make_world(session)
        project = make_project(session, world)
        standing = find_standing(session, world.lead, project.id)
        before = get_fairness_page(session, project, standing, Wanted())
        move(session, world.lead, project, "start_agreement")
        fix(session, world, project)
        session.flush()
        row = next(p for p in project.participations if p.body_code == world.bodies[0].code)
        row.quantities = row.quantities | {"account": 5_000}
        session.flush()
        fixed = get_fairness_page(session, project, standing, Wanted())
        now = get_fairness_page(session, project, standing, Wanted(key=before.chosen.key))
    assert fixed.choices[0].key == fairness_page.FIXED
    assert fixed.chosen.label == "確定した負担案 第1版"
    assert fixed.fairness == before.fairness
    assert now.fairness.joint_yen > before.fairness.joint_yen


@pytest.mark.parametrize(("yearly", "held"), [(1_000, False), (100_000_000, True)])
def test_an_empty_core_of_declared_figures_is_said_to_the_lead(
    sqlite_database: Database, yearly: int, held: bool
):
    with sqlite_database.transaction() as session:
        world = make_world(session)
        project = make_project(session, world)
        for row in project.participations:
            row.declared_standalone_yen = yearly
            row.declared_standalone_source = "own_quote"
        session.flush()
        page = get_fairness_page(
            session, project, find_standing(session, world.lead, project.id), Wanted()
        )
        own = get_fairness_page(
            session,
            project,
            find_standing(session, world.manager(world.bodies[0]), project.id),
            Wanted(),
        )
        first = world.bodies[0].code
    words = declared_words(page.declared)
    assert ("どう分けても" in words) is not held
    assert ("分け方があります" in words) is held
    assert [row.declared_yen for row in page.declared.rows] == [yearly * 2] * 3
    assert [row.code for row in own.declared.rows] == [first]
    assert declared_words(own.declared) == ""
    # The two views are never mixed: what was declared changes nothing of the plan's.
    assert own.fairness == page.fairness
    assert page.fairness.core.is_empty is False


def test_without_basis_or_bodies_the_page_says_why(sqlite_database: Database):
    with sqlite_database.transaction() as session:
        world = make_world(session)
        project = make_project(session, world, joined=0)
        standing = find_standing(session, world.lead, project.id)
        page = get_fairness_page(session, project, standing, Wanted())
    assert (page.chosen, page.fairness) == (None, None)
    assert "そろうと表示できます" in page.blockers[0].message
