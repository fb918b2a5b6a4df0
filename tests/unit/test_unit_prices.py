"""Awards by unit price: a table read as typed, its exact total, invoices from what was used."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.pricing import Kind
from procurement.domain.unit_prices import (
    UnitPrice,
    expected_total,
    list_invoice_blockers,
    list_total_blockers,
    read_table,
    used_total,
)

TYPED = """文字起こし、分、運用、12.3456、100000
研修\t回\t初期\t50,000円\t2

翻訳、文字、運用、0.5、3
"""


def codes(blockers):
    return [blocker.code for blocker in blockers]


def test_a_table_is_read_as_typed_or_pasted() -> None:
    lines, wrong = read_table(TYPED)
    assert wrong == []
    assert [(line.number, line.item, line.unit, line.category) for line in lines] == [
        (1, "文字起こし", "分", Kind.RECURRING),
        (2, "研修", "回", Kind.INITIAL),
        (3, "翻訳", "文字", Kind.RECURRING),
    ]
    # By hand: 12.3456 × 100,000 = 1,234,560; 50,000 × 2; 0.5 × 3 = 1.5, floored.
    assert [line.expected_yen for line in lines] == [1_234_560, 100_000, 1]
    assert expected_total(lines) == 1_334_561
    assert codes(list_total_blockers(lines, 1_334_561)) == []
    assert codes(list_total_blockers(lines, 1_334_562)) == ["unit_price_total"]


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("文字起こし、分、運用、12", "5つ"),
        ("、分、運用、12、1", "5つ"),
        ("文字起こし、分、月額、12、1", "5つ"),
        ("文字起こし、分、運用、12.34567、1", "4桁"),
        ("文字起こし、分、運用、0、1", "0より大きい"),
        ("文字起こし、分、運用、NaN、1", "0より大きい"),
        ("文字起こし、分、運用、1_0、1", "0より大きい"),
        ("文字起こし、分、運用、1e3、1", "0より大きい"),
        ("文字起こし、分、運用、12、1.5", "整数"),
        ("文字起こし、分、運用、12、0", "整数"),
    ],
)
def test_what_cannot_be_read_is_named_with_its_line(line, message) -> None:
    lines, wrong = read_table(f"翻訳、字、運用、1、1\n{line}")
    assert [each.item for each in lines] == ["翻訳"]
    assert [each.message.startswith("2行目：") and message in each.message for each in wrong] == [
        True
    ]


def test_a_table_has_items_and_each_once() -> None:
    assert codes(read_table(" \n")[1]) == ["unit_price_lines"]
    assert codes(read_table("翻訳、字、運用、1、1\n翻訳、字、運用、2、1")[1]) == [
        "unit_price_twice"
    ]
    assert "unit_price_lines" in codes(read_table("\n".join(["翻訳、字、運用、1、1"] * 51))[1])


def test_an_invoice_is_what_was_used_priced() -> None:
    lines, _ = read_table(TYPED)
    used = {1: 1_001, 3: 5}
    # By hand: 12.3456 × 1,001 = 12,357.9456 → 12,357; 0.5 × 5 = 2.5 → 2.
    assert used_total(lines, used, Kind.RECURRING) == 12_359
    assert codes(list_invoice_blockers(lines, used, Kind.RECURRING, 12_359)) == []
    assert codes(list_invoice_blockers(lines, used, Kind.RECURRING, 12_360)) == ["unlike_usage"]
    assert codes(list_invoice_blockers(lines, {1: 1}, Kind.RECURRING, 12)) == ["no_usage"]
    assert codes(list_invoice_blockers(lines, {1: 0, 3: 0}, Kind.RECURRING, 0)) == []
    assert codes(list_invoice_blockers(lines, {}, Kind.OPTION, 7)) == []


@given(
    st.decimals(min_value="0.0001", max_value="1000000", places=4),
    st.integers(0, 10**9),
    st.integers(0, 10**6),
)
def test_an_amount_is_exact_floored_once_and_never_falls_with_use(price, quantity, more) -> None:
    line = UnitPrice(
        number=1,
        item="品",
        unit="個",
        category=Kind.RECURRING,
        unit_price=price,
        expected_quantity=1,
    )
    exact = int(price * 10_000) * quantity
    assert line.amount_yen(quantity) == exact // 10_000
    assert line.amount_yen(quantity + more) >= line.amount_yen(quantity)
    assert Decimal(line.amount_yen(quantity)) <= price * quantity < line.amount_yen(quantity) + 1
