"""A clerk's papers as files to go on with: Word for the text, Excel for the figures."""

import io
from collections.abc import Iterable, Sequence

from docx import Document
from docx.document import Document as Paper
from docx.oxml.ns import qn
from docx.shared import Pt
from openpyxl import Workbook
from openpyxl.styles import Font

from foundation.text import printable
from procurement.presenters.budget import COLUMNS, BudgetView
from procurement.presenters.sheet import SheetView

DOCX_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
XLSX_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_FONT = "游明朝"  # named, not carried: the reader's own program has it or takes its own
_MONEY = "#,##0"


def approval_docx(sheet: SheetView) -> bytes:
    """起案用資料 as a Word file."""
    paper = begin_paper(f"起案用資料：{sheet.title}", sheet.fictional)
    say(paper, f"{sheet.body_name}　{sheet.made_on}現在　{sheet.basis}")
    _pairs(paper, sheet.rows)
    paper.add_heading("自団体の負担（税込）", 2)
    _table(paper, ("年度", "共同での負担", "単独の場合"), [*sheet.years, sheet.foot])
    say(paper, f"差額（単独−共同）：{sheet.saving}")
    paper.add_heading("条件", 2)
    _pairs(paper, sheet.terms)
    paper.add_heading("日程", 2)
    _pairs(paper, sheet.schedule)
    paper.add_heading("出典", 2)
    list_texts(paper, sheet.sources)
    return save_paper(paper)


def budget_docx(view: BudgetView) -> bytes:
    """予算要求シート as a Word file."""
    paper = begin_paper(f"予算要求シート：{view.title}", view.fictional)
    say(paper, f"{view.body_name}　{view.made_on}現在　{view.basis}")
    _pairs(paper, view.rows)
    paper.add_heading("年度・節ごとの要求額", 2)
    lines = [(r.year, r.expense, r.yen_text, r.thousand_text) for r in (*view.lines, view.foot)]
    _table(paper, COLUMNS, lines)
    if view.later:
        paper.add_heading("債務負担行為", 2)
        _pairs(paper, view.later)
    paper.add_heading("注記", 2)
    list_texts(paper, view.notes)
    return save_paper(paper)


def budget_xlsx(view: BudgetView) -> bytes:
    """予算要求シート as a workbook: amounts are numbers, texts stay texts."""
    workbook = Workbook()
    page = workbook.active
    page.title = "予算要求"
    rows: list[Sequence[str | int]] = [
        (f"予算要求シート：{view.title}",),
        (f"{view.body_name}　{view.made_on}現在　{view.basis}",),
        *view.rows,
        (),
        COLUMNS,
        *((r.year, r.expense, r.yen, r.thousand_yen) for r in (*view.lines, view.foot)),
        (),
        *([("債務負担行為",), *view.later, ()] if view.later else []),
        *((note,) for note in view.notes),
    ]
    if view.fictional:
        rows.insert(1, ("架空",))
    for line, row in enumerate(rows, start=1):
        for place, value in enumerate(row, start=1):
            cell = page.cell(line, place, value if isinstance(value, int) else printable(value))
            cell.data_type = "n" if isinstance(value, int) else "s"
            cell.font = Font(bold=line == 1 or row is COLUMNS)
            if isinstance(value, int):
                cell.number_format = _MONEY
    for column, width in zip("ABCD", (24, 34, 22, 18), strict=True):
        page.column_dimensions[column].width = width
    buffer = io.BytesIO()
    workbook.save(buffer)
    return buffer.getvalue()


def begin_paper(title: str, fictional: bool = False) -> Paper:
    """An empty paper under its title; marked where its matter is made up."""
    paper = Document()
    style = paper.styles["Normal"]
    style.font.name, style.font.size = _FONT, Pt(10.5)
    style.element.rPr.rFonts.set(qn("w:eastAsia"), _FONT)
    paper.core_properties.title = printable(title)
    paper.core_properties.author = ""
    paper.core_properties.language = "ja-JP"
    paper.add_heading(printable(title) + ("（架空）" if fictional else ""), 1)
    return paper


def say(paper: Paper, text: str) -> None:
    """One paragraph."""
    paper.add_paragraph(printable(text))


def list_texts(paper: Paper, texts: Iterable[str]) -> None:
    """A list with bullets."""
    for text in texts:
        paper.add_paragraph(printable(text), style="List Bullet")


def _pairs(paper: Paper, pairs: Sequence[tuple[str, str]]) -> None:
    fill_table(paper, pairs)


def _table(paper: Paper, names: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    fill_table(paper, [names, *rows])


def fill_table(paper: Paper, rows: Sequence[Sequence[str]]) -> None:
    """A table with lines; nothing for no rows."""
    if not rows:
        return
    table = paper.add_table(rows=0, cols=len(rows[0]), style="Table Grid")
    for row in rows:
        for cell, text in zip(table.add_row().cells, row, strict=True):
            cell.text = printable(text)


def save_paper(paper: Paper) -> bytes:
    """The finished file."""
    buffer = io.BytesIO()
    paper.save(buffer)
    return buffer.getvalue()
