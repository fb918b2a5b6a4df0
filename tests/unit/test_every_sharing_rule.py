"""Each of the ten rules of domain §3, at 1, 2, 3, 60 and 1,788 bodies, and at the command line."""

import json
import random
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest
from click.testing import CliRunner

from foundation.errors import Refused
from procurement.cli import procurement_group
from procurement.domain.allocation import Allocation, Cap, Rounding, allocate
from procurement.domain.bases import Member
from procurement.domain.rules import Method, parse_rule
from tests.unit.test_allocation_properties import assert_larger_never_pays_less, draw_members

SIZES = (1, 2, 3, 60, 1788)
TOTAL = 15_485_863  # a prime: nothing divides it
RULES = {
    "equal": "equal",
    "population": "population",
    "households": "households",
    "quantity": "quantity",
    "degressive": "degressive",
    "banded": "banded:0=1,10000=2,50000=3",
    "fiscal_capacity": "fiscal_capacity:base=index_population",
    "mixed": "mixed:equal=30,population=70",
    "own_use": "own_use",
    "fixed_table": "fixed_table",
}


def test_the_ten_rules_are_all_here():
    assert set(RULES) == {method.value for method in Method}


def make_members(rule: str, count: int) -> list[Member]:
    """Drawn bodies; what is entered per body (実費, 負担割合) fits the total."""
    members = draw_members(count, seed=count)
    own = _parts(TOTAL, count)
    percents = _parts(1_000_000, count)
    return [
        replace(
            member,
            own_yen=own[place] if rule == "own_use" else None,
            percent=Decimal(percents[place]) / 10_000 if rule == "fixed_table" else None,
        )
        for place, member in enumerate(members)
    ]


def _parts(whole: int, count: int) -> list[int]:
    """Parts of a whole, 0 among them."""
    cuts = sorted(random.Random(count).randint(0, whole) for _ in range(count - 1))
    return [b - a for a, b in zip([0, *cuts], [*cuts, whole], strict=True)]


def paid(allocation: Allocation) -> list[int]:
    return [member.share_yen for member in allocation.members]


@pytest.mark.parametrize("count", SIZES)
@pytest.mark.parametrize("name", RULES)
def test_exact_in_any_order_never_negative_and_a_larger_base_never_pays_less(name, count):
    members, rule = make_members(name, count), parse_rule(RULES[name])
    result = allocate(TOTAL, members, rule)
    assert sum(paid(result)) == TOTAL
    assert min(paid(result)) >= 0
    assert_larger_never_pays_less(result)
    shuffled = random.Random(1).sample(members, count)
    assert allocate(TOTAL, shuffled, rule) == result


@pytest.mark.parametrize("count", SIZES)
@pytest.mark.parametrize("name", RULES)
def test_the_cap_is_kept_to_the_last_yen_and_refused_one_yen_above(name, count):
    members, rule = make_members(name, count), parse_rule(RULES[name])
    # Together they would pay exactly the total alone, each something else than its share.
    caps = _parts(TOTAL, count)[::-1]
    capped = [replace(m, standalone_yen=cap) for m, cap in zip(members, caps, strict=True)]
    by_code = {member.code: member.standalone_yen for member in capped}
    result = allocate(TOTAL, capped, rule, cap=Cap.STANDALONE)
    assert {member.code: member.share_yen for member in result.members} == by_code
    one_less = [replace(m, standalone_yen=m.standalone_yen - (m.standalone_yen == max(caps)))
                for m in capped]  # fmt: skip
    missing = sum(caps) - sum(m.standalone_yen for m in one_less)
    assert missing >= 1
    with pytest.raises(Refused, match=f"単独額の合計が{missing:,}円足りません"):
        allocate(TOTAL, one_less, rule, cap=Cap.STANDALONE)


@pytest.mark.parametrize("count", SIZES)
@pytest.mark.parametrize("name", RULES)
def test_cut_at_1000_yen_the_lead_bears_the_rest(name, count):
    members, rule = make_members(name, count), parse_rule(RULES[name])
    rounding = Rounding(floor_unit_yen=1000)
    result = allocate(TOTAL, members, rule, rounding=rounding, lead_code=members[0].code)
    assert sum(paid(result)) + result.shortfall_yen == TOTAL
    assert all(share % 1000 == 0 for share in paid(result))
    assert_larger_never_pays_less(result)


# code, name, population, households, quantity, index, scale, own yen, percent
MEMBERS = """\
code,name,population,households,quantity,fiscal_strength_index,standard_fiscal_scale,own_yen,percent
252018,大津市,8000,3000,50,0.80,600,700,50
252026,彦根市,16000,5000,30,0.50,300,200,30
252034,長浜市,56000,2000,20,0.20,100,100,20
"""
# Of 1,000 yen, worked by hand.
BY_HAND = {
    "equal": [334, 333, 333],
    "population": [100, 200, 700],  # 8 : 16 : 56
    "households": [300, 500, 200],
    "quantity": [500, 300, 200],
    # 1 : 1.5 : 7^0.58496… = 3.1213…, of 5.6213…: 177.89, 266.84, 555.26
    "degressive": [178, 267, 555],
    "degressive:exponent=1": [100, 200, 700],
    "banded:0=1,10000=2,50000=5": [125, 250, 625],
    "fiscal_capacity": [600, 300, 100],
    # 6,400 : 8,000 : 11,200 of 25,600
    "fiscal_capacity:base=index_population": [250, 313, 437],
    # 533.33, 333.33, 133.33: of equal remainders the smaller code bears the yen
    "fiscal_capacity:base=index": [534, 333, 133],
    "mixed:equal=30,population=70": [170, 240, 590],
    "own_use": [700, 200, 100],
    "fixed_table": [500, 300, 200],
}


def share(folder: Path, rule: str, *options: str, total: str = "1000") -> dict[str, object]:
    file = folder / "members.csv"
    file.write_text(MEMBERS, encoding="utf-8")
    words = ["share", "--members", str(file), "--total", total, "--rule", rule, *options]
    result = CliRunner().invoke(procurement_group, [*words, "--format", "json"])
    assert result.exit_code == 0, result.output
    answer: dict[str, object] = json.loads(result.stdout)
    return answer


def test_every_rule_has_its_vector():
    assert {rule.split(":")[0] for rule in BY_HAND} == set(RULES)


@pytest.mark.parametrize("rule", BY_HAND)
def test_the_command_gives_what_was_worked_by_hand(rule, tmp_path):
    answer = share(tmp_path, rule)
    assert [member["share_yen"] for member in answer["members"]] == BY_HAND[rule]


def test_the_prefectures_part_comes_off_first(tmp_path):
    # 33.35 % of 1,000 is floored to 333; 667 are shared 8 : 16 : 56: 66.7, 133.4, 466.9
    answer = share(tmp_path, "population", "--prefecture-part", "33.35%")
    assert answer["prefecture_yen"] == 333
    assert [member["share_yen"] for member in answer["members"]] == [67, 133, 467]
