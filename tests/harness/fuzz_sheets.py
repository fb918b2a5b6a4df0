"""Workbooks of offerings with child sheets, made from the template and broken in one sheet."""

import io
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from openpyxl import load_workbook
from openpyxl.utils import get_column_letter

from catalog.answers import format_answer
from catalog.criteria import CRITERIA
from catalog.importing import sheets
from catalog.importing.templates import ROWS_SHEET, make_template, offering_columns
from catalog.importing.workbooks import child_sheets
from tests.harness.broken_files import Refused, Row
from tests.harness.catalog import ANSWERS
from tests.harness.fuzz_kinds import TYPES

Book = Any  # openpyxl's
KEY, SELLER, PLAN = sheets.KEY, sheets.SELLER, sheets.PLAN
FUNCTIONS, CERTIFICATES, *_OTHERS = sheets.table_criteria()
ENTRIES = 3


@dataclass(frozen=True, kw_only=True)
class SheetBreak:
    """What is done to the workbook; what must be said of it, or what is stored otherwise.

    meant: changes the expected content of the entry whose child rows stand in line 2.
    """

    change: Callable[[Book], None]
    refused: Refused | None = None
    sheet: str = ""
    meant: Callable[[Row], None] | None = None


def make_book(n: int, maker: str) -> tuple[Book, list[Row]]:
    """A good workbook and, by entry, what must be stored of it."""
    content = make_template(offering_columns(TYPES), child_sheets())
    book = load_workbook(io.BytesIO(content))
    stored = [
        _add_entry(book, f"sheets-{n}-{k}", f"子シート {n}-{k}", maker) for k in range(ENTRIES)
    ]
    return book, stored


def _add_entry(book: Book, key: str, name: str, maker: str) -> Row:
    answers = {c.csv_column: format_answer(c, ANSWERS.get(c.key)) for c in CRITERIA}
    own = {
        KEY: key,
        "名称": name,
        "概要": "一行。",
        "システム種別": "生成AI",
        "開発元": maker,
        "架空": "true",
        "登録日": "2026-04-01",
    }
    _append(book[ROWS_SHEET], answers | own)
    at = {KEY: key, SELLER: maker, PLAN: "段階"}
    _append(book[sheets.SELLERS], {KEY: key, SELLER: maker, sheets.CONDITIONS: "別紙のとおり"})
    _append(book[sheets.PLANS], at | {sheets.TAX: "10", sheets.NOT_INCLUDED: "移行"})
    component = {
        sheets.COMPONENT: "use",
        "名称": "利用料",
        "費用の種類": "運用費",
        "数える単位": "アカウント",
        "周期": "月額",
        "最低料金": "5,000",
    }
    _append(book[sheets.COMPONENTS], at | component)
    for start, price in ((1, "1000"), (101, "800.5")):
        cells = {sheets.COMPONENT: "use", sheets.FROM: start, sheets.PRICE: price}
        _append(book[sheets.TIERS], at | cells)
    _append(book[FUNCTIONS], {KEY: key, sheets.ROW: "全文検索", "対応": "対応"})
    certificate = {sheets.ROW: "ISMAP", "登録番号": "C-01", "有効期限": "2027-03-31"}
    _append(book[CERTIFICATES], {KEY: key} | certificate)
    return {
        "key": key,
        "name": name,
        "functions": {"search": {"state": "supported"}},
        "certificates": {"ismap": {"number": "C-01", "valid_to": "2027-03-31"}},
        "conditions": "別紙のとおり",
        "tax": "10",
        "not_included": "移行",
        "component": {
            "key": "use",
            "name": "利用料",
            "kind": "recurring",
            "unit": "account",
            "period": "month",
            "minimum_yen": 5000,
            "tiers": [
                {"from_qty": 1, "unit_price": "1000"},
                {"from_qty": 101, "unit_price": "800.5"},
            ],
        },
    }


