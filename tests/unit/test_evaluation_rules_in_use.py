"""`flask procurement evaluate` does every rule of evaluation_rules.csv, each worked by hand.

A row of that file is named by its case and kind of rule; what is real is the rule, prices and
points are made up (架空).
"""

import csv
import json
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from procurement.cli import procurement_group

TABLE = Path(__file__).resolve().parents[1] / "harness" / "evaluation_rules.csv"


@dataclass(frozen=True, kw_only=True)
class Worked:
    """A rule, the proposals to it, and what comes out: bidder → total, None where it is out.

    prices: bidder → price points. said: a part of the reason of whoever is out.
    """

    rule: dict[str, Any]
    table: str
    totals: dict[str, str | None]
    prices: dict[str, str] = field(default_factory=dict)
    said: str = ""
    preferred: str | None = None


def one(points: int, **price: Any) -> dict[str, Any]:
    """One criterion 「内容」 and a price."""
    rule: dict[str, Any] = {
        "full_score": points + price.get("max_points", 0),
        "criteria": [{"key": "内容", "max_points": points, "group": "内容"}],
    }
    return rule | ({"price": price} if price else {})


KOBE = one(85, formula="one_minus_ratio", max_points=15, base_yen=6_000_000)
DIFY = one(80, formula="one_minus_ratio", max_points=20, base_yen=8_000_000)
YAIZU = one(90, formula="ratio_to_lowest", max_points=10, rounding={"digits": 0})
MINOH = one(100, formula="midpoint", max_points=100, base_yen=1_992_000)
SENDAI = one(80, formula="ratio_to_lowest", max_points=20, tax="included")
OUMI = {
    "full_score": 1000,
    "criteria": [
        {"key": "企画", "max_points": 350, "group": "企画"},
        {"key": "機能", "max_points": 350, "group": "機能"},
    ],
    "price": {"formula": "one_minus_ratio", "max_points": 300, "base_yen": 10_000_000},
}
HEAD = "bidder,price_yen,mandatory_met,内容\n"
HEAD_OUMI = "bidder,price_yen,mandatory_met,企画,機能\n"

