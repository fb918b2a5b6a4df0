"""`flask catalog verify-record`: is a selection record's export as it was locked?"""

import json
import re
import tempfile
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click
from sqlalchemy.engine import make_url
from sqlalchemy.exc import SQLAlchemyError

from catalog.cli import catalog_group
from catalog.selection import verify
from catalog.selection.record_check import check_database
from catalog.selection.record_files import (
    HEADS_CSV,
    RECORD_JSON,
    list_hidden,
    read_csv,
    read_text,
    read_workbook,
)
from catalog.selection.record_tables import japan_time
from foundation.text import printable, without_directions
from foundation.web import get_database

CHANGED, UNREADABLE = 1, 2
_MOST_UNPACKED = 50 * 1024 * 1024
_LONGEST_NAME = 200  # bytes: what every file system holds
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_BROKEN_ARCHIVE = (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError, UnicodeDecodeError)
_TABLES = (".csv", ".xlsx")
_MEMBERS = ("record.csv", "record.xlsx")  # beside record.json
_JSON = re.compile(rb"(\xef\xbb\xbf)?\s*\{")

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@dataclass(frozen=True, kw_only=True)
class Given:
    """The files to look at. tables: CSV files and workbooks; left_out: what is not looked at."""

    tables: tuple[Path, ...]
    record: Path
    left_out: tuple[str, ...] = ()


@catalog_group.command(
    "verify-record",
    help="選定記録の FILE（CSV・XLSX・record.json・ZIP）が、確定したときのままか確かめます。",
)
@click.argument("file", type=_FILE)
@click.option("--record", type=_FILE, help="record.json（指定しないときは、同じ場所のもの）")
@click.option("--heads", type=_FILE, help="手元に控えた日ごとの末尾の値（audit-heads.csv）")
@click.option("--locks", type=_FILE, help="公開された確定の一覧（selection-locks.csv）")
@click.option(
    "--database/--no-database",
    default=True,
    help="データベースがあれば、それとも照合する（既定）／しない",
)
def verify_record_command(
    file: Path, record: Path | None, heads: Path | None, locks: Path | None, database: bool
) -> None:
    try:
        with _given(file, record) as given:
            export = verify.read_export(read_text(given.record))
            report = _check_files(given, export)
        _check_locks(export, locks, report)
        _check_heads(export, heads, report)
    except verify.UnreadableExport as error:
        click.echo(f"確かめられません: {error}", err=True)
        raise SystemExit(UNREADABLE) from error
    if database:
        _check_database(export, report)
    else:
        report.left_out.append("データベースとは照合していません。")
    _tell(export, report)
    if report.problems:
        raise SystemExit(CHANGED)


@contextmanager
def _given(file: Path, record: Path | None) -> Iterator[Given]:
    """The files by what they hold; an archive is unpacked for as long as it is looked at."""
    with file.open("rb") as opened:
        start = opened.read(1024)
    if start.startswith(b"%PDF"):
        raise verify.UnreadableExport(
            "PDF は値を読み取れません。ZIP か record.json を使ってください。"
        )
    if start.startswith(b"PK") and _is_bundle(file):
        with tempfile.TemporaryDirectory() as folder:
            names = _unpack(file, Path(folder))
            yield Given(
                tables=tuple(Path(folder) / name for name in names if _is_table(name)),
                record=record or Path(folder) / RECORD_JSON,
                left_out=tuple(_list_left_out(names)),
            )
    elif _JSON.match(start):
        yield Given(tables=(), record=file)
    else:
        yield Given(tables=(file,), record=record or _record_beside(file))


def _is_bundle(file: Path) -> bool:
    try:
        with zipfile.ZipFile(file) as archive:
            return any(Path(name).name == RECORD_JSON for name in archive.namelist())
    except _BROKEN_ARCHIVE:
        return False


def _unpack(file: Path, folder: Path) -> list[str]:
    """The plain names in the archive, record.json and tables unpacked. Raises UnreadableExport.

    The heads in it prove nothing: they are left out.
    """
    try:
        with zipfile.ZipFile(file) as archive:
            entries = [entry for entry in archive.infolist() if not entry.is_dir()]
            names = [Path(entry.filename).name for entry in entries]
            _check_archive(entries, names)
            for entry, name in zip(entries, names, strict=True):
                if name == RECORD_JSON or _is_table(name):
                    (folder / name).write_bytes(archive.read(entry))
    except _BROKEN_ARCHIVE as error:
        raise verify.UnreadableExport(
            "ZIP を展開できません。壊れているか、パスワードが付いています。"
        ) from error
    return sorted(names)


