"""The evaluation rule of a competition as it was fixed before the notice (domain §5)."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_UP, Decimal
from enum import StrEnum
from fractions import Fraction
from typing import Any

from foundation.errors import Blocker, Refused
from foundation.money import with_tax
from foundation.text import read_decimal
from procurement.domain.ceilings import Ceiling

_MODES = {"half_up": ROUND_HALF_UP, "floor": ROUND_FLOOR, "ceil": ROUND_CEILING}
STANDARD_RATE = Decimal(10)


class PriceFormula(StrEnum):
    """How a price becomes points."""

    RATIO_TO_LOWEST = "ratio_to_lowest"
    ONE_MINUS_RATIO = "one_minus_ratio"
    MIDPOINT = "midpoint"


FORMULAS_WITH_BASE = (PriceFormula.ONE_MINUS_RATIO, PriceFormula.MIDPOINT)


@dataclass(frozen=True, kw_only=True)
class PointRounding:
    """Digits after the point, and how: 四捨五入 is half_up, never Python's `round`."""

    digits: int = 2
    mode: str = "half_up"

    def points(self, exact: Fraction) -> Decimal:
        """The exact figure as points."""
        # Scaled and rounded as whole numbers: a division in Decimal would be inexact first.
        scaled = exact * 10**self.digits
        whole, rest = divmod(scaled.numerator, scaled.denominator)
        up = {"half_up": 2 * rest >= scaled.denominator, "ceil": rest > 0, "floor": False}
        return Decimal(whole + up[self.mode]).scaleb(-self.digits)


@dataclass(frozen=True, kw_only=True)
class Criterion:
    """A question judges score, up to max_points."""

    key: str
    max_points: Decimal
    group: str = ""


@dataclass(frozen=True, kw_only=True)
class PriceRule:
    """Points for the price. base_yen: ceiling or planned price the formula divides by.

    tax_percent: where the ceiling includes tax and the proposals do not; 0 where both are alike.
    """

    formula: PriceFormula
    max_points: Decimal
    base_yen: int | None = None
    tax_percent: Decimal = Decimal(0)
    rounding: PointRounding = PointRounding()
    zero_allowed: bool = False


@dataclass(frozen=True, kw_only=True)
class Minimum:
    """What must be reached, else the proposal is out. of: total, average or group:NAME.

    before_price: looked at before prices are opened; who is out then sets no lowest price.
    """

    of: str
    at_least: Decimal
    before_price: bool


@dataclass(frozen=True, kw_only=True)
class PriceLimit:
    """予定価格 as prices are measured by it. tax_percent: 0 where it is tax-excluded."""

    amount_yen: int
    tax_percent: Decimal

    def is_passed_by(self, price_yen: int) -> bool:
        """Whether a tax-excluded price is above it; an equal one is not."""
        return with_tax(price_yen, self.tax_percent) > self.amount_yen


@dataclass(frozen=True, kw_only=True)
class EvaluationRule:
    """The rule. criteria and price sum to full_score; tie_break: group:NAME, price, lot.

    planned: no part of what is published; no reason tells its figure. ceilings: of parts of the
    price; a proposal names its amount of each, and is out above any.
    """

    full_score: Decimal
    criteria: tuple[Criterion, ...]
    price: PriceRule | None = None
    ceiling_yen: int | None = None
    minimums: tuple[Minimum, ...] = ()
    tie_break: tuple[str, ...] = ()
    planned: PriceLimit | None = None
    ceilings: tuple[Ceiling, ...] = ()

    @property
    def groups(self) -> tuple[str, ...]:
        """Names of the groups, in the order of the criteria."""
        return tuple(dict.fromkeys(c.group for c in self.criteria if c.group))

    def criteria_of(self, of: str) -> tuple[Criterion, ...]:
        """The criteria of `group:企画`, or of several groups together: `group:企画+機能`."""
        names = named_groups(of)
        return tuple(c for c in self.criteria if c.group in names)

    def max_of(self, of: str) -> Decimal:
        """The most points one can have of `total`, `average` or of groups."""
        if of.startswith("group:"):
            return sum((c.max_points for c in self.criteria_of(of)), Decimal(0))
        return self.full_score


