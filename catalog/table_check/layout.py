"""How a table is laid out: level 1, and that data begins below its heading (L3-01)."""

import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterator

from catalog.table_check.rules import Finding
from catalog.table_check.tables import Book, Cell, Column, Sheet, is_number_like, letters

# Lead bytes of the NEC and IBM extensions of Shift_JIS: characters that break elsewhere.
MACHINE_DEPENDENT = frozenset({0x87, 0xED, 0xEE, 0xFA, 0xFB, 0xFC})
_MEANINGLESS = re.compile(r"(?i)(?:列|項目|column|unnamed:?|field|col)[\s_]*\d*")
_NOTE = re.compile(r"^[（(]?(?:※|＊|\*|注|備考|出典|資料|source)")
_SPACED = re.compile(r"(?<![^\s　])[^\s　][\s　]+[^\s　](?![^\s　])")
_SEPARATORS = re.compile(r"[、,，/／;；・\n]")
_SHORT = 12


def check_format(book: Book) -> Iterator[Finding]:
    """L1-01, and what only a workbook can have."""
    if book.format not in ("csv", "xlsx"):
        yield Finding(rule="L1-01", reason="Excel（.xlsx）でも CSV でもありません。")
    for name in book.objects:
        yield Finding(
            rule="L1-10", reason=f"図・画像・グラフなどのオブジェクトがあります（{name}）。"
        )


def check_layout(sheet: Sheet) -> Iterator[Finding]:
    """Every rule about the layout of one table."""
    for check in _CHECKS:
        yield from check(sheet)


def _several_tables(sheet: Sheet) -> Iterator[Finding]:
    """L1-02: a second heading below a gap, or blocks beside one another."""
    if sheet.tables > 1:
        yield Finding(rule="L1-02", reason=f"表が{sheet.tables}つあります。", sure=False)
    for line in _blank_lines(sheet):
        below = sheet.rows[line] if line < len(sheet.rows) else ()
        texts = [cell for cell in below if cell.filled]
        if len(texts) > 1 and not any(is_number_like(cell) for cell in texts):
            reason = "空行の下に、別の表の項目名らしい行があります。"
            yield Finding(rule="L1-02", reason=reason, row=line + 1, sure=False)
    for column in _blank_columns(sheet):
        reason = "空の列で左右に分かれています。別の表ではありませんか。"
        yield Finding(rule="L1-02", reason=reason, column=letters(column), sure=False)


def _gaps(sheet: Sheet) -> Iterator[Finding]:
    """L1-03."""
    for line in _blank_lines(sheet):
        yield Finding(rule="L1-03", reason="途中に空行があります。", row=line)
    for column in _blank_columns(sheet):
        yield Finding(rule="L1-03", reason="途中に空の列があります。", column=letters(column))


def _strangers(sheet: Sheet) -> Iterator[Finding]:
    """L1-04: a title above the heading, notes below the data."""
    for number in range(1, sheet.header_line):
        if any(cell.filled for cell in sheet.rows[number - 1]):
            reason = "項目名の行より上に、表題や注記らしい行があります。"
            yield Finding(rule="L1-04", reason=reason, row=number, sure=False)
    for number in range(sheet.header_line + 1, sheet.height + 1):
        filled = [cell.text for cell in sheet.rows[number - 1] if cell.filled]
        if filled and len(filled) <= 2 < sheet.width and _NOTE.match(filled[0].strip()):
            reason = "データの中か下に、注記らしい行があります。"
            yield Finding(rule="L1-04", reason=reason, row=number, sure=False)


def _headings(sheet: Sheet) -> Iterator[Finding]:
    """L1-05 and L2-03."""
    seen = Counter(heading.strip() for heading in sheet.headings)
    for index, heading in enumerate(sheet.headings):
        at = {"row": sheet.header_line, "column": letters(index)}
        name = heading.strip()
        if not name:
            yield Finding(rule="L1-05", reason="項目名がありません。", **at)  # type: ignore[arg-type]
        elif _MEANINGLESS.fullmatch(name):
            reason = f"項目名「{name}」からは意味が分かりません。"
            yield Finding(rule="L1-05", reason=reason, **at)  # type: ignore[arg-type]
        if name and seen[name] > 1:
            reason = f"項目名「{name}」の列が{seen[name]}つあります。"
            yield Finding(rule="L2-03", reason=reason, **at)  # type: ignore[arg-type]


def _signs(sheet: Sheet) -> Iterator[Finding]:
    """L1-06 and L1-08."""
    for row, index, cell in sheet.data():
        column = letters(index)
        if cell.kind in ("", "text"):
            shaped = _shaped(cell.text)
            if shaped:
                yield Finding(rule="L1-06", reason=shaped, row=row, column=column)
        strange = [sign for sign in cell.text if _depends_on_machine(sign)]
        if strange:
            reason = f"機種依存文字「{'」「'.join(dict.fromkeys(strange))}」があります。"
            yield Finding(rule="L1-08", reason=reason, row=row, column=column)


def _shaped(text: str) -> str:
    """How spaces or line breaks shape the text; '' if they do not."""
    if "\n" in text or "\r" in text:
        return "セルの中に改行があります。"
    if text != text.strip(" \t　"):
        return "前か後ろに空白があります。"
    if "　" in text and _SPACED.search(text):
        return "文字の間隔を空白で整えています。"
    return ""


def _depends_on_machine(sign: str) -> bool:
    if sign.isascii():
        return False
    if unicodedata.category(sign) == "Co":
        return True
    encoded = sign.encode("cp932", errors="ignore")
    return bool(encoded) and encoded[0] in MACHINE_DEPENDENT


