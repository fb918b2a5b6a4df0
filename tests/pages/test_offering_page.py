"""The offering page and its neighbours: what is said, to whom, and what is not said."""

import csv
import io
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest
from flask import Flask

from accounts.roles import Actor
from catalog import panels
from catalog.models import Vendor
from foundation.db import Database
from tests.harness.catalog import (
    ANSWERS,
    DRAFT_MARK,
    GOVERNMENT_MARK,
    SmallCatalog,
    offering_entry,
    open_catalog,
    publish,
)
from tests.harness.client import StrictClient
from tests.harness.example import sign_in
from tests.harness.page import Page, text_of
from tests.harness.queries import counted_queries

Opened = tuple[Flask, SmallCatalog]


@pytest.fixture(scope="module")
def opened(empty_sqlite: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Opened]:
    with open_catalog(empty_sqlite, tmp_path_factory.mktemp("offering-page")) as opened:
        yield opened


@pytest.fixture
def visitor(opened: Opened) -> StrictClient:
    return StrictClient(opened[0])


@pytest.fixture
def staff(opened: Opened) -> StrictClient:
    client = StrictClient(opened[0])
    sign_in(client, opened[1].staff_email)
    return client


def answers(page: Page) -> dict[str, str]:
    """Question → answer as the page shows them."""
    rows = page.soup.select(".dads-description-list__row")
    return {text_of(row.dt): text_of(row.dd) for row in rows}


def test_the_page_shows_the_current_version_with_price_tiers(
    visitor: StrictClient, opened: Opened
) -> None:
    page = visitor.page(f"/offerings/{opened[1].offering}")
    assert page.h1 == "架空アシスト2"
    assert "架空" in text_of(page.soup.select_one(".moyai-page-header .moyai-chips"))
    rows = {row["構成要素"]: row for row in page.table("架空文書株式会社「標準」の料金（税抜）")}
    assert rows["初期設定"]["単価（税抜）"] == "100,000円"
    assert rows["利用料"]["単価（税抜）"] == "1〜100：1,000円 101〜：800.5円"


def test_not_stated_is_not_no(visitor: StrictClient, opened: Opened) -> None:
    said = answers(visitor.page(f"/offerings/{opened[1].offering}"))
    assert said["認証・登録"] == "登録なし"
    assert said["稼働率の保証"] == "記載なし"
    assert said["LGWAN接続口"] == "あり"
    assert said["LGWAN-ASP登録"] == "記載なし"


def test_the_cost_for_typed_quantities_follows_the_tiers(
    visitor: StrictClient, opened: Opened
) -> None:
    address = f"/offerings/{opened[1].offering}"
    before = visitor.page(address).table("架空文書株式会社の料金プランの費用（税抜）")
    assert "アカウントの数量が必要です" in before[0].values()
    after = visitor.page(f"{address}?account=１５０")
    [row] = after.table("架空文書株式会社の料金プランの費用（税抜）")
    assert row["初期費用など一時の費用"] == "100,000円"
    # 100 × 1,000 + 50 × 800.5 yen a month.
    assert row["年額"] == "1,680,300円"


def test_a_body_sees_the_cost_at_its_own_size(staff: StrictClient, opened: Opened) -> None:
    page = staff.page(f"/offerings/{opened[1].offering}")
    [row] = page.table("架空文書株式会社の料金プランの費用（税抜）")
    # 200 staff: 100 × 1,000 + 100 × 800.5 yen a month.
    assert row["年額"] == "2,160,600円"
    assert "架空中央市が単独で使う場合" in page.text


@pytest.mark.parametrize("typed", ["abc", "-5", "1.5", "9" * 40])
def test_a_quantity_that_is_no_number_is_named_and_computes_nothing(
    visitor: StrictClient, opened: Opened, typed: str
) -> None:
    page = visitor.page(f"/offerings/{opened[1].offering}?account={typed}")
    assert page.soup.select_one(".dads-form-control__error") is not None
    [row] = page.table("架空文書株式会社の料金プランの費用（税抜）")
    assert "アカウントの数量が必要です" in row.values()


