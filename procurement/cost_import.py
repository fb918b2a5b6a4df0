"""A body's budgets and settlements sent in on a page: all rows or none, previewed first."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from accounts.roles import Action, Actor, Scope, scopes_for
from catalog.importing.cells import Problems, collect, unknown_columns
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
from foundation.clock import jst_today
from foundation.tables import TableRow
from foundation.text import fold_for_match, normalize, parse_whole_number, parse_yen
from procurement.domain.costs import COSTS_ARE_PUBLIC, ENTERED, CostBasis, CostCategory
from procurement.models import CostRow, Participation, Project
from procurement.services.costs import (
    MAX_COST_YEN,
    MAX_SOURCE,
    REPORTING,
    list_year_blockers,
    make_row,
    write_amount,
)

PROJECT, YEAR, BASIS, CATEGORY, AMOUNT, SOURCE = (
    normalize(label)
    for label in ("案件番号", "年度", "決算・予算の別", "費目", "金額（税込・円）", "出典")
)
COLUMNS = (PROJECT, YEAR, BASIS, CATEGORY, AMOUNT, SOURCE)
_BASES = {fold_for_match(each.label): each for each in ENTERED}
_CATEGORIES = {fold_for_match(each.label): each for each in CostCategory}
Key = tuple[int, int, str, str]


@dataclass(frozen=True, kw_only=True)
class CostEntry:
    """One row, as far as it can be read by itself."""

    project_id: int
    fiscal_year: int
    basis: CostBasis
    category: CostCategory
    amount_yen: int
    source: str

    @property
    def key(self) -> Key:
        return (self.project_id, self.fiscal_year, self.basis.value, self.category.value)


def read_entry(row: TableRow, today: date) -> tuple[CostEntry | None, Problems]:
    """The entry, or None with every (column, reason)."""
    cells, problems = row.cells, Problems()
    problems += [(name, "この列は使えません。") for name in unknown_columns(cells, COLUMNS)]
    project_id = collect(PROJECT, cells[PROJECT], parse_whole_number, problems)
    year = collect(YEAR, cells[YEAR].removesuffix("年度"), parse_whole_number, problems)
    basis = collect(BASIS, cells[BASIS], _reader(_BASES), problems)
    category = collect(CATEGORY, cells[CATEGORY], _reader(_CATEGORIES), problems)
    amount = collect(AMOUNT, cells[AMOUNT], _amount, problems)
    source = " ".join(cells[SOURCE].split())
    if len(source) > MAX_SOURCE:
        problems.append((SOURCE, f"{MAX_SOURCE}文字以内にしてください。"))
    if not problems:
        problems += [(YEAR, each.message) for each in list_year_blockers(year, basis, today)]
    if problems:
        return None, problems
    entry = CostEntry(
        project_id=project_id,
        fiscal_year=year,
        basis=basis,
        category=category,
        amount_yen=amount,
        source=source,
    )
    return entry, problems


def _reader(words: Mapping[str, Any]) -> Any:
    def read(text: str) -> Any:
        found = words.get(fold_for_match(text))
        if found is None:
            choices = "・".join(each.label for each in words.values())
            raise ValueError(f"「{normalize(text)}」は{choices}のどれでもありません。")
        return found

    return read


def _amount(text: str) -> int:
    amount = parse_yen(text)
    if amount > MAX_COST_YEN:
        raise ValueError(f"{MAX_COST_YEN:,}円以下にしてください。")
    return amount


def _limits(_session: Session, actor: Actor) -> Limits | None:
    if not scopes_for(actor, Action.EDIT_PROJECT) & {Scope.OWN_PROJECTS} or not actor.body_code:
        return None
    return {"body_code": actor.body_code}


def _open_judge(session: Session, limits: Limits, now: datetime) -> Judge:
    today, code = jst_today(now), str(limits["body_code"])

    def judge(own: Session, rows: Sequence[TableRow]) -> list[Verdict]:
        projects = _projects(own, code)
        there = _present(own, code)
        return [_verdict(row, today, projects, there) for row in rows]

    return judge


def _projects(session: Session, body_code: str) -> dict[int, Project]:
    """The projects in which this body reports."""
    statement = (
        select(Project)
        .join(Participation, Participation.project_id == Project.id)
        .where(Participation.body_code == body_code, Participation.status.in_(REPORTING))
        .where(Project.state.in_(sorted(COSTS_ARE_PUBLIC)))
    )
    return {project.id: project for project in session.scalars(statement)}


def _present(session: Session, body_code: str) -> dict[Key, CostRow]:
    statement = select(CostRow).where(
        CostRow.body_code == body_code, CostRow.project_id.is_not(None)
    )
    return {
        (row.project_id or 0, row.fiscal_year, row.basis, row.category): row
        for row in session.scalars(statement)
    }


def _verdict(
    row: TableRow, today: date, projects: Mapping[int, Project], there: Mapping[Key, CostRow]
) -> Verdict:
    entry, problems = read_entry(row, today)
    if entry is None:
        return refused(problems)
    project = projects.get(entry.project_id)
    if project is None:
        return refused([(PROJECT, "自団体が費用を記録できる案件の番号ではありません。")])
    name = f"{project.title} {entry.fiscal_year}年度 {entry.basis.label}"
    key = " ".join(map(str, entry.key))
    present = there.get(entry.key)
    if present is None:
        return Verdict(outcome=Outcome.NEW, key=key, name=name)
    fields = (
        (AMOUNT, f"{present.amount_yen:,}", f"{entry.amount_yen:,}"),
        (SOURCE, present.source, entry.source),
    )
    said = tuple(each for each in fields if each[1] != each[2])
    return Verdict(
        outcome=Outcome.CHANGED if said else Outcome.SAME,
        key=key,
        name=name,
        said=said,
        seen=f"{present.amount_yen}|{present.source[:20]}",
    )


def _take(session: Session, taking: Taking) -> Counts:
    code, today = str(taking.limits["body_code"]), jst_today(taking.now)

    def write(rows: Sequence[TableRow]) -> None:
        projects, there = _projects(session, code), _present(session, code)
        for row in rows:
            entry, _ = read_entry(row, today)
            if entry is None:
                continue
            present = there.get(entry.key) or make_row(
                projects[entry.project_id], code, entry.fiscal_year, entry.basis, entry.category
            )
            write_amount(session, present, entry.amount_yen, entry.source, taking.actor, taking.now)
        session.flush()

    return take_judged(session, taking, _open_judge(session, taking.limits, taking.now), write)


def costs_workbook(session: Session, limits: Limits) -> bytes:
    """What the body reported of its projects, by project and year; with the words to write."""
    code = str(limits["body_code"])
    projects, entered = _projects(session, code), {each.value for each in ENTERED}
    rows: list[Cells] = [
        [
            row.project_id,
            row.fiscal_year,
            CostBasis(row.basis).label,
            CostCategory(row.category).label,
            row.amount_yen,
            row.source,
        ]
        for _key, row in sorted(_present(session, code).items())
        if row.project_id in projects and row.basis in entered
    ]
    titles = {str(number): project.title for number, project in sorted(projects.items())}
    headings, *lines = code_lines(_columns(titles))
    sheets = {ROWS_SHEET: COLUMNS, CODES_SHEET: headings}
    return write_book(sheets, {ROWS_SHEET: rows, CODES_SHEET: lines})


def _columns(projects: Mapping[str, str]) -> list[ImportColumn]:
    codes: dict[str, Mapping[str, str]] = {
        BASIS: {each.value: each.label for each in ENTERED},
        CATEGORY: {each.value: each.label for each in CostCategory},
        PROJECT: projects,
    }
    words = {
        PROJECT: "右端の「コード」の数字を書きます",
        YEAR: "西暦4桁（その年の4月からの年度）",
        AMOUNT: "税込の整数",
    }
    return [
        ImportColumn(
            label=label,
            required=label != SOURCE,
            words=words.get(label, ""),
            codes=codes.get(label, {}),
        )
        for label in COLUMNS
    ]


PROJECT_COSTS = PageKind(
    key="project-costs",
    label="予算・決算（共同調達の案件）",
    words="自団体の予算・決算です。案件・年度・決算予算の別・費目ごとに1行です。同じ組の行は書き換えます。",
    action="import_costs",
    required=COLUMNS,
    limits_of=_limits,
    open_judge=_open_judge,
    take=_take,
    export=costs_workbook,
)
