"""Words that several catalog pages share: names of codes, amounts, real and fictional counts."""

from datetime import date

from catalog.entries import PublicationStatus
from catalog.queries.cases import CaseRow, Counts
from catalog.queries.offerings import OfferingRow
from catalog.search.facets import FACETS
from foundation.clock import fiscal_year_label
from foundation.labels import LabelledEnum
from foundation.money import number, yen

FICTIONAL = ("架空", "fictional")


def label_of(kind: type[LabelledEnum], value: str) -> str:
    """The word for a stored code; a code nobody knows is shown as it is, '' stays ''."""
    return next((member.label for member in kind if member.value == value), value)


def prefecture_name(code: str | None) -> str:
    """「滋賀県」; '' for none."""
    labels = next(facet.labels for facet in FACETS if facet.name == "prefecture")
    return labels.get(code or "", "")


def tax_words(tax_included: bool | None) -> str:
    """「税込」「税抜」, or that the source does not say."""
    if tax_included is None:
        return "税込・税抜の記載なし"
    return "税込" if tax_included else "税抜"


def amount(yen_amount: int | None, tax_included: bool | None) -> str | None:
    """「1,200,000円（税込）」; None when not stated."""
    return None if yen_amount is None else f"{yen(yen_amount)}（{tax_words(tax_included)}）"


def counts_text(counts: Counts, unit: str = "件") -> str:
    """「実データ 3件・架空 12件」: never one sum."""
    return f"実データ {number(counts.real)}{unit}・架空 {number(counts.fictional)}{unit}"


def count_rows(rows: tuple[CaseRow, ...] | tuple[OfferingRow, ...]) -> Counts:
    """How many of the rows are real and how many fictional."""
    fictional = sum(row.fictional for row in rows)
    return Counts(real=len(rows) - fictional, fictional=fictional)


def fiscal_year_text(fiscal_year: int | None) -> str | None:
    """「令和8年度（2026年度）」; None when not stated."""
    return None if fiscal_year is None else fiscal_year_label(fiscal_year)


def count_text(count: int | None, unit: str) -> str | None:
    """「34団体」; None when not stated."""
    return None if count is None else f"{number(count)}{unit}"


def day_text(day: date | None) -> str | None:
    """「2026年4月1日」; None when not stated."""
    return None if day is None else f"{day.year}年{day.month}月{day.day}日"


def status_chips(row: OfferingRow) -> list[tuple[str, str]]:
    """The marks of an offering: fictional, no longer offered, not yet public."""
    chips = [FICTIONAL] if row.fictional else []
    if row.status != PublicationStatus.PUBLISHED.value:
        chips.append((label_of(PublicationStatus, row.status), "warning"))
    return chips
