"""`flask catalog …`: take files in, give files out."""

from pathlib import Path

import click
from flask.cli import AppGroup

from accounts.cli import counting, refuse_bad_rows
from accounts.roles import SYSTEM
from catalog import open_data
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
from foundation.clock import jst_today
from foundation.errors import Conflict, Refused
from foundation.tables import UnreadableTable
from foundation.web import get_database, now

catalog_group = AppGroup("catalog", help="掲載サービス・調達事例・仕様書を取り込み、書き出します。")

REFUSED = 1

_FILE = click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
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
    "export-specs",
    help="仕様書・手引きを、取り込める形で FILE に書き出します。"
    "名前が .csv なら CSV、ほかは XLSX です。",
)
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
def export_specs_command(file: Path) -> None:
    with get_database().read_session() as session:
        is_csv = file.suffix.lower() == ".csv"
        text = specs_csv(session).encode("utf-8-sig") if is_csv else b""
        content = text or specs_workbook(session)
    file.write_bytes(content)
    click.echo(f"{file}\t{len(content):,}バイト")


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
