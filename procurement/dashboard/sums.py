"""The sums dashboards stand on, made in SQL: never a row per case or cost in Python."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sqlalchemy import Select, case, distinct, exists, func, select
from sqlalchemy.orm import Session

from accounts.models import LocalBody
from catalog.models import Case, CaseParticipant, Offering, SystemType, Vendor, case_offering
from procurement.cost_models import CostTotal, ProjectEffect
from procurement.domain.costs import COSTS_ARE_PUBLIC
from procurement.models import CostRow, Participation, Project
from procurement.queries.project_rows import IS_OPEN, IS_PUBLIC

Rows = Select[*tuple[Any, ...]]
_PUBLISHED = "published"
# What bodies report in a project is for everybody once its costs are.
_COSTS_SHOWN = IS_PUBLIC & Project.state.in_(sorted(COSTS_ARE_PUBLIC))


@dataclass(frozen=True, kw_only=True)
class Scope:
    """What a dashboard adds up: real or fictional, everywhere or in one prefecture."""

    fictional: bool
    prefecture_code: str | None = None


@dataclass(frozen=True, kw_only=True)
class Counters:
    """The four numbers of the home page, for one side of the line between real and 架空."""

    vendors: int
    offerings: int
    cases: int
    open_projects: int


def _cases(scope: Scope, *columns: Any) -> Select[Any]:
    statement: Select[Any] = select(*columns).where(
        Case.publication_status == _PUBLISHED, Case.fictional.is_(scope.fictional)
    )
    if scope.prefecture_code:
        statement = statement.where(Case.prefecture_code == scope.prefecture_code)
    return statement


def counters(session: Session, scope: Scope) -> Counters:
    """Published entries and open projects, in one query."""
    fictional = scope.fictional
    vendors = select(func.count(Vendor.id)).where(
        Vendor.fictional.is_(fictional), Vendor.publication_status == _PUBLISHED
    )
    offerings = select(func.count(Offering.id)).where(
        Offering.fictional.is_(fictional), Offering.publication_status == _PUBLISHED
    )
    projects = select(func.count(Project.id)).where(Project.fictional.is_(fictional), IS_OPEN)
    if scope.prefecture_code:
        projects = projects.where(Project.prefecture_code == scope.prefecture_code)
    row = session.execute(
        select(
            vendors.scalar_subquery(),
            offerings.scalar_subquery(),
            _cases(scope, func.count(Case.id)).scalar_subquery(),
            projects.scalar_subquery(),
        )
    ).one()
    return Counters(vendors=row[0], offerings=row[1], cases=row[2], open_projects=row[3])


def cases_by_prefecture(session: Session, scope: Scope) -> dict[str, int]:
    """Two-digit prefecture code → number of cases; prefectures without a case are absent."""
    statement = _cases(scope, Case.prefecture_code, func.count(Case.id))
    rows = session.execute(
        statement.where(Case.prefecture_code.is_not(None)).group_by(Case.prefecture_code)
    ).all()
    return {row[0]: row[1] for row in rows}


def cases_by_system_type(session: Session, scope: Scope) -> list[tuple[str, str, int]]:
    """(code, name, cases), most cases first, then by the category's own order."""
    statement = (
        _cases(scope, SystemType.code, SystemType.name, func.count(Case.id))
        .join(SystemType, SystemType.code == Case.system_type_code)
        .group_by(SystemType.code, SystemType.name, SystemType.position)
        .order_by(func.count(Case.id).desc(), SystemType.position)
    )
    return [(row[0], row[1], row[2]) for row in session.execute(statement)]


# Lower bound, upper bound, label. None = 記載なし, shown and never counted as 0.
PARTICIPANT_BANDS: tuple[tuple[int, int, str], ...] = (
    (1, 1, "1団体"),
    (2, 5, "2〜5団体"),
    (6, 10, "6〜10団体"),
    (11, 20, "11〜20団体"),
    (21, 10_000, "21団体以上"),
)
NOT_STATED = "記載なし"


def cases_by_participants(session: Session, scope: Scope) -> list[tuple[str, int]]:
    """(band, cases) in the order of the bands, 記載なし last."""
    whens = [
        (Case.participant_count.between(low, high), label) for low, high, label in PARTICIPANT_BANDS
    ]
    band = case(*whens, else_=NOT_STATED).label("band")
    rows = session.execute(_cases(scope, band, func.count(Case.id)).group_by(band)).all()
    found = {row[0]: row[1] for row in rows}
    labels = [label for _, _, label in PARTICIPANT_BANDS] + [NOT_STATED]
    return [(label, found.get(label, 0)) for label in labels]


def linked_counts(session: Session, scope: Scope) -> tuple[int, int, int, int]:
    """(cases linked to an offering, cases, offerings with a case, offerings)."""
    has_offering = exists().where(case_offering.c.case_id == Case.id)
    cases = session.execute(
        _cases(scope, func.count(Case.id), func.sum(case((has_offering, 1), else_=0)))
    ).one()
    has_case = exists().where(case_offering.c.offering_id == Offering.id)
    offerings = session.execute(
        select(func.count(Offering.id), func.sum(case((has_case, 1), else_=0))).where(
            Offering.publication_status == _PUBLISHED, Offering.fictional.is_(scope.fictional)
        )
    ).one()
    return cases[1] or 0, cases[0], offerings[1] or 0, offerings[0]


@dataclass(frozen=True, kw_only=True)
class CostSum:
    """Yen of one fiscal year, category and basis, tax-included."""

    fiscal_year: int
    category: str
    basis: str
    amount_yen: int


