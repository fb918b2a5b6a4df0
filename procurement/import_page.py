"""Present contracts sent in on a page: a body for itself, a coordinator for its prefecture."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from accounts.models import LocalBody
from accounts.roles import Action, Actor, Scope, scopes_for
from catalog.importing.judged import take_judged
from catalog.importing.page_kinds import (
    Counts,
    Judge,
    Limits,
    Outcome,
    PageKind,
    Taking,
    Verdict,
    refused,
)
from catalog.importing.templates import CODES_SHEET, ROWS_SHEET, ImportColumn, code_lines
from catalog.importing.written import Cells, write_book
from catalog.models import SystemType
from foundation.tables import TableRow
from procurement.importing import (
    BODY,
    COLUMNS,
    COST,
    ENDS,
    NAME,
    SYSTEM_TYPE,
    VENDOR,
    ContractEntry,
    load_known,
    read_contract,
    write_contracts,
)
from procurement.need_models import PresentContract

_NOT_STATED = "記載なし"
_FIELDS = {VENDOR: "vendor_name", ENDS: "ends_on", COST: "annual_cost_yen"}


def _limits(_session: Session, actor: Actor) -> Limits | None:
    scopes = scopes_for(actor, Action.STATE_INTEREST)
    if Scope.OWN_PREFECTURE in scopes and actor.prefecture_code:
        return {"prefecture_code": actor.prefecture_code}
    if Scope.OWN_ORGANIZATION in scopes and actor.body_code:
        return {"body_code": actor.body_code}
    return None


def may_bring(limits: Limits, body_code: str) -> bool:
    """Whether a file within these limits may speak of that body."""
    if "body_code" in limits:
        return bool(body_code == limits["body_code"])
    return body_code.startswith(str(limits["prefecture_code"]))


def _open_judge(session: Session, limits: Limits, _now: datetime) -> Judge:
    known = load_known(session)

    def judge(own: Session, rows: Sequence[TableRow]) -> list[Verdict]:
        read = [read_contract(row, known) for row in rows]
        codes = {entry.body_code for entry, _problems in read if entry is not None}
        statement = select(PresentContract).where(PresentContract.body_code.in_(codes))
        there = {(c.body_code, c.system_type_code): c for c in own.scalars(statement)}
        return [
            _verdict(row, entry, problems, limits, there)
            for row, (entry, problems) in zip(rows, read, strict=True)
        ]

    return judge


def _verdict(
    row: TableRow,
    entry: ContractEntry | None,
    problems: list[tuple[str, str]],
    limits: Limits,
    there: Mapping[tuple[str, str], PresentContract],
) -> Verdict:
    name = row.cells.get(VENDOR, "")
    if entry is None:
        return refused(problems, name=name)
    if not may_bring(limits, entry.body_code):
        words = "自団体" if "body_code" in limits else "自分の都道府県の団体"
        return refused([(BODY, f"取り込めるのは{words}の契約だけです。")], name=name)
    contract = there.get((entry.body_code, entry.system_type_code))
    key = f"{entry.body_code} {entry.system_type_code}"
    if contract is None:
        return Verdict(outcome=Outcome.NEW, key=key, name=entry.vendor_name)
    said = tuple(
        (label, _words(getattr(contract, name)), _words(getattr(entry, name)))
        for label, name in _FIELDS.items()
        if getattr(contract, name) != getattr(entry, name)
    )
    seen = "|".join(_words(getattr(contract, name))[:20] for name in _FIELDS.values())
    return Verdict(
        outcome=Outcome.CHANGED if said else Outcome.SAME,
        key=key,
        name=entry.vendor_name,
        said=said,
        seen=seen,
    )


def _words(value: Any) -> str:
    return f"{value:,}" if isinstance(value, int) else str(value or _NOT_STATED)


def _take(session: Session, taking: Taking) -> Counts:
    known = load_known(session)
    counts = {"added": 0, "changed": 0}

    def write(rows: Sequence[TableRow]) -> None:
        entries = (read_contract(row, known)[0] for row in rows)
        write_contracts(session, (e for e in entries if e is not None), taking.now, counts)

    return take_judged(session, taking, _open_judge(session, taking.limits, taking.now), write)


def contracts_workbook(session: Session, limits: Limits) -> bytes:
    """What may be sent in as it is now, by body and system type; with the words to write."""
    types = {code: name for code, name in session.execute(_TYPES)}
    rows: list[Cells] = [
        [
            contract.body_code,
            body_name,
            types[contract.system_type_code],
            contract.vendor_name,
            contract.ends_on.isoformat() if contract.ends_on else None,
            contract.annual_cost_yen,
        ]
        for contract, body_name in session.execute(_within(limits))
    ]
    headings, *lines = code_lines(_columns(types))
    sheets = {ROWS_SHEET: (BODY, NAME, *COLUMNS[1:]), CODES_SHEET: headings}
    return write_book(sheets, {ROWS_SHEET: rows, CODES_SHEET: lines})


_TYPES = select(SystemType.code, SystemType.name).order_by(SystemType.code)


def _within(limits: Limits) -> Select[PresentContract, str]:
    statement = (
        select(PresentContract, LocalBody.name)
        .join(LocalBody, LocalBody.code == PresentContract.body_code)
        .order_by(PresentContract.body_code, PresentContract.system_type_code)
    )
    if "body_code" in limits:
        return statement.where(PresentContract.body_code == limits["body_code"])
    return statement.where(PresentContract.body_code.startswith(str(limits["prefecture_code"])))


def _columns(types: Mapping[str, str]) -> list[ImportColumn]:
    words = {
        BODY: "全国地方公共団体コード（6桁）",
        NAME: "読む人のための列です。なくてもかまいません",
        ENDS: "2028-03-31 の形。わからなければ空欄（年額を書いてください）",
        COST: "税込の整数。わからなければ空欄（契約の終わりを書いてください）",
    }
    return [
        ImportColumn(
            label=label,
            required=label in (BODY, SYSTEM_TYPE),
            words=words.get(label, ""),
            codes=types if label == SYSTEM_TYPE else {},
        )
        for label in (BODY, NAME, *COLUMNS[1:])
    ]


CONTRACTS = PageKind(
    key="contracts",
    label="現在の契約",
    words="団体とシステム種別ごとに1件です。同じ組の行は書き換えます。",
    action="import_contracts",
    required=COLUMNS,
    limits_of=_limits,
    open_judge=_open_judge,
    take=_take,
    export=contracts_workbook,
)
