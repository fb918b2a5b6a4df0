"""A row of a specifications file becomes an entry. Columns are the labels of its fields."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from catalog.conformance import SpecNames
from catalog.desk.queries import list_system_types
from catalog.importing.cells import (
    Problems,
    collect,
    read_code,
    read_day,
    read_flag,
    read_list,
    unknown_columns,
)
from catalog.library.spec_entries import (
    LABELS,
    REQUIRED,
    SpecEntry,
    list_spec_blockers,
    read_issued_on,
)
from catalog.library.words import SpecKind
from catalog.spec_names import load_spec_names
from foundation.tables import TableRow, read_table
from foundation.text import (
    bare_cell,
    fold_for_match,
    normalize,
    parse_whole_number,
    printable,
)

REQUIRED_COLUMNS = tuple(LABELS[name] for name in REQUIRED)
# Written by the reader itself: the key under 「前の版」 is that of another row of the file;
# an earlier row of it has the same name.
IN_FILE, TWICE = "前の版はこのファイルにある", "前の行と同じ名称"


@dataclass(frozen=True, kw_only=True)
class KnownSpecs:
    """What rows are checked against. system_types: code or folded name → code."""

    names: SpecNames
    system_types: Mapping[str, str]


@dataclass(frozen=True, kw_only=True)
class ReadSpec:
    """What a row says; entry is None while there are problems."""

    entry: SpecEntry | None
    problems: Problems = field(default_factory=list)


def load_known_specs(session: Session) -> KnownSpecs:
    """What the database holds now. Two queries."""
    types = list_system_types(session)
    return KnownSpecs(
        names=load_spec_names(session),
        system_types={fold_for_match(name): code for code, name in types}
        | {fold_for_match(code): code for code, _name in types},
    )


def read_spec_rows(path: Path, required: Sequence[str]) -> Iterator[TableRow]:
    """As `read_table`; rows say what only the whole file tells of them. UnreadableTable."""
    keys = {normalize(row.cells[LABELS["key"]]) for row in read_table(path, required)}
    titles: set[str] = set()
    for row in read_table(path, required):
        before = normalize(row.cells.get(LABELS["supersedes"], ""))
        title = fold_for_match(row.cells[LABELS["title"]])
        told = {IN_FILE: before in keys, TWICE: title in titles}
        titles.add(title)
        cells = {**row.cells, **{name: "true" for name, so in told.items() if so}}
        yield TableRow(sheet=row.sheet, line=row.line, cells=cells)


def read_spec(row: TableRow, known: KnownSpecs) -> ReadSpec:
    """The entry of a row, or every (column, reason) why there is none."""
    problems: Problems = [
        (name, "この列は取り込めません（列の名前を確かめてください）。")
        for name in unknown_columns(row.cells, (*LABELS.values(), IN_FILE, TWICE))
    ]
    values = {
        name: collect(label, row.cells.get(label, ""), partial(_read, name, known), problems)
        for name, label in LABELS.items()
    }
    problems += _missing(row)
    problems += _beside_others(row, values, known)
    if problems:
        return ReadSpec(entry=None, problems=problems)
    entry = SpecEntry(**values)
    problems += [
        (LABELS.get(b.field or "", ""), b.message) for b in list_spec_blockers(entry, known.names)
    ]
    return ReadSpec(entry=None if problems else entry, problems=problems)


def _beside_others(row: TableRow, values: Mapping[str, Any], known: KnownSpecs) -> Problems:
    problems: Problems = []
    before = values["supersedes"]
    if before and IN_FILE not in row.cells and before not in known.names:
        problems.append((LABELS["supersedes"], f"キー「{before}」の仕様書はありません。"))
    if TWICE in row.cells:
        problems.append((LABELS["title"], f"「{values['title']}」は前の行にもあります。"))
    return problems


def _missing(row: TableRow) -> Problems:
    return [
        (label, "入力してください。")
        for label in REQUIRED_COLUMNS
        if not normalize(row.cells.get(label, ""))
    ]


def _read(name: str, known: KnownSpecs, text: str) -> Any:
    """The value of a field. Raises ValueError."""
    if name == "system_types":
        return tuple(dict.fromkeys(_system_type(known, part) for part in read_list(text)))
    return _READERS.get(name, _words)(bare_cell(text))


def _system_type(known: KnownSpecs, text: str) -> str:
    code = known.system_types.get(fold_for_match(text))
    if code is None:
        raise ValueError(f"システム種別「{text}」はありません。")
    return code


def _words(text: str) -> str:
    return printable(text.replace("\r\n", "\n")).strip()


def _kind(text: str) -> SpecKind | None:
    return SpecKind(read_code(text, SpecKind)) if normalize(text) else None


def _day(text: str) -> str:
    day = read_day(text)
    return day.isoformat() if day else ""


def _year(text: str) -> int | None:
    plain = normalize(text).removesuffix("年度")
    return parse_whole_number(plain) if plain else None


_READERS: Mapping[str, Callable[[str], Any]] = {
    "key": normalize,
    "kind": _kind,
    "version": normalize,
    "issued_on": read_issued_on,
    "next_revision_fy": _year,
    "supersedes": normalize,
    "fictional": lambda text: bool(read_flag(text)),
    "source_as_of": _day,
}
