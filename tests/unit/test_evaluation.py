"""Evaluation rules in real use, worked by hand (domain §5; rules of evaluation_rules.csv)."""

import json
from decimal import Decimal
from fractions import Fraction

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from foundation.errors import Refused
from procurement.cli import procurement_group
from procurement.domain.evaluation import Proposal, evaluate
from procurement.domain.evaluation_rule import PointRounding, read_rule


def rule(price=None, *, content=70, full=None, groups=("企画",), **facts):
    """A rule with one criterion per group, each of `content` points."""
    criteria = [{"key": f"{g}点", "max_points": content, "group": g} for g in groups]
    points = content * len(criteria) + (price["max_points"] if price else 0)
    data = {"full_score": full or points, "criteria": criteria, **facts}
    return read_rule(json.dumps(data | ({"price": price} if price else {})).encode())


def offer(bidder, price_yen, *points, met=True, groups=("企画",), lot=None, judges=None):
    own = zip(groups, points, strict=True) if judges is None else ()
    scores = {f"{g}点": Decimal(p) for g, p in own}
    return Proposal(
        bidder=bidder,
        price_yen=price_yen,
        mandatory_met=met,
        scores=judges if judges is not None else {"": scores},
        lot_number=lot,
    )


def points_of(sheet):
    return {line.bidder: line.price_points for line in sheet.lines}


def order(sheet):
    return [(line.rank, line.bidder) for line in sheet.lines]


def test_kobe_one_minus_ratio_to_the_ceiling():
    # {1 − 4,500,000 ÷ 6,000,000} × 15 = 3.75
    price = {"formula": "one_minus_ratio", "max_points": 15, "base_yen": 6_000_000}
    sheet = evaluate(rule(price), [offer("A", 4_500_000, 60)])
    assert points_of(sheet) == {"A": Decimal("3.75")}
    assert sheet.lines[0].price_formula == "(1 − 4,500,000 ÷ 6,000,000) × 15 = 3.75"


def test_kobe_half_of_the_total_is_needed():
    half = {"of": "total", "at_least": 42.5}
    price = {"formula": "one_minus_ratio", "max_points": 15, "base_yen": 6_000_000}
    # A: 39 + 3.75 = 42.75 stays; B: 38.7 + 3.75 = 42.45 is out
    sheet = evaluate(
        rule(price, minimums=[half]), [offer("A", 4_500_000, 39), offer("B", 4_500_000, "38.7")]
    )
    assert order(sheet) == [(1, "A"), (None, "B")]
    assert sheet.lines[1].reasons == ("合計が 42.45点で、最低基準 42.5点に届きません。",)


def test_kobe_over_the_ceiling_is_out_and_ties_go_by_content_then_lot():
    price = {"formula": "one_minus_ratio", "max_points": 20, "base_yen": 8_000_000}
    chosen = rule(price, ceiling_yen=8_000_000, tie_break=["group:企画", "lot"])
    # A: 50 + (1 − 4/8) × 20 = 60; B: 52 + (1 − 4.8/8) × 20 = 60: content decides for B
    sheet = evaluate(
        chosen, [offer("A", 4_000_000, 50), offer("B", 4_800_000, 52), offer("C", 8_000_001, 70)]
    )
    assert order(sheet) == [(1, "B"), (2, "A"), (None, "C")]
    assert sheet.lines[2].price_points is None
    assert "上限 8,000,000円を超えています" in sheet.lines[2].reasons[0]
    tied = [offer("A", 4_000_000, 50, lot=123), offer("B", 4_000_000, 50, lot=456)]
    # (123 + 456) mod 2 = 1: the second by order of receipt
    assert order(evaluate(chosen, tied)) == [(1, "B"), (2, "A")]
    undecided = evaluate(chosen, [offer("A", 4_000_000, 50), offer("B", 4_000_000, 50)])
    assert (undecided.preferred, undecided.lot_among) == (None, ("A", "B"))
    assert undecided.result == "preferred"


def test_gosen_ratio_to_the_lowest():
    price = {"formula": "ratio_to_lowest", "max_points": 100}
    sheet = evaluate(rule(price), [offer("A", 3_000_000, 50), offer("B", 4_500_000, 50)])
    # 3,000,000 ÷ 4,500,000 × 100 = 66.666…
    assert points_of(sheet) == {"A": Decimal("100.00"), "B": Decimal("66.67")}


def test_yaizu_rounds_half_up_at_the_point_and_mandatory_counts():
    rounding = {"digits": 0, "mode": "half_up"}
    price = {"formula": "ratio_to_lowest", "max_points": 10, "rounding": rounding}
    sheet = evaluate(
        rule(price, minimums=[{"of": "total", "at_least": 48}]),
        [
            offer("A", 850, 60),
            offer("B", 1000, 60),  # 8.5 → 9, where Python's round gives 8
            offer("C", 100, 60, met=False),  # out before prices: sets no lowest
            offer("D", 1000, 38),  # 38 + 9 = 47
        ],
    )
    assert points_of(sheet) == {"A": 10, "B": 9, "D": 9, "C": None}
    assert order(sheet) == [(1, "A"), (2, "B"), (None, "C"), (None, "D")]
    assert sheet.lines[2].reasons == ("必須項目に対応していません。",)


