"""CSV and plain text: readable characters only, and nothing a spreadsheet would calculate."""

import csv
import re

from foundation.uploads.kinds import CSV, TAKEN, TEXT, FileKind, refused

_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0e-\x1f\x7f-\x84\x86-\x9f\ufffe\uffff]")
_TURNING = re.compile("[\u202a-\u202e\u2066-\u2069]")  # make text read otherwise than it is
_PROGRAMS = ("<!doctype", "<html", "<script", "<svg", "<?", "{\\rtf", "#!", "%!", "mz", "<%")
# What a spreadsheet takes for a formula; -5 and +81-3 are none.
_FORMULA = re.compile(r"\s*(?:[=@]|[+\-][^0-9\s.,]*[(|!])")


def check_text(content: bytes) -> FileKind:
    """Which of the two it is. Raises Refused."""
    text = _decode(content)
    if text.lstrip().lower().startswith(_PROGRAMS) or _CONTROLS.search(text):
        raise _unknown()
    if _TURNING.search(text):
        raise refused("turning", "文字の向きを変える記号が含まれています。取り除いてください。")
    rows = list(_rows(text))
    for line, row in enumerate(rows, start=1):
        for column, cell in enumerate(row, start=1):
            if _FORMULA.match(cell):
                message = f"{line}行目の{column}列目が計算式として読まれます。値に直してください。"
                raise refused("formula", message)
    widths = {len(row) for row in rows if row}
    return CSV if len(rows) > 1 and len(widths) == 1 and widths != {1} else TEXT


def _decode(content: bytes) -> str:
    for encoding in ("utf-8-sig", "cp932"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise _unknown()


def _rows(text: str) -> list[list[str]]:
    try:
        return list(csv.reader(text.splitlines()))
    except csv.Error:
        return [[line] for line in text.splitlines()]


def _unknown() -> Exception:
    return refused("unknown_kind", f"受け取れる形式は、{TAKEN}です。中身がどれでもありません。")
