"""Who pays how much of one amount (domain §3): prefecture's part, rule, cap, rounding.

Exact rationals until the last step; Σ = total to the yen, whatever the order of members.
"""

import hashlib
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Context, Decimal
from fractions import Fraction
from typing import Any

from foundation.errors import refuse
from foundation.labels import LabelledEnum
from foundation.money import yen
from foundation.text import find_number, normalize, parse_decimal, parse_whole_number
from procurement.domain.apportion import (
    CapImpossible,
    Portion,
    Weights,
    apply_cap,
    split_by_floor,
    split_by_largest_remainder,
)
from procurement.domain.bases import FIELD_LABELS, Member, base_of, fields_needed, weights_of
from procurement.domain.rules import DIGITS, Method, Rule, RuleTextError


class Cap(LabelledEnum):
    """Whether somebody may pay more than alone."""

    NONE = "none", "上限なし"
    STANDALONE = "standalone", "単独額を上限とする"


@dataclass(frozen=True, kw_only=True)
class Rounding:
    """`largest_remainder`; with floor_unit_yen shares are cut to it and the lead bears the rest."""

    floor_unit_yen: int | None = None

    @property
    def text(self) -> str:
        """`largest_remainder` or `floor:1000`."""
        unit = self.floor_unit_yen
        return "largest_remainder" if unit is None else f"floor:{unit}"

    @property
    def label(self) -> str:
        """What a reader of the share table is told."""
        unit = self.floor_unit_yen
        if unit is None:
            return "最大剰余方式（同じ端数は団体コードの小さい順）"
        return f"{unit:,}円未満切捨て（不足分は幹事団体が負担）"


LARGEST_REMAINDER = Rounding()


def parse_rounding(text: str) -> Rounding:
    """Read `largest_remainder` or `floor:1000`. Raises RuleTextError with a Japanese message."""
    name, _, unit = normalize(text).partition(":")
    if name == "largest_remainder" and not unit:
        return LARGEST_REMAINDER
    if name == "floor" and (size := find_number(unit)):
        return Rounding(floor_unit_yen=size)
    raise RuleTextError(f"端数処理「{text}」はありません（largest_remainder または floor:1000）。")


@dataclass(frozen=True, kw_only=True)
class Part:
    """What a prefecture or a grant bears: yen, or a percent floored to yen."""

    amount_yen: int = 0
    percent: Decimal = Decimal(0)

    def __post_init__(self) -> None:
        if self.amount_yen < 0 or not 0 <= self.percent <= 100:
            message = "都道府県負担分は0円以上、または0%から100%までで入力してください。"
            raise refuse("prefecture_part", message, "prefecture_part")

    @property
    def text(self) -> str:
        """`30%` or `500000`."""
        return f"{self.percent}%" if self.percent else str(self.amount_yen)

    def of(self, total_yen: int) -> int:
        """The whole yen taken off this total."""
        return self.amount_yen + int(Fraction(self.percent) * total_yen / 100)


NO_PART = Part()


def parse_part(text: str) -> Part:
    """Read `500000` (yen) or `30%`. Raises RuleTextError with a Japanese message."""
    plain = normalize(text).replace(" ", "")
    try:
        if plain.endswith("%"):
            return Part(percent=parse_decimal(plain.removesuffix("%")))
        return Part(amount_yen=parse_whole_number(plain.removesuffix("円")))
    except ValueError:
        message = f"都道府県負担分「{text}」は読めません（例：500000 または 30%）。"
        raise RuleTextError(message) from None


@dataclass(frozen=True, kw_only=True)
class MemberShare:
    """One body's share, with everything needed to compute it again.

    bases: figure or rule → printed exact base. ratio: its exact part of the sum of bases.
    exact_yen: before rounding (and after a cap). saving_yen: stand-alone less share.
    """

    code: str
    name: str
    bases: tuple[tuple[str, str], ...]
    ratio: Fraction
    exact_yen: Fraction
    floor_yen: int
    remainder_yen: int
    share_yen: int
    capped: bool
    standalone_yen: int | None
    saving_yen: int | None
    over_ceiling: bool

    @property
    def ratio_text(self) -> str:
        """The ratio as a decimal with 28 digits at most."""
        return decimal_text(self.ratio)


