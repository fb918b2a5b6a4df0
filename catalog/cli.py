"""`flask catalog …`: take files in, give files out."""

import json
from collections.abc import Callable
from pathlib import Path

import click
from flask.cli import AppGroup
from sqlalchemy.orm import Session

from accounts.bodies import load_body_names
from accounts.cli import counting, refuse_bad_rows
from accounts.roles import SYSTEM
from catalog import open_data
from catalog.importing.case_pages import cases_csv, cases_workbook
from catalog.importing.known import Alike
from catalog.importing.runs import (
    CASES,
    SPECS,
    ImportPlan,
    check_import,
    offerings_plan,
    run_import,
)
from catalog.importing.spec_pages import specs_csv, specs_workbook
from catalog.importing.workbooks import offerings_workbook
from catalog.table_check.check import check_table, report_json, report_lines
from catalog.table_check.reading import BESIDE_FILES, Given
from catalog.table_check.rules import RULES_BY_ID
from foundation.clock import jst_today
from foundation.errors import Conflict, Refused
from foundation.tables import UnreadableTable
from foundation.web import get_database, now

catalog_group = AppGroup("catalog", help="掲載サービス・調達事例・仕様書を取り込み、書き出します。")

REFUSED = 1

_FILE = click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
_OUT = click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
_DRY_RUN = click.option("--dry-run", is_flag=True, help="確かめるだけで、取り込みません。")


@catalog_group.command(
    "import-offerings",
    help="掲載サービスの CSV または XLSX の FILE を取り込みます。全行か、ゼロ行かのどちらかです。",
)
@_FILE
@_DRY_RUN
@click.option(
    "--alike",
    type=click.Choice([each.value for each in Alike]),
    default=Alike.ASK.value,
    help="同じ開発元に同じ名称の掲載があるときの扱い。ask：列「同じ掲載」で答えるまで取り込みません。"
    "same：同じ掲載として更新します。new：別の掲載として登録します。",
)
def import_offerings_command(file: Path, dry_run: bool, alike: str) -> None:
    _import(file, offerings_plan(Alike(alike)), dry_run)


@catalog_group.command(
    "import-cases",
    help="調達事例の CSV または XLSX の FILE を取り込みます。全行か、ゼロ行かのどちらかです。",
)
@_FILE
@_DRY_RUN
def import_cases_command(file: Path, dry_run: bool) -> None:
    _import(file, CASES, dry_run)


@catalog_group.command(
    "import-specs",
    help="仕様書・手引きの CSV または XLSX の FILE を取り込みます。"
    "全行か、ゼロ行かのどちらかです。",
)
@_FILE
@_DRY_RUN
def import_specs_command(file: Path, dry_run: bool) -> None:
    _import(file, SPECS, dry_run)


@catalog_group.command(
    "export-cases",
    help="公開中の調達事例を、取り込める形で FILE に書き出します。"
    "名前が .csv なら CSV、ほかは XLSX です。",
)
@_OUT
def export_cases_command(file: Path) -> None:
    _export(file, cases_csv, cases_workbook)


@catalog_group.command(
    "export-specs",
    help="仕様書・手引きを、取り込める形で FILE に書き出します。"
    "名前が .csv なら CSV、ほかは XLSX です。",
)
@_OUT
def export_specs_command(file: Path) -> None:
    _export(file, specs_csv, specs_workbook)


@catalog_group.command(
    "export-open-data", help="オープンデータ（縦持ちの zip）を DIRECTORY に書き出します。"
)
@click.argument("directory", type=click.Path(file_okay=False, path_type=Path))
def export_open_data_command(directory: Path) -> None:
    directory.mkdir(parents=True, exist_ok=True)
    for name in open_data.TITLES:
        with get_database().read_session() as session:
            content = open_data.make_zip(session, name, jst_today(now()))
        path = directory / f"{name}.zip"
        path.write_bytes(content)
        click.echo(f"{path}\t{len(content):,}バイト")


@catalog_group.command(
    "export-offerings",
    help="公開中の掲載サービスを、取り込める形の XLSX で FILE に書き出します。"
    "販売・料金・機能・認証などは、それぞれのシートになります。",
)
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
def export_offerings_command(file: Path) -> None:
    with get_database().read_session() as session:
        content, count = offerings_workbook(session)
    file.write_bytes(content)
    click.echo(f"{file}\t{count:,}件\t{len(content):,}バイト")


@catalog_group.command(
    "check-table",
    help="CSV か XLSX の FILE を、機械判読性の30の規則で確かめます。"
    "同じフォルダーの data_dictionary.csv・codes.csv・changelog.csv も読みます。"
    "data.csv とそれらを入れた zip も渡せます。不適合があれば終了コードは 1 です。",
)
@_FILE
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json"]),
    default="text",
    help="text：人が読む形。json：プログラムが読む形。",
)
@click.option(
    "--previous",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="前に公開したファイル。項目が変わっていないかを確かめます（L3-07）。",
)
@click.option(
    "--confirmed",
    multiple=True,
    metavar="RULE",
    help="人が確かめた規則の番号（例：L1-09）。何度でも書けます。",
)
def check_table_command(
    file: Path, form: str, previous: Path | None, confirmed: tuple[str, ...]
) -> None:
    unknown = sorted(set(confirmed) - set(RULES_BY_ID))
    if unknown:
        raise click.UsageError(f"--confirmed の規則がありません: {'、'.join(unknown)}")
    with get_database().read_session() as session:
        bodies = load_body_names(session)
    given = Given(
        name=file.name,
        content=file.read_bytes(),
        beside={
            name: (file.parent / name).read_bytes()
            for name in BESIDE_FILES
            if (file.parent / name).is_file() and name != file.name
        },
        previous=previous.read_bytes() if previous else None,
        bodies=bodies,
    )
    try:
        report = check_table(given, confirmed)
    except Refused as refused:
        click.echo(f"確かめられません: {refused}", err=True)
        raise SystemExit(REFUSED) from refused
    if form == "json":
        click.echo(json.dumps(report_json(report), ensure_ascii=False, indent=2))
    else:
        click.echo("\n".join(report_lines(report)))
    if report.broken:
        raise SystemExit(REFUSED)


def _export(
    file: Path, as_csv: Callable[[Session], str], as_book: Callable[[Session], bytes]
) -> None:
    with get_database().read_session() as session:
        if file.suffix.lower() == ".csv":
            content = as_csv(session).encode("utf-8-sig")
        else:
            content = as_book(session)
    file.write_bytes(content)
    click.echo(f"{file}\t{len(content):,}バイト")


def _import(file: Path, plan: ImportPlan, dry_run: bool) -> None:
    try:
        with counting("読み取り") as progress:
            if dry_run:
                staged = check_import(get_database(), file, plan, now=now(), progress=progress)
                done = f"{staged.rows:,}行に誤りはありません（取り込みはしていません）。"
            else:
                result = run_import(
                    get_database(), file, plan, actor=SYSTEM, now=now(), progress=progress
                )
                staged = result.staged
                done = (
                    f"{staged.rows:,}行を取り込みました"
                    f"（新規 {result.added:,}・更新 {result.changed:,}"
                    f"・変更なし {result.unchanged:,}）。"
                )
    except (UnreadableTable, Conflict, Refused) as error:
        click.echo(f"取り込めません: {error}", err=True)
        raise SystemExit(REFUSED) from error
    refuse_bad_rows(staged)
    click.echo(done)
