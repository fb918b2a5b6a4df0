"""The awarded price and the final shares in words and rows, as the sharing page shows them."""

from collections.abc import Mapping
from dataclasses import dataclass

from foundation.filters import yen
from procurement.domain.award_costs import AWARD_PARTS
from procurement.queries.award_costs import AwardBasis
from procurement.queries.final_shares import FinalRow, FinalShares

PART_LABELS: Mapping[str, str] = {
    "initial": "初期費用（一時）",
    "monthly": "運用費（毎月）",
    "yearly": "運用費（契約年ごと）",
}
HIDDEN = "—"


@dataclass(frozen=True, kw_only=True)
class PartView:
    """One part of the breakdown, tax-excluded yen."""

    label: str
    each_yen: int
    count: int
    total_yen: int


@dataclass(frozen=True, kw_only=True)
class FinalView:
    """A body's line: amounts as texts where the reader may not see them."""

    code: str
    name: str
    maximum: str
    final_yen: int
    difference: str
    relation: str
    answer: str


@dataclass(frozen=True, kw_only=True)
class AwardView:
    """Everything the section shows."""

    facts: tuple[tuple[str, str], ...]
    parts: tuple[PartView, ...]
    total_yen: int
    note: str
    rows: tuple[FinalView, ...]


def award_view(award: AwardBasis, final: FinalShares) -> AwardView:
    """For members of the project."""
    above = sum(row.above for row in final.rows)
    fixed = "確定済み" if final.fixed else "まだ確定していません"
    return AwardView(
        facts=(
            ("決定した額（期間合計・税抜）", yen(award.price_yen)),
            ("最終の負担案", fixed),
            ("上限を超えない団体", f"{len(final.rows) - above}団体"),
            ("上限を超える団体", f"{above}団体"),
        ),
        parts=_parts(award),
        total_yen=award.total_yen,
        note=_note(award),
        rows=tuple(_row(row) for row in final.rows),
    )


def _parts(award: AwardBasis) -> tuple[PartView, ...]:
    return tuple(
        PartView(
            label=PART_LABELS[key],
            each_yen=award.breakdown.of(key),
            count=award.counts[key],
            total_yen=award.breakdown.of(key) * award.counts[key],
        )
        for key in AWARD_PARTS
        if award.breakdown.of(key)
    )


def _note(award: AwardBasis) -> str:
    missing = award.price_yen - award.total_yen
    origin = "幹事団体が定めた内訳です。" if award.number else "試算の割合による内訳の案です。"
    if not missing:
        return f"{origin}合計は決定した額と1円まで一致します。"
    return f"{origin}決定した額より{yen(missing)}少ない理由：{award.reason}"


def _row(row: FinalRow) -> FinalView:
    difference = row.difference_yen
    return FinalView(
        code=row.code,
        name=row.name,
        maximum=HIDDEN if row.maximum_yen is None else yen(row.maximum_yen),
        final_yen=row.final_yen,
        difference=HIDDEN if difference is None else yen(difference),
        relation="上限を超える（あらためて同意が必要）" if row.above else "上限を超えない",
        answer=row.answer,
    )
