"""A search document as a row of the table, and the numbers of rows as arrays again."""

import json
import struct
from typing import Any

import numpy as np
from numpy.typing import NDArray

from catalog.search.documents import SearchDocument
from catalog.search.postgresql.lexemes import lexemes, vector
from catalog.search.schema import (
    ALL_FIELDS,
    NUMBER_COLUMNS,
    index_fields,
    length_column,
)

# Numbers and lengths of a row side by side, so that all rows together are one array.
_COLUMNS = np.dtype(
    [(name, ">i8") for name in NUMBER_COLUMNS] + [(name, ">u4") for name in ALL_FIELDS]
)
_PACKED = struct.Struct(f">{len(NUMBER_COLUMNS)}q{len(ALL_FIELDS)}I")

Row = tuple[str, bytes, str, list[str], list[str], str, bytes]


def make_row(document: SearchDocument) -> Row:
    """What is written for a document, in the order of tables.fill."""
    values = index_fields(document)
    numbers = [values[name] for name in NUMBER_COLUMNS]
    lengths = [values.get(length_column(name), 0) for name in ALL_FIELDS]
    terms = {name: values[name] for name in ALL_FIELDS if name in values}
    (visibility,) = values["visibility"]
    return (
        values["key"],
        _PACKED.pack(*numbers, *lengths),
        visibility,
        values.get("facet", []),
        values.get("g_facet", []),
        vector(lexemes(terms)),
        json.dumps(values["shown"], ensure_ascii=True).encode(),
    )


def read_shown(stored: bytes) -> dict[str, Any]:
    """What is kept to show a document; places in the text are pairs of numbers again."""
    shown: dict[str, Any] = json.loads(stored)
    shown["spans"] = {
        name: {term: [tuple(place) for place in places] for term, places in spans.items()}
        for name, spans in shown["spans"].items()
    }
    return shown


def read_numbers(packed: bytes | None) -> NDArray[np.int64]:
    """Numbers of rows, ascending."""
    return np.sort(np.frombuffer(packed or b"", ">i8").astype(np.int64))


def read_columns(
    packed: bytes | None,
) -> tuple[dict[str, NDArray[np.int64]], dict[str, NDArray[np.int64]]]:
    """Numbers and lengths, by column and by field."""
    table = np.frombuffer(packed or b"", _COLUMNS)
    numbers = {name: table[name].astype(np.int64) for name in NUMBER_COLUMNS}
    return numbers, {name: table[name].astype(np.int64) for name in ALL_FIELDS}
