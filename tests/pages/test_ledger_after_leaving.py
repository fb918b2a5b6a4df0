"""The ledger's page of a body that has left."""

import pytest
from sqlalchemy import select

from accounts.models import User
from tests.harness.client import StrictClient
from tests.harness.example import open_example, sign_in
from tests.harness.ledger import SECOND, bill, invoice_draft, leave, make_collected_project
from tests.harness.projects import make_world
from tests.services.test_ledger_after_leaving import LAST


@pytest.fixture
def left(example, tmp_path):
    """(application, the ledger's address, addresses of the body that left and of one that did
    without a contract)."""
    with open_example(example, tmp_path / "instance") as app:
        with app.extensions["moyai_database"].transaction() as session:
            world = make_world(session)
            project, _vendor, _ = make_collected_project(session, world)
            bill(session, world.lead, project, invoice_draft())
            gone, never = world.bodies[2], world.bodies[1]
            leave(session, project, gone.code, LAST)
            leave(session, project, never.code, None)
            bill(session, world.lead, project, invoice_draft(SECOND), seen=1)
            emails = [
                session.scalars(
                    select(User.email).where(User.id == world.manager(body).user_id)
                ).one()
                for body in (gone, never)
            ]
            path = f"/projects/{project.id}"
        yield app, path, *emails


def test_a_body_that_has_left_reads_its_own_and_only_that(left):
    app, path, gone, never = left
    client = StrictClient(app)
    sign_in(client, gone)
    assert f"{path}/ledger" in client.page(path).links
    page = client.page(f"{path}/ledger")
    (month,) = page.table("月ごとの合計")
    assert month["月"] == "2026年4月分"
    assert len(client.page(f"{path}/ledger/2026-04").table("団体ごとの請求")) == 1
    assert page.table("納付期限を過ぎた未収")  # what it still owes
    assert "この月の請求は、まだ記録されていません" in client.page(f"{path}/ledger/2026-05").text
    other = StrictClient(app)
    sign_in(other, never)
    assert other.get(f"{path}/ledger").status_code == 404
    assert f"{path}/ledger" not in other.page(path).links
