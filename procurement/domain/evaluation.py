"""Points, disqualifications, ranks: what an evaluation rule makes of the proposals (domain §5)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction

from foundation.errors import Blocker, Refused
from foundation.money import with_tax, yen
from procurement.domain.ceilings import list_reasons
from procurement.domain.evaluation_rule import (
    EvaluationRule,
    Minimum,
    PointRounding,
    PriceFormula,
)

_DEFAULT = PointRounding()
LOT_NEEDED = "同点のため、くじで決めます（くじの番号がありません）。"


@dataclass(frozen=True, kw_only=True)
class Proposal:
    """A proposal as opened. scores: judge → criterion key → points; absent judges are left out.

    price_yen: on the basis of the rule. lot_number: the three digits given with the proposal.
    offered: key of a ceiling → the amount of that part, tax-excluded.
    Proposals are handed over in the order of receipt.
    """

    bidder: str
    price_yen: int
    mandatory_met: bool
    scores: Mapping[str, Mapping[str, Decimal]]
    lot_number: int | None = None
    offered: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Evaluated:
    """A line of the sheet. points: criterion → points; rank: None when out or undecided."""

    bidder: str
    price_yen: int
    points: Mapping[str, Decimal]
    price_points: Decimal | None
    price_formula: str
    total: Decimal | None
    rank: int | None
    reasons: tuple[str, ...]

    @property
    def status(self) -> str:
        """ranked or disqualified."""
        return "ranked" if self.total is not None else "disqualified"


@dataclass(frozen=True, kw_only=True)
class Evaluation:
    """The sheet: lines by rank, those out last. preferred: None without one, or before a lot."""

    lines: tuple[Evaluated, ...]
    preferred: str | None
    runner_up: str | None
    lot_among: tuple[str, ...] = ()

    @property
    def result(self) -> str:
        """preferred, or failed (不調) when nobody is left."""
        return "preferred" if any(line.rank for line in self.lines) else "failed"


@dataclass
class _Line:
    proposal: Proposal
    points: dict[str, Decimal]
    price_points: Decimal | None = None
    price_formula: str = ""
    reasons: list[str] = field(default_factory=list)

    def sum_of(self, rule: EvaluationRule, of: str) -> Decimal:
        """Of a group its criteria; else everything, price included."""
        if of.startswith("group:"):
            return sum((self.points[c.key] for c in rule.criteria_of(of)), Decimal(0))
        return sum(self.points.values(), Decimal(0)) + (self.price_points or 0)


def evaluate(rule: EvaluationRule, proposals: Sequence[Proposal]) -> Evaluation:
    """The sheet of these proposals. Raises Refused for a price of 0 where it is not allowed."""
    _refuse_zero_prices(rule, proposals)
    lines = [_Line(proposal=p, points=_average_points(rule, p)) for p in proposals]
    for line in lines:
        line.reasons += _reasons_before_price(rule, line)
    _give_price_points(rule, [line for line in lines if not line.reasons])
    for line in lines:
        if not line.reasons:
            line.reasons += _missed(rule, line, [m for m in rule.minimums if not m.before_price])
    return _ranked(rule, lines)


def _refuse_zero_prices(rule: EvaluationRule, proposals: Sequence[Proposal]) -> None:
    if rule.price is None or rule.price.zero_allowed:
        return
    blockers = [
        Blocker(code="price_zero", message=f"{p.bidder}：価格0円の提案は、ルールが認めていません。")
        for p in proposals
        if p.price_yen == 0
    ]
    if blockers:
        raise Refused(blockers)


def _average_points(rule: EvaluationRule, proposal: Proposal) -> dict[str, Decimal]:
    """Each criterion's average over the judges present, rounded as the rule says."""
    rounding = rule.price.rounding if rule.price else None
    averages = {}
    for criterion in rule.criteria:
        given = [Fraction(scores[criterion.key]) for scores in proposal.scores.values()]
        exact = sum(given, Fraction(0)) / len(given) if given else Fraction(0)
        if len(given) == 1:
            averages[criterion.key] = next(iter(proposal.scores.values()))[criterion.key]
        else:
            averages[criterion.key] = (rounding or _DEFAULT).points(exact)
    return averages


def _reasons_before_price(rule: EvaluationRule, line: _Line) -> list[str]:
    reasons = []
    if not line.proposal.mandatory_met:
        reasons.append("必須項目に対応していません。")
    if rule.criteria and not line.proposal.scores:
        reasons.append("採点した審査委員がいません。")
    reasons += _over_ceiling(rule, line.proposal) + _over_planned(rule, line.proposal)
    reasons += list_reasons(rule.ceilings, line.proposal.offered)
    return reasons + _missed(rule, line, [m for m in rule.minimums if m.before_price])


def _over_planned(rule: EvaluationRule, proposal: Proposal) -> list[str]:
    """Without the figure: it may never be published."""
    passed = rule.planned is not None and rule.planned.is_passed_by(proposal.price_yen)
    return ["価格が予定価格を超えています。"] if passed else []


