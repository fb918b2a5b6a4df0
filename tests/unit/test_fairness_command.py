"""`flask procurement fairness`: the view at the command line, without a database."""

import csv
import io
import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from procurement.cli import procurement_group

TOWNS = """code,name,quantity,population
252018,大津市,5,500
252026,彦根市,5,500
252034,長浜市,10,900
"""
MINIMUM = {"unit_price": "10", "minimum_yen": 100}
FALLING = {
    "tiers": [{"from_qty": 1, "unit_price": "10"}, {"from_qty": 10, "unit_price": "5"}],
    "mode": "all_units",
}


def plan_of(**component: object) -> str:
    usual = {
        "key": "use",
        "name": "利用料",
        "kind": "recurring",
        "unit": "account",
        "period": "year",
        "quantity_basis": "joint",
    }
    return json.dumps({"name": "標準", "components": [usual | component]})


def run(folder: Path, members: str | bytes, plan: str, *arguments: str) -> Result:
    member_file, plan_file = folder / "members.csv", folder / "plan.json"
    member_file.write_bytes(members if isinstance(members, bytes) else members.encode())
    plan_file.write_text(plan, encoding="utf-8")
    words = ["fairness", "--members", str(member_file), "--plan", str(plan_file), *arguments]
    return CliRunner().invoke(procurement_group, words)


def test_json_shows_the_minimum_charge_example_with_the_coalition_that_gains(tmp_path: Path):
    result = run(tmp_path, TOWNS, plan_of(**MINIMUM), "--format", "json")
    assert result.exit_code == 0, result.stderr
    data = json.loads(result.stdout)
    assert (data["joint_yen"], data["standalone_yen"]) == (200, 300)
    assert [member["shapley"] for member in data["members"]] == ["58.3333", "58.3333", "83.3333"]
    assert [member["share_yen"] for member in data["members"]] == [50, 50, 100]
    assert data["sharing"] == {"in_core": True, "by_search": False, "best_coalition": None}
    assert data["shapley_sharing"]["in_core"] is False
    assert data["shapley_sharing"]["best_coalition"]["codes"] == ["252018", "252026"]
    assert data["shapley_sharing"]["best_coalition"]["alone_yen"] == 100
    assert data["core"]["empty"] is False
    assert data["shapley_method"] == "exact"


def test_a_negative_value_is_printed_as_such(tmp_path: Path):
    towns = "code,name,account\n252018,大津市,9\n252026,彦根市,1\n"
    data = json.loads(run(tmp_path, towns, plan_of(**FALLING), "--format", "json").stdout)
    assert [member["shapley_yen"] for member in data["members"]] == [65, -15]
    table = run(tmp_path, towns, plan_of(**FALLING)).stdout
    assert "−15" in table
    assert "すべての組み合わせを調べました" in table


def test_csv_has_a_row_per_body(tmp_path: Path):
    result = run(tmp_path, TOWNS, plan_of(**MINIMUM), "--format", "csv", "--rule", "equal")
    rows = list(csv.DictReader(io.StringIO(result.stdout)))
    assert [row["share_yen"] for row in rows] == ["67", "67", "66"]
    assert [row["in_best_coalition"] for row in rows] == ["True", "True", "False"]
    assert [row["worse_off"] for row in rows] == ["False", "False", "False"]


def test_shares_may_be_given_and_their_sum_is_compared(tmp_path: Path):
    towns = 'code,name,quantity,share_yen\n252018,大津市,5,130\n252026,彦根市,5,"1,000円"\n'
    result = run(tmp_path, towns, plan_of(**MINIMUM), "--format", "json")
    data = json.loads(result.stdout)
    assert [member["worse_off"] for member in data["members"]] == [True, True]
    assert data["sharing"]["best_coalition"]["gain_yen"] == 900
    assert "一致しません" in result.stderr


def test_declared_figures_are_a_second_answer(tmp_path: Path):
    towns = (
        "code,name,quantity,standalone_yen\n252018,大津市,5,60\n252026,彦根市,5,60\n"
        "252034,長浜市,10,70\n"
    )
    data = json.loads(run(tmp_path, towns, plan_of(**MINIMUM), "--format", "json").stdout)
    assert data["declared_core"]["empty"] is True
    assert data["declared_core"]["missing_yen"] == "10.0000"
    assert [member["standalone_yen"] for member in data["members"]] == [100, 100, 100]


def test_months_count_monthly_and_yearly_charges(tmp_path: Path):
    plan = plan_of(unit_price="10", period="month")
    year = json.loads(run(tmp_path, TOWNS, plan, "--format", "json").stdout)
    five = json.loads(run(tmp_path, TOWNS, plan, "--months", "60", "--format", "json").stdout)
    assert (year["joint_yen"], five["joint_yen"]) == (2_400, 12_000)


@pytest.mark.parametrize("encoding", ["utf-8-sig", "cp932"])
def test_encodings_and_line_ends_give_the_same_answer(tmp_path: Path, encoding: str):
    content = TOWNS.replace("\n", "\r\n").encode(encoding)
    assert (
        run(tmp_path, content, plan_of(**MINIMUM)).stdout
        == run(tmp_path, TOWNS, plan_of(**MINIMUM)).stdout
    )


@pytest.mark.parametrize(
    ("members", "plan", "words"),
    [
        (TOWNS, "{", "JSONとして読めません"),
        (TOWNS, "[]", "{ }"),
        (TOWNS, '{"components": [{"key": "a"}]}', "必要です"),
        (TOWNS, '{"components": [3]}', "形が正しくありません"),
        (TOWNS, plan_of(unit="device", unit_price="x"), "数として読めません"),
        ("code,name\n252018,大津市\n", plan_of(**MINIMUM), "大津市：アカウントの数量がない"),
        (
            TOWNS.replace("quantity", "account").replace(",10,", ",−10,"),
            plan_of(**MINIMUM),
            "4行目",
        ),
        ("code,name,account\n252018,大津市,x\n", plan_of(**MINIMUM), "2行目 account"),
        ("", plan_of(**MINIMUM), "空です"),
    ],
)
def test_what_cannot_be_read_is_refused_with_its_place(
    tmp_path: Path, members: str, plan: str, words: str
):
    result = run(tmp_path, members, plan)
    assert result.exit_code == 1, result.output
    assert words in result.stderr
    assert "Traceback" not in result.output


def test_a_wrong_rule_is_wrong_usage(tmp_path: Path):
    assert run(tmp_path, TOWNS, plan_of(**MINIMUM), "--rule", "nonsense").exit_code == 2


def test_more_than_twenty_bodies_are_sampled_and_searched_and_that_is_said(tmp_path: Path):
    rows = "".join(f"{i:06d},第{i}市,{i * 7 % 90 + 1}\n" for i in range(1, 41))
    tiers = [{"from_qty": 1, "unit_price": "100"}, {"from_qty": 500, "unit_price": "60"}]
    result = run(tmp_path, "code,name,account\n" + rows, plan_of(tiers=tiers), "--rule", "equal")
    assert "探索による" in result.stdout
    assert "無作為に選んで平均した推定値" in result.stdout
    data = json.loads(
        run(tmp_path, "code,name,account\n" + rows, plan_of(tiers=tiers), "--format", "json").stdout
    )
    assert data["shapley_method"] == "sampled"
    assert data["relative_standard_error"] <= 0.01
    assert data["core"] is None
    assert data["shapley_sharing"] is None
