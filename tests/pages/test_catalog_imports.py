"""`flask catalog …`: whole files or nothing, every bad row named."""

import csv
import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from flask import Flask
from openpyxl import Workbook
from sqlalchemy import func, select

from accounts.roles import VISITOR
from catalog.answers import format_answer
from catalog.criteria import CRITERIA
from catalog.importing import case_rows, offering_rows
from catalog.models import Case, Offering, OfferingVersion
from catalog.queries.cases import get_case_page
from catalog.queries.offerings import get_offering_page
from foundation.audit import AuditEvent
from foundation.db import Database
from foundation.staging import ImportBatch, ImportRow
from tests.harness.builders import corporate_number
from tests.harness.catalog import ANSWERS, SmallCatalog, open_catalog

MAKER = corporate_number("999900000901")
Row = dict[str, str]
Opened = tuple[Flask, SmallCatalog]


@pytest.fixture
def opened(empty_sqlite: Path, tmp_path: Path) -> Iterator[Opened]:
    with open_catalog(empty_sqlite, tmp_path) as opened:
        yield opened


def offering_row(n: int = 1, **cells: str) -> Row:
    """A complete row of an offerings file."""
    answers = {c.label: format_answer(c, ANSWERS.get(c.key)) for c in CRITERIA}
    own = {
        "キー": f"imported-{n}",
        "名称": f"取り込みサービス{n}",
        "概要": "ファイルから取り込むサービス",
        "システム種別": "生成AI",
        "開発元": MAKER,
        "架空": "true",
        "料金プラン名": "標準",
        "月額単価（税抜・円）": "1,000",
        "月額の単位": "アカウント",
    }
    return own | answers | cells


def case_row(n: int = 1, **cells: str) -> Row:
    """A complete row of a cases file."""
    own = {
        "キー": f"imported-case-{n}",
        "種別": "共同調達",
        "件名": f"取り込み事例{n}",
        "システム種別": "生成AI",
        "架空": "true",
        "幹事団体（原典の表記）": "架空中央市",
        "契約額": "１，２００，０００円",
        "税込": "true",
        "契約の開始": "令和8年4月1日",
        "掲載サービスのキー": "small-1|small-2",
    }
    return own | cells


def write_csv(path: Path, rows: list[Row], encoding: str = "utf-8") -> Path:
    columns = list(dict.fromkeys(name for row in rows for name in row))
    text = io.StringIO()
    writer = csv.DictWriter(text, columns, lineterminator="\r\n")
    writer.writeheader()
    writer.writerows(rows)
    path.write_bytes(text.getvalue().encode(encoding))
    return path


def write_xlsx(path: Path, rows: list[Row]) -> Path:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    columns = list(rows[0])
    sheet.append(columns)
    for row in rows:
        sheet.append([row[name] for name in columns])
    book.save(path)
    return path


def run(app: Flask, *arguments: str | Path) -> Result:
    return app.test_cli_runner().invoke(args=["catalog", *map(str, arguments)])


def count(app: Flask, model: type[Any]) -> int:
    database: Database = app.extensions["moyai_database"]
    with database.read_session() as session:
        return session.scalar(select(func.count()).select_from(model)) or 0


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp932"])
def test_offerings_come_in_from_any_encoding_an_office_writes(
    opened: Opened, tmp_path: Path, encoding: str
) -> None:
    app, _catalog = opened
    rows = [offering_row(1), offering_row(2, 開発元=MAKER, 販売元=MAKER)]
    result = run(app, "import-offerings", write_csv(tmp_path / "o.csv", rows, encoding))
    assert (result.exit_code, result.output.splitlines()[-1]) == (
        0,
        "2行を取り込みました（新規 2・更新 0・変更なし 0）。",
    )
    database: Database = app.extensions["moyai_database"]
    with database.read_session() as session:
        found = session.scalar(select(Offering).where(Offering.key == "imported-1"))
        assert found is not None
        page = get_offering_page(session, VISITOR, found.id)
        [event] = session.scalars(select(AuditEvent).where(AuditEvent.action == "import_offerings"))
    public = {key: value for key, value in ANSWERS.items() if key != "security_measures"}
    assert page.content.answers == public
    assert page.content.offers[0].plans[0].plan.components[0].unit.value == "account"
    assert page.row.fictional
    assert event.changes["added"] == 2


