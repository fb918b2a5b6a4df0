"""The evaluation sheet as text, CSV or JSON (surfaces: `flask procurement evaluate`)."""

import csv
import io
import json
from decimal import Decimal
from typing import Any

from foundation.money import number, yen
from foundation.text import harmless_cell
from procurement.domain.evaluation import Evaluated, Evaluation

_CSV_COLUMNS = (
    "rank",
    "bidder",
    "status",
    "total",
    "price_yen",
    "price_points",
    "price_formula",
)


def evaluation_json(sheet: Evaluation) -> str:
    """The JSON object of surfaces.md; points are decimal strings."""
    data: dict[str, Any] = {
        "proposals": [_row(line) for line in sheet.lines],
        "result": sheet.result,
        "preferred": sheet.preferred,
        "runner_up": sheet.runner_up,
        "lot_among": list(sheet.lot_among),
    }
    return json.dumps(data, ensure_ascii=False, indent=2)


def evaluation_csv(sheet: Evaluation) -> str:
    """A row per proposal: rank, totals, a column per criterion, the price formula, reasons."""
    keys = list(sheet.lines[0].points) if sheet.lines else []
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow([*_CSV_COLUMNS, *map(harmless_cell, keys), "reasons"])
    for line in sheet.lines:
        writer.writerow(
            [
                line.rank or "",
                harmless_cell(line.bidder),
                line.status,
                _text(line.total),
                line.price_yen,
                _text(line.price_points),
                line.price_formula,
                *(_text(line.points[key]) for key in keys),
                " ".join(line.reasons),
            ]
        )
    return out.getvalue()


def evaluation_text(sheet: Evaluation) -> str:
    """What a person reads on a terminal: a paragraph per proposal, each figure with its formula."""
    return "\n\n".join([*map(_paragraph, sheet.lines), _conclusion(sheet)])


def _paragraph(line: Evaluated) -> str:
    head = f"第{number(line.rank)}位" if line.rank else "失格"
    parts = [f"{head}  {line.bidder}  価格 {yen(line.price_yen)}"]
    parts += [f"    {key}  {points}点" for key, points in line.points.items()]
    if line.price_points is not None:
        parts.append(f"    価格点  {line.price_formula}点")
    if line.total is not None:
        parts.append(f"    合計  {line.total}点")
    return "\n".join([*parts, *(f"    理由：{reason}" for reason in line.reasons)])


def _conclusion(sheet: Evaluation) -> str:
    if sheet.result == "failed":
        return "結果：不調（順位の付く提案がありません）"
    if sheet.preferred is None:
        return f"結果：同点のためくじが必要です（{'、'.join(sheet.lot_among)}）"
    second = f"　次点者：{sheet.runner_up}" if sheet.runner_up else ""
    return f"結果：優先交渉権者 {sheet.preferred}{second}"


def _row(line: Evaluated) -> dict[str, Any]:
    return {
        "bidder": line.bidder,
        "rank": line.rank,
        "total": None if line.total is None else str(line.total),
        "points": {key: str(points) for key, points in line.points.items()},
        "price_points": None if line.price_points is None else str(line.price_points),
        "price_formula": line.price_formula,
        "status": line.status,
        "reasons": list(line.reasons),
    }


def _text(points: Decimal | None) -> str:
    return "" if points is None else str(points)
