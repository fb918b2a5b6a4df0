"""Exports of a selection record: what is in them, and that every change in them is named."""

import copy
import csv
import io
import json
from datetime import date

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from catalog.selection.record_content import MOST_RESULTS, Decision, list_result_blockers
from catalog.selection.record_files import (
    list_hidden,
    make_csv,
    make_json,
    make_workbook,
    read_csv,
    read_workbook,
)
from catalog.selection.record_tables import make_lines, make_sheets
from catalog.selection.verify import (
    Head,
    UnreadableExport,
    check_export,
    check_heads,
    column_name,
    compare_csv,
    compare_workbook,
    is_published,
    read_export,
    read_heads,
)
from tests.harness.evil_files import archive, part
from tests.harness.selection import DAY_BEFORE, make_export, result, seal

EXPORT = make_export()
LOCK_DAY = date(2026, 11, 20)


def saved_workbook(tmp_path, content=None, *, change=None):
    """The workbook opened, changed and saved by another program, as its cells."""
    workbook = openpyxl.load_workbook(io.BytesIO(content or make_workbook(EXPORT)))
    if change:
        change(workbook)
    path = tmp_path / "saved.xlsx"
    workbook.save(path)
    return read_workbook(path)


def csv_cells(tmp_path, data):
    path = tmp_path / "record.csv"
    path.write_bytes(data)
    return read_csv(path)


def test_exports_carry_conditions_versions_exclusions_who_and_hashes():
    text = make_csv(EXPORT).decode("utf-8")
    assert text.startswith("\ufeff")
    for said in (
        "「文書管理」を含むもの",
        "q＝文書管理",
        "2026年11月20日 10時00分（日本時間）",
        "索引の世代,7",
        "同順位の順を決めた月,2026-11",
        "第3版",
        "規模が違う",
        "担当（架空市）",
        "決裁者（架空市）",
        "架空市（架空）",
        "c" * 64,
        EXPORT["record_sha256"],
        EXPORT["audit"]["event"]["hash"],
        "2026-11-19 の末尾（公開済み）,40," + "a" * 64,
    ):
        assert said in text, said
    lines = list(csv.reader(io.StringIO(text)))
    marks = {line[4]: line[7] for line in lines if len(line) == 13 and line[0] in ("1", "2")}
    assert marks == {"offeringの1番": "架空", "caseの2番": "実データ"}


def test_the_same_record_is_the_same_csv_and_json_for_ever():
    assert make_csv(EXPORT) == make_csv(read_export(make_json(EXPORT).decode()))
    assert make_json(EXPORT) == make_json(json.loads(make_json(EXPORT)))
    assert b": " not in make_json(make_export(title="x"))[:200]


@pytest.mark.parametrize("sign", ["=", "+", "-", "@", "＝", "＠", "\t"])
def test_no_cell_begins_as_a_formula(tmp_path, sign):
    excluded = result(decision=Decision.EXCLUDED, reason=f"{sign}cmd|' /C calc'!A0")
    export = make_export(excluded, title=f"{sign}1+1")
    cells = csv_cells(tmp_path, make_csv(export))
    for line in cells:
        assert not any(cell[:1] in ("=", "+", "-", "@", "＝", "＠", "\t") for cell in line if cell)
    workbook = openpyxl.load_workbook(io.BytesIO(make_workbook(export)))
    types = {cell.data_type for page in workbook for row in page.rows for cell in row}
    assert "f" not in types
    assert compare_csv(export, cells) == []
    assert compare_workbook(export, saved_workbook(tmp_path, make_workbook(export))) == []


def test_a_workbook_saved_again_passes(tmp_path):
    assert compare_workbook(EXPORT, saved_workbook(tmp_path)) == []


def test_a_csv_in_another_encoding_and_quoting_passes(tmp_path):
    text = io.StringIO()
    writer = csv.writer(text, quoting=csv.QUOTE_ALL, lineterminator="\n")
    writer.writerows(make_lines(make_sheets(EXPORT)))
    assert compare_csv(EXPORT, csv_cells(tmp_path, text.getvalue().encode("cp932"))) == []


def test_every_single_cell_of_the_workbook_is_watched(tmp_path):
    original = saved_workbook(tmp_path)
    looked_at = 0
    for sheet in make_sheets(EXPORT):
        for row, cells in enumerate(sheet.rows):
            for place in range(len(cells)):
                changed = copy.deepcopy(original)
                changed[sheet.name][row][place] += "9"
                [problem] = compare_workbook(EXPORT, changed)
                assert f"シート「{sheet.name}」 {row + 1}行 {column_name(place)}列" in problem
                looked_at += 1
    assert looked_at > 80


