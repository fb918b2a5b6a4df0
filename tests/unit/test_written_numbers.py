"""Every reader of typed numbers reads what a hand writes, and nothing that only Python would.

int("1_0") is 10 in Python, Decimal("1e3") is 1,000, and both read digits of other scripts.
"""

import json
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts.importing import _index
from catalog.answers import list_answer_faults, parse_answer
from catalog.criteria import criteria_by_key
from catalog.criterion import AnswerType
from catalog.importing.offering_rows import _percent
from catalog.plan_form import PriceField
from catalog.plan_units import Quantities
from catalog.plans import Component
from foundation.errors import Refused
from foundation.text import (
    normalize,
    parse_decimal,
    parse_percent,
    parse_whole_number,
    parse_yen,
    read_decimal,
    read_whole_number,
)
from procurement.domain.allocation import parse_part, parse_rounding
from procurement.domain.evaluation_rule import EvaluationRule, read_rule
from procurement.domain.evaluation_table import read_proposals
from procurement.domain.judging import read_scores
from procurement.domain.member_table import read_member_table
from procurement.domain.rules import parse_rule
from procurement.domain.terms import SharingTerms
from procurement.domain.unit_prices import read_table
from procurement.forms.benefits import AmountField
from procurement.forms.rules import read_percents
from procurement.forms.tender import read_points

NO_NUMBERS = ["1_0", "1e1", "NaN", "sNaN", "Infinity", "+10", "1__0", "_10", "十", "፩፪", "1,0"]
PERCENT = next(c for c in criteria_by_key().values() if c.type is AnswerType.PERCENT)


def _rule(points: object = 50) -> EvaluationRule:
    criteria = [{"key": "企画点", "max_points": points, "group": "企画"}]
    return read_rule(json.dumps({"full_score": points, "criteria": criteria}).encode())


def _judged(text: str) -> Any:
    kept, blockers = read_scores(_rule(), [7], {"7": {"企画点": text}})
    if blockers:
        raise Refused(blockers)
    return kept["7"]["企画点"]


def _tabled(text: str) -> Any:
    table = f"bidder,price_yen,mandatory_met,企画点\nA,100,yes,{text}\n"
    return read_proposals(table.encode(), _rule())[0].scores[""]["企画点"]


def _member(text: str) -> Any:
    table = read_member_table(
        f"code,name,percent\n252018,大津市,{text}\n".encode(), parse_rule("fixed_table")
    )
    return table.members[0].percent


def _component(text: str) -> Any:
    data = {"key": "c", "name": "一式", "kind": "initial", "unit": "flat", "period": "once"}
    return Component.from_dict({**data, "unit_price": text}).unit_price


def _tier(text: str) -> Any:
    data = {"key": "c", "name": "一式", "kind": "recurring", "unit": "account", "period": "month"}
    tiers = [{"from_qty": 1, "unit_price": "9"}, {"from_qty": text, "unit_price": "5"}]
    return Component.from_dict({**data, "tiers": tiers}).tiers[1].from_qty


def _table(text: str) -> Any:
    lines, blockers = read_table(f"端末、台、初期、{text}、5")
    if blockers:
        raise Refused(blockers)
    return lines[0].unit_price


def _stored_answer(text: str) -> Any:
    mine = [each for each in list_answer_faults({PERCENT.key: text}) if each.field == PERCENT.key]
    if mine:
        raise Refused(mine)
    return text


def _share(text: str) -> Any:
    return Decimal(read_percents(f"252018 {text}%\n252026 90%")["252018"])


READERS: dict[str, Callable[[str], Any]] = {
    "decimal": parse_decimal,
    "whole number": parse_whole_number,
    "yen": parse_yen,
    "percent": parse_percent,
    "JSON number": read_decimal,
    "JSON whole number": read_whole_number,
    "judge's points": _judged,
    "points of a file": _tabled,
    "points of a rule": lambda text: read_points(normalize(text), 1),
    "points of a rule's file": lambda text: _rule(text).full_score,
    "percent of a member": _member,
    "fixed share": _share,
    "exponent": lambda text: 10 * parse_rule(f"degressive:exponent=0.{text}").exponent * 10,  # type: ignore[operator]
    "weight of a mix": lambda text: parse_rule(f"mixed:equal={text},population=90").parts[0][0],
    "unit of rounding": lambda text: parse_rounding(f"floor:{text}").floor_unit_yen,
    "declared part": lambda text: parse_part(f"{text}%").percent,
    "declared yen": lambda text: parse_part(text).amount_yen,
    "months of terms": lambda text: (
        SharingTerms.from_dict({"term_start": "2027-04-01", "term_months": text}).term_months
    ),
    "tax of terms": lambda text: (
        SharingTerms.from_dict({"term_start": "2027-04-01", "tax_rate": text}).tax_rate
    ),
    "price of a plan's form": PriceField.read.__get__(object()),
    "price of a plan": _component,
    "tier of a plan": _tier,
    "quantity": lambda text: Quantities.from_dict({"account": text}).account,
    "tax of a plan's file": _percent,
    "unit price": _table,
    "effect": AmountField.read.__get__(object()),
    "answer": lambda text: Decimal(parse_answer(PERCENT, text)),
    "answer of a file": lambda text: Decimal(_stored_answer(text)),
    "index of a body": _index,
}


@pytest.mark.parametrize("name", READERS)
def test_ten_is_ten_by_either_keyboard(name: str) -> None:
    assert READERS[name]("10") == READERS[name]("１０")
    assert Decimal(READERS[name]("10")) == 10


@pytest.mark.parametrize("name", READERS)
@pytest.mark.parametrize("text", NO_NUMBERS)
def test_what_no_hand_writes_is_no_number(name: str, text: str) -> None:
    with pytest.raises((ValueError, Refused)):
        READERS[name](text)


@given(
    st.decimals(
        allow_nan=False, allow_infinity=False, min_value=-(10**12), max_value=10**12, places=4
    )
)
def test_a_number_is_read_as_written(value: Decimal) -> None:
    assert parse_decimal(f"{value:f}") == value
    assert parse_decimal(f"{value:,f}") == value
    assert read_decimal(value) == value


@pytest.mark.parametrize("value", [True, None, [], float("nan"), float("inf")])
def test_what_is_no_number_in_a_file_is_refused(value: object) -> None:
    with pytest.raises(ValueError, match="数として読めません"):
        read_decimal(value)
    with pytest.raises(ValueError, match="整数として読めません"):
        read_whole_number("1.5")
