"""Cost sharing by hand (domain §3): every figure below was worked out on paper."""

from decimal import Decimal
from fractions import Fraction

import pytest

from foundation.errors import Refused
from procurement.domain.allocation import (
    Allocation,
    Cap,
    Part,
    Rounding,
    allocate,
    parse_part,
    parse_rounding,
)
from procurement.domain.bases import Member, degressive_base
from procurement.domain.rules import RuleTextError, parse_rule

FLOOR_1000 = Rounding(floor_unit_yen=1000)


def town(number: int, population: int | None = 1000, **figures: object) -> Member:
    values = {"code": f"{number:06d}", "name": f"{number}町", "population": population}
    return Member(**(values | figures))  # type: ignore[arg-type]


def shares(allocation: Allocation) -> list[int]:
    return [member.share_yen for member in allocation.members]


def share(total: int, rule: str, *members: Member, **settings: object) -> list[int]:
    return shares(allocate(total, members, parse_rule(rule), **settings))  # type: ignore[arg-type]


def test_equal_gives_the_remainder_to_the_smaller_codes() -> None:
    assert share(100, "equal", town(3), town(1), town(2)) == [34, 33, 33]


def test_population() -> None:
    # 1,000 × 1/6 = 166.67, 2/6 = 333.33, 3/6 = 500: the one yen goes to .67
    assert share(1000, "population", town(1, 10), town(2, 20), town(3, 30)) == [167, 333, 500]


def test_households_and_quantity() -> None:
    members = [town(1, households=1, quantity=3), town(2, households=3, quantity=1)]
    assert share(100, "households", *members) == [25, 75]
    assert share(100, "quantity", *members) == [75, 25]


def test_degressive_doubles_population_for_one_and_a_half_times_the_share() -> None:
    assert share(250, "degressive", town(1, 10_000), town(2, 20_000)) == [100, 150]
    ratio = degressive_base(20_000, None) / degressive_base(10_000, None)
    assert abs(ratio - Decimal("1.5")) < Decimal("1e-26")


def test_degressive_base_has_28_digits() -> None:
    # 12345^0.585 by an independent 60-digit computation
    assert degressive_base(12_345, Decimal("0.585")) == Decimal("247.4698471873540321547432893")
    assert degressive_base(1, None) == 1


def test_degressive_with_exponent_one_is_population() -> None:
    members = [town(1, 7), town(2, 11), town(3, 13)]
    assert share(9973, "degressive:exponent=1", *members) == share(9973, "population", *members)


def test_banded_counts_the_band_a_town_falls_in() -> None:
    towns = [town(1, 9_999), town(2, 10_000), town(3, 50_000)]
    assert share(600, "banded:0=1,10000=2,50000=3", *towns) == [100, 200, 300]


def test_fiscal_capacity_by_each_of_its_bases() -> None:
    members = [
        town(1, 100, fiscal_strength_index=Decimal("0.50"), standard_fiscal_scale=3),
        town(2, 300, fiscal_strength_index=Decimal("1.00"), standard_fiscal_scale=1),
    ]
    assert share(700, "fiscal_capacity", *members) == [525, 175]
    assert share(700, "fiscal_capacity:base=index_population", *members) == [100, 600]
    assert share(600, "fiscal_capacity:base=index", *members) == [200, 400]


def test_mixed_is_rounded_once() -> None:
    # 1: 100·(0.3/2 + 0.7·1/3) = 38.33…, 2: 61.66…
    result = allocate(100, [town(1, 1), town(2, 2)], parse_rule("mixed:equal=30,population=70"))
    assert shares(result) == [38, 62]
    assert result.members[0].ratio == Fraction(3, 20) + Fraction(7, 30)


def test_own_use_pays_its_own() -> None:
    members = [town(1, own_yen=0), town(2, own_yen=700)]
    assert share(700, "own_use", *members) == [0, 700]
    with pytest.raises(Refused, match="実費額の合計700円が総額701円と一致しません"):
        share(701, "own_use", *members)
    assert share(700, "own_use", *members, prefecture_part=parse_part("50%")) == [0, 350]


def test_fixed_table_sums_to_exactly_100() -> None:
    members = [town(1, percent=Decimal("33.3")), town(2, percent=Decimal("66.7"))]
    assert share(1000, "fixed_table", *members) == [333, 667]
    with pytest.raises(Refused, match=r"現在99\.9%"):
        share(1000, "fixed_table", members[0], town(2, percent=Decimal("66.6")))