def _append(sheet: Any, cells: Mapping[str, Any]) -> None:
    headings = [cell.value for cell in sheet[1]]
    assert set(cells) <= set(headings), set(cells) - set(headings)
    sheet.append([cells.get(heading) or None for heading in headings])


def _column(sheet: Any, heading: str) -> int:
    return [cell.value for cell in sheet[1]].index(heading) + 1


def _set(title: str, heading: str, value: Any, line: int = 2) -> Callable[[Book], None]:
    def change(book: Book) -> None:
        book[title].cell(line, _column(book[title], heading), value)

    return change


def _bad(
    title: str, heading: str, *values: Any, line: int = 2, named: str = ""
) -> list[SheetBreak]:
    """Refused at that line of that sheet; named: another heading than that of the cell."""
    refused = Refused(line=line, column=named or heading)
    return [
        SheetBreak(change=_set(title, heading, value, line), refused=refused, sheet=title)
        for value in values
    ]


def _whole(title: str, change: Callable[[Any], None], column: str, line: int = 0) -> SheetBreak:
    return SheetBreak(
        change=lambda book: change(book[title]),
        refused=Refused(line=line, column=column),
        sheet=title,
    )


def _said(title: str, heading: str, value: Any, meant: Callable[[Row], None]) -> SheetBreak:
    return SheetBreak(change=_set(title, heading, value), meant=meant)


def _again(sheet: Any) -> None:
    sheet.append([cell.value for cell in sheet[2]])


def _rename(sheet: Any) -> None:
    sheet.title = f"{sheet.title}表"


def _misspell(heading: str) -> Callable[[Any], None]:
    def change(sheet: Any) -> None:
        sheet.cell(1, _column(sheet, heading), f"{heading}欄")

    return change


def _merge(heading: str) -> Callable[[Any], None]:
    def change(sheet: Any) -> None:
        letter = get_column_letter(_column(sheet, heading))
        sheet.merge_cells(f"{letter}2:{letter}3")

    return change


def _formula(heading: str) -> Callable[[Any], None]:
    return lambda sheet: sheet.cell(2, _column(sheet, heading), "=1+1") and None


def _letter(title: str, heading: str) -> str:
    headings = list(child_sheets()[title])
    return f"{get_column_letter(headings.index(heading) + 1)}列"


def list_sheet_breaks() -> list[SheetBreak]:
    """Every way one child sheet is broken, or written otherwise."""
    return [*_refused(), *_shapes(), *_accepted()]


def _refused() -> list[SheetBreak]:
    sellers, plans, components, tiers = sheets.COLUMNS
    return [
        *_bad(sellers, KEY, "nowhere", ""),
        *_bad(sellers, SELLER, "9999999999999", "架空文書株式会社"),
        *_bad(plans, SELLER, "9999999999999"),
        *_bad(plans, sheets.TAX, "一割", "101", "8.125", "-1", True),
        *_bad(plans, sheets.DEFINITION, "{", "[1]", '{"components":[1]}', '{"name":"x"}'),
        *_bad(components, PLAN, "別の名前"),
        *_bad(components, "数える単位", "台数", 5),
        *_bad(components, "費用の種類", "ただ"),
        *_bad(components, "費用の種類", "", named=sheets.COMPONENT),
        *_bad(components, "課金単位の大きさ", "0", named=sheets.COMPONENT),
        *_bad(components, "最低料金", "-1", named=sheets.COMPONENT),
        *_bad(components, sheets.PRICE, "約100", "1e3", named=sheets.COMPONENT),
        *_bad(components, "最低料金", "約100", 1.5, date(2026, 4, 1)),
        *_bad(components, "課金単位の大きさ", "ひとつ"),
        *_bad(components, "構成の消費税率", "一割", named=sheets.COMPONENT),
        *_bad(tiers, sheets.FROM, "たくさん", "1.5", "", True),
        *_bad(tiers, sheets.COMPONENT, "nothing"),
        *_bad(tiers, KEY, "nowhere", line=4),
        *_bad(FUNCTIONS, sheets.ROW, "月面", ""),
        *_bad(FUNCTIONS, "対応", "たぶん", "○"),
        *_bad(CERTIFICATES, "有効期限", "きのう", "46113", 46113, "2027-02-30"),
        *_bad(CERTIFICATES, "登録番号", "C|01", "C;01", "Ｃ；０１"),
    ]


