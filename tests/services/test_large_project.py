"""A project of 200 bodies, five years and monthly ledgers: how much its pages ask (issue 5, 7.)."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from accounts.roles import Role
from app import create_app
from bench.crowd import LEAD, make_crowd
from foundation.db import Database
from procurement.cost_models import ProjectEffect, ProjectFunding
from procurement.ledger_models import Invoice, Receipt
from procurement.models import Participation
from tests.harness.builders import (
    make_body,
    make_organization,
    make_system_type,
    make_user,
    make_vendor,
    organization_of,
)
from tests.harness.client import StrictClient
from tests.harness.example import example_config, sign_in
from tests.harness.large_project import fill_in
from tests.harness.queries import counted_queries

BODIES, YEARS, MOST_QUERIES = 200, 5, 15
NOW = datetime(2026, 11, 20, 1, 0, tzinfo=UTC)
MEMBER, AUDITOR = "member@moyai.example", "auditor@moyai.example"
PAGES = ("", "/members", "/costs", "/costs/sheet", "/ledger", "/ledger/2025-05", "/contracts")
TRACE = {"updated_at": NOW, "updated_by": "計測（架空）"}


@dataclass(frozen=True)
class Large:
    """The project and the application over its database."""

    app: Flask
    database: Database
    project_id: int

    def ask(self, client: StrictClient, page: str, body: str = "") -> Any:
        address = f"/projects/{self.project_id}{page}"
        with counted_queries(self.database.engine) as log:
            client.page(f"{address}?body={body}" if body else address)
        return log


@pytest.fixture
def large(database: Database, tmp_path: Path) -> Iterator[Large]:
    """With everything that is asked for only where there is some: options, declared figures,
    effects, a body's own grant."""
    with database.transaction() as session:
        project_id = _prepare(session)
    url = database.engine.url.render_as_string(hide_password=False)
    app = create_app(example_config(tmp_path / "instance") | {"DATABASE_URL": url})
    own: Database = app.extensions["moyai_database"]
    yield Large(app=app, database=own, project_id=project_id)
    own.dispose()


def _prepare(session: Session) -> int:
    make_system_type(session, "document_management", name="文書管理")
    make_vendor(session)
    first = make_body(session, name="架空県", kind="prefecture", code="990001")
    lead = organization_of(session, first)
    make_user(session, lead, Role.PREFECTURE_COORDINATOR, email=LEAD)
    state = make_organization(session, "operator")
    make_user(session, state, Role.AUDITOR, email=AUDITOR)
    make_body(session, name="架空市", prefecture_code="99")
    project_id = make_crowd(session, BODIES, date(2021, 4, 1), NOW)
    codes = session.scalars(
        select(Participation.body_code).where(Participation.project_id == project_id)
    ).all()
    member = make_organization(session, "municipality", body_code=codes[7], prefecture_code="99")
    make_user(session, member, Role.MUNICIPAL_MANAGER, email=MEMBER)
    _beside(session, project_id, codes[-1])
    fill_in(session, project_id, NOW)
    return project_id


def _beside(session: Session, project_id: int, code: str) -> None:
    effect = ProjectEffect(
        project_id=project_id,
        label="申請の受付",
        technology="",
        metric="作業時間",
        unit="h_per_month",
        before=Decimal(50),
        after=Decimal(20),
        scope="全団体",
        measured_by="架空県",
        fiscal_year=2025,
        source="",
        evidence="measured",
        **TRACE,
    )
    grant = ProjectFunding(
        project_id=project_id,
        fiscal_year=2021,
        body_code=code,
        name="架空の補助",
        status="decided",
        amount_yen=30_000,
        source="",
        **TRACE,
    )
    session.add_all([effect, grant])


def pay_too_much(large: Large) -> None:
    """A row of the ledger: every sum kept of it is old now."""
    with large.database.transaction() as session:
        invoice = session.scalars(
            select(Invoice).where(Invoice.project_id == large.project_id).limit(1)
        ).one()
        session.add(
            Receipt(
                project_id=large.project_id,
                invoice_id=invoice.id,
                kind="overpayment",
                amount_yen=1,
                received_on=date(2026, 4, 1),
                posted_in=date(2026, 3, 1),
                note="",
                recorded_at=NOW,
                recorded_by="計測（架空）",
            )
        )


def client_of(large: Large, email: str) -> StrictClient:
    client = StrictClient(large.app)
    sign_in(client, email)
    return client


@pytest.mark.parametrize("email", [LEAD, MEMBER, AUDITOR])
def test_every_page_asks_at_most_fifteen_times_also_first_after_a_write(large, email):
    client = client_of(large, email)
    for page in PAGES:
        large.ask(client, page).at_most(MOST_QUERIES)
        large.ask(client, page).at_most(MOST_QUERIES)
        pay_too_much(large)
        large.ask(client, page).at_most(MOST_QUERIES)


# Pages with a line for every body: else "at most" would be said of an empty table.
FULL = ("/contracts", "/introduction", "/members", "/requirements", "/sharing", "/survey")


@pytest.mark.parametrize("email", [LEAD, MEMBER, AUDITOR])
def test_every_other_page_of_the_project_asks_at_most_fifteen_times(large, email):
    """Every address that takes the project alone: pages, tables and files."""
    client = client_of(large, email)
    addresses = large.app.url_map.bind("localhost")
    read = 0
    for rule in large.app.url_map.iter_rules():
        if rule.arguments != {"project_id"} or "GET" not in (rule.methods or ()):
            continue
        address = addresses.build(rule.endpoint, {"project_id": large.project_id})
        with counted_queries(large.database.engine) as log:
            answer = client.get(address)
        assert answer.status_code in (200, 403, 404), (address, answer.status_code)
        log.at_most(MOST_QUERIES)
        read += answer.status_code == 200
    assert read > 20


@pytest.mark.parametrize("page", FULL)
def test_those_pages_do_read_of_every_body(large, page):
    """A long table may be cut into pages; then it says of how many."""
    text = client_of(large, LEAD).page(f"/projects/{large.project_id}{page}").text
    assert text.count("計測") >= BODIES or f"{BODIES}団体" in text or f"{BODIES}件" in text


def test_sums_kept_before_a_write_are_not_shown_after_it(large):
    client = client_of(large, LEAD)
    address = f"/projects/{large.project_id}/ledger"
    before = client.page(address).text
    pay_too_much(large)
    after = client.page(address).text
    assert before != after == client.page(address).text


def test_a_grant_of_a_body_nobody_chose_stands_beside_its_share_of_that_year(large):
    client = client_of(large, LEAD)
    page = client.page(f"/projects/{large.project_id}/costs")
    rows = [
        [cell.get_text(strip=True) for cell in row.select("th,td")]
        for row in page.soup.select("#table-net tbody tr")
    ]
    assert len(rows) == 1 + YEARS
    (of_the_body,) = [row for row in rows if "計測" in " ".join(row)]
    assert of_the_body[2:6] == ["120,000", "30,000", "0", "90,000"]