def cost_sums(session: Session, *, fictional: bool, prefecture_code: str = "") -> list[CostSum]:
    """Costs by year, category and basis; settlement and budget stay apart.

    From the totals the database keeps: the rows may be a million.
    """
    columns = (CostTotal.fiscal_year, CostTotal.category, CostTotal.basis)
    statement = (
        select(*columns, func.sum(CostTotal.amount_yen))
        .outerjoin(Project, Project.id == CostTotal.project_id)
        .where(CostTotal.fictional.is_(fictional), CostTotal.row_count > 0)
        .where((CostTotal.project_id == 0) | _COSTS_SHOWN)
    )
    if prefecture_code:
        statement = statement.where(CostTotal.prefecture_code == prefecture_code)
    return _cost_sums(session, statement, columns)


def cost_sums_of_body(session: Session, body_code: str, *, fictional: bool) -> list[CostSum]:
    """As `cost_sums`, of one body."""
    columns = (CostRow.fiscal_year, CostRow.category, CostRow.basis)
    statement = (
        select(*columns, func.sum(CostRow.amount_yen))
        .outerjoin(Project, Project.id == CostRow.project_id)
        .where(CostRow.body_code == body_code, CostRow.fictional.is_(fictional))
        .where(CostRow.tax_included, CostRow.project_id.is_(None) | _COSTS_SHOWN)
    )
    return _cost_sums(session, statement, columns)


def _cost_sums(session: Session, statement: Rows, columns: Any) -> list[CostSum]:
    rows = session.execute(statement.group_by(*columns).order_by(*columns)).all()
    return [
        CostSum(fiscal_year=year, category=category, basis=basis, amount_yen=int(amount))
        for year, category, basis, amount in rows
    ]


@dataclass(frozen=True, kw_only=True)
class EffectSum:
    """What projects recorded of one metric, unit and evidence: sums and bounds in that unit.

    shown: projects whose costs are shown in all, with or without an effect.
    """

    metric: str
    unit: str
    evidence: str
    projects: int
    effects: int
    before: Decimal
    after: Decimal
    least_saved: Decimal
    most_saved: Decimal
    first_year: int
    last_year: int
    shown: int


def effect_sums(session: Session, scope: Scope) -> list[EffectSum]:
    """By metric, unit and evidence, of the projects whose costs are for everybody. One query."""
    columns = (ProjectEffect.metric, ProjectEffect.unit, ProjectEffect.evidence)
    saved = ProjectEffect.before - ProjectEffect.after
    shown = _shown_projects(scope, func.count(Project.id)).scalar_subquery()
    statement = (
        _shown_projects(
            scope,
            *columns,
            func.count(distinct(ProjectEffect.project_id)).label("projects"),
            func.count(ProjectEffect.id).label("effects"),
            func.sum(ProjectEffect.before).label("before"),
            func.sum(ProjectEffect.after).label("after"),
            func.min(saved).label("least_saved"),
            func.max(saved).label("most_saved"),
            func.min(ProjectEffect.fiscal_year).label("first_year"),
            func.max(ProjectEffect.fiscal_year).label("last_year"),
            shown.label("shown"),
        )
        .select_from(Project)
        .join(ProjectEffect, ProjectEffect.project_id == Project.id)
        .group_by(*columns)
        .order_by(*columns)
    )
    return [EffectSum(**row._mapping) for row in session.execute(statement)]


def _shown_projects(scope: Scope, *columns: Any) -> Select[Any]:
    statement: Select[Any] = select(*columns).where(
        _COSTS_SHOWN, Project.fictional.is_(scope.fictional)
    )
    if scope.prefecture_code:
        statement = statement.where(Project.prefecture_code == scope.prefecture_code)
    return statement


def bodies_by_cases(session: Session, scope: Scope, limit: int) -> list[tuple[str, str, int]]:
    """(body code, name, cases it is named in), most first, then by code."""
    count = func.count(CaseParticipant.case_id)
    statement = (
        select(LocalBody.code, LocalBody.name, count)
        .join(CaseParticipant, CaseParticipant.body_code == LocalBody.code)
        .join(Case, Case.id == CaseParticipant.case_id)
        .where(Case.publication_status == _PUBLISHED, Case.fictional.is_(scope.fictional))
        .group_by(LocalBody.code, LocalBody.name)
        .order_by(count.desc(), LocalBody.code)
        .limit(limit)
    )
    if scope.prefecture_code:
        statement = statement.where(LocalBody.prefecture_code == scope.prefecture_code)
    return [(row[0], row[1], row[2]) for row in session.execute(statement)]


def cases_of_body(session: Session, body_code: str) -> list[tuple[str, int]]:
    """(system type, published cases the body takes part in)."""
    statement = (
        select(SystemType.name, func.count(Case.id))
        .join(Case, Case.system_type_code == SystemType.code)
        .join(CaseParticipant, CaseParticipant.case_id == Case.id)
        .where(CaseParticipant.body_code == body_code, Case.publication_status == _PUBLISHED)
        .group_by(SystemType.name, SystemType.position)
        .order_by(func.count(Case.id).desc(), SystemType.position)
    )
    return [(row[0], row[1]) for row in session.execute(statement)]


def projects_by_state(session: Session, scope: Scope) -> list[tuple[str, int, int]]:
    """(state, projects, bodies joined in them) of public projects."""
    joined = func.count(Participation.id)
    statement = (
        select(Project.state, func.count(func.distinct(Project.id)), joined)
        .outerjoin(
            Participation,
            (Participation.project_id == Project.id)
            & Participation.status.in_(("joined", "contracted", "in_use")),
        )
        .where(IS_PUBLIC, Project.fictional.is_(scope.fictional))
        .group_by(Project.state)
    )
    if scope.prefecture_code:
        statement = statement.where(Project.prefecture_code == scope.prefecture_code)
    return [(row[0], row[1], row[2]) for row in session.execute(statement)]
