"""What stands beside a project's costs: effects, funding, the words of the sheet."""

from dataclasses import dataclass, fields
from datetime import date
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.orm import Session

from accounts.models import LocalBody
from catalog.library.models import FundingProgram
from procurement.cost_models import ProjectCase, ProjectEffect, ProjectFunding, ProjectSheet
from procurement.domain.effects import Change, EffectUnit, Evidence
from procurement.domain.participation import TAKING_PART, ParticipationStatus
from procurement.models import Participation


@dataclass(frozen=True, kw_only=True)
class EffectRow:
    """An effect as its readers see it."""

    id: int
    label: str
    technology: str
    metric: str
    unit: str
    before: Decimal
    after: Decimal
    scope: str
    measured_by: str
    fiscal_year: int
    source: str
    evidence: str
    row_version: int

    @property
    def change(self) -> Change:
        return Change(unit=EffectUnit(self.unit), before=self.before, after=self.after)

    @property
    def evidence_label(self) -> str:
        return Evidence(self.evidence).label


@dataclass(frozen=True, kw_only=True)
class ProgramTerms:
    """A program of the library as far as a grant rests on it. '' and None = 記載なし."""

    id: int
    name: str
    status: str
    started_fy: int | None
    eligible_costs: str
    conditions: str
    source_doc: str
    source_as_of: str


@dataclass(frozen=True, kw_only=True)
class FundingRow:
    """A grant. body_name '': for all. program: what the library says of it, None if not of it."""

    id: int
    fiscal_year: int
    body_code: str | None
    body_name: str
    program_key: str
    name: str
    status: str
    amount_yen: int
    source: str
    row_version: int
    rate: str = ""
    ceiling_yen: int | None = None
    period: str = ""
    eligible: str = ""
    source_on: date | None = None
    program: ProgramTerms | None = None


@dataclass(frozen=True, kw_only=True)
class SheetRow:
    """The written part of the sheet. row_version 0: nothing yet."""

    target: str = ""
    activities: str = ""
    outputs: str = ""
    outcomes: str = ""
    kpi: str = ""
    kpi_target: str = ""
    kpi_year: int | None = None
    result: str = ""
    improvement: str = ""
    row_version: int = 0


def list_effects(session: Session, project_id: int) -> tuple[EffectRow, ...]:
    """By metric, unit and year. One query."""
    rows = session.scalars(
        select(ProjectEffect)
        .where(ProjectEffect.project_id == project_id)
        .order_by(
            ProjectEffect.metric,
            ProjectEffect.unit,
            ProjectEffect.fiscal_year,
            ProjectEffect.id,
        )
    )
    names = [field.name for field in fields(EffectRow)]
    return tuple(EffectRow(**{name: getattr(row, name) for name in names}) for row in rows)


def list_funding(session: Session, project_id: int) -> tuple[FundingRow, ...]:
    """By year, then body. One query."""
    rows = session.execute(
        select(ProjectFunding, LocalBody.name, FundingProgram)
        .outerjoin(LocalBody, LocalBody.code == ProjectFunding.body_code)
        .outerjoin(FundingProgram, FundingProgram.key == ProjectFunding.program_key)
        .where(ProjectFunding.project_id == project_id)
        .order_by(ProjectFunding.fiscal_year, ProjectFunding.body_code, ProjectFunding.id)
    )
    return tuple(
        FundingRow(
            id=row.id,
            fiscal_year=row.fiscal_year,
            body_code=row.body_code,
            body_name=body_name or "",
            program_key=row.program_key,
            name=row.name,
            status=row.status,
            amount_yen=row.amount_yen,
            source=row.source,
            row_version=row.row_version,
            rate=row.rate,
            ceiling_yen=row.ceiling_yen,
            period=row.period,
            eligible=row.eligible,
            source_on=row.source_on,
            program=_terms(program) if program else None,
        )
        for row, body_name, program in rows
    )


def _terms(program: FundingProgram) -> ProgramTerms:
    names = [field.name for field in fields(ProgramTerms)]
    return ProgramTerms(**{name: getattr(program, name) for name in names})


def get_sheet(session: Session, project_id: int) -> SheetRow:
    """One query."""
    row = session.get(ProjectSheet, project_id, populate_existing=True)
    if row is None:
        return SheetRow()
    names = [field.name for field in fields(SheetRow)]
    return SheetRow(**{name: getattr(row, name) for name in names})


def find_case_draft(session: Session, project_id: int) -> int | None:
    """The number of the draft of the project's case. One query."""
    statement = select(ProjectCase.draft_id).where(ProjectCase.project_id == project_id)
    return session.scalar(statement)


def list_bearing_bodies(session: Session, project_id: int) -> tuple[tuple[str, str], ...]:
    """(code, name) of the bodies that have, or had, a part in the costs. One query."""
    rows = session.execute(
        select(LocalBody.code, LocalBody.name)
        .join(Participation, Participation.body_code == LocalBody.code)
        .where(Participation.project_id == project_id)
        .where(Participation.status.in_((*TAKING_PART, ParticipationStatus.LEFT)))
        .order_by(LocalBody.code)
    )
    return tuple((code, name) for code, name in rows)
