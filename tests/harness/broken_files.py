"""Import files as offices send them: made from the template, then broken in one way each.

`make_file(n)` is always the same for the same n. It says what must come of the file: refused
at a line and a column, refused as a whole, or accepted with exactly these values.
"""

import csv
import io
import random
import zipfile
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from pathlib import Path
from typing import Any

from openpyxl import Workbook

from catalog.answers import format_answer
from catalog.criteria import CRITERIA
from tests.harness.builders import corporate_number
from tests.harness.catalog import ANSWERS

MAKER = corporate_number("999900000901")
MONTHS = "解約の予告期間"
MONTHLY = "月額単価（税抜・円）"
BIG = 10_000
NAMES = ("髙橋", "①番", "ＡＢＣ", "～から", "a,b", "c「d」")
_SHEET_COLUMNS = (MONTHLY, "概要", "登録日")
MIDNIGHT = datetime(2026, 4, 1)  # noqa: DTZ001 - a workbook's moment has no zone
Row = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class Refused:
    """line 0 or column '': the fault is not of one line or one column."""

    line: int = 0
    column: str = ""


@dataclass(frozen=True, kw_only=True)
class Accepted:
    """By key: (name, months of notice, monthly price in yen, day of registration)."""

    entries: dict[str, tuple[str, int, str, date | None]]


@dataclass(kw_only=True)
class Draft:
    """A file before it is written: its rows, its form, and what must come of it."""

    number: int
    rows: list[Row]
    chance: random.Random
    ending: str = "csv"
    encoding: str = "utf-8"
    separator: str = ","
    line_end: str = "\r\n"
    columns: list[str] = field(default_factory=list)  # the headings, if not the rows' own
    names: list[str] = field(default_factory=list)  # whose cells stand below them
    expected: Refused | None = None
    at: int | None = None  # the row at fault, if it is one row
    above: int = 0  # lines above the heading
    mark: str = "キー"  # a column no two rows of which are the same
    shape: Callable[[Any], None] | None = None  # what is done to the sheet
    spoil: Callable[[bytes], bytes] | None = None  # what is done to the bytes

    def pick(self) -> int:
        return self.chance.randrange(len(self.rows))

    def refuse(self, row: int, column: str = "") -> None:
        """Of this row (from 0), of this column."""
        self.at, self.expected = row, Refused(column=column)

    @property
    def line(self) -> int:
        """The line of the row at fault. In a CSV a cell with a break makes two lines of a row."""
        breaks = sum(
            str(cell).count("\n")
            for row in self.rows[: self.at]
            for name, cell in row.items()
            if not name.startswith("_")
        )
        return self.at + 2 + self.above + (breaks if self.ending == "csv" else 0)


def good_row(n: int, chance: random.Random) -> Row:
    """A complete row, as the template asks for it."""
    answers = {c.label: format_answer(c, ANSWERS.get(c.key)) for c in CRITERIA}
    return answers | {
        "キー": f"fuzz-{n}-{chance.randrange(10**6)}",
        "名称": f"取り込み{n} {chance.choice(NAMES)}",
        "概要": chance.choice(("一行の概要。", "改行の\nある概要。", '引用符 " のある概要。')),
        "システム種別": "生成AI",
        "開発元": MAKER,
        "架空": "true",
        "登録日": "2026-04-01",
        "料金プラン名": "標準",
        MONTHLY: "1,000",
        "月額の単位": "アカウント",
        MONTHS: str(chance.randrange(1, 13)),
    }


def set_cell(column: str, *values: Any) -> Callable[[Draft], None]:
    """One cell that cannot be read as it should."""

    def breaks(draft: Draft) -> None:
        row = draft.pick()
        draft.rows[row] = draft.rows[row] | {column: draft.chance.choice(values)}
        draft.refuse(row, column)

    return breaks


def write_as(**form: str) -> Callable[[Draft], None]:
    """Another form of the same content: accepted."""

    def changes(draft: Draft) -> None:
        for name, value in form.items():
            setattr(draft, name, value)

    return changes