def test_niigata_clause_half_equal_half_population_cut_at_1000_yen() -> None:
    """新潟県市町村総合事務組合: 均等割 50% + 国勢調査人口割 50%, under 1,000 yen cut off."""
    towns = [town(1, 10_000), town(2, 30_000)]
    result = allocate(
        1_001_500,
        towns,
        parse_rule("mixed:equal=50,population=50"),
        rounding=FLOOR_1000,
        lead_code="000002",
    )
    # 375,562.5 and 625,937.5
    assert shares(result) == [375_000, 625_000]
    assert result.shortfall_yen == 1_500
    assert result.lead_code == "000002"


def test_a_shortfall_needs_a_lead() -> None:
    with pytest.raises(Refused, match=r"1,500円不足します"):
        share(1_001_500, "equal", town(1), town(2), rounding=Rounding(floor_unit_yen=500_000))


def test_no_lead_is_needed_where_nothing_is_short() -> None:
    assert share(2000, "equal", town(1), town(2), rounding=FLOOR_1000) == [1000, 1000]


@pytest.mark.parametrize(
    ("part", "prefecture_yen"), [("333円", 333), ("33.35%", 333), ("100%", 1000), ("0", 0)]
)
def test_the_prefecture_pays_first(part: str, prefecture_yen: int) -> None:
    result = allocate(1000, [town(1)], parse_rule("equal"), prefecture_part=parse_part(part))
    assert result.prefecture_yen == prefecture_yen
    assert shares(result) == [1000 - prefecture_yen]


def test_a_prefectures_part_over_the_total_is_refused() -> None:
    with pytest.raises(Refused, match="1,001円が総額1,000円を超えています"):
        share(1000, "equal", town(1), prefecture_part=Part(amount_yen=1001))
    with pytest.raises(Refused):
        parse_part("101%")


def test_cap_sends_the_excess_to_the_others_in_proportion_and_repeats() -> None:
    towns = [
        town(1, 100, standalone_yen=50),
        town(2, 100, standalone_yen=120),
        town(3, 200, standalone_yen=1000),
    ]
    # 400: 100/100/200 → 1 capped at 50; 350 over 1:2 → 116.67/233.33, nobody else over
    capped = allocate(400, towns, parse_rule("population"), cap=Cap.STANDALONE)
    assert shares(capped) == [50, 117, 233]
    assert [member.capped for member in capped.members] == [True, False, False]
    # 460: 115/115/230 → 1 capped at 50; 410 → 136.67 > 120 for 2: capped too; 3 carries 290
    assert share(460, "population", *towns, cap=Cap.STANDALONE) == [50, 120, 290]


def test_cap_is_impossible_exactly_when_standalones_fall_short() -> None:
    towns = [town(1, standalone_yen=50), town(2, standalone_yen=49)]
    assert share(99, "equal", *towns, cap=Cap.STANDALONE) == [50, 49]
    with pytest.raises(Refused, match="単独額の合計が1円足りません"):
        share(100, "equal", *towns, cap=Cap.STANDALONE)


def test_cap_needs_every_standalone_figure() -> None:
    with pytest.raises(Refused, match="2町"):
        share(10, "equal", town(1, standalone_yen=50), town(2), cap=Cap.STANDALONE)


def test_cap_gives_the_rest_to_bodies_without_weight_when_they_alone_are_left() -> None:
    towns = [
        town(1, percent=Decimal(100), standalone_yen=50),
        town(2, percent=Decimal(0), standalone_yen=100),
    ]
    assert share(100, "fixed_table", *towns, cap=Cap.STANDALONE) == [50, 50]


def test_a_shortfall_may_not_lift_the_lead_over_its_cap() -> None:
    towns = [town(1, standalone_yen=1600), town(2, standalone_yen=1600)]
    with pytest.raises(Refused, match=r"1町が単独額を400円超えます"):
        share(3000, "equal", *towns, cap=Cap.STANDALONE, rounding=FLOOR_1000, lead_code="000001")


def test_total_zero_and_negative() -> None:
    assert share(0, "population", town(1), town(2)) == [0, 0]
    with pytest.raises(Refused, match="0円以上"):
        share(-1, "equal", town(1))


def test_nobody_and_the_same_body_twice_are_refused() -> None:
    with pytest.raises(Refused, match="按分する団体がありません"):
        share(1, "equal")
    with pytest.raises(Refused, match="000001"):
        share(1, "equal", town(1), town(1), town(2))


def test_a_body_without_census_population_is_refused_by_name() -> None:
    futaba = Member(code="075469", name="双葉町", population=0)
    for rule in ("population", "degressive", "mixed:equal=50,population=50"):
        with pytest.raises(Refused, match="双葉町：人口が0のため") as refusal:
            share(100, rule, town(1), futaba)
        assert [blocker.field for blocker in refusal.value.blockers] == ["population"]
    assert share(100, "equal", town(1), futaba) == [50, 50]
    assert share(100, "mixed:equal=100,population=0", town(1), futaba) == [50, 50]


