"""What stands in a table's cells: level 2, and level 3 but for its layout."""

import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence

from accounts.codes import is_body_code
from catalog.table_check.layout import column_of
from catalog.table_check.rules import Finding
from catalog.table_check.tables import (
    MOSTLY,
    SYMBOLS,
    Book,
    Cell,
    Column,
    Definition,
    Sheet,
    is_plain_number,
)
from foundation.text import fold_for_match

_DITTO = frozenset({"〃", "″", "同上", "同左", "々", '"', "〃〃", "同"})
_OTHER = re.compile(r"^その他\s*[（(:：].+")
_ISO = re.compile(
    r"\d{4}(-\d{2}(-\d{2}([T ]\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:?\d{2})?)?)?)?"
)
_ERA = re.compile(r"(令和|平成|昭和|[RHSrhs])\s*(元|\d{1,2})\s*([年./-]|$)")
_DATE_LIKE = re.compile(r"\d{4}\s*[年/.-]\s*\d{1,2}|\d{1,2}/\d{1,2}/\d{2,4}|\d{4}年")
_TIME_HEADING = re.compile(
    r"(?i)日付|年月|年度|時点|(^|_)date$|_on$|_at$|年$|月日$|^日$|year|month"
)
_CODE_HEADING = re.compile(
    r"(?i)団体コード|自治体コード|市区?町村コード|body_code|local_?gov.*code"
)
_NAME_HEADING = re.compile(r"団体名|自治体名|市区?町村名|^市区?町村$|都道府県名|^都道府県$")
_CODED_HEADING = re.compile(r"(?i)区分$|種別$|分類$|_code$|区分コード|種別コード")
_WIDE_HEADING = re.compile(r"(令和|平成|昭和|R|H)?\s*(元|\d{1,4})\s*年度?$|^\d{1,2}月$|^\d{4}$")
_FEWEST_WIDE = 3
_MOST_CHOICES = 30
_ITEM_COLUMNS = ("item", "measure", "項目", "指標")
_SPEAKS_OF_ITEM = re.compile(r"(.+)\[(.+)\]")


def check_contents(book: Book, sheet: Sheet) -> Iterator[Finding]:
    """Every rule about the cells of one table, and what is given beside it."""
    for check in _CHECKS:
        yield from check(book, sheet)


def views(sheet: Sheet) -> list[Column]:
    """The columns, and of a long table the rows of each item the dictionary speaks of."""
    return [*sheet.columns, *_item_views(sheet)]


def _item_views(sheet: Sheet) -> Iterator[Column]:
    items = next((c for name in _ITEM_COLUMNS if (c := column_of(sheet, name))), None)
    if items is None:
        return
    rows: dict[str, set[int]] = defaultdict(set)
    for row, cell in items.filled:
        rows[cell.text].add(row)
    for name, definition in sheet.definitions.items():
        found = _SPEAKS_OF_ITEM.fullmatch(name)
        column = column_of(sheet, found[1]) if found else None
        if found and column and found[2] in rows:
            own = rows[found[2]]
            yield Column(
                index=column.index,
                heading=found[2],
                cells=tuple(pair for pair in column.cells if pair[0] in own),
                definition=definition,
            )


def _numbers(_book: Book, sheet: Sheet) -> Iterator[Finding]:
    """L2-01."""
    for column in views(sheet):
        if not column.is_numeric:
            continue
        for row, cell in column.filled:
            if cell.kind in ("formula", "error") or cell.text.strip() in SYMBOLS | _DITTO:
                continue
            if not is_plain_number(cell):
                reason = f"数値の列に「{cell.text[:20]}」があります。数だけにしてください。"
                yield Finding(rule="L2-01", reason=reason, row=row, column=column.letters)


def _left_out(_book: Book, sheet: Sheet) -> Iterator[Finding]:
    """L2-02: signs for the same as above; runs of blanks below a filled cell."""
    for column in sheet.columns:
        for row, cell in column.filled:
            if cell.text.strip() in _DITTO:
                reason = f"「{cell.text.strip()}」と略さず、値を書いてください。"
                yield Finding(rule="L2-02", reason=reason, row=row, column=column.letters)
        row = _first_of_run(column)
        said = column.definition and column.definition.null_meaning
        if row and not said and not column.is_numeric:
            reason = "空白が続きます。上の行と同じという意味なら、値を書いてください。"
            yield Finding(rule="L2-02", reason=reason, row=row, column=column.letters, sure=False)


