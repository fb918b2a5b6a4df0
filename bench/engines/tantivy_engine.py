"""tantivy through its Python package, given our tokens: one field for words, one for pairs."""

from collections.abc import Sequence
from pathlib import Path
from time import perf_counter
from typing import Any

import tantivy

from bench.corpus import FACETS
from bench.engines.engine import Answer, Asked, Cut
from catalog.search.analyzer import is_pair
from catalog.search.evaluator import Sort
from catalog.search.plan import Alternative, Exclusion, Group, Plan
from catalog.search.query import RESULTS_PER_PAGE

_MOST_VALUES = 100
_COUNTS = {name: {"terms": {"field": name, "size": _MOST_VALUES}} for name in FACETS}
_JOINT = "\u241f"  # stands for the space inside a pair


class TantivyEngine:
    """See bench.engines.engine.Engine."""

    name = "tantivy, our tokens"

    def __init__(self, directory: Path, documents: Sequence[Cut]) -> None:
        self._directory = directory
        self._documents = documents
        self._schema = _make_schema()

    def build(self) -> float:
        begun = perf_counter()
        self._directory.mkdir()
        index = tantivy.Index(self._schema, path=str(self._directory))
        _register(index)
        writer = index.writer(256_000_000, 1)
        for cut in self._documents:
            writer.add_document(_document(cut))
        writer.commit()
        writer.wait_merging_threads()
        taken = perf_counter() - begun
        self.reopen()
        return taken

    def reopen(self) -> None:
        self._index = tantivy.Index.open(str(self._directory))
        _register(self._index)
        self._writer: Any = None
        self._searcher = self._index.searcher()

    def answer(self, asked: Asked) -> Answer:
        question = asked.question
        query = self._query(asked.plan, question.filters)
        by_date = {"order_by_field": "updated_at"} if question.sort is Sort.UPDATED else {}
        page = self._searcher.search(
            query, RESULTS_PER_PAGE, True, offset=question.offset, **by_date
        )
        counted = self._searcher.aggregate(query, _COUNTS)
        places = [place for _, place in page.hits]
        numbers: list[Any] = self._searcher.fast_field_values("number", places) if places else []
        return Answer(
            total=page.count or 0,
            ids=tuple(numbers),
            counts={
                name: {bucket["key"]: bucket["doc_count"] for bucket in counted[name]["buckets"]}
                for name in FACETS
            },
        )

    def update(self, cut: Cut) -> None:
        if self._writer is None:
            self._writer = self._index.writer(64_000_000, 1)
        self._writer.delete_documents_by_term("number", cut.number)
        self._writer.add_document(_document(cut))
        self._writer.commit()
        self._index.reload()
        self._searcher = self._index.searcher()

    def close(self) -> None:
        if self._writer is not None:
            self._writer.wait_merging_threads()
        self._writer = self._searcher = self._index = None

    # -- the query -----------------------------------------------------------------------

    def _query(self, plan: Plan, filters: Any) -> Any:
        must = tantivy.Occur.Must
        parts = [(must, self._group(group)) for group in plan.required]
        parts += [(tantivy.Occur.MustNot, self._every(groups)) for groups in plan.excluded]
        for name, values in filters.items():
            some = [(tantivy.Occur.Should, self._term(name, value)) for value in values]
            one = some[0][1] if len(some) == 1 else tantivy.Query.boolean_query(some)
            parts.append((must, tantivy.Query.const_score_query(one, 0.0)))
        if not parts:
            return tantivy.Query.all_query()
        return parts[0][1] if len(parts) == 1 else tantivy.Query.boolean_query(parts)

    def _every(self, groups: Exclusion) -> Any:
        found = [(tantivy.Occur.Must, self._group(group)) for group in groups]
        return found[0][1] if len(found) == 1 else tantivy.Query.boolean_query(found)

    def _group(self, group: Group) -> Any:
        if len(group) == 1:
            return self._all(group[0])
        return tantivy.Query.boolean_query(
            [(tantivy.Occur.Should, self._all(alternative)) for alternative in group]
        )

    def _all(self, alternative: Alternative) -> Any:
        atoms = [self._atom(atom) for atom in alternative]
        if len(atoms) == 1:
            return atoms[0]
        return tantivy.Query.boolean_query([(tantivy.Occur.Must, atom) for atom in atoms])

    def _atom(self, atom: str) -> Any:
        if is_pair(atom):
            return self._term("pairs", atom.replace(" ", _JOINT))
        return self._term("words", atom, "freq")

    def _term(self, field: str, value: str, detail: str = "basic") -> Any:
        return tantivy.Query.term_query(self._schema, field, value, detail)


def _make_schema() -> Any:
    builder = tantivy.SchemaBuilder()
    builder.add_text_field("words", tokenizer_name="spaces", index_option="freq")
    builder.add_text_field("pairs", tokenizer_name="spaces", index_option="basic")
    for name in FACETS:
        builder.add_text_field(name, tokenizer_name="raw", index_option="basic", fast=True)
    builder.add_integer_field("number", indexed=True, fast=True)
    builder.add_integer_field("updated_at", fast=True)
    return builder.build()


def _register(index: Any) -> None:
    spaces = tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.whitespace()).build()
    index.register_tokenizer("spaces", spaces)


def _document(cut: Cut) -> Any:
    return tantivy.Document(
        number=cut.number,
        words=" ".join(term.replace(" ", _JOINT) for term in cut.terms),
        pairs=" ".join(pair.replace(" ", _JOINT) for pair in cut.pairs),
        updated_at=cut.updated_at,
        **cut.facets,
    )
