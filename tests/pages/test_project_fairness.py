"""The fairness page: members see who gains and who would leave, everybody else nothing."""

import csv
import io
import re
import time

import pytest
from sqlalchemy import insert, select

from accounts.models import LocalBody
from foundation.db import Database
from procurement.models import Participation, Project
from procurement.queries import fairness_page
from tests.harness.builders import NOW
from tests.harness.example import sign_in
from tests.harness.example_projects import (
    AGREEMENT,
    ASKED_MANAGER,
    AUDITOR,
    COORDINATOR,
    FORMING,
    LEAD_MANAGER,
    STRANGER,
    VENDOR,
    project_path,
    signed_in,
)

TABLE = "団体ごとの公平さの目安"


def yen(text):
    """「＋1,234円」 → 1234, 「−5円」 → −5."""
    return int(re.search(r"[−]?[\d,]+(?=円)", text)[0].replace(",", "").replace("−", "-"))


def test_a_member_reads_every_figure_and_they_belong_together(app):
    page = signed_in(app, ASKED_MANAGER).page(project_path(app, AGREEMENT, "fairness"))
    *rows, foot = page.table(TABLE)
    assert len(rows) >= 3
    assert all(row["団体"].endswith(" 架空") for row in rows)
    for name in ("単独の場合", "負担額", "貢献の目安"):
        assert sum(yen(row[name]) for row in rows) == yen(foot[name])
    assert yen(foot["負担額"]) == yen(foot["貢献の目安"])
    for row in rows:
        assert yen(row["差額"]) == yen(row["単独の場合"]) - yen(row["負担額"])
        assert yen(row["負担額−目安"]) == yen(row["負担額"]) - yen(row["貢献の目安"])
    assert "話し合いの目安です" in page.text
    assert "決める規則ではありません" in page.text
    assert "税抜" in page.text


def test_leaving_shows_each_other_body_and_the_sum_the_table_says(app):
    reader = signed_in(app, ASKED_MANAGER)
    path = project_path(app, AGREEMENT, "fairness")
    page = reader.page(path)
    for row, link in zip(
        page.table(TABLE)[:-1], page.soup.select("#fairness tbody a"), strict=True
    ):
        name = row["団体"].removesuffix(" 架空")
        left = reader.page(link["href"].split("#")[0])
        others = left.table(f"{name}が抜けた場合の負担")
        assert name not in {other["団体"].removesuffix(" 架空") for other in others}
        assert sum(yen(other["増減"]) for other in others) == yen(
            row["抜けた場合のほかの団体の増減"]
        )


def test_the_readers_own_leaving_is_shown_first(app):
    page = signed_in(app, ASKED_MANAGER).page(project_path(app, AGREEMENT, "fairness"))
    assert page.table("綱ノ江市が抜けた場合の負担")


def test_the_file_holds_what_the_table_says(app):
    reader = signed_in(app, ASKED_MANAGER)
    page = reader.page(project_path(app, AGREEMENT, "fairness"))
    response = reader.get(page.soup.select_one("a[href*='fairness.csv']")["href"])
    assert response.mimetype == "text/csv"
    rows = list(csv.DictReader(io.StringIO(response.get_data().decode("utf-8-sig"))))
    printed = page.table(TABLE)[:-1]
    assert [int(row["share_yen"]) for row in rows] == [yen(row["負担額"]) for row in printed]
    assert [int(row["shapley_yen"]) for row in rows] == [yen(r["貢献の目安"]) for r in printed]
    assert {row["fictional"] for row in rows} == {"True"}


@pytest.mark.parametrize("email", [None, VENDOR, STRANGER])
def test_others_read_no_figure(app, client, email):
    reader = signed_in(app, email) if email else client
    page = reader.page(project_path(app, AGREEMENT, "fairness"))
    assert "参加団体だけが見られます" in page.text
    assert page.captions == []
    assert reader.get(project_path(app, AGREEMENT, "fairness.csv")).status_code == 404
    sharing = reader.page(project_path(app, AGREEMENT, "sharing"))
    assert sharing.soup.select("a[href$='/fairness']") == []


