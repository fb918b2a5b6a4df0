"""The 30 rules of machine readability: for each a file made by hand that breaks it."""

import ast
import csv
import io
import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook
from openpyxl.chart import BarChart, Reference
from openpyxl.styles import PatternFill

from catalog.table_check import contents, layout
from catalog.table_check.check import check_table, report_json, report_lines
from catalog.table_check.reading import Given
from catalog.table_check.rules import ANSWERABLE, RULES, Mark, Report, Verdict
from foundation.errors import Refused

HEADINGS = ["団体コード", "団体名", "fiscal_year", "measure", "value", "unit", "開始日"]
ROWS: list[list[Any]] = [
    ["010006", "北海道", 2026, "staff", 120, "人", "2026-04-01"],
    ["011002", "札幌市", 2026, "staff", 80, "人", "2026-04-01"],
    ["010006", "北海道", 2026, "cost", 0, "円", "2026-10-01"],
]
BODIES = {"010006": "北海道", "011002": "札幌市"}
DICTIONARY = [
    ["column", "label_ja", "type", "unit", "code_list", "null_meaning", "definition"],
    ["団体コード", "団体コード", "string", "", "", "", "6桁"],
    ["団体名", "団体名", "string", "", "", "", ""],
    ["fiscal_year", "年度", "integer", "年度", "", "", ""],
    ["measure", "指標", "string", "", "measure", "", ""],
    ["value", "値", "integer", "unit 列", "", "x は秘匿", ""],
    ["unit", "単位", "string", "", "", "", ""],
    ["開始日", "開始日", "date", "", "", "", ""],
]
CODES = [
    ["code_list", "code", "label_ja"],
    ["measure", "staff", "職員"],
    ["measure", "cost", "費用"],
]
CHANGELOG = [["schema_version", "changed_on", "change"], ["1", "2026-11-20", "初版"]]

Rows = list[list[Any]]


def csv_of(rows: Rows) -> bytes:
    text = io.StringIO()
    csv.writer(text, lineterminator="\r\n").writerows(rows)
    return text.getvalue().encode()


BESIDE = {
    "data_dictionary.csv": csv_of(DICTIONARY),
    "codes.csv": csv_of(CODES),
    "changelog.csv": csv_of(CHANGELOG),
}


def check(content: bytes, name: str = "data.csv", beside: Any = None, **more: Any) -> Report:
    given = Given(
        name=name,
        content=content,
        beside=BESIDE if beside is None else beside,
        previous=csv_of([HEADINGS, *ROWS]),
        bodies=BODIES,
    )
    return check_table(given, **more)


def verdicts(report: Report) -> dict[str, Verdict]:
    return {result.rule.id: result.verdict for result in report.results}


def sheet_of(change: Callable[[Any], object]) -> bytes:
    """The good table as a workbook, changed by hand; numbers and dates are such."""
    workbook = Workbook()
    sheet = workbook.active
    for row in [HEADINGS, *ROWS]:
        sheet.append(row)
    change(sheet)
    content = io.BytesIO()
    workbook.save(content)
    return content.getvalue()


def test_there_are_thirty_rules_in_three_levels() -> None:
    assert [sum(rule.level == level for rule in RULES) for level in (1, 2, 3)] == [15, 6, 9]
    assert len({rule.id for rule in RULES}) == 30


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_a_good_table_meets_all_but_what_a_person_must_say(kind: str) -> None:
    content = csv_of([HEADINGS, *ROWS]) if kind == "csv" else sheet_of(lambda sheet: None)
    report = check(content, name=f"data.{kind}")
    found = verdicts(report)
    assert {rule: each for rule, each in found.items() if each is not Verdict.MET} == {
        "L1-09": Verdict.PERSON
    }
    assert (report.level, report.automatic_level) == (0, 3)
    assert check(content, confirmed=["L1-09"]).level == 3


def csv_with(change: Callable[[Rows], object]) -> Callable[[], Report]:
    def checked() -> Report:
        rows = [list(HEADINGS), *(list(row) for row in ROWS)]
        replaced = change(rows)
        return check(csv_of(replaced if isinstance(replaced, list) else rows))

    return checked


def book_with(change: Callable[[Any], object]) -> Callable[[], Report]:
    return lambda: check(sheet_of(change), name="data.xlsx")


def put(row: int, column: str, value: Any) -> Callable[[Rows], object]:
    """row: line of the file, from 1."""

    def change(rows: Rows) -> None:
        rows[row - 1][ord(column) - 65] = value

    return change


def chart(sheet: Any) -> None:
    drawn = BarChart()
    drawn.add_data(Reference(sheet, min_col=5, min_row=1, max_row=4))
    sheet.add_chart(drawn, "J2")


def hide(sheet: Any) -> None:
    sheet.row_dimensions[3].hidden = True


