"""Points of an evaluation as its pages print them."""

import json

from procurement.domain.evaluation import evaluate
from procurement.domain.evaluation_rule import read_rule
from procurement.domain.evaluation_table import read_proposals
from procurement.presenters.judging import own_line, public_lines, sheet_lines
from procurement.queries.judging import AwardRow, sheet_json

RULE = read_rule(
    json.dumps(
        {
            "full_score": 1000,
            "criteria": [
                {"key": "企画", "max_points": 350, "group": "企画"},
                {"key": "機能", "max_points": 350, "group": "機能"},
            ],
            "price": {"formula": "one_minus_ratio", "max_points": 300, "base_yen": 10_000_000},
        }
    ).encode()
)
# 1: 210 + 210.5 + 0 for the price; 2: 100 + 100 + (1 − 0.7875) × 300; 3 is out.
TABLE = (
    "bidder,price_yen,mandatory_met,企画,機能\n"
    "1,10000000,yes,210,210.5\n2,7875000,yes,100,100\n3,1,no,1,1\n"
)


def test_a_column_of_points_has_as_many_digits_in_every_line() -> None:
    sheet = evaluate(RULE, read_proposals(TABLE.encode(), RULE))
    award = AwardRow(
        number=1,
        vendor_id=1,
        vendor_name="甲",
        price_yen=10_000_000,
        sheet=sheet_json(sheet),
        sha256="",
    )
    lines = sheet_lines(sheet, {"1": "甲", "2": "乙", "3": "丙"})
    assert [line.total for line in lines] == ["420.50点", "263.75点", "—"]
    assert [line.points for line in lines] == [
        ("210点", "210.5点"),
        ("100点", "100.0点"),
        ("1点", "1.0点"),
    ]
    assert [row[2] for row in public_lines(award)] == ["420.50点", "263.75点", "—"]
    loser = own_line(award, 2, "乙")
    assert loser is not None
    assert (loser.total, loser.points) == ("263.75点", ("100点", "100.0点"))


def test_a_sheet_without_a_price_keeps_whole_points_whole() -> None:
    rule = read_rule(
        json.dumps({"full_score": 100, "criteria": [{"key": "内容", "max_points": 100}]}).encode()
    )
    table = "bidder,price_yen,mandatory_met,内容\n1,5,yes,70\n".encode()
    sheet = evaluate(rule, read_proposals(table, rule))
    assert [line.total for line in sheet_lines(sheet, {"1": "甲"})] == ["70点"]
