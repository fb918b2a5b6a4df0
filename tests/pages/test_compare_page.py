"""Entries side by side: differences and silence told apart, prices, and who sees which."""

import csv
import io
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from bs4 import Tag
from flask import Flask

from foundation.db import Database
from tests.harness.catalog import DRAFT_MARK, GOVERNMENT_MARK, SmallCatalog, open_catalog
from tests.harness.client import StrictClient, as_page
from tests.harness.example import sign_in
from tests.harness.example_projects import ASKED_STAFF, JOINING_STAFF, signed_in
from tests.harness.page import Page, text_of
from tests.harness.queries import counted_queries

Opened = tuple[Flask, SmallCatalog]
ALONE = "単独で使う場合の費用"


@pytest.fixture(scope="module")
def opened(empty_sqlite: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Opened]:
    with open_catalog(empty_sqlite, tmp_path_factory.mktemp("compare-page")) as opened:
        yield opened


@pytest.fixture
def visitor(opened: Opened) -> StrictClient:
    return StrictClient(opened[0])


@pytest.fixture
def staff(opened: Opened) -> StrictClient:
    client = StrictClient(opened[0])
    sign_in(client, opened[1].staff_email)
    return client


@pytest.fixture
def both(opened: Opened) -> str:
    return f"/offerings/compare?ids={opened[1].offering}&ids={opened[1].second}"


def heads(page: Page) -> list[str]:
    return [text_of(head) for head in page.soup.select(".moyai-compare thead th")][1:]


def row_of(page: Page, label: str) -> Tag:
    for row in page.soup.select(".moyai-compare tbody tr"):
        heading = row.select_one("th[scope=row]")
        if heading and text_of(heading).startswith(label):
            return row
    raise AssertionError(f"no row 「{label}」")


def test_each_column_names_its_version_its_date_and_its_fiction(
    visitor: StrictClient, both: str
) -> None:
    first, second = heads(visitor.page(both))
    assert re.fullmatch(
        r"架空アシスト2 架空 第2版 （\d{4}年\d+月\d+日公開） 外す ：架空アシスト2", first
    )
    assert second.startswith("架空ノート 架空 第1版")


def test_rows_stand_in_groups_and_differences_are_said_in_words(
    visitor: StrictClient, both: str
) -> None:
    page = visitor.page(both)
    groups = [text_of(one) for one in page.soup.select(".moyai-compare__group th")]
    assert groups[:2] == ["基本情報", "用途"]
    assert groups[-1] == "進行中の共同調達"
    assert "≠ 違いあり" in text_of(row_of(page, "LGWAN接続口"))
    assert row_of(page, "LGWAN接続口")["data-differs"] == "different"
    assert "違い" not in text_of(row_of(page, "設置場所"))
    # Both say nothing: no difference is claimed, and it is not taken for "no".
    assert text_of(row_of(page, "利用者の認証")) == "利用者の認証 記載なし 記載なし"
    assert text_of(row_of(page, "認証・登録")) == "認証・登録 登録なし 登録なし"


def test_an_answer_beside_silence_is_marked_as_unknown_not_as_different(
    fresh_app: Flask, fresh_client: StrictClient
) -> None:
    page = fresh_client.page("/offerings/compare?ids=1,16,22,34")
    partly = [
        row for row in page.soup.select("tr[data-differs=partly_unstated]") if row.select("td")
    ]
    assert partly
    for row in partly:
        texts = {text_of(cell) for cell in row.select("td")}
        assert "記載なし" in texts and len(texts) == 2
        assert "？ 記載なしを含む" in text_of(row.select_one("th"))


def test_only_what_differs_can_be_shown_and_all_again(visitor: StrictClient, both: str) -> None:
    page = visitor.page(both)
    fewer = visitor.page(page.link("違いのある項目だけを見る"))
    rows = [r for r in fewer.soup.select(".moyai-compare tbody tr") if r.select("td")]
    assert rows
    assert all(row.get("data-differs") for row in rows)
    assert "設置場所" not in text_of(fewer.soup.select_one(".moyai-compare"))
    assert heads(visitor.page(fewer.link("すべての項目を見る"))) == heads(page)


