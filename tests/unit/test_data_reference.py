"""The facts the product carries: complete, adding up, each with its source."""

import csv
from collections import Counter
from pathlib import Path

import pytest

from accounts.codes import corporate_number_of_body, is_body_code, is_corporate_number

ROOT = Path(__file__).resolve().parents[2]
SOURCE_COLUMNS = (
    "list_source",
    "corporate_number_source",
    "census_source",
    "register_source",
    "area_source",
    "staff_source",
    "fiscal_source",
    "peer_group_source",
)


def rows(path):
    with (ROOT / path).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def bodies():
    return rows("accounts/data/local_bodies.csv")


def municipalities(bodies):
    return [row for row in bodies if row["kind"] != "prefecture"]


def test_all_1788_bodies_are_there_by_kind(bodies):
    assert Counter(row["kind"] for row in bodies) == {
        "prefecture": 47,
        "designated_city": 20,
        "city": 772,
        "special_ward": 23,
        "town": 743,
        "village": 183,
    }
    assert len({row["code"] for row in bodies}) == 1788


def test_municipal_populations_add_up_to_the_published_totals(bodies):
    towns = municipalities(bodies)
    assert sum(int(row["population_census_2020"]) for row in towns) == 126_146_099
    assert sum(int(row["population_register_2025"]) for row in towns) == 124_330_690


def test_a_prefecture_is_the_sum_of_its_municipalities(bodies):
    for prefecture in (row for row in bodies if row["kind"] == "prefecture"):
        own = [
            row
            for row in municipalities(bodies)
            if row["prefecture_code"] == prefecture["prefecture_code"]
        ]
        for column in (
            "population_census_2020",
            "population_register_2025",
            "households_2020",
        ):
            assert sum(int(row[column]) for row in own) == int(prefecture[column])


def test_every_code_and_corporate_number_checks(bodies):
    assert all(is_body_code(row["code"]) for row in bodies)
    assert all(is_corporate_number(row["corporate_number"]) for row in bodies)
    assert all(row["corporate_number"] == corporate_number_of_body(row["code"]) for row in bodies)


def test_what_is_not_published_stays_empty(bodies):
    wards = [row for row in bodies if row["kind"] == "special_ward"]
    assert all(row["fiscal_strength_index"] == "" for row in wards)
    assert all(row["peer_group"] for row in wards)
    prefectures = [row for row in bodies if row["kind"] == "prefecture"]
    assert all(row["standard_fiscal_scale_thousand_yen"] == "" for row in prefectures)


def test_the_empty_town_keeps_its_zero(bodies):
    futaba = next(row for row in bodies if row["name"] == "双葉町")
    assert futaba["population_census_2020"] == "0"
    assert futaba["population_register_2025"] == "5294"


def test_every_source_named_in_the_table_has_its_line_to_print(bodies):
    named = {row[column] for row in bodies for column in SOURCE_COLUMNS} - {""}
    sources = {row["key"]: row for row in rows("accounts/data/sources.csv")}
    assert named == set(sources)
    assert all(row["attribution"] and row["publisher"] and row["url"] for row in sources.values())


def test_the_tile_map_has_a_place_of_its_own_for_each_prefecture(bodies):
    tiles = rows("catalog/data/pref_tilegrid.csv")
    assert len({(row["col"], row["row"]) for row in tiles}) == 47
    names = {row["prefecture_code"]: row["name"] for row in bodies if row["kind"] == "prefecture"}
    assert {row["pref_code"]: row["prefecture"] for row in tiles} == names


def test_system_types_form_one_flat_tree_in_the_three_areas():
    types = rows("catalog/data/system_types.csv")
    assert {row["area"] for row in types} == {"総務部門", "事業部門", "ツール"}
    assert len({row["code"] for row in types}) == len({row["name"] for row in types}) == len(types)
    assert all(row["code"].replace("_", "").isascii() for row in types)
    assert all(row["keywords"] and row["description"] for row in types)


def test_a_system_type_outside_the_measure_names_a_policy_item_that_exists():
    items = {row["item_id"] for row in rows("catalog/data/commonization_items.csv")}
    scoped = {
        row["code"]: (row["policy_scope"], row["policy_item"])
        for row in rows("catalog/data/system_types.csv")
        if row["policy_item"]
    }
    assert scoped["core_business"] == ("standard_20", "S20")
    targets = {item for scope, item in scoped.values() if scope == "commonization_target"}
    assert targets
    assert targets <= items


def test_the_standard_tasks_are_twenty_and_six_are_named_in_the_policy_documents():
    tasks = rows("catalog/data/standard_20_tasks.csv")
    assert [int(row["no"]) for row in tasks] == list(range(1, 21))
    named = {row["name"] for row in tasks if row["named_in_policy_documents"] == "yes"}
    assert named == {
        "住民基本台帳",
        "戸籍",
        "国民健康保険",
        "生活保護",
        "個人住民税",
        "選挙人名簿管理",
    }


def test_the_commonization_items_are_eleven_and_eleven_with_the_contradiction_said():
    items = rows("catalog/data/commonization_items.csv")
    assert Counter(row["decision_fy"] for row in items) == {"2025": 11, "2026": 11}
    outcomes = {row["item_id"]: row["outcome"] for row in items if row["outcome"] != "commonize"}
    assert outcomes == {"R8-03": "other_method", "R8-10": "unclear", "R8-11": "unclear"}
    for row in items:
        if row["item_id"] in outcomes:
            assert "食い違い" in row["note"]
            assert "③" in row["note"]
            assert "⑩" in row["note"]
            assert "⑪" in row["note"]
    assert {row["agreed_on"] for row in items if row["decision_fy"] == "2026"} == {"2026-06-08"}
    assert {row["cycle"] for row in items if row["decision_fy"] == "2025"} == {""}


def test_the_scope_sentence_is_quoted_with_its_lines():
    texts = {row["key"]: row for row in rows("catalog/data/policy_texts.csv")}
    assert "標準20業務及び共通SaaSの対象候補を除く" in texts["scope_exclusion"]["text"]
    assert all(row["source_doc"] and row["source_lines"] for row in texts.values())