def _over_ceiling(rule: EvaluationRule, proposal: Proposal) -> list[str]:
    if rule.ceiling_yen is None:
        return []
    rate = rule.price.tax_percent if rule.price else Decimal(0)
    compared = with_tax(proposal.price_yen, rate)
    if compared <= rule.ceiling_yen:
        return []
    basis = f"（税込 {yen(compared)}）" if rate else ""
    return [f"価格 {yen(proposal.price_yen)}{basis}が上限 {yen(rule.ceiling_yen)}を超えています。"]


def _missed(rule: EvaluationRule, line: _Line, minimums: Sequence[Minimum]) -> list[str]:
    names = {"total": "合計", "average": "審査委員の平均"}
    return [
        f"{names.get(m.of) or '区分「' + m.of.removeprefix('group:') + '」'}が "
        f"{line.sum_of(rule, m.of)}点で、最低基準 {m.at_least}点に届きません。"
        for m in minimums
        if line.sum_of(rule, m.of) < m.at_least
    ]


def _give_price_points(rule: EvaluationRule, valid: Sequence[_Line]) -> None:
    if rule.price is None or not valid:
        return
    prices = [line.proposal.price_yen for line in valid]
    for line in valid:
        exact, formula = _price_share(rule, line.proposal.price_yen, min(prices), max(prices))
        points = rule.price.rounding.points(
            max(exact, Fraction(0)) * Fraction(rule.price.max_points)
        )
        line.price_points = points
        line.price_formula = f"{formula} × {rule.price.max_points} = {points}"


def _price_share(
    rule: EvaluationRule, price: int, lowest: int, highest: int
) -> tuple[Fraction, str]:
    """The part of the full price points, with the formula in its numbers."""
    assert rule.price is not None
    base = rule.price.base_yen or 1
    if rule.price.formula is PriceFormula.RATIO_TO_LOWEST:
        share = Fraction(lowest, price) if price else Fraction(1)
        return share, f"{lowest:,} ÷ {price:,}"
    if rule.price.formula is PriceFormula.ONE_MINUS_RATIO:
        return 1 - Fraction(price, base), f"(1 − {price:,} ÷ {base:,})"
    middle = Fraction(highest + lowest, 2) / base - Fraction(1, 2)
    words = f"(({highest:,} + {lowest:,}) ÷ 2 ÷ {base:,} − 1/2)"
    return 1 - Fraction(price, base) + middle, f"[(1 − {price:,} ÷ {base:,}) + {words}]"


def _ranked(rule: EvaluationRule, lines: Sequence[_Line]) -> Evaluation:
    valid = [line for line in lines if not line.reasons]
    groups: dict[tuple[Decimal, ...], list[_Line]] = {}
    for line in valid:
        groups.setdefault(_order_key(rule, line), []).append(line)
    ordered: list[Evaluated] = []
    undecided: tuple[str, ...] = ()
    for key in sorted(groups):
        tied = groups[key]
        place = len(ordered) + 1
        if len(tied) > 1:
            drawn = _draw(rule, tied)
            if drawn is None:
                undecided = undecided or tuple(line.proposal.bidder for line in tied)
                ordered += [_evaluated(rule, line, place, (LOT_NEEDED,)) for line in tied]
                continue
            tied = drawn
        ordered += [_evaluated(rule, line, place + i, ()) for i, line in enumerate(tied)]
    out = [_evaluated(rule, line, None, tuple(line.reasons)) for line in lines if line.reasons]
    firsts = [line.bidder for line in ordered if line.rank == 1]
    seconds = [line.bidder for line in ordered if line.rank == 2]
    return Evaluation(
        lines=(*ordered, *out),
        preferred=firsts[0] if len(firsts) == 1 else None,
        runner_up=seconds[0] if len(seconds) == 1 else None,
        lot_among=undecided,
    )


def _order_key(rule: EvaluationRule, line: _Line) -> tuple[Decimal, ...]:
    """Smallest first: the total, then what the rule declares for ties."""
    keys = [-line.sum_of(rule, "total")]
    for each in rule.tie_break:
        if each == "price":
            keys.append(Decimal(line.proposal.price_yen))
        elif each != "lot":
            keys.append(-line.sum_of(rule, each))
    return tuple(keys)


def _draw(rule: EvaluationRule, tied: list[_Line]) -> list[_Line] | None:
    """Electronic lot: the numbers' sum modulo how many, counted in the order of receipt."""
    numbers = [line.proposal.lot_number for line in tied]
    if "lot" not in rule.tie_break or any(number is None for number in numbers):
        return None
    first = sum(number or 0 for number in numbers) % len(tied)
    return [*tied[first:], *tied[:first]]


def _evaluated(
    rule: EvaluationRule, line: _Line, rank: int | None, reasons: tuple[str, ...]
) -> Evaluated:
    return Evaluated(
        bidder=line.proposal.bidder,
        price_yen=line.proposal.price_yen,
        points=line.points,
        price_points=line.price_points,
        price_formula=line.price_formula,
        total=line.sum_of(rule, "total") if rank else None,
        rank=rank,
        reasons=reasons,
    )
