"""Files people send: every encoding they use, and what is wrong named in their words."""

import io
import zipfile

import pytest
from openpyxl import Workbook

from foundation.tables import UnreadableTable, read_table, sniff_encoding

ROWS = "code,name\n011002,札幌市\n"


def write(tmp_path, content, name="bodies.csv"):
    path = tmp_path / name
    path.write_bytes(content)
    return path


def cells(path, required=("code", "name")):
    return [dict(row.cells) for row in read_table(path, required)]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp932"])
def test_every_encoding_of_the_office_gives_the_same_rows(tmp_path, encoding):
    path = write(tmp_path, ROWS.encode(encoding))
    assert cells(path) == [{"code": "011002", "name": "札幌市"}]


def test_characters_only_cp932_has_are_read(tmp_path):
    path = write(tmp_path, "code,name\n1,髙﨑①㈱\n".encode("cp932"))
    assert sniff_encoding(path) == "cp932"
    assert cells(path)[0]["name"] == "髙﨑①㈱"


def test_utf8_is_never_taken_for_cp932_by_its_first_bytes(tmp_path):
    text = "code,name\n" + "1,a\n" * 50_000 + "2,最後だけ日本語\n"
    path = write(tmp_path, text.encode())
    assert sniff_encoding(path) == "utf-8-sig"
    assert cells(path)[-1]["name"] == "最後だけ日本語"


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "空"),
        (ROWS.encode("utf-16"), "UTF-16"),
        (b"code,name\n\x81\xff,x\n", "文字コード"),
        (b"code,name\n1,a\x00b\n", "文字コード"),
        (bytes.fromhex("D0CF11E0A1B11AE1") + b"x" * 100, "パスワード"),
        (b"code\n1\n", "name"),
        (b"code,name,code\n1,a,2\n", "2つ以上"),
        ("code,name\n1,a,あふれた欄\n".encode(), "2行目"),
        (b'code,name\n1,"a"b\n', "2行目"),
        (b"code,name\n1," + b"a" * 10_001 + b"\n", "10,000文字"),
        (b"PK\x03\x04 but no archive", "Excel"),
    ],
)
def test_what_cannot_be_read_is_refused_with_the_reason(tmp_path, content, said):
    path = write(tmp_path, content)
    with pytest.raises(UnreadableTable, match=said):
        list(read_table(path, ("code", "name")))


def test_a_row_is_numbered_by_the_line_it_begins_on(tmp_path):
    path = write(tmp_path, 'code,name\n1,"二行\nにわたる"\n\n2,次\n'.encode())
    assert [(row.line, row.cells["code"]) for row in read_table(path, ("code",))] == [
        (2, "1"),
        (5, "2"),
    ]


def test_headers_are_matched_whatever_their_width_and_spaces(tmp_path):
    path = write(tmp_path, "ｃｏｄｅ, name \n1,a\n".encode())
    assert cells(path) == [{"code": "1", "name": "a"}]


def workbook(tmp_path, *sheets):
    book = Workbook()
    book.remove(book.active)
    for title, rows in sheets:
        sheet = book.create_sheet(title)
        for row in rows:
            sheet.append(row)
    path = tmp_path / "bodies.xlsx"
    book.save(path)
    return path


def test_a_workbook_gives_text_without_the_readers_floats_and_blanks(tmp_path):
    path = workbook(
        tmp_path,
        ("説明", [["この表について"]]),
        (
            "団体",
            [["code", "name", "n", "f"], ["011002", "札幌市", 12, 0.5], [None, "空", None, None]],
        ),
    )
    rows = list(read_table(path, ("code", "name")))
    assert [(row.sheet, row.line) for row in rows] == [("団体", 2), ("団体", 3)]
    assert rows[0].cells == {"code": "011002", "name": "札幌市", "n": "12", "f": "0.5"}
    assert rows[1].cells == {"code": "", "name": "空", "n": "", "f": ""}


def test_lines_of_a_workbook_are_those_the_reader_sees(tmp_path):
    book = Workbook()
    sheet = book.active
    sheet["A3"], sheet["B3"] = "code", "name"
    sheet["A5"], sheet["B5"] = "1", "a"
    path = tmp_path / "late.xlsx"
    book.save(path)
    assert [(row.line, row.cells["code"]) for row in read_table(path, ("code",))] == [(5, "1")]


def test_a_workbook_without_our_columns_names_them(tmp_path):
    path = workbook(tmp_path, ("表", [["code"], ["1"]]))
    with pytest.raises(UnreadableTable, match=r"表: .*name"):
        list(read_table(path, ("code", "name")))


def test_a_workbook_with_macros_is_refused(tmp_path):
    path = workbook(tmp_path, ("表", [["code"], ["1"]]))
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("xl/vbaProject.bin", b"x")
    with pytest.raises(UnreadableTable, match="マクロ"):
        list(read_table(path, ("code",)))


def test_a_file_that_unpacks_to_far_more_than_it_weighs_is_refused(tmp_path):
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", b"0" * (301 * 1024 * 1024))
    path = write(tmp_path, packed.getvalue(), "bomb.xlsx")
    with pytest.raises(UnreadableTable, match="大きすぎる"):
        list(read_table(path, ("code",)))


def spread(tmp_path, place):
    """A workbook of a header and one more cell at this place."""
    book = Workbook()
    book.active["A1"] = "code"
    book.active[place] = "1"
    path = tmp_path / "spread.xlsx"
    book.save(path)
    return path


def test_a_cell_far_off_is_refused_before_it_takes_the_memory_of_all_between(tmp_path):
    path = spread(tmp_path, "XFD1048576")
    assert path.stat().st_size < 10_000
    with pytest.raises(UnreadableTable, match="1,048,576行×16,384列"):
        list(read_table(path, ("code",)))


def test_a_cell_at_the_last_line_of_a_narrow_table_is_read(tmp_path):
    rows = list(read_table(spread(tmp_path, "A1048576"), ("code",)))
    assert [(row.line, row.cells["code"]) for row in rows] == [(1_048_576, "1")]


def test_an_archive_that_is_no_xlsx_is_refused(tmp_path):
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("content.xml", b"<office/>")
    path = write(tmp_path, packed.getvalue(), "table.ods")
    with pytest.raises(UnreadableTable, match="xlsx で保存"):
        list(read_table(path, ("code",)))
