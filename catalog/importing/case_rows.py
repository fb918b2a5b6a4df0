"""A row of a cases file becomes an entry. Columns are the labels or keys of the case fields."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import partial
from typing import Any

from catalog.case_fields import CASE_FIELDS, FieldType
from catalog.checks import list_case_blockers
from catalog.entries import CaseEntry, CaseParticipantEntry
from catalog.importing.cells import Problems, collect, read_cell, unknown_columns
from catalog.importing.known import Known
from foundation.tables import TableRow
from foundation.text import normalize

REQUIRED = tuple(f.label for f in CASE_FIELDS if f.required)
COLUMNS = tuple(f.label for f in CASE_FIELDS)
_LABELS = {f.key: f.label for f in CASE_FIELDS}
_BY_NORMAL = {normalize(f.label): f.label for f in CASE_FIELDS}


@dataclass(frozen=True, kw_only=True)
class ReadCase:
    """What a row says; entry is None while there are problems."""

    entry: CaseEntry | None
    problems: Problems = field(default_factory=list)


def read_case(row: TableRow, known: Known, today: date) -> ReadCase:
    """The entry of a row, or every (column, reason) why there is none."""
    cells = {_BY_NORMAL.get(name, name): text for name, text in row.cells.items()}
    problems: Problems = [
        (name, "この列は取り込めません（列の名前を確かめてください）。")
        for name in unknown_columns(cells, COLUMNS)
    ]
    values = _read_values(cells, problems)
    if values.get("system_type_code"):
        values["system_type_code"] = collect(
            _LABELS["system_type_code"], values["system_type_code"], known.system_type, problems
        )
    values["prefecture_code"] = normalize(values["prefecture_code"] or "") or None
    values["offering_keys"] = tuple(map(normalize, values["offering_keys"] or ()))
    problems += _missing(cells)
    problems += _unknown_bodies(values, known)
    problems += _unknown_offerings(values, known)
    if problems:
        return ReadCase(entry=None, problems=problems)
    entry = _entry(values, today)
    problems += [(_LABELS.get(b.field or "", ""), b.message) for b in list_case_blockers(entry)]
    return ReadCase(entry=None if problems else entry, problems=problems)


def _read_values(cells: Mapping[str, str], problems: Problems) -> dict[str, Any]:
    return {
        f.key: collect(f.label, cells.get(f.label, ""), partial(read_cell, f), problems)
        for f in CASE_FIELDS
    }


def _missing(cells: Mapping[str, str]) -> Problems:
    return [
        (f.label, "入力してください。")
        for f in CASE_FIELDS
        if f.required and not normalize(cells.get(f.label, ""))
    ]


def _unknown_bodies(values: Mapping[str, Any], known: Known) -> Problems:
    problems: Problems = []
    lead = values["lead_body_code"]
    if lead and lead not in known.bodies:
        problems.append((_LABELS["lead_body_code"], f"団体コード「{lead}」の団体はありません。"))
    missing = [code for code in values["participants"] or () if code not in known.bodies]
    if missing:
        message = f"団体コード「{'、'.join(missing)}」の団体はありません。"
        problems.append((_LABELS["participants"], message))
    return problems


def _unknown_offerings(values: Mapping[str, Any], known: Known) -> Problems:
    column = _LABELS["offering_keys"]
    problems: Problems = []
    for key in values["offering_keys"] or ():
        if key not in known.offerings:
            problems.append((column, f"掲載サービスのキー「{key}」はありません。"))
        elif known.offerings[key][1] != bool(values["fictional"]):
            message = f"「{key}」：架空のデータと実データを結び付けることはできません。"
            problems.append((column, message))
    return problems


def _entry(values: Mapping[str, Any], today: date) -> CaseEntry:
    given = {key: value for key, value in values.items() if value is not None}
    given["participants"] = tuple(
        CaseParticipantEntry(body_code=code) for code in given.pop("participants", ())
    )
    given.setdefault("first_published_on", today)
    given.setdefault("last_confirmed_on", today)
    given["fictional"] = bool(given.get("fictional", False))
    for f in CASE_FIELDS:
        if f.type is FieldType.CODE and f.key in given and f.key not in ("kind", "lead_body_kind"):
            given[f.key] = given[f.key].value
    return CaseEntry(**given)
