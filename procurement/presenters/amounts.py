"""Own figures in words: ranges of yen, per year and over the term, always with their basis."""

from collections.abc import Sequence
from dataclasses import dataclass

from catalog.plan_units import Unit
from foundation.clock import fiscal_year_label
from foundation.filters import number, yen
from procurement.domain.estimates import NO_PRODUCT_CHOSEN, YenRange
from procurement.queries.own_figures import OwnFigures, in_place_of


@dataclass(frozen=True, kw_only=True)
class OwnFiguresView:
    """What the join page shows of the body's own figures; None figures: see reasons.

    years: fiscal year, what it pays, alone, difference.
    """

    known: bool
    joint: str
    alone: str
    saving: str
    worse_off: bool
    note: str
    years: Sequence[tuple[str, str, str, str]]
    inputs: Sequence[tuple[str, str]]
    reasons: Sequence[str]
    quantity: int | None
    unit: str


UNIT_SUFFIXES = {
    Unit.RESIDENT: "人",
    Unit.HOUSEHOLD: "世帯",
    Unit.ACCOUNT: "アカウント",
    Unit.DEVICE: "台",
    Unit.SCHOOL: "校",
    Unit.METER: "個",
    Unit.CASE: "件",
    Unit.CHARACTER: "文字",
}


def unit_suffix(unit: str) -> str:
    """What is written behind a quantity: 「1,200人」, 「300アカウント」."""
    return UNIT_SUFFIXES.get(Unit(unit), Unit(unit).label)


def range_text(amount: YenRange | None) -> str:
    """「1,200,000円」 or 「1,200,000〜1,350,000円」."""
    if amount is None:
        return "記載なし"
    if amount.is_single:
        return yen(amount.low_yen)
    return f"{number(amount.low_yen)}〜{yen(amount.high_yen)}"


def own_figures_view(own: OwnFigures, unit: str) -> OwnFiguresView:
    """The figures with everything they rest on."""
    figures, terms = own.figures, own.terms
    label = unit_suffix(unit)
    saving = figures.saving if figures else None
    return OwnFiguresView(
        known=figures is not None,
        joint=range_text(figures.total if figures else None),
        alone=range_text(figures.standalone if figures else None),
        saving=range_text(saving),
        worse_off=saving is not None and saving.low_yen < 0,
        note=_note(own),
        years=[
            (
                fiscal_year_label(row.fiscal_year),
                range_text(row.joint),
                range_text(row.standalone),
                range_text(row.saving),
            )
            for row in (figures.years if figures else ())
        ],
        inputs=[
            ("数量", f"{number(own.quantity)}{label}（{own.quantity_source}）"),
            ("人口", _population_text(own)),
            ("負担ルール", terms.rule_label if terms else "未定"),
            ("試算の前提", f"{own.basis_count}件の料金プラン（{NO_PRODUCT_CHOSEN}）"),
            ("計算に入れた団体", f"{own.member_count}団体（自団体を含む）{_estimated(own)}"),
        ],
        reasons=[blocker.message for blocker in own.blockers],
        quantity=own.quantity,
        unit=label,
    )


def _estimated(own: OwnFigures) -> str:
    """What a reader must know of the other member's quantity."""
    words = "。もう1団体の数量は、公表された人口などからの見込みです"
    return words if own.others_estimated else ""


def _population_text(own: OwnFigures) -> str:
    source = own.terms.population_source.label if own.terms else "住民基本台帳（2025年1月1日）"
    if own.fictional:
        source = in_place_of(source)
    return f"{number(own.population)}人（{source}）" if own.population else f"記載なし（{source}）"


def _note(own: OwnFigures) -> str:
    if own.terms is None or own.figures is None:
        return ""
    months = own.terms.term_months
    total = own.figures.total
    per_year = YenRange(
        low_yen=total.low_yen * 12 // months, high_yen=total.high_yen * 12 // months
    )
    return (
        f"{months}か月の合計・税込。1年あたり{range_text(per_year)}。"
        "差額は単独額から負担額を引いたもので、マイナスは単独より高くなることを示します。"
    )
