"""Local bodies for readers: the list, and each public record with its sources."""

import pytest
from sqlalchemy import select

from accounts.panels import Panel, PanelItem, _sources, register_panel
from catalog.models import Case, CaseParticipant


def names(page):
    return [row["名前"] for row in page.table("地方公共団体の一覧")]


def test_the_list_counts_real_and_fictional_apart(client):
    page = client.page("/bodies")
    assert "1,849団体（実データ 1,788団体・架空 61団体）" in page.text
    assert names(page)[:3] == ["北海道", "札幌市", "函館市"]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("q=大津市", ["大津市", "泉大津市"]),
        ("q=おおつし", ["大津市"]),
        ("q=オオツシ", ["大津市"]),
        ("q=011002", ["札幌市"]),
        ("q=０１１００２", ["札幌市"]),
        ("q=府中市", ["府中市", "府中市"]),
        ("q=広島県 府中市", ["府中市"]),
        ("kind=special_ward&q=千代田", ["千代田区"]),
    ],
)
def test_a_body_is_found_by_name_reading_code_and_prefecture(client, query, found):
    assert names(client.page(f"/bodies?{query}")) == found


def test_a_prefecture_and_a_kind_narrow_the_list(client):
    page = client.page("/bodies?prefecture=25&kind=city")
    assert page.text.count("滋賀県") >= 13
    assert "13団体" in page.text


def test_unknown_values_are_ignored_on_pages(client):
    assert "1,788団体" in client.page("/bodies?prefecture=77&kind=x&nonsense=1").text


def test_nothing_found_says_how_to_look(client):
    assert "該当する団体はありません" in client.page("/bodies?q=%25").text
    assert "該当する団体はありません" in client.page("/bodies?q=_").text


def test_the_last_page_holds_the_rest(client):
    page = client.page("/bodies?page=37")
    assert len(names(page)) == 1849 - 36 * 50
    assert all("架空" in name for name in names(page))


def test_each_fact_stands_beside_its_source_and_day(client):
    page = client.page("/bodies/011002")
    facts = {row["項目"]: row for row in page.table("公表されている値と出典")}
    assert facts["人口（国勢調査）"]["値"] == "1,973,395人"
    assert facts["人口（国勢調査）"]["基準日"] == "2020-10-01"
    assert facts["人口（住民基本台帳）"]["値"] == "1,955,678人"
    assert facts["財政力指数"]["値"] == "0.72"
    assert facts["総面積"]["基準日"] == "基準日の記載なし"
    assert facts["法人番号"]["値"] == "9000020011002"
    assert all(row["出典"] for row in facts.values())
    assert "SSDSE-A-2026（独立行政法人統計センター）を加工して作成" in page.text


def test_what_is_not_published_is_said_and_not_guessed(client):
    page = client.page("/bodies?q=千代田区")
    facts = client.page(page.link("千代田区")).table("公表されている値と出典")
    assert {"財政力指数": "記載なし"}.items() <= {row["項目"]: row["値"] for row in facts}.items()


def test_a_population_of_zero_is_zero_and_not_unknown(client):
    page = client.page(client.page("/bodies?q=双葉町").link("双葉町"))
    values = {row["項目"]: row["値"] for row in page.table("公表されている値と出典")}
    assert values["人口（国勢調査）"] == "0人"
    assert values["人口（住民基本台帳）"] == "5,294人"


def test_a_fictional_body_is_marked_and_names_no_real_source(client):
    page = client.page("/bodies/992011")
    assert "架空の団体です" in page.text
    facts = page.table("公表されている値と出典")
    assert all("架空" in row["出典"] for row in facts)


@pytest.mark.parametrize("code", ["999999", "01100", "abcdef", "０１１００２", "011002x"])
def test_a_code_that_is_nobodys_is_not_found(client, code):
    client.page(f"/bodies/{code}", status=404)


def test_a_panel_of_a_higher_package_is_shown_without_knowing_it(client, monkeypatch):
    monkeypatch.setattr("accounts.panels._sources", dict(_sources))
    register_panel(
        "test",
        lambda _session, code, _actor: Panel(
            id="test",
            title="この団体の試し",
            items=(PanelItem(title=f"{code} の案件", url="/projects/1", fictional=True),),
        ),
    )
    page = client.page("/bodies/011002")
    assert "この団体の試し" in page.text
    assert page.link("011002 の案件") == "/projects/1"


def test_a_body_links_to_the_cases_it_leads_or_joins(client, app):
    with app.extensions["moyai_database"].read_session() as session:
        led = session.scalars(select(Case).where(Case.lead_body_code == "992011")).first()
        part = session.scalars(
            select(CaseParticipant).where(CaseParticipant.case_id != led.id)
        ).first()
    page = client.page("/bodies/992011")
    assert page.link(led.title) == f"/cases/{led.id}"
    assert f"/cases/{part.case_id}" in client.page(f"/bodies/{part.body_code}").links


@pytest.mark.parametrize("path", ["/bodies", "/bodies?q=市&page=3", "/bodies/011002"])
def test_pages_ask_few_questions(client, count_queries, path):
    with count_queries() as log:
        client.page(path)
    log.at_most(12)
