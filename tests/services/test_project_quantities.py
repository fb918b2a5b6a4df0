"""A price that counts what nobody was asked for is refused; it is never taken as 0."""

from dataclasses import replace
from datetime import date

import pytest

from catalog.plans import Plan
from foundation.db import Database
from foundation.errors import Refused
from procurement.domain.pricing import PlanCosts
from procurement.domain.sharing import preview
from procurement.models import EstimateBasis, Participation
from procurement.queries.figures import facts_of, list_sharing_members, terms_of
from procurement.queries.own_figures import own_figures
from procurement.queries.previews import get_previews
from procurement.queries.standing import find_standing
from procurement.services.estimates import add_estimate_basis
from tests.harness.builders import NOW
from tests.harness.projects import PLAN, make_plan, make_project, make_world

PER_CASE = {
    "key": "case",
    "name": "申請処理料",
    "kind": "recurring",
    "unit": "case",
    "unit_price": "30",
    "period": "month",
}
COUNTED = PLAN | {"components": [*PLAN["components"], PER_CASE]}


def with_option():
    option = PER_CASE | {"kind": "option"}
    return PLAN | {"components": [*PLAN["components"], option]}


def put_in_counted_plan(session, project):
    """As a project may hold it from before such plans were refused."""
    session.add(
        EstimateBasis(
            project_id=project.id,
            price_plan_id=make_plan(session, COUNTED),
            label="試算の前提 0",
            plan_snapshot=Plan.from_dict(COUNTED).to_dict(),
            tax_rate_percent=10,
            added_at=NOW,
        )
    )
    session.flush()


def test_a_plan_counting_an_unasked_unit_is_no_basis(sqlite_database: Database):
    with sqlite_database.transaction() as session:
        world = make_world(session)
        project = make_project(session, world)
        plan_id = make_plan(session, COUNTED)
        with pytest.raises(Refused) as refused:
            add_estimate_basis(
                session, actor=world.lead, now=NOW, project_id=project.id, price_plan_id=plan_id
            )
        (blocker,) = refused.value.blockers
        assert (blocker.code, blocker.field) == ("unit_not_asked", "price_plan_id")
        assert "「標準」" in blocker.message and "件の数量" in blocker.message


def test_an_option_nobody_chose_needs_no_quantity(sqlite_database: Database):
    with sqlite_database.transaction() as session:
        world = make_world(session)
        project = make_project(session, world)
        plan_id = make_plan(session, with_option())
        add_estimate_basis(
            session, actor=world.lead, now=NOW, project_id=project.id, price_plan_id=plan_id
        )
        previews = get_previews(session, project, find_standing(session, world.lead, project.id))
        assert [each.blockers for each in previews.by_basis] == [(), ()]


def test_preview_and_own_figures_name_body_and_unit(sqlite_database: Database):
    with sqlite_database.transaction() as session:
        world = make_world(session)
        project = make_project(session, world, joined=2)
        put_in_counted_plan(session, project)
        previews = get_previews(session, project, find_standing(session, world.lead, project.id))
        counted = next(each for each in previews.by_basis if each.basis.label.endswith("0"))
        assert counted.preview is None
        assert [b.code for b in counted.blockers] == ["quantity_missing"] * 2
        assert world.bodies[0].name in counted.blockers[0].message
        assert "件の数量がない" in counted.blockers[0].message
        own = own_figures(session, project, world.bodies[2], None, quantity=30)
        assert own.figures is None
        assert any(world.bodies[2].name in blocker.message for blocker in own.blockers)


def test_a_quantity_that_is_there_is_priced(sqlite_database: Database):
    with sqlite_database.transaction() as session:
        world = make_world(session)
        project = make_project(session, world, joined=2)
        for row in session.query(Participation).filter_by(project_id=project.id):
            row.quantities = row.quantities | {"case": 1000}
        put_in_counted_plan(session, project)
        previews = get_previews(session, project, find_standing(session, world.lead, project.id))
        totals = {e.basis.label: e.preview.total_yen for e in previews.by_basis if e.preview}
        # 2 bodies, 1,000 cases, 30 yen, 24 months, 10% tax.
        assert totals["試算の前提 0"] - totals["試算の前提 A"] == 2 * 33_000 * 24


def test_residents_of_no_known_number_are_refused_by_name(sqlite_database: Database):
    with sqlite_database.transaction() as session:
        world = make_world(session)
        project = make_project(session, world)
        plan = PLAN | {"components": [PER_CASE | {"unit": "resident"}]}
        empty = replace(facts_of(world.bodies[0]), register_2025=None, name="無人町")
        members = [empty, *list_sharing_members(session, project.id)[1:]]
        terms = replace(terms_of(project), term_start=date(2027, 4, 1))
        with pytest.raises(Refused) as refused:
            preview(terms, members, PlanCosts(plan=Plan.from_dict(plan)))
        assert "無人町：住民の数量がない" in str(refused.value)
