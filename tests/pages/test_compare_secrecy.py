"""A plan that serves an estimate: its project's lead sees what it costs together, nobody else."""

import re
from collections.abc import Iterator

import pytest
from flask import Flask
from sqlalchemy import select

from accounts.models import Membership
from catalog.models import Offer, Offering, PricePlan, Vendor
from foundation.db import Database
from procurement.models import EstimateBasis, Project
from tests.harness.builders import NOW
from tests.harness.client import StrictClient
from tests.harness.example import role_emails, sign_in
from tests.harness.example_projects import (
    COORDINATOR,
    COUNCIL,
    FORMING,
    LEAD_MANAGER,
    LEAD_STAFF,
    project_path,
    signed_in,
)
from tests.harness.queries import counted_queries

PART = "幹事・事務局を務める案件で共同調達する場合"


def basis_ids(app: Flask, title: str) -> list[int]:
    """Entries whose plans are bases of the project with that title."""
    database: Database = app.extensions["moyai_database"]
    with database.read_session() as session:
        return list(
            session.scalars(
                select(Offer.offering_id)
                .join(PricePlan, PricePlan.offer_id == Offer.id)
                .join(EstimateBasis, EstimateBasis.price_plan_id == PricePlan.id)
                .join(Project, Project.id == EstimateBasis.project_id)
                .where(Project.title.startswith(title))
                .order_by(EstimateBasis.label)
            )
        )


def compared(app: Flask) -> str:
    return "/offerings/compare?ids=" + ",".join(map(str, basis_ids(app, FORMING)))


def test_the_lead_sees_the_joint_cost_of_its_own_project(app: Flask) -> None:
    lead = signed_in(app, COORDINATOR)
    page = lead.page(compared(app))
    assert PART in page.text
    part = page.html[page.html.index("own-projects") :]
    assert "試算の前提 A" in part and "試算の前提 B" in part
    [members] = set(re.findall(r"参加(\d+)団体がこのプランで", part))
    assert int(members) == 12
    totals = re.findall(r"合計は([\d,]+円)（税込）", part)
    assert len(totals) == 2
    sharing = lead.page(project_path(app, FORMING, "sharing"))
    assert re.findall(r"うち参加団体の負担は([\d,]+円)", part)[0] in sharing.text
    assert "事業者にも参加団体にも公表しません" in part


def test_a_lead_that_takes_part_sees_its_own_share(app: Flask) -> None:
    ids = ",".join(map(str, basis_ids(app, "文書管理")))
    lead = signed_in(app, LEAD_STAFF)
    text = lead.page(f"/offerings/compare?ids={ids}").text
    assert re.search(r"負担は[\d,]+円（税込）、同じ期間を単独なら[\d,]+円（税込）", text)


def test_nobody_else_can_tell_that_a_plan_is_a_basis(app: Flask) -> None:
    members_and_others = {LEAD_STAFF, LEAD_MANAGER, COUNCIL, *role_emails(app).values()}
    for email in sorted(members_and_others - {COORDINATOR}):
        page = signed_in(app, email).page(compared(app))
        assert PART not in page.text, email
        assert "試算の前提" not in page.text, email
    assert "試算の前提" not in StrictClient(app).page(compared(app)).text


def test_what_only_the_lead_sees_is_in_no_file(app: Flask) -> None:
    address = compared(app).replace("compare?", "compare.csv?")
    lead, visitor = signed_in(app, COORDINATOR), StrictClient(app)
    assert "試算の前提" not in lead.get(address).text
    assert "共同利用に" not in visitor.get(address).text


@pytest.fixture
def vendor_of_a_plan(fresh_app: Flask) -> Iterator[tuple[StrictClient, int, int]]:
    """The vendor of the example, one of its entries and a plan of it that is no basis."""
    client = StrictClient(fresh_app)
    user = sign_in(client, "vendor-staff@moyai.example")
    database: Database = fresh_app.extensions["moyai_database"]
    with database.transaction() as session:
        own = session.scalars(select(Membership).where(Membership.user_id == user.id)).one()
        vendor = session.scalars(
            select(Vendor).where(Vendor.organization_id == own.organization_id)
        ).one()
        offering, plan = session.execute(
            select(Offering, PricePlan)
            .join(Offer, Offer.offering_id == Offering.id)
            .join(PricePlan, PricePlan.offer_id == Offer.id)
            .where(Offering.vendor_id == vendor.id, Offering.publication_status == "published")
            .order_by(PricePlan.id)
        ).first()
        ids = offering.id, plan.id
    yield client, *ids


def test_a_vendors_pages_are_the_same_to_the_byte_whether_its_plan_is_a_basis(
    fresh_app: Flask, vendor_of_a_plan: tuple[StrictClient, int, int]
) -> None:
    vendor, offering_id, plan_id = vendor_of_a_plan
    visitor = StrictClient(fresh_app)
    paths = [
        f"/offerings/compare?ids={offering_id},1&account=200&resident=30000&bodies=10",
        f"/offerings/compare.csv?ids={offering_id},1",
        f"/offerings/{offering_id}",
        f"/api/v1/offerings/{offering_id}",
        "/desk/vendor",
        "/search?kind=offering",
        "/inbox",
    ]
    before = [read(client, path) for client in (vendor, visitor) for path in paths]
    database: Database = fresh_app.extensions["moyai_database"]
    with database.transaction() as session:
        project = session.scalars(select(Project).where(Project.state == "forming")).first()
        plan = session.get_one(PricePlan, plan_id)
        # As the lead's own service adds it, whatever the unit the project asks for.
        session.add(
            EstimateBasis(
                project_id=project.id,
                price_plan_id=plan.id,
                label="試算の前提 Z",
                plan_snapshot=plan.definition,
                tax_rate_percent=plan.tax_rate_percent,
                added_at=NOW,
            )
        )
    assert before == [read(client, path) for client in (vendor, visitor) for path in paths]


def read(client: StrictClient, path: str) -> tuple[int, str]:
    """Status and body without the form tokens, which are new each time."""
    response = client.get(path)
    body = re.sub(r'name="csrf_token" value="[^"]+"', "", response.text)
    return response.status_code, body


def test_few_queries_even_for_the_lead_of_estimated_projects(app: Flask) -> None:
    database: Database = app.extensions["moyai_database"]
    lead = signed_in(app, COORDINATOR)
    with counted_queries(database.engine) as log:
        lead.page(compared(app))
    log.at_most(12)
