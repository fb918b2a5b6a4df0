"""The operator edits the policy table, seeing first what would change class by it."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select

from accounts.models import User
from accounts.roles import Actor, Role
from catalog.example.reference import load_reference
from catalog.models import Offering, PolicyClass, PolicyItem
from catalog.policy_history import recheck_offerings
from foundation.audit import AuditEvent
from foundation.clock import jst_today
from foundation.db import Database
from foundation.mail import Notice
from foundation.settings import put_setting
from procurement.services.policy_recheck import recheck_projects
from tests.harness.builders import NOW, make_actor, make_organization
from tests.harness.catalog import open_catalog
from tests.harness.client import StrictClient, as_page
from tests.harness.example import sign_in
from tests.harness.projects import make_project, make_world


class Opened:
    """A catalog, an operator, a ministry, and a project named as the new word says."""

    def __init__(self, app: Flask) -> None:
        self.app = app
        self.database: Database = app.extensions["moyai_database"]
        with self.database.transaction() as session:
            office = make_organization(session, "operator", alternate_key="operator")
            self.operator = make_actor(session, office, Role.OPERATOR)
            ministry = make_organization(session, "ministry", alternate_key="ministry")
            self.ministry = make_actor(session, ministry, Role.MINISTRY_REPORTER)
            self.project = make_project(session, make_world(session), title="架空の語の調達").id
            entry = session.scalars(
                select(Offering).where(Offering.publication_status == "published")
            ).first()
            item = session.scalars(
                select(PolicyItem).where(PolicyItem.kind == "commonization_target")
            ).first()
            assert entry is not None
            assert item is not None
            entry.name = "架空の語の製品"
            self.entry, self.item, self.item_name = entry.id, item.id, item.name
        self.look()

    def look(self) -> None:
        recheck_offerings(self.database, NOW)
        recheck_projects(self.database, NOW)

    def reader(self, actor: Actor) -> StrictClient:
        client = StrictClient(self.app)
        with self.database.read_session() as session:
            email = session.get_one(User, actor.user_id).email
        sign_in(client, email)
        return client

    @property
    def address(self) -> str:
        return f"/admin/policy-items/{self.item}"

    def stored(self) -> PolicyItem:
        with self.database.read_session() as session:
            item = session.get_one(PolicyItem, self.item)
            session.expunge(item)
            return item


@pytest.fixture
def opened(empty_sqlite: Path, tmp_path: Path) -> Iterator[Opened]:
    with open_catalog(empty_sqlite, tmp_path) as (app, _catalog):
        yield Opened(app)


def test_what_would_change_is_shown_before_it_is_saved(opened: Opened) -> None:
    operator = opened.reader(opened.operator)
    index = operator.page(operator.page("/policy").link("政策の表を編集する"))
    form = operator.page(index.link(opened.item_name)).form(opened.address)
    words = {"keywords": "架空の語", "source_doc": "新しい資料"}
    page = as_page(form.submit(operator, **words, do="preview"))
    assert "まだ保存していません" in page.text
    [row] = page.table("推定の変わる掲載")
    assert row["名称"].startswith("架空の語の製品")
    assert row["保存した後の区分"] == f"共通化対象（{opened.item_name}）"
    [row] = page.table("推定の変わる案件")
    assert row["名称"].startswith("架空の語の調達")
    assert opened.stored().row_version == 1
    assert page.form(opened.address).submit(operator, do="save").status_code == 302
    item = opened.stored()
    assert (item.keywords, item.source_doc, item.row_version) == ("架空の語", "新しい資料", 2)
    opened.look()
    with opened.database.read_session() as session:
        found = session.scalars(
            select(PolicyClass)
            .where(PolicyClass.subject_kind == "offering", PolicyClass.subject_id == opened.entry)
            .order_by(PolicyClass.id.desc())
        ).first()
        assert found is not None
        assert found.scope == "commonization_target"
        assert found.sources[0][0] == "新しい資料"
        [event] = session.scalars(
            select(AuditEvent).where(AuditEvent.action == "edit_policy_item")
        ).all()
        assert event.changes["keywords"]["to"] == "架空の語"


def test_the_second_of_two_sees_what_the_first_did(opened: Opened) -> None:
    operator = opened.reader(opened.operator)
    form = operator.page(opened.address).form(opened.address)
    first = {"keywords": "先の語", "outcome": "unclear"}
    assert form.submit(operator, first, do="save").status_code == 302
    page = as_page(form.submit(operator, keywords="後の語", do="save"), status=409)
    assert page.form(opened.address).values["keywords"] == "後の語"
    assert opened.stored().keywords == "先の語"
    rows = page.table("保存済みの内容とあなたの入力の違い")
    assert [tuple(row.values()) for row in rows] == [
        ("見つけるための語", "先の語", "後の語"),
        ("結果", "資料の食い違いにより不明", "共通化"),
    ]
    assert page.form(opened.address).submit(operator, do="save").status_code == 302
    assert opened.stored().keywords == "後の語"


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({"keywords": "語"}, "keywords"),
        ({"keywords": "a|b"}, "keywords"),
        ({"source_doc": " "}, "source_doc"),
        ({"valid_from": "2027-04-01", "valid_to": "2027-03-31"}, "valid_to"),
        ({"valid_from": "きのう"}, "valid_from"),
    ],
)
def test_what_cannot_stand_is_said_beside_its_field(
    opened: Opened, typed: dict[str, str], field: str
) -> None:
    operator = opened.reader(opened.operator)
    form = operator.page(opened.address).form(opened.address)
    page = as_page(form.submit(operator, **typed, do="save"), status=422)
    assert page.soup.select_one(f"#{field}-error")
    assert opened.stored().row_version == 1


def test_a_save_that_changes_nothing_keeps_every_item_as_its_document_writes_it(
    opened: Opened,
) -> None:
    operator = opened.reader(opened.operator)
    with opened.database.transaction() as session:
        load_reference(session, NOW)
        items = session.scalars(select(PolicyItem.id)).all()
    for item in items:
        address = f"/admin/policy-items/{item}"
        form = operator.page(address).form(address)
        assert form.submit(operator, do="save").status_code == 302
    with opened.database.read_session() as session:
        events = session.scalars(
            select(AuditEvent).where(AuditEvent.action == "edit_policy_item")
        ).all()
        assert len(events) == len(items) > 30
        assert [event.changes for event in events if set(event.changes) != {"policy_item"}] == []


def test_lines_of_a_note_and_wide_brackets_stay_as_typed(opened: Opened) -> None:
    operator = opened.reader(opened.operator)
    names = {"name": "架空（第１号）―表", "ministries": "架空省（Ａ局）"}
    typed = names | {"note": "一行目\r\n二行目"}
    form = operator.page(opened.address).form(opened.address)
    assert form.submit(operator, **typed, do="save").status_code == 302
    item = opened.stored()
    assert (item.name, item.ministries) == tuple(names.values())
    assert item.note == "一行目\n二行目"


def test_a_name_that_another_has_is_said_before_anything_is_shown(opened: Opened) -> None:
    operator = opened.reader(opened.operator)
    address = operator.page("/admin/policy-items").link("住民からの通報等システム")
    typed = {"name": "指導検査業務のシステム", "note": "書きかけの注"}
    answer = operator.page(address).form(address).submit(operator, **typed, do="preview")
    page = as_page(answer, status=422)
    assert page.soup.select_one("#name-error")
    assert page.form(address).values["note"].strip() == "書きかけの注"


def test_an_item_that_ends_is_looked_at_without_anybody_saving(opened: Opened) -> None:
    operator = opened.reader(opened.operator)
    form = operator.page(opened.address).form(opened.address)
    today = jst_today(NOW)
    last = {"keywords": "架空の語", "valid_to": today.isoformat()}
    page = as_page(form.submit(operator, **last, do="preview"))
    assert len(page.table("推定の変わる掲載")) == 1
    assert form.submit(operator, **last, do="save").status_code == 302
    opened.look()
    assert recheck_offerings(opened.database, NOW + timedelta(days=1)) == 1


NEW = "/admin/policy-items/new"
TYPED = {
    "kind": "commonization_target",
    "decision_fy": "2027",
    "item_no": "1",
    "name": "架空の共通システム",
    "keywords": "架空の語",
    "source_doc": "新しい資料",
}


def test_a_new_item_is_looked_through_added_and_told_of(opened: Opened) -> None:
    operator = opened.reader(opened.operator)
    index = operator.page("/admin/policy-items")
    form = operator.page(index.link("項目を追加する")).form(NEW)
    assert (form.values["decision_fy"], form.values["item_no"]) == ("2026", "12")
    page = as_page(form.submit(operator, **TYPED, do="preview"))
    [row] = page.table("推定の変わる掲載")
    assert row["保存した後の区分"] == "共通化対象（架空の共通システム）"
    assert len(page.table("推定の変わる案件")) == 1
    assert "架空の共通システム" not in operator.page("/policy").text
    assert page.form(NEW).submit(operator, do="save").status_code == 302
    row = operator.page("/policy").table("令和9年度（2027年度）決定分の一覧")[0]
    assert (row["番号"], row["名称"], row["制度所管府省庁"]) == (
        "①",
        "架空の共通システム",
        "記載なし",
    )
    assert "食い違い" not in row["結果"]
    assert recheck_offerings(opened.database, NOW) == 1
    assert recheck_projects(opened.database, NOW) == 1
    with opened.database.read_session() as session:
        told = session.scalars(select(Notice.title).where(Notice.title.contains("国の方針")))
        assert len(set(told)) == 2


def test_a_candidate_of_common_saas_has_its_own_table(opened: Opened) -> None:
    operator = opened.reader(opened.operator)
    form = operator.page(NEW).form(NEW)
    typed = TYPED | {"kind": "common_saas_candidate"}
    typed |= {"decision_fy": "2026", "item_no": "3", "outcome": "unclear"}
    assert form.submit(operator, **typed, do="save").status_code == 302
    page = operator.page("/policy")
    assert [row["名称"] for row in page.table("共通SaaSの対象候補")] == ["架空の共通システム"]
    assert "令和9年度" not in page.text
    # Year and number are those of a target of which its document says two things: this is none.
    assert "注記に従う読み方" not in operator.page(page.link("架空の共通システム")).text
    [row] = operator.get("/api/v1/policy-items?kind=common_saas_candidate").get_json()["results"]
    assert row["name"] == "架空の共通システム"


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({"item_no": ""}, "item_no"),
        ({"decision_fy": "2026", "item_no": "3"}, "item_no"),
        ({"decision_fy": ""}, "decision_fy"),
        ({"decision_fy": "27"}, "decision_fy"),
        ({"name": " "}, "name"),
        ({"decision_fy": "2026", "name": "指導検査業務のシステム"}, "name"),
        ({"ministries": "庁" * 201}, "name"),
        ({"source_doc": ""}, "source_doc"),
    ],
)
def test_a_new_item_that_cannot_stand_is_said_beside_its_field(
    opened: Opened, typed: dict[str, str], field: str
) -> None:
    operator = opened.reader(opened.operator)
    form = operator.page(NEW).form(NEW)
    page = as_page(form.submit(operator, **(TYPED | typed), do="save"), status=422)
    assert page.soup.select_one(f"#{field}-error")
    assert page.form(NEW).values["keywords"].strip() == "架空の語"


def test_nobody_else_keeps_it_and_the_files_leave_it(opened: Opened) -> None:
    ministry = opened.reader(opened.ministry)
    assert ministry.get(opened.address).status_code == 403
    assert ministry.get(NEW).status_code == 403
    assert "政策の表を編集する" not in ministry.page("/policy").text
    operator = opened.reader(opened.operator)
    form = operator.page(opened.address).form(opened.address)
    assert form.submit(operator, keywords="残る語", do="save").status_code == 302
    with opened.database.transaction() as session:
        put_setting(session, "reference_sha256", "other")
        load_reference(session, NOW)
    assert opened.stored().keywords == "残る語"
