"""Effects over projects (F20): added within one metric, unit and evidence, and nowhere else."""

from decimal import Decimal

import pytest

from foundation.db import Database
from procurement.cost_models import ProjectEffect
from procurement.dashboard.effect_figures import NOT_ADDED, effects_by_metric
from procurement.dashboard.sums import Scope, effect_sums
from procurement.models import Project
from tests.harness.builders import NOW, make_body, make_system_type, organization_of

METRIC = "職員の作業時間"
HOURS = ("62.4", "30.6", "31.8", "-2.5", "34.3")


def record(session, project, unit, before, after, **more):
    values = {"metric": METRIC, "evidence": "measured", "fiscal_year": 2025} | more
    session.add(
        ProjectEffect(
            project_id=project.id,
            label="架空の効果",
            technology="",
            unit=unit,
            before=Decimal(before),
            after=Decimal(after),
            scope="",
            measured_by="架空県",
            source="",
            updated_at=NOW,
            updated_by="架空県",
            **values,
        )
    )


@pytest.fixture
def projects(database: Database):
    """Three whose costs are for everybody, one whose costs are not, one that is real."""
    with database.transaction() as session:
        make_system_type(session)
        lead = organization_of(session, make_body(session, kind="prefecture"))
        made = []
        states = ("operation", "operation", "closed", "forming", "operation")
        for place, state in enumerate(states):
            project = Project(
                title=f"架空の案件{place}",
                system_type_code="generative_ai",
                lead_organization_id=lead.id,
                prefecture_code="99",
                state=state,
                state_since=NOW,
                fictional=place < 4,
                created_at=NOW,
                updated_at=NOW,
            )
            session.add(project)
            made.append(project)
        session.flush()
        one, two, _, hidden, real = made
        record(session, one, "h_per_month", "52.4", "18.1")
        record(session, two, "h_per_month", "10", "12.5", fiscal_year=2027)
        record(session, two, "h_per_month", "9", "1", evidence="estimate")
        record(session, one, "min_per_case", "30", "10")
        record(session, two, "min_per_case", "8", "7")
        record(session, hidden, "h_per_month", "900", "0")
        record(session, real, "h_per_month", "700", "0")
    return database


def test_sums_are_of_one_metric_unit_and_evidence_of_projects_shown(projects):
    with projects.read_session() as session:
        figure = effects_by_metric(effect_sums(session, Scope(fictional=True)), fictional=True)
        elsewhere = effect_sums(session, Scope(fictional=True, prefecture_code="01"))
    assert figure is not None
    assert elsewhere == []
    assert figure.rows == (
        (METRIC, "時間/月", "見込み", 1, 2, "9", "1", "8", "8", "8", "2025年度"),
        (METRIC, "時間/月", "実測", 2, 1, *HOURS, "2025年度〜2027年度"),
        (METRIC, "分/件", "実測", 2, 1, *[NOT_ADDED] * 3, "1", "20", "2025年度"),
    )


def test_where_nothing_is_recorded_nothing_is_said_to_be_nought():
    assert effects_by_metric([], fictional=False) is None
