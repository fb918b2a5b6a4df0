"""The coordinator's pages of costs on behalf, and what the body then reads (F17)."""

import io
import zipfile

import pytest
from sqlalchemy import select

from foundation.db import Database
from procurement.models import Project
from tests.harness.client import StrictClient
from tests.harness.example import sign_in

TITLE = "庁内文書と決裁の共同利用（運用中・架空）"
TOWN = "992020"


@pytest.fixture
def scene(fresh_app):
    def client(email):
        found = StrictClient(fresh_app)
        sign_in(found, email)
        return found

    database: Database = fresh_app.extensions["moyai_database"]
    with database.read_session() as session:
        number = session.scalars(select(Project.id).where(Project.title == TITLE)).one()
    return client, f"/projects/{number}/costs"


def test_it_is_entered_marked_and_corrected_by_the_body(scene):
    client, path = scene
    coordinator = client("pref@moyai.example")
    listed = coordinator.page(coordinator.page(path).link("県内の団体の費用を代わりに記録する"))
    assert "県内の団体の費用の代理入力" in listed.text
    page = coordinator.page(f"{path}/bodies/{TOWN}")
    typed = {"costs-fiscal_year": "2019", "costs-operating": "１２３,４５６"}
    assert page.form("/amounts").submit(coordinator, typed).status_code == 302
    town = client("tsunanoe-staff@moyai.example")
    own = town.page(f"{path}/own")
    (line,) = [row for row in own.table("これまでに記録した額") if row["年度"] == "2019年度"]
    assert line["入力"].startswith("代理入力（") and "123,456円" in line.values()
    revised = {"costs-fiscal_year": "2027", "costs-operating": "77"}
    page = coordinator.page(f"{path}/bodies/{TOWN}")
    form = page.form("/amounts")
    assert form.submit(coordinator, revised | {"costs-basis": "budget_revised"}).status_code == 302
    public = StrictClient(coordinator.application).page(f"{path}?body={TOWN}")
    behalf = "団体に代わって記録した額（代理入力）を含みます"
    assert f"{behalf}：2019年度 決算、2027年度 補正後予算。" in public.text
    table = public.soup.select_one("#table-bodies-by-year")
    marks = {
        row.select("th,td")[2].get_text(strip=True): row.select("th,td")[-1].get_text(strip=True)
        for row in table.select("tbody tr")
        if TOWN in row.get_text()
    }
    assert marks["2027年度"] == "補正後予算" and set(marks.values()) == {"補正後予算", "—"}
    file = coordinator.get(f"{path}/data/bodies-by-year.zip").data
    with zipfile.ZipFile(io.BytesIO(file)) as archive:
        assert ",補正後予算,budget_revised_yen,77,円," in archive.read("data.csv").decode()
    form = town.page(f"{path}/own?year=2019&basis=settlement").form("/own/amounts")
    assert form.submit(town, {"costs-operating": "100000"}).status_code == 302
    (line,) = [
        row
        for row in town.page(f"{path}/own").table("これまでに記録した額")
        if row["年度"] == "2019年度"
    ]
    assert line["入力"] == "自団体"
    assert f"{behalf}：2027年度 補正後予算。" in StrictClient(town.application).page(path).text


def test_nobody_else_finds_the_pages(scene):
    client, path = scene
    for email in ("tsunanoe-manager@moyai.example", "vendor-staff@moyai.example"):
        assert client(email).get(f"{path}/bodies").status_code in (403, 404)
    coordinator = client("pref@moyai.example")
    for code in ("252018", "999999"):  # another prefecture's body answers as one that is none
        assert coordinator.get(f"{path}/bodies/{code}").status_code == 404
