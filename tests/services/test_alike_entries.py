"""A row that may be an entry under another key is asked about, never guessed at."""

from pathlib import Path

import pytest
from sqlalchemy import select

from accounts.roles import SYSTEM
from catalog.importing import runs
from catalog.importing.known import Alike, bare_name
from catalog.models import Offering
from catalog.services import register_vendor
from foundation.db import Database
from tests.harness.builders import NOW, make_system_type
from tests.harness.catalog import vendor_entry
from tests.services.test_followed_versions import plan, write


@pytest.fixture
def makers(sqlite_database: Database) -> list[str]:
    """Corporate numbers of two makers; the tests give the first one an entry of key `first`."""
    with sqlite_database.transaction() as session:
        make_system_type(session, "generative_ai", name="生成AI")
        vendors = [
            register_vendor(session, actor=SYSTEM, now=NOW, entry=vendor_entry(number))
            for number in ("999900000901", "999900000902")
        ]
        return [str(vendor.organization.corporate_number) for vendor in vendors]


class Files:
    def __init__(self, database: Database, folder: Path, makers: list[str]) -> None:
        self.database, self.folder, self.makers = database, folder, makers
        self.take("first")

    def take(
        self, key: str, alike: Alike = Alike.ASK, maker: int = 0, **cells: str
    ) -> runs.CatalogImport:
        path = write(self.folder / "f.csv", key, [self.makers[maker]], [plan("標準")], **cells)
        return runs.run_import(
            self.database,
            path,
            runs.offerings_plan(alike),
            actor=SYSTEM,
            now=NOW,
            progress=lambda _rows: None,
        )

    def keys(self) -> list[str]:
        with self.database.read_session() as session:
            return list(session.scalars(select(Offering.key).order_by(Offering.id)))


@pytest.fixture
def files(sqlite_database: Database, tmp_path: Path, makers: list[str]) -> Files:
    return Files(sqlite_database, tmp_path, makers)


@pytest.mark.parametrize("key", ["second", ""])
@pytest.mark.parametrize("name", ["続きのある掲載", "続きの ある・掲載", "続きのある掲載！"])
def test_an_unanswered_question_stops_the_import(files: Files, key: str, name: str) -> None:
    result = files.take(key, 名称=name)
    [problem] = result.staged.problems
    assert (problem.line, problem.column) == (2, "同じ掲載")
    assert "「first」" in problem.reason
    assert "同じものですか" in problem.reason
    assert files.keys() == ["first"]


def test_the_same_updates_the_entry_there(files: Files) -> None:
    result = files.take("", 同じ掲載="first", 概要="改めた概要。")
    assert (result.added, result.changed) == (0, 1)
    again = files.take("second", Alike.SAME, 概要="もう一度改めた概要。")
    assert (again.added, again.changed) == (0, 1)
    assert files.keys() == ["first"]


def test_another_one_is_added(files: Files) -> None:
    assert files.take("second", 同じ掲載="別").added == 1
    assert files.take("", Alike.NEW).added == 1
    first, second, made = files.keys()
    assert (first, second) == ("first", "second")
    assert made.startswith("entry-")


def test_a_row_without_a_key_gets_one_and_keeps_it(files: Files) -> None:
    assert files.take("", 名称="はじめての掲載").added == 1
    key = files.keys()[-1]
    again = files.take("", 名称="はじめての掲載", 同じ掲載=key)
    assert (again.added, again.unchanged) == (0, 1)


def test_names_of_other_makers_are_no_question(files: Files) -> None:
    assert files.take("second", maker=1).added == 1


@pytest.mark.parametrize(("key", "answer"), [("second", "nowhere"), ("first", "second")])
def test_an_answer_that_names_no_own_entry_is_refused(files: Files, key: str, answer: str) -> None:
    [problem] = files.take(key, 同じ掲載=answer).staged.problems
    assert problem.column == "同じ掲載"


def test_anothers_entry_is_never_the_same(files: Files) -> None:
    assert files.take("other", maker=1).added == 1
    [problem] = files.take("", 同じ掲載="other").staged.problems
    assert "この開発元に" in problem.reason


def test_two_rows_for_one_entry_are_refused(files: Files) -> None:
    path = write(files.folder / "1.csv", "first", [files.makers[0]], [plan("標準")])
    line = path.read_text(encoding="utf-8").splitlines()[1]
    row = line.replace("first,", "second,", 1)
    path = write(files.folder / "1.csv", "first", [files.makers[0]], [plan("標準")])
    path.write_text(path.read_text(encoding="utf-8") + row + "\r\n", encoding="utf-8")
    result = runs.run_import(
        files.database,
        path,
        runs.offerings_plan(Alike.SAME),
        actor=SYSTEM,
        now=NOW,
        progress=lambda _rows: None,
    )
    [problem] = result.staged.problems
    assert (problem.line, "重複" in problem.reason) == (3, True)


def two_rows(files: Files, first: str, second: str, answer: str = "") -> Path:
    """A file of two new entries that are called the same, but for a sign."""
    said = {"名称": "新しい 掲載", "同じ掲載": ""}
    path = write(files.folder / "2.csv", first, [files.makers[0]], [plan("標準")], **said)
    head, line = path.read_text(encoding="utf-8").splitlines()
    said = {"名称": "新しい掲載", "同じ掲載": answer}
    path = write(files.folder / "2.csv", second, [files.makers[0]], [plan("標準")], **said)
    _head, other = path.read_text(encoding="utf-8").splitlines()
    path.write_text("\r\n".join([head, line, other]) + "\r\n", encoding="utf-8")
    return path


def take_two(files: Files, path: Path, alike: Alike = Alike.ASK) -> runs.CatalogImport:
    return runs.run_import(
        files.database,
        path,
        runs.offerings_plan(alike),
        actor=SYSTEM,
        now=NOW,
        progress=lambda _rows: None,
    )


@pytest.mark.parametrize(("first", "second"), [("a", "b"), ("", ""), ("a", ""), ("", "b")])
def test_two_new_rows_called_the_same_are_asked_about(
    files: Files, first: str, second: str
) -> None:
    [problem] = take_two(files, two_rows(files, first, second)).staged.problems
    assert (problem.line, problem.column) == (3, "同じ掲載")
    assert "2行目" in problem.reason
    assert files.keys() == ["first"]
    assert take_two(files, two_rows(files, first, second, "別")).added == 2
    assert len(set(files.keys())) == 3


def test_the_answer_for_all_rows_holds_for_those_of_one_file(files: Files) -> None:
    assert take_two(files, two_rows(files, "", ""), Alike.NEW).added == 2
    [problem] = take_two(files, two_rows(files, "x", "x"), Alike.NEW).staged.problems
    assert (problem.line, "重複" in problem.reason) == (3, True)


def test_a_row_said_to_be_another_of_the_file_is_that_row_twice(files: Files) -> None:
    [problem] = take_two(files, two_rows(files, "a", "b", "a")).staged.problems
    assert (problem.line, "重複" in problem.reason) == (3, True)
    assert files.keys() == ["first"]


def test_bare_names() -> None:
    assert bare_name("架空アシスト ＡＩ－２") == bare_name("架空アシストAI-2")
    assert bare_name("架空アシスト1") != bare_name("架空アシスト2")
