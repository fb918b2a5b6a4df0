"""A comparison as a file: one row per entry and item, so that it can be sorted and counted."""

import csv
import io
from collections.abc import Iterator

from catalog.presenters.comparison import Comparison
from catalog.presenters.comparison_prices import Prices
from foundation.text import harmless_cell

HEADING = (
    "番号",
    "名称",
    "版",
    "版の公開日",
    "実データ・架空データ",
    "掲載の状態",
    "区分",
    "項目",
    "値",
    "記載の有無",
    "比較の結果",
    "公開の範囲",
    "期限・確認の時期",
)
_COSTS = (
    ("once", "一時の費用（税抜）"),
    ("annual", "年額（税抜）"),
    ("annual_taxed", "年額（税込）"),
    ("together_once", "共同の場合の1団体の一時の費用（税抜・仮定による試算）"),
    ("together_annual", "共同の場合の1団体の年額（税抜・仮定による試算）"),
)


def comparison_csv(view: Comparison, prices: Prices) -> bytes:
    """UTF-8 with BOM; no cell is run as a formula by a spreadsheet."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(HEADING)
    for row in (*_answers(view), *_prices(view, prices)):
        writer.writerow([harmless_cell(cell) for cell in row])
    return text.getvalue().encode("utf-8-sig")


def _heads(view: Comparison) -> list[tuple[str, ...]]:
    return [
        (
            str(column.id),
            column.name,
            str(column.number),
            column.published,
            "架空データ" if column.fictional else "実データ",
            "掲載終了" if column.withdrawn else "掲載中",
        )
        for column in view.columns
    ]


def _answers(view: Comparison) -> Iterator[tuple[str, ...]]:
    heads = _heads(view)
    # The last group is of projects, which the page links; a file has no use for it.
    for group in view.groups[:-1]:
        for row in group.rows:
            for head, cell in zip(heads, row.cells, strict=True):
                yield (
                    *head,
                    group.title,
                    row.label,
                    cell.text if cell.stated else "",
                    "記載あり" if cell.stated else "記載なし",
                    row.agreement.label.lstrip("≠？ ") or "同じ",
                    "行政機関のみ" if row.government else "公開",
                    cell.stale,
                )


def _prices(view: Comparison, prices: Prices) -> Iterator[tuple[str, ...]]:
    heads = {int(head[0]): head for head in _heads(view)}
    for line in prices.lines:
        plan = f"{line.seller_name}「{line.plan_name}」"
        said = [(label, _plain(getattr(line, name))) for name, label in _COSTS]
        told = [(label, amount, "記載あり") for label, amount in said if amount]
        for label, amount, note in told or [("費用", "", f"計算していない（{line.reason}）")]:
            yield (
                *heads[line.offering_id],
                "費用",
                f"{plan}の{label}",
                amount,
                note,
                "",
                "公開",
                "",
            )
    for quantity in prices.quantities:
        item = f"{quantity.label}：{quantity.source}"
        yield ("",) * 5 + ("計算に使った数量", item, _plain(quantity.count), "", "", "公開", "")


def _plain(amount: str) -> str:
    """「1,200円」 as a program reads it."""
    return amount.removesuffix("円").replace(",", "").replace("−", "-")
