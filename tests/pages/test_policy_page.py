"""The policy pages: drafts called drafts, the contradiction shown as it is."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

from tests.harness.catalog import SmallCatalog, open_catalog
from tests.harness.client import StrictClient

Opened = tuple[Flask, SmallCatalog]


@pytest.fixture(scope="module")
def visitor(empty_sqlite: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[StrictClient]:
    with open_catalog(empty_sqlite, tmp_path_factory.mktemp("policy")) as (app, _catalog):
        yield StrictClient(app)


def test_each_decision_has_its_own_table_and_nothing_is_added_up(visitor: StrictClient) -> None:
    page = visitor.page("/policy")
    assert [row["業務"] for row in page.table("標準20業務")] == ["住民基本台帳"]
    older = page.table("令和7年度（2025年度）決定分の一覧")
    newer = page.table("令和8年度（2026年度）決定分の一覧")
    assert [row["番号"] for row in older] == ["①"]
    assert [row["番号"] for row in newer] == ["③", "⑩", "⑪"]


def test_the_contradiction_is_shown_with_both_readings(visitor: StrictClient) -> None:
    page = visitor.page("/policy")
    assert "注記に従う読み方（同じ資料の659行目）：③と⑩" in page.text
    assert "一覧の（※）印に従う読み方（同じ資料の665行目・684行目）：③と⑪" in page.text
    outcomes = {row["番号"]: row["結果"] for row in page.table("令和8年度（2026年度）決定分の一覧")}
    assert outcomes["③"].startswith("共通化以外の方法を検討")
    assert outcomes["⑩"].startswith("資料の食い違いにより不明")
    assert outcomes["⑪"].startswith("資料の食い違いにより不明")


def test_the_scope_text_stands_with_its_source_and_the_mark_of_a_draft(
    visitor: StrictClient,
) -> None:
    page = visitor.page("/policy")
    assert (
        "標準20業務及び共通SaaSの対象候補を除くソフトウェアに関する広域での調達共同化" in page.text
    )
    assert (
        "出典：デジタル行財政改革 取りまとめ2025（案）Ⅲ(3)（2025年6月13日）"
        " テキスト版の1975〜1977行目" in page.text
    )
    assert "」2202〜2206行目、「取りまとめ2026 概要（決定案）」656行目、" in page.text
    assert not re.search(r"S\d:", page.text) and "手元の" not in page.text
    assert "案" in [tag.get_text(strip=True) for tag in page.soup.select(".dads-chip-label")]
    assert "第1クール" not in page.text


def test_an_item_shows_its_source_lines_and_blanks(visitor: StrictClient) -> None:
    page = visitor.page(visitor.page("/policy").link("幼稚園の被害状況等システム"))
    assert "出典：取りまとめ2026 概要（決定案） テキスト版の654〜684行目" in page.text
    assert "資料の食い違いにより不明" in page.text
    assert "注記に従う読み方" in page.text
    assert "制度所管府省庁 記載なし" in page.text


def test_a_standard_task_prints_no_rows_it_can_never_fill(visitor: StrictClient) -> None:
    page = visitor.page(visitor.page("/policy").link("住民基本台帳"))
    assert "記載なし" not in page.soup.main.dl.get_text()
    assert "出典：" in page.text


def test_an_item_nobody_decided_is_not_found(visitor: StrictClient) -> None:
    assert visitor.get("/policy/items/987654").status_code == 404


def test_the_share_of_startups_is_quoted_with_its_scope_and_source(visitor: StrictClient) -> None:
    page = visitor.page("/policy")
    assert "2023年度は1.1％" in page.text
    assert "国と地方の契約の全体についての割合" in page.text
    assert "このサイトに登録された事業者や案件の割合ではなく" in page.text
    assert "テキスト版の1927〜1929行目" in page.text