def paint(sheet: Any) -> None:
    sheet["E3"].fill = PatternFill("solid", fgColor="FFFF0000")


def without(name: str) -> Callable[[], Report]:
    beside = {key: content for key, content in BESIDE.items() if key != name}
    return lambda: check(csv_of([HEADINGS, *ROWS]), beside=beside)


def described(name: str, column: str, **changes: str) -> Callable[[Rows], Report]:
    """The report of rows with a dictionary that says otherwise of a column."""

    def checked(rows: Rows) -> Report:
        place = [DICTIONARY[0].index(key) for key in changes]
        lines = [list(line) for line in DICTIONARY]
        for line in lines:
            if line[0] == column:
                for at, value in zip(place, changes.values(), strict=True):
                    line[at] = value
        return check(csv_of(rows), beside={**BESIDE, name: csv_of(lines)})

    return checked


def same_names(rows: Rows) -> None:
    rows[0][5] = "value"


# Rule → a file that breaks it, the place that is named, and a word of the reason.
BROKEN: dict[str, tuple[Callable[[], Report], str, str]] = {
    "L1-01": (lambda: check(b"%PDF-1.7\x00\x01", name="data.pdf"), "", "Excel"),
    "L1-03": (csv_with(lambda rows: rows.insert(2, [""] * 7)), "3行目", "空行"),
    "L1-05": (csv_with(put(1, "B", "列1")), "1行目B列", "意味"),
    "L1-06": (csv_with(put(2, "B", "北　海　道")), "2行目B列", "間隔"),
    "L1-08": (csv_with(put(2, "B", "㈱北海道①")), "2行目B列", "「㈱」「①」"),
    "L1-10": (book_with(chart), "", "オブジェクト"),
    "L1-12": (book_with(lambda sheet: sheet.merge_cells("A2:A3")), "シート「Sheet」", "A2:A3"),
    "L1-13": (book_with(hide), "シート「Sheet」3行目", "非表示"),
    "L1-15": (csv_with(lambda rows: rows[1].append("余り")), "2行目", "7列のはずが8列"),
    "L2-01": (csv_with(put(2, "E", "1,200円")), "2行目E列", "1,200円"),
    "L2-02": (csv_with(put(3, "B", "〃")), "3行目B列", "略さず"),
    "L2-03": (csv_with(same_names), "1行目E列", "2つ"),
    "L2-04": (csv_with(put(2, "D", "しょくいん")), "2行目D列", "コード表「measure」"),
    "L2-06": (
        book_with(lambda sheet: sheet.__setitem__("E3", "=1+2")),
        "シート「Sheet」3行目E列",
        "数式",
    ),
    "L3-01": (
        csv_with(lambda rows: rows.insert(0, ["令和8年度の表", *[""] * 6])),
        "2行目",
        "1行目に",
    ),
    "L3-02": (without("codes.csv"), "D列", "コード表"),
    "L3-03": (csv_with(put(2, "E", "***")), "2行目E列", "***"),
    "L3-04": (
        lambda: described("data_dictionary.csv", "fiscal_year", unit="")([HEADINGS, *ROWS]),
        "C列",
        "単位",
    ),
    "L3-05": (csv_with(put(2, "G", "令和8年4月1日")), "2行目G列", "2026-04-01"),
    "L3-06": (csv_with(put(2, "A", "010007")), "2行目A列", "検査数字"),
    "L3-07": (
        csv_with(lambda rows: [row[:6] for row in rows]),
        "1行目",
        "なくなった：開始日",
    ),
    "L3-08": (without("changelog.csv"), "", "更新履歴"),
}
# What a program suspects and a person decides.
SUSPECT: dict[str, tuple[Callable[[], Report], str, str]] = {
    "L1-02": (
        csv_with(
            lambda rows: [*rows, [""] * 7, ["別の表", "名称", *[""] * 5], ["a", "b", *[""] * 5]]
        ),
        "6行目",
        "別の表",
    ),
    "L1-04": (csv_with(lambda rows: [*rows, ["※速報値です。", *[""] * 6]]), "5行目", "注記"),
    "L1-07": (csv_with(put(2, "F", "人、件")), "2行目F列", "複数の値"),
    "L1-09": (csv_with(put(2, "E", "")), "E列", "空白とゼロ"),
    "L1-11": (book_with(paint), "シート「Sheet」3行目E列", "色"),
    "L1-14": (csv_with(lambda rows: rows.append(list(HEADINGS))), "5行目", "繰り返"),
    "L2-05": (csv_with(put(2, "F", "その他（口頭）")), "2行目F列", "その他"),
    "L3-09": (
        csv_with(lambda rows: [[*row, *more] for row, more in zip(rows, YEARS, strict=True)]),
        "H列",
        "縦に並べて",
    ),
}
YEARS = [["2024年度", "2025年度", "2026年度"], [1, 2, 3], [4, 5, 6], [7, 8, 9]]