def retype(column: str, values: dict[Any, Any]) -> Callable[[Draft], None]:
    """The same value typed another way: accepted as what it means."""

    def changes(draft: Draft) -> None:
        row = draft.pick()
        typed = draft.chance.choice(list(values))
        draft.rows[row] = draft.rows[row] | {column: typed, f"_{column}": values[typed]}

    return changes


def workbook(then: Callable[[Draft], None] | None = None) -> Callable[[Draft], None]:
    def changes(draft: Draft) -> None:
        draft.ending = "xlsx"
        if then:
            then(draft)

    return changes


def spoiled(change: Callable[[bytes], bytes]) -> Callable[[Draft], None]:
    """Bytes nobody's program wrote: refused as a whole."""

    def changes(draft: Draft) -> None:
        draft.spoil = change
        draft.expected = Refused()

    return changes


def header(change: Callable[[list[str]], list[str]], column: str) -> Callable[[Draft], None]:
    def changes(draft: Draft) -> None:
        draft.names = list(draft.rows[0])
        draft.columns = change(draft.names)
        draft.expected = Refused(column=column)

    return changes


def misspelt(draft: Draft) -> None:
    """A heading nobody reads is named in every row."""
    draft.rows = [row | {"つづり違い": "x"} for row in draft.rows]
    draft.refuse(0, "つづり違い")


def merged(draft: Draft) -> None:
    """Two rows share a cell: whose it is, is a guess."""
    merge(draft, draft.chance.choice(("名称", "概要", "契約の条件", MONTHS)))


def merge(draft: Draft, column: str) -> None:
    draft.ending = "xlsx"
    row = draft.chance.randrange(len(draft.rows) - 1)
    place = _place(draft, column)
    draft.refuse(row, f"{place}列")
    draft.shape = lambda sheet: sheet.merge_cells(f"{place}{row + 2}:{place}{row + 3}")


def formula(draft: Draft) -> None:
    """A formula whose result no program has stored."""
    put_in_sheet(draft, draft.chance.choice(_SHEET_COLUMNS), "=1000+200", "n")


def error_value(draft: Draft) -> None:
    put_in_sheet(draft, draft.chance.choice(_SHEET_COLUMNS), "#REF!", "e")


def put_in_sheet(draft: Draft, column: str, value: str, type_: str) -> None:
    draft.ending = "xlsx"
    row = draft.pick()
    place = _place(draft, column)

    def write(sheet: Any) -> None:
        sheet[f"{place}{row + 2}"] = value
        if type_ == "e":
            sheet[f"{place}{row + 2}"].data_type = type_

    draft.shape = write
    draft.refuse(row, f"{place}列")


def _place(draft: Draft, column: str) -> str:
    from openpyxl.utils import get_column_letter

    names = draft.columns or list(draft.rows[0])
    if column not in names:
        draft.rows = [row | {column: ""} for row in draft.rows]
        names = list(draft.rows[0])
    visible = [name for name in names if not name.startswith("_")]
    return get_column_letter(visible.index(column) + 1)


def twice(draft: Draft) -> None:
    draft.rows.append(dict(draft.rows[draft.pick()]))
    draft.refuse(len(draft.rows) - 1)


def too_wide(draft: Draft) -> None:
    row = draft.pick()
    draft.rows[row] = draft.rows[row] | {"＋": "あふれた欄"}
    draft.refuse(row)


def quote(draft: Draft) -> None:
    """A quotation mark that nobody closes."""
    row = draft.pick()
    draft.refuse(row)
    name = draft.rows[row][draft.mark].encode()
    draft.spoil = lambda text: text.replace(name, b'"' + name + b'"x', 1)


def no_rows(draft: Draft) -> None:
    draft.columns = list(draft.rows[0])
    draft.rows = []
    draft.expected = Refused(line=1)


def one_in_ten_thousand(draft: Draft) -> None:
    template = dict(draft.rows[0], 概要="一行の概要。")
    many = BIG if draft.number < len(BREAKS) else BIG // 20
    draft.rows = [template | {"キー": f"many-{n}"} for n in range(many)]
    row = draft.pick()
    draft.rows[row] = draft.rows[row] | {MONTHS: "三か月くらい"}
    draft.refuse(row, MONTHS)


