"""Databases for tests: migrated (or seeded) once, copied for each test."""

import fcntl
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from foundation.migrate import upgrade


@contextmanager
def built_once(folder: Path, build: Callable[[Path], None]) -> Iterator[Path]:
    """The folder, filled by exactly one of several processes; the others wait for it."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    with open(f"{folder}.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not folder.exists():
            unfinished = folder.with_name(f"{folder.name}.unfinished")
            shutil.rmtree(unfinished, ignore_errors=True)
            unfinished.mkdir()
            build(unfinished)
            unfinished.rename(folder)
    yield folder


def build_empty_sqlite(folder: Path) -> None:
    """An empty database at the newest migration, in `folder`."""
    path = folder / "moyai.db"
    upgrade(f"sqlite:///{path}")
    settle(path)


def settle(path: Path) -> None:
    """Fold the write-ahead log into the file, so that copying the one file copies it all."""
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        connection.execute("PRAGMA journal_mode=DELETE")


def copy_sqlite(template: Path, target: Path) -> str:
    """The address of a copy of a settled SQLite file."""
    shutil.copyfile(template, target)
    return f"sqlite:///{target}"
