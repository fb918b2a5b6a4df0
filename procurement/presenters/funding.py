"""The funding programs a project's grants come from, with their conditions (F22)."""

from collections.abc import Sequence
from dataclasses import dataclass

from catalog.library.conditions import Condition, read_conditions
from catalog.library.queries import ProgramRow
from catalog.library.words import ProgramStatus
from catalog.presenters.library import FitView, present_fit
from procurement.models import Project
from procurement.queries.benefits import FundingRow

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


def _lines(row: ProgramRow) -> tuple[Condition, ...]:
    return read_conditions(row.conditions).items


def known_answers(project: Project, bodies: int) -> dict[str, str]:
    """What follows from the project: whatever does not is left unknown, never said to be unmet."""
    known = _TOGETHER if bodies > 1 else ()
    if project.system_type.policy_scope == STANDARD_20:
        known = (*known, Condition.STANDARD_20)
    return {condition.value: "yes" for condition in known}
