"""What a workbook's cells do not tell their reader: formulas without a result, error values.

The reader of tables gives an empty text for both, which nobody would tell from an empty cell.
"""

import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from html import unescape
from pathlib import Path

_CHUNK_BYTES = 1024 * 1024
_SHEET = re.compile(rb"<(?:\w+:)?sheet\s([^>]*)>")
_RELATION = re.compile(rb"<(?:\w+:)?Relationship\s([^>]*)>")
_ATTRIBUTE = re.compile(rb"""([\w:]+)\s*=\s*(?:"([^"]*)"|'([^']*)')""")
_CELL = re.compile(rb"<(?:\w+:)?c\s([^>]*[^/])>(.*?)</(?:\w+:)?c>", re.S)
_FORMULA = re.compile(rb"<(?:\w+:)?f[\s/>]")
_RESULT = re.compile(rb"<(?:\w+:)?v>[^<]")
_BEGIN = re.compile(rb"<(?:\w+:)?c\s")
_PLACE = re.compile(r"([A-Z]+)(\d+)")


@dataclass(frozen=True, kw_only=True)
class UnreadCell:
    """A cell whose value is not in the file. column: letters, line: from 1."""

    column: str
    line: int
    reason: str


def find_unread_cell(path: Path, sheet: str) -> UnreadCell | None:
    """The first cell of that sheet whose value cannot be known, if there is one."""
    with zipfile.ZipFile(path) as archive:
        part = _part_of(archive, sheet)
        return next(_unread_cells(archive, part), None) if part else None


def _part_of(archive: zipfile.ZipFile, sheet: str) -> str:
    """The name of the sheet's part in the archive; '' if the workbook does not say."""
    relations = {
        found["Id"]: found["Target"]
        for found in _tags(archive, "xl/_rels/workbook.xml.rels", _RELATION)
        if "Id" in found and "Target" in found
    }
    for found in _tags(archive, "xl/workbook.xml", _SHEET):
        if found.get("name") == sheet:
            target = relations.get(found.get("r:id", ""), "")
            part = target.removeprefix("/") if target.startswith("/") else f"xl/{target}"
            return part if part in archive.namelist() else ""
    return ""


def _tags(archive: zipfile.ZipFile, part: str, tag: re.Pattern[bytes]) -> Iterator[dict[str, str]]:
    if part not in archive.namelist():
        return
    for found in tag.findall(archive.read(part)):
        yield {
            name.decode(): unescape((double or single).decode("utf-8", errors="replace"))
            for name, double, single in _ATTRIBUTE.findall(found)
        }


def _unread_cells(archive: zipfile.ZipFile, part: str) -> Iterator[UnreadCell]:
    rest = b""
    with archive.open(part) as file:
        while chunk := file.read(_CHUNK_BYTES):
            text = rest + chunk
            for attributes, inside in _CELL.findall(text):
                reason = _reason(attributes, inside)
                if reason:
                    yield _at(attributes, reason)
            starts = [found.start() for found in _BEGIN.finditer(text, max(0, len(text) - 65_536))]
            rest = text[starts[-1] :] if starts else b""


def _reason(attributes: bytes, inside: bytes) -> str:
    if b't="e"' in attributes or b"t='e'" in attributes:
        return "エラー値（#REF! など）が入っています。値に直してください。"
    # An empty text is a result too.
    has_result = _RESULT.search(inside) or b't="str"' in attributes
    if _FORMULA.search(inside) and not has_result:
        return "数式の結果が保存されていません。値に直すか、表計算ソフトで保存し直してください。"
    return ""


def _at(attributes: bytes, reason: str) -> UnreadCell:
    found = {name: double or single for name, double, single in _ATTRIBUTE.findall(attributes)}
    place = _PLACE.fullmatch(found.get(b"r", b"").decode(errors="replace"))
    column, line = place.groups() if place else ("?", "0")
    return UnreadCell(column=column, line=int(line), reason=reason)
