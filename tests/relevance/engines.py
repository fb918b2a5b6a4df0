"""The engines the judged set is put to: ours, the 2-gram baseline, and those for pooling."""

import re
import sqlite3
import unicodedata
from collections.abc import Sequence

import tantivy
from whoosh.analysis import NgramTokenizer
from whoosh.fields import ID, TEXT, Schema
from whoosh.filedb.filestore import RamStorage
from whoosh.qparser import AndGroup, MultifieldParser, OrGroup

from catalog.search.analyzer import analyze
from catalog.search.documents import Viewer
from catalog.search.query import SearchQuery
from catalog.search.service import SearchService
from tests.harness.builders import NOW
from tests.relevance.entries import Entry, names_by_object
from tests.relevance.measures import Engine

_FIELDS = ("title", "vendor", "text")
_DEPTH = 20


def ours(service: SearchService, entries: Sequence[Entry]) -> Engine:
    """The product's own search as a visitor meets it."""
    names = names_by_object(entries)

    def find(text: str) -> Sequence[str]:
        page = service.search(SearchQuery(text=text), viewer=Viewer.PUBLIC, now=NOW)
        return [names[result.kind, result.id] for result in page.results]

    return find


class TwoGrams:
    """Whoosh's own search over pairs of characters, width and case folded: the baseline."""

    def __init__(self, entries: Sequence[Entry]) -> None:
        grams = NgramTokenizer(2, 2)
        schema = Schema(
            name=ID(stored=True), **{field: TEXT(grams, phrase=False) for field in _FIELDS}
        )
        self._index = RamStorage().create_index(schema)
        with self._index.writer() as writer:
            for entry in entries:
                texts = {field: _folded(getattr(entry, field)) for field in _FIELDS}
                writer.add_document(name=entry.name, **texts)
        self._schema = schema

    def find(self, text: str) -> Sequence[str]:
        """Entries with all pairs of characters of all words."""
        return self._find(text, AndGroup)

    def find_any(self, text: str) -> Sequence[str]:
        """Entries with any of the pairs."""
        return self._find(text, OrGroup)

    def _find(self, text: str, group: type) -> Sequence[str]:
        parser = MultifieldParser(list(_FIELDS), self._schema, group=group, plugins=[])
        parser.add_plugins(_plain_words())
        with self._index.searcher() as searcher:
            return [
                hit["name"] for hit in searcher.search(parser.parse(_folded(text)), limit=_DEPTH)
            ]


def _plain_words():  # type: ignore[no-untyped-def]
    from whoosh.qparser import MultifieldPlugin, WhitespacePlugin

    return [WhitespacePlugin(), MultifieldPlugin(list(_FIELDS))]


class Trigrams:
    """SQLite FTS5 over three characters, any of them."""

    def __init__(self, entries: Sequence[Entry]) -> None:
        self._database = sqlite3.connect(":memory:")
        self._database.execute(
            "create virtual table t using fts5(name unindexed, text, tokenize='trigram')"
        )
        self._database.executemany(
            "insert into t values (?, ?)", [(e.name, _folded(e.text)) for e in entries]
        )

    def find(self, text: str) -> Sequence[str]:
        """Entries with any three characters of a word in a row; shorter words find nothing."""
        words = re.findall(r"\w{3,}", _folded(text))
        grams = dict.fromkeys(w[i : i + 3] for w in words for i in range(len(w) - 2))
        if not grams:
            return []
        asked = " OR ".join(f'"{gram}"' for gram in grams)
        rows = self._database.execute(
            "select name from t where t match ? order by rank limit ?", (asked, _DEPTH)
        )
        return [name for (name,) in rows]


class Words:
    """tantivy over the terms of our analyzer, any of them."""

    def __init__(self, entries: Sequence[Entry]) -> None:
        builder = tantivy.SchemaBuilder()
        builder.add_text_field("name", stored=True, tokenizer_name="raw")
        builder.add_text_field("terms", tokenizer_name="whitespace")
        self._index = tantivy.Index(builder.build())
        writer = self._index.writer()
        for entry in entries:
            writer.add_document(tantivy.Document(name=entry.name, terms=_terms(entry.text)))
        writer.commit()
        self._index.reload()

    def find(self, text: str) -> Sequence[str]:
        """Entries with any of the terms."""
        schema = self._index.schema
        terms = [
            (tantivy.Occur.Should, tantivy.Query.term_query(schema, "terms", term))
            for term in dict.fromkeys(_terms(text).split())
        ]
        searcher = self._index.searcher()
        hits = searcher.search(tantivy.Query.boolean_query(terms), _DEPTH).hits
        return [searcher.doc(address)["name"][0] for _, address in hits]


def _terms(text: str) -> str:
    return " ".join(token.term.replace(" ", "_") for token in analyze(text))


def _folded(text: str) -> str:
    return unicodedata.normalize("NFKC", text).lower()