def named_groups(of: str) -> tuple[str, ...]:
    """The groups of `group:A` or `group:A+B`; none of `total` and `average`."""
    if not of.startswith("group:"):
        return ()
    return tuple(name for name in of.removeprefix("group:").replace("＋", "+").split("+"))


def read_rule(content: bytes) -> EvaluationRule:
    """The rule of a JSON file. Raises Refused with everything that is wrong in it, by its place."""
    try:
        data = json.loads(content.decode("utf-8-sig"), parse_float=Decimal)
    except (UnicodeDecodeError, json.JSONDecodeError) as error:
        raise Refused(
            [_blocker("rule_json", f"審査ルールをJSONとして読めません（{error}）。")]
        ) from None
    if not isinstance(data, dict):
        raise Refused([_blocker("rule_json", "審査ルールは { } で囲んだJSONにしてください。")])
    reader = _Reader()
    rule = reader.rule(data)
    blockers = reader.blockers or _list_contradictions(rule)
    if blockers:
        raise Refused(blockers)
    return rule


def _blocker(code: str, message: str) -> Blocker:
    return Blocker(code=code, message=message)


class _Reader:
    """Reads what can be read and keeps every reason why something cannot."""

    def __init__(self) -> None:
        self.blockers: list[Blocker] = []

    def rule(self, data: Mapping[str, Any]) -> EvaluationRule:
        price = data.get("price")
        ceiling = data.get("ceiling_yen")
        return EvaluationRule(
            full_score=self.points("full_score", data.get("full_score")),
            criteria=tuple(
                self.criterion(f"criteria[{i}]", item)
                for i, item in enumerate(self.items("criteria", data.get("criteria")))
            ),
            price=self.price(price) if price is not None else None,
            ceiling_yen=self.yen("ceiling_yen", ceiling) if ceiling is not None else None,
            minimums=tuple(
                self.minimum(f"minimums[{i}]", item)
                for i, item in enumerate(self.items("minimums", data.get("minimums", [])))
            ),
            tie_break=tuple(str(x) for x in self.items("tie_break", data.get("tie_break", []))),
            ceilings=tuple(
                self.ceiling(f"ceilings[{i}]", item)
                for i, item in enumerate(self.items("ceilings", data.get("ceilings", [])))
            ),
        )

    def ceiling(self, place: str, data: Any) -> Ceiling:
        """{"key": a column of the proposals, "amount_yen", "tax"}."""
        data = self.object(place, data)
        key = str(data.get("key") or "")
        if not key:
            self.say(place, "key がありません。")
        return Ceiling(
            key=key,
            label=key,
            amount_yen=self.yen(f"{place}.amount_yen", data.get("amount_yen")),
            tax_percent=self.tax(data.get("tax")),
        )

    def criterion(self, place: str, data: Any) -> Criterion:
        data = self.object(place, data)
        key = str(data.get("key") or "")
        if not key:
            self.say(place, "key がありません。")
        return Criterion(
            key=key,
            max_points=self.points(f"{place}.max_points", data.get("max_points")),
            group=str(data.get("group") or ""),
        )

    def price(self, data: Any) -> PriceRule:
        data = self.object("price", data)
        name = data.get("formula")
        if name not in list(PriceFormula):
            self.say("price.formula", f"{'・'.join(PriceFormula)} のどれかにしてください。")
            name = PriceFormula.RATIO_TO_LOWEST
        base = data.get("base_yen")
        return PriceRule(
            formula=PriceFormula(name),
            max_points=self.points("price.max_points", data.get("max_points")),
            base_yen=self.yen("price.base_yen", base) if base is not None else None,
            tax_percent=self.tax(data.get("tax")),
            rounding=self.rounding(data.get("rounding")),
            zero_allowed=data.get("zero_allowed") is True,
        )

    def tax(self, value: Any) -> Decimal:
        """none, excluded: ceiling and prices alike; included (10%) or a rate: ceiling with tax."""
        if value in (None, "none", "excluded"):
            return Decimal(0)
        if value == "included":
            return STANDARD_RATE
        rate = value.get("rate_percent") if isinstance(value, Mapping) else value
        return self.number("price.tax", rate)

    def rounding(self, data: Any) -> PointRounding:
        if data is None:
            return PointRounding()
        data = self.object("price.rounding", data)
        digits, mode = data.get("digits", 2), data.get("mode", "half_up")
        if not (isinstance(digits, int) and 0 <= digits <= 10):
            self.say("price.rounding.digits", "0から10までの整数にしてください。")
            digits = 2
        if mode not in _MODES:
            self.say("price.rounding.mode", f"{'・'.join(_MODES)} のどれかにしてください。")
            mode = "half_up"
        return PointRounding(digits=digits, mode=str(mode))

    def minimum(self, place: str, data: Any) -> Minimum:
        data = self.object(place, data)
        of = str(data.get("of") or "")
        if of not in ("total", "average") and not of.startswith("group:"):
            self.say(f"{place}.of", "total・average・group:名前 のどれかにしてください。")
        before = data.get("before_price", of.startswith("group:"))
        return Minimum(
            of=of,
            at_least=self.number(f"{place}.at_least", data.get("at_least")),
            before_price=bool(before),
        )

    def items(self, place: str, value: Any) -> Sequence[Any]:
        if isinstance(value, list):
            return value
        self.say(place, "[ ] で囲んだ一覧にしてください。")
        return []

    def object(self, place: str, value: Any) -> Mapping[str, Any]:
        if isinstance(value, Mapping):
            return value
        self.say(place, "{ } で囲んでください。")
        return {}

    def points(self, place: str, value: Any) -> Decimal:
        number = self.number(place, value)
        if number <= 0 and not any(b.field == place for b in self.blockers):
            self.say(place, "0より大きい数にしてください。")
        return number

    def number(self, place: str, value: Any) -> Decimal:
        try:
            number = read_decimal(value)
        except ValueError:
            self.say(place, "数にしてください。")
            return Decimal(0)
        if number < 0:
            self.say(place, "0以上の数にしてください。")
            return Decimal(0)
        return number

    def yen(self, place: str, value: Any) -> int:
        if isinstance(value, int) and not isinstance(value, bool) and value > 0:
            return value
        self.say(place, "1以上の整数（円）にしてください。")
        return 1

    def say(self, place: str, words: str) -> None:
        self.blockers.append(Blocker(code="rule", message=f"{place}：{words}", field=place))


