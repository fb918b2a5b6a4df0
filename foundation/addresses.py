"""Numbers in addresses: what no database can hold is an address of nothing, not a crash."""

from flask import Flask
from werkzeug.routing import IntegerConverter, Map

# The largest number an INTEGER column of PostgreSQL holds.
LARGEST_ID = 2**31 - 1


class RowNumberConverter(IntegerConverter):
    """`<int:…>` of every route: a whole number that can be a row's."""

    def __init__(self, map: Map, fixed_digits: int = 0) -> None:
        super().__init__(map, fixed_digits=fixed_digits, min=0, max=LARGEST_ID)


def init_addresses(app: Flask) -> None:
    """Use the converter for `<int:…>`; to be called before routes are registered."""
    app.url_map.converters["int"] = RowNumberConverter
