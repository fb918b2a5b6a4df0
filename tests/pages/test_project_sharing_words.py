"""The sharing page in sentences, and who rises and falls when a body joins or leaves."""

import re

import pytest

from tests.harness.example_projects import (
    AGREEMENT,
    ASKED_MANAGER,
    COORDINATOR,
    FORMING,
    LEAD_MANAGER,
    VENDOR,
    project_path,
    signed_in,
)


def yen(text):
    """「−1,234円」 → −1234."""
    return int(re.search(r"[−]?[\d,]+(?=円)", text)[0].replace(",", "").replace("−", "-"))


def sentences_of(page):
    return [item.get_text() for item in page.soup.select("#in-words + ul li")]


def test_the_sharing_is_told_in_sentences_with_inputs_weights_rounding_and_source(app):
    page = signed_in(app, ASKED_MANAGER).page(project_path(app, AGREEMENT, "sharing"))
    told = sentences_of(page)
    foot = page.table("団体ごとの負担額（税込）")[-1]
    assert foot["合計"] in told[0]
    assert any(line.startswith("運用費：") and "比例" in line for line in told)
    assert any(line.startswith("端数：") for line in told)
    example = next(line for line in told if line.startswith("例："))
    first = next(row for row in page.table("運用費")[:1])
    assert first["負担額"] in example
    assert first["団体"].removesuffix(" 架空") in example
    assert "出典" in told[-1]


def test_what_others_bear_comes_first_in_words(app):
    page = signed_in(app, COORDINATOR).page(project_path(app, FORMING, "sharing"))
    told = sentences_of(page)
    foot = page.table("団体ごとの負担額（税込）")[-1]
    assert f"残る{foot['合計']}を" in told[0] or f"{foot['合計']}です。これを" in told[0]


def leave(page, name):
    code = next(
        option["value"] for option in page.soup.select("#leaver option") if option.text == name
    )
    return f"leaver={code}"


def test_one_leaving_is_shown_beside_the_present_preview(app):
    reader = signed_in(app, ASKED_MANAGER)
    path = project_path(app, AGREEMENT, "sharing")
    before = reader.page(path)
    page = reader.page(f"{path}?{leave(before, '綱ノ江市')}")
    rows = {r["団体"].removesuffix(" 架空"): r for r in page.table("綱ノ江市が抜けた場合の負担")}
    assert rows["綱ノ江市"]["抜けた場合"] == "参加しません"
    totals = {
        row["団体"].removesuffix(" 架空"): row["合計"]
        for row in before.table("団体ごとの負担額（税込）")[:-1]
    }
    assert {name: row["今の試算"] for name, row in rows.items()} == totals
    others = [row for name, row in rows.items() if name != "綱ノ江市"]
    for row in others:
        change = yen(row["抜けた場合"]) - yen(row["今の試算"])
        assert yen(row["差"]) == change
        assert row["増減"] == ("増える" if change > 0 else "減る" if change < 0 else "同じ")
    words = page.soup.select_one("#what-if-answer").get_text()
    rising = sum(row["増減"] == "増える" for row in others)
    assert f"{len(others)}団体のうち{rising}団体の負担が増え" in words
    assert "まだ" not in words


NEWCOMER = "992038"  # 舫崎市


def test_one_joining_counts_with_its_published_facts_or_what_is_typed(app):
    reader = signed_in(app, LEAD_MANAGER)
    path = project_path(app, AGREEMENT, "sharing")
    page = reader.page(f"{path}?joiner={NEWCOMER}")
    rows = {row["団体コード"]: row for row in page.table("舫崎市が加わった場合の負担")}
    assert rows[NEWCOMER]["今の試算"] == "参加していません"
    assert rows[NEWCOMER]["増減"] == "—"
    assert len(rows) == len(page.soup.select("#leaver option")) + 1
    typed = reader.page(f"{path}?joiner=９９２０３８&quantity=1234")
    assert "1,234（入力した数量）" in typed.text
    again = {row["団体コード"]: row for row in typed.table("舫崎市が加わった場合の負担")}
    assert again[NEWCOMER]["加わった場合"] != rows[NEWCOMER]["加わった場合"]


@pytest.mark.parametrize(
    ("question", "words"),
    [
        ("joiner=123", "団体コード（6桁）"),
        ("joiner=大津市", "団体コード（6桁）"),
        ("joiner=011002", "実在の団体と架空の団体"),
        ("leaver=011002", "参加団体ではありません"),
    ],
)
def test_what_cannot_be_compared_is_said(app, question, words):
    path = project_path(app, AGREEMENT, "sharing")
    page = signed_in(app, LEAD_MANAGER).page(f"{path}?{question}")
    assert words in page.soup.select_one("#what-if-reasons").get_text()


@pytest.mark.parametrize("typed", ["x", "-5", "0", "9" * 30])
def test_a_quantity_that_is_none_is_said(app, typed):
    path = project_path(app, AGREEMENT, "sharing")
    page = signed_in(app, LEAD_MANAGER).page(f"{path}?joiner={NEWCOMER}&quantity={typed}")
    assert "数量は1から" in page.soup.select_one("#what-if-reasons").get_text()


def test_others_are_told_nothing(app):
    page = signed_in(app, VENDOR).page(project_path(app, AGREEMENT, "sharing?leaver=992020"))
    assert page.soup.select("#what-if") == []
    assert page.captions == []


def test_the_question_costs_few_queries(app, count_queries):
    reader = signed_in(app, COORDINATOR)
    path = project_path(app, FORMING, "sharing")
    with count_queries() as log:
        reader.page(f"{path}?joiner={NEWCOMER}")
    log.at_most(12)
