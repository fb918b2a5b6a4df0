"""The tables of facts and of invented words this package reads: CSV beside the code."""

import csv
from collections.abc import Mapping
from functools import cache
from importlib.resources import files

Row = Mapping[str, str]


@cache
def read_table(package: str, name: str) -> tuple[Row, ...]:
    """The rows of `<package>/data/<name>.csv`, in file order; an empty cell is ''."""
    text = files(package).joinpath("data", f"{name}.csv").read_text(encoding="utf-8")
    return tuple(csv.DictReader(text.splitlines()))


def catalog_table(name: str) -> tuple[Row, ...]:
    """A table of the catalog."""
    return read_table("catalog", name)


def accounts_table(name: str) -> tuple[Row, ...]:
    """A table of the accounts."""
    return read_table("accounts", name)


@cache
def _texts() -> Mapping[tuple[str, str], tuple[str, ...]]:
    found: dict[tuple[str, str], list[str]] = {}
    for row in catalog_table("example_texts"):
        found.setdefault((row["kind"], row["system_type"]), []).append(row["text"])
    return {key: tuple(texts) for key, texts in found.items()}


def list_texts(kind: str, system_type: str = "*") -> tuple[str, ...]:
    """The sentences of that kind for a system type; '*' for those that fit any."""
    return _texts()[(kind, system_type)]
