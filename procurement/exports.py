"""Needs as a CSV file for those who may read all of it."""

import csv
import io
from collections.abc import Iterable

from foundation.text import harmless_cell
from procurement.queries.needs import OwnNeedRow

BOM = "\ufeff"  # what a Japanese spreadsheet needs to read UTF-8
COLUMNS = (
    "団体コード",
    "団体名",
    "架空",
    "システム種別コード",
    "システム種別",
    "状態",
    "いつから必要か",
    "今の契約の終わり",
    "今の年額（税込・円）",
    "数量",
    "数量の単位",
    "利用するネットワーク",
    "欠かせない条件",
    "進められない理由",
    "代理入力した人",
)


def needs_csv(rows: Iterable[OwnNeedRow]) -> str:
    """One line per need; codes as they are stored, 「|」 between several."""
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for row in rows:
        writer.writerow([harmless_cell(cell) for cell in _cells(row)])
    return BOM + file.getvalue()


def _cells(row: OwnNeedRow) -> list[str]:
    need = row.need
    return [
        need.body_code,
        need.body_name,
        "架空" if need.fictional else "",
        need.system_type_code,
        need.system_type_name,
        need.status.label,
        f"{need.wanted_from:%Y-%m}",
        _text(need.contract_ends_on),
        _text(row.annual_cost_yen),
        _text(need.quantity),
        need.unit,
        need.network.label,
        "|".join(each.label for each in need.must_haves),
        row.obstacles,
        row.entered_by,
    ]


def _text(value: object) -> str:
    return "" if value is None else str(value)
