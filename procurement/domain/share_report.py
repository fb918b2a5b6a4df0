"""A share table as text, CSV or JSON (surfaces: `flask procurement share`)."""

import csv
import io
import json
import unicodedata
from typing import Any

from foundation.money import number, yen
from foundation.text import harmless_cell
from procurement.domain.allocation import Allocation, MemberShare

CSV_COLUMNS = (
    "code",
    "name",
    "ratio",
    "share_yen",
    "standalone_yen",
    "saving_yen",
    "over_ceiling",
)
_HEADINGS = ("コード", "団体", "基礎", "比率", "負担額", "単独額", "差額", "備考")
_RIGHT = frozenset({"比率", "負担額", "単独額", "差額"})


def share_json(allocation: Allocation) -> str:
    """The JSON object of surfaces.md; members by code, ratio a decimal string."""
    members = [_row(member) for member in allocation.members]
    data: dict[str, Any] = {
        "total_yen": allocation.total_yen,
        "rule": allocation.rule.text,
        "rounding": allocation.rounding.text,
        "prefecture_yen": allocation.prefecture_yen,
        "members": members,
        "shortfall_yen": allocation.shortfall_yen,
        "lead_code": allocation.lead_code,
        "version_sha256": allocation.version_sha256,
    }
    return json.dumps(data, ensure_ascii=False, indent=2)


def share_csv(allocation: Allocation) -> str:
    """A row per body, then prefecture's part and shortfall: share_yen sums to the total."""
    out = io.StringIO()
    writer = csv.DictWriter(out, CSV_COLUMNS, lineterminator="\r\n")
    writer.writeheader()
    for member in allocation.members:
        row = _row(member) | {"name": harmless_cell(member.name)}
        writer.writerow({n: "" if v is None else v for n, v in row.items()})
    for name, amount_yen in _other_lines(allocation):
        writer.writerow({"name": name, "share_yen": amount_yen})
    return out.getvalue()


def share_text(allocation: Allocation) -> str:
    """The table a person reads on a terminal; full-width characters take two columns."""
    rows = [_text_row(member) for member in allocation.members]
    rows += [
        ("", name, "", "", number(amount), "", "", "") for name, amount in _other_lines(allocation)
    ]
    rows.append(("", "合計", "", "", number(allocation.total_yen), "", "", ""))
    widths = [max(_width(row[i]) for row in [_HEADINGS, *rows]) for i in range(len(_HEADINGS))]
    lines = [
        f"総額 {yen(allocation.total_yen)}　負担ルール {allocation.rule.label}"
        f"　端数処理 {allocation.rounding.label}　{allocation.cap.label}",
        _line(_HEADINGS, widths),
        "-" * (sum(widths) + 2 * (len(widths) - 1)),
        *(_line(row, widths) for row in rows),
        f"検証値 SHA-256 {allocation.version_sha256}",
    ]
    return "\n".join(lines)


def _row(member: MemberShare) -> dict[str, Any]:
    return {
        "code": member.code,
        "name": member.name,
        "share_yen": member.share_yen,
        "ratio": member.ratio_text,
        "standalone_yen": member.standalone_yen,
        "saving_yen": member.saving_yen,
        "over_ceiling": member.over_ceiling,
    }


def _other_lines(allocation: Allocation) -> list[tuple[str, int]]:
    lines = []
    if allocation.prefecture_yen:
        lines.append(("都道府県負担分", allocation.prefecture_yen))
    if allocation.shortfall_yen:
        lines.append(
            (f"切捨て不足分（幹事団体 {lead_name(allocation)}）", allocation.shortfall_yen)
        )
    return lines


def lead_name(allocation: Allocation) -> str:
    """The lead's name where it is a member, else its code."""
    names = {member.code: member.name for member in allocation.members}
    return names.get(allocation.lead_code or "", allocation.lead_code or "")


def _text_row(member: MemberShare) -> tuple[str, ...]:
    notes = ["単独額で頭打ち"] * member.capped + ["上限超過"] * member.over_ceiling
    return (
        member.code,
        member.name,
        " ".join(f"{label} {value}" for label, value in member.bases),
        f"{float(member.ratio) * 100:.4f}%",
        number(member.share_yen),
        "" if member.standalone_yen is None else number(member.standalone_yen),
        "" if member.saving_yen is None else number(member.saving_yen),
        " ".join(notes),
    )


def _line(cells: tuple[str, ...], widths: list[int]) -> str:
    parts = []
    for heading, cell, width in zip(_HEADINGS, cells, widths, strict=True):
        space = " " * (width - _width(cell))
        parts.append(space + cell if heading in _RIGHT else cell + space)
    return "  ".join(parts).rstrip()


def _width(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(ch) in "WF" else 1 for ch in text)
