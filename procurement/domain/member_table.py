"""The members of a sharing, read from the CSV an office has (surfaces: UTF-8, BOM or CP932)."""

import csv
import io
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal

from accounts.codes import is_body_code
from foundation.errors import Blocker, Refused, refuse
from foundation.text import normalize, parse_decimal, parse_whole_number, parse_yen
from procurement.domain.bases import FIELD_LABELS, Member, fields_needed
from procurement.domain.rules import Rule

REQUIRED_COLUMNS = ("code", "name")


@dataclass(frozen=True, kw_only=True)
class MemberTable:
    """The members read, in the order of the file, and what the reader of it should know."""

    members: tuple[Member, ...]
    warnings: tuple[str, ...]


def read_member_table(content: bytes, rule: Rule) -> MemberTable:
    """Members from CSV bytes, all rows or none.

    Raises Refused with every bad cell by row and column, or the columns that are missing.
    """
    rows = list(rows_of(decode(content)))
    if not rows:
        raise refuse("file_empty", "ファイルが空です。1行目に列名（code,name,…）が必要です。")
    _, header = rows[0]
    columns = [normalize(cell).lower() for cell in header]
    _check_columns(columns, rule)
    members: list[Member] = []
    blockers: list[Blocker] = []
    lines: dict[str, int] = {}
    for line, cells in rows[1:]:
        read = _read_row(line, columns, cells)
        blockers += read.blockers
        if read.member is None:
            continue
        first_line = lines.setdefault(read.member.code, line)
        if first_line != line:
            message = f"{line}行目 code：「{read.member.code}」は{first_line}行目にもあります。"
            blockers.append(Blocker(code="member_twice", message=message, field="code"))
        members.append(read.member)
    if blockers:
        raise Refused(blockers)
    if not members:
        raise refuse("no_members", "団体の行がありません（2行目から1行に1団体）。")
    return MemberTable(members=tuple(members), warnings=tuple(_warnings(columns, members)))


def decode(content: bytes) -> str:
    """The text of an office's file. Raises Refused where it is neither UTF-8 nor CP932."""
    for encoding in ("utf-8-sig", "cp932"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise refuse("file_encoding", "文字コードを判別できません。UTF-8 か CP932 で保存してください。")


def rows_of(text: str) -> Iterator[tuple[int, list[str]]]:
    """(line number in the file, cells) of each row that is not blank."""
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                yield reader.line_num, cells
    except csv.Error as error:
        message = f"{reader.line_num}行目：CSVとして読めません（{error}）。"
        raise refuse("file_csv", message) from None


def _check_columns(columns: list[str], rule: Rule) -> None:
    blockers = []
    for name in REQUIRED_COLUMNS:
        if name not in columns:
            message = f"1行目：列「{name}」がありません。"
            blockers.append(Blocker(code="column_missing", message=message, field=name))
    for name in fields_needed(rule):
        if name not in columns:
            message = (
                f"1行目：列「{name}」（{FIELD_LABELS[name]}）がありません。{rule.label}に必要です。"
            )
            blockers.append(Blocker(code="column_missing", message=message, field=name))
    for name in sorted({name for name in columns if name and columns.count(name) > 1}):
        message = f"1行目：列「{name}」が2つあります。"
        blockers.append(Blocker(code="column_twice", message=message, field=name))
    if blockers:
        raise Refused(blockers)


@dataclass(frozen=True, kw_only=True)
class _Row:
    member: Member | None
    blockers: tuple[Blocker, ...]


def _read_row(line: int, columns: list[str], cells: list[str]) -> _Row:
    if len(cells) > len(columns) and any(cell.strip() for cell in cells[len(columns) :]):
        message = (
            f"{line}行目：列が{len(cells)}個あり、1行目の{len(columns)}個より多くなっています。"
        )
        return _Row(member=None, blockers=(Blocker(code="row_length", message=message),))
    texts = {
        name: normalize(cell)
        for name, cell in zip(columns, cells, strict=False)
        if name in REQUIRED_COLUMNS or name in _READERS
    }
    blockers = [
        _cell_blocker(line, name, "空欄です。") for name in REQUIRED_COLUMNS if not texts.get(name)
    ]
    figures: dict[str, int | Decimal] = {}
    for name, text in texts.items():
        if name in _READERS and text:
            try:
                figures[name] = _READERS[name](text)
            except ValueError as error:
                blockers.append(_cell_blocker(line, name, str(error)))
    if blockers:
        return _Row(member=None, blockers=tuple(blockers))
    return _Row(member=_member(texts["code"], texts["name"], figures), blockers=())


def _cell_blocker(line: int, column: str, words: str) -> Blocker:
    return Blocker(code="cell", message=f"{line}行目 {column}：{words}", field=column)


def _member(code: str, name: str, figures: Mapping[str, int | Decimal]) -> Member:
    return Member(code=code, name=name, **figures)  # type: ignore[arg-type]


def _count(text: str) -> int:
    number = parse_whole_number(text)
    if number < 0:
        raise ValueError(f"「{text}」は0以上の整数にしてください。")
    return number


def _decimal(text: str) -> Decimal:
    number = parse_decimal(text.removesuffix("%"))
    if number < 0:
        raise ValueError(f"「{text}」は0以上の数にしてください。")
    return number


_READERS: Mapping[str, Callable[[str], int | Decimal]] = {
    "population": _count,
    "households": _count,
    "quantity": _count,
    "fiscal_strength_index": _decimal,
    "standard_fiscal_scale": _count,
    "own_yen": parse_yen,
    "percent": _decimal,
    "standalone_yen": parse_yen,
    "ceiling_yen": parse_yen,
}


def _warnings(columns: list[str], members: list[Member]) -> Iterator[str]:
    for name in columns:
        if name and name not in REQUIRED_COLUMNS and name not in _READERS:
            yield f"列「{name}」は使いません。"
    # The calculator knows no list of bodies: a wrong code is said, not refused.
    odd = [member.code for member in members if not is_body_code(member.code)]
    if odd:
        more = f" ほか{len(odd) - 3}件" if len(odd) > 3 else ""
        yield f"全国地方公共団体コード（6桁）ではないコードがあります：{'、'.join(odd[:3])}{more}"
