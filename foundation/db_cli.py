"""`flask db …`: the schema, backup and restore."""

import shutil
import sqlite3
import subprocess
from contextlib import closing
from pathlib import Path

import click
from flask import current_app
from flask.cli import AppGroup
from sqlalchemy.engine import make_url

from foundation.db import DERIVED_PREFIX, Database
from foundation.migrate import upgrade

db_group = AppGroup("db", help="データベースの準備・バックアップ・復元を行います。")


def current_database() -> Database:
    """The running application's database."""
    database: Database = current_app.extensions["moyai_database"]
    return database


@db_group.command("upgrade", help="テーブルを最新の形にします。")
def upgrade_command() -> None:
    upgrade(current_database().url)
    click.echo("データベースは最新です。")


@db_group.command("backup", help="動かしたまま FILE へバックアップします。")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
def backup_command(file: Path) -> None:
    database = current_database()
    if file.exists():
        raise click.ClickException(f"{file} は既にあります。別の名前にしてください。")
    if database.is_sqlite:
        source = make_url(database.url).database or ""
        # The backup API copies a consistent snapshot under writers; copying the file would not.
        with closing(sqlite3.connect(source)) as origin, closing(sqlite3.connect(file)) as copy:
            origin.backup(copy)
    else:
        without = f"--exclude-table={DERIVED_PREFIX}*"
        _run("pg_dump", "--format=custom", without, f"--file={file}", _libpq_url(database.url))
    click.echo(f"{file} に保存しました。")


@db_group.command("restore", help="FILE から復元します。サーバを止めてから実行してください。")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.confirmation_option(prompt="今のデータは置き換えられます。続けますか")
def restore_command(file: Path) -> None:
    database = current_database()
    database.dispose()
    if database.is_sqlite:
        _restore_sqlite(file, Path(make_url(database.url).database or ""))
    else:
        _run("pg_restore", "--clean", "--if-exists", f"--dbname={_libpq_url(database.url)}", file)
    click.echo("復元しました。続けて flask search rebuild を実行してください。")


def _restore_sqlite(backup: Path, target: Path) -> None:
    with closing(sqlite3.connect(backup)) as connection:
        verdict = connection.execute("PRAGMA integrity_check").fetchone()[0]
    if verdict != "ok":
        raise click.ClickException(f"{backup} は壊れています: {verdict}")
    fresh = target.with_suffix(".restoring")
    shutil.copyfile(backup, fresh)
    for suffix in ("-wal", "-shm"):
        Path(f"{target}{suffix}").unlink(missing_ok=True)
    fresh.replace(target)


def _libpq_url(url: str) -> str:
    return make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)


def _run(*command: str | Path) -> None:
    result = subprocess.run(command, check=False)
    if result.returncode:
        raise click.ClickException(f"{command[0]} が失敗しました（{result.returncode}）。")