WORKED = {
    # (1 − 4,500,000 ÷ 6,000,000) × 15 = 3.75; (1 − 6 ÷ 6) × 15 = 0
    ("kobe-2026-voicebot", "price_formula"): Worked(
        rule=KOBE,
        table=HEAD + "A,4500000,yes,60\nB,6000000,yes,60\n",
        prices={"A": "3.75", "B": "0.00"},
        totals={"A": "63.75", "B": "60.00"},
        preferred="A",
    ),
    # Half of 100: 46.25 + 3.75 = 50 stays, 46.24 + 3.75 does not.
    ("kobe-2026-voicebot", "min_total"): Worked(
        rule=KOBE | {"minimums": [{"of": "total", "at_least": 50}]},
        table=HEAD + "A,4500000,yes,46.25\nB,4500000,yes,46.24\n",
        totals={"A": "50.00", "B": None},
        said="合計が 49.99点で、最低基準 50点に届きません。",
        preferred="A",
    ),
    # (1 − 5 ÷ 8) × 20 = 7.5
    ("kobe-2025-dify", "price_formula"): Worked(
        rule=DIFY,
        table=HEAD + "A,5000000,yes,60\n",
        prices={"A": "7.50"},
        totals={"A": "67.50"},
        preferred="A",
    ),
    ("kobe-2025-dify", "over_ceiling"): Worked(
        rule=DIFY | {"ceiling_yen": 8_000_000},
        table=HEAD + "A,8000000,yes,60\nB,8000001,yes,80\n",
        prices={"A": "0.00"},
        totals={"A": "60.00", "B": None},
        said="価格 8,000,001円が上限 8,000,000円を超えています。",
        preferred="A",
    ),
    # A: 60 + 10 = 70; B: 62 + 8 = 70: the points for the content decide. B and C are equal in
    # both: (007 + 008) mod 2 = 1, the second by order of receipt.
    ("kobe-2025-dify", "tie_break"): Worked(
        rule=DIFY | {"tie_break": ["group:内容", "lot"]},
        table="bidder,price_yen,mandatory_met,lot_number,内容\n"
        "A,4000000,yes,001,60\nB,4800000,yes,007,62\nC,4800000,yes,008,62\n",
        totals={"A": "70.00", "B": "70.00", "C": "70.00"},
        preferred="C",
    ),
    # 3,000,000 ÷ 4,500,000 × 100 = 66.666…
    ("gosen-2026", "price_formula"): Worked(
        rule=one(400, formula="ratio_to_lowest", max_points=100),
        table=HEAD + "A,3000000,yes,300\nB,4500000,yes,320\n",
        prices={"A": "100.00", "B": "66.67"},
        totals={"A": "400.00", "B": "386.67"},
        preferred="A",
    ),
    # 10 × 850 ÷ 1000 = 8.5 → 9 (四捨五入)
    ("yaizu-2025", "price_formula"): Worked(
        rule=YAIZU,
        table=HEAD + "A,850,yes,60\nB,1000,yes,60\n",
        prices={"A": "10", "B": "9"},
        totals={"A": "70", "B": "69"},
        preferred="A",
    ),
    # 60 of 100: 51 + 9 stays, 50 + 9 does not.
    ("yaizu-2025", "min_total"): Worked(
        rule=YAIZU | {"minimums": [{"of": "total", "at_least": 60}]},
        table=HEAD + "A,850,yes,50\nB,1000,yes,51\nC,1000,yes,50\n",
        totals={"A": "60", "B": "60", "C": None},
        said="合計が 59点で",
    ),
    # C is out before prices are looked at: it is not the lowest.
    ("yaizu-2025", "mandatory_requirement"): Worked(
        rule=YAIZU,
        table=HEAD + "A,850,yes,60\nC,100,no,90\n",
        prices={"A": "10"},
        totals={"A": "70", "C": None},
        said="必須項目に対応していません。",
        preferred="A",
    ),
    # (1,494 + 1,992)/2 ÷ 1,992 − 1/2 = 0.375; A: (1 − 0.75 + 0.375) × 100; B: (0 + 0.375) × 100
    ("minoh-2026", "price_formula"): Worked(
        rule=MINOH,
        table=HEAD + "A,1494000,yes,10\nB,1992000,yes,10\n",
        prices={"A": "62.50", "B": "37.50"},
        totals={"A": "72.50", "B": "47.50"},
        preferred="A",
    ),
    ("minoh-2026", "planned_price_published"): Worked(
        rule=MINOH | {"ceiling_yen": 1_992_000},
        table=HEAD + "A,1992000,yes,10\nB,1992001,yes,10\n",
        totals={"A": "60.00", "B": None},  # alone it is the middle: (0 + 1 − 1/2) × 100 = 50
        said="上限 1,992,000円を超えています。",
        preferred="A",
    ),
    ("sendai-2026", "min_total"): Worked(
        rule=SENDAI | {"minimums": [{"of": "total", "at_least": 60}]},
        table=HEAD + "A,5000000,yes,40\nB,5000000,yes,39.99\n",
        totals={"A": "60.00", "B": None},
        said="合計が 59.99点で",
        preferred="A",
    ),
    # 5,360,000 × 1.1 = 5,896,000; one yen more is floored to 5,896,001.
    ("sendai-2026", "over_ceiling"): Worked(
        rule=SENDAI | {"ceiling_yen": 5_896_000},
        table=HEAD + "A,5360000,yes,60\nB,5360001,yes,80\n",
        totals={"A": "80.00", "B": None},
        said="（税込 5,896,001円）が上限 5,896,000円を超えています。",
        preferred="A",
    ),
    # 419 + 270 fails, 420 + 0 does not.
    ("oumi-2026-joint", "min_subtotal"): Worked(
        rule=OUMI | {"minimums": [{"of": "group:企画+機能", "at_least": 420}]},
        table=HEAD_OUMI + "A,1000000,yes,210,209\nB,10000000,yes,210,210\n",
        prices={"B": "0.00"},
        totals={"A": None, "B": "420.00"},
        said="419点で、最低基準 420点に届きません。",
        preferred="B",
    ),
    # Both 570: A 280 + 200 + 90, B 300 + 210 + 60.
    ("oumi-2026-joint", "tie_break"): Worked(
        rule=OUMI | {"tie_break": ["group:企画"]},
        table=HEAD_OUMI + "A,7000000,yes,280,200\nB,8000000,yes,300,210\n",
        prices={"A": "90.00", "B": "60.00"},
        totals={"A": "570.00", "B": "570.00"},
        preferred="B",
    ),
    # 草津市: 96,000 × 1.1 = 105,600 a month is allowed, 96,001 × 1.1 = 105,601 is not; and one
    # kind of cost above its own ceiling is enough.
    ("oumi-2026-joint", "over_ceiling"): Worked(
        rule=OUMI
        | {
            "ceilings": [
                {"key": "草津市・月額", "amount_yen": 105_600, "tax": "included"},
                {"key": "草津市・初期", "amount_yen": 110_000, "tax": "included"},
            ]
        },
        table="bidder,price_yen,mandatory_met,企画,機能,草津市・月額,草津市・初期\n"
        'A,7000000,yes,250,250,"96,000","100,000"\nB,6000000,yes,300,300,96001,1\n'
        "C,6000000,yes,300,300,1,100001\n",
        prices={"A": "90.00"},
        totals={"A": "590.00", "B": None, "C": None},
        said="草津市・月額の96,001円（税込 105,601円）が提案上限額 105,600円を超えています。",
        preferred="A",
    ),
    # (61 + 58) ÷ 2 = 59.5 of the best is not enough: nobody is chosen.
    ("kyoto-2026", "min_total"): Worked(
        rule=one(100) | {"minimums": [{"of": "average", "at_least": 60}]},
        table="bidder,price_yen,mandatory_met,judge,内容\nA,1,yes,甲,61\nA,1,yes,乙,58\n",
        totals={"A": None},
        said="審査委員の平均が 59.50点で、最低基準 60点に届きません。",
    ),
    # Of three judges 180 of 300 is wanted: 60 + 60 + 60 stays, 60 + 60 + 59 does not.
    ("matsue-2026", "min_total"): Worked(
        rule=one(100) | {"minimums": [{"of": "average", "at_least": 60}]},
        table="bidder,price_yen,mandatory_met,judge,内容\n"
        + "".join(f"{who},1,yes,{judge},60\n" for who in "AB" for judge in "甲乙")
        + "A,1,yes,丙,60\nB,1,yes,丙,59\n",
        totals={"A": "60.00", "B": None},
        said="審査委員の平均が 59.67点で",
        preferred="A",
    ),
}


