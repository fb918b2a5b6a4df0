"""Specifications come in from files and go out again to the letter; bad files change nothing."""

import csv
import io
import random
import shutil
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook
from sqlalchemy import select

from accounts.roles import SYSTEM
from catalog.conformance import naming_specs
from catalog.importing.runs import OFFERINGS, SPECS, CatalogImport, run_import
from catalog.importing.spec_pages import specs_csv, specs_workbook
from catalog.library.models import SpecDocument
from catalog.library.queries import get_spec_versions, list_specs
from catalog.library.sources import register_library_sources
from catalog.models import OfferingVersion, SearchOutbox
from catalog.search.catalog_sources import register_catalog_sources
from catalog.search.sources import list_documents
from catalog.services import register_vendor
from catalog.spec_names import load_spec_names
from foundation.audit import AuditEvent
from foundation.db import Database
from foundation.tables import UnreadableTable
from tests.harness.builders import NOW, make_system_type
from tests.harness.catalog import ANSWERS, offering_entry, publish, vendor_entry
from tests.pages.test_catalog_imports import offering_row
from tests.services.test_broken_files import fingerprint

Row = dict[str, str]
ODD = (
    "=1+1",
    "改行の\nある内容。",
    '引用符 " と、カンマ, と「括弧」',
    "'引用符から",
    "＋1",
    "髙橋①",
)
NAMED = "架空 住民向け通知サービス 標準仕様書"


def spec_row(n: int = 1, **cells: str) -> Row:
    own = {
        "キー": f"sent-{n}",
        "名称": f"{NAMED} 第{n}版",
        "種類": "標準仕様書",
        "分野": "情報",
        "発行": "架空県",
        "版": f"第{n}版",
        "時期": "2026-04",
        "次の改訂年度": "2028",
        "システム種別": "生成AI",
        "内容": "架空の仕様書。",
        "前の版": "",
        "アドレス": "https://example.jp/spec",
        "架空": "true",
        "出典": "架空の資料",
        "出典の箇所": "1頁",
        "出典の時点": "2026-11-01",
    }
    return own | cells


class Shelf:
    """The library of one database, and a folder for its files."""

    def __init__(self, database: Database, folder: Path) -> None:
        self.database, self.folder = database, folder
        with database.transaction() as session:
            make_system_type(session, "generative_ai", name="生成AI")

    def take(self, path: Path) -> CatalogImport:
        return run_import(
            self.database, path, SPECS, actor=SYSTEM, now=NOW, progress=lambda _rows: None
        )

    def send(self, *rows: Row, ending: str = "csv", encoding: str = "utf-8") -> CatalogImport:
        return self.take(self.write(*rows, ending=ending, encoding=encoding))

    def reasons(self, path: Path) -> list[str]:
        try:
            return [str(problem) for problem in self.take(path).staged.problems]
        except UnreadableTable as error:
            return [str(error)]

    def write(self, *rows: Row, ending: str = "csv", encoding: str = "utf-8") -> Path:
        path = self.folder / f"specs.{ending}"
        columns = list(dict.fromkeys(name for row in rows for name in row))
        lines = [columns, *([row.get(name, "") for name in columns] for row in rows)]
        if ending == "csv":
            text = io.StringIO()
            csv.writer(text).writerows(lines)
            path.write_bytes(text.getvalue().encode(encoding))
            return path
        book = Workbook()
        for line in lines:
            book.active.append(line)
        for cells in book.active.iter_rows():
            for cell in cells:
                cell.data_type = "s"
        book.save(path)
        return path

    def rows(self) -> list[dict[str, Any]]:
        """Everything the table says, without what each database counts for itself."""
        with self.database.read_session() as session:
            columns = [c for c in SpecDocument.__table__.columns if c.name != "id"]
            found = session.execute(select(*columns).order_by(SpecDocument.key))
            return [dict(row._mapping) for row in found]


@pytest.fixture
def shelf(database: Database, tmp_path: Path) -> Shelf:
    register_catalog_sources()
    register_library_sources()
    return Shelf(database, tmp_path)


def test_a_file_is_taken_in_once_changed_by_the_next_and_told_to_the_index(shelf: Shelf) -> None:
    taken = shelf.send(spec_row(1), spec_row(2, 前の版="sent-1"))
    assert (taken.added, taken.changed, taken.unchanged) == (2, 0, 0)
    taken = shelf.send(spec_row(1, 内容="改めた。"), spec_row(2, 前の版="sent-1"), ending="xlsx")
    assert (taken.added, taken.changed, taken.unchanged) == (0, 1, 1)
    with shelf.database.read_session() as session:
        first, second = list_specs(session)
        assert (first.summary, first.version, first.fictional) == ("改めた。", "第1版", True)
        assert first.next_revision_fy == 2028
        assert [each.code for each in first.system_types] == ["generative_ai"]
        assert get_spec_versions(session, second).earlier == ((first.id, first.title),)
        assert get_spec_versions(session, first).later == ((second.id, second.title),)
        assert {kind for kind in session.scalars(select(SearchOutbox.kind))} == {"spec"}
        events = session.scalars(select(AuditEvent).order_by(AuditEvent.seq)).all()
        assert [event.action for event in events] == ["import_specs"] * 2


