"""Sets of documents as bits in 64-bit words: a filter is an AND, a count a population count."""

from collections.abc import Sequence
from itertools import accumulate
from typing import Final

import numpy as np
from numpy.typing import NDArray

Bits = NDArray[np.uint64]
Numbers = NDArray[np.int64]
WORD = 64  # bits of a word
# Of the numbers used here none is out of range: asking so each time would double what taking costs.
TRUSTED: Final = "clip"
_FEW = 6  # of more than one in so many documents, picking them out takes longer than finding all


def words_for(count: int) -> int:
    """How many words hold so many documents; never none."""
    return max(1, -(-count // WORD))


def begins_of(counts: Sequence[int]) -> list[int]:
    """The first document's number in each of some segments of so many documents, each in words of
    its own; and the number after the last."""
    return list(accumulate((words_for(count) * WORD for count in counts), initial=0))


def pack_flags(flags: NDArray[np.bool_]) -> Bits:
    """One bit per document, in whole words; of a table of flags, row by row."""
    packed = np.packbits(flags, axis=-1, bitorder="little")
    whole = np.zeros((*flags.shape[:-1], words_for(flags.shape[-1]) * 8), np.uint8)
    whole[..., : packed.shape[-1]] = packed
    return whole.view(np.uint64)


def pack(documents: NDArray[np.integer], count: int) -> Bits:
    """The documents as bits."""
    flags = np.zeros(count, np.bool_)
    flags[documents] = True
    return pack_flags(flags)


def count_bits(bits: Bits) -> int:
    """How many documents the bits hold."""
    return int(np.bitwise_count(bits).sum())


def documents_of(bits: Bits) -> Numbers:
    """The documents of the bits, ascending."""
    return np.unpackbits(bits.view(np.uint8), bitorder="little").view(np.bool_).nonzero()[0]


def has_documents(bits: Bits, documents: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Per document, whether the bits hold it."""
    shifted = bits[documents >> 6] >> (documents & 63).astype(np.uint64)
    found: NDArray[np.bool_] = (shifted & np.uint64(1)).astype(np.bool_)
    return found


def those_of(documents: Numbers, bits: Bits) -> Numbers:
    """`documents_of` for bits that hold none but these; quicker where these are few."""
    if len(documents) * _FEW > len(bits) * WORD:
        return documents_of(bits)
    flags = np.unpackbits(bits.view(np.uint8), bitorder="little").view(np.bool_)
    return documents[flags.take(documents)]


class Found:
    """A set of documents, as bits and as ascending numbers."""

    def __init__(self, bits: Bits, documents: Numbers | None = None) -> None:
        self.bits = bits
        self._documents = documents

    @property
    def documents(self) -> Numbers:
        """The documents, worked out when first asked for."""
        if self._documents is None:
            self._documents = documents_of(self.bits)
        return self._documents

    def __len__(self) -> int:
        return count_bits(self.bits) if self._documents is None else len(self._documents)

    @property
    def nbytes(self) -> int:
        """How much memory it takes with its numbers."""
        return self.bits.nbytes + 8 * len(self) + 300