def run(folder: Path, rule: dict[str, Any], table: str) -> Any:
    proposals, rule_file = folder / "p.csv", folder / "r.json"
    proposals.write_text(table, encoding="utf-8")
    rule_file.write_text(json.dumps(rule, ensure_ascii=False), encoding="utf-8")
    words = ["evaluate", "--proposals", str(proposals), "--rule", str(rule_file)]
    return CliRunner().invoke(procurement_group, [*words, "--format", "json"])


def test_every_rule_in_use_is_worked_here():
    with TABLE.open(encoding="utf-8-sig", newline="") as file:
        rows = [(row["case_id"], row["rule_type"]) for row in csv.DictReader(file)]
    assert len(rows) == 18
    assert set(rows) == set(WORKED)


@pytest.mark.parametrize("key", WORKED, ids="-".join)
def test_the_command_does_the_rule(key, tmp_path):
    worked = WORKED[key]
    result = run(tmp_path, worked.rule, worked.table)
    assert result.exit_code == 0, result.output
    sheet = json.loads(result.stdout)
    lines = {each["bidder"]: each for each in sheet["proposals"]}
    totals = {who: line["total"] and Decimal(line["total"]) for who, line in lines.items()}
    assert totals == {who: total and Decimal(total) for who, total in worked.totals.items()}
    assert {who: lines[who]["price_points"] for who in worked.prices} == worked.prices
    out = [line for line in lines.values() if line["status"] == "disqualified"]
    assert {line["bidder"] for line in out} == {w for w, t in worked.totals.items() if t is None}
    assert worked.said in "".join(reason for line in out for reason in line["reasons"])
    stays = any(total is not None for total in worked.totals.values())
    assert sheet["result"] == ("preferred" if stays else "failed")
    assert sheet["preferred"] == worked.preferred


def test_a_part_without_its_amount_is_refused_by_row_and_column(tmp_path):
    rule = OUMI | {"ceilings": [{"key": "月額", "amount_yen": 1}]}
    short = run(tmp_path, rule, HEAD_OUMI + "A,1,yes,1,1\n")
    assert (short.exit_code, "列「月額」がありません" in short.stderr) == (1, True)
    table = HEAD_OUMI.replace("機能\n", "機能,月額\n") + "A,1,yes,1,1,\nB,1,yes,1,1,-5\n"
    blank = run(tmp_path, rule, table)
    assert blank.exit_code == 1
    assert "2行目 月額：空欄です。" in blank.stderr and "3行目 月額" in blank.stderr
    twice = run(tmp_path, OUMI | {"ceilings": [{"key": "企画", "amount_yen": 1}]}, table)
    assert "「企画」が2つあります" in twice.stderr
