"""The ledger in words: by fiscal year, what to check before collecting, the lines of a CSV."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from catalog.pricing import Kind
from foundation.clock import fiscal_year_label
from procurement.domain.contracts import CHARGES, Membership
from procurement.domain.ledger import PaymentRoute
from procurement.queries.ledger import PeriodSums
from procurement.queries.ledger_month import EntryRow, LineRow

COLLECTING_NOTE = (
    "ほかの団体から集めて事業者に支払うときは、根拠となる規約・協定・条例・財務規則を"
    "自団体で確かめてください。国の保管金に関する法律は国の取扱いについてのもので、"
    "都道府県や市町村が集めることの根拠にはなりません。画面は適法かどうかを判断しません。"
)
_MONEY = (
    "vendor_yen",
    "owed_yen",
    "parts_yen",
    "received_yen",
    "open_yen",
    "overpaid_yen",
    "paid_yen",
)
LABELS = {
    "vendor_yen": "事業者の請求",
    "owed_yen": "団体の負担",
    "parts_yen": "都道府県・交付金",
    "received_yen": "収納",
    "open_yen": "未収",
    "overpaid_yen": "過納",
    "paid_yen": "事業者へ支払",
}


# So many months are listed at once; of a longer ledger those of one fiscal year.
MONTHS_AT_ONCE = 24


@dataclass(frozen=True, kw_only=True)
class SumLine:
    """A row of sums. path: last part of the month's address, '' for a year.

    year: of a year, where its months are shown only when asked for; else None.
    """

    label: str
    amounts: tuple[int, ...]
    path: str = ""
    closed: bool = False
    year: int | None = None


@dataclass(frozen=True, kw_only=True)
class MonthsShown:
    """The months a page lists. year: of which fiscal year, None for all there are."""

    rows: tuple[PeriodSums, ...]
    year: int | None

    @property
    def caption(self) -> str:
        """What the table of months is called."""
        return "月ごとの合計" if self.year is None else f"月ごとの合計（{self.year}年度）"


def months_shown(rows: Sequence[PeriodSums], asked: int | None) -> MonthsShown:
    """All months of a short ledger; of a long one a fiscal year, the newest if none is asked."""
    if len(rows) <= MONTHS_AT_ONCE:
        return MonthsShown(rows=tuple(rows), year=None)
    years = {row.fiscal_year for row in rows}
    year = asked if asked in years else max(years)
    return MonthsShown(rows=tuple(row for row in rows if row.fiscal_year == year), year=year)


def columns(rows: Sequence[PeriodSums], route: PaymentRoute | None) -> tuple[str, ...]:
    """The sums this reader sees, in the order of the road the money takes."""
    collected = ("owed_yen", "parts_yen", "received_yen", "open_yen", "overpaid_yen")
    hidden = collected if route is PaymentRoute.INDIVIDUAL else ()
    return tuple(
        name
        for name in _MONEY
        if name not in hidden and (not rows or getattr(rows[0], name) is not None)
    )


def year_lines(rows: Sequence[PeriodSums], names: Sequence[str]) -> tuple[SumLine, ...]:
    """One row per fiscal year, newest first."""
    of_year: dict[int, list[PeriodSums]] = {}
    for row in rows:
        of_year.setdefault(row.fiscal_year, []).append(row)
    return tuple(
        SumLine(
            label=fiscal_year_label(year),
            amounts=tuple(sum(getattr(row, name) or 0 for row in months) for name in names),
            year=year if len(rows) > MONTHS_AT_ONCE else None,
        )
        for year, months in sorted(of_year.items(), reverse=True)
    )


def month_lines(rows: Sequence[PeriodSums], names: Sequence[str]) -> tuple[SumLine, ...]:
    """One row per month, newest first."""
    return tuple(
        SumLine(
            label=f"{row.period.year}年{row.period.month}月分",
            amounts=tuple(getattr(row, name) or 0 for name in names),
            path=f"{row.period:%Y-%m}",
            closed=row.closed,
        )
        for row in rows
    )


CSV_COLUMNS = (
    "project_id",
    "entry_number",
    "entry_kind",
    "reverses",
    "period",
    "posted_in",
    "category",
    "tax_percent",
    "vendor_invoice_number",
    "invoiced_on",
    "due_on",
    "payer",
    "payer_code",
    "payer_name",
    "measure",
    "value",
    "unit",
    "fictional",
)


def csv_rows(
    project_id: int, fictional: bool, entries: Iterable[EntryRow], lines: Sequence[LineRow]
) -> list[list[str]]:
    """Long form, one row per measure: an entry's own amounts, then each payer's."""
    by_number: dict[int, list[LineRow]] = {}
    for line in lines:
        by_number.setdefault(line.number, []).append(line)
    found = []
    for entry in entries:
        head = _entry_cells(project_id, entry)
        measures = [("vendor_invoice_yen", entry.amount_yen), ("vendor_paid_yen", entry.paid_yen)]
        found += [
            _row(head, ["vendor", "", entry.vendor_name], each, fictional) for each in measures
        ]
        for line in by_number.get(entry.number, []):
            payer = [line.payer.value, line.body_code, line.name]
            amounts = [("invoice_yen", line.amount_yen)]
            if line.amount_yen > 0:
                amounts += [("received_yen", line.receipt_yen), ("open_yen", line.open_yen)]
            found += [_row(head, payer, measure, fictional) for measure in amounts]
    return found


def _entry_cells(project_id: int, entry: EntryRow) -> list[str]:
    return [
        str(project_id),
        str(entry.number),
        entry.kind,
        str(entry.reverses or ""),
        f"{entry.period:%Y-%m}",
        f"{entry.posted_in:%Y-%m}",
        entry.category,
        f"{entry.tax_percent:f}",
        entry.vendor_number,
        entry.invoiced_on.isoformat(),
        entry.due_on.isoformat(),
    ]


def _row(head: list[str], payer: list[str], measure: tuple[str, int], fictional: bool) -> list[str]:
    return [*head, *payer, measure[0], str(measure[1]), "円", "1" if fictional else "0"]


def category_label(value: str) -> str:
    """「運用費」."""
    return Kind(value).label


def charge_label(membership: str) -> str:
    """What an association's invoice to that kind of body is called: 「特別負担金」."""
    return CHARGES[Membership(membership)]