def test_importing_the_same_file_again_changes_nothing(opened: Opened, tmp_path: Path) -> None:
    app, _catalog = opened
    path = write_csv(tmp_path / "o.csv", [offering_row(1), offering_row(2)])
    assert run(app, "import-offerings", path).exit_code == 0
    versions = count(app, OfferingVersion)
    again = run(app, "import-offerings", path)
    assert "新規 0・更新 0・変更なし 2" in again.output
    assert count(app, OfferingVersion) == versions


def test_a_changed_row_makes_the_next_version(opened: Opened, tmp_path: Path) -> None:
    app, _catalog = opened
    run(app, "import-offerings", write_csv(tmp_path / "1.csv", [offering_row(1)]))
    changed = write_csv(tmp_path / "2.csv", [offering_row(1, 名称="改めた名称")])
    assert "新規 0・更新 1" in run(app, "import-offerings", changed).output


def test_a_workbook_is_read_like_a_csv(opened: Opened, tmp_path: Path) -> None:
    app, _catalog = opened
    path = write_xlsx(tmp_path / "o.xlsx", [offering_row(1)])
    assert run(app, "import-offerings", path).exit_code == 0


@pytest.mark.parametrize(
    ("cells", "column", "words"),
    [
        ({"システム種別": "月面基地"}, "システム種別", "ありません"),
        ({"開発元": "9999999999999"}, "開発元", "登録されていません"),
        ({"LGWAN接続口": "たぶん"}, "LGWAN接続口", "選択肢"),
        ({"LGWAN接続口": ""}, "LGWAN接続口", "必ず回答"),
        ({"導入実績": "-3"}, "導入実績", "0以上"),
        ({"導入実績": "３．５"}, "導入実績", "整数"),
        ({"稼働率の保証": "120"}, "稼働率の保証", "100"),
        ({"認証・登録": "登録なし|ISMAP"}, "認証・登録", "一緒に選べません"),
        ({"登録日": "2026-02-30"}, "登録日", "日付"),
        ({"架空": "もしかして"}, "架空", "true"),
        ({"名称": "　"}, "名称", "入力"),
        ({"キー": "あいう"}, "キー", "半角"),
        ({"月額単価（税抜・円）": "-1"}, "月額単価（税抜・円）", "0円以上"),
        ({"料金プラン定義（JSON）": "{"}, "料金プラン定義（JSON）", "JSON"),
        ({"料金プラン定義（JSON）": '[{"components":[1]}]'}, "料金プラン定義（JSON）", "定義"),
        ({"つづり違いの列": "x"}, "つづり違いの列", "列の名前"),
    ],
)
def test_a_bad_offering_row_is_named_and_nothing_is_imported(
    opened: Opened, tmp_path: Path, cells: Row, column: str, words: str
) -> None:
    app, _catalog = opened
    before = count(app, Offering)
    rows = [offering_row(1), offering_row(2) | cells]
    result = run(app, "import-offerings", write_csv(tmp_path / "o.csv", rows))
    assert result.exit_code == 1
    line = next(text for text in result.output.splitlines() if "3行目" in text)
    assert f"「{column}」" in line.replace("(", "（").replace(")", "）")
    assert words in line
    assert "1行も取り込んでいません" in result.output
    assert count(app, Offering) == before


@pytest.mark.parametrize(
    ("cells", "column"),
    [
        ({"種別": "噂"}, "種別"),
        ({"種別": ""}, "種別"),
        ({"契約額": "約100万円"}, "契約額"),
        ({"契約の開始": "2026/13/01"}, "契約の開始"),
        ({"契約の終了": "2025-01-01"}, "契約の終了"),
        ({"幹事団体コード": "123456"}, "幹事団体コード"),
        ({"参加市区町村コード": "131016|990000"}, "参加市区町村コード"),
        ({"掲載サービスのキー": "nowhere"}, "掲載サービスのキー"),
        ({"架空": ""}, "掲載サービスのキー"),
        ({"参加市区町村数": "-1"}, "参加市区町村数"),
        ({"出典のアドレス": "ftp://x"}, "出典のアドレス"),
        ({"状況": "夢の中"}, "状況"),
    ],
)
def test_a_bad_case_row_is_named_and_nothing_is_imported(
    opened: Opened, tmp_path: Path, cells: Row, column: str
) -> None:
    app, _catalog = opened
    before = count(app, Case)
    rows = [case_row(1), case_row(2) | cells]
    result = run(app, "import-cases", write_csv(tmp_path / "c.csv", rows))
    assert result.exit_code == 1
    lines = [text for text in result.output.splitlines() if "3行目" in text]
    assert any(f"「{column}」" in text for text in lines), result.output
    assert count(app, Case) == before


