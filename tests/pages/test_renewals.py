"""A renewal on the page: what it means that a silent body is not in the next term."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from accounts.models import User
from foundation.clock import jst_today
from foundation.web import now_of
from procurement.models import Consent, Participation, Project
from tests.harness.client import StrictClient
from tests.harness.example import open_example, sign_in
from tests.services.test_renewals import make_renewal


class Renewal:
    """A renewal whose deadline and two reminders are over, one body silent."""

    def __init__(self, app):
        self.app = app
        self.database = app.extensions["moyai_database"]
        with self.database.transaction() as session:
            world, project, silent = make_renewal(session)
            project.consent_closes_at = now_of(app) - timedelta(hours=1)
            asked = select(Consent).where(Consent.status == "asked")
            for row in session.scalars(asked.join(Participation)):
                if row.participation.project_id == project.id:
                    row.reminders_sent = 2
            self.id, self.code, self.name = project.id, silent.code, silent.name
            people = {"lead": world.lead, "silent": world.manager(silent)}
            self.emails = {
                name: session.get_one(User, actor.user_id).email for name, actor in people.items()
            }

    def client(self, name):
        client = StrictClient(self.app)
        sign_in(client, self.emails[name])
        return client


@pytest.fixture
def renewal(example, tmp_path):
    with open_example(example, tmp_path / "instance") as app:
        yield Renewal(app)


def test_the_lead_sees_what_follows_and_records_it(renewal):
    lead = renewal.client("lead")
    path = f"/projects/{renewal.id}/sharing"
    address = f"{path}/next-term/{renewal.code}"
    page = lead.page(path)
    assert address in page.links
    assert "期限切れにする" not in page.text  # a body with a contract does not lapse
    foreseen = lead.page(address)
    assert "令和11年3月31日" in foreseen.text
    assert "離脱の後も見られます" in foreseen.text
    assert len(foreseen.table("抜けた場合の負担")) == 3
    foreseen.form("/next-term/").submit(lead)
    with renewal.database.read_session() as session:
        rows = select(Participation).where(
            Participation.project_id == renewal.id, Participation.body_code == renewal.code
        )
        place = session.scalars(rows).one()
        assert place.status == "in_use"
        assert place.ends_on < session.get_one(Project, renewal.id).term_start
        assert place.ends_on > jst_today(now_of(renewal.app))
    assert "次の期間に参加しない扱い" in renewal.client("silent").page("/inbox").text


def test_nobody_else_finds_the_page(renewal):
    address = f"/projects/{renewal.id}/sharing/next-term/{renewal.code}"
    silent = renewal.client("silent")
    assert silent.get(address).status_code == 404
    assert renewal.client("lead").get(f"{address[:-6]}992011").status_code == 404