@dataclass(frozen=True, kw_only=True)
class Allocation:
    """The shares of one amount. Σ shares + prefecture's part + shortfall = total."""

    total_yen: int
    prefecture_yen: int
    shared_yen: int
    rule: Rule
    rounding: Rounding
    cap: Cap
    members: tuple[MemberShare, ...]
    shortfall_yen: int
    lead_code: str | None
    version_sha256: str


def decimal_text(value: Fraction) -> str:
    """A rational as a plain decimal, 28 significant digits at most."""
    quotient = Context(prec=DIGITS).divide(Decimal(value.numerator), Decimal(value.denominator))
    return f"{quotient.normalize():f}"


def allocate(
    total_yen: int,
    members: Sequence[Member],
    rule: Rule,
    *,
    rounding: Rounding = LARGEST_REMAINDER,
    prefecture_part: Part = NO_PART,
    cap: Cap = Cap.NONE,
    lead_code: str | None = None,
) -> Allocation:
    """Share total_yen as given (it knows no tax) among the members.

    Raises Refused: negative total, nobody or doubled codes, a missing or zero base (by body and
    figure), percents not at 100, a cap that cannot hold (with the missing amount), a shortfall
    without a lead.
    """
    _check_members(total_yen, members)
    prefecture_yen = _prefecture_yen(total_yen, prefecture_part)
    ordered = sorted(members, key=lambda member: member.code)
    if rule.method is Method.OWN_USE:
        _check_own_use(total_yen, ordered)
    shared_yen = total_yen - prefecture_yen
    weights = weights_of(rule, ordered)
    portions, capped = _split(shared_yen, ordered, weights, rounding, cap)
    shortfall_yen = shared_yen - sum(portion.share_yen for portion in portions.values())
    if shortfall_yen:
        _check_shortfall(shortfall_yen, ordered, portions, cap, lead_code)
    inputs = {
        "total_yen": total_yen,
        "rule": rule.text,
        "rounding": rounding.text,
        "prefecture_part": prefecture_part.text,
        "cap": cap.value,
        "lead_code": lead_code,
        "members": [_member_inputs(member) for member in ordered],
    }
    return Allocation(
        total_yen=total_yen,
        prefecture_yen=prefecture_yen,
        shared_yen=shared_yen,
        rule=rule,
        rounding=rounding,
        cap=cap,
        members=tuple(
            _member_share(member, rule, weights, portions[member.code], member.code in capped)
            for member in ordered
        ),
        shortfall_yen=shortfall_yen,
        lead_code=lead_code,
        version_sha256=sha256_of(inputs),
    )


def _prefecture_yen(total_yen: int, part: Part) -> int:
    prefecture_yen = part.of(total_yen)
    if prefecture_yen > total_yen:
        message = f"都道府県負担分{yen(prefecture_yen)}が総額{yen(total_yen)}を超えています。"
        raise refuse("prefecture_part", message, "prefecture_part")
    return prefecture_yen


def sha256_of(data: Mapping[str, Any]) -> str:
    """The SHA-256 of canonical JSON: keys sorted, UTF-8, no spaces; exact numbers as strings."""
    text = json.dumps(
        data, sort_keys=True, ensure_ascii=False, separators=(",", ":"), default=_exact_text
    )
    return hashlib.sha256(text.encode()).hexdigest()


def _exact_text(value: object) -> str:
    if isinstance(value, Fraction | Decimal):
        return str(value)
    raise TypeError(f"not canonical: {value!r}")


def _member_inputs(member: Member) -> dict[str, Any]:
    figures = {name: getattr(member, name) for name in (*FIELD_LABELS, "ceiling_yen")}
    inputs = {name: value for name, value in figures.items() if value is not None}
    return {"code": member.code, "name": member.name} | inputs


def _check_members(total_yen: int, members: Sequence[Member]) -> None:
    if total_yen < 0:
        raise refuse(
            "total_negative", f"総額は0円以上にしてください（{yen(total_yen)}）。", "total"
        )
    if not members:
        raise refuse("no_members", "按分する団体がありません。")
    doubled = sorted(code for code, count in Counter(m.code for m in members).items() if count > 1)
    if doubled:
        raise refuse("member_twice", f"同じ団体が2回あります：{'、'.join(doubled)}", "code")


