"""Answers to a request for information, side by side, and where each price stands."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from catalog.plan_units import Unit
from foundation.filters import jst, number, yen
from procurement.domain.quotes import NormalQuote
from procurement.domain.scrutiny import Place, Scrutiny, band_label, size_band
from procurement.presenters.amounts import unit_suffix
from procurement.queries.rfi import AnswerRow

NOT_BINDING = "参考見積です。契約を約束するものではなく、特定の製品を選ぶものでもありません。"


@dataclass(frozen=True, kw_only=True)
class QuoteView:
    """One answer as a list of label and text. asks: a question worth putting to the vendor."""

    name: str
    fictional: bool
    answered_at: str
    rows: tuple[tuple[str, str], ...]
    asks: str


def quote_views(
    answers: Sequence[AnswerRow], unit: str, years: int, residents: int
) -> tuple[QuoteView, ...]:
    """Every answer in the order of arrival."""
    return tuple(_view(row, unit, years, residents) for row in answers)


def quote_rows(quote: NormalQuote, unit: str, years: int) -> list[tuple[str, str]]:
    """The normalised figures in words."""
    per_year = "、".join(f"{n}年目 {yen(amount)}" for n, amount in enumerate(quote.by_year, 1))
    one = unit_suffix(unit)
    resident = "—" if quote.per_resident is None else f"{quote.per_resident}円"
    each = "—" if quote.per_unit is None else f"{quote.per_unit}円"
    return [
        ("初期費用（税抜）", yen(quote.initial_yen)),
        ("年額（税抜）", yen(quote.annual_yen)),
        ("年ごとの額（税抜）", per_year),
        (f"{years}年間の合計（税抜）", yen(quote.total_yen)),
        (f"{years}年間の合計（税込）", yen(quote.total_taxed_yen)),
        (f"1団体当たり（{years}年間・税抜）", yen(quote.per_body_yen)),
        ("住民1人当たりの年額（税抜）", resident),
        (f"1{one}当たりの年額（税抜）", each),
        ("料金に含まれるか分からないもの・含まないもの", missing_text(quote)),
    ]


def missing_text(quote: NormalQuote) -> str:
    """「移行（別料金）、研修（記載なし）」 or 「なし」."""
    return "、".join(f"{item.label}（{how.label}）" for item, how in quote.missing) or "なし"


def scrutiny_text(scrutiny: Scrutiny | None, residents: int) -> str:
    """n, median, quartiles and the place; or that there is too little to compare with."""
    if scrutiny is None:
        return "住民の数がわからないため比べられません。"
    band = band_label(size_band(residents))
    if scrutiny.place is Place.TOO_FEW:
        return f"{scrutiny.place.label}（同じ種別・{band}の事例と見積は{number(scrutiny.count)}件）"
    return (
        f"{scrutiny.place.label}（同じ種別・{band}の{number(scrutiny.count)}件の住民1人当たりの年額："
        f"第1四分位 {_tenth(scrutiny.first)}、中央値 {_tenth(scrutiny.median)}、"
        f"第3四分位 {_tenth(scrutiny.third)}）"
    )


def _tenth(value: Fraction | None) -> str:
    return "—" if value is None else f"{round(value * 10) / 10}円"


def _view(row: AnswerRow, unit: str, years: int, residents: int) -> QuoteView:
    if row.quote is None:
        units = "、".join(Unit(each).label for each in row.units_missing)
        text = f"{units}の数量がないため計算できません。" if units else "参加団体がまだありません。"
        rows: list[tuple[str, str]] = [("計算", text)]
    else:
        rows = quote_rows(row.quote, unit, years)
        rows.append(("見積の比較", scrutiny_text(row.scrutiny, residents)))
    rows += [
        ("料金に含まないもの（事業者の記入）", row.not_included or "記載なし"),
        ("価格の根拠（事業者の記入）", row.price_basis or "記載なし"),
    ]
    asks = row.scrutiny is not None and row.scrutiny.asks
    return QuoteView(
        name=row.vendor_name,
        fictional=row.fictional,
        answered_at=jst(row.answered_at),
        rows=tuple(rows),
        asks="価格がほかと離れています。単位・範囲・条件の違いを事業者に尋ねてください。"
        "高い・安いの判定ではありません。"
        if asks
        else "",
    )
