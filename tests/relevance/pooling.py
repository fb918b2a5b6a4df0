"""Pool and print what several engines find, for judging: python -m tests.relevance.pooling.

Writes pool.csv (query, entry, grade, engines) and prints each pooled entry beside its grade,
so that a reader can look for rules that are wrong. `--query TEXT` prints one query only.
"""

import csv
import sys
import tempfile
from pathlib import Path

from app import create_app
from tests.harness.example import ExampleData, build_example, example_config
from tests.relevance.engines import Trigrams, TwoGrams, Words, ours
from tests.relevance.entries import list_entries
from tests.relevance.judgements import FOLDER, grades, list_queries

DEPTH = 15


def main(arguments: list[str]) -> None:
    with tempfile.TemporaryDirectory(prefix="moyai-pool-") as folder:
        instance = Path(folder)
        build_example(instance)
        pool(ExampleData(instance), arguments[0] if arguments else "")


def pool(example: ExampleData, only: str) -> None:
    """Write the pool of all queries, or print that of one."""
    app = create_app(example_config(example.folder))
    entries = list_entries(app.extensions["moyai_database"])
    two_grams = TwoGrams(entries)
    engines = {
        "ours": ours(app.extensions["moyai_search"], entries),
        "2-gram all": two_grams.find,
        "2-gram any": two_grams.find_any,
        "trigram": Trigrams(entries).find,
        "words": Words(entries).find,
    }
    by_name = {entry.name: entry for entry in entries}
    rows = []
    for query in list_queries():
        if only and query.text != only:
            continue
        judged = grades(query, entries)
        pooled: dict[str, list[str]] = {}
        for engine, find in engines.items():
            for name in find(query.text)[:DEPTH]:
                pooled.setdefault(name, []).append(engine)
        missed = [name for name in judged if name not in pooled]
        print(f"\n## {query.text} [{query.kind}] {query.need}")
        print(f"   relevant {len(judged)}, pooled {len(pooled)}, relevant not pooled {len(missed)}")
        for name, found_by in sorted(pooled.items(), key=lambda each: -judged.get(each[0], 0)):
            grade = judged.get(name, 0)
            rows.append((query.text, name, grade, "|".join(found_by)))
            print(f"   {grade} {name}: {by_name[name].title}")
    if not only:
        with (FOLDER / "pool.csv").open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(("query", "entry", "grade", "engines"))
            writer.writerows(rows)


if __name__ == "__main__":
    main(sys.argv[1:])