def _list_contradictions(rule: EvaluationRule) -> list[Blocker]:
    """What each part allows but the whole does not."""
    found = []
    total = sum((c.max_points for c in rule.criteria), Decimal(0))
    total += rule.price.max_points if rule.price else 0
    if total != rule.full_score:
        found.append(
            _blocker("full_score", f"配点の合計 {total} が満点 {rule.full_score} と違います。")
        )
    keys = [criterion.key for criterion in rule.criteria] + [each.key for each in rule.ceilings]
    found += [
        _blocker("key_twice", f"評価項目・上限額「{key}」が2つあります。")
        for key in sorted({key for key in keys if keys.count(key) > 1})
    ]
    if rule.price and rule.price.formula in FORMULAS_WITH_BASE and rule.price.base_yen is None:
        found.append(
            _blocker(
                "base_yen", f"価格点の式 {rule.price.formula.value} には base_yen が必要です。"
            )
        )
    named = [minimum.of for minimum in rule.minimums]
    named += [each for each in rule.tie_break if each not in ("lot", "price")]
    known = {
        each
        for each in named
        if each in ("total", "average")
        or (named_groups(each) and set(named_groups(each)) <= set(rule.groups))
    }
    found += [
        _blocker("unknown_group", f"「{each}」という区分は評価項目にありません。")
        for each in dict.fromkeys(named)
        if each not in known
    ]
    found += [
        _blocker(
            "minimum", f"最低基準 {m.at_least} が {m.of} の満点 {rule.max_of(m.of)} を超えます。"
        )
        for m in rule.minimums
        if m.of in known and m.at_least > rule.max_of(m.of)
    ]
    return found
