"""The specification as files to go on with: Markdown, and Word like the other papers."""

from collections.abc import Sequence
from dataclasses import dataclass

from foundation.filters import jst
from foundation.text import printable
from procurement.presenters.paper_files import begin_paper, fill_table, list_texts, save_paper, say
from procurement.queries.requirements import Specification, VersionRow
from procurement.queries.tender import QuestionRow


@dataclass(frozen=True, kw_only=True)
class SpecPaper:
    """What stands in both files. clauses: (number, text, settled, detail, corrections)."""

    title: str
    fictional: bool
    lead: str
    basis: str
    clauses: tuple[tuple[str, str, str, str, tuple[str, ...]], ...]
    answers: tuple[tuple[str, str], ...]
    log: tuple[tuple[str, tuple[str, ...]], ...]


def spec_paper(
    title: str,
    lead: str,
    fictional: bool,
    specification: Specification,
    questions: Sequence[QuestionRow],
) -> SpecPaper:
    """The newest version with everything that holds beside it. Needs a fixed version."""
    newest = specification.newest
    assert newest is not None
    return SpecPaper(
        title=printable(f"仕様書：{title}") + ("（架空）" if fictional else ""),
        fictional=fictional,
        lead=printable(lead),
        basis=f"第{newest.number}版（{jst(newest.fixed_at)}）　検証値 {newest.sha256}",
        clauses=tuple(
            (
                str(each.clause.number),
                printable(each.clause.text),
                each.clause.settled.label + ("（改修を伴う）" if each.clause.customization else ""),
                printable(each.clause.detail),
                tuple(printable(text) for text in each.corrections),
            )
            for each in specification.effective
        ),
        answers=tuple(
            (printable(row.text), printable(row.answer)) for row in questions if row.published
        ),
        log=tuple((_version_text(row), _changes(row)) for row in specification.versions)
        + tuple(
            (f"訂正（{jst(row.issued_at)}）", (printable(f"{row.text}（理由：{row.reason}）"),))
            for row in specification.corrections
        ),
    )


def spec_markdown(paper: SpecPaper) -> str:
    """One Markdown text, UTF-8; what people typed cannot become headings or links."""
    lines = [f"# {_plain(paper.title)}", "", f"幹事団体：{_plain(paper.lead)}", "", paper.basis, ""]
    lines += ["## 要件", "", "| 番号 | 要件 | 扱い | 説明 | 訂正 |", "|---|---|---|---|---|"]
    for number, text, settled, detail, corrections in paper.clauses:
        cells = (number, text, settled, detail, "／".join(corrections))
        lines.append("| " + " | ".join(_plain(cell) for cell in cells) + " |")
    if paper.answers:
        lines += ["", "## 公表した質問と回答（仕様の一部）", ""]
        for question, answer in paper.answers:
            lines += [f"- 質問：{_plain(question)}", f"  - 回答：{_plain(answer)}"]
    lines += ["", "## 変更の記録", ""]
    for name, changes in paper.log:
        lines += [f"- {_plain(name)}", *(f"  - {_plain(text)}" for text in changes)]
    return "\n".join(lines) + "\n"


def spec_docx(paper: SpecPaper) -> bytes:
    """The same as a Word file."""
    page = begin_paper(paper.title)
    say(page, f"幹事団体：{paper.lead}")
    say(page, paper.basis)
    page.add_heading("要件", 2)
    rows = [(n, text, s, d, "／".join(c)) for n, text, s, d, c in paper.clauses]
    fill_table(page, [("番号", "要件", "扱い", "説明", "訂正"), *rows])
    if paper.answers:
        page.add_heading("公表した質問と回答（仕様の一部）", 2)
        fill_table(page, [("質問", "回答"), *paper.answers])
    page.add_heading("変更の記録", 2)
    for name, changes in paper.log:
        say(page, name)
        list_texts(page, changes)
    return save_paper(page)


def _version_text(row: VersionRow) -> str:
    note = f"：{row.note}" if row.note else ""
    return printable(f"第{row.number}版（{jst(row.fixed_at)}、{row.fixed_by}）{note}")


def _changes(row: VersionRow) -> tuple[str, ...]:
    return tuple(printable(f"{change.what}：{change.text}") for change in row.changes)


def _plain(text: str) -> str:
    """One line in which nothing is Markdown any more."""
    flat = " ".join(text.split())
    return "".join(f"\\{letter}" if letter in "\\`*_[]<>#|!" else letter for letter in flat)
