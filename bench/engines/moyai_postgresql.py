"""The same search with its index in a PostgreSQL of its own, reached by a socket."""

from collections.abc import Mapping
from pathlib import Path

from bench.engines.moyai import ListSource, MoyaiEngine
from catalog.search.postgresql.index import PostgresIndex
from foundation.db import Database
from tests.harness.postgres import Cluster


class MoyaiOnPostgresEngine(MoyaiEngine):
    """See bench.engines.engine.Engine. Its queue of changes lies in an SQLite of its own."""

    name = "Moyai, index in PostgreSQL"

    def __init__(self, folder: Path, documents: Mapping[str, ListSource]) -> None:
        folder.mkdir()
        self._cluster = Cluster()
        self._place = Database(self._cluster.create("moyai_bench"))
        queued = Database(f"sqlite:///{folder / 'moyai.db'}")
        super().__init__(queued, PostgresIndex(self._place), documents)

    def close(self) -> None:
        super().close()
        self._place.dispose()
        self._cluster.stop()
