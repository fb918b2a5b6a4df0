"""What each rule measures a body by: exact bases, and who cannot be measured (domain §3)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Context, Decimal, localcontext
from fractions import Fraction
from functools import lru_cache

from accounts.codes import is_body_code
from foundation.errors import Blocker, Refused, refuse
from procurement.domain.apportion import Weights, blend, weights_from
from procurement.domain.rules import DIGITS, FiscalBase, Method, Rule

# Guard digits so that the 28 printed ones are right whatever the exponent.
_WORKING = Context(prec=DIGITS + 8)
_PRINTED = Context(prec=DIGITS)
# 北海道 HARP: 「人口2倍で負担1.5倍」.
HARP_EXPONENT = _WORKING.divide(_WORKING.ln(Decimal("1.5")), _WORKING.ln(Decimal(2)))


@dataclass(frozen=True, kw_only=True)
class Member:
    """A body with the figures a rule may need; None is 「記載なし」, never 0.

    standard_fiscal_scale: thousand yen. percent: of `fixed_table`. own_yen: of `own_use`,
    exact where it stems from a part of a joint amount. standalone_yen, ceiling_yen: compared,
    never shared by.
    """

    code: str
    name: str
    population: int | None = None
    households: int | None = None
    quantity: int | None = None
    fiscal_strength_index: Decimal | None = None
    standard_fiscal_scale: int | None = None
    own_yen: Fraction | int | None = None
    percent: Decimal | None = None
    standalone_yen: int | None = None
    ceiling_yen: int | None = None

    @property
    def is_prefecture(self) -> bool:
        """Whether the code is a prefecture's: 000 and a check digit after its two digits."""
        return self.code[2:5] == "000" and self.code[:2] != "00" and is_body_code(self.code)


FIELD_LABELS: Mapping[str, str] = {
    "population": "人口",
    "households": "世帯数",
    "quantity": "数量",
    "fiscal_strength_index": "財政力指数",
    "standard_fiscal_scale": "標準財政規模",
    "own_yen": "実費額",
    "percent": "負担割合",
    "standalone_yen": "単独額",
}

_FISCAL_FIELDS: Mapping[FiscalBase, tuple[str, ...]] = {
    FiscalBase.STANDARD_FISCAL_SCALE: ("standard_fiscal_scale",),
    FiscalBase.INDEX_POPULATION: ("fiscal_strength_index", "population"),
    FiscalBase.INDEX: ("fiscal_strength_index",),
}
_FIELDS: Mapping[Method, tuple[str, ...]] = {
    Method.EQUAL: (),
    Method.POPULATION: ("population",),
    Method.HOUSEHOLDS: ("households",),
    Method.QUANTITY: ("quantity",),
    Method.DEGRESSIVE: ("population",),
    Method.BANDED: ("population",),
    Method.OWN_USE: ("own_yen",),
    Method.FIXED_TABLE: ("percent",),
}
# An entered 0 is an answer under these; under the others it is no base.
_ZERO_IS_A_FIGURE = frozenset({Method.BANDED, Method.OWN_USE, Method.FIXED_TABLE})
# A prefecture never takes a share among its towns by their size.
_BY_SIZE = frozenset(
    {
        Method.POPULATION,
        Method.HOUSEHOLDS,
        Method.DEGRESSIVE,
        Method.BANDED,
        Method.FISCAL_CAPACITY,
    }
)


def fields_needed(rule: Rule) -> tuple[str, ...]:
    """The member figures the rule computes with, in a fixed order, each once."""
    if rule.method is Method.MIXED:
        names = [name for percent, part in rule.parts if percent for name in fields_needed(part)]
        return tuple(dict.fromkeys(names))
    if rule.method is Method.FISCAL_CAPACITY:
        return _FISCAL_FIELDS[rule.fiscal_base]
    return _FIELDS[rule.method]


def list_base_blockers(rule: Rule, members: Sequence[Member]) -> list[Blocker]:
    """Each body and figure for which the rule has no base, in the order of codes."""
    ordered = sorted(members, key=lambda member: member.code)
    if rule.method is Method.MIXED:
        found = [
            b for percent, part in rule.parts if percent for b in list_base_blockers(part, ordered)
        ]
        return list(dict.fromkeys(found))
    return [blocker for member in ordered for blocker in _member_blockers(rule, member)]


def _member_blockers(rule: Rule, member: Member) -> list[Blocker]:
    if member.is_prefecture and rule.method in _BY_SIZE:
        message = (
            f"{member.name}：都道府県は市区町村と同じ{rule.method.label}では按分しません。"
            "都道府県負担分として別に定めてください。"
        )
        return [Blocker(code="prefecture_has_no_base", message=message, field="prefecture")]
    blockers = []
    for field in fields_needed(rule):
        fault = _fault_of(getattr(member, field), rule.method)
        if fault:
            label = FIELD_LABELS[field]
            message = f"{member.name}：{label}が{fault}、{rule.label}の基礎にできません。"
            blockers.append(Blocker(code="base_missing", message=message, field=field))
    return blockers


def _fault_of(value: object, method: Method) -> str | None:
    if value is None:
        return "記載されていないため"
    assert isinstance(value, int | Decimal | Fraction)
    if value < 0:
        return "負の数のため"
    if value == 0 and method not in _ZERO_IS_A_FIGURE:
        return "0のため"
    return None


def base_of(rule: Rule, member: Member) -> Fraction:
    """The exact base of one body under a rule that is not mixed; its figures must be there."""
    method = rule.method
    if method is Method.EQUAL:
        return Fraction(1)
    if method is Method.DEGRESSIVE:
        return Fraction(degressive_base(int(_figure(member, "population")), rule.exponent))
    if method is Method.BANDED:
        population = _figure(member, "population")
        reached = [b for b in rule.bands if population >= b.from_population]
        return Fraction(reached[-1].weight)
    base = Fraction(1)
    for field in fields_needed(rule):
        base *= _figure(member, field)
    return base


@lru_cache(maxsize=8192)  # once per body: a preview of 1,788 asks again for every period
def degressive_base(population: int, exponent: Decimal | None) -> Decimal:
    """population^exponent with 28 digits; None is log2 1.5 (double population, 1.5 times)."""
    with localcontext(_WORKING):
        raised = Decimal(population) ** (HARP_EXPONENT if exponent is None else exponent)
    return _PRINTED.plus(raised)


def _figure(member: Member, field: str) -> Fraction:
    value = getattr(member, field)
    return Fraction(value)


def weights_of(rule: Rule, members: Sequence[Member]) -> Weights:
    """The exact share of every body. Raises Refused naming each body and figure missing.

    `own_use` where nobody uses anything has no proportion: all weights are 0.
    """
    blockers = list_base_blockers(rule, members)
    if blockers:
        raise Refused(blockers)
    if rule.method is Method.MIXED:
        return blend([(pc, weights_of(part, members)) for pc, part in rule.parts if pc])
    if rule.method is Method.FIXED_TABLE:
        _check_percents(members)
    return weights_from({member.code: base_of(rule, member) for member in members})


def _check_percents(members: Sequence[Member]) -> None:
    total = sum((member.percent or Decimal(0) for member in members), Decimal(0))
    if total != 100:
        message = f"負担割合の合計を100%にしてください（現在{total.normalize():f}%）。"
        raise refuse("percent_total", message, "percent")