def _first_of_run(column: Column) -> int:
    """The line of the first of two blanks below a filled cell in a half-filled column; 0."""
    if len(column.filled) * 2 > len(column.cells) or len(column.filled) < 2:
        return 0
    for (_, above), (row, first), (_, second) in zip(
        column.cells, column.cells[1:], column.cells[2:], strict=False
    ):
        if above.filled and not first.filled and not second.filled:
            return row
    return 0


def _choices(book: Book, sheet: Sheet) -> Iterator[Finding]:
    """L2-04: against the code list, or else words that differ by width or space alone."""
    for column in views(sheet):
        definition = column.definition or Definition()
        known = (book.codes or {}).get(definition.code_list) if definition.code_list else None
        if known is not None:
            yield from _not_in_list(column, known, definition.code_list)
        elif not column.is_numeric:
            yield from _nearly_the_same(column)


def _not_in_list(column: Column, known: frozenset[str], name: str) -> Iterator[Finding]:
    for row, cell in column.filled:
        if cell.text not in known:
            reason = f"「{cell.text[:20]}」はコード表「{name}」にありません。"
            yield Finding(rule="L2-04", reason=reason, row=row, column=column.letters)


def _nearly_the_same(column: Column) -> Iterator[Finding]:
    first: dict[str, str] = {}
    texts = {cell.text.strip(): row for row, cell in reversed(column.filled)}
    if len(texts) > _MOST_CHOICES or len(texts) * 2 > len(column.filled) + 1:
        return
    for text, row in texts.items():
        same = first.setdefault(fold_for_match(text), text)
        if same != text:
            reason = f"「{same[:20]}」と「{text[:20]}」は同じ選択肢ではありませんか。"
            yield Finding(rule="L2-04", reason=reason, row=row, column=column.letters, sure=False)


def _others(_book: Book, sheet: Sheet) -> Iterator[Finding]:
    """L2-05."""
    for column in sheet.columns:
        for row, cell in column.filled:
            if _OTHER.match(cell.text.strip()):
                reason = "「その他」の詳しい内容は、別の列に分けてください。"
                yield Finding(
                    rule="L2-05", reason=reason, row=row, column=column.letters, sure=False
                )


def _formulas(_book: Book, sheet: Sheet) -> Iterator[Finding]:
    """L2-06."""
    for column in sheet.columns:
        for row, cell in column.filled:
            if cell.kind == "formula":
                reason = "数式があります。値に直してください。"
                yield Finding(rule="L2-06", reason=reason, row=row, column=column.letters)
            elif cell.kind == "error":
                reason = f"エラー値「{cell.text}」があります。値に直してください。"
                yield Finding(rule="L2-06", reason=reason, row=row, column=column.letters)


def _code_lists(book: Book, sheet: Sheet) -> Iterator[Finding]:
    """L3-02."""
    for column in views(sheet):
        name = column.definition.code_list if column.definition else ""
        coded = bool(name) or (column.definition is None and _CODED_HEADING.search(column.heading))
        if not coded:
            continue
        if book.codes is None:
            reason = f"「{column.heading}」のコード表（codes.csv）が添えられていません。"
            yield Finding(rule="L3-02", reason=reason, column=column.letters)
        elif name and name not in book.codes:
            reason = f"コード表に「{name}」がありません。"
            yield Finding(rule="L3-02", reason=reason, column=column.letters)


def _symbols(_book: Book, sheet: Sheet) -> Iterator[Finding]:
    """L3-03."""
    for column in views(sheet):
        if not column.is_numeric:
            continue
        definition = column.definition or Definition()
        said = f"{definition.null_meaning} {definition.definition}"
        for row, cell in column.filled:
            symbol = cell.text.strip()
            if symbol in SYMBOLS and symbol not in said:
                reason = f"数値の列の記号「{symbol}」の意味が、データの定義にありません。"
                yield Finding(rule="L3-03", reason=reason, row=row, column=column.letters)


def _units(_book: Book, sheet: Sheet) -> Iterator[Finding]:
    """L3-04."""
    beside = any(column.heading in ("unit", "単位") for column in sheet.columns)
    for column in sheet.columns:
        if not column.is_numeric or column.unit or (column.heading == "value" and beside):
            continue
        if {cell.text for _, cell in column.filled} <= {"0", "1"}:
            continue  # yes or no
        reason = f"「{column.heading}」の単位が、データの定義にも項目名にもありません。"
        yield Finding(rule="L3-04", reason=reason, column=column.letters)