def test_government_answers_reach_government_only(
    visitor: StrictClient, staff: StrictClient, opened: Opened
) -> None:
    app, catalog = opened
    vendor = StrictClient(app)
    sign_in(vendor, catalog.vendor_email)
    for address in (
        f"/offerings/{catalog.offering}",
        f"/offerings/{catalog.offering}/versions/1",
        f"/offerings/compare?ids={catalog.offering},{catalog.second}",
        f"/api/v1/offerings/{catalog.offering}",
    ):
        assert GOVERNMENT_MARK not in visitor.get(address).text, address
        assert GOVERNMENT_MARK not in vendor.get(address).text, address
        assert GOVERNMENT_MARK in staff.get(address).text, address


def test_what_a_vendor_asked_to_protect_is_listed_for_government(
    visitor: StrictClient, staff: StrictClient, opened: Opened
) -> None:
    address = f"/offerings/{opened[1].offering}/protected.csv"
    assert visitor.get(address).status_code == 302  # to the sign-in
    vendor = StrictClient(opened[0])
    sign_in(vendor, opened[1].vendor_email)
    assert vendor.get(address).status_code == 403
    assert staff.page(f"/offerings/{opened[1].offering}").link("配慮を求められた") == address
    text = staff.get(address).data.decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text)))
    assert [(row["項目"], row["公開の範囲"], row["理由の区分"]) for row in rows] == [
        ("安全管理の内容", "行政機関のみ", "")
    ]
    assert GOVERNMENT_MARK not in text  # which, not what
    assert staff.get("/offerings/999999/protected.csv").status_code == 404


def test_each_protected_answer_has_its_own_reason_for_those_who_may_read_it(
    visitor: StrictClient, staff: StrictClient, opened: Opened
) -> None:
    app, catalog = opened
    reason = "手口の手がかりの目印3e8"
    answers = ANSWERS | {
        "protected_information": "全体の目印5b1",
        "protected_reasons": {
            "security_measures": {"kind": "security", "reason": reason},
            "incident_contact": {"kind": "other", "reason": "体制の目印1d6"},
        },
    }
    with app.extensions["moyai_database"].transaction() as session:
        vendor = session.get_one(Vendor, catalog.vendor)
        facts = {"key": "reasoned", "system_type_code": "core_business", "answers": answers}
        entry = offering_entry(vendor, **facts)
        address = f"/offerings/{publish(session, entry).id}"
    page = staff.page(address)
    [told] = [tag.text for tag in page.soup.select("dd") if GOVERNMENT_MARK in tag.text]
    assert f"情報公開で配慮を求める理由 安全管理（公にすると支障がある）：{reason}" in told
    text = staff.get(f"{address}/protected.csv").data.decode("utf-8-sig")
    columns = ("種類", "項目", "事業者が述べた内容と理由", "理由の区分")
    rows = csv.DictReader(io.StringIO(text))
    assert [tuple(row[column] for column in columns) for row in rows] == [
        ("回答", "安全管理の内容", reason, "安全管理（公にすると支障がある）"),
        ("回答（記載なし）", "事故時の連絡体制", "体制の目印1d6", "その他"),
        ("事業者の申し出", "情報公開で配慮を求める情報", "全体の目印5b1", ""),
    ]
    other = StrictClient(app)
    sign_in(other, catalog.vendor_email)
    for place in (address, f"{address}/versions/1", f"/api/v1{address}"):
        assert reason in staff.get(place).text, place
        for reader in (visitor, other):
            assert reason not in reader.get(place).text, place


def test_old_versions_stay_at_their_own_address(visitor: StrictClient, opened: Opened) -> None:
    catalog = opened[1]
    old = visitor.page(f"/offerings/{catalog.offering}/versions/1")
    assert old.h1 == "架空アシスト 第1版"
    assert "古い版です" in old.text
    assert answers(old)["LGWAN接続口"] == "なし"
    history = visitor.page(f"/offerings/{catalog.offering}").table("公開した版（新しい順）")
    assert [row["版"] for row in history] == ["第2版", "第1版"]