def _several_values(sheet: Sheet) -> Iterator[Finding]:
    """L1-07: short cells of which some hold a list. Sentences are left alone."""
    for column in sheet.columns:
        texts = sorted(len(cell.text) for _, cell in column.filled)
        if not texts or texts[len(texts) // 2] > _SHORT:
            continue
        for row, cell in column.filled:
            parts = [part.strip() for part in _SEPARATORS.split(cell.text)]
            if cell.kind == "text" and _is_list(parts, cell):
                reason = f"「{cell.text[:20]}」は複数の値ではありませんか。"
                yield Finding(
                    rule="L1-07", reason=reason, row=row, column=column.letters, sure=False
                )


def _is_list(parts: list[str], cell: Cell) -> bool:
    several = len(parts) > 1 and all(0 < len(part) <= _SHORT for part in parts)
    return several and not is_number_like(cell) and not re.search(r"\d[/／]\d|://", cell.text)


def _blanks_and_zeros(sheet: Sheet) -> Iterator[Finding]:
    """L1-09: a column of numbers in which nothing and zero both stand."""
    for column in sheet.columns:
        zeros = [row for row, cell in column.filled if cell.text.strip() in ("0", "０")]
        if column.is_numeric and zeros and len(column.filled) < len(column.cells):
            reason = "空白とゼロの両方があります。空白の意味を確かめてください。"
            yield Finding(rule="L1-09", reason=reason, column=column.letters, sure=False)


def _looks(sheet: Sheet) -> Iterator[Finding]:
    """L1-11: a few cells of a column look otherwise than the rest."""
    for column in sheet.columns:
        styles = Counter(cell.style for _, cell in column.filled)
        if len(styles) < 2:
            continue
        usual, _count = styles.most_common(1)[0]
        row = next(row for row, cell in column.filled if cell.style != usual)
        reason = "色や字体の違うセルがあります。違いに意味があるなら、列にして書いてください。"
        yield Finding(rule="L1-11", reason=reason, row=row, column=column.letters, sure=False)


def _merged_and_hidden(sheet: Sheet) -> Iterator[Finding]:
    """L1-12 and L1-13."""
    for area in sheet.merged:
        yield Finding(rule="L1-12", reason=f"セルが結合されています（{area}）。")
    if sheet.hidden:
        yield Finding(rule="L1-13", reason="シートが非表示です。")
    for row in sheet.hidden_rows:
        yield Finding(rule="L1-13", reason="行が非表示です。", row=row)
    for column in sheet.hidden_columns:
        yield Finding(rule="L1-13", reason="列が非表示です。", column=column)


def _one_record_a_row(sheet: Sheet) -> Iterator[Finding]:
    """L1-14: the heading again, or rows that go on with the one above."""
    heading = [text.strip() for text in sheet.headings]
    for number in range(sheet.header_line + 1, sheet.height + 1):
        row = [cell.text.strip() for cell in sheet.rows[number - 1][: sheet.width]]
        if any(heading) and row == heading:
            reason = "項目名の行が繰り返されています。"
            yield Finding(rule="L1-14", reason=reason, row=number, sure=False)
        elif sheet.width > 1 and not row[0] and any(row[1:]):
            reason = "先頭の列が空です。上の行の続きではありませんか。"
            yield Finding(rule="L1-14", reason=reason, row=number, column="A", sure=False)


def _ragged(sheet: Sheet) -> Iterator[Finding]:
    """L1-15: a comma that was not quoted makes a line longer than the heading."""
    wanted = sheet.lengths[sheet.header_line - 1] if sheet.lengths else 0
    for number, length in enumerate(sheet.lengths[: sheet.height], start=1):
        if length != wanted and number >= sheet.header_line:
            reason = f"列の数が項目名の行と違います（{wanted}列のはずが{length}列）。"
            yield Finding(rule="L1-15", reason=reason, row=number)


def _begins_with_heading(sheet: Sheet) -> Iterator[Finding]:
    """L3-01."""
    if sheet.header_line != 1:
        reason = f"項目名の行が{sheet.header_line}行目にあります。1行目にしてください。"
        yield Finding(rule="L3-01", reason=reason, row=sheet.header_line)
        return
    numbers = [index for index, text in enumerate(sheet.headings) if _is_number(text)]
    if numbers and len(numbers) * 2 >= len(sheet.headings):
        reason = "1行目が項目名ではなくデータに見えます。"
        yield Finding(rule="L3-01", reason=reason, row=1, column=letters(numbers[0]))
    elif sheet.height < 2 or not any(cell.filled for cell in sheet.rows[1]):
        yield Finding(rule="L3-01", reason="2行目にデータがありません。", row=2)


def _is_number(text: str) -> bool:
    return bool(re.fullmatch(r"-?\d+(?:\.\d+)?", text.strip()))


def _blank_lines(sheet: Sheet) -> list[int]:
    return [
        number
        for number, row in enumerate(sheet.rows[: sheet.height], start=1)
        if not any(cell.filled for cell in row)
    ]


def _blank_columns(sheet: Sheet) -> list[int]:
    return [
        index
        for index in range(sheet.width)
        if not any(row[index].filled for row in sheet.rows[: sheet.height])
    ]


_CHECKS: tuple[Callable[[Sheet], Iterator[Finding]], ...] = (
    _several_tables,
    _gaps,
    _strangers,
    _headings,
    _signs,
    _several_values,
    _blanks_and_zeros,
    _looks,
    _merged_and_hidden,
    _one_record_a_row,
    _ragged,
    _begins_with_heading,
)


def column_of(sheet: Sheet, heading: str) -> Column | None:
    """The column of that heading, if the table has one."""
    return next((column for column in sheet.columns if column.heading == heading), None)