def test_declared_figures_are_read_by_their_body_lead_and_auditor_only(fresh_app):
    path = project_path(fresh_app, AGREEMENT, "fairness")
    database: Database = fresh_app.extensions["moyai_database"]
    with database.transaction() as session:
        project = session.get(Project, int(path.split("/")[2]))
        rows = [r for r in project.participations if r.status in ("joined", "contracted")]
        for n, row in enumerate(rows):
            row.declared_standalone_yen = 61_000 + n
            row.declared_standalone_source = "own_quote"
        bodies = len(rows)
    own = signed_in(fresh_app, ASKED_MANAGER).page(path)
    assert [r["団体"].removesuffix(" 架空") for r in own.table("申告された単独額")] == ["綱ノ江市"]
    assert own.soup.select_one("#declared-finding") is None
    for email in (LEAD_MANAGER, AUDITOR):
        reader = signed_in(fresh_app, email)
        page = reader.page(path)
        assert len(page.table("申告された単独額")) == bodies
        # So little a year that nobody would buy together: no sharing satisfies everybody.
        assert "どう分けても" in page.soup.select_one("#declared-finding").get_text()
        assert "61,000" not in str(page.soup.select("#fairness"))
        assert "declared" not in reader.get(f"{path}.csv").text


def test_the_sharing_page_leads_there_and_the_queries_stay_few(app, count_queries):
    reader = signed_in(app, COORDINATOR)
    path = project_path(app, FORMING, "fairness")
    link = reader.page(project_path(app, FORMING, "sharing")).soup.select_one(
        "a[href$='/fairness']"
    )
    assert link["href"] == path
    with count_queries() as log:
        reader.page(path)
    log.at_most(12)


def test_nonsense_in_the_address_is_no_error(app):
    reader = signed_in(app, ASKED_MANAGER)
    path = project_path(app, AGREEMENT, "fairness")
    page = reader.page(f"{path}?basis=x&leaver=999")
    assert page.table(TABLE)


def test_all_bodies_of_the_nation_within_two_seconds(fresh_app):
    path = project_path(fresh_app, AGREEMENT, "fairness")
    project_id = int(path.split("/")[2])
    database: Database = fresh_app.extensions["moyai_database"]
    with database.transaction() as session:
        project = session.get(Project, project_id)
        known = {row.body_code for row in project.participations}
        real = session.scalars(
            select(LocalBody).where(LocalBody.fictional.is_(False), LocalBody.code.not_in(known))
        ).all()
        assert len(real) == 1788
        session.execute(
            insert(Participation),
            [
                {
                    "project_id": project_id,
                    "body_code": body.code,
                    "status": "joined",
                    "quantities": {
                        project.main_unit: max(1, (body.population_register_2025 or 100) // 90)
                    },
                    "updated_at": NOW,
                    "wave": 1,
                }
                for body in real
            ],
        )
    reader = signed_in(fresh_app, LEAD_MANAGER)
    key = reader.page(path).soup.select("#basis option")[-1]["value"]
    quick = fresh_app.test_client()  # reads without checking: the checks take their time too
    sign_in(quick, LEAD_MANAGER)
    took = min(_seconds(quick, f"{path}?basis={key}&page=3") for _ in range(3))
    page = reader.page(f"{path}?basis={key}&page=3")
    assert len(page.table(TABLE)) == 50 + 1
    assert "探索による" in page.text
    assert float(re.search(r"相対標準誤差は最大([\d.]+)%", page.text)[1]) <= 1
    assert took < 2, f"{took:.2f} s"


def _seconds(client, path):
    """Processor time of the page with nothing computed before."""
    fairness_page._assessed.cache_clear()
    began = time.process_time()
    assert client.get(path).status_code == 200
    return time.process_time() - began
