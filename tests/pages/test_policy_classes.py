"""Confirming a class by pages, and who reads the dated history of entry and project."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select

from accounts.models import User
from accounts.roles import Actor, Role
from catalog.models import Offering
from catalog.policy_history import recheck_offerings
from foundation.db import Database
from procurement.services.policy_recheck import recheck_projects
from tests.harness.builders import NOW, make_actor, make_organization
from tests.harness.catalog import decide_common_target, open_catalog
from tests.harness.client import StrictClient, as_page
from tests.harness.example import sign_in
from tests.harness.projects import World, make_project, make_world

HISTORY = "国の方針との関係の履歴"


class Opened:
    """A catalog, an operator, and a project with its lead and members."""

    world: World

    def __init__(self, app: Flask) -> None:
        self.app = app
        self.database: Database = app.extensions["moyai_database"]
        with self.database.transaction() as session:
            office = make_organization(session, "operator", name="運営", alternate_key="operator")
            self.operator = make_actor(session, office, Role.OPERATOR)
            self.world = make_world(session)
            self.project = make_project(session, self.world, joined=2, title="架空の対話の調達").id
            entry = session.scalars(
                select(Offering).where(Offering.publication_status == "published")
            ).first()
            assert entry is not None
            entry.name = "架空の対話"
            self.entry = entry.id
        self.look()

    def look(self) -> None:
        """The daily look."""
        recheck_offerings(self.database, NOW)
        recheck_projects(self.database, NOW)

    def decide(self) -> None:
        with self.database.transaction() as session:
            decide_common_target(session, "架空の対話")
        self.look()

    def reader(self, actor: Actor | None = None) -> StrictClient:
        client = StrictClient(self.app)
        if actor is not None:
            with self.database.read_session() as session:
                email = session.get_one(User, actor.user_id).email
            sign_in(client, email)
        return client


@pytest.fixture
def opened(empty_sqlite: Path, tmp_path: Path) -> Iterator[Opened]:
    with open_catalog(empty_sqlite, tmp_path) as (app, _catalog):
        yield Opened(app)


def test_the_operator_confirms_and_everybody_reads_it(opened: Opened) -> None:
    operator, visitor = opened.reader(opened.operator), opened.reader()
    public = f"/offerings/{opened.entry}"
    assert "未確認" in visitor.page(public).text
    queue = operator.page(operator.page("/admin/reviews").link("国の方針との関係を確認する"))
    address = queue.link("架空の対話")
    form = operator.page(address).form("/policy")
    page = as_page(form.submit(operator, scope="standard_20", basis=""), status=422)
    assert page.soup.select_one("#basis-error")
    page = as_page(form.submit(operator, scope="standard_20", basis="資料"), status=422)
    assert page.soup.select_one("#reason-error")
    assert page.form("/policy").values["basis"] == "資料"
    sent = {"scope": "standard_20", "basis": "資料", "reason": "内容による"}
    assert form.submit(operator, **sent).status_code == 302
    assert form.submit(operator, **sent).status_code == 409
    page = visitor.page(public)
    row = page.table(HISTORY)[0]
    assert (row["区分"], row["確認した団体"]) == ("標準20業務", "運営（運営者）")
    assert "内容による" in row["根拠と理由"]
    assert "標準20業務に当たる種別です" in page.text
    assert "架空の対話" not in operator.page("/admin/policy-classes").text
    opened.decide()
    assert "確認が必要" in visitor.page(public).text
    assert visitor.page(public).table(HISTORY)[0]["区分"] == (
        "一般（後押しの対象） → 共通化対象（対話の共通化）"
    )
    assert visitor.page(public).table(HISTORY)[0]["出典の資料"] == "見本の資料 テキスト版の1〜2行目"
    assert "標準20業務に当たる種別です" in visitor.page(public).text
    assert "架空の対話" in operator.page("/admin/policy-classes").text


def test_a_project_keeps_its_history_and_members_read_why(opened: Opened) -> None:
    lead, member = (
        opened.reader(opened.world.lead),
        opened.reader(next(iter(opened.world.staff.values()))),
    )
    visitor, address = opened.reader(), f"/projects/{opened.project}/policy"
    opened.decide()
    form = lead.page(address).form("/policy")
    page = as_page(form.submit(lead, basis="照会した。"), status=409)
    assert page.soup.select_one("#policy_reason-error")
    assert page.form("/policy").values["basis"] == "照会した。"
    sent = {"basis": "照会した。", "policy_reason": "府省庁の了解を得た。"}
    assert form.submit(lead, **sent).status_code == 302
    assert form.submit(lead, **sent).status_code == 409
    for reader in (member, visitor):
        for path in (address, f"/projects/{opened.project}"):
            row = reader.page(path).table(HISTORY)[0]
            assert row["区分"] == "共通化対象"
            assert row["確認した団体"] == "架空県（幹事団体）"
    assert "照会した。" in member.page(address).text
    assert "府省庁の了解を得た。" in member.page(address).text
    for secret in ("照会した。", "府省庁の了解を得た。"):
        assert secret not in visitor.page(address).html
    assert "この区分で確認する" not in member.page(address).text


def test_the_effective_class_is_what_a_program_reads(opened: Opened) -> None:
    operator = opened.reader(opened.operator)
    form = operator.page(f"/admin/offerings/{opened.entry}/policy").form("/policy")
    form.submit(operator, scope="undetermined", basis="資料", reason="資料では決められない")
    read = opened.reader().get(f"/api/v1/offerings/{opened.entry}").get_json()
    assert read["policy_scope"] == "undetermined"
