"""Where the words stand, as pieces of text: whoever prints them escapes them.

A word with a space inside is a pair: it stands where its second unit follows its first.
"""

from collections.abc import Collection, Mapping, Sequence

# (text, whether it is a hit)
Segments = tuple[tuple[str, bool], ...]
Spans = Mapping[str, Sequence[tuple[int, int]]]

MOST_SHOWN = 120  # characters of an excerpt
_BEFORE = 30  # of them before the first hit
_WIDEST_GAP = 4  # characters between the units of a pair: particles, a space


def mark(text: str, spans: Spans, words: Collection[str]) -> Segments:
    """The whole text in pieces; hits side by side are one piece."""
    return _pieces(text, 0, len(text), _hits(spans, words))


def excerpt(text: str, spans: Spans, words: Collection[str]) -> Segments:
    """The part of a long text around its first hit, in pieces, with … where it was cut."""
    hits = _hits(spans, words)
    first = hits[0][0] if hits else 0
    start = max(0, min(first - _BEFORE, len(text) - MOST_SHOWN))
    end = min(len(text), start + MOST_SHOWN)
    pieces = _pieces(text, start, end, hits)
    before: Segments = (("…", False),) if start else ()
    after: Segments = (("…", False),) if end < len(text) else ()
    return before + pieces + after


def has_hit(pieces: Segments) -> bool:
    """Whether any of the words stands in the text."""
    return any(hit for _, hit in pieces)


def _places(spans: Spans, word: str) -> Sequence[tuple[int, int]]:
    first, _, second = word.partition(" ")
    begins = spans.get(first, ())
    if not second or not begins:
        return begins
    return [
        (start, after_end)
        for start, end in begins
        for after_start, after_end in spans.get(second, ())
        if 0 <= after_start - end <= _WIDEST_GAP
    ]


def _hits(spans: Spans, words: Collection[str]) -> list[tuple[int, int]]:
    """Places of the words in order, overlapping and touching ones joined."""
    joined: list[tuple[int, int]] = []
    for start, end in sorted(place for word in set(words) for place in _places(spans, word)):
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return joined


def _pieces(text: str, start: int, end: int, hits: Sequence[tuple[int, int]]) -> Segments:
    pieces: list[tuple[str, bool]] = []
    at = start
    for hit_start, hit_end in hits:
        first, last = max(hit_start, start), min(hit_end, end)
        if first >= last:
            continue
        if at < first:
            pieces.append((text[at:first], False))
        pieces.append((text[first:last], True))
        at = last
    if at < end:
        pieces.append((text[at:end], False))
    return tuple(pieces)
