"""A small catalog with the manager of its vendor and an operator, who read its pages."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from accounts.roles import Role
from catalog.models import Vendor
from foundation.db import Database
from tests.harness.builders import make_organization, make_user
from tests.harness.catalog import OpenedCatalog, open_catalog


@dataclass
class Opened(OpenedCatalog):
    """manager, operator: their addresses."""

    manager: str
    operator: str


@contextmanager
def open_for_both(empty_sqlite: Path, folder: Path) -> Iterator[Opened]:
    """The catalog on a copy of the empty database."""
    with open_catalog(empty_sqlite, folder) as (app, catalog):
        database: Database = app.extensions["moyai_database"]
        with database.transaction() as session:
            own = session.get_one(Vendor, catalog.vendor).organization
            office = make_organization(session, "operator", alternate_key="operator")
            manager = make_user(session, own, Role.VENDOR_MANAGER).email
            operator = make_user(session, office, Role.OPERATOR).email
        yield Opened(app, catalog, manager, operator)