def _check_own_use(total_yen: int, members: Sequence[Member]) -> None:
    """実費 is what each uses: the parts are the total, or one of them is wrong."""
    if any(member.own_yen is None for member in members):
        return  # refused by name where the bases are looked at
    own_total = sum((Fraction(member.own_yen or 0) for member in members), Fraction(0))
    if own_total != total_yen:
        message = f"実費額の合計{decimal_text(own_total)}円が総額{yen(total_yen)}と一致しません。"
        raise refuse("own_use_total", message, "own_yen")


def _split(
    shared_yen: int,
    members: Sequence[Member],
    weights: Weights,
    rounding: Rounding,
    cap: Cap,
) -> tuple[dict[str, Portion], frozenset[str]]:
    if cap is Cap.NONE:
        return _round(shared_yen, weights, rounding), frozenset()
    caps = _caps_of(members)
    try:
        result = apply_cap(shared_yen, weights, caps)
    except CapImpossible as impossible:
        message = (
            "単独額を上限にすると負担しきれません。単独額の合計が"
            f"{yen(impossible.missing_yen)}足りません。"
        )
        raise refuse("cap_impossible", message, "cap") from None
    portions = _round(result.rest_yen, result.open_weights, rounding)
    for code in result.capped:
        alone = Weights(units={code: 1}, total=1)
        portions |= _round(caps[code], alone, rounding)
    return portions, result.capped


def _round(amount_yen: int, weights: Weights, rounding: Rounding) -> dict[str, Portion]:
    if rounding.floor_unit_yen is None:
        return split_by_largest_remainder(amount_yen, weights)
    return split_by_floor(amount_yen, weights, rounding.floor_unit_yen)


def _caps_of(members: Sequence[Member]) -> dict[str, int]:
    missing = [member.name for member in members if member.standalone_yen is None]
    if missing:
        message = f"単独額を上限にするには単独額が必要です：{'、'.join(missing)}"
        raise refuse("standalone_missing", message, "standalone_yen")
    return {member.code: member.standalone_yen or 0 for member in members}


def _check_shortfall(
    shortfall_yen: int,
    members: Sequence[Member],
    portions: Mapping[str, Portion],
    cap: Cap,
    lead_code: str | None,
) -> None:
    if lead_code is None:
        message = f"切捨てで{yen(shortfall_yen)}不足します。負担する幹事団体を指定してください。"
        raise refuse("lead_missing", message, "lead")
    lead = next((member for member in members if member.code == lead_code), None)
    if cap is Cap.NONE or lead is None:
        return
    over_yen = portions[lead_code].share_yen + shortfall_yen - (lead.standalone_yen or 0)
    if over_yen > 0:
        message = f"不足分を負担すると{lead.name}が単独額を{yen(over_yen)}超えます。"
        raise refuse("cap_impossible", message, "cap")


def _member_share(
    member: Member, rule: Rule, weights: Weights, portion: Portion, capped: bool
) -> MemberShare:
    share_yen = portion.share_yen
    alone = member.standalone_yen
    return MemberShare(
        code=member.code,
        name=member.name,
        bases=printed_bases(rule, member),
        ratio=weights.ratio(member.code),
        exact_yen=portion.exact_yen,
        floor_yen=portion.floor_yen,
        remainder_yen=portion.remainder_yen,
        share_yen=share_yen,
        capped=capped,
        standalone_yen=alone,
        saving_yen=None if alone is None else alone - share_yen,
        over_ceiling=member.ceiling_yen is not None and share_yen > member.ceiling_yen,
    )


def printed_bases(rule: Rule, member: Member) -> tuple[tuple[str, str], ...]:
    """(label, exact value) of each base the rule uses, enough to compute the ratio again."""
    if rule.method is Method.MIXED:
        return tuple(
            pair for percent, part in rule.parts if percent for pair in printed_bases(part, member)
        )
    base = base_of(rule, member)
    fields = fields_needed(rule)
    raw = [(FIELD_LABELS[name], str(getattr(member, name))) for name in fields]
    if rule.method in (Method.DEGRESSIVE, Method.BANDED) or len(fields) > 1:
        raw.append((rule.label, decimal_text(base)))
    return tuple(raw) or ((rule.label, "1"),)
