"""The example's project in operation: walked by the real services, whole and repeatable."""

from datetime import UTC, date, datetime

import pytest
from sqlalchemy import func, select

from accounts.examples import create_example_users
from catalog.example.load import load_example, load_reference
from catalog.example.tables import accounts_table
from foundation.audit import AuditEvent, verify
from foundation.clock import jst_today
from procurement.contract_models import Contract
from procurement.example_operation import MEMBERS, load_example_operation
from procurement.models import Participation, Project, StateChange

NOW = datetime(2026, 11, 20, 1, 0, tzinfo=UTC)


def load(session, now, base):
    load_reference(session, now)
    load_example(session, now)
    users = accounts_table("example_users")
    create_example_users(session, users, example_mode=True, password_hash="x", now=now)
    return load_example_operation(session, now, base)


@pytest.mark.parametrize("base", [date(2026, 11, 20), date(2027, 4, 1), date(2027, 3, 31)])
def test_the_project_walks_the_whole_road_whatever_the_day(sqlite_database, base):
    now = datetime(base.year, base.month, base.day, 1, 0, tzinfo=UTC)
    with sqlite_database.transaction() as session:
        assert load(session, now, base) == 1
        assert load_example_operation(session, now, base) == 0
        project = session.scalars(select(Project)).one()
        assert (project.state, project.fictional) == ("operation", True)
        assert project.term_start < jst_today(now)
        passed = session.scalars(select(StateChange.to_state).order_by(StateChange.id)).all()
        assert passed == [
            "intention_survey",
            "forming",
            "agreement",
            "solicitation",
            "evaluation",
            "contracting",
            "introduction",
            "operation",
        ]
        kinds = session.scalars(select(Contract.kind).order_by(Contract.id)).all()
        assert kinds == ["delegation"] * len(MEMBERS) + ["representative"]
        used = select(func.count()).where(Participation.status == "in_use")
        assert session.scalar(used) == len(MEMBERS)
        assert verify(session).problems == ()


def test_no_event_stands_before_an_earlier_one(sqlite_database):
    with sqlite_database.transaction() as session:
        load(session, NOW, date(2026, 11, 20))
        moments = session.scalars(select(AuditEvent.at).order_by(AuditEvent.seq)).all()
        assert moments == sorted(moments)
