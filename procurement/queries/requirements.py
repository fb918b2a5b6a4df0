"""The matrix of requirements and the specification, each as far as its reader may see it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from accounts.models import LocalBody
from accounts.roles import Role
from foundation.paging import Page, cut
from procurement.domain.requirements import (
    Clause,
    Comparison,
    Correction,
    EffectiveClause,
    Line,
    Origin,
    Settled,
    SpecChange,
    Summary,
    changes_between,
    clauses_of,
    compare,
    effective,
    summarize,
)
from procurement.domain.survey import Wish
from procurement.queries.standing import Standing
from procurement.queries.survey import list_asked_codes
from procurement.requirement_models import (
    Requirement,
    RequirementColumn,
    SpecCorrection,
    SpecVersion,
)
from procurement.survey_models import SurveyResponse

BODIES_ON_A_PAGE = 20


@dataclass(frozen=True, kw_only=True)
class LineRow:
    """A line with the version its editor must name."""

    line: Line
    survey_question_id: int | None
    row_version: int


@dataclass(frozen=True, kw_only=True)
class ColumnRow:
    """One body's wishes. from_survey: the lines whose wish is its survey answer as it stands."""

    body_code: str
    body_name: str
    fictional: bool
    wishes: Mapping[int, Wish]
    from_survey: frozenset[int]


@dataclass(frozen=True, kw_only=True)
class MatrixPage:
    """columns: bodies of this page, for lead and auditor; others read the counts and their own.

    own, own_version: the reader's column, None and 0 where its body is not asked.
    """

    lines: tuple[LineRow, ...]
    comparisons: tuple[Comparison, ...]
    summary: Summary
    columns: Page[ColumnRow] | None
    own: ColumnRow | None
    own_version: int
    asked: int
    answered: int


def list_lines(session: Session, project_id: int) -> tuple[LineRow, ...]:
    """The common list in the order it grew. One query."""
    rows = session.scalars(
        select(Requirement).where(Requirement.project_id == project_id).order_by(Requirement.id)
    )
    return tuple(to_line_row(row) for row in rows)


def to_line_row(row: Requirement) -> LineRow:
    """The stored line as the domain reads it."""
    return LineRow(
        line=Line(
            id=row.id,
            text=row.text,
            detail=row.detail,
            origin=Origin(row.origin),
            settled=Settled(row.settled),
            customization=row.customization,
            customization_yen=row.customization_yen,
            customization_reason=row.customization_reason,
        ),
        survey_question_id=row.survey_question_id,
        row_version=row.row_version,
    )


def list_columns(
    session: Session, project_id: int, lines: Sequence[LineRow]
) -> tuple[ColumnRow, ...]:
    """Every body asked, by code; what it said in the survey counts until it says otherwise here.

    Six queries, whatever the number of bodies.
    """
    codes = list_asked_codes(session, project_id)
    bodies = session.scalars(
        select(LocalBody).where(LocalBody.code.in_(codes)).order_by(LocalBody.code)
    ).all()
    own = {row.body_code: row.wishes for row in _columns(session, project_id)}
    answered = {row.body_code: row.answers for row in _responses(session, project_id)}
    return tuple(
        _column(body, lines, own.get(body.code, {}), answered.get(body.code, {})) for body in bodies
    )


def get_matrix(
    session: Session, project_id: int, standing: Standing, page_number: int
) -> MatrixPage:
    """The matrix for this reader. Who may open it at all is asked by the caller."""
    lines = list_lines(session, project_id)
    every = list_columns(session, project_id, lines)
    comparisons = tuple(
        compare(row.line, [column.wishes for column in every], len(every)) for row in lines
    )
    own = next((c for c in every if c.body_code == standing.actor.body_code), None)
    return MatrixPage(
        lines=lines,
        comparisons=comparisons,
        summary=summarize(comparisons),
        columns=cut(every, page_number, BODIES_ON_A_PAGE) if reads_columns(standing) else None,
        own=own,
        own_version=find_own_version(session, project_id, own.body_code) if own else 0,
        asked=len(every),
        answered=sum(bool(column.wishes) for column in every),
    )


def reads_columns(standing: Standing) -> bool:
    """Whether the reader sees what each body said by name: the lead, and the auditor."""
    return standing.leads or (standing.is_member and Role.AUDITOR in standing.actor.roles)


def find_own_version(session: Session, project_id: int, body_code: str) -> int:
    """The version of the body's stored column, 0 for none."""
    found = session.scalar(
        select(RequirementColumn.row_version).where(
            RequirementColumn.project_id == project_id, RequirementColumn.body_code == body_code
        )
    )
    return found or 0


