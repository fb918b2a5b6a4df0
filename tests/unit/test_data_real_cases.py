"""Real purchases as carried: nothing invented, nothing lost, each with its address."""

import csv
from collections import Counter
from pathlib import Path
from urllib.parse import urlsplit

import pytest

DATA = Path(__file__).resolve().parents[2] / "catalog/data"
BODIES = DATA.parents[1] / "accounts/data/local_bodies.csv"
# Hosts whose publisher is the body, association or council itself.
OFFICIAL_ENDINGS = (".lg.jp", ".govtechtokyo.jp", "ysc-yamanashi.or.jp")


def rows(path):
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def cases():
    return rows(DATA / "real_cases.csv")


@pytest.fixture(scope="module")
def body_names():
    return {row["code"]: (row["name"], row["prefecture_code"]) for row in rows(BODIES)}


def is_municipal_host(host):
    labels = host.split(".")
    return host.endswith(OFFICIAL_ENDINGS) or "city" in labels or "pref" in labels


def test_28_joint_and_24_single_purchases_without_the_two_counted_twice(cases):
    assert Counter(row["kind"] for row in cases) == {"joint": 28, "single": 24}
    assert len({row["key"] for row in cases}) == 52
    assert not {"oumi-2026-joint", "gunma-2026-joint"} & {row["key"] for row in cases}


def test_the_merged_rows_keep_what_both_files_said(cases):
    oumi = next(row for row in cases if row["key"] == "oumi-ai-2026")
    assert oumi["applicant_count"] == "2"
    assert oumi["contract_end"] == "2027-03-31"
    assert oumi["contract_model"] == "basic_and_individual"
    assert "568,800円" in oumi["cost_facts"]
    gunma = next(row for row in cases if row["key"] == "gunma-ai-2026")
    assert (gunma["status"], gunma["participant_count"]) == ("result_unverified", "")


def test_each_case_has_its_address_and_the_kind_of_source(cases):
    for row in cases:
        assert urlsplit(row["source_url"]).scheme in {"http", "https"}
        assert row["source_kind"] in {"official", "copy", "press", "blog"}
    assert Counter(row["source_kind"] for row in cases if row["kind"] == "single") == {
        "official": 24
    }


def test_official_is_said_only_of_hosts_of_the_bodies_themselves(cases):
    for row in cases:
        if row["source_kind"] == "official":
            assert is_municipal_host(urlsplit(row["source_url"]).hostname), row["source_url"]


def test_system_types_exist(cases):
    codes = {row["code"] for row in rows(DATA / "system_types.csv")}
    assert {row["system_type"] for row in cases} <= codes


def test_a_lead_body_code_is_the_body_of_that_name_and_prefecture(cases, body_names):
    coded = [row for row in cases if row["lead_body_code"]]
    assert len(coded) == 27
    for row in coded:
        assert body_names[row["lead_body_code"]] == (
            row["lead_body_name"],
            row["prefecture_code"],
        )


def test_participants_are_real_municipalities_of_the_case_s_prefecture(cases, body_names):
    by_key = {row["key"]: row for row in cases}
    participants = rows(DATA / "real_case_participants.csv")
    for row in participants:
        assert body_names[row["body_code"]][1] == by_key[row["case_key"]]["prefecture_code"]
    per_case = Counter(row["case_key"] for row in participants)
    for key, count in per_case.items():
        assert int(by_key[key]["participant_count"]) == count


def test_oumi_members_add_up_to_the_published_ceilings(body_names):
    members = rows(DATA / "oumi_2026_members.csv")
    current = [row for row in members if row["participation"] == "current"]
    assert (len(current), len(members) - len(current)) == (6, 2)

    def total(column):
        return sum(int(row[column] or 0) for row in current)

    assert total("monthly_ceiling_yen") == 568_800
    assert total("initial_setup_ceiling_yen") == 660_000
    assert total("lgwan_setup_ceiling_yen") == 825_000
    assert all(body_names[row["body_code"]] == (row["name"], "25") for row in members)