def _shapes() -> list[SheetBreak]:
    sellers, plans, components, tiers = sheets.COLUMNS
    price = _letter(tiers, sheets.PRICE)
    return [
        # A tier dearer than the one below it, or with the same start, names the component.
        SheetBreak(
            change=_set(tiers, sheets.PRICE, "1200", 3),
            refused=Refused(line=2, column=sheets.COMPONENT),
            sheet=components,
        ),
        SheetBreak(
            change=_set(tiers, sheets.FROM, 1, 3),
            refused=Refused(line=2, column=sheets.COMPONENT),
            sheet=components,
        ),
        SheetBreak(
            change=_set(tiers, sheets.PRICE, "約千", 2),
            refused=Refused(line=2, column=sheets.COMPONENT),
            sheet=components,
        ),
        _whole(sellers, _again, SELLER, line=ENTRIES + 2),
        _whole(plans, _again, PLAN, line=ENTRIES + 2),
        _whole(FUNCTIONS, _again, sheets.ROW, line=ENTRIES + 2),
        _whole(CERTIFICATES, _again, sheets.ROW, line=ENTRIES + 2),
        *(_whole(title, _rename, "") for title in (plans, FUNCTIONS)),
        _whole(plans, _misspell(sheets.NOT_INCLUDED), f"{sheets.NOT_INCLUDED}欄"),
        _whole(components, _misspell("最低料金"), "最低料金欄"),
        _whole(tiers, _misspell(sheets.PRICE), sheets.PRICE),
        _whole(CERTIFICATES, _misspell("有効期限"), "有効期限欄"),
        _whole(tiers, _merge(sheets.PRICE), price, line=2),
        _whole(tiers, _formula(sheets.PRICE), price, line=2),
        _whole(FUNCTIONS, _merge("対応"), _letter(FUNCTIONS, "対応"), line=2),
        _whole(sellers, lambda sheet: sheet.delete_rows(2, ENTRIES), ""),
        _whole(tiers, lambda sheet: sheet.cell(2, 9, "あふれた欄") and None, "", line=2),
        _whole(plans, lambda sheet: sheet.cell(1, 7, KEY) and None, KEY),
    ]


def _accepted() -> list[SheetBreak]:
    sellers, plans, components, tiers = sheets.COLUMNS
    return [
        SheetBreak(change=lambda _book: None),
        SheetBreak(change=lambda book: book.create_sheet("覚え書き").append(["何でも", "書ける"])),
        SheetBreak(change=lambda book: book[tiers].insert_rows(2, amount=2)),
        _said(plans, sheets.TAX, 8, lambda row: row.update(tax="8")),
        _said(plans, sheets.NOT_INCLUDED, "a|b;c", lambda row: row.update(not_included="a|b;c")),
        _said(sellers, sheets.CONDITIONS, "　別紙　", lambda row: row.update(conditions="別紙")),
        _said(tiers, sheets.FROM, "１", lambda _row: None),
        _said(tiers, sheets.PRICE, 1000, lambda _row: None),
        _said(
            components,
            "最低料金",
            "６，０００",
            lambda row: row["component"].update(minimum_yen=6000),
        ),
        _said(
            CERTIFICATES,
            "有効期限",
            date(2028, 3, 31),
            lambda row: row["certificates"]["ismap"].update(valid_to="2028-03-31"),
        ),
        _said(
            CERTIFICATES,
            "有効期限",
            "令和10年3月31日",
            lambda row: row["certificates"]["ismap"].update(valid_to="2028-03-31"),
        ),
        _said(
            FUNCTIONS,
            "対応",
            "オプション",
            lambda row: row["functions"]["search"].update(state="option"),
        ),
    ]
