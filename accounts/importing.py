"""Importing local bodies and their facts from a table, in two steps (foundation.staging)."""

import csv
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from accounts.audit import record
from accounts.codes import (
    FICTIONAL_PREFECTURE_CODE,
    BodyKind,
    corporate_number_of_body,
    read_body_code,
    read_corporate_number,
)
from accounts.models import FactSourceRow, LocalBody, Organization
from accounts.roles import Actor, OrganizationKind
from foundation.db import Database
from foundation.staging import ImportKind, Progress, Staged, commit, discard, stage
from foundation.tables import TableRow
from foundation.text import normalize, parse_decimal, parse_whole_number

REQUIRED = ("code", "name", "kana", "kind", "prefecture_code", "prefecture")
COUNTS = (
    "population_census_2020",
    "population_register_2025",
    "households_2020",
    "population_65plus_2020",
    "area_ha",
    "staff_general_2024",
    "standard_fiscal_scale_thousand_yen",
)
INDEX = "fiscal_strength_index"

_KIND_NAME = "bodies"


@dataclass(frozen=True, kw_only=True)
class BodyImport:
    """What an import did. `changed` is 0 for a dry run or a refused file."""

    staged: Staged
    changed: int = 0
    added: int = 0


@dataclass(frozen=True, kw_only=True)
class KnownBodies:
    """The codes the product knows. With none, the file itself is the code table."""

    codes: frozenset[str] = field(default_factory=frozenset)

    def refuses(self, code: str) -> bool:
        new_fictional = code.startswith(FICTIONAL_PREFECTURE_CODE)
        return bool(self.codes) and code not in self.codes and not new_fictional


def import_bodies(
    database: Database, path: Path, *, actor: Actor, now: datetime, progress: Progress
) -> BodyImport:
    """Take in the whole file, or nothing of it. Raises UnreadableTable."""
    staged = stage(database, _kind(database), path, now=now, progress=progress)
    if staged.problems:
        return BodyImport(staged=staged)
    applied = _Applied()
    with database.transaction() as session:
        commit(session, staged.batch_id, applied.apply, now=now)
        changes = {"file": path.name, "rows": staged.rows, "added": applied.added}
        record(
            session, actor, "import_bodies", "import_batch", staged.batch_id, changes, now,
            staged.file_sha256,
        )  # fmt: skip
    return BodyImport(staged=staged, changed=applied.changed, added=applied.added)


def check_bodies(database: Database, path: Path, *, now: datetime, progress: Progress) -> Staged:
    """What `import_bodies` would find, without importing."""
    staged = stage(database, _kind(database), path, now=now, progress=progress)
    with database.transaction() as session:
        discard(session, staged.batch_id)
    return staged


