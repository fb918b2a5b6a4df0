"""Who uses what, since when, as the database has it; a member reads of its own use only (F17)."""

from datetime import date

from sqlalchemy import select

from foundation.db import Database
from procurement.contract_models import AwardExtension
from procurement.ledger_models import UsageRecord
from procurement.models import Participation
from procurement.queries.in_use import load_in_use
from procurement.queries.ledger import LedgerScope
from tests.harness.builders import NOW
from tests.harness.projects import make_project, make_world

PLANNED = date(2027, 4, 1)
ALL = LedgerScope(everything=True)


def in_use(session, project, scope):
    """As the figure has them: with the planned day of those who have one."""
    return load_in_use(session, project.id, "account", scope).list_bodies(PLANNED)


def use(session, project, body, month, quantity, number=1, unit="account"):
    session.add(
        UsageRecord(
            project_id=project.id,
            body_code=body.code,
            period=month,
            unit=unit,
            number=number,
            quantity=quantity,
            entered_at=NOW,
            entered_by="架空の担当",
        )
    )
    session.flush()


def test_the_newest_entry_of_the_newest_month_counts(database: Database):
    with database.transaction() as session:
        world = make_world(session)
        project, other = make_project(session, world), make_project(session, world)
        first, second, third = world.bodies
        use(session, project, first, date(2027, 5, 1), 170)
        use(session, project, first, date(2027, 6, 1), 180)
        use(session, project, first, date(2027, 6, 1), 190, number=2)
        use(session, project, first, date(2027, 7, 1), 9_999, unit="case")
        use(session, project, second, date(2027, 5, 1), 0)
        use(session, other, third, date(2027, 5, 1), 60)
        rows = in_use(session, project, ALL)
        assert [row.code for row in rows] == sorted(body.code for body in world.bodies)
        assert [(row.contracted, row.used, row.month) for row in rows] == [
            (200, 190, date(2027, 6, 1)),
            (100, 0, date(2027, 5, 1)),
            (60, None, None),
        ]
        own = LedgerScope(body_code=second.code)
        seen = in_use(session, project, own)
        assert [row.used for row in seen] == [None, 0, None]
        nothing = in_use(session, project, None)
        assert [row.used for row in nothing] == [None, None, None]


def test_only_a_recorded_start_and_the_first_waves_plan_are_days(database: Database):
    with database.transaction() as session:
        world = make_world(session)
        project = make_project(session, world)
        places = session.scalars(
            select(Participation)
            .where(Participation.project_id == project.id)
            .order_by(Participation.body_code)
        ).all()
        for place in places:
            place.status, place.starts_on = "in_use", date(2027, 4, 8)
        places[1].wave = 2
        places[2].status = "contracted"  # the day is a wish: use has not begun
        session.flush()
        rows = in_use(session, project, ALL)
        assert [row.days_late for row in rows] == [7, None, None]
        assert [row.began_on is None for row in rows] == [False, False, True]
        session.add(
            AwardExtension(
                project_id=project.id,
                body_code=places[0].body_code,
                kind="late_joiner",
                amount_yen=1,
                reason="途中参加（架空）",
                approval_date=date(2027, 4, 1),
                approval_number="架空第1号",
                number=1,
                decided_at=NOW,
                decided_by="架空の担当",
            )
        )
        session.flush()
        rows = in_use(session, project, ALL)
        assert rows[0].planned_on is None
        places[0].status = "left"
        session.flush()
        assert len(in_use(session, project, ALL)) == 2