@pytest.mark.parametrize("ending", ["csv", "xlsx"])
def test_what_goes_out_comes_in_to_the_letter(
    shelf: Shelf, empty_sqlite: Path, tmp_path: Path, ending: str
) -> None:
    odd = [spec_row(n, 内容=text, 分野=text.splitlines()[0]) for n, text in enumerate(ODD, start=3)]
    bare = {name: "" for name in spec_row()} | {
        "キー": "bare",
        "名称": "名だけの仕様書",
        "種類": "guideline",
        "出典": "資料",
        "出典の時点": "令和8年11月1日",
    }
    shelf.send(spec_row(2, 前の版="sent-1"), spec_row(1), *odd, bare)
    before = shelf.rows()
    assert {row["summary"] for row in before} >= set(ODD[:3])
    out = tmp_path / f"out.{ending}"
    with shelf.database.read_session() as session:
        text = specs_csv(session).encode("utf-8-sig") if ending == "csv" else b""
        out.write_bytes(text or specs_workbook(session))
    taken = shelf.take(out)
    assert (taken.added, taken.changed) == (0, 0)
    assert taken.unchanged == len(before)
    own = shutil.copy(empty_sqlite, tmp_path / "other.db")
    other = Shelf(Database(f"sqlite:///{own}"), tmp_path)
    try:
        assert other.take(out).added == len(before)
        assert other.rows() == before
    finally:
        other.database.dispose()


BAD: dict[str, tuple[str, ...]] = {
    "キー": ("", "鍵-1", "a b", "x" * 61),
    "名称": ("", "　", "長" * 201, "縦｜線", "縦|線", "二行\nの名"),
    "種類": ("", "なにか", "標準", "standard_spec"),
    "時期": ("きのう", "2026-13", "26年", "2026-02-30", "12"),
    "次の改訂年度": ("来年", "1999", "2.5", "-1", "令和10年度", "99999"),
    "システム種別": ("月面基地", "生成AI、GIS"),
    "前の版": ("ない仕様書", "sent-1"),
    "アドレス": ("ftp://example.jp/", "example.jp", "javascript:alert(1)"),
    "架空": ("もしかして", "2", "○"),
    "出典": ("", "長" * 201),
    "出典の時点": ("", "2026-02-30", "46113", "昨年"),
    "内容": ("長" * 5_001,),
    "版": ("長" * 201,),
    "つづり違い": ("x",),
}


def bad_files(count: int) -> list[tuple[str, str, int, str, str]]:
    """(column, value, line of the row at fault, ending, encoding), the same each time."""
    chance = random.Random("specs")
    every = [(column, value) for column, values in BAD.items() for value in values]
    forms = (("csv", "utf-8"), ("csv", "utf-8-sig"), ("csv", "cp932"), ("xlsx", ""))
    return [
        (*every[n % len(every)], chance.randrange(4), *chance.choice(forms)) for n in range(count)
    ]


def test_bad_cells_are_named_and_nothing_is_taken_in(shelf: Shelf) -> None:
    """A bad row among good ones, in every form an office sends: row, column, reason."""
    shelf.send(spec_row(9))
    before = fingerprint(shelf.database)
    faults = []
    for column, value, place, ending, encoding in bad_files(80):
        rows = [spec_row(n) for n in range(1, 5)]
        # What a row may not say of itself depends on its own key.
        own = f"sent-{place + 1}" if value == "sent-1" else value
        rows[place] = rows[place] | {column: own}
        path = shelf.write(*rows, ending=ending, encoding=encoding)
        reasons = shelf.reasons(path)
        wanted = [r for r in reasons if f" {_line(rows, place, ending)}行目「{column}」" in r]
        if not wanted or fingerprint(shelf.database) != before:
            faults.append(f"{column}={own[:20]!r} {ending} {place}: {reasons[:3]}")
    assert not faults, "\n".join(faults)


def _line(rows: list[Row], place: int, ending: str) -> int:
    breaks = sum(text.count("\n") for row in rows[:place] for text in row.values())
    return place + 2 + (breaks if ending == "csv" else 0)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\xef\xbb\xbf",
        b"%PDF-1.7\n",
        "キー,名称\nsent-1,あ\n".encode(),
        "キー,名称\nsent-1,あ\n".encode("utf-16"),
        bytes.fromhex("D0CF11E0A1B11AE1") + bytes(600),
        b"PK\x03\x04" + bytes(30),
    ],
)
def test_files_that_are_no_table_of_specifications_change_nothing(
    shelf: Shelf, content: bytes
) -> None:
    before = fingerprint(shelf.database)
    path = shelf.folder / "broken.csv"
    path.write_bytes(content)
    assert len("".join(shelf.reasons(path))) > 5
    assert fingerprint(shelf.database) == before