def test_cases_come_in_with_their_links(opened: Opened, tmp_path: Path) -> None:
    app, catalog = opened
    result = run(app, "import-cases", write_csv(tmp_path / "c.csv", [case_row(1)]))
    assert result.exit_code == 0, result.output
    database: Database = app.extensions["moyai_database"]
    with database.read_session() as session:
        case = session.scalar(select(Case).where(Case.key == "imported-case-1"))
        assert case is not None
        page = get_case_page(session, case.id)
    assert [offering.id for offering in page.offerings] == [catalog.offering, catalog.second]
    assert page.contract_amount_yen == 1_200_000
    assert str(page.contract_start) == "2026-04-01"
    assert page.know_how == ""


def test_a_case_that_says_the_same_again_is_left_as_it_is(opened: Opened, tmp_path: Path) -> None:
    app, _catalog = opened
    path = write_csv(tmp_path / "c.csv", [case_row(1), case_row(2)])
    assert "新規 2・更新 0・変更なし 0" in run(app, "import-cases", path).output
    assert "新規 0・更新 0・変更なし 2" in run(app, "import-cases", path).output
    changed = write_csv(tmp_path / "d.csv", [case_row(1), case_row(2, 件名="改めた件名")])
    assert "新規 0・更新 1・変更なし 1" in run(app, "import-cases", changed).output


def test_a_dry_run_says_what_would_happen_and_leaves_no_trace(
    opened: Opened, tmp_path: Path
) -> None:
    app, _catalog = opened
    before = count(app, Offering)
    path = write_csv(tmp_path / "o.csv", [offering_row(1)])
    result = run(app, "import-offerings", path, "--dry-run")
    assert result.exit_code == 0
    assert "1行に誤りはありません" in result.output
    assert count(app, Offering) == before
    assert count(app, ImportBatch) == count(app, ImportRow) == 0


def test_a_missing_column_is_named(opened: Opened, tmp_path: Path) -> None:
    row = offering_row(1)
    del row["概要"]
    result = run(opened[0], "import-offerings", write_csv(tmp_path / "o.csv", [row]))
    assert result.exit_code == 1
    assert "概要" in result.output


def test_the_same_key_twice_in_a_file_is_refused(opened: Opened, tmp_path: Path) -> None:
    rows = [offering_row(1), offering_row(1)]
    result = run(opened[0], "import-offerings", write_csv(tmp_path / "o.csv", rows))
    assert result.exit_code == 1
    assert "重複" in result.output


def test_another_vendors_entry_cannot_be_taken_over(opened: Opened, tmp_path: Path) -> None:
    row = offering_row(1, キー="small-2")
    result = run(opened[0], "import-offerings", write_csv(tmp_path / "o.csv", [row]))
    assert result.exit_code == 1
    assert "別の事業者" in result.output


def test_a_file_that_is_not_there_is_wrong_usage(opened: Opened, tmp_path: Path) -> None:
    assert run(opened[0], "import-cases", tmp_path / "none.csv").exit_code == 2


def test_one_bad_row_in_ten_thousand_imports_none(opened: Opened, tmp_path: Path) -> None:
    app, _catalog = opened
    before = count(app, Case)
    rows = [case_row(n) for n in range(10_000)]
    rows[7_777]["契約額"] = "秘密"
    result = run(app, "import-cases", write_csv(tmp_path / "c.csv", rows))
    assert result.exit_code == 1
    assert "7779行目「契約額」" in result.output
    assert "誤りのある行が 1 行" in result.output
    assert count(app, Case) == before


def test_open_data_is_written_to_a_folder(opened: Opened, tmp_path: Path) -> None:
    result = run(opened[0], "export-open-data", tmp_path / "out")
    assert result.exit_code == 0
    written = sorted(path.name for path in (tmp_path / "out").iterdir())
    assert written == ["cases.zip", "offerings.zip", "price-plans.zip"]


def test_every_criterion_and_case_field_is_a_column() -> None:
    assert {criterion.csv_column for criterion in CRITERIA} <= set(offering_rows.COLUMNS)
    assert len(set(offering_rows.COLUMNS)) == len(offering_rows.OWN_COLUMNS) + len(CRITERIA)
    assert len(set(case_rows.COLUMNS)) == len(case_rows.COLUMNS)
