"""The schema that migrations make is the schema the models say, on both databases."""

from datetime import UTC, datetime
from importlib import import_module

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import text
from sqlalchemy.exc import DatabaseError

import app  # every table is known once the whole application is put together
from accounts.audit import record
from accounts.roles import SYSTEM
from foundation.db import Base
from foundation.migrate import is_current, upgrade

for module in app.BLUEPRINTS:
    import_module(module)


def test_migrations_make_what_the_models_say(database):
    with database.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        differences = compare_metadata(context, Base.metadata)
    assert differences == []


def test_upgrading_again_changes_nothing(database):
    upgrade(database.url)
    with database.engine.connect() as connection:
        assert is_current(connection)


@pytest.mark.parametrize(
    "statement", ["DELETE FROM audit_event", "UPDATE audit_event SET action = 'x'"]
)
def test_the_audit_chain_refuses_to_be_rewritten(database, statement):
    now = datetime(2026, 11, 20, tzinfo=UTC)
    with database.transaction() as session:
        record(session, SYSTEM, "test", "test", 1, {"a": 1}, now)
    with pytest.raises(DatabaseError), database.transaction() as session:
        session.execute(text(statement))
