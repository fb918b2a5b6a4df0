"""Two people with the same file: what the second one saw is not so any more, and is said."""

import csv
import io

import pytest
from sqlalchemy import func, select

from accounts.roles import Actor, Role
from catalog.importing import incoming, incoming_work, offering_pages, spec_pages
from catalog.importing.models import IncomingFile
from catalog.importing.page_kinds import register_kinds
from catalog.library.models import SpecDocument
from catalog.models import Offering
from foundation.db import Database
from foundation.errors import Conflict
from tests.harness.builders import (
    NOW,
    make_actor,
    make_organization,
    make_system_type,
    make_vendor,
)
from tests.pages.test_import_pages import Row, row
from tests.services.test_spec_files import spec_row


def receive(database: Database, actor: Actor, kind: str, rows: list[Row]) -> int:
    """The id of the file, read and compared."""
    text = io.StringIO()
    writer = csv.DictWriter(text, list(rows[0]))
    writer.writeheader()
    writer.writerows(rows)
    content = text.getvalue().encode()
    with database.transaction() as session:
        file_id = incoming.receive(
            session, actor=actor, now=NOW, kind_key=kind, file_name="a.csv", content=content
        ).id
    incoming_work.work(database, file_id, lambda: NOW)
    return file_id


def take(database: Database, actor: Actor, file_id: int) -> dict[str, int]:
    with database.transaction() as session:
        seen = session.get_one(IncomingFile, file_id).row_version
        return incoming.take(session, actor=actor, now=NOW, file_id=file_id, row_version=seen)


@pytest.mark.parametrize("kind", ["offerings", "specs"])
def test_the_second_of_two_is_told_and_compares_anew(database: Database, kind: str) -> None:
    register_kinds((offering_pages.PUBLISHED, spec_pages.SPECS))
    with database.transaction() as session:
        make_system_type(session, "generative_ai", name="生成AI")
        number = str(make_vendor(session).organization.corporate_number)
        house = make_organization(session, "operator")
        first, second = (make_actor(session, house, Role.OPERATOR) for _ in range(2))
    rows = [row(number, n) if kind == "offerings" else spec_row(n) for n in (1, 2)]
    one, other = (receive(database, actor, kind, rows) for actor in (first, second))
    assert take(database, first, one) == {"added": 2, "changed": 0}
    with pytest.raises(Conflict, match="登録内容が変わりました"):
        take(database, second, other)
    with database.transaction() as session:
        incoming.compare_again(session, actor=second, now=NOW, file_id=other)
    incoming_work.work(database, other, lambda: NOW)
    assert take(database, second, other) == {"added": 0, "changed": 0}
    with database.read_session() as session:
        model = Offering if kind == "offerings" else SpecDocument
        assert session.scalar(select(func.count()).select_from(model)) == 2