def test_every_rule_has_its_file() -> None:
    assert set(BROKEN) | set(SUSPECT) == {rule.id for rule in RULES}
    certain = {rule.id for rule in RULES if rule.mark is Mark.AUTO}
    assert set(BROKEN) == certain


@pytest.mark.parametrize("rule", BROKEN)
def test_a_file_that_breaks_a_rule_is_told_where_and_why(rule: str) -> None:
    make, place, word = BROKEN[rule]
    report = make()
    [result] = [each for each in report.results if each.rule.id == rule]
    assert result.verdict is Verdict.BROKEN
    assert any(f.place == place and word in f.reason for f in result.findings), result.findings
    assert report.level < int(rule[1])


@pytest.mark.parametrize("rule", SUSPECT)
def test_what_looks_wrong_is_left_to_a_person(rule: str) -> None:
    make, place, word = SUSPECT[rule]
    [result] = [each for each in make().results if each.rule.id == rule]
    assert result.verdict is Verdict.CHECK
    assert any(f.place == place and word in f.reason for f in result.findings), result.findings


def test_words_that_differ_by_width_alone_are_suspected() -> None:
    rows = [["name", "種類"], *([f"n{n}", word] for n, word in enumerate(["ｸﾗｳﾄﾞ", "クラウド"] * 3))]
    report = check(csv_of(rows), beside={})
    assert verdicts(report)["L2-04"] is Verdict.CHECK


def test_runs_of_blanks_are_suspected() -> None:
    rows = [["区", "名"], ["東", "a"], ["", "b"], ["", "c"], ["西", "d"], ["", "e"], ["", "f"]]
    assert verdicts(check(csv_of(rows), beside={}))["L2-02"] is Verdict.CHECK


def test_a_failed_first_level_is_none_even_if_the_others_are_met() -> None:
    report = check(csv_of([HEADINGS, [" 010006", *ROWS[0][1:]]]), confirmed=["L1-09"])
    assert (report.level, report.automatic_level) == (0, 0)


def test_a_person_cannot_confirm_away_what_is_broken() -> None:
    report = check(csv_of([HEADINGS, [" 010006", *ROWS[0][1:]]]), confirmed=["L1-06"])
    assert verdicts(report)["L1-06"] is Verdict.BROKEN


def test_whatever_asks_a_person_can_be_answered() -> None:
    asked = {rule.id for rule in RULES if rule.mark is Mark.ASK}
    for module in (contents, layout):
        calls = ast.walk(ast.parse(Path(str(module.__file__)).read_text(encoding="utf-8")))
        for call in (each for each in calls if isinstance(each, ast.Call)):
            said = {each.arg: each.value for each in call.keywords}
            if isinstance(rule := said.get("rule"), ast.Constant) and "sure" in said:
                asked.add(str(rule.value))
    assert len(asked) > 8
    assert asked <= {rule.id for rule in ANSWERABLE}


def test_a_zip_is_read_with_what_is_in_it(tmp_path: Path) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as made:
        made.writestr("data.csv", csv_of([HEADINGS, *ROWS]))
        for name, content in BESIDE.items():
            made.writestr(name, content)
    report = check(packed.getvalue(), name="data.zip", beside={}, confirmed=["L1-09"])
    assert report.level == 3


def test_sheets_beside_the_data_describe_it() -> None:
    def more(sheet: Any) -> None:
        for title, rows in (
            ("データの定義", DICTIONARY),
            ("コード表", CODES),
            ("更新履歴", CHANGELOG),
        ):
            beside = sheet.parent.create_sheet(title)
            for row in rows:
                beside.append(row)

    report = check(sheet_of(more), name="data.xlsx", beside={}, confirmed=["L1-09"])
    assert report.level == 3


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"PK\x03\x04broken", "壊れて"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 600, "古い形式"),
        (b'a,b\r\n"1,2\r\n', "読み取れません"),
    ],
)
def test_what_cannot_be_read_is_refused_in_words(content: bytes, said: str) -> None:
    with pytest.raises(Refused, match=said):
        check(content)


def test_the_report_names_every_rule_as_text_and_as_data() -> None:
    report = BROKEN["L2-01"][0]()
    lines = list(report_lines(report))
    assert any(line.startswith("L2-01\t不適合") for line in lines)
    assert "\t2行目E列\t数値の列に「1,200円」があります。数だけにしてください。" in lines
    data = json.loads(json.dumps(report_json(report)))
    assert [rule["rule"] for rule in data["rules"]] == [rule.id for rule in RULES]
    [broken] = [rule for rule in data["rules"] if rule["verdict"] == "broken"]
    assert broken["findings"][0] == {
        "sheet": "",
        "row": 2,
        "column": "E",
        "reason": "数値の列に「1,200円」があります。数だけにしてください。",
    }