def test_minoh_midpoint_and_the_published_planned_price():
    price = {"formula": "midpoint", "max_points": 100, "base_yen": 1_992_000}
    sheet = evaluate(
        rule(price, ceiling_yen=1_992_000),
        [offer("A", 1_494_000, 10), offer("B", 1_992_000, 10), offer("C", 1_992_001, 10)],
    )
    # middle = (1,494,000 + 1,992,000)/2 ÷ 1,992,000 − 1/2 = 0.375
    # A: (1 − 0.75 + 0.375) × 100 = 62.5; B: (0 + 0.375) × 100 = 37.5; C is out
    assert points_of(sheet) == {"A": Decimal("62.50"), "B": Decimal("37.50"), "C": None}


@pytest.mark.parametrize(("price_yen", "stays"), [(5_360_000, True), (5_360_001, False)])
def test_sendai_compares_a_ceiling_with_tax(price_yen, stays):
    # 5,360,000 × 1.1 = 5,896,000; one yen more is floored to 5,896,001
    price = {"formula": "ratio_to_lowest", "max_points": 30, "tax": "included"}
    sheet = evaluate(rule(price, ceiling_yen=5_896_000), [offer("A", price_yen, 60)])
    assert (sheet.lines[0].rank == 1) is stays
    assert sheet.result == ("preferred" if stays else "failed")


@pytest.mark.parametrize(
    ("plan", "function", "price_yen", "stays"),
    [(210, 209, 1_000_000, False), (210, 210, 10_000_000, True)],
)
def test_oumi_needs_420_of_700_whatever_the_price(plan, function, price_yen, stays):
    price = {"formula": "one_minus_ratio", "max_points": 300, "base_yen": 10_000_000}
    groups = ("企画", "機能")
    chosen = rule(
        price,
        content=350,
        full=1000,
        groups=groups,
        minimums=[{"of": "group:企画+機能", "at_least": 420}],
        tie_break=["group:企画"],
    )
    sheet = evaluate(chosen, [offer("A", price_yen, plan, function, groups=groups)])
    assert (sheet.result == "preferred") is stays
    if stays:
        assert sheet.lines[0].total == 420, "420 points and nothing for the price"


def test_kyoto_and_matsue_average_over_the_judges_present():
    scores = {"甲": {"企画点": Decimal(61)}, "乙": {"企画点": Decimal(58)}}
    chosen = rule(content=100, minimums=[{"of": "average", "at_least": 60}])
    sheet = evaluate(chosen, [offer("A", 100, judges=scores)])
    assert sheet.lines[0].reasons == ("審査委員の平均が 59.50点で、最低基準 60点に届きません。",)
    assert sheet.result == "failed"
    # an absent judge counts nothing
    sheet = evaluate(chosen, [offer("A", 100, judges={"甲": scores["甲"]})])
    assert sheet.lines[0].total == 61


def test_a_price_of_nothing_is_refused_unless_allowed():
    price = {"formula": "ratio_to_lowest", "max_points": 30}
    with pytest.raises(Refused):
        evaluate(rule(price), [offer("A", 0, 60)])
    sheet = evaluate(rule(price | {"zero_allowed": True}), [offer("A", 0, 60), offer("B", 5, 60)])
    assert points_of(sheet) == {"A": Decimal("30.00"), "B": Decimal("0.00")}


def test_who_is_out_before_the_opening_sets_no_lowest_price():
    price = {"formula": "ratio_to_lowest", "max_points": 30}
    minimum = {"of": "group:企画", "at_least": 42}
    proposals = [offer("A", 100, 41), offer("B", 200, 60)]
    assert points_of(evaluate(rule(price, minimums=[minimum]), proposals))["B"] == 30
    late = rule(price, minimums=[minimum | {"before_price": False}])
    assert points_of(evaluate(late, proposals))["B"] == 15


@given(
    st.lists(st.integers(1, 10**9), min_size=1, max_size=12),
    st.sampled_from(["ratio_to_lowest", "one_minus_ratio", "midpoint"]),
    st.randoms(),
)
def test_a_lower_price_never_gets_fewer_points_whatever_the_order(prices, formula, random):
    price = {"formula": formula, "max_points": 100, "base_yen": 10**9}
    chosen = rule(price)
    proposals = [offer(str(i), p, 50) for i, p in enumerate(prices)]
    points = points_of(evaluate(chosen, proposals))
    assert all(0 <= each <= 100 for each in points.values())
    by_price = sorted(proposals, key=lambda p: p.price_yen)
    ordered = [points[p.bidder] for p in by_price]
    assert ordered == sorted(ordered, reverse=True)
    random.shuffle(proposals)
    assert points_of(evaluate(chosen, proposals)) == points


