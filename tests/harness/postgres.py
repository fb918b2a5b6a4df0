"""A private PostgreSQL cluster in a temporary folder, reachable by unix socket only."""

import os
import secrets
import shutil
import subprocess
import tempfile
from functools import cached_property
from pathlib import Path

import psycopg

from tests.harness.quick_folder import quick_folder

MISSING = (
    "PostgreSQL is not installed and these tests do not skip: "
    "run `make test`, or as root: apt-get install postgresql"
)


# No safety against a power cut is wanted here, only speed; nobody else can connect.
SETTINGS = (
    "-c fsync=off",
    "-c full_page_writes=off",
    "-c synchronous_commit=off",
    "-c wal_level=minimal",
    "-c max_wal_senders=0",
    "-c listen_addresses=''",
    "-c max_connections=60",
)


class Cluster:
    """A running server of its own; `stop()` ends it and removes every file."""

    def __init__(self) -> None:
        self._bin = _find_binaries()
        self._folder = Path(tempfile.mkdtemp(prefix="moyai-pg-", dir=quick_folder()))
        self._data = self._folder / "data"
        self._as_owner: tuple[str, ...] = ()
        if os.geteuid() == 0:  # initdb refuses root
            self._as_owner = ("runuser", "-u", "postgres", "--")
            shutil.chown(self._folder, "postgres")
        self._run("initdb", "-A", "trust", "-U", "moyai", "-E", "UTF8", "--no-sync", self._data)
        settings = " ".join((f"-k {self._folder}", *SETTINGS))
        log = self._folder / "log"
        self._run("pg_ctl", "-D", self._data, "-w", "-s", "-l", log, "-o", settings, "start")

    def url(self, database: str = "postgres") -> str:
        return f"postgresql+psycopg://moyai@/{database}?host={self._folder}"

    def create(self, name: str, template: str = "template0") -> str:
        """The address of a new database, a copy of the template (which nobody may be using)."""
        self._sql(f'CREATE DATABASE "{name}" TEMPLATE "{template}" STRATEGY FILE_COPY')
        return self.url(name)

    def copy(self, template: str) -> str:
        """The address of a new copy of a template, under a name of its own."""
        return self.create(f"test_{secrets.token_hex(6)}", template)

    def drop(self, url: str) -> None:
        name = url.split("@/")[1].split("?", maxsplit=1)[0]
        self._sql(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')

    def stop(self) -> None:
        if "_asking" in vars(self):
            self._asking.close()
        self._run("pg_ctl", "-D", self._data, "-w", "-s", "-m", "immediate", "stop")
        shutil.rmtree(self._folder, ignore_errors=True)

    def _sql(self, statement: str) -> None:
        """Over one connection: to start a program for each of hundreds takes its time."""
        self._asking.execute(statement.encode())

    @cached_property
    def _asking(self) -> psycopg.Connection:
        return psycopg.connect(
            host=str(self._folder), user="moyai", dbname="postgres", autocommit=True
        )

    def _run(self, program: str, *arguments: str | Path) -> None:
        command = (*self._as_owner, str(self._bin / program), *map(str, arguments))
        # Not inherited pipes: the server would keep them open and this call would never end.
        with tempfile.TemporaryFile() as output:
            ended = subprocess.run(
                command,
                check=False,
                cwd="/",
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
            )
            output.seek(0)
            if ended.returncode:
                raise RuntimeError(f"{program}: {output.read().decode(errors='replace')}")


def _find_binaries() -> Path:
    found = sorted(
        Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3])
    )
    if found:
        return found[-1].parent
    on_path = shutil.which("initdb")
    if on_path is None:
        raise RuntimeError(MISSING)
    return Path(on_path).resolve().parent
