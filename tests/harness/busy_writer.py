"""Another process that writes every 100 ms while something long goes on.

    python -m tests.harness.busy_writer DATABASE_URL

Writes until its standard input ends, and at least LEAST_WRITES times however soon that is; then
says as JSON how often it wrote, what went wrong, and how long the slowest write took.
"""

import json
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from accounts.audit import record
from accounts.roles import SYSTEM
from foundation.db import Database
from tests.harness.builders import NOW

EVERY_SECONDS = 0.1
LEAST_WRITES = 3
ROOT = Path(__file__).resolve().parents[2]


@dataclass
class Report:
    """What the writer says when it is asked to stop."""

    writes: int = 0
    longest_seconds: float = 0.0
    errors: tuple[str, ...] = ()


@contextmanager
def writing(url: str) -> Iterator[Report]:
    """A busy neighbour for the length of the block; the report is filled in at its end."""
    report = Report()
    command = [sys.executable, "-m", "tests.harness.busy_writer", url]
    writer = subprocess.Popen(
        command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    try:
        assert writer.stdout is not None
        assert writer.stdout.readline() == "writing\n"
        yield report
        said, _errors = writer.communicate(timeout=60)
        found = json.loads(said)
        report.writes, report.longest_seconds = found["writes"], found["longest_seconds"]
        report.errors = tuple(found["errors"])
    finally:
        writer.kill()
        writer.wait()


def main(url: str) -> None:
    stop = threading.Event()
    threading.Thread(target=lambda: (sys.stdin.read(), stop.set()), daemon=True).start()
    database = Database(url)
    print("writing", flush=True)
    writes, longest, errors = 0, 0.0, []
    while not stop.wait(EVERY_SECONDS) or writes + len(errors) < LEAST_WRITES:
        begins = time.monotonic()
        try:
            with database.transaction() as session:
                record(session, SYSTEM, "test", "test", writes, {}, NOW)
            writes += 1
        except Exception as error:
            errors.append(repr(error))
        longest = max(longest, time.monotonic() - begins)
    print(json.dumps({"writes": writes, "longest_seconds": longest, "errors": errors}))


if __name__ == "__main__":
    main(sys.argv[1])