def notes_sheet(draft: Draft) -> None:
    """A second sheet that is not a table of ours is left alone, merged cells and all."""
    draft.ending = "xlsx"

    def write(sheet: Any) -> None:
        notes = sheet.parent.create_sheet("記入例")
        notes["A1"] = "この表の書き方"
        notes.merge_cells("A1:D3")

    draft.shape = write


def above_the_heading(draft: Draft) -> None:
    """Empty lines above, as a title that was removed leaves them."""
    draft.ending = "xlsx"
    draft.shape = lambda sheet: sheet.insert_rows(1, amount=2)


BREAKS: tuple[Callable[[Draft], None], ...] = (
    # The same content in every form an office writes.
    write_as(encoding="utf-8-sig"),
    write_as(encoding="cp932"),
    write_as(line_end="\n"),
    workbook(),
    notes_sheet,
    above_the_heading,
    retype(MONTHS, {"３": 3, " 3 ": 3, "１２": 12, "3.0": None}),
    retype(MONTHLY, {"１，２００": "1200", "1200円": "1200", "￥1,200": "1200"}),
    retype("登録日", {"2026/4/1": date(2026, 4, 1), "令和8年4月1日": date(2026, 4, 1)}),
    workbook(retype("登録日", {date(2026, 4, 1): date(2026, 4, 1)})),
    workbook(retype("登録日", {MIDNIGHT: date(2026, 4, 1)})),
    workbook(retype(MONTHS, {3: 3})),
    retype("名称", {"　全角の空白　": "全角の空白", "\t名称 ": "名称"}),
    # Cells that say something else than what is asked.
    set_cell(MONTHS, "三か月", "3.5", "-1", "3〜6", "12か月以内", "∞", "1e1", "３．５"),
    set_cell(MONTHLY, "約1,000", "1,000円〜", "-1", "1 000", "無料", "1.5", "¥", "12万"),
    set_cell("登録日", "46113", "2026-02-30", "4月1日", "2026.13.01", "令和99年99月9日", "きのう"),
    workbook(set_cell("登録日", 46113, 46113.5, True)),
    workbook(set_cell(MONTHS, 3.5, -1, True, MIDNIGHT)),
    set_cell("システム種別", "月面基地", "生成AI、GIS", "生成AI|GIS", ""),
    set_cell("開発元", "9999999999999", "999990000090", "架空文書株式会社", "１２３", ""),
    set_cell("架空", "もしかして", "○", "2", "はい？"),
    set_cell("LGWAN接続口", "たぶん", "なし|あり", "×", ""),
    set_cell("認証・登録", "登録なし、ISMAP", "ＩＳＭＡＰ取得予定だが未定", "?"),
    set_cell("データの書き出し形式", "CSV、PDF", "紙", "CSV/XML"),
    set_cell("名称", "", "　", "長" * 201),
    set_cell("キー", "鍵-1", "あいう", "a b", "x" * 200),
    set_cell("月額の単位", "台数", "人/月", "アカウント|世帯"),
    set_cell("料金プラン定義（JSON）", "{", "[1]", '[{"components":[1]}]', "[[]]", "null"),
    set_cell("料金プラン定義（JSON）", '[{"name":"x","components":[{"kind":"新しい"}]}]'),
    set_cell("概要", "長" * 10_001),
    # Headings.
    header(lambda names: [n for n in names if n != "概要"], "概要"),
    header(lambda names: [n.replace("開発元", "開発元 会社") for n in names], "開発元"),
    header(lambda names: ["名称" if n == "概要" else n for n in names], "概要"),
    header(lambda names: [*names, "名称"], "名称"),
    misspelt,
    # Shapes.
    merged,
    merged,
    formula,
    formula,
    error_value,
    twice,
    too_wide,
    quote,
    no_rows,
    write_as(separator="\t"),
    write_as(separator=";"),
    # Bytes.
    spoiled(lambda text: text.decode().encode("utf-16")),
    spoiled(lambda text: text[: len(text) // 2] + b"\xff\xfe\x81" + text[len(text) // 2 :]),
    spoiled(lambda text: text[: len(text) // 2] + b"\x00" + text[len(text) // 2 :]),
    spoiled(lambda _text: b""),
    spoiled(lambda _text: b"\xef\xbb\xbf"),
    spoiled(lambda _text: bytes.fromhex("D0CF11E0A1B11AE1") + bytes(600)),
    spoiled(lambda _text: b"%PDF-1.7\n" + bytes(200)),
    spoiled(
        lambda _text: b"<html><table><tr><td>\xe3\x82\xad\xe3\x83\xbc</td></tr></table></html>"
    ),
    workbook(spoiled(lambda content: content[: len(content) * 2 // 3])),
    workbook(spoiled(lambda content: with_part(content, "xl/vbaProject.bin"))),
    workbook(spoiled(lambda content: encrypted(bytearray(content)))),
    workbook(spoiled(lambda content: without_part(content, "xl/workbook.xml"))),
    one_in_ten_thousand,
)


def make_file(n: int, folder: Path) -> tuple[Path, Refused | Accepted]:
    """The n-th file and what must come of it."""
    chance = random.Random(n)
    rows = [good_row(n, chance) for n in range(chance.randrange(2, 6))]
    draft = Draft(number=n, rows=rows, chance=chance)
    breaks = BREAKS[n % len(BREAKS)]
    breaks(draft)
    expected = draft.expected or _expected(draft)
    if isinstance(expected, Refused) and draft.at is not None:
        expected = replace(expected, line=draft.line)
    return write_draft(draft, folder), expected


def write_draft(draft: Draft, folder: Path) -> Path:
    """The draft as a file of that folder, spoilt where it is to be."""
    content = _workbook(draft) if draft.ending == "xlsx" else _text(draft)
    if draft.spoil:
        content = draft.spoil(content)
    path = folder / f"fuzz-{draft.number}.{draft.ending}"
    path.write_bytes(content)
    return path


def _expected(draft: Draft) -> Refused | Accepted:
    if draft.separator != ",":
        return Refused(column="キー")
    entries = {}
    for row_number, row in enumerate(draft.rows):
        months = row.get(f"_{MONTHS}", row[MONTHS])
        if months is None:
            draft.refuse(row_number, MONTHS)
            return draft.expected or Refused()
        entries[row["キー"]] = (
            row.get("_名称", row["名称"]),
            int(months),
            row.get(f"_{MONTHLY}", "1000"),
            row.get("_登録日", date(2026, 4, 1)),
        )
    return Accepted(entries=entries)


def _columns(draft: Draft) -> list[str]:
    names = draft.columns or list(dict.fromkeys(name for row in draft.rows for name in row))
    return [name for name in names if not name.startswith(("_", "＋"))]


def _text(draft: Draft) -> bytes:
    columns = _columns(draft)
    text = io.StringIO()
    writer = csv.writer(text, delimiter=draft.separator, lineterminator=draft.line_end)
    writer.writerow(columns)
    for row in draft.rows:
        cells = [row.get(name, "") for name in draft.names or columns]
        writer.writerow([*cells, row["＋"]] if "＋" in row else cells)
    content = text.getvalue()
    errors = "replace" if draft.encoding == "cp932" else "strict"
    return content.encode(draft.encoding, errors)


def _workbook(draft: Draft) -> bytes:
    columns = _columns(draft)
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(columns)
    for row in draft.rows:
        sheet.append([row.get(name, "") for name in columns])
    if draft.shape:
        draft.shape(sheet)
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


def with_part(content: bytes, name: str) -> bytes:
    file = io.BytesIO(content)
    with zipfile.ZipFile(file, "a") as archive:
        archive.writestr(name, b"x")
    return file.getvalue()


def without_part(content: bytes, name: str) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(file, "w") as new:
        for entry in old.infolist():
            if entry.filename != name:
                new.writestr(entry, old.read(entry))
    return file.getvalue()


def encrypted(data: bytearray) -> bytes:
    """The archive says that its entries are encrypted (bit 0 of the flags)."""
    for signature, offset in ((b"PK\x01\x02", 8), (b"PK\x03\x04", 6)):
        place = data.find(signature)
        while place >= 0:
            data[place + offset] |= 1
            place = data.find(signature, place + 4)
    return bytes(data)
