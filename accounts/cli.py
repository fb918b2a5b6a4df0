"""`flask bodies …`: the table of local bodies."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click
from flask.cli import AppGroup

from accounts.bodies import BodyFilter, get_body, list_bodies
from accounts.importing import check_bodies, import_bodies
from accounts.presenters import as_of_text, fact_text
from accounts.roles import SYSTEM
from foundation.errors import NotFound
from foundation.staging import MAX_PROBLEMS_SHOWN, Progress, Staged
from foundation.tables import UnreadableTable
from foundation.web import get_database, now

bodies_group = AppGroup("bodies", help="地方公共団体の表を取り込み、調べます。")

REFUSED = 1


@bodies_group.command(
    "import", help="CSV または XLSX の FILE を取り込みます。全行か、ゼロ行かのどちらかです。"
)
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--dry-run", is_flag=True, help="確かめるだけで、取り込みません。")
def import_command(file: Path, dry_run: bool) -> None:
    try:
        with counting("読み取り") as progress:
            if dry_run:
                staged = check_bodies(get_database(), file, now=now(), progress=progress)
                done = f"{staged.rows:,}行に誤りはありません（取り込みはしていません）。"
            else:
                result = import_bodies(
                    get_database(), file, actor=SYSTEM, now=now(), progress=progress
                )
                staged = result.staged
                done = f"{result.changed:,}団体を取り込みました（うち新規 {result.added:,}）。"
    except UnreadableTable as error:
        click.echo(f"取り込めません: {error}", err=True)
        raise SystemExit(REFUSED) from error
    refuse_bad_rows(staged)
    click.echo(done)


@bodies_group.command("list", help="団体を一覧します。")
@click.option("--prefecture", help="都道府県コード2桁")
@click.option("--query", default="", help="名前・よみ・コードの一部")
def list_command(prefecture: str | None, query: str) -> None:
    with get_database().read_session() as session:
        wanted = BodyFilter(q=query, prefecture=prefecture)
        found = list_bodies(session, wanted, page=1, size=2000)
    for row in found.rows:
        mark = "\t架空" if row.fictional else ""
        click.echo(f"{row.code}\t{row.name}\t{row.prefecture_name}\t{row.kind_label}{mark}")


@bodies_group.command("show", help="CODE（6桁）の団体の値を、出典とともに示します。")
@click.argument("code")
def show_command(code: str) -> None:
    try:
        with get_database().read_session() as session:
            body = get_body(session, code)
    except NotFound as error:
        click.echo(f"団体コード「{code}」は団体コード表にありません。", err=True)
        raise SystemExit(REFUSED) from error
    click.echo(f"{body.code} {body.name}（{body.prefecture_name}・{body.kind_label}）")
    for fact in body.facts:
        source = f"{fact.source.name}、{as_of_text(fact.source)}"
        click.echo(f"  {fact.label}: {fact_text(fact)}  出典: {source}")


@contextmanager
def counting(label: str) -> Iterator[Progress]:
    """A line on the terminal that counts rows, written at most five times a second."""
    last = 0.0

    def show(rows: int) -> None:
        nonlocal last
        if time.monotonic() - last > 0.2:
            last = time.monotonic()
            click.echo(f"\r{label}: {rows:,}行", nl=False, err=True)

    yield show
    if last:
        click.echo("", err=True)


def refuse_bad_rows(staged: Staged) -> None:
    """Name every bad row and leave with 1; nothing for a file without any."""
    if not staged.problems:
        return
    for problem in staged.problems[:MAX_PROBLEMS_SHOWN]:
        click.echo(str(problem), err=True)
    left = len(staged.problems) - MAX_PROBLEMS_SHOWN
    if left > 0:
        click.echo(f"ほかに {left:,} 件", err=True)
    click.echo(
        f"誤りのある行が {staged.bad_rows:,} 行あります。1行も取り込んでいません。", err=True
    )
    raise SystemExit(REFUSED)