def test_a_ward_without_fiscal_index_is_refused_by_name() -> None:
    chiyoda = Member(code="131016", name="千代田区", population=66_680)
    with pytest.raises(Refused, match="千代田区：財政力指数が記載されていないため"):
        share(100, "fiscal_capacity:base=index", town(1, fiscal_strength_index=Decimal(1)), chiyoda)


def test_every_body_without_a_base_is_named() -> None:
    with pytest.raises(Refused) as refusal:
        share(100, "population", town(1), town(3, None), town(2, 0))
    assert [b.message[:2] for b in refusal.value.blockers] == ["2町", "3町"]


def test_a_prefecture_has_no_share_among_its_towns_by_size() -> None:
    shiga = Member(code="250007", name="滋賀県", population=1_413_610, quantity=10)
    with pytest.raises(Refused, match="滋賀県：都道府県は市区町村と同じ人口割では按分しません"):
        share(100, "population", town(1), shiga)
    assert share(100, "quantity", town(1, quantity=30), shiga) == [75, 25]


def test_the_version_hash_covers_inputs_rule_and_terms_but_not_the_order() -> None:
    towns = [town(1, 10), town(2, 20)]
    rule = parse_rule("population")
    first = allocate(100, towns, rule).version_sha256
    assert allocate(100, towns[::-1], rule).version_sha256 == first
    others = [
        allocate(101, towns, rule),
        allocate(100, [town(1, 10), town(2, 21)], rule),
        allocate(100, towns, parse_rule("equal")),
        allocate(100, towns, rule, rounding=Rounding(floor_unit_yen=1), lead_code="000001"),
        allocate(100, towns, rule, prefecture_part=Part(amount_yen=1)),
    ]
    assert len({first} | {other.version_sha256 for other in others}) == 6


def test_the_explanation_is_enough_to_compute_the_share_again() -> None:
    result = allocate(1000, [town(1, 10), town(2, 20)], parse_rule("population"))
    first, second = result.members
    assert first.bases == (("人口", "10"),)
    assert second.bases == (("人口", "20"),)
    assert first.ratio == Fraction(1, 3)
    assert first.exact_yen == Fraction(1000, 3)
    assert (first.floor_yen, first.remainder_yen) == (333, 0)
    assert (second.floor_yen, second.remainder_yen) == (666, 1)


@pytest.mark.parametrize(
    "text",
    [
        "equal",
        "degressive",
        "degressive:exponent=0.585",
        "banded:0=1,10000=2.5",
        "fiscal_capacity:base=index_population",
        "mixed:equal=30,population=70",
        "mixed:equal=30,degressive(exponent=0.5)=40,banded(0=1,100=2)=30",
        "fixed_table",
    ],
)
def test_a_rules_text_is_read_back_as_itself(text: str) -> None:
    assert parse_rule(text).text == text
    assert parse_rule(parse_rule(text).text) == parse_rule(text)


def test_rule_text_may_be_typed_full_width() -> None:
    assert parse_rule("ｍｉｘｅｄ：equal＝３０，population＝７０") == parse_rule(
        "mixed:equal=30,population=70"
    )


@pytest.mark.parametrize(
    "text", ["人口", "populations", "equal:x=1", "degressive:k=1", "mixed:equal", "banded:a=1",
             "degressive:exponent=x", "fiscal_capacity:base=gdp", "mixed:equal=50,equal=50"]
)  # fmt: skip
def test_text_that_is_no_rule_is_wrong_usage(text: str) -> None:
    with pytest.raises(RuleTextError):
        parse_rule(text)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("mixed:equal=30,population=60", "現在90%"),
        ("mixed:equal=30.5,population=69.5", "整数"),
        ("mixed:equal=-10,population=110", "0%以上"),
        ("mixed:own_use=30,population=70", "実費"),
        ("banded:100=1", "人口0から"),
        ("banded:0=0", "0より大きく"),
        ("degressive:exponent=0", "1以下"),
        ("degressive:exponent=1.5", "1以下"),
    ],
)
def test_a_rule_outside_its_bounds_is_refused(text: str, words: str) -> None:
    with pytest.raises(Refused, match=words):
        parse_rule(text)


def test_rounding_and_part_texts() -> None:
    assert parse_rounding("floor:1000") == FLOOR_1000
    assert parse_rounding("largest_remainder").text == "largest_remainder"
    for text in ("floor", "floor:0", "half_up"):
        with pytest.raises(RuleTextError):
            parse_rounding(text)
    with pytest.raises(RuleTextError):
        parse_part("三割")
