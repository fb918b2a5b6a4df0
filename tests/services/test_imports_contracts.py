"""`flask procurement import-contracts`: whole files or nothing, every bad row named."""

from datetime import date
from pathlib import Path

import pytest
from openpyxl import Workbook
from sqlalchemy import select

from accounts.roles import SYSTEM
from app import create_app
from foundation.audit import AuditEvent
from foundation.db import Database
from procurement.importing import COLUMNS, check_contracts, import_contracts
from procurement.need_models import PresentContract
from tests.harness.builders import NOW, make_body, make_system_type

HEADER = "団体コード,団体名,システム種別,事業者,契約の終わり,年額（税込・円）\n"


def write(folder: Path, text: str, encoding: str = "utf-8") -> Path:
    path = folder / "contracts.csv"
    path.write_text(HEADER + text, encoding=encoding)
    return path


def take_in(database, path):
    return import_contracts(database, path, actor=SYSTEM, now=NOW, progress=lambda _rows: None)


def contracts(database):
    with database.read_session() as session:
        rows = session.scalars(select(PresentContract).order_by(PresentContract.body_code))
        return [(r.system_type_code, r.vendor_name, r.ends_on, r.annual_cost_yen) for r in rows]


@pytest.fixture
def code(database: Database) -> str:
    with database.transaction() as session:
        make_system_type(session, "generative_ai", name="生成AI")
        return make_body(session).code


def test_a_file_is_taken_in_and_renewed(database: Database, code, tmp_path):
    path = write(
        tmp_path, f'{code},架空市,生成AI,架空システム,令和9年3月31日,"1,200,000"\n', "cp932"
    )
    assert (take_in(database, path).added, take_in(database, path).changed) == (1, 1)
    assert contracts(database) == [("generative_ai", "架空システム", date(2027, 3, 31), 1_200_000)]
    take_in(database, write(tmp_path, f"{code},,generative_ai,,,900000円\n"))
    assert contracts(database) == [("generative_ai", "", None, 900_000)]
    with database.read_session() as session:
        actions = list(session.scalars(select(AuditEvent.action)))
        assert actions == ["import_contracts"] * 3
        assert not [e for e in session.scalars(select(AuditEvent)) if "900000" in str(e.changes)]


def test_one_bad_row_takes_in_nothing_and_all_are_named(database: Database, code, tmp_path):
    bad = (
        f"{code},,生成AI,,2027-03-31,100\n"
        "011002,,生成AI,,2027-03-31,100\n"
        f"{code},,なにか,,2027-02-30,多額\n"
        f"{code},,generative_ai,,,\n"
    )
    result = take_in(database, write(tmp_path, bad))
    named = [(p.line, p.column) for p in result.staged.problems]
    assert (3, "団体コード") in named
    assert {(4, "システム種別"), (4, "契約の終わり"), (4, "年額(税込・円)")} <= set(named)
    assert {(5, "契約の終わり"), (5, "")} <= set(named)
    assert contracts(database) == []


def test_a_workbook_names_its_sheet(sqlite_database: Database, tmp_path):
    with sqlite_database.transaction() as session:
        make_system_type(session, "generative_ai", name="生成AI")
        code = make_body(session).code
    book = Workbook()
    sheet = book.active
    sheet.title = "契約一覧"
    sheet.append(list(COLUMNS))
    sheet.append([code, "生成AI", "架空システム", date(2027, 3, 31), 500_000])
    sheet.append(["999999", "生成AI", "", "", 1])
    path = tmp_path / "contracts.xlsx"
    book.save(path)
    staged = check_contracts(sqlite_database, path, now=NOW, progress=lambda _rows: None)
    assert [(p.sheet, p.line, p.column) for p in staged.problems] == [("契約一覧", 3, "団体コード")]
    sheet.delete_rows(3)
    book.save(path)
    staged = check_contracts(sqlite_database, path, now=NOW, progress=lambda _rows: None)
    assert (staged.rows, staged.problems) == (1, ())
    assert contracts(sqlite_database) == []
    assert take_in(sqlite_database, path).added == 1
    assert contracts(sqlite_database)[0][2] == date(2027, 3, 31)


def test_the_command_says_what_it_did(sqlite_url, tmp_path):
    app = create_app(
        {"INSTANCE_DIR": str(tmp_path / "instance"), "DATABASE_URL": sqlite_url, "TESTING": True}
    )
    database: Database = app.extensions["moyai_database"]
    with database.transaction() as session:
        make_system_type(session, "generative_ai", name="生成AI")
        code = make_body(session).code
    run = app.test_cli_runner().invoke
    good = write(tmp_path, f"{code},,生成AI,,2027-03-31,100\n")
    dry = run(args=["procurement", "import-contracts", "--dry-run", str(good)])
    assert (dry.exit_code, contracts(database)) == (0, [])
    done = run(args=["procurement", "import-contracts", str(good)])
    assert (done.exit_code, len(contracts(database))) == (0, 1)
    assert "新規 1" in done.output
    bad = run(args=["procurement", "import-contracts", str(write(tmp_path, "x,,,,,\n"))])
    assert bad.exit_code == 1
    assert "2行目「団体コード」" in bad.output
    (tmp_path / "other.csv").write_text("a,b\n1,2\n", encoding="utf-8")
    other = run(args=["procurement", "import-contracts", str(tmp_path / "other.csv")])
    assert other.exit_code == 1
    assert "次の列がありません" in other.output
    database.dispose()
