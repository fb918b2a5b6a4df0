"""The file that says which index of a folder is current, and whether it can be believed.

A change does not wait until the disk has it: it would wait for each of its files. Instead the
file names the time since the machine's start in which it was written. After a power cut that is
another one, and whatever the disk kept then is not believed, but built again. What was settled,
every file of it on the disk, names none and outlives a start.
"""

import json
import os
import secrets
import time
from dataclasses import asdict, replace
from pathlib import Path

from catalog.search.schema import schema_hash
from catalog.search.storage import IndexMissing, IndexState
from foundation.machine import boot_id


class CurrentFile:
    """CURRENT in a directory of indexes. Who writes it needs the index's lock."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._path = directory / "CURRENT"
        self._read: tuple[tuple[int, int, int], IndexState] | None = None

    def read(self) -> IndexState:
        """What is current. Raises IndexMissing when there is nothing this program can read."""
        try:
            written = os.stat(self._path)
            # Each generation is another file: an unchanged one need not be read again.
            mark = (written.st_ino, written.st_mtime_ns, written.st_size)
            known = self._read
            if known and known[0] == mark:
                return known[1]
            state = IndexState(**json.loads(self._path.read_text()))
        except (OSError, ValueError, TypeError) as problem:
            raise IndexMissing(f"no index in {self._directory}: {problem}") from problem
        if state.schema != schema_hash():
            raise IndexMissing(f"the index in {self._directory} has another layout")
        if state.boot not in ("", boot_id()):
            raise IndexMissing(f"the index in {self._directory} may have lost what came last")
        self._read = mark, state
        return state

    def seconds_unchanged(self) -> float:
        """How long ago it was written. Raises OSError where there is none."""
        return time.time() - self._path.stat().st_mtime

    def name(self, folder: str) -> IndexState:
        """Make what was written in that folder current, one generation later."""
        before = self._find()
        # Later than any generation another process may still hold open.
        last = before.generation if before else int(time.time())
        state = IndexState(folder=folder, generation=last + 1, schema=schema_hash(), boot=boot_id())
        # Once the disk has a mark of this boot, those after it add nothing to what it says.
        known = before is not None and before.boot == state.boot
        self._write(state, on_disk=not state.boot or not known)
        return state

    def settle(self, state: IndexState) -> None:
        """Wait until the disk has all of it, and say so."""
        for path in (self._directory / state.folder).iterdir():
            _wait_for_disk(path)
        _wait_for_disk(self._directory / state.folder)
        self._write(replace(state, boot=""), on_disk=True)

    def _write(self, state: IndexState, *, on_disk: bool) -> None:
        own = self._directory / f"CURRENT.{os.getpid()}.{secrets.token_hex(4)}"
        own.write_text(json.dumps(asdict(state)))
        if on_disk:
            _wait_for_disk(own)
        os.replace(own, self._path)
        if on_disk:
            _wait_for_disk(self._directory)

    def _find(self) -> IndexState | None:
        """What was written last, though this program may not be able to read its index."""
        try:
            return IndexState(**json.loads(self._path.read_text()))
        except (OSError, ValueError, TypeError):
            return None


def _wait_for_disk(path: Path) -> None:
    """Until a file's bytes, or a directory's names, would outlast a power cut."""
    opened = os.open(path, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)
