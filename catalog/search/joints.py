"""The postings of several segments as one: a word is looked up once, not once in each of them.

A rebuild writes its segments in a row, and they stay as they are for long: so their arrays are
put together when they have been written. The file is a further copy of what each segment has of
its own, and it serves for as long as its segments stand in the index in that order. It is named
as a file of the first, so Whoosh's writer takes it away with that one.
"""

from collections.abc import Sequence
from itertools import chain
from operator import itemgetter
from pathlib import Path
from typing import NamedTuple

import numpy as np

from catalog.search.arrays import SegmentArrays, arrays_of, find_file, write_file
from catalog.search.bits import begins_of
from catalog.search.gains import Gained


class Joint(NamedTuple):
    """of: ids of the segments; a document is numbered from the first one's first."""

    of: tuple[str, ...]
    arrays: SegmentArrays


def write_joint(path: Path, parts: Sequence[tuple[str, int, SegmentArrays]]) -> None:
    """Write the joint of some segments in their order: id, count of documents and arrays each."""
    begins = begins_of([count for _, count, _ in parts])
    arrays = join_arrays([arrays for *_, arrays in parts], begins)
    write_file(path, arrays, [segment_id for segment_id, *_ in parts])


def find_joint(path: Path) -> Joint | None:
    """What has been written; None where it is missing or not whole."""
    found = find_file(path)
    return Joint(found[1], found[0]) if found and found[1] else None


def join_arrays(parts: Sequence[SegmentArrays], begins: Sequence[int]) -> SegmentArrays:
    """One row of all rows that have the same name. begins: the number of each part's first
    document, ascending."""
    spelt = chain.from_iterable(
        zip(each.hashes.tolist(), each.list_names(), strict=True) for each in parts
    )
    # By name, then by part: so the documents of a name ascend.
    rows = sorted((*name, number) for number, name in enumerate(spelt))
    names = [row[:2] for row in rows]
    firsts = [n for n, name in enumerate(names) if n == 0 or names[n - 1] != name]
    order = np.array([*map(itemgetter(2), rows)], np.int64)
    lengths = np.concatenate([np.diff(each.starts) for each in parts])
    # Where each row begins among the postings of all parts, and where it is to begin.
    old = (np.cumsum(lengths) - lengths)[order]
    lengths = lengths[order]
    ends = np.cumsum(lengths)
    taken = np.repeat(old - (ends - lengths), lengths) + np.arange(lengths.sum())
    documents = [each.documents + begin for each, begin in zip(parts, begins, strict=False)]
    gained = Gained(
        starts=np.concatenate([(ends - lengths)[firsts], ends[-1:]]),
        documents=np.concatenate(documents)[taken].astype(np.int32),
        gains=np.concatenate([each.gains for each in parts])[taken],
        masks=np.concatenate([each.masks for each in parts])[taken],
    )
    named = np.concatenate([each.named for each in parts])[order]
    named = np.bitwise_or.reduceat(named, firsts)
    return arrays_of([names[first] for first in firsts], named, gained)
