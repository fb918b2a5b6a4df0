"""Present contracts from a table: what each body uses today, until when, for how much.

Two steps (foundation.staging): the whole file is read and checked, then all its rows are
written in one commit, or none. A body and system type that are there already are renewed.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from accounts.audit import record
from accounts.codes import read_body_code
from accounts.models import LocalBody
from accounts.roles import Actor
from catalog.importing.cells import Problems, collect, read_day, unknown_columns
from catalog.models import SystemType
from foundation.db import Database
from foundation.errors import Conflict
from foundation.staging import ImportKind, Progress, Staged, commit, discard, stage
from foundation.tables import TableRow
from foundation.text import fold_for_match, normalize, parse_yen
from procurement.need_models import PresentContract

# As a header is read: normalised, so that full-width brackets count as plain ones.
BODY, SYSTEM_TYPE, VENDOR, ENDS, COST = (
    normalize(label)
    for label in ("団体コード", "システム種別", "事業者", "契約の終わり", "年額（税込・円）")
)
COLUMNS = (BODY, SYSTEM_TYPE, VENDOR, ENDS, COST)
# May stand in the file for its readers; the code alone says which body it is.
NAME = "団体名"
MAX_VENDOR = 200


@dataclass(frozen=True, kw_only=True)
class ContractEntry:
    """One row. annual_cost_yen: tax-included. None: the cell is empty."""

    body_code: str
    system_type_code: str
    vendor_name: str
    ends_on: date | None
    annual_cost_yen: int | None


@dataclass(frozen=True, kw_only=True)
class Known:
    """What rows are checked against. system_types: folded code or name → code."""

    bodies: frozenset[str]
    system_types: Mapping[str, str]

    def body(self, text: str) -> str:
        """The code. Raises ValueError."""
        code = read_body_code(text)
        if code not in self.bodies:
            raise ValueError(f"団体コード「{code}」の団体は登録されていません。")
        return code

    def system_type(self, text: str) -> str:
        """The code. Raises ValueError."""
        code = self.system_types.get(fold_for_match(text))
        if code is None:
            raise ValueError(f"システム種別「{normalize(text)}」はありません。")
        return code


@dataclass(frozen=True, kw_only=True)
class ContractImport:
    """What an import did; counts are 0 for a refused file."""

    staged: Staged
    added: int = 0
    changed: int = 0


def read_contract(row: TableRow, known: Known) -> tuple[ContractEntry | None, Problems]:
    """The entry, or None with every (column, reason)."""
    cells, problems = row.cells, Problems()
    problems += [
        (name, "この列は使えません。") for name in unknown_columns(cells, (*COLUMNS, NAME))
    ]
    body_code = collect(BODY, cells[BODY], known.body, problems)
    system_type = collect(SYSTEM_TYPE, cells[SYSTEM_TYPE], known.system_type, problems)
    ends_on = collect(ENDS, cells[ENDS], read_day, problems)
    cost = collect(COST, cells[COST], _read_yen, problems)
    if not normalize(cells[ENDS]) and not normalize(cells[COST]):
        problems.append((ENDS, "契約の終わりか年額の、少なくとも一方を書いてください。"))
    if len(cells[VENDOR]) > MAX_VENDOR:
        problems.append((VENDOR, f"{MAX_VENDOR}文字以内にしてください。"))
    if problems:
        return None, problems
    entry = ContractEntry(
        body_code=body_code,
        system_type_code=system_type,
        vendor_name=" ".join(cells[VENDOR].split()),
        ends_on=ends_on,
        annual_cost_yen=cost,
    )
    return entry, problems


def import_contracts(
    database: Database, path: Path, *, actor: Actor, now: datetime, progress: Progress
) -> ContractImport:
    """Take in the whole file, or nothing of it. Raises UnreadableTable."""
    staged = stage(database, _kind(database), path, now=now, progress=progress)
    if staged.problems:
        return ContractImport(staged=staged)
    counts = {"added": 0, "changed": 0}
    with database.transaction() as session:
        commit(session, staged.batch_id, lambda own, rows: _apply(own, rows, now, counts), now=now)
        record(
            session,
            actor,
            "import_contracts",
            "import_batch",
            staged.batch_id,
            {"file": path.name, "rows": staged.rows} | counts,
            now,
            staged.file_sha256,
        )
    return ContractImport(staged=staged, **counts)


def check_contracts(database: Database, path: Path, *, now: datetime, progress: Progress) -> Staged:
    """What `import_contracts` would find, without importing."""
    staged = stage(database, _kind(database), path, now=now, progress=progress)
    with database.transaction() as session:
        discard(session, staged.batch_id)
    return staged


def _kind(database: Database) -> ImportKind:
    with database.read_session() as session:
        known = load_known(session)
    return ImportKind(
        name="contracts",
        required=COLUMNS,
        key_of=lambda row: _key(row, known),
        check=lambda row: read_contract(row, known)[1],
    )


def _key(row: TableRow, known: Known) -> str:
    """Body and system type; a type by its code or by its name is the same one."""
    text = row.cells[SYSTEM_TYPE]
    system_type = known.system_types.get(fold_for_match(text), normalize(text))
    return f"{normalize(row.cells[BODY])} {system_type}"


def load_known(session: Session) -> Known:
    """What the database holds now. Two queries."""
    types = session.execute(select(SystemType.code, SystemType.name)).all()
    return Known(
        bodies=frozenset(session.scalars(select(LocalBody.code))),
        system_types={fold_for_match(name): code for code, name in types}
        | {fold_for_match(code): code for code, _ in types},
    )


def _apply(
    session: Session, rows: Iterator[TableRow], now: datetime, counts: dict[str, int]
) -> None:
    known = load_known(session)
    write_contracts(session, (_good(row, known) for row in rows), now, counts)


def _good(row: TableRow, known: Known) -> ContractEntry:
    entry, problems = read_contract(row, known)
    if entry is None:
        column, reason = problems[0]
        raise Conflict(f"読み取りの後に登録内容が変わりました。「{column}」: {reason}")
    return entry


def write_contracts(
    session: Session, entries: Iterable[ContractEntry], now: datetime, counts: dict[str, int]
) -> None:
    """New rows, and those of the same body and system type renewed; counted apart."""
    present = {
        (row.body_code, row.system_type_code): row
        for row in session.scalars(select(PresentContract))
    }
    for entry in entries:
        contract = present.get((entry.body_code, entry.system_type_code))
        counts["added" if contract is None else "changed"] += 1
        contract = contract or PresentContract(
            body_code=entry.body_code, system_type_code=entry.system_type_code
        )
        contract.vendor_name = entry.vendor_name
        contract.ends_on = entry.ends_on
        contract.annual_cost_yen = entry.annual_cost_yen
        contract.imported_at = now
        session.add(contract)
    session.flush()


def _read_yen(text: str) -> int | None:
    return parse_yen(text) if normalize(text) else None
