"""A file against the 30 rules: read, looked at, reported. Nothing is kept."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from catalog.table_check.contents import check_contents
from catalog.table_check.layout import check_format, check_layout
from catalog.table_check.reading import Given, read_book
from catalog.table_check.rules import Finding, Report, Result, Verdict, make_report
from catalog.table_check.tables import Book


def check_table(given: Given, confirmed: Sequence[str] = ()) -> Report:
    """What each rule makes of the file. Raises Refused for one that cannot be read.

    confirmed: rules that a person looked at; what breaks a rule for sure stays broken.
    """
    book = read_book(given)
    return make_report(given.name, list(_findings(book)), confirmed)


def _findings(book: Book) -> Iterator[Finding]:
    yield from check_format(book)
    if book.format and not any(sheet.height for sheet in book.sheets):
        yield Finding(rule="L3-01", reason="データがありません。")
        return
    for sheet in book.sheets:
        if not sheet.height:
            continue
        for finding in (*check_layout(sheet), *check_contents(book, sheet)):
            yield replace(finding, sheet=sheet.name)


def report_lines(report: Report) -> Iterator[str]:
    """The report as text, a rule a line, findings below it."""
    counts = "・".join(f"{each.label} {report.count(each)}" for each in Verdict)
    yield f"{report.name}\t{counts}"
    for result in report.results:
        yield f"{result.rule.id}\t{result.verdict.label}\t{result.rule.text}"
        if result.confirmed:
            yield f"\t{result.said_by_person}"
        for finding in result.findings:
            yield f"\t{finding.place}\t{finding.reason}" if finding.place else f"\t{finding.reason}"
        left = result.total - len(result.findings)
        if left:
            yield f"\tほか{left:,}件"
    yield level_text(report)


def level_text(report: Report) -> str:
    """Which level is reached, and which would be when a person agrees."""
    reached = f"水準：Level {report.level}" if report.level else "水準：なし"
    if report.confirmed:
        reached += f"。人が確認した規則：{'、'.join(report.confirmed)}"
    if report.automatic_level == report.level:
        return reached
    return f"{reached}（要確認・人が確認の規則に問題がなければ Level {report.automatic_level}）"


def report_json(report: Report) -> Mapping[str, Any]:
    """The report for programs."""
    return {
        "file": report.name,
        "level": report.level,
        "level_if_confirmed": report.automatic_level,
        "rules": [_result_json(result) for result in report.results],
    }


def _result_json(result: Result) -> Mapping[str, Any]:
    return {
        "rule": result.rule.id,
        "text": result.rule.text,
        "mark": result.rule.mark.value,
        "verdict": result.verdict.value,
        "verdict_label": result.verdict.label,
        "confirmed": result.confirmed,
        "total": result.total,
        "findings": [
            {
                "sheet": finding.sheet,
                "row": finding.row or None,
                "column": finding.column or None,
                "reason": finding.reason,
            }
            for finding in result.findings
        ],
    }
