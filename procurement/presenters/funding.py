"""The funding programs a project's grants come from, with their conditions (F22)."""

from collections.abc import Sequence
from dataclasses import dataclass

from catalog.library.conditions import Condition, read_conditions
from catalog.library.queries import ProgramRow
from catalog.library.words import CostKind, ProgramStatus, split
from catalog.presenters.library import FitView, present_fit
from foundation.clock import era_date, fiscal_year_label
from procurement.domain.funding import FundingStatus
from procurement.models import Project
from procurement.queries.benefits import FundingRow, ProgramTerms

STANDARD_20 = "standard_20"
# Several bodies buying one thing; whether they use it together is not said by that.
_TOGETHER: tuple[Condition, ...] = (
    Condition.JOINT_PROCUREMENT,
    Condition.JOINT_USE_OR_PROCUREMENT,
)


@dataclass(frozen=True, kw_only=True)
class FundedProgram:
    """A program of the list that some grant names. fit: never that anybody is eligible."""

    id: int
    name: str
    summary: str
    status: str
    conditions: str
    fit: FitView
    source: str


def program_choices(programs: Sequence[ProgramRow]) -> list[tuple[str, str]]:
    """(key, name) in the order of the table; where a program stands, unless it is running."""
    return [(row.key, f"{row.name}{_standing(row)}") for row in programs]


def _standing(row: ProgramRow) -> str:
    if row.status == ProgramStatus.OPEN:
        return ""
    return f"（{ProgramStatus(row.status).label}）"


def funded_programs(
    grants: Sequence[FundingRow], programs: Sequence[ProgramRow], project: Project, bodies: int
) -> tuple[FundedProgram, ...]:
    """Each program once, with what the project itself says of its conditions."""
    chosen = {grant.program_key for grant in grants}
    answers = known_answers(project, bodies)
    return tuple(
        FundedProgram(
            id=row.id,
            name=row.name,
            summary=row.summary,
            status=ProgramStatus(row.status).label,
            conditions="、".join(line.label for line in _lines(row)) or "資料に条件の記載なし",
            fit=present_fit(row, answers),
            source=f"{row.source_doc}（{row.source_as_of}）{row.source_lines}",
        )
        for row in programs
        if row.key in chosen
    )


NOT_RECORDED, NOT_STATED = "記録なし", "記載なし"


@dataclass(frozen=True, kw_only=True)
class GrantTerms:
    """A grant with the terms it rests on. over_ceiling: more is recorded than the ceiling told."""

    name: str
    year: str
    body: str
    status: str
    amount_yen: int
    over_ceiling: bool
    rate: str
    ceiling_yen: int | None
    period: str
    eligible: str
    source: str


@dataclass(frozen=True, kw_only=True)
class StatedProgram:
    """What the library's source says of a program some grant comes from."""

    id: int
    name: str
    facts: str
    conditions: str
    fit: FitView
    source: str


def grant_terms(grants: Sequence[FundingRow]) -> tuple[GrantTerms, ...]:
    """Every grant, in the order recorded, with its terms by the lead's source."""
    return tuple(_grant_terms(grant) for grant in grants)


def _grant_terms(grant: FundingRow) -> GrantTerms:
    ceiling = grant.ceiling_yen
    return GrantTerms(
        name=grant.name,
        year=f"{grant.fiscal_year}年度",
        body=grant.body_name or "案件全体",
        status=FundingStatus(grant.status).label,
        amount_yen=grant.amount_yen,
        over_ceiling=ceiling is not None and grant.amount_yen > ceiling,
        rate=grant.rate or NOT_RECORDED,
        ceiling_yen=ceiling,
        period=grant.period or NOT_RECORDED,
        eligible=grant.eligible or NOT_RECORDED,
        source=_source(grant),
    )


def _source(grant: FundingRow) -> str:
    """「交付要綱（令和8年4月1日）」."""
    day = era_date(grant.source_on) if grant.source_on else "日付の記録なし"
    return f"{grant.source or NOT_RECORDED}（{day}）"


def stated_programs(
    grants: Sequence[FundingRow], project: Project, bodies: int
) -> tuple[StatedProgram, ...]:
    """Each program of the library once, with what the project itself says of its conditions."""
    answers = known_answers(project, bodies)
    programs = {grant.program.id: grant.program for grant in grants if grant.program}
    return tuple(_stated(program, answers) for program in programs.values())


def _stated(program: ProgramTerms, answers: dict[str, str]) -> StatedProgram:
    costs = "・".join(CostKind(code).label for code in split(program.eligible_costs))
    begun = fiscal_year_label(program.started_fy) if program.started_fy else NOT_STATED
    conditions = read_conditions(program.conditions)
    joined = "または" if conditions.alternatives else "、"
    state = ProgramStatus(program.status).label
    return StatedProgram(
        id=program.id,
        name=program.name,
        facts=f"対象の費用：{costs or NOT_STATED}。開始：{begun}（{state}）",
        conditions=joined.join(line.label for line in conditions.items) or NOT_STATED,
        fit=present_fit(program, answers),
        source=f"{program.source_doc}（{program.source_as_of}時点）",
    )


def _lines(row: ProgramRow) -> tuple[Condition, ...]:
    return read_conditions(row.conditions).items


def known_answers(project: Project, bodies: int) -> dict[str, str]:
    """What follows from the project: whatever does not is left unknown, never said to be unmet."""
    known = _TOGETHER if bodies > 1 else ()
    if project.system_type.policy_scope == STANDARD_20:
        known = (*known, Condition.STANDARD_20)
    return {condition.value: "yes" for condition in known}
