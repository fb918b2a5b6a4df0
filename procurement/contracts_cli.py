"""`flask procurement import-contracts`: what bodies use today, from a table."""

from pathlib import Path

import click
from flask.cli import with_appcontext

from accounts.cli import counting, refuse_bad_rows
from accounts.roles import SYSTEM
from foundation.errors import Conflict
from foundation.tables import UnreadableTable
from foundation.web import get_database, now
from procurement.importing import check_contracts, import_contracts

REFUSED = 1


@click.command(
    "import-contracts",
    help="現在の契約の CSV または XLSX の FILE を取り込みます。全行か、ゼロ行かのどちらかです。"
    "同じ団体と種別の行は書き換えます。\n\n"
    "列：団体コード、システム種別、事業者、契約の終わり、年額（税込・円）。",
)
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--dry-run", is_flag=True, help="確かめるだけで、取り込みません。")
@with_appcontext
def import_contracts_command(file: Path, dry_run: bool) -> None:
    try:
        with counting("読み取り") as progress:
            if dry_run:
                staged = check_contracts(get_database(), file, now=now(), progress=progress)
                done = f"{staged.rows:,}行に誤りはありません（取り込みはしていません）。"
            else:
                result = import_contracts(
                    get_database(), file, actor=SYSTEM, now=now(), progress=progress
                )
                staged = result.staged
                done = (
                    f"{staged.rows:,}行を取り込みました"
                    f"（新規 {result.added:,}・更新 {result.changed:,}）。"
                )
    except (UnreadableTable, Conflict) as error:
        click.echo(f"取り込めません: {error}", err=True)
        raise SystemExit(REFUSED) from error
    refuse_bad_rows(staged)
    click.echo(done)
