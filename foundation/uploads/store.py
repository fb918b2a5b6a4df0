"""Files on disk under random names, in a folder no web server gives out."""

import os
import secrets
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path


class FileStore:
    """A folder of files. A name says nothing of its content, owner or type."""

    def __init__(self, folder: Path, largest: int) -> None:
        """largest: bytes a single file may have."""
        self.folder = folder
        self.largest = largest

    def put(self, content: bytes) -> str:
        """Keep the content; the name under which it is found. It is on disk when this returns."""
        name = secrets.token_hex(24)
        place = self._place(name)
        place.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        own = place.with_suffix(".part")
        with os.fdopen(os.open(own, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        own.replace(place)
        return name

    def find(self, name: str) -> bytes | None:
        """The content; None if it is gone."""
        try:
            return self._place(name).read_bytes()
        except FileNotFoundError:
            return None

    def remove(self, name: str) -> None:
        """Delete it; one that is gone already is no error."""
        self._place(name).unlink(missing_ok=True)

    def list_files(self) -> Iterator[tuple[str, datetime]]:
        """(name, last written) of every file, unfinished ones included."""
        for place in self.folder.glob("??/*"):
            yield place.name, datetime.fromtimestamp(place.stat().st_mtime, UTC)

    def _place(self, name: str) -> Path:
        plain = name.removesuffix(".part")
        if not (plain.isascii() and plain.isalnum()):
            raise ValueError(f"not a name of this store: {name!r}")
        return self.folder / name[:2] / name
