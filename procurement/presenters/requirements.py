"""Requirements in words: the matrix, its counts, and what stands out."""

from collections.abc import Sequence
from dataclasses import dataclass

from foundation.filters import number, yen
from procurement.domain.requirements import UNANSWERED, Comparison, Settled, Summary
from procurement.queries.requirements import ColumnRow, LineRow, MatrixPage


@dataclass(frozen=True, kw_only=True)
class LineView:
    """A line of the matrix. chips: (text, tone). cells: the wishes of the page's bodies."""

    id: int
    text: str
    detail: str
    origin: str
    settled: str
    counts: tuple[str, ...]
    chips: tuple[tuple[str, str], ...]
    customization: str
    cells: tuple[str, ...]


def line_views(page: MatrixPage) -> tuple[LineView, ...]:
    """Every line with the columns of this page, if the reader sees them."""
    columns = page.columns.rows if page.columns else ()
    pairs = zip(page.lines, page.comparisons, strict=True)
    return tuple(_line_view(row, each, columns) for row, each in pairs)


def _line_view(row: LineRow, each: Comparison, columns: Sequence[ColumnRow]) -> LineView:
    line = row.line
    figures = (each.must, each.wanted, each.not_needed, each.unanswered)
    return LineView(
        id=line.id,
        text=line.text,
        detail=line.detail,
        origin=line.origin.label,
        settled=line.settled.label,
        counts=tuple(number(figure) for figure in figures),
        chips=_chips(each),
        customization=customization_text(each),
        cells=tuple(wish_text(column, line.id) for column in columns),
    )


def wish_text(column: ColumnRow, key: int) -> str:
    """「必須」, 「必須（調査）」 from the survey, or 「未回答」: silence is never 「不要」."""
    wish = column.wishes.get(key)
    if wish is None:
        return UNANSWERED
    return f"{wish.label}（調査）" if key in column.from_survey else wish.label


def _chips(each: Comparison) -> tuple[tuple[str, str], ...]:
    chips = []
    if each.is_conflict:
        chips.append(("団体で食い違い", "warning"))
    if each.leaves_somebody_without:
        chips.append((f"{number(each.must)}団体が必須", "warning"))
    if each.line.settled is Settled.OPEN:
        chips.append(("未決定", "neutral"))
    return tuple(chips)


def customization_text(each: Comparison) -> str:
    """「改修 1,200,000円（税抜）」, 「改修 未見積」, or a dash."""
    if not each.line.customization:
        return "—"
    amount = each.line.customization_yen
    return "改修（未見積）" if amount is None else f"改修 {yen(amount)}（税抜）"


def summary_rows(page: MatrixPage) -> list[tuple[str, str]]:
    """The list in figures."""
    summary = page.summary
    return [
        ("要件", f"{number(summary.lines)}件（未決定 {number(summary.undecided)}件）"),
        ("回答した団体", f"{number(page.answered)}団体／{number(page.asked)}団体"),
        ("団体で食い違う要件", f"{number(summary.conflicts)}件"),
        ("改修を伴う要件", _customizations(summary)),
    ]


def _customizations(summary: Summary) -> str:
    if not summary.customizations:
        return "0件"
    unpriced = f"、ほかに未見積{number(summary.unpriced)}件" if summary.unpriced else ""
    priced = f"合計{yen(summary.customization_yen)}（税抜）{unpriced}"
    return f"{number(summary.customizations)}件、{priced}"