def test_every_single_cell_of_the_csv_is_watched():
    lines = [[str(cell) for cell in line] for line in make_lines(make_sheets(EXPORT))]
    for row, cells in enumerate(lines):
        for place in range(len(cells)):
            changed = copy.deepcopy(lines)
            changed[row][place] = f"x{changed[row][place]}"
            [problem] = compare_csv(EXPORT, changed)
            assert problem.startswith(f"{row + 1}行 {column_name(place)}列")


def test_added_and_missing_things_are_named(tmp_path):
    def add_sheet(workbook):
        workbook.create_sheet("追加")

    def drop_sheet(workbook):
        del workbook["結果"]

    def add_cell(workbook):
        workbook["結果"]["Z40"] = "追記"

    def drop_row(workbook):
        workbook["結果"].delete_rows(3)

    for change, said in (
        (add_sheet, "シート「追加」は記録にありません"),
        (drop_sheet, "シート「結果」がありません"),
        (add_cell, "シート「結果」 40行 Z列：「」のはずが「追記」"),
        (drop_row, "シート「結果」 3行 A列：「2」のはずが「」"),
    ):
        assert said in " ".join(compare_workbook(EXPORT, saved_workbook(tmp_path, change=change)))


def test_what_a_workbook_hides_is_named(tmp_path):
    def hide(workbook):
        workbook["結果"].row_dimensions[2].hidden = True
        workbook["結果"].column_dimensions["C"].hidden = True
        workbook[workbook.sheetnames[-1]].sheet_state = "hidden"

    saved_workbook(tmp_path)
    assert list_hidden(tmp_path / "saved.xlsx") == []
    assert compare_workbook(EXPORT, saved_workbook(tmp_path, change=hide)) == []
    found = list_hidden(tmp_path / "saved.xlsx")
    assert [problem.split("：")[0] for problem in found][:2] == [
        f"シート「結果」 {place}" for place in ("2行", "C列")
    ]
    assert "シート全体" in found[-1]


def test_every_way_of_hiding_is_named_with_all_its_columns(tmp_path):
    def hide(workbook):
        first, second = (workbook[name] for name in workbook.sheetnames[:2])
        for letter in "BCD":
            first.column_dimensions[letter].width = 9
        first.column_dimensions.group("B", "D", hidden=True)
        first.column_dimensions["F"].width = 77
        first.row_dimensions[3].height = 78
        second.sheet_format.zeroHeight = True
        second.sheet_format.defaultColWidth = 0

    names = list(saved_workbook(tmp_path, change=hide))[:2]
    saved = tmp_path / "saved.xlsx"
    sheet, content = "xl/worksheets/sheet1.xml", saved.read_bytes()
    lines = part(content, sheet).replace(b'width="77"', b'width="0"').replace(b'"78"', b'"0"')
    saved.write_bytes(archive({sheet: lines}, content))
    assert [problem.split("：")[0] for problem in list_hidden(saved)] == [
        f"シート「{names[0]}」 3行",
        f"シート「{names[0]}」 B〜D列",
        f"シート「{names[0]}」 F列",
        f"シート「{names[1]}」 指定のない行",
        f"シート「{names[1]}」 指定のない列",
    ]


@settings(max_examples=25)
@given(text=st.text(max_size=80), reason=st.text(min_size=1, max_size=80))
def test_whatever_was_typed_survives_both_files(tmp_path_factory, text, reason):
    folder = tmp_path_factory.mktemp("typed")
    text, reason = (part.encode("utf-8", "ignore").decode() for part in (text, reason))
    export = make_export(result(decision=Decision.EXCLUDED, reason=reason), notes=text)
    assert compare_csv(export, csv_cells(folder, make_csv(export))) == []
    assert compare_workbook(export, saved_workbook(folder, make_workbook(export))) == []


def leaves(value, path=()):
    if isinstance(value, dict):
        return [leaf for key, part in value.items() for leaf in leaves(part, (*path, key))]
    if isinstance(value, list):
        return [leaf for key, part in enumerate(value) for leaf in leaves(part, (*path, key))]
    return [path]


def altered(export, path, value):
    """The export with another value at the path."""
    changed = copy.deepcopy(export)
    place = changed
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = value
    return changed


def is_found(export):
    """Whether reading or checking the record.json says that something is wrong."""
    try:
        return bool(check_export(read_export(json.dumps(export))))
    except UnreadableExport:
        return True


def test_every_value_of_record_json_is_sealed():
    places = leaves(EXPORT["record"])
    assert len(places) > 60
    assert [p for p in places if not is_found(altered(EXPORT, ("record", *p), "書き換え"))] == []


