"""A body that records no contract, on the page: deadline, reminders, what follows, and doing it."""

from datetime import timedelta

import pytest

from accounts.models import User
from foundation.web import now_of
from procurement.contract_models import SigningRequest
from procurement.models import Participation
from tests.harness.client import StrictClient, as_page
from tests.harness.example import open_example, sign_in
from tests.harness.queries import counted_queries
from tests.services.test_silent_signing import REASON, Scene


class Silent:
    """A project at 契約 in which one body of three has not signed."""

    def __init__(self, app):
        self.app = app
        self.database = app.extensions["moyai_database"]
        with self.database.transaction() as session:
            scene = Scene(session)
            self.id, self.code, self.name = scene.project.id, scene.silent.code, scene.silent.name
            people = {
                "lead": scene.world.lead,
                "silent": scene.world.manager(scene.silent),
                "other": scene.world.manager(scene.world.bodies[0]),
            }
            self.emails = {n: session.get_one(User, a.user_id).email for n, a in people.items()}
        self.path = f"/projects/{self.id}/contracts"
        self.address = f"{self.path}/not-signing/{self.code}"

    def client(self, name):
        client = StrictClient(self.app)
        sign_in(client, self.emails[name])
        return client

    def request(self, session):
        return session.get_one(SigningRequest, (self.id, self.code))


@pytest.fixture
def silent(example, tmp_path):
    with open_example(example, tmp_path / "instance") as app:
        yield Silent(app)


def test_the_lead_asks_reminds_looks_and_goes_on(silent):
    lead = silent.client("lead")
    form = lead.page(silent.path).form("/contracts/deadline")
    wrong = as_page(form.submit(lead, {"asking-closes_on": "2020-01-01"}), status=409)
    assert "これからの日付" in wrong.soup.select_one("#asking-closes_on-error").text
    day = (now_of(silent.app) + timedelta(days=14)).date()
    assert form.submit(lead, {"asking-closes_on": day.isoformat()}).status_code == 302
    assert "自団体の契約の期限" in silent.client("silent").page(silent.path).text
    assert "自団体の契約の期限" not in silent.client("other").page(silent.path).text
    lead.page(silent.path).form(f"/remind/{silent.code}").submit(lead)
    (row,) = lead.page(silent.path).table("契約を待っている団体")
    assert (row["団体"], row["催促"]) == (silent.name, "1回")
    too_soon = lead.page(silent.address)
    assert "期限がまだ過ぎていません" in too_soon.text
    with silent.database.transaction() as session:
        request = silent.request(session)
        request.closes_at = now_of(silent.app) - timedelta(hours=1)
        request.reminders_sent = 2
    assert silent.address in lead.page(silent.path).links
    page = lead.page(silent.address)
    assert len(page.table("抜けた場合の負担")) == 3
    assert "だまって増えることはありません" in page.text
    form = page.form("/not-signing/")
    empty = as_page(form.submit(lead, {"silent-reason": ""}), status=422)
    assert empty.soup.select_one("#silent-reason-error")
    assert form.submit(lead, {"silent-reason": REASON}).status_code == 302
    with silent.database.read_session() as session:
        place = session.query(Participation).filter_by(project_id=silent.id, body_code=silent.code)
        assert place.one().status == "lapsed"
    assert "契約しないものとして記録" in silent.client("silent").page("/inbox").text
    told = silent.client("other").page("/inbox").text
    assert "契約しないものとして記録" in told and REASON not in told


def test_nobody_else_finds_the_page_and_the_page_asks_little(silent):
    assert silent.client("other").get(silent.address).status_code == 404
    assert silent.client("silent").get(silent.address).status_code == 404
    lead = silent.client("lead")
    assert lead.get(f"{silent.path}/not-signing/992011").status_code == 404
    for name in ("lead", "silent"):
        client = silent.client(name)
        with counted_queries(silent.database.engine) as log:
            client.get(silent.path)
        log.at_most(16)
