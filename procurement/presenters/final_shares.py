"""The awarded price and the final shares in words and rows, as the sharing page shows them."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from foundation.filters import yen
from procurement.domain.award_bills import Due
from procurement.queries.award_costs import AwardBasis
from procurement.queries.final_shares import FinalRow, FinalShares

PART_LABELS: Mapping[str, str] = {
    "initial": "初期費用（一時）",
    "monthly": "運用費（毎月）",
    "yearly": "運用費（契約年ごと）",
    "option_once": "オプション（一時）",
    "option_monthly": "オプション（毎月）",
    "option_yearly": "オプション（契約年ごと）",
}
HIDDEN = "—"
PROPOSED = "試算の割合による内訳の案です。割り切れない端数は最初の請求に含めます。"
TYPED = "幹事団体が定めた内訳です。"
TYPED_FOR_WAVES = (
    "毎回の額は参加団体が増減しても同じで、そのとき参加している団体で分け直すため、"
    "各団体の割合は試算から変わります。"
)


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
    """Everything the section shows. parts: none where each body has its own price.

    redistributes: typed amounts shift cost between bodies. options_yen: what options make of
    the price; no typed amount stands for them.
    """

    facts: tuple[tuple[str, str], ...]
    parts: tuple[PartView, ...]
    total_yen: int
    note: str
    rows: tuple[FinalView, ...]
    redistributes: bool = False
    options_yen: int = 0


def award_view(award: AwardBasis, final: FinalShares) -> AwardView:
    """For members of the project."""
    return AwardView(
        facts=(("決定した額（期間合計・税抜）", yen(award.price_yen)), *_how_far(final)),
        parts=_parts(award),
        total_yen=award.total_yen,
        note=_note(award),
        rows=tuple(_row(row) for row in final.rows),
        redistributes=award.stays_differ,
        options_yen=award.options_yen,
    )


def requote_view(final: FinalShares) -> AwardView:
    """For the lead: each body's share is its own re-quote; the newest price of each counts."""
    price_yen = sum(row.final_yen for row in final.rows)
    return AwardView(
        facts=(
            ("金額の決め方", "団体ごとの再見積（負担ルールでは分けません）"),
            ("最終の負担額の合計（期間合計・税込）", yen(price_yen)),
            *_how_far(final),
        ),
        parts=(),
        total_yen=price_yen,
        note="",
        rows=tuple(_row(row) for row in final.rows),
    )


def _how_far(final: FinalShares) -> tuple[tuple[str, str], ...]:
    above = sum(row.above for row in final.rows)
    fixed = "確定済み" if final.fixed else "まだ確定していません"
    return (
        ("最終の負担案", fixed),
        ("上限を超えない団体", f"{len(final.rows) - above}団体"),
        ("上限を超える団体", f"{above}団体"),
    )


def _parts(award: AwardBasis) -> tuple[PartView, ...]:
    rows = Counter(each.key for each in award.due)
    return tuple(
        PartView(
            label=_part_label(each, rows[each.key]),
            each_yen=each.each_yen,
            count=each.count,
            total_yen=each.each_yen * each.count,
        )
        for each in award.due
    )


def _part_label(due: Due, rows: int) -> str:
    """With its first month where the part has several amounts."""
    first = f"・{due.first.year}年{due.first.month}月から" if rows > 1 else ""
    return f"{PART_LABELS[due.key]}{first}"


def _note(award: AwardBasis) -> str:
    missing = award.price_yen - award.total_yen
    origin = TYPED if award.number else PROPOSED
    if award.number and award.stays_differ:
        origin += TYPED_FOR_WAVES
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
