"""The example's purchase of the standard tasks: whole whatever the day, with one silent body."""

from datetime import UTC, date, datetime

import pytest
from sqlalchemy import select

from accounts.examples import create_example_users
from catalog.example.load import load_example, load_reference
from catalog.example.tables import accounts_table
from foundation.audit import verify
from foundation.clock import fiscal_year_of
from procurement.example_standard import BODIES, SILENT, load_example_standard
from procurement.models import CostRow, Project
from procurement.queries.consents import find_latest_version, list_consents


@pytest.mark.parametrize("base", [date(2026, 11, 20), date(2027, 4, 1), date(2027, 3, 31)])
def test_settlements_of_the_base_year_and_of_years_that_are_over(sqlite_database, base):
    now = datetime(base.year, base.month, base.day, 1, 0, tzinfo=UTC)
    with sqlite_database.transaction() as session:
        load_reference(session, now)
        load_example(session, now)
        users = accounts_table("example_users")
        create_example_users(session, users, example_mode=True, password_hash="x", now=now)
        assert load_example_standard(session, now, base) == 1
        assert load_example_standard(session, now, base) == 0
        project = session.scalars(select(Project)).one()
        assert (project.state, project.fictional) == ("operation", True)
        settled = select(CostRow.fiscal_year).where(
            CostRow.project_id == project.id, CostRow.basis == "settlement"
        )
        years = set(session.scalars(settled))
        assert len(years) == 3
        assert min(years) == 2018
        assert max(years) < fiscal_year_of(base)
        version = find_latest_version(session, project.id)
        answers = {row.code: row for row in list_consents(session, version.id)}
        assert set(answers) == set(BODIES)
        waiting = [code for code, row in answers.items() if row.status.value == "asked"]
        assert waiting == [SILENT]
        assert answers[SILENT].reminders_sent == 2
        assert verify(session).problems == ()
