"""The page of lots, as lead, body and stranger see and use it."""

import io

import pytest
from docx import Document

from accounts.models import User
from tests.harness.client import StrictClient, as_page
from tests.harness.example import open_example, sign_in
from tests.harness.projects import make_project, make_world
from tests.harness.queries import counted_queries
from tests.services.test_lots import make_announced


class Scene:
    def __init__(self, app):
        self.app, self.database = app, app.extensions["moyai_database"]
        with self.database.transaction() as session:
            world = make_world(session)
            self.id = make_project(session, world).id
            people = {"lead": world.lead, "body": world.manager(world.bodies[0])}
            self.emails = {n: session.get_one(User, a.user_id).email for n, a in people.items()}
        self.path = f"/projects/{self.id}/lots"

    def client(self, name=""):
        client = StrictClient(self.app)
        if name:
            sign_in(client, self.emails[name])
        return client

    def divide(self, **changes):
        lead = self.client("lead")
        form = lead.page(self.path).form("/lots")
        values = {"divided_by": "system_part", "own_name": "端末", "name": "保守"} | changes
        typed = {f"lot-{key}": value for key, value in values.items()}
        return form.submit(lead, **{key: v for key, v in typed.items() if key in form.names})


@pytest.fixture
def scene(example, tmp_path):
    with open_example(example, tmp_path / "instance") as app:
        yield Scene(app)


def test_the_lead_divides_and_every_body_is_asked_into_the_new_lot(scene):
    for name in ("", "body"):
        assert scene.client(name).get(scene.path).status_code == 404, name
    assert (
        scene.client("lead")
        .page(f"/projects/{scene.id}/members")
        .soup.select(f'a[href="{scene.path}"]')
    )
    wrong = as_page(scene.divide(own_name="", name="保守"), status=409)
    assert "この案件が受け持つ部分" in wrong.soup.select_one("#lot-own_name-error").text
    assert "保守" in str(wrong.soup.select_one("#lot-name"))
    assert scene.divide().status_code == 302
    for name in ("", "body", "lead"):
        client = scene.client(name)
        with counted_queries(scene.database.engine) as log:
            client.get(scene.path)
        log.at_most(12)
        page = client.page(scene.path)
        rows = page.table("区分")
        assert [(row["区分"], row["段階"]) for row in rows] == [
            ("1：端末", "参加団体募集"),
            ("2：保守", "参加団体募集"),
        ], name
        assert "区分1：端末" in page.text
        assert bool(page.soup.select("main form")) is (name == "lead")
    other = scene.client().page(scene.path).soup.select_one("#lots tbody a")["href"]
    assert "区分2：保守" in scene.client().page(other).text
    body = scene.client("body")
    assert "参加の案内" in body.page("/inbox").text
    assert body.page(f"{other}/join").form("/join")


def test_all_notices_stand_on_one_page_and_one_paper(noticed):
    path = f"/projects/{noticed.id}/lots/notice"
    assert noticed.client().get(path).status_code == 404
    assert noticed.client().get(f"{path}.docx").status_code == 404
    lead = noticed.client("lead")
    assert path in lead.page(f"/projects/{noticed.id}/lots").links
    form = lead.page(path).form("/lots/notice")
    nothing = as_page(form.submit(lead, {}), status=409)
    assert "公告する区分を選んでください" in nothing.text
    first = form.tag.select("input[type=checkbox]")[0]["value"]
    assert form.submit(lead, {"announce-lots": first}).status_code == 302
    stale = as_page(form.submit(lead, {"announce-lots": first}), status=422)
    assert stale.form("/lots/notice")
    for name in ("", "body", "lead"):
        client = noticed.client(name)
        with counted_queries(noticed.database.engine) as log:
            client.get(path)
        log.at_most(12)
        page = client.page(path)
        assert page.text.count("架空第1号") == (2 if name == "lead" else 1), name
        assert "まだ公告していません（負担合意）" in page.text
        assert bool(page.soup.select("main form")) is (name == "lead")
    answer = noticed.client().get(f"{path}.docx")
    paper = "\n".join(each.text for each in Document(io.BytesIO(answer.data)).paragraphs)
    assert "区分1：県北" in paper and "区分2：県南" in paper


@pytest.fixture
def noticed(example, tmp_path):
    """Two lots agreed on, with the notice of each written."""
    with open_example(example, tmp_path / "instance") as app:
        scene = Scene(app)
        with scene.database.transaction() as session:
            world, project, _ = make_announced(session)
            scene.id = project.id
            people = {"lead": world.lead, "body": world.manager(world.bodies[0])}
            scene.emails = {n: session.get_one(User, a.user_id).email for n, a in people.items()}
        yield scene


def test_the_second_of_two_sees_what_the_first_added(scene):
    lead = scene.client("lead")
    stale = lead.page(scene.path).form("/lots")
    assert scene.divide().status_code == 302
    typed = {"lot-divided_by": "region", "lot-own_name": "県北", "lot-name": "県南"}
    page = as_page(stale.submit(lead, **typed), status=409)
    assert "先に区分を加えました" in page.text
    assert "県南" in str(page.soup.select_one("#lot-name"))
    again = page.form("/lots")
    assert again.submit(lead, **{"lot-name": "県南"}).status_code == 302
    rows = lead.page(scene.path).table("区分")
    assert [row["区分"] for row in rows] == ["1：端末", "2：保守", "3：県南"]
