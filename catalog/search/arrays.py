"""A segment's postings as arrays, in a file beside Whoosh's: a term is found by one look.

Whoosh's files are what lasts; this one is made of them, and where it is missing or damaged the
postings are read from theirs. It is named as a segment's file, so Whoosh's writer takes it away
together with the segment.
"""

import os
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from catalog.search.storage import Floats, Ints

_SEPARATOR = "\n"  # in no term: the analyzer drops it

# Of one term: place of the field in schema.ALL_FIELDS, documents, frequencies.
Entry = tuple[int, Ints, Floats]


@dataclass(frozen=True, kw_only=True)
class SegmentArrays:
    """Postings of all terms, those of documents deleted since included.

    rows: term → row. first: row → its first entry. fields: entry → place in schema.ALL_FIELDS.
    starts: entry → its first posting.
    """

    rows: Mapping[str, int]
    first: Sequence[int]
    fields: Sequence[int]
    starts: Sequence[int]
    documents: Ints
    frequencies: NDArray[np.uint16]

    def find(self, term: str) -> Iterator[Entry]:
        """The term's postings in every field that has it."""
        row = self.rows.get(term)
        if row is None:
            return
        for entry in range(self.first[row], self.first[row + 1]):
            own = slice(self.starts[entry], self.starts[entry + 1])
            yield self.fields[entry], self.documents[own], self.frequencies[own].astype(np.float32)

    def list_terms(self, field: int) -> tuple[str, ...]:
        """The terms that stand in the field at that place."""
        rows = np.searchsorted(self.first, np.flatnonzero(np.equal(self.fields, field)), "right")
        terms = list(self.rows)
        return tuple(terms[row - 1] for row in rows.tolist())


def write_arrays(path: Path, postings: Mapping[str, Sequence[Entry]]) -> None:
    """Write the file in one step: a reader finds all of it or nothing."""
    entries = [entry for found in postings.values() for entry in found]
    own = path.with_name(f"{path.name}.{os.getpid()}")
    with open(own, "wb") as handle:
        np.savez(
            handle,
            terms=np.frombuffer(_SEPARATOR.join(postings).encode(), np.uint8),
            first=np.cumsum([0, *map(len, postings.values())]),
            fields=np.array([field for field, _, _ in entries], np.uint8),
            starts=np.cumsum([0, *(len(documents) for _, documents, _ in entries)]),
            documents=_joined([documents for _, documents, _ in entries], np.int32),
            frequencies=_joined([frequencies for _, _, frequencies in entries], np.uint16),
        )
    os.replace(own, path)


def find_arrays(path: Path) -> SegmentArrays | None:
    """The file's arrays; None where it is missing or its checksums do not fit."""
    try:
        with open(path, "rb") as handle, np.load(handle, allow_pickle=False) as parts:
            read = {name: parts[name] for name in parts.files}
        terms = read["terms"].tobytes().decode().split(_SEPARATOR)
        if len(terms) != len(read["first"]) - 1:
            return None
        return SegmentArrays(
            rows={term: row for row, term in enumerate(terms)},
            first=read["first"].tolist(),
            fields=read["fields"].tolist(),
            starts=read["starts"].tolist(),
            documents=read["documents"],
            frequencies=read["frequencies"],
        )
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile):
        return None


def _joined(parts: Sequence[NDArray[np.generic]], kind: type[np.generic]) -> NDArray[np.generic]:
    return np.concatenate(parts).astype(kind) if parts else np.empty(0, kind)
