"""The example projects: one per early state, and the re-enactment with its published figures."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import func, select

from accounts.models import LocalBody, Organization
from catalog.example.load import load_example, load_reference
from catalog.example.tables import accounts_table
from catalog.models import Case, Offering
from foundation.audit import AuditEvent, verify
from foundation.db import Database
from procurement.example import LEADING_TOWN, load_example_projects, next_term_start
from procurement.models import (
    Consent,
    CostRow,
    EstimateBasis,
    InternalCeiling,
    Participation,
    Project,
    ProjectOffering,
    ProposalCeiling,
    ShareLine,
    ShareVersion,
    StageEntry,
    VendorRequest,
)
from tests.harness.databases import copy_sqlite

NOW = datetime(2026, 11, 20, 1, 0, tzinfo=UTC)


def load_all(database: Database) -> None:
    with database.transaction() as session:
        load_reference(session, NOW)
        load_example(session, NOW)
        load_example_projects(session, NOW)


@pytest.fixture(scope="module")
def loaded(empty_sqlite, tmp_path_factory) -> Iterator[Database]:
    url = copy_sqlite(empty_sqlite, tmp_path_factory.mktemp("projects") / "moyai.db")
    database = Database(url)
    load_all(database)
    yield database
    database.dispose()


@pytest.fixture
def session(loaded):
    with loaded.read_session() as session:
        yield session


def project_of(session, system_type, state) -> Project:
    found = select(Project).where(Project.system_type_code == system_type, Project.state == state)
    return session.scalars(found).one()


def count_joined(session, project) -> int:
    return session.scalar(
        select(func.count())
        .select_from(Participation)
        .where(Participation.project_id == project.id, Participation.status == "joined")
    )


def test_there_is_a_project_in_each_early_state(session):
    states = session.scalars(select(Project.state).order_by(Project.id)).all()
    assert states == ["intention_survey", "forming", "forming", "agreement", "solicitation"]
    assert all(project.fictional for project in session.scalars(select(Project)))


def test_the_open_project_has_two_bases_members_and_the_prefecture_s_part(session):
    project = project_of(session, "electronic_application", "forming")
    assert count_joined(session, project) == 12
    bases = select(EstimateBasis).where(EstimateBasis.project_id == project.id)
    assert [basis.label for basis in session.scalars(bases)] == ["試算の前提 A", "試算の前提 B"]
    assert project.sharing_terms["parts"][0]["payer"] == "prefecture"
    assert project.join_closes_at > NOW + timedelta(days=20)


def test_one_project_is_about_to_close_its_doors(session):
    project = project_of(session, "generative_ai", "forming")
    assert NOW < project.join_closes_at < NOW + timedelta(days=7)


def test_the_agreement_has_a_fixed_version_and_only_some_consents(session):
    project = project_of(session, "document_management", "agreement")
    version = session.scalars(
        select(ShareVersion).where(ShareVersion.project_id == project.id)
    ).one()
    lines = select(func.sum(ShareLine.amount_yen)).where(ShareLine.share_version_id == version.id)
    assert session.scalar(lines) == version.result["total_yen"]
    consents = session.scalars(select(Consent).where(Consent.share_version_id == version.id)).all()
    assert sorted(c.status for c in consents) == ["asked"] * 4 + ["given"] * 3
    codes = {
        session.get_one(Participation, c.participation_id).body_code
        for c in consents
        if c.status == "given"
    }
    assert LEADING_TOWN in codes


def test_everybody_saves_in_the_example_of_an_agreement(session):
    version = session.scalars(select(ShareVersion)).one()
    for body in version.result["bodies"]:
        assert body["total_yen"] < body["standalone_yen"]


def test_the_re_enactment_has_the_published_ceilings_of_six_real_cities(session):
    project = session.scalars(select(Project).where(Project.reenactment_of != "")).one()
    assert project.reenactment_of.startswith("https://www.city.omihachiman.lg.jp/")
    assert "再現" in project.title
    sums = select(ProposalCeiling.cost_kind, func.sum(ProposalCeiling.amount_yen)).where(
        ProposalCeiling.project_id == project.id, ProposalCeiling.tax_included
    )
    assert dict(session.execute(sums.group_by(ProposalCeiling.cost_kind)).all()) == {
        "monthly": 568_800,
        "initial_setup": 660_000,
        "lgwan_setup": 825_000,
    }
    bodies = (
        select(LocalBody.name, Participation.wave, Participation.quantities)
        .join(Participation, Participation.body_code == LocalBody.code)
        .where(Participation.project_id == project.id, ~LocalBody.fictional)
    )
    rows = session.execute(bodies).all()
    first = {name: quantities["account"] for name, wave, quantities in rows if wave == 1}
    assert first == {
        "草津市": 1700,
        "守山市": 600,
        "湖南市": 500,
        "近江八幡市": 1000,
        "米原市": 400,
        "甲賀市": 800,
    }
    assert {name for name, wave, _ in rows if wave == 2} == {"栗東市", "野洲市"}


def test_invented_ceilings_of_real_cities_are_never_the_published_amounts(session):
    project = session.scalars(select(Project).where(Project.reenactment_of != "")).one()
    own = session.scalars(
        select(InternalCeiling.amount_yen)
        .join(Participation, Participation.id == InternalCeiling.participation_id)
        .where(Participation.project_id == project.id)
    ).all()
    published = {ceiling.amount_yen for ceiling in session.scalars(select(ProposalCeiling))}
    assert len(own) == 6
    assert not published & set(own)
    assert "架空" in project.purpose


def test_the_costs_of_bodies_add_up_to_the_amount_of_the_case(session):
    rows = session.scalars(select(CostRow)).all()
    assert len(rows) > 3_000
    assert all(row.fictional for row in rows)
    built = {}
    for row in rows:
        if row.category == "build_other":
            built[row.case_id] = built.get(row.case_id, 0) + row.amount_yen
    for case_id, amount in built.items():
        assert amount == session.get_one(Case, case_id).initial_cost_yen
    assert {row.basis for row in rows if row.fiscal_year == 2026} == {"budget_initial"}
    assert {row.basis for row in rows if row.fiscal_year < 2026} == {"settlement"}


def test_every_example_user_has_an_organisation_that_exists(session):
    keys = {row["organization"] for row in accounts_table("example_users")}
    known = set()
    for column in (
        Organization.body_code,
        Organization.corporate_number,
        Organization.alternate_key,
    ):
        known |= set(session.scalars(select(column)))
    assert keys <= known
    assert {row["role"] for row in accounts_table("example_users")} == {
        "operator",
        "auditor",
        "ministry_reporter",
        "judge",
        "prefecture_coordinator",
        "municipal_staff",
        "municipal_manager",
        "vendor_staff",
        "vendor_manager",
    }


def test_the_example_vendor_s_plan_serves_an_estimate_and_no_public_text_says_so(session):
    number = next(
        row["organization"]
        for row in accounts_table("example_users")
        if row["role"] == "vendor_staff"
    )
    organization = session.scalars(
        select(Organization).where(Organization.corporate_number == number)
    ).one()
    bases = session.scalars(select(EstimateBasis)).all()
    sellers = {basis.price_plan.offer.seller.organization_id for basis in bases}
    assert organization.id in sellers
    assert not any(organization.name in str(basis.plan_snapshot) for basis in bases)


def test_loading_twice_makes_nothing_twice_and_the_chain_holds(loaded):
    with loaded.transaction() as session:
        events = session.scalar(select(func.count()).select_from(AuditEvent))
        assert load_example_projects(session, NOW + timedelta(days=3)) == 0
        assert session.scalar(select(func.count()).select_from(AuditEvent)) == events
        assert verify(session).problems == ()


@pytest.mark.parametrize(
    ("base", "start"),
    [
        (date(2026, 11, 20), date(2027, 4, 1)),
        (date(2026, 12, 15), date(2028, 4, 1)),
        (date(2027, 4, 1), date(2028, 4, 1)),
    ],
)
def test_the_joint_term_begins_in_an_april_that_leaves_time_for_budgets(base, start):
    assert next_term_start(base) == start


def test_all_vendors_of_a_kind_are_asked_alike_and_no_basis_is_named(session):
    for project in session.scalars(select(Project).where(Project.state == "forming")):
        asked = select(VendorRequest.vendor_id).where(VendorRequest.project_id == project.id)
        makers = select(Offering.vendor_id).where(
            Offering.system_type_code == project.system_type_code
        )
        assert set(session.scalars(asked)) == set(session.scalars(makers))
        named = select(ProjectOffering.offering_id).where(ProjectOffering.project_id == project.id)
        bases = session.scalars(
            select(EstimateBasis).where(EstimateBasis.project_id == project.id)
        ).all()
        assert len(session.scalars(named).all()) == 3
        assert not set(session.scalars(named)) & {b.price_plan.offer.offering_id for b in bases}


def test_the_projects_can_be_made_on_the_last_day_of_a_fiscal_year(sqlite_database):
    now = datetime(2027, 3, 31, 3, 0, tzinfo=UTC)
    with sqlite_database.transaction() as session:
        load_reference(session, now)
        load_example(session, now)
        assert load_example_projects(session, now) == 5


def test_one_purchase_is_tried_first_and_has_no_result_yet(session):
    """生成AI goes by two stages of its own pattern, so that pages show a trial that runs (F13)."""
    tried = session.scalars(select(StageEntry)).all()
    assert [(row.project_id, row.pattern, row.stage1_result) for row in tried] == [
        (project_of(session, "generative_ai", "forming").id, "own", "")
    ]