def _times(_book: Book, sheet: Sheet) -> Iterator[Finding]:
    """L3-05."""
    for column in views(sheet):
        if column.definition and column.definition.type in ("string", "code"):
            continue
        told = [pair for pair in column.filled if not _is_prose(pair[1])]
        like = sum(_is_time_like(cell) for _, cell in told)
        named = bool(_TIME_HEADING.search(column.heading)) and like
        if not told or not (named or like >= MOSTLY * len(told)):
            continue
        for row, cell in told:
            if cell.era or (cell.kind == "text" and not _ISO.fullmatch(cell.text.strip())):
                reason = (
                    f"「{cell.text[:20]}」は、年度なら西暦4桁、日付なら 2026-04-01 の形で書きます。"
                )
                yield Finding(rule="L3-05", reason=reason, row=row, column=column.letters)


def _is_prose(cell: Cell) -> bool:
    return len(cell.text) > 24


def _is_time_like(cell: Cell) -> bool:
    text = cell.text.strip()
    return cell.kind == "date" or bool(_ERA.match(text) or _DATE_LIKE.match(text))


def _places(book: Book, sheet: Sheet) -> Iterator[Finding]:
    """L3-06."""
    names = frozenset((book.bodies or {}).values())
    for column in sheet.columns:
        if _CODE_HEADING.search(column.heading):
            for row, cell in column.filled:
                fault = _code_fault(cell.text.strip(), book.bodies)
                if fault:
                    yield Finding(rule="L3-06", reason=fault, row=row, column=column.letters)
        elif _NAME_HEADING.search(column.heading) and names:
            for row, cell in column.filled:
                if not _is_body_name(cell.text.strip(), names):
                    reason = f"「{cell.text[:20]}」は正式な団体名ではありません。"
                    yield Finding(rule="L3-06", reason=reason, row=row, column=column.letters)


def _code_fault(code: str, bodies: Mapping[str, str] | None) -> str:
    if not is_body_code(code):
        return f"「{code[:20]}」は全国地方公共団体コード（検査数字を含む6桁）ではありません。"
    if bodies is not None and code not in bodies:
        return f"「{code}」の団体は登録されていません。"
    return ""


def _is_body_name(name: str, names: frozenset[str]) -> bool:
    """The official name, with or without its prefecture's before it."""
    cuts = (name[at:] for at in (3, 4) if name[:at] in names)
    return name in names or any(rest in names for rest in cuts)


def _same_as_before(book: Book, sheet: Sheet) -> Iterator[Finding]:
    """L3-07."""
    now = frozenset(heading.strip() for heading in sheet.headings)
    if book.previous is None:
        reason = "前に公開したファイルと比べていません。"
        yield Finding(rule="L3-07", reason=reason, sure=False)
    elif now != book.previous:
        gone, new = sorted(book.previous - now), sorted(now - book.previous)
        reason = (
            f"前に公開したときと項目が違います（なくなった：{_list(gone)}、新しい：{_list(new)}）。"
        )
        yield Finding(rule="L3-07", reason=reason, row=sheet.header_line)


def _list(names: Sequence[str]) -> str:
    return "・".join(names[:5]) if names else "なし"


def _described(book: Book, sheet: Sheet) -> Iterator[Finding]:
    """L3-08."""
    if book.dictionary is None:
        reason = "データの定義（data_dictionary.csv）が添えられていません。"
        yield Finding(rule="L3-08", reason=reason)
    else:
        for column in sheet.columns:
            if column.definition is None:
                reason = f"「{column.heading}」がデータの定義にありません。"
                yield Finding(rule="L3-08", reason=reason, column=column.letters)
    if not book.changelog:
        yield Finding(rule="L3-08", reason="更新履歴（changelog.csv）が添えられていません。")


def _long(book: Book, sheet: Sheet) -> Iterator[Finding]:
    """L3-09."""
    names = frozenset((book.bodies or {}).values())
    wide = [
        column
        for column in sheet.columns
        if _WIDE_HEADING.search(column.heading) or column.heading in names
    ]
    if len(wide) >= _FEWEST_WIDE:
        heads = "・".join(column.heading for column in wide[:5])
        reason = f"項目名に年・月・団体名が並んでいます（{heads}）。縦に並べてください。"
        yield Finding(rule="L3-09", reason=reason, column=wide[0].letters, sure=False)


_CHECKS: tuple[Callable[[Book, Sheet], Iterator[Finding]], ...] = (
    _numbers,
    _left_out,
    _choices,
    _others,
    _formulas,
    _code_lists,
    _symbols,
    _units,
    _times,
    _places,
    _same_as_before,
    _described,
    _long,
)