def test_a_record_sealed_anew_no_longer_fits_its_event():
    content = copy.deepcopy(EXPORT["record"])
    content["results"][0]["title"] = "別の製品"
    forged = {**EXPORT, "record": content, "record_sha256": seal(content)["record_sha256"]}
    assert any("監査記録の検証値" in problem for problem in check_export(forged))
    event = {**EXPORT["audit"]["event"], "actor_label": "別の人"}
    forged = {**EXPORT, "audit": {**EXPORT["audit"], "event": event}}
    assert check_export(forged) == ["record.json: 確定を記した監査記録の内容が変更されています。"]


def test_a_frozen_content_must_have_its_hash():
    content = copy.deepcopy(EXPORT["record"])
    content["results"][1]["content"]["know_how"] = "別の話"
    assert check_export(seal(content)) == [
        "record.json: 結果2番の固定した内容が、検証値と一致しません。"
    ]


HEAD_BEFORE = Head(day=DAY_BEFORE.day, seq=40, hash="a" * 64)
HEAD_OF_DAY = Head(day=LOCK_DAY, seq=52, hash="d" * 64)


def test_published_heads_that_agree():
    assert check_heads(EXPORT, [HEAD_BEFORE, HEAD_OF_DAY]) == []
    assert is_published(EXPORT, [HEAD_BEFORE, HEAD_OF_DAY])
    assert check_heads(EXPORT, [HEAD_BEFORE]) == []
    assert not is_published(EXPORT, [HEAD_BEFORE])


def test_a_cut_tail_is_found_in_the_heads():
    short = [HEAD_BEFORE, Head(day=LOCK_DAY, seq=45, hash="d" * 64)]
    assert any("切り取られて" in problem for problem in check_heads(EXPORT, short))
    assert any("切り取られて" in problem for problem in check_heads(EXPORT, []))
    later = copy.deepcopy(EXPORT)
    later["audit"]["heads"].append({"day": "2026-11-20", "seq": 52, "hash": "d" * 64})
    assert any("切り取られて" in problem for problem in check_heads(later, [HEAD_BEFORE]))


def test_a_rewritten_past_is_found_in_the_heads():
    other = Head(day=DAY_BEFORE.day, seq=40, hash="e" * 64)
    assert any("書き換え" in problem for problem in check_heads(EXPORT, [other, HEAD_OF_DAY]))
    own = Head(day=LOCK_DAY, seq=50, hash="e" * 64)
    assert any("書き換え" in problem for problem in check_heads(EXPORT, [HEAD_BEFORE, own]))
    backwards = [HEAD_BEFORE, HEAD_OF_DAY, Head(day=date(2026, 11, 21), seq=51, hash="f" * 64)]
    assert any("書き換え" in problem for problem in check_heads(EXPORT, backwards))


@pytest.mark.parametrize(
    "text",
    ["", "{}", "[]", "null", '{"record": {"schema": "moyai-selection-record/1"}}', "１", "{" * 9],
)
def test_what_is_no_record_is_told_so(text):
    with pytest.raises(UnreadableExport):
        read_export(text)


@pytest.mark.parametrize("value", [None, [], {}, -1, "９"], ids=repr)
def test_a_broken_record_json_is_told_or_read_but_never_a_crash(value):
    told = 0
    for path in leaves(EXPORT):
        try:
            export = read_export(json.dumps(altered(EXPORT, path, value)))
        except UnreadableExport:
            told += 1
        else:
            check_heads(export, [HEAD_OF_DAY])
    assert told


def test_what_two_readers_would_read_differently_is_refused():
    text = make_json(EXPORT).decode()
    for forged, said in (
        (text.replace('"record":', '"record":{},"record":', 1), "同じ項目が二つ"),
        (text.replace('{"audit":', '{"approved":"市長","audit":', 1), "記録にない項目"),
        ("[" * 100_000, "読めません"),
    ):
        assert forged != text
        with pytest.raises(UnreadableExport, match=said):
            read_export(forged)


def test_heads_are_read_and_refused():
    assert read_heads(f"day,seq,hash\r\n2026-11-19,40,{'a' * 64}\r\n") == [HEAD_BEFORE]
    for text in ("day,seq\n2026-11-19,40\n", "day,seq,hash\n2026-11-19,x,y\n"):
        with pytest.raises(UnreadableExport):
            read_heads(text)


def test_thirty_results_and_no_more_and_a_reason_for_each_exclusion():
    many = [result(number=number) for number in range(1, MOST_RESULTS + 1)]
    assert list_result_blockers(many) == []
    [blocker] = list_result_blockers([*many, result(number=31)])
    assert "30件まで" in blocker.message
    [blocker] = list_result_blockers([result(decision=Decision.EXCLUDED, reason=" ")])
    assert blocker.field == "reason_offering_1"
    assert [b.code for b in list_result_blockers([])] == ["no_results"]
