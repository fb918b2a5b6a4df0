"""Search over the example data, in the process: from the typed text to ids, total and facets.

Thin for now: 500, 5,000 and 50,000 documents beside other engines come with the discovery issue.
"""

import random
from datetime import UTC, datetime
from pathlib import Path

from app import create_app
from bench.timing import print_table, quantile, time_in_turn
from catalog.search.documents import Viewer
from catalog.search.query import SearchQuery
from catalog.search.service import SearchService
from tests.harness.example import ExampleData, example_config

ROUNDS = 30
WORDS = ("文書管理", "生成AI", "記録", "電子契約 クラウド", "施設予約", "図書館", "給食費 収納", "")
NOW = datetime(2026, 11, 20, 1, 0, tzinfo=UTC)


def run(example: ExampleData) -> bool:
    """Print the table. No goal is set at this size."""
    app = create_app(example_config(example.folder))
    database = app.extensions["moyai_database"]
    service = SearchService(database, Path(example.folder) / "search")
    queries = [SearchQuery(text=word) for word in WORDS]
    queries += [
        SearchQuery(text=word, filters={"prefecture": ("99",)}) for word in WORDS if word != ""
    ]
    random.Random(2).shuffle(queries)
    tasks = {
        f"{number:02d} {query.text or '（すべて）'}{' ＋絞り込み' if query.filters else ''}": (
            lambda query=query: service.search(query, viewer=Viewer.PUBLIC, now=NOW)
        )
        for number, query in enumerate(queries, start=1)
    }
    first = time_in_turn(tasks, rounds=1, warm_up=0)
    warm = time_in_turn(tasks, rounds=ROUNDS)
    found = {name: task().total for name, task in tasks.items()}
    rows = [
        (
            name,
            str(found[name]),
            f"{first[name][0]:.2f}",
            f"{quantile(times, 0.5):.2f}",
            f"{quantile(times, 0.95):.2f}",
        )
        for name, times in warm.items()
    ]
    together = [one for times in warm.values() for one in times]
    rows.append(
        ("all", "", "", f"{quantile(together, 0.5):.2f}", f"{quantile(together, 0.95):.2f}")
    )
    print_table("Search, milliseconds", ("query", "found", "first", "p50", "p95"), rows)
    database.dispose()
    return True