def _columns(session: Session, project_id: int) -> Sequence[RequirementColumn]:
    statement = select(RequirementColumn).where(RequirementColumn.project_id == project_id)
    return session.scalars(statement).all()


def _responses(session: Session, project_id: int) -> Sequence[SurveyResponse]:
    """Answers the bodies stand by: what a coordinator entered counts once confirmed."""
    statement = select(SurveyResponse).where(
        SurveyResponse.project_id == project_id, SurveyResponse.status == "given"
    )
    return session.scalars(statement).all()


def _column(
    body: LocalBody,
    lines: Sequence[LineRow],
    said: Mapping[str, str],
    surveyed: Mapping[str, str | int],
) -> ColumnRow:
    wishes: dict[int, Wish] = {}
    from_survey = set()
    for row in lines:
        key = row.line.id
        in_survey = surveyed.get(str(row.survey_question_id))
        if str(key) in said:
            if said[str(key)]:  # '' is an answer taken back: unanswered, whatever the survey says
                wishes[key] = Wish(said[str(key)])
        elif in_survey:
            wishes[key] = Wish(str(in_survey))
            from_survey.add(key)
    return ColumnRow(
        body_code=body.code,
        body_name=body.name,
        fictional=body.fictional,
        wishes=wishes,
        from_survey=frozenset(from_survey),
    )


@dataclass(frozen=True, kw_only=True)
class VersionRow:
    """A fixed version and what it changed against the one before."""

    number: int
    sha256: str
    note: str
    fixed_at: datetime
    fixed_by: str
    clauses: tuple[Clause, ...]
    changes: tuple[SpecChange, ...]


@dataclass(frozen=True, kw_only=True)
class CorrectionRow:
    """A correction as everybody reads it. number: of its clause, None for the whole."""

    number: int | None
    text: str
    reason: str
    issued_at: datetime


@dataclass(frozen=True, kw_only=True)
class Specification:
    """versions: the newest first. effective: its clauses with every correction.

    draft: what fixing would make now; drafted_changes: against the newest version.
    """

    versions: tuple[VersionRow, ...]
    effective: tuple[EffectiveClause, ...]
    corrections: tuple[CorrectionRow, ...]
    draft: tuple[Clause, ...]
    drafted_changes: tuple[SpecChange, ...]
    undecided: int

    @property
    def newest(self) -> VersionRow | None:
        """The version in force."""
        return self.versions[0] if self.versions else None


def get_specification(session: Session, project_id: int) -> Specification:
    """Versions with their change log, corrections, and the draft. Three queries."""
    versions = _versions(session, project_id)
    newest = versions[0].clauses if versions else ()
    lines = [row.line for row in list_lines(session, project_id)]
    draft = clauses_of(lines)
    corrections = list_corrections(session, project_id)
    numbers = {clause.requirement_id: clause.number for clause in newest}
    return Specification(
        versions=versions,
        effective=effective(
            newest, [Correction(requirement_id=c.requirement_id, text=c.text) for c in corrections]
        ),
        corrections=tuple(
            CorrectionRow(
                number=numbers.get(row.requirement_id or 0),
                text=row.text,
                reason=row.reason,
                issued_at=row.issued_at,
            )
            for row in corrections
        ),
        draft=draft,
        drafted_changes=changes_between(newest, draft),
        undecided=sum(line.settled is Settled.OPEN for line in lines),
    )


def list_corrections(session: Session, project_id: int) -> Sequence[SpecCorrection]:
    """The oldest first. One query."""
    return session.scalars(
        select(SpecCorrection)
        .where(SpecCorrection.project_id == project_id)
        .order_by(SpecCorrection.id)
    ).all()


def _versions(session: Session, project_id: int) -> tuple[VersionRow, ...]:
    rows = session.scalars(
        select(SpecVersion).where(SpecVersion.project_id == project_id).order_by(SpecVersion.number)
    )
    before: tuple[Clause, ...] = ()
    made: list[VersionRow] = []
    for row in rows:
        clauses = tuple(Clause.from_dict(each) for each in row.clauses)
        made.append(
            VersionRow(
                number=row.number,
                sha256=row.sha256,
                note=row.note,
                fixed_at=row.fixed_at,
                fixed_by=row.fixed_by,
                clauses=clauses,
                changes=changes_between(before, clauses),
            )
        )
        before = clauses
    return tuple(reversed(made))
