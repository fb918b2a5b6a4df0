"""Ending, merging and splitting on their pages: what is foreseen, who decides, who is told."""

import pytest
from sqlalchemy import select

from accounts.models import User
from foundation.db import Database
from procurement.models import Participation, Project
from procurement.services.proposals import hand_in
from tests.harness.builders import NOW
from tests.harness.client import StrictClient, as_page
from tests.harness.contracts import make_introduced_project
from tests.harness.example import open_example, sign_in
from tests.harness.projects import make_project, make_world
from tests.harness.tender import CONTENT, make_bidder, make_noticed_project


class Scene:
    """Two leads, each with a project of three towns; and one whose notice is out."""

    def __init__(self, app):
        self.app = app
        self.database: Database = app.extensions["moyai_database"]
        with self.database.transaction() as session:
            here, there = make_world(session), make_world(session)
            self.into = make_project(session, here, title="受け入れる案件").id
            self.other = make_project(session, there, title="統合される案件").id
            noticed = make_noticed_project(session, here)
            vendor, bidder = make_bidder(session, "架空封緘中株式会社")
            hand_in(session, actor=bidder, now=NOW, project_id=noticed.id, content=CONTENT)
            self.noticed, self.bidder = noticed.id, vendor.name
            people = {"here": here.lead, "there": there.lead}
            people["town"] = there.manager(there.bodies[0])
            people["staff"] = there.staff[there.bodies[0].code]
            self.town = there.bodies[0].name
            self.emails = {
                name: session.get_one(User, actor.user_id).email for name, actor in people.items()
            }

    def client(self, name=""):
        client = StrictClient(self.app)
        if name:
            sign_in(client, self.emails[name])
        return client

    def status(self, project_id):
        with self.database.read_session() as session:
            rows = select(Participation.status).where(Participation.project_id == project_id)
            return sorted(session.scalars(rows)), session.get_one(Project, project_id).state


@pytest.fixture(scope="module")
def opened(example, tmp_path_factory):
    with open_example(example, tmp_path_factory.mktemp("reshaping") / "instance") as app:
        yield Scene(app)


def test_an_end_is_foreseen_without_telling_who_proposed(opened):
    """The preview names whom it tells, and never a bidder of a tender still sealed."""
    lead = opened.client("here")
    page = lead.page(f"/projects/{opened.noticed}/cancel")
    assert len(page.table("団体ごとに起こること")) == 3
    assert "効力を失う同意 3団体" in page.text
    assert "知らせる相手" in page.text
    assert opened.bidder not in page.html
    assert page.form("/move", button="中止する").values["action"] == "cancel"
    assert page.path in lead.page(f"/projects/{opened.noticed}").links
    for name in ("", "there", "town"):
        answer = opened.client(name).get(f"/projects/{opened.noticed}/cancel")
        assert answer.status_code in (302, 404), name


def test_two_projects_become_one_on_both_leads_word(opened):
    here, there = opened.client("here"), opened.client("there")
    page = here.page(f"/projects/{opened.into}/merge")
    names = [row["案件"] for row in page.table("統合できるかもしれない案件")]
    assert any("統合される案件" in name for name in names)
    assert opened.town not in page.html
    form = page.form("/merge", button="統合を申し出る")
    values = {"other_project_id": str(opened.other), "reason": "同じ時期のため"}
    assert form.submit(here, values).status_code == 302
    again = as_page(form.submit(here, values), status=409)
    assert "返答を待っています" in again.text
    asked = there.page(f"/projects/{opened.other}/merge")
    assert [row["団体"] for row in asked.table("確認を求められる団体")].count(opened.town) == 1
    shares = asked.table("統合の前と後の負担の見込み（期間全体、税込）")
    assert len(shares) == 4 and all("円" in row["統合後"] for row in shares)
    assert shares[3]["団体"] == "受け入れる案件の3団体の計"
    agree = asked.form("/agree")
    assert agree.submit(there).status_code == 302
    assert agree.submit(there).status_code == 409
    assert opened.status(opened.other) == (["joined"] * 3, "cancelled")
    ended = there.page(f"/projects/{opened.other}")
    assert "次にすること" not in ended.text and "（あと" not in ended.text
    file = there.get(f"/projects/{opened.other}/schedule.ics").get_data(as_text=True)
    assert 0 < file.count("BEGIN:VEVENT") == file.count("STATUS:CANCELLED")
    assert "STATUS" not in here.get(f"/projects/{opened.into}/schedule.ics").get_data(as_text=True)
    assert opened.status(opened.into) == (["joined"] * 3 + ["requested"] * 3, "forming")
    assert "ほかの案件の団体を受け入れた" in here.page(f"/projects/{opened.into}/history").text
    town = opened.client("town")
    join = town.page(f"/projects/{opened.into}/join").form("/join", button="参加する")
    approval = {"approval_date": "2026-11-19", "approval_number": "第1号"}
    assert join.submit(town, {"quantity": "10"} | approval).status_code == 302
    assert opened.status(opened.into)[0].count("joined") == 4


def test_a_town_goes_its_own_way(opened):
    """After it joined the other project: its manager sees what it costs the others, and goes."""
    town = opened.client("town")
    path = f"/projects/{opened.into}/split"
    assert path in town.page(f"/projects/{opened.into}/own").links
    page = town.page(path)
    assert len(page.table("ほかの団体の負担")) == 4
    form = page.form("/split")
    wrong = as_page(form.submit(town, {"title": ""}), status=422)
    assert "入力してください" in wrong.text
    values = {"reason": "時期が違うため", "approval_date": "2026-11-19", "approval_number": "9"}
    answer = form.submit(town, values)
    assert answer.status_code == 302
    new = town.page(answer.location)
    assert "分割" in new.h1
    assert opened.client("here").get(answer.location).status_code == 404
    assert town.get(path).status_code == 404
    assert opened.client("staff").get(path).status_code in (403, 404)


def test_after_the_contract_the_terms_of_leaving_are_said(opened):
    """Not what the others would pay had it never been there: it pays on by the agreed terms."""
    with opened.database.transaction() as session:
        world = make_world(session)
        bound = make_introduced_project(session, world).id
        manager = session.get_one(User, world.manager(world.bodies[0]).user_id).email
    town = StrictClient(opened.app)
    sign_in(town, manager)
    page = town.page(f"/projects/{bound}/own")
    assert "離脱するときの条件：予告期間を経て、離脱月まで負担する" in page.text
    assert "契約のページに解約を記録してください" in page.text
    assert "離脱した場合の負担" not in page.text
    assert "参加団体の募集は終わっています" in page.text, "it does take part"
    assert page.path.replace("/own", "/split") not in page.links
