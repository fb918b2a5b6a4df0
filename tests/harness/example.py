"""The example data, seeded once a run and copied for whoever wants to change it."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flask import Flask
from sqlalchemy import select

from accounts.models import User
from app import create_app
from foundation.db import Database
from tests.harness.databases import settle

NOW = "2026-11-20T10:00:00+09:00"


@dataclass(frozen=True)
class ExampleData:
    """A finished instance folder: database, search index, key."""

    folder: Path


def example_config(instance: Path) -> dict[str, Any]:
    """The configuration of a test application in that folder."""
    return {
        "TESTING": True,
        "EXAMPLE_MODE": True,
        "INSTANCE_DIR": str(instance),
        "DATABASE_URL": f"sqlite:///{instance / 'moyai.db'}",
        "SEARCH_INDEX_DIR": str(instance / "search"),
        "MOYAI_NOW": NOW,
    }


def build_example(folder: Path) -> None:
    """Run what `make run` runs to prepare a new instance, in `folder`."""
    app = create_app(example_config(folder))
    runner = app.test_cli_runner()
    for command in (["db", "upgrade"], ["db", "seed"]):
        result = runner.invoke(args=command)
        if result.exit_code:
            raise RuntimeError(f"flask {' '.join(command)}: {result.output}") from result.exception
    app.extensions["moyai_database"].dispose()
    settle(folder / "moyai.db")


@contextmanager
def open_example(example: ExampleData, instance: Path) -> Iterator[Flask]:
    """The application over a copy of the example data at `instance`."""
    shutil.copytree(example.folder, instance)
    app = create_app(example_config(instance))
    database: Database = app.extensions["moyai_database"]
    try:
        yield app
    finally:
        database.dispose()


def sign_in(client: Any, email: str) -> User:
    """Make the client that user, without the password (the sign-in page has its own tests)."""
    database: Database = client.application.extensions["moyai_database"]
    with database.read_session() as session:
        user = session.scalars(select(User).where(User.email == email)).one()
        session.expunge(user)
    with client.session_transaction() as cookie:
        cookie["_user_id"] = user.session_token
        cookie["_fresh"] = True
    return user


def role_emails(app: Flask) -> dict[str, str]:
    """The address of one example user (the first) for each role."""
    database: Database = app.extensions["moyai_database"]
    with database.read_session() as session:
        users = session.scalars(select(User).where(User.example).order_by(User.id.desc())).all()
        return {m.role: user.email for user in users for m in user.memberships}
