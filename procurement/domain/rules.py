"""Rules of cost sharing as data, and the text a clerk types for them (domain §3, surfaces).

A rule that breaks its own bounds (weights not summing to 100, bands without a start)
cannot be constructed: Refused says why.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from foundation.errors import Blocker, Refused, refuse
from foundation.labels import LabelledEnum
from foundation.text import normalize, parse_decimal, parse_whole_number

DIGITS = 28  # of an irrational base (domain §3)
_OUTER_COMMA = re.compile(r",(?![^(]*\))")


class Method(LabelledEnum):
    """How the base of a body is found."""

    EQUAL = "equal", "均等割"
    POPULATION = "population", "人口割"
    HOUSEHOLDS = "households", "世帯割"
    QUANTITY = "quantity", "数量割"
    DEGRESSIVE = "degressive", "逓減割"
    BANDED = "banded", "段階割"
    FISCAL_CAPACITY = "fiscal_capacity", "財政力割"
    MIXED = "mixed", "混合"
    OWN_USE = "own_use", "実費"
    FIXED_TABLE = "fixed_table", "負担割合表"


class FiscalBase(LabelledEnum):
    """What 財政力割 measures a body by."""

    STANDARD_FISCAL_SCALE = "standard_fiscal_scale", "標準財政規模"
    INDEX_POPULATION = "index_population", "財政力指数×人口"
    INDEX = "index", "財政力指数"


@dataclass(frozen=True, kw_only=True)
class Band:
    """Bodies of at least from_population (inclusive) count with this weight."""

    from_population: int
    weight: Decimal


@dataclass(frozen=True, kw_only=True)
class Rule:
    """One rule of sharing. Fields other than `method` belong to the method they are named after.

    exponent: of `degressive`; None is log2 1.5, HARP's 「人口2倍で負担1.5倍」.
    parts: of `mixed`; whole percents that sum to 100, no rule twice.
    """

    method: Method
    exponent: Decimal | None = None
    bands: tuple[Band, ...] = ()
    fiscal_base: FiscalBase = FiscalBase.STANDARD_FISCAL_SCALE
    parts: tuple[tuple[int, "Rule"], ...] = ()

    def __post_init__(self) -> None:
        faults = _CHECKS[self.method](self) if self.method in _CHECKS else []
        if faults:
            raise Refused([Blocker(code=f"rule_{self.method.value}", message=m) for m in faults])

    @property
    def label(self) -> str:
        """「均等割30%・人口割70%」, 「逓減割（指数0.585）」."""
        if self.method is Method.MIXED:
            return "・".join(f"{rule.label}{percent}%" for percent, rule in self.parts)
        if self.method is Method.DEGRESSIVE:
            return f"{self.method.label}（指数{self.exponent or 'log₂1.5'}）"
        if self.method is Method.FISCAL_CAPACITY:
            return f"{self.method.label}（{self.fiscal_base.label}）"
        return self.method.label

    @property
    def text(self) -> str:
        """The rule as `parse_rule` reads it; also the stored form."""
        return self.method.value + _text_after_colon(self)

    @property
    def methods(self) -> tuple[Method, ...]:
        """The methods whose bases are needed: its own, or those of its parts with weight."""
        if self.method is not Method.MIXED:
            return (self.method,)
        return tuple(rule.method for percent, rule in self.parts if percent)


class RuleTextError(ValueError):
    """The text is no rule at all: wrong usage, not a refused rule. The message is Japanese."""


def parse_rule(text: str) -> Rule:
    """Read `equal`, `degressive:exponent=0.585`, `mixed:equal=30,population=70`, …

    Raises RuleTextError for text that is no rule, Refused for a rule that breaks its bounds.
    """
    name, _, rest = normalize(text).replace(" ", "").partition(":")
    try:
        method = Method(name.lower())
    except ValueError:
        choices = "、".join(m.value for m in Method)
        raise RuleTextError(f"負担ルール「{name}」はありません。使えるもの：{choices}") from None
    if method is Method.MIXED:
        return _read_mixed(text, rest)
    settings = _read_settings(text, _items(rest))
    reader = _READERS.get(method)
    if reader is None:
        if settings:
            raise RuleTextError(f"負担ルール「{name}」に設定は付けられません：「{rest}」")
        return Rule(method=method)
    return reader(settings)


def rule_from(data: str | Mapping[str, Any]) -> Rule:
    """A stored rule: its text, or an object with `text`."""
    return parse_rule(data if isinstance(data, str) else str(data["text"]))


def _items(rest: str) -> list[str]:
    """The parts between commas, a part in brackets kept whole."""
    return _OUTER_COMMA.split(rest) if rest else []


def _read_settings(text: str, items: list[str]) -> dict[str, str]:
    settings: dict[str, str] = {}
    for item in items:
        key, equals, value = item.rpartition("=")
        if not (key and equals and value):
            raise RuleTextError(
                f"負担ルール「{text}」の「{item}」は「項目=値」の形にしてください。"
            )
        if key in settings:
            raise RuleTextError(f"負担ルール「{text}」に「{key}」が2回あります。")
        settings[key] = value
    return settings


def _read_degressive(settings: dict[str, str]) -> Rule:
    _only(settings, "degressive", "exponent")
    exponent = settings.get("exponent")
    return Rule(
        method=Method.DEGRESSIVE,
        exponent=None if exponent is None else _decimal(exponent, "exponent"),
    )


def _read_banded(settings: dict[str, str]) -> Rule:
    bands = [
        Band(from_population=_whole(start, "段階の人口"), weight=_decimal(weight, "段階の重み"))
        for start, weight in settings.items()
    ]
    bands.sort(key=lambda band: band.from_population)
    return Rule(method=Method.BANDED, bands=tuple(bands))


def _read_fiscal(settings: dict[str, str]) -> Rule:
    _only(settings, "fiscal_capacity", "base")
    base = settings.get("base", FiscalBase.STANDARD_FISCAL_SCALE.value)
    try:
        return Rule(method=Method.FISCAL_CAPACITY, fiscal_base=FiscalBase(base))
    except ValueError:
        choices = "、".join(member.value for member in FiscalBase)
        raise RuleTextError(f"財政力割の基礎「{base}」はありません（{choices}）。") from None


def _read_mixed(text: str, rest: str) -> Rule:
    """A part may carry its own settings in brackets: `degressive(exponent=0.5)=70`."""
    parts = []
    for name, weight in _read_settings(text, _items(rest)).items():
        inner = name.replace("(", ":", 1).removesuffix(")") if "(" in name else name
        parts.append((_percent(weight), parse_rule(inner)))
    return Rule(method=Method.MIXED, parts=tuple(parts))


def _percent(text: str) -> int:
    weight = _decimal(text.removesuffix("%"), "混合の重み")
    if weight != weight.to_integral_value():
        raise refuse("rule_mixed", f"混合の重みは整数の百分率にしてください：「{text}」")
    return int(weight)


_READERS = {
    Method.DEGRESSIVE: _read_degressive,
    Method.BANDED: _read_banded,
    Method.FISCAL_CAPACITY: _read_fiscal,
}


def _check_degressive(rule: Rule) -> list[str]:
    if rule.exponent is None or 0 < rule.exponent <= 1:
        return []
    return [f"逓減割の指数は0より大きく1以下にしてください：{rule.exponent}"]


def _check_banded(rule: Rule) -> list[str]:
    starts = [band.from_population for band in rule.bands]
    faults = []
    if not starts or starts[0] != 0:
        faults.append("段階割の第1段階は人口0から始めてください（例：banded:0=1,10000=2）。")
    if len(set(starts)) != len(starts) or starts != sorted(starts):
        faults.append("段階割の段階は人口の少ない順に、重なりなく並べてください。")
    faults += [
        f"段階割の重みは0より大きくしてください：人口{band.from_population}から"
        for band in rule.bands
        if band.weight <= 0
    ]
    return faults


def _check_mixed(rule: Rule) -> list[str]:
    percents = [percent for percent, _ in rule.parts]
    names = [part.method for _, part in rule.parts]
    faults = []
    if any(percent < 0 for percent in percents):
        faults.append("混合の重みは0%以上にしてください。")
    if sum(percents) != 100:
        faults.append(f"混合の重みの合計を100%にしてください（現在{sum(percents)}%）。")
    if len(set(names)) != len(names):
        faults.append("混合に同じルールを2回入れることはできません。")
    faults += [
        f"混合に{name.label}を入れることはできません。"
        for name in names
        if name in (Method.MIXED, Method.OWN_USE)
    ]
    return faults


_CHECKS = {
    Method.DEGRESSIVE: _check_degressive,
    Method.BANDED: _check_banded,
    Method.MIXED: _check_mixed,
}


def _text_after_colon(rule: Rule) -> str:
    if rule.method is Method.DEGRESSIVE and rule.exponent is not None:
        return f":exponent={rule.exponent}"
    if rule.method is Method.BANDED:
        return ":" + ",".join(f"{b.from_population}={b.weight}" for b in rule.bands)
    if rule.method is Method.FISCAL_CAPACITY:
        return f":base={rule.fiscal_base.value}"
    if rule.method is Method.MIXED:
        return ":" + ",".join(f"{_text_in_brackets(part)}={pc}" for pc, part in rule.parts)
    return ""


def _text_in_brackets(rule: Rule) -> str:
    settings = _text_after_colon(rule).removeprefix(":")
    plain = not settings or rule == Rule(method=rule.method, bands=rule.bands)
    if plain and rule.method is not Method.BANDED:
        return rule.method.value
    return f"{rule.method.value}({settings})"


def _only(settings: dict[str, str], rule: str, *allowed: str) -> None:
    unknown = sorted(set(settings) - set(allowed))
    if unknown:
        raise RuleTextError(f"{rule}の設定「{'、'.join(unknown)}」はありません。")


def _decimal(text: str, what: str) -> Decimal:
    try:
        return parse_decimal(text)
    except ValueError:
        raise RuleTextError(f"{what}「{text}」は数として読めません。") from None


def _whole(text: str, what: str) -> int:
    try:
        number = parse_whole_number(text)
    except ValueError:
        number = -1
    if number < 0:
        raise RuleTextError(f"{what}「{text}」は0以上の整数にしてください。")
    return number