def test_names_are_one_specifications_only_and_keys_stand_once(shelf: Shelf) -> None:
    [problem] = shelf.send(spec_row(1), spec_row(2, 名称=f"{NAMED}　第１版")).staged.problems
    assert (problem.line, problem.column) == (3, "名称")
    [problem] = shelf.send(spec_row(1), spec_row(1, 名称="別の名")).staged.problems
    assert (problem.line, "重複" in problem.reason) == (3, True)
    shelf.send(spec_row(1))
    [problem] = shelf.send(spec_row(2, 名称=f"{NAMED}第1版")).staged.problems
    assert "sent-1" in problem.reason
    [problem] = shelf.send(spec_row(1, 架空="false")).staged.problems
    assert problem.column == "架空"


def test_what_the_product_itself_brings_stays_as_its_sources_say(shelf: Shelf) -> None:
    said = spec_row(キー="disaster-model", 名称="防災の仕様書", 架空="false")
    with shelf.database.transaction() as session:
        session.add(
            SpecDocument(
                key="disaster-model", title="防災の仕様書", kind="model", domain="", issuer="",
                version="", issued_on="", system_types="", summary="", source_doc="資料",
                source_lines="", source_as_of="2025-06-13", url="",
            )
        )  # fmt: skip
    [problem] = shelf.send(said).staged.problems
    assert "もやいの資料" in problem.reason
    same = {"種類": "model", "出典": "資料", "出典の時点": "2025-06-13", "架空": ""}
    empty = dict.fromkeys(spec_row(), "") | same
    assert shelf.send(empty | {"キー": said["キー"], "名称": said["名称"]}).unchanged == 1


def test_entries_speak_of_it_by_its_title_from_the_same_moment(shelf: Shelf) -> None:
    """By its title in a file of entries, which the page, the export and the search understand."""
    with shelf.database.transaction() as session:
        register_vendor(session, actor=SYSTEM, now=NOW, entry=vendor_entry("999900000901"))
    line = f"{NAMED} 第1版｜第1版｜self_declared｜｜一つ足りない"
    path = shelf.folder / "offerings.csv"
    shelf.write(offering_row(1, 仕様書への適合=line)).rename(path)

    def send() -> CatalogImport:
        return run_import(
            shelf.database, path, OFFERINGS, actor=SYSTEM, now=NOW, progress=lambda _rows: None
        )

    [problem] = send().staged.problems
    assert (problem.column, "ありません" in problem.reason) == ("仕様書への適合", True)
    shelf.send(spec_row(1, 種類="モデル仕様書"))
    assert send().added == 1
    with shelf.database.read_session() as session:
        [version] = session.scalars(select(OfferingVersion))
        [said] = version.answers["spec_conformance"]
        assert (said["spec"], said["version"], said["gaps"]) == (
            "sent-1",
            "第1版",
            ["一つ足りない"],
        )
        [document] = list_documents(session, "offering", [version.offering_id])
        assert NAMED in document.body
        assert document.facets["spec"] == ("sent-1",)


def test_nothing_real_conforms_to_what_was_made_up(shelf: Shelf) -> None:
    shelf.send(spec_row(1))
    with shelf.database.transaction() as session:
        register_vendor(session, actor=SYSTEM, now=NOW, entry=vendor_entry("999900000901"))
    line = f"{NAMED} 第1版|第1版|self_declared"
    path = shelf.write(offering_row(1, 仕様書への適合=line, 架空="false"))
    result = run_import(
        shelf.database, path, OFFERINGS, actor=SYSTEM, now=NOW, progress=lambda _rows: None
    )
    [problem] = result.staged.problems
    assert problem.column == "仕様書への適合"
    assert "架空の仕様書" in problem.reason


def test_a_changed_title_has_the_entries_that_name_it_found_anew(shelf: Shelf) -> None:
    shelf.send(spec_row(1))
    with shelf.database.transaction() as session:
        vendor = register_vendor(session, actor=SYSTEM, now=NOW, entry=vendor_entry())
        said = {
            "spec": "sent-1", "version": "第1版", "status": "self_declared",
            "verified_by": "", "gaps": [],
        }  # fmt: skip
        entry = offering_entry(vendor, answers={**ANSWERS, "spec_conformance": [said]})
        with naming_specs(lambda: load_spec_names(session)):
            offering = publish(session, entry)
        session.execute(SearchOutbox.__table__.delete())
        number = offering.id
    shelf.send(spec_row(1, 名称="新しい名の仕様書"))
    with shelf.database.read_session() as session:
        queued = session.execute(select(SearchOutbox.kind, SearchOutbox.object_id)).all()
        assert ("offering", number) in [tuple(row) for row in queued]
