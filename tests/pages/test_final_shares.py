"""The sharing page after the award: price, breakdown, final shares beside the agreed maxima."""

from datetime import date

import pytest
from sqlalchemy import select

from accounts.models import User
from foundation.db import Database
from procurement.models import Project, ShareVersion
from tests.harness.client import StrictClient, as_page
from tests.harness.contracts import choose, make_contracting_project
from tests.harness.example import open_example, sign_in
from tests.harness.projects import make_world
from tests.harness.queries import counted_queries

PRICE_YEN = 30_000_024  # more than the 30,000,000 everybody has agreed to: months divide it


@pytest.fixture
def scene(example, tmp_path):
    """An application with a project whose price was decided anew: the final version is due."""
    with open_example(example, tmp_path / "instance") as app:
        database: Database = app.extensions["moyai_database"]
        with database.transaction() as session:
            world = make_world(session)
            project, vendor, _ = make_contracting_project(session, world, "delegation")
            choose(session, world, project, vendor, PRICE_YEN, 1)
            ids = {
                "lead": world.lead.user_id,
                "town": world.manager(world.bodies[0]).user_id,
                "staff": world.staff[world.bodies[1].code].user_id,
            }
            emails = {name: session.get_one(User, id).email for name, id in ids.items()}
            names = [body.name for body in world.bodies]
            address = f"/projects/{project.id}/sharing"
        yield Scene(app, database, emails, names, address)


class Scene:
    def __init__(self, app, database, emails, names, address):
        self.app, self.database, self.names, self.address = app, database, names, address
        self._emails = emails

    def client(self, name):
        client = StrictClient(self.app)
        if name:
            sign_in(client, self._emails[name])
        return client

    def rows(self, client):
        table = client.page(self.address).table("同意した上限額と最終の負担額（期間合計・税込）")
        return {row["団体"].split()[0]: row for row in table}


def test_the_lead_sees_all_maxima_and_each_body_its_own(scene):
    by_lead = scene.rows(scene.client("lead"))
    maxima = [row["同意した上限額"] for row in by_lead.values()]
    assert len(maxima) == 3 and "—" not in maxima
    by_town = scene.rows(scene.client("town"))
    assert [by_town[name]["差"] != "—" for name in scene.names] == [True, False, False]
    assert [by_town[n]["最終の負担額"] for n in by_town] == [
        by_lead[n]["最終の負担額"] for n in by_town
    ]
    assert scene.client("").page(scene.address).soup.select_one("#award") is None


def test_the_lead_breaks_the_price_down_and_fixes_the_final_version(scene):
    lead = scene.client("lead")
    typed = {"initial_yen": "24", "monthly_yen": "1,250,001"}
    form = lead.page(scene.address).form("/sharing/breakdown")
    refused = as_page(form.submit(lead, **typed), status=409)
    assert "24円超えています" in refused.text
    assert refused.form("/sharing/breakdown").values["monthly_yen"] == "1,250,001"
    assert form.submit(lead, **typed | {"initial_yen": "0"}).status_code == 302
    page = lead.page(scene.address)
    assert "幹事団体が定めた内訳です。合計は決定した額と1円まで一致します。" in page.text
    fixed = page.form("/sharing/fix").submit(lead, confirmed="y", closes_on="2027-03-01")
    assert fixed.status_code == 302
    answers = {row["回答"] for row in scene.rows(lead).values()}
    assert answers <= {"回答待ち", "前の版の同意が有効"} and "回答待ち" in answers
    with scene.database.read_session() as session:
        newest = session.scalars(select(ShareVersion).order_by(ShareVersion.id.desc())).first()
        assert (newest.basis, newest.result["total_yen"]) == ("award", 24 * 1_375_001)


def test_the_page_says_that_equal_amounts_shift_cost_between_waves(scene):
    lead = scene.client("lead")
    assert "毎回同じ額になり" not in lead.page(scene.address).text
    with scene.database.transaction() as session:
        project = session.scalars(select(Project).order_by(Project.id.desc())).first()
        project.participations[-1].starts_on = date(2028, 4, 1)
    page = lead.page(scene.address)
    assert "毎回同じ額になり" in page.text
    monthly = [
        row["区分"] for row in page.table("決定した額の内訳（税抜）") if "毎月" in row["区分"]
    ]
    assert monthly == ["運用費（毎月）・2027年4月から", "運用費（毎月）・2028年4月から"]
    form = page.form("/sharing/breakdown")
    assert form.submit(lead, initial_yen="0", monthly_yen="1,250,001").status_code == 302
    page = lead.page(scene.address)
    (row,) = page.table("決定した額の内訳（税抜）")[:1]
    assert (row["区分"], row["回数"]) == ("運用費（毎月）", "24回")
    assert "各団体の割合は試算から変わります" in page.text


def test_the_page_asks_the_database_little(scene):
    for name in ("", "lead", "town", "staff"):
        client = scene.client(name)
        with counted_queries(scene.database.engine) as log:
            client.get(scene.address)
        log.at_most(15)
