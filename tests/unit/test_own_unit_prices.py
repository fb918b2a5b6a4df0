"""Unit prices of one contract: at or below the award's, and what a rise above it costs."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.pricing import Kind
from procurement.domain.own_unit_prices import (
    amount_of_bodies,
    list_raise_blockers,
    lower_of,
    priced_by,
    raised_yen,
    read_own_prices,
)
from procurement.domain.unit_prices import UnitPrice, read_table, used_total

TABLE, _ = read_table("""文字起こし、分、運用、12.5、2000000
翻訳、字、運用、0.5、2000000
設定、回、初期、2000000、2""")


def prices(lines):
    return [str(line.unit_price) for line in lines]


def test_a_contract_names_only_what_differs_and_why() -> None:
    own, blockers = read_own_prices(
        "文字起こし、１１.２５円、値引き、台数割引\n設定\t2,000,000\t同額", TABLE
    )
    assert blockers == []
    assert [(each.line_number, str(each.unit_price), each.reason) for each in own] == [
        (1, "11.25", "値引き、台数割引"),
        (3, "2000000", "同額"),
    ]
    assert read_own_prices(" \n", TABLE) == ((), [])


@pytest.mark.parametrize(
    ("text", "code", "said"),
    [
        (
            "文字起こし、12.5001、理由",
            "over_unit_price",
            "1行目：文字起こしの単価は、決定した単価（12.5円）まで",
        ),
        ("翻訳、0.4、理由\n設定、2000001、理由", "over_unit_price", "2行目：設定"),
        ("文字起こし、11", "own_price_line", "1行目"),
        ("文字起こし、11、 ", "own_price_line", "1行目"),
        ("無い品目、11、理由", "own_price_line", "1行目"),
        ("翻訳、0.4、理由\n翻訳、0.3、理由", "own_price_line", "2行目"),
        ("翻訳、0、理由", "own_price_line", "1行目"),
        ("翻訳、0_4、理由", "own_price_line", "1行目"),
        ("翻訳、0.00001、理由", "own_price_line", "1行目"),
    ],
)
def test_never_higher_and_each_item_once(text: str, code: str, said: str) -> None:
    _, blockers = read_own_prices(text, TABLE)
    assert [(each.code, each.field) for each in blockers] == [(code, "own_prices")]
    assert said in blockers[0].message


def test_a_contracts_own_price_stays_below_what_all_pay() -> None:
    own = {1: Decimal("11.25")}
    assert prices(priced_by(TABLE, own)) == ["11.25", "0.5", "2000000"]
    # All pay less than it says: so does it. All pay more: it keeps its own.
    for general, expected in (("9", "9"), ("15", "11.25")):
        changed = priced_by(TABLE, {1: Decimal(general)}) if general == "9" else _raised(general)
        assert prices(priced_by(changed, own))[0] == expected
    assert prices(lower_of(TABLE, _raised("15"))) == prices(TABLE)
    assert prices(lower_of(TABLE, priced_by(TABLE, {2: Decimal("0.25")})))[1] == "0.25"


def _raised(price: str) -> tuple[UnitPrice, ...]:
    table, _ = read_table(f"文字起こし、分、運用、{price}、2000000")
    return (*table, *TABLE[1:])


def test_each_body_pays_by_its_own_table() -> None:
    tables = {"a": TABLE, "b": priced_by(TABLE, {1: Decimal("11.25")})}
    used = {"a": {1: 3}, "b": {1: 3}}
    # 12.5 × 3 = 37.5 → 37; 11.25 × 3 = 33.75 → 33.
    assert amount_of_bodies(1, tables, used) == 37 + 33


@given(
    st.decimals(min_value="0.0001", max_value="30", places=4),
    st.integers(min_value=0, max_value=10_000_000),
)
def test_nobody_pays_more_for_naming_a_price(own: Decimal, quantity: int) -> None:
    for used in ({1: quantity, 2: quantity}, {1: quantity}):
        with_own = used_total(priced_by(TABLE, {1: own}), used, Kind.RECURRING)
        assert with_own <= used_total(TABLE, used, Kind.RECURRING)


@pytest.mark.parametrize(
    ("wanted", "months", "expected"),
    [
        ({1: Decimal(15)}, 24, 5_000_000),  # 2.5 × 2,000,000
        ({1: Decimal(15)}, 12, 2_500_000),
        ({1: Decimal("12.5001")}, 1, 9),  # 0.0001 × 2,000,000 ÷ 24 = 8.33 → 9
        ({1: Decimal(15), 2: Decimal("0.1")}, 12, 2_500_000),  # a lower price pays for no rise
        ({1: Decimal("12.5")}, 12, 0),
        ({2: Decimal("0.1")}, 12, 0),
        ({1: Decimal(15)}, 0, 5_000_000),  # beyond the term
        ({1: Decimal(15)}, -3, 5_000_000),
        ({1: Decimal(15)}, 30, 5_000_000),
    ],
)
def test_what_a_rise_above_the_award_adds(
    wanted: dict[int, Decimal], months: int, expected: int
) -> None:
    assert raised_yen(TABLE, wanted, months, 24) == expected


def test_a_rise_waits_for_its_approval() -> None:
    assert list_raise_blockers(0, 0) == []
    assert list_raise_blockers(2_500_000, 2_500_000) == []
    [blocker] = list_raise_blockers(2_500_001, 2_500_000)
    assert (blocker.code, blocker.field) == ("over_unit_price", "lines")
    assert "2,500,001円" in blocker.message
    assert "承認済み2,500,000円" in blocker.message
