"""Reading the library: specifications, programs, related catalogs, each with its source."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from catalog.library.models import FundingProgram, RelatedCatalog, SpecDocument
from catalog.library.words import split
from catalog.models import SystemType
from foundation.errors import NotFound


@dataclass(frozen=True, kw_only=True)
class SystemTypeName:
    """A kind of system an entry is about."""

    code: str
    name: str
    area: str
    policy_scope: str


@dataclass(frozen=True, kw_only=True)
class SpecRow:
    """A specification. '' and None = 記載なし."""

    id: int
    key: str
    title: str
    kind: str
    domain: str
    issuer: str
    version: str
    issued_on: str
    next_revision_fy: int | None
    system_types: tuple[SystemTypeName, ...]
    summary: str
    supersedes: str
    fictional: bool
    source_doc: str
    source_lines: str
    source_as_of: str
    url: str


@dataclass(frozen=True, kw_only=True)
class SpecVersions:
    """(id, title) of the documents a specification replaced and of those that replaced it."""

    earlier: tuple[tuple[int, str], ...]
    later: tuple[tuple[int, str], ...]


@dataclass(frozen=True, kw_only=True)
class ProgramRow:
    """A funding program. '' and None = 記載なし; conditions: read by library.conditions."""

    id: int
    key: str
    name: str
    ministry: str
    started_fy: int | None
    status: str
    system_types: tuple[SystemTypeName, ...]
    eligible_costs: tuple[str, ...]
    summary: str
    conditions: str
    source_doc: str
    source_lines: str
    source_as_of: str
    url: str


@dataclass(frozen=True, kw_only=True)
class RelatedRow:
    """A catalog of others. '' = 記載なし."""

    id: int
    name: str
    owner: str
    opened: str
    lists: str
    search_by: str
    update_rule: str
    source_doc: str
    source_lines: str
    source_as_of: str
    url: str


Row = TypeVar("Row")


def list_specs(session: Session, ids: Sequence[int] | None = None) -> list[SpecRow]:
    """All, or those of the ids, in the order of the table."""
    names = _system_types(session)
    return [_make(SpecRow, found, names) for found in _found(session, SpecDocument, ids)]


def get_spec(session: Session, spec_id: int) -> SpecRow:
    """One specification. Raises NotFound."""
    return _one(list_specs(session, [spec_id]), f"spec {spec_id}")


def get_spec_versions(session: Session, spec: SpecRow) -> SpecVersions:
    """The specifications it takes the place of, and those that take its own. One query."""
    statement = (
        select(SpecDocument.id, SpecDocument.title, SpecDocument.key)
        .where(or_(SpecDocument.key == spec.supersedes, SpecDocument.supersedes == spec.key))
        .order_by(SpecDocument.id)
    )
    found = session.execute(statement).all()
    return SpecVersions(
        earlier=tuple((i, title) for i, title, key in found if key == spec.supersedes),
        later=tuple((i, title) for i, title, key in found if key != spec.supersedes),
    )


def list_programs(session: Session, ids: Sequence[int] | None = None) -> list[ProgramRow]:
    """All, or those of the ids, in the order of the table."""
    names = _system_types(session)
    return [_make(ProgramRow, found, names) for found in _found(session, FundingProgram, ids)]


def get_program(session: Session, program_id: int) -> ProgramRow:
    """One program. Raises NotFound."""
    return _one(list_programs(session, [program_id]), f"program {program_id}")


def list_related(session: Session) -> list[RelatedRow]:
    """All related catalogs in the order of the table."""
    return [_make(RelatedRow, found, {}) for found in _found(session, RelatedCatalog, None)]


def _found(session: Session, table: Any, ids: Sequence[int] | None) -> Sequence[Any]:
    statement = select(table).order_by(table.id)
    if ids is not None:
        statement = statement.where(table.id.in_(ids))
    return session.scalars(statement).all()


def _one(rows: Sequence[Row], name: str) -> Row:
    if not rows:
        raise NotFound(name)
    return rows[0]


def _system_types(session: Session) -> dict[str, SystemTypeName]:
    columns = (SystemType.code, SystemType.name, SystemType.area, SystemType.policy_scope)
    return {row.code: SystemTypeName(**row._mapping) for row in session.execute(select(*columns))}


def _make(row_class: type[Row], found: Any, names: dict[str, SystemTypeName]) -> Row:
    fields = row_class.__dataclass_fields__  # type: ignore[attr-defined]
    values = {name: getattr(found, name) for name in fields}
    if "system_types" in values:
        values["system_types"] = tuple(
            names[code] for code in split(values["system_types"]) if code in names
        )
    if "eligible_costs" in values:
        values["eligible_costs"] = split(values["eligible_costs"])
    return row_class(**values)