def test_a_draft_and_what_never_existed_are_told_apart_by_nobody(
    visitor: StrictClient, opened: Opened
) -> None:
    app, catalog = opened
    vendor = StrictClient(app)
    sign_in(vendor, catalog.vendor_email)
    for client in (visitor, vendor):
        for path in ("/offerings/{}", "/offerings/{}/versions/1", "/api/v1/offerings/{}"):
            draft = client.get(path.format(catalog.draft))
            nothing = client.get(path.format(987_654))
            assert (draft.status_code, nothing.status_code) == (404, 404)
            assert draft.text == nothing.text
    compared = visitor.get(f"/offerings/compare?ids={catalog.draft},{catalog.offering}")
    assert DRAFT_MARK not in compared.text


@pytest.mark.parametrize("number", ["0", "99999999999999999999", "x", "-1"])
def test_an_address_that_names_nothing_is_not_found(
    visitor: StrictClient, opened: Opened, number: str
) -> None:
    assert visitor.get(f"/offerings/{number}").status_code == 404
    address = f"/offerings/{opened[1].offering}/versions/{number}"
    assert visitor.get(address).status_code == 404


def test_a_withdrawn_entry_says_so(visitor: StrictClient, opened: Opened) -> None:
    page = visitor.page(f"/offerings/{opened[1].withdrawn}")
    assert "このサービスは掲載を終了しています" in page.text


def test_comparison_marks_differences_in_words(visitor: StrictClient, opened: Opened) -> None:
    catalog = opened[1]
    page = visitor.page(f"/offerings/compare?ids={catalog.offering}&ids={catalog.second}")
    rows = {row["項目"] for row in page.table("回答の比較")}
    assert "LGWAN接続口 ≠ 違いあり" in rows
    assert "利用者の認証" in rows  # both say nothing: no difference is claimed
    assert "設置場所" in rows


def test_a_reader_chooses_what_to_compare_on_the_page(
    visitor: StrictClient, opened: Opened
) -> None:
    catalog = opened[1]
    form = visitor.page(f"/offerings/{catalog.offering}").form("/offerings/compare")
    boxes = [box["value"] for box in form.tag.select("input[type=checkbox]")]
    assert boxes == [str(catalog.second)]  # neither the draft nor what was withdrawn
    shown = form.submit(visitor, ids=[str(catalog.offering), *boxes]).text
    assert "架空アシスト2" in shown
    assert "架空ノート" in shown


def test_comparison_takes_five_and_passes_over_nonsense(
    visitor: StrictClient, opened: Opened
) -> None:
    ids = ",".join(map(str, [opened[1].offering] * 3 + list(range(500, 510))))
    page = visitor.page(f"/offerings/compare?ids={ids},x,-3,{'9' * 60}")
    assert "件は表示していません" in page.text
    assert "比べるサービスが選ばれていません" in visitor.page("/offerings/compare?ids=zzz").text


def test_the_cases_of_a_product_are_listed_with_real_and_fictional_apart(
    visitor: StrictClient, opened: Opened
) -> None:
    catalog = opened[1]
    page = visitor.page(f"/offerings/{catalog.offering}")
    assert f"/cases/{catalog.case}" in page.links
    assert "実データ 0件・架空 1件" in page.text
    assert f"/offerings/{catalog.offering}" in visitor.page(f"/cases/{catalog.case}").links


def test_a_higher_package_shows_its_panel_here(
    visitor: StrictClient, opened: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[tuple[Actor, int, datetime]] = []

    def source(_session: object, request: panels.PanelRequest) -> panels.Panel:
        asked.append((request.actor, request.subject_id, request.now))
        item = panels.PanelItem(title="募集中の案件", url="/projects/1", fictional=True)
        return panels.Panel(key="open", title="募集中の共同調達", items=(item,))

    monkeypatch.setattr(panels, "_sources", {})
    panels.register(panels.Place.OFFERING, "open", source)
    page = visitor.page(f"/offerings/{opened[1].offering}")
    assert "/projects/1" in page.links
    assert [subject for _, subject, _ in asked] == [opened[1].offering]


def test_few_queries(staff: StrictClient, opened: Opened) -> None:
    app, catalog = opened
    database: Database = app.extensions["moyai_database"]
    for address in (
        f"/offerings/{catalog.offering}",
        f"/offerings/{catalog.offering}/versions/1",
        f"/offerings/compare?ids={catalog.offering},{catalog.second}",
    ):
        with counted_queries(database.engine) as log:
            staff.page(address)
        log.at_most(12)
