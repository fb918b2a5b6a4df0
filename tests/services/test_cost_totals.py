"""The totals of the cost rows are kept by the database, whatever is done to the rows."""

from random import Random

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from catalog.models import SystemType
from procurement.cost_models import CostTotal
from procurement.dashboard.sums import cost_sums, cost_sums_of_body
from procurement.models import CostRow
from tests.harness.projects import make_project, make_world

YEARS, CATEGORIES = (2024, 2025), ("operating", "build_other")
BASES = ("settlement", "budget_initial")


def totals(session: Session) -> dict[tuple[object, ...], tuple[int, int]]:
    session.flush()
    rows = session.scalars(select(CostTotal).where(CostTotal.row_count != 0))
    return {
        (r.fictional, r.prefecture_code, r.project_id, r.fiscal_year, r.category, r.basis): (
            r.row_count,
            r.amount_yen,
        )
        for r in rows
    }


def sums(session: Session) -> dict[tuple[object, ...], tuple[int, int]]:
    found: dict[tuple[object, ...], tuple[int, int]] = {}
    for row in session.scalars(select(CostRow).where(CostRow.tax_included)):
        key = (
            *(row.fictional, row.body_code[:2], row.project_id or 0),
            *(row.fiscal_year, row.category, row.basis),
        )
        count, amount = found.get(key, (0, 0))
        found[key] = (count + 1, amount + row.amount_yen)
    return found


def make_row(random: Random, session: Session, codes: list[str]) -> CostRow:
    return CostRow(
        body_code=random.choice(codes),
        system_type_code=session.scalars(select(SystemType.code).limit(1)).one(),
        fiscal_year=random.choice(YEARS),
        category=random.choice(CATEGORIES),
        basis=random.choice(BASES),
        amount_yen=random.randrange(-(10**12), 10**12),
        tax_included=random.random() < 0.8,
        fictional=random.random() < 0.5,
    )


def test_totals_are_the_sums_after_every_change(database):
    random = Random(19)
    with database.transaction() as session:
        world = make_world(session)
        codes = [body.code for body in world.bodies]
        rows = [make_row(random, session, codes) for _ in range(40)]
        session.add_all(rows)
        assert totals(session) == sums(session)
        for row in random.sample(rows, 15):
            row.amount_yen += 7
            row.body_code = random.choice(codes)
            row.tax_included = not row.tax_included
        assert totals(session) == sums(session)
        for row in random.sample(rows, 10):
            session.delete(row)
        assert totals(session) == sums(session)
        assert len(totals(session)) > 4


def test_what_bodies_report_is_in_no_dashboard_before_the_contracts(database):
    with database.transaction() as session:
        world = make_world(session)
        project = make_project(session, world)
        code = world.bodies[0].code
        row = make_row(Random(1), session, [code])
        row.project_id, row.tax_included, row.fictional = project.id, True, True
        session.add(row)
        session.flush()
        assert session.scalar(select(func.count(CostTotal.amount_yen))) == 1
        for state, shown in (("agreement", 0), ("introduction", 1)):
            project.state = state
            session.flush()
            assert len(cost_sums(session, fictional=True)) == shown
            assert len(cost_sums_of_body(session, code, fictional=True)) == shown
        project.published = False
        session.flush()
        assert cost_sums(session, fictional=True) == []
        assert cost_sums_of_body(session, code, fictional=True) == []
