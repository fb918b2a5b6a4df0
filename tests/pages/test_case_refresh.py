"""A lead body refreshes its published case each year, and adds what it learnt."""

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select

from accounts.roles import Role
from catalog.case_desk import tell_of_old_cases
from catalog.models import Case, SearchOutbox
from foundation.audit import AuditEvent
from foundation.mail import Notice
from tests.harness.builders import NOW, make_body, make_user, organization_of
from tests.harness.catalog import OpenedCatalog, SmallCatalog, open_catalog
from tests.harness.client import as_page


class Opened(OpenedCatalog):
    """The small catalog, whose first case is a year old, and people of two bodies."""

    def __init__(self, app: Flask, catalog: SmallCatalog) -> None:
        super().__init__(app, catalog)
        self.case = catalog.case
        self.staff = catalog.staff_email
        with self.database.transaction() as session:
            other = organization_of(session, make_body(session))
            self.stranger = make_user(session, other, Role.MUNICIPAL_MANAGER).email
            case = session.get_one(Case, self.case)
            case.last_confirmed_on = date(2025, 10, 1)

    def stored(self) -> Case:
        with self.database.read_session() as session:
            case = session.get_one(Case, self.case)
            session.expunge(case)
            return case


@pytest.fixture
def opened(empty_sqlite: Path, tmp_path: Path) -> Iterator[Opened]:
    with open_catalog(empty_sqlite, tmp_path) as (app, catalog):
        yield Opened(app, catalog)


def test_the_lead_sees_its_old_case_on_its_desk_and_confirms_it(opened: Opened) -> None:
    lead = opened.reader(opened.staff)
    desk = lead.page(lead.page("/desk/body").link("自団体が幹事の事例"))
    [row] = desk.table("公開中の事例")
    assert "要更新確認" in row["状況"]
    page = lead.page(desk.link("内容を確かめる"))
    answer = page.form("/refresh").submit(
        lead,
        know_how="先に仕様を決めました。",
        measured_effects="52.4 → 18.1 時間/月\n\n問い合わせが半分",
    )
    assert answer.status_code == 302
    public = opened.reader().page(f"/cases/{opened.case}")
    assert "要更新確認" not in public.text
    for words in ("先に仕様を決めました。", "52.4 → 18.1 時間/月", "問い合わせが半分"):
        assert words in public.text
    assert opened.stored().last_confirmed_on == date(2026, 11, 20)
    assert "要更新確認" not in lead.page("/cases/own").table("公開中の事例")[0]["状況"]
    with opened.database.read_session() as session:
        [event] = session.scalars(select(AuditEvent).where(AuditEvent.action == "refresh_case"))
        assert event.changes["fields"] == "ノウハウ、測った効果"


def test_a_confirmed_case_is_found_by_its_new_words(opened: Opened) -> None:
    lead = opened.reader(opened.staff)
    form = lead.page(f"/cases/{opened.case}/refresh").form("/refresh")
    form.submit(lead, know_how="ツルコケモモ方式で進めました。")
    found = opened.reader().get("/api/v1/search?q=ツルコケモモ").get_json()
    assert [result["id"] for result in found["results"]] == [opened.case]
    with opened.database.read_session() as session:
        assert session.scalars(select(SearchOutbox)).all() == []


def test_nobody_else_changes_it(opened: Opened) -> None:
    address = f"/cases/{opened.case}/refresh"
    assert opened.reader().get(address).status_code == 302
    assert opened.reader(opened.stranger).get(address).status_code == 404
    assert "内容を確かめる" not in opened.reader(opened.stranger).page(f"/cases/{opened.case}").text
    assert "内容を確かめる" in opened.reader(opened.staff).page(f"/cases/{opened.case}").text


def test_two_people_at_once_lose_nothing(opened: Opened) -> None:
    first, second = opened.reader(opened.staff), opened.reader(opened.staff)
    forms = [one.page(f"/cases/{opened.case}/refresh").form("/refresh") for one in (first, second)]
    assert forms[0].submit(first, know_how="一人目").status_code == 302
    answer = forms[1].submit(second, know_how="二人目")
    assert answer.status_code == 409
    assert "二人目" in answer.text
    assert "ほかの人が先に変更しました" in answer.text
    assert opened.stored().know_how == "一人目"
    page = as_page(answer, status=409)
    [row] = page.table("保存済みの内容とあなたの入力の違い")
    assert (row["保存済み"], row["あなたの入力"]) == ("一人目", "二人目")
    assert page.form("/refresh").submit(second).status_code == 302
    assert opened.stored().know_how == "二人目"


def test_an_address_of_a_person_is_not_published(opened: Opened) -> None:
    lead = opened.reader(opened.staff)
    form = lead.page(f"/cases/{opened.case}/refresh").form("/refresh")
    answer = form.submit(lead, contact_office="情報課 taro@city.example")
    assert answer.status_code == 422
    assert "部署の名称だけ" in answer.text


def test_the_lead_is_told_once_a_year(opened: Opened) -> None:
    assert tell_of_old_cases(opened.database, NOW) == 1
    assert tell_of_old_cases(opened.database, NOW + timedelta(days=1)) == 0
    with opened.database.read_session() as session:
        [notice] = session.scalars(select(Notice).where(Notice.title.startswith("事例「"))).all()
        assert notice.url == f"/cases/{opened.case}/refresh"
    lead = opened.reader(opened.staff)
    lead.page(notice.url).form("/refresh").submit(lead)
    assert tell_of_old_cases(opened.database, NOW + timedelta(days=300)) == 0
    assert tell_of_old_cases(opened.database, NOW + timedelta(days=367)) >= 1
