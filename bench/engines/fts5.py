"""SQLite's FTS5: once given our tokens, once cutting the text into its own trigrams.

The trigram table finds no word of two characters, which is half of Japanese: its counts are
printed and never compared.
"""

import sqlite3
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from time import perf_counter
from typing import Any

from bench.corpus import FACETS
from bench.engines.engine import Answer, Asked, Cut
from catalog.search.analyzer import is_pair
from catalog.search.evaluator import Sort
from catalog.search.plan import Alternative, Plan
from catalog.search.query import RESULTS_PER_PAGE

_COUNTS = " UNION ALL ".join(
    f"SELECT '{name}', {name}, count(*) FROM found GROUP BY {name}" for name in FACETS
)


class Fts5Engine:
    """See bench.engines.engine.Engine. The text index keeps no copy of the text."""

    name = "SQLite FTS5, our tokens"
    tokenizer = "ascii"

    def __init__(self, directory: Path, documents: Sequence[Cut]) -> None:
        self._directory = directory
        self._held = {cut.number: cut for cut in documents}
        self._codes: dict[str, str] = {}

    def build(self) -> float:
        begun = perf_counter()
        self._directory.mkdir()
        self.reopen()
        columns = ", ".join(f"{name} TEXT NOT NULL" for name in FACETS)
        self._base.execute(
            f"CREATE TABLE entry (id INTEGER PRIMARY KEY, updated_at INTEGER NOT NULL, {columns})"
        )
        # Without content FTS5 needs detail=full to join words by AND within one column (search.md).
        self._base.execute(
            "CREATE VIRTUAL TABLE cut USING fts5(words, content='', detail=full,"
            f" tokenize='{self.tokenizer}')"
        )
        for name in (*FACETS, "updated_at"):
            self._base.execute(f"CREATE INDEX entry_{name} ON entry ({name})")
        self._base.execute("BEGIN")
        for cut in self._held.values():
            self._insert(cut)
        self._base.execute("COMMIT")
        self._base.execute("INSERT INTO cut (cut) VALUES ('optimize')")
        self._base.execute("ANALYZE")
        return perf_counter() - begun

    def reopen(self) -> None:
        self._base = sqlite3.connect(self._directory / "fts5.db", isolation_level=None)
        self._base.execute("PRAGMA journal_mode = WAL")
        self._base.execute("PRAGMA synchronous = NORMAL")
        self._base.execute("PRAGMA mmap_size = 1000000000")
        self._base.execute("PRAGMA cache_size = -100000")

    def answer(self, asked: Asked) -> Answer:
        question, match = asked.question, self._match(asked)
        source, values = _source(match, question.filters)
        columns = ", ".join(f"entry.{name} AS {name}" for name in FACETS)
        counted = self._base.execute(
            f"WITH found AS MATERIALIZED (SELECT {columns} {source}) {_COUNTS}", values
        )
        counts: dict[str, dict[str, int]] = {name: {} for name in FACETS}
        for name, value, count in counted:
            counts[name][value] = count
        order = "cut.rank" if match and question.sort is not Sort.UPDATED else "updated_at DESC"
        ids = self._base.execute(
            f"SELECT entry.id {source} ORDER BY {order} LIMIT ? OFFSET ?",
            (*values, RESULTS_PER_PAGE, question.offset),
        )
        total = sum(counts[FACETS[0]].values())
        return Answer(total=total, ids=tuple(row[0] for row in ids), counts=counts)

    def update(self, cut: Cut) -> None:
        self._base.execute("BEGIN IMMEDIATE")
        # A table without content is told what it is to forget.
        self._base.execute(
            "INSERT INTO cut (cut, rowid, words) VALUES ('delete', ?, ?)",
            (cut.number, self._written(self._held[cut.number])),
        )
        self._base.execute("DELETE FROM entry WHERE id = ?", (cut.number,))
        self._insert(cut)
        self._base.execute("COMMIT")
        self._held[cut.number] = cut

    def close(self) -> None:
        self._base.close()

    # -- tokens ----------------------------------------------------------------------------

    def _insert(self, cut: Cut) -> None:
        marks = ", ".join("?" * (2 + len(FACETS)))
        values = (cut.number, cut.updated_at, *(cut.facets[name] for name in FACETS))
        self._base.execute(f"INSERT INTO entry VALUES ({marks})", values)
        self._base.execute(
            "INSERT INTO cut (rowid, words) VALUES (?, ?)", (cut.number, self._written(cut))
        )

    def _written(self, cut: Cut) -> str:
        return " ".join(map(self._code, (*cut.terms, *cut.pairs)))

    def _code(self, atom: str) -> str:
        """A word of plain letters for a token, so that no tokenizer cuts it again."""
        return self._codes.setdefault(atom, f"{'p' if is_pair(atom) else 't'}{len(self._codes)}")

    def _match(self, asked: Asked) -> str:
        return _match_of(asked.plan, lambda atom: self._codes.get(atom, "unknown"))


class TrigramEngine(Fts5Engine):
    """The same over the text as written."""

    name = "SQLite FTS5, trigram"
    tokenizer = "trigram"

    def _written(self, cut: Cut) -> str:
        return cut.text

    def _match(self, asked: Asked) -> str:
        return " ".join(f'"{word}"' for word in asked.question.text.split())


def _match_of(plan: Plan, code: Callable[[str], str]) -> str:
    def all_of(alternative: Alternative) -> str:
        return "(" + " AND ".join(map(code, alternative)) + ")"

    groups = ["(" + " OR ".join(map(all_of, group)) + ")" for group in plan.required]
    return " AND ".join(groups)


def _source(match: str, filters: Mapping[str, Sequence[str]]) -> tuple[str, list[Any]]:
    """FROM and WHERE; without words the table of entries alone."""
    values: list[Any] = [match] if match else []
    wheres = ["cut MATCH ?"] if match else []
    for name, some in filters.items():
        wheres.append(f"entry.{name} IN ({', '.join('?' * len(some))})")
        values += some
    tables = "cut JOIN entry ON entry.id = cut.rowid" if match else "entry"
    return f"FROM {tables}" + (f" WHERE {' AND '.join(wheres)}" if wheres else ""), values
