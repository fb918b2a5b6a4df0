"""Terms as lexemes of a `tsvector`: which field has them, and how often. Pure.

A term that a field has n times is n lexemes, 「b1:文書」 … 「bn:文書」. Each is looked up in
the GIN index by itself, so that neither matching nor frequency ever reads a document; weights and
positions would, as PostgreSQL rechecks them in the row. What only bodies may find has field
codes of its own, in capitals: a visitor's search never asks for them.
"""

import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping

from catalog.search.schema import GOVERNMENT_PREFIX, SEARCHED_FIELDS

_PUBLIC_CODES = {name: name[0] for name in SEARCHED_FIELDS}
CODES: dict[str, str] = _PUBLIC_CODES | {
    GOVERNMENT_PREFIX + name: code.upper() for name, code in _PUBLIC_CODES.items()
}
FIELDS: dict[str, str] = {code: field for field, code in CODES.items()}

# A lexeme may have 2,046 bytes. Longer terms are known by their hash: nobody reads them.
_LONGEST_BYTES = 1_000
_MOST_OFTEN = 255


def storable(term: str) -> str:
    """The term as PostgreSQL can hold it. The same for documents and for what is looked for."""
    clean = term.replace("\0", "\ufffd").encode("utf-8", "replace")
    if len(clean) > _LONGEST_BYTES:
        return f"#{hashlib.sha256(clean).hexdigest()}"
    return clean.decode()


def lexemes(terms: Mapping[str, Iterable[str]]) -> Iterator[str]:
    """The lexemes of a document. terms: index field → its terms, repeated as they are."""
    for field, found in terms.items():
        for term, often in Counter(map(storable, found)).items():
            for count in range(1, min(often, _MOST_OFTEN) + 1):
                yield f"{CODES[field]}{count}:{term}"


def frequencies(found: Iterable[str]) -> dict[tuple[str, str], int]:
    """Back again: (index field, term) → how often, of one document's lexemes."""
    often: dict[tuple[str, str], int] = {}
    for lexeme in found:
        count, _, term = lexeme[1:].partition(":")
        key = FIELDS[lexeme[0]], term
        often[key] = max(often.get(key, 0), int(count))
    return often


def escaped(text: str) -> str:
    """The text as it stands inside the quotation marks of a tsvector or tsquery."""
    return text.replace("\\", "\\\\").replace("'", "''")


def vector(found: Iterable[str]) -> str:
    """The lexemes as PostgreSQL reads a tsvector."""
    return " ".join(f"'{escaped(lexeme)}'" for lexeme in found)
