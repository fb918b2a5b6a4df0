"""Files that a check of machine readability cannot read, or could not in bounds: refused."""

import io
import zipfile
from collections.abc import Callable

import pytest
from openpyxl import Workbook

from catalog.table_check.check import check_table
from catalog.table_check.reading import Given
from foundation.errors import Refused
from tests.harness.evil_files import archive, part

MOST = 10_000  # cells


def _with_bits(content: bytes, at: int, bits: int) -> bytes:
    """The archive with these bits turned in its only file's header, there and in the directory."""
    changed, directory = bytearray(content), content.find(b"PK\x01\x02")
    changed[at] ^= bits
    changed[directory + at + 2] ^= bits
    return bytes(changed)


def _archive(content: bytes = b"a,b\n1,2\n") -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as made:
        made.writestr("data.csv", content)
    return packed.getvalue()


def _far_apart() -> bytes:
    workbook, packed = Workbook(), io.BytesIO()
    for number in range(30):
        sheet = workbook.create_sheet(f"{number}")
        sheet["A1"], sheet["CV20"] = "a", "b"
    workbook.save(packed)
    return packed.getvalue()


def _unknown_style() -> bytes:
    workbook, packed, name = Workbook(), io.BytesIO(), "xl/worksheets/sheet1.xml"
    workbook.active["A1"] = "a"
    workbook.save(packed)
    made = packed.getvalue()
    return archive({name: part(made, name).replace(b'r="A1"', b'r="A1" s="999"')}, made)


UNREADABLE: dict[str, Callable[[], bytes]] = {
    "encrypted": lambda: _with_bits(_archive(), 6, 1),
    "wrong checksum": lambda: _with_bits(_archive(), 14, 0xFF),
    "unknown packing": lambda: _with_bits(_archive(), 8, 0x60),
    "one long line": lambda: b"," * 300 + b"\n" + b"a\n" * 200,
    "much in little": lambda: _archive(b"a,b,c\n" * 10_000),
    "cells far apart on many sheets": _far_apart,
    "unknown style": _unknown_style,
}


@pytest.mark.parametrize("kind", UNREADABLE)
def test_what_cannot_be_read_in_bounds_is_refused_beside_its_field(kind: str) -> None:
    content = UNREADABLE[kind]()
    small = b"a,b\n1,2\n"
    for given, field in (
        (Given(name="a", content=content, most_cells=MOST), "file"),
        (Given(name="a", content=small, previous=content, most_cells=MOST), "previous"),
    ):
        with pytest.raises(Refused) as refused:
            check_table(given)
        assert [blocker.field for blocker in refused.value.blockers] == [field]


def test_a_file_beside_it_that_cannot_be_read_is_named() -> None:
    with pytest.raises(Refused, match=r"codes\.csv") as refused:
        check_table(Given(name="a", content=b"a\n1\n", beside={"codes.csv": b'"a'}))
    assert [blocker.field for blocker in refused.value.blockers] == ["beside"]
