"""The same search with its index in a PostgreSQL of its own, reached by a socket."""

from collections.abc import Sequence
from pathlib import Path

from bench.engines.moyai import MoyaiEngine
from catalog.search.documents import SearchDocument
from catalog.search.postgresql.index import PostgresIndex
from catalog.search.service import SearchService
from foundation.db import Database
from tests.harness.postgres import Cluster


class MoyaiOnPostgresEngine(MoyaiEngine):
    """See bench.engines.engine.Engine. The entries themselves lie where the other engine's do."""

    name = "Moyai, index in PostgreSQL"

    def __init__(self, directory: Path, documents: Sequence[SearchDocument]) -> None:
        super().__init__(directory, documents)
        self._cluster = Cluster()
        self._place = Database(self._cluster.create("moyai_bench"))

    def open_service(self) -> SearchService:
        return SearchService(self.database, PostgresIndex(self._place))

    def close(self) -> None:
        super().close()
        self._place.dispose()
        self._cluster.stop()