@given(st.fractions(min_value=0, max_value=1000), st.integers(0, 6))
def test_rounding_stays_within_half_a_step(exact, digits):
    step = Decimal(1).scaleb(-digits)
    points = {m: PointRounding(digits=digits, mode=m).points(exact) for m in MODES}
    assert points["floor"] <= exact < points["floor"] + step
    assert points["ceil"] - step < exact <= points["ceil"]
    assert abs(Fraction(points["half_up"]) - exact) <= Fraction(step) / 2


MODES = ("half_up", "floor", "ceil")


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ({"full_score": 100, "criteria": []}, "配点の合計 0 が満点 100 と違います"),
        ({"criteria": []}, "full_score：数にしてください"),
        ({"full_score": 1, "criteria": [{"key": "a", "max_points": -1}]}, "criteria[0].max_points"),
        ({"full_score": 1, "criteria": [], "price": {"formula": "x"}}, "price.formula"),
        (
            {"full_score": 1, "criteria": [], "price": {"formula": "midpoint", "max_points": 1}},
            "base_yen が必要です",
        ),
        (
            {
                "full_score": 1,
                "criteria": [{"key": "a", "max_points": 1}],
                "minimums": [{"of": "group:無い", "at_least": 1}],
            },
            "「group:無い」という区分は評価項目にありません",
        ),
        ([], "{ }"),
    ],
)
def test_a_rule_that_cannot_stand_is_refused_by_its_place(data, said):
    with pytest.raises(Refused) as refused:
        read_rule(json.dumps(data).encode())
    assert any(said in blocker.message for blocker in refused.value.blockers)


RULE = {
    "full_score": 100,
    "criteria": [{"key": "企画", "max_points": 70, "group": "企画"}],
    "price": {"formula": "ratio_to_lowest", "max_points": 30},
}


def run(folder, table, rule_data=None, *arguments):
    proposals, rule_file = folder / "p.csv", folder / "r.json"
    proposals.write_bytes(table if isinstance(table, bytes) else table.encode())
    rule_file.write_text(json.dumps(rule_data or RULE), encoding="utf-8")
    words = ["evaluate", "--proposals", str(proposals), "--rule", str(rule_file), *arguments]
    return CliRunner().invoke(procurement_group, words)


def test_the_command_prints_what_surfaces_promise(tmp_path):
    table = "bidder,price_yen,mandatory_met,judge,企画\nA社,1000,yes,甲,60\nA社,1000,yes,乙,61\n"
    table += "B社,800,yes,甲,50\nB社,800,yes,乙,\nC社,700,no,甲,70\n"
    result = run(tmp_path, table.encode("cp932"), None, "--format", "json")
    assert result.exit_code == 0, result.stderr
    data = json.loads(result.stdout)
    assert data["result"] == "preferred"
    assert (data["preferred"], data["runner_up"]) == ("A社", "B社")
    assert data["proposals"][0]["points"] == {"企画": "60.50"}
    assert data["proposals"][0]["price_points"] == "24.00"
    assert data["proposals"][0]["total"] == "84.50"
    assert data["proposals"][1]["total"] == "80.00"
    assert [p["status"] for p in data["proposals"]] == ["ranked", "ranked", "disqualified"]
    assert "第1位  A社" in run(tmp_path, table).stdout
    assert run(tmp_path, table, None, "--format", "csv").stdout.startswith("rank,bidder,status")


@pytest.mark.parametrize(
    ("table", "said"),
    [
        ("", "ファイルが空です"),
        ("bidder,price_yen,mandatory_met\nA,1,yes\n", "列「企画」がありません"),
        ("bidder,price_yen,mandatory_met,企画\nA,1,yes,71\n", "2行目 企画：0から70まで"),
        ("bidder,price_yen,mandatory_met,企画\nA,x,yes,70\n", "2行目 price_yen"),
        ("bidder,price_yen,mandatory_met,企画\nA,1,たぶん,70\n", "2行目 mandatory_met"),
        ("bidder,price_yen,mandatory_met,企画\nA,1,yes,70\nA,1,yes,70\n", "3行目"),
        ("bidder,price_yen,mandatory_met,judge,企画\nA,1,yes,甲,70\nA,2,yes,乙,7\n", "3行目 price"),
        ("bidder,price_yen,mandatory_met,企画\nA,0,yes,70\n", "価格0円"),
    ],
)
def test_bad_tables_are_refused_by_row_and_column(tmp_path, table, said):
    result = run(tmp_path, table)
    assert result.exit_code == 1
    assert said in result.stderr
    assert result.stdout == ""


def test_a_wrong_use_is_not_a_refusal(tmp_path):
    assert CliRunner().invoke(procurement_group, ["evaluate"]).exit_code == 2