def test_an_entry_can_be_taken_out_and_others_added(
    visitor: StrictClient, opened: Opened, both: str
) -> None:
    page = visitor.page(both)
    one = visitor.page(page.link("外す ：架空ノート"))
    assert len(heads(one)) == 1
    assert "選ばれているのは1件だけです" in one.text
    add = page.link("検索結果から選んで加える")
    assert f"ids={opened[1].offering}&ids={opened[1].second}" in add
    assert "category=generative_ai" in add


@pytest.mark.parametrize(
    ("ids", "said"),
    [
        ("", "比べるサービスが選ばれていません"),
        ("zzz", "「zzz」は使いませんでした"),
        ("<script>", "「<script>」は使いませんでした"),
        ("987654", "番号 987654 のサービスは、公開が停止されているか、番号が違います"),
        ("1.5,-3", "「1.5」、「-3」は使いませんでした"),
        ("9" * 60, "は使いませんでした"),
    ],
)
def test_what_cannot_be_compared_is_said(visitor: StrictClient, ids: str, said: str) -> None:
    assert said in visitor.page("/offerings/compare", query_string={"ids": ids}).text


def test_more_than_five_are_named_and_five_are_shown(client: StrictClient) -> None:
    page = client.page("/offerings/compare?ids=1,2,3,4,5,6,7,1")
    assert len(heads(page)) == 5
    assert "一度に比べられるのは5件までです" in page.text
    assert "番号 6、7 の2件は表示していません" in page.text


def test_hidden_entries_answer_like_numbers_never_given_out(
    opened: Opened, visitor: StrictClient, staff: StrictClient
) -> None:
    app, catalog = opened
    vendor = StrictClient(app)
    sign_in(vendor, catalog.vendor_email)
    for client in (visitor, staff, vendor):
        for path in ("/offerings/compare", "/offerings/compare.csv"):
            hidden = client.get(f"{path}?ids={catalog.offering},{catalog.draft}")
            nothing = client.get(f"{path}?ids={catalog.offering},987654")
            assert hidden.status_code == nothing.status_code == 200
            assert DRAFT_MARK not in hidden.text
            assert without_tokens(hidden.text).replace(
                f"番号 {catalog.draft} ", "番号 987654 "
            ) == without_tokens(nothing.text)
    assert visitor.get(f"/offerings/compare.csv?ids={catalog.draft}").status_code == 404
    assert visitor.get("/offerings/compare.csv?ids=987654").status_code == 404


def without_tokens(html: str) -> str:
    """The page without the form tokens, which are new each time."""
    return re.sub(r'name="csrf_token" value="[^"]+"', "", html)


def test_a_body_sees_its_own_cost_and_the_figures_with_source_and_date(
    staff: StrictClient, both: str
) -> None:
    page = staff.page(both)
    first, second = page.table(ALONE)
    assert first["サービス"] == "架空アシスト2 架空"
    assert first["一時の費用（税抜）"] == "100,000円"
    # 200 staff: 100 × 1,000 + 100 × 800.5 yen a month.
    assert first["年額（税抜）"] == second["年額（税抜）"] == "2,160,600円"
    assert first["年額（税込）"] == "2,376,660円"
    [used] = page.table("計算に使った数量")
    assert used["数"] == "200"
    assert "令和6年（2024年" in used["出典と時点"]
    assert "架空中央市の架空の値" in used["出典と時点"]


def test_typed_figures_replace_the_known_ones_and_say_so(staff: StrictClient, both: str) -> None:
    form = staff.page(both).form("/offerings/compare", button="この数量で計算する")
    page = as_page(form.submit(staff, account="１５０"))
    assert page.table(ALONE)[0]["年額（税抜）"] == "1,680,300円"
    [used] = page.table("計算に使った数量")
    assert (used["数"], used["出典と時点"]) == ("150", "入力した数")
    emptied = as_page(form.submit(staff, account=""))
    assert "アカウントの数量が必要です" in emptied.table(ALONE)[0].values()