def load_sources(session: Session, path: Path) -> None:
    """Take in the table of sources that facts refer to."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        for row in csv.DictReader(file):
            kept = {name: row[name] for name in ("key", "name", "publisher", "as_of", "url")}
            session.merge(FactSourceRow(**kept, attribution=row["attribution"]))
    session.flush()


def _kind(database: Database) -> ImportKind:
    with database.read_session() as session:
        known = KnownBodies(codes=frozenset(session.scalars(select(LocalBody.code))))
    return ImportKind(
        name=_KIND_NAME,
        required=REQUIRED,
        key_of=lambda row: normalize(row.cells["code"]),
        check=lambda row: list(check_row(row, known)),
    )


def check_row(row: TableRow, known: KnownBodies) -> Iterator[tuple[str, str]]:
    """(column, reason) for everything wrong with one row."""
    cells = row.cells
    yield from _check_code(cells["code"], known)
    for column in ("name", "prefecture"):
        if not normalize(cells[column]):
            yield column, "空にできません。"
    if normalize(cells["kind"]) not in set(BodyKind):
        yield "kind", f"「{cells['kind']}」という種別はありません（{'、'.join(BodyKind)}）。"
    if normalize(cells["prefecture_code"]) != normalize(cells["code"])[:2]:
        yield "prefecture_code", "団体コードの上2桁と一致しません。"
    for column, read in _READERS.items():
        yield from _try(column, cells.get(column, ""), read)
    yield from _check_corporate_number(cells)


def _check_code(text: str, known: KnownBodies) -> Iterator[tuple[str, str]]:
    try:
        code = read_body_code(text)
    except ValueError as error:
        hint = "先頭の0が消えていないか確かめてください。" if len(normalize(text)) == 5 else ""
        yield "code", f"{error}{hint}"
        return
    if known.refuses(code):
        yield "code", f"団体コード「{code}」は団体コード表にありません。"


def _check_corporate_number(cells: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    text = cells.get("corporate_number", "")
    if not text:
        return
    try:
        number = read_corporate_number(text)
    except ValueError as error:
        yield "corporate_number", str(error)
        return
    code = normalize(cells["code"])
    if number != corporate_number_of_body(code):
        yield "corporate_number", f"団体コード「{code}」の法人番号ではありません。"


def _try(column: str, text: str, read: Callable[[str], object]) -> Iterator[tuple[str, str]]:
    try:
        read(text)
    except ValueError as error:
        yield column, str(error)


def _count(text: str) -> int | None:
    """A whole number of at least 0, None for an empty cell: an empty figure is no zero."""
    if not text:
        return None
    value = parse_whole_number(text)
    if value < 0:
        raise ValueError(f"「{text}」は負の数です。0以上で入力してください。")
    return value


def _index(text: str) -> Decimal | None:
    if not text:
        return None
    value = parse_decimal(text)
    if not 0 <= value < 1000:
        raise ValueError(f"「{text}」は0以上1000未満で入力してください。")
    return value


_READERS: dict[str, Callable[[str], object]] = {**dict.fromkeys(COUNTS, _count), INDEX: _index}


class _Applied:
    """Writes the rows of a good file and counts what it did."""

    def __init__(self) -> None:
        self.changed = 0
        self.added = 0

    def apply(self, session: Session, rows: Iterator[TableRow]) -> None:
        bodies = {body.code: body for body in session.scalars(select(LocalBody))}
        for row in rows:
            self._apply_row(session, row, bodies)
        # Bodies first: the organisations that act for them point at their codes.
        session.flush()
        acting = set(session.scalars(select(Organization.body_code)))
        session.add_all(
            organization_of(body) for code, body in bodies.items() if code not in acting
        )
        session.flush()

    def _apply_row(self, session: Session, row: TableRow, bodies: dict[str, LocalBody]) -> None:
        facts = _facts(row)
        code = str(facts["code"])
        self.changed += 1
        if code not in bodies:
            self.added += 1
            bodies[code] = LocalBody(**facts)
            session.add(bodies[code])
            return
        for name, value in facts.items():
            setattr(bodies[code], name, value)


def organization_of(body: LocalBody) -> Organization:
    """The organisation that acts for a body."""
    prefecture = body.kind == BodyKind.PREFECTURE
    return Organization(
        kind=OrganizationKind.PREFECTURE if prefecture else OrganizationKind.MUNICIPALITY,
        name=body.name,
        body_code=body.code,
        corporate_number=body.corporate_number,
        prefecture_code=body.prefecture_code,
        fictional=body.fictional,
    )


def _facts(row: TableRow) -> dict[str, object]:
    """The columns of local_body this row speaks of; columns it lacks stay as they are."""
    cells = row.cells
    code = read_body_code(cells["code"])
    facts: dict[str, object] = {
        "code": code,
        "name": normalize(cells["name"]),
        "kana": normalize(cells["kana"]),
        "kind": normalize(cells["kind"]),
        "prefecture_code": code[:2],
        "prefecture_name": normalize(cells["prefecture"]),
        "fictional": code.startswith(FICTIONAL_PREFECTURE_CODE),
    }
    for column, read in _READERS.items():
        if column in cells:
            facts[column] = read(cells[column])
    if "peer_group" in cells:
        facts["peer_group"] = cells["peer_group"] or None
    if cells.get("corporate_number"):
        facts["corporate_number"] = read_corporate_number(cells["corporate_number"])
    return facts
