"""The cost dashboards: their numbers are the database's, real and 架空 never added."""

import csv
import io
import zipfile
from decimal import Decimal

import pytest
from sqlalchemy import func, select

from catalog.models import Case
from procurement.cost_models import ProjectEffect
from procurement.dashboard.effect_figures import NOT_ADDED
from procurement.domain.costs import COSTS_ARE_PUBLIC
from procurement.models import Project, ShareLine, ShareVersion
from tests.harness.example import sign_in

PAGES = [
    "/dashboard",
    "/dashboard?data=fictional",
    "/dashboard/prefectures/25",
    "/dashboard/prefectures/99",
    "/dashboard/bodies/992011",
    "/dashboard/bodies/131016",
]


@pytest.fixture
def session(app):
    with app.extensions["moyai_database"].read_session() as session:
        yield session


def _rows(response):
    with zipfile.ZipFile(io.BytesIO(response.data)) as files:
        return list(csv.DictReader(io.StringIO(files.read("data.csv").decode())))


@pytest.mark.parametrize("path", PAGES)
def test_a_dashboard_is_built_from_few_queries(client, count_queries, path):
    client.page(path)
    with count_queries() as log:
        client.page(path)
    log.at_most(12)


@pytest.mark.parametrize("side", ["real", "fictional"])
def test_the_cases_by_type_are_the_databases_and_of_one_side_only(client, session, side):
    rows = _rows(client.get(f"/dashboard/data/cases-by-type.zip?data={side}"))
    expected = dict(
        session.execute(
            select(Case.system_type_code, func.count())
            .where(Case.fictional.is_(side == "fictional"), Case.publication_status == "published")
            .group_by(Case.system_type_code)
        ).all()
    )
    assert {row["system_type_code"]: int(row["value"]) for row in rows} == expected
    assert {row["fictional"] for row in rows} == {str(int(side == "fictional"))}


def test_effects_are_summed_by_metric_unit_and_evidence_and_the_rest_is_not_recorded(
    client, session
):
    shown = session.scalar(
        select(func.count(Project.id)).where(
            Project.fictional, Project.published, Project.state.in_(sorted(COSTS_ARE_PUBLIC))
        )
    )
    page = client.page("/dashboard?data=fictional")
    (table,) = [each for each in page.captions if "【架空】効果" in each]
    rows = {row["指標"]: row for row in page.table(table)}
    hours, days = rows["職員の作業時間"], rows["起案から決裁までの日数"]
    expected = session.execute(
        select(func.sum(ProjectEffect.before), func.sum(ProjectEffect.after)).where(
            ProjectEffect.metric == "職員の作業時間"
        )
    ).one()
    assert [Decimal(hours[name]) for name in ("前の合計", "後の合計")] == list(expected)
    assert Decimal(hours["削減の合計"]) == expected[0] - expected[1]
    assert days["削減の合計"] == NOT_ADDED
    assert Decimal(days["効果ごとの削減の最大"]) == Decimal("3.1")
    for row in rows.values():
        recorded, missing = int(row["登録した案件（件）"]), int(row["未登録の案件（件）"])
        assert recorded > 0 < missing
        assert recorded + missing == shown


def test_no_effect_is_shown_where_none_is_recorded(client):
    assert not [each for each in client.page("/dashboard").captions if "効果" in each]


def test_the_map_counts_every_real_case_with_a_prefecture(client, session):
    rows = _rows(client.get("/dashboard/data/cases-by-prefecture.zip"))
    counted = sum(int(row["value"]) for row in rows if row["value"])
    condition = (Case.fictional.is_(False), Case.prefecture_code.is_not(None))
    assert counted == session.scalar(select(func.count(Case.id)).where(*condition))
    assert len(rows) == 47


def test_every_fictional_figure_says_so(client):
    page = client.page("/dashboard?data=fictional")
    assert page.html.count("【架空】") >= 4


def test_unknown_prefectures_bodies_and_figures_are_not_found(client):
    for path in (
        "/dashboard/prefectures/48",
        "/dashboard/prefectures/x",
        "/dashboard/bodies/999999",
        "/dashboard/data/nothing.zip",
    ):
        client.page(path, status=404)


@pytest.fixture
def fixed_project(session):
    """(id, version id) of an example project with a fixed share version."""
    return session.execute(
        select(ShareVersion.project_id, func.max(ShareVersion.id))
        .join(Project, Project.id == ShareVersion.project_id)
        .group_by(ShareVersion.project_id)
        .order_by(ShareVersion.project_id)
    ).first()


def test_a_projects_costs_are_its_newest_versions_to_the_yen(client, session, fixed_project):
    project_id, version_id = fixed_project
    sign_in(client, "hoyui-manager@moyai.example")
    rows = _rows(client.get(f"/projects/{project_id}/costs/data/alone-and-joint.zip"))
    joint = sum(int(row["value"]) for row in rows if row["measure"] == "joint_yen")
    statement = select(func.sum(ShareLine.amount_yen)).where(
        ShareLine.share_version_id == version_id
    )
    assert joint == session.scalar(statement) > 0


def test_every_figure_of_yen_says_whether_tax_is_in_it(client, fixed_project):
    project_id, _ = fixed_project
    sign_in(client, "hoyui-manager@moyai.example")
    page = client.page(f"/projects/{project_id}/costs")
    captions = [caption.get_text() for caption in page.soup.select("caption")]
    assert len(captions) == 4
    assert all("税込" in caption for caption in captions)


def test_a_projects_costs_are_hidden_from_visitors_before_contracts(client, fixed_project):
    project_id, _ = fixed_project
    page = client.page(f"/projects/{project_id}/costs")
    assert "参加団体だけに表示します" in page.html
    assert client.get(f"/projects/{project_id}/costs/data/alone-and-joint.zip").status_code == 404


def test_a_survey_that_is_not_public_is_in_no_count(client, session):
    public = select(func.count(Project.id)).where(
        Project.fictional, Project.published, Project.state != "intention_survey"
    )
    rows = _rows(client.get("/dashboard/data/projects-by-state.zip?data=fictional"))
    counted = sum(int(row["value"]) for row in rows if row["measure"] == "projects")
    assert counted == session.scalar(public)
    assert "意向調査" not in {row["state"] for row in rows}


def test_codes_for_programs_are_in_the_files_and_not_on_the_page(client):
    rows = _rows(client.get("/dashboard/data/cases-by-type.zip"))
    assert "generative_ai" in {row["system_type_code"] for row in rows}
    assert "generative_ai" not in client.page("/dashboard").html


def test_the_states_own_goal_is_a_reference_with_source_and_scope(client):
    """As the document says it; never beside a body's goal nor among made-up figures."""
    page = client.page("/dashboard")
    figure = page.soup.select_one("#table-state-goal")
    text = figure.get_text()
    assert "計約5,400億円を、2025年度（令和７年度）までに３割削減" in text
    assert "5,400" in text and "3,780" in text and "システム改修経費" in text
    assert "S4:489-496" in page.text
    assert "table-state-goal" not in str(client.page("/dashboard?data=fictional").soup)
    rows = _rows(client.get("/dashboard/data/state-goal.zip?data=real"))
    assert [row["value"] for row in rows] == ["5400", "3780"]