def test_what_a_body_told_a_project_of_the_kind_is_used_and_named(app: Flask) -> None:
    member, other = signed_in(app, ASKED_STAFF), signed_in(app, JOINING_STAFF)
    path = "/offerings/compare?ids=9,10"
    said = {row["数量"]: row for row in member.page(path).table("計算に使った数量")}
    assert "案件「生成AIサービスの共同調達（架空）」に答えた数" in said["アカウント"]["出典と時点"]
    told = {row["数量"]: row for row in other.page(path).table("計算に使った数量")}
    assert "職員数" in told["アカウント"]["出典と時点"]


@pytest.mark.parametrize("typed", ["abc", "-5", "9" * 40])
def test_a_figure_that_cannot_be_read_is_named_and_computes_nothing(
    staff: StrictClient, both: str, typed: str
) -> None:
    page = staff.page(f"{both}&account={typed}")
    assert page.soup.select_one(".dads-form-control__error") is not None
    assert "アカウントの数量が必要です" in page.table(ALONE)[0].values()


def test_buying_together_is_an_assumption_computed_from_the_published_tiers(
    client: StrictClient,
) -> None:
    plain = client.page("/offerings/compare?ids=1,16&resident=30000&account=200")
    assert "いっしょに買うと仮定した場合" not in " ".join(plain.captions)
    page = client.page("/offerings/compare?ids=1,16&resident=30000&account=200&bodies=20")
    rows = page.table("同じ数量の20団体がいっしょに買うと仮定した場合の、1団体あたりの費用（税抜）")
    assert len(rows) == len(page.table(ALONE))
    for alone, together in zip(page.table(ALONE), rows, strict=True):
        difference = yen(alone["年額（税抜）"]) - yen(together["年額（税抜）"])
        assert yen(together["単独との差（年額・税抜）"]) == difference >= 0
    assert any(yen(row["単独との差（年額・税抜）"]) > 0 for row in rows)
    assert "実際の案件の金額ではありません" in page.text
    for typed in ("1", "0", "1789", "x"):
        refused = client.page(f"/offerings/compare?ids=1,16&resident=30000&bodies={typed}")
        assert refused.soup.select_one("#bodies-error") is not None


def yen(text: str) -> int:
    return int(text.removesuffix("円").replace(",", "").replace("−", "-"))


def test_the_file_has_a_row_per_entry_and_item(
    visitor: StrictClient, staff: StrictClient, both: str
) -> None:
    address = visitor.page(both).link("CSV")
    response = visitor.get(address)
    assert response.content_type.startswith("text/csv")
    assert response.data.startswith(b"\xef\xbb\xbf")
    rows = list(csv.DictReader(io.StringIO(response.data.decode("utf-8-sig"))))
    assert {row["実データ・架空データ"] for row in rows if row["番号"]} == {"架空データ"}
    assert {row["掲載の状態"] for row in rows if row["番号"]} == {"掲載中"}
    said = {(row["名称"], row["項目"]): row for row in rows}
    endpoint = said["架空アシスト2", "LGWAN接続口"]
    assert (endpoint["値"], endpoint["比較の結果"], endpoint["版"]) == ("あり", "違いあり", "2")
    silent = said["架空ノート", "利用者の認証"]
    assert (silent["値"], silent["記載の有無"]) == ("", "記載なし")
    assert GOVERNMENT_MARK not in response.text
    own = staff.get(staff.page(both).link("CSV")).text
    assert GOVERNMENT_MARK in own
    assert "年額（税抜）,2160600," in own


def test_a_file_runs_nothing_in_a_spreadsheet(opened: Opened, visitor: StrictClient) -> None:
    text = visitor.get(f"/offerings/compare.csv?ids={opened[1].offering}").data.decode("utf-8-sig")
    for row in csv.reader(io.StringIO(text)):
        assert not any(cell[:1] in "=+@" for cell in row if cell)


def test_few_queries(opened: Opened, staff: StrictClient, visitor: StrictClient, both: str) -> None:
    database: Database = opened[0].extensions["moyai_database"]
    for client in (staff, visitor):
        with counted_queries(database.engine) as log:
            client.page(both)
        log.at_most(12)
