"""Lines of cells that are pasted from a spreadsheet or typed."""

import re

from foundation.text import normalize

_SEPARATOR = re.compile(r"[\t,、|｜]")
_STRONG = "\t、|｜"


def read_lines(text: str, columns: int, example: str) -> list[list[str]]:
    """Cells of lines pasted or typed. Raises ValueError naming the line that has too few."""
    rows = []
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip():
            continue
        cells = [normalize(cell) for cell in _split(line, columns)]
        if len(cells) != columns or not all(cells[-2:]):
            raise ValueError(f"{number}行目：{example}のように入力してください。")
        rows.append(cells)
    return rows


def _split(line: str, columns: int) -> list[str]:
    """By any separator; where that gives too many, the commas of figures like 105,600 stay."""
    cells = _SEPARATOR.split(line)
    strong = next((mark for mark in _STRONG if mark in line), None)
    return line.split(strong) if len(cells) > columns and strong else cells
