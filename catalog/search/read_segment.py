"""A segment in memory, with what is worked out of it once: bits of its facets, kinds, ties."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from catalog.search.counting import SegmentFacets, segment_facets
from catalog.search.documents import Viewer, document_key
from catalog.search.storage import Ints, SegmentData


@dataclass(frozen=True, kw_only=True)
class ReadSegment:
    """What a segment says that no later deletion changes. Document numbers are its own.

    numbers: column → value per document. kinds: of each document. public: the documents that
    everybody may find.
    """

    count: int
    numbers: dict[str, NDArray[np.int64]]
    facets: SegmentFacets
    kinds: NDArray[np.object_]
    public: Ints
    _ties: dict[str, NDArray[np.uint64]] = field(default_factory=dict)

    def ties(self, month: str, hash_of: Callable[[str, str], bytes]) -> NDArray[np.uint64]:
        """Per document a number by which equals are ordered in that month; kept for one month."""
        found = self._ties.get(month)
        if found is None:
            ids = self.numbers["object_id"].tolist()
            keys = map(document_key, self.kinds.tolist(), ids)
            found = np.array([int.from_bytes(hash_of(key, month)) for key in keys], np.uint64)
            self._ties.clear()
            self._ties[month] = found
        return found


def read_segment(data: SegmentData) -> ReadSegment:
    """The segment with its facets as bits."""
    facets = {name: data.facets[name] for name in ("facet", "g_facet")}
    return ReadSegment(
        count=data.count,
        numbers=data.numbers,
        facets=segment_facets(data.count, facets),
        kinds=_kinds(data.count, facets.values()),
        public=data.facets["visibility"].get(Viewer.PUBLIC.value, np.empty(0, np.int32)),
    )


def _kinds(count: int, facets: Iterable[dict[str, Ints]]) -> NDArray[np.object_]:
    kinds = np.full(count, "", np.object_)
    for terms in facets:
        for term, documents in terms.items():
            name, _, value = term.partition("=")
            if name == "kind":
                kinds[documents] = value
    return kinds