def _check_archive(entries: Sequence[zipfile.ZipInfo], names: Sequence[str]) -> None:
    """Raises UnreadableExport where the archive cannot be unpacked beside each other's files."""
    if sum(entry.file_size for entry in entries) > _MOST_UNPACKED:
        raise verify.UnreadableExport("展開すると大きすぎるファイルです。")
    if len({name.casefold() for name in names}) < len(names):
        raise verify.UnreadableExport("ZIP に、同じ名前のファイルが二つあります。")
    if any(len(name.encode()) > _LONGEST_NAME for name in names):
        raise verify.UnreadableExport("ZIP に、名前の長すぎるファイルがあります。")
    if any(entry.compress_type not in _METHODS for entry in entries):
        raise verify.UnreadableExport("ZIP の圧縮の方式を読めません。")


def _is_table(name: str) -> bool:
    return Path(name).suffix.lower() in _TABLES and name.lower() != HEADS_CSV


def _list_left_out(names: Sequence[str]) -> Iterator[str]:
    """What the archive should have and has not, and what it has that is no part of an export."""
    for name in _MEMBERS:
        if name not in {found.lower() for found in names}:
            yield f"ZIP に {name} がないため、照合していません。"
    for name in names:
        if name.lower() not in (RECORD_JSON, HEADS_CSV) and not _is_table(name):
            shown = without_directions(printable(name))
            yield f"ZIP の「{shown}」は、記録の書き出しにないファイルのため、照合していません。"


def _record_beside(file: Path) -> Path:
    for path in (file.with_suffix(".json"), file.parent / RECORD_JSON):
        if path.exists():
            return path
    raise verify.UnreadableExport("record.json を --record で指定してください。")


def _check_files(given: Given, export: dict[str, Any]) -> verify.Report:
    report = verify.Report()
    report.add(
        verify.check_export(export), "内容は、検証値（SHA-256）と確定の監査記録に一致します。"
    )
    report.left_out += given.left_out
    for path in given.tables:
        report.add(_compare(path, export), f"{path.name} のすべての欄は、記録と一致します。")
    return report


def _check_locks(export: dict[str, Any], locks: Path | None, report: verify.Report) -> None:
    if locks is None:
        report.left_out.append(
            "公開された確定の一覧とは照合していません（--locks で指定できます）。"
            "照合しないと、全体を作り直した偽の記録は見つけられません。"
        )
        return
    published = verify.read_heads(read_text(locks), verify.LOCKS)
    report.add(verify.check_lock(export, published), "公開された確定の一覧に、この記録があります。")


def _check_heads(export: dict[str, Any], heads: Path | None, report: verify.Report) -> None:
    if heads is None:
        report.left_out.append(
            "公開された日ごとの末尾の値とは照合していません（--heads で指定できます）。"
        )
        return
    published = verify.read_heads(read_text(heads))
    report.add(
        verify.check_heads(export, published),
        "公開された日ごとの末尾の値のうち、この記録が控えているものは一致します。",
    )
    if not verify.is_published(export, published):
        report.left_out.append("確定した日の末尾の値は、まだ公開されていません。")


def _compare(path: Path, export: dict[str, Any]) -> list[str]:
    if path.read_bytes()[:2] == b"PK":
        problems = verify.compare_workbook(export, read_workbook(path)) + list_hidden(path)
    else:
        problems = verify.compare_csv(export, read_csv(path))
    return [f"{path.name}: {problem}" for problem in problems]


def _check_database(export: dict[str, Any], report: verify.Report) -> None:
    address = make_url(get_database().url)
    if address.get_backend_name() == "sqlite" and not Path(address.database or "").exists():
        report.left_out.append("データベースがないため、照合していません。")
        return
    try:
        with get_database().read_session() as session:
            check_database(session, export, report)
    except SQLAlchemyError:
        report.left_out.append("データベースを読めないため、照合していません。")


def _tell(export: dict[str, Any], report: verify.Report) -> None:
    content = export["record"]
    name = json.dumps(content["title"], ensure_ascii=False)[1:-1]
    mark = "（架空）" if content["organization"]["fictional"] else ""
    click.echo(f"選定記録 {content['id']}番「{name}」")
    click.echo(f"{content['organization']['name']}{mark}・確定 {japan_time(content['locked_at'])}")
    for text in report.passed:
        click.echo(f"○ {text}")
    for text in report.left_out:
        click.echo(f"－ {text}")
    for text in report.problems:
        click.echo(f"× {text}", err=True)
    if report.problems:
        click.echo(f"{len(report.problems)}件の問題があります。", err=True)
    else:
        click.echo("変更は見つかりませんでした。")
