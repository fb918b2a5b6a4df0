"""What a project costs its bodies, as its readers see it: alone and together.

Sums are made in SQL. Declared stand-alone figures come from queries/secrets, which says who
reads them; what was paid, from queries/paid.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    CompoundSelect,
    Select,
    bindparam,
    case,
    func,
    literal,
    select,
    union_all,
)
from sqlalchemy.orm import Session

from accounts.models import LocalBody
from catalog.plan_units import Kind, Period
from procurement.cost_models import ProjectFunding
from procurement.domain.costs import Term, newest_of_each_term
from procurement.domain.stored_costs import read_costs
from procurement.domain.terms import StandaloneBasis
from procurement.models import CostRow, ShareLine, ShareVersion


@dataclass(frozen=True, kw_only=True)
class CostVersion:
    """A share version that counts. parts_by_year: None where it was fixed without keeping them.

    first_body: the smallest code with a share in it, None where nobody has one.
    option_periods: how its options are paid: once, by month, by year.
    """

    id: int
    number: int
    sha256: str
    term: Term
    basis: StandaloneBasis
    part_yen: int
    parts_by_year: dict[int, int] | None
    first_body: str | None = None
    option_periods: tuple[Period, ...] = ()


@dataclass(frozen=True, kw_only=True)
class BodyCosts:
    """What a body bears, over all versions that count, tax-included.

    by_year: fiscal year (None: all years) → (together, alone as far as it is known).
    has_standalone: every version has a figure of it alone.
    """

    code: str
    name: str
    by_year: dict[int | None, tuple[int, int]]
    has_standalone: bool

    @property
    def joint_yen(self) -> int:
        return sum(joint for joint, _ in self.by_year.values())

    @property
    def standalone_yen(self) -> int | None:
        if not self.has_standalone:
            return None
        return sum(alone for _, alone in self.by_year.values())


@dataclass(frozen=True, kw_only=True)
class LineSum:
    """What all bodies bear of one fiscal year and category of a share's lines, tax-included.

    standalone_yen: as far as it is known.
    """

    fiscal_year: int
    category: str
    joint_yen: int
    standalone_yen: int


@dataclass(frozen=True, kw_only=True)
class EnteredSum:
    """Budgets or settlements of one body, or (code '') of several together.

    bodies: how many bodies entered any figure of that year and basis. on_behalf: whether any of
    it was entered by a coordinator for the body (代理入力).
    """

    code: str
    fiscal_year: int
    category: str
    basis: str
    amount_yen: int
    bodies: int
    on_behalf: bool = False


_HAS_OPTIONS = (
    select(ShareLine.id)
    .where(ShareLine.share_version_id == ShareVersion.id, ShareLine.category == Kind.OPTION.value)
    .exists()
)


def list_cost_versions(session: Session, project_id: int) -> tuple[CostVersion, ...]:
    """The newest version of each term, newest first. One query."""
    rows = session.execute(_versions(), {"project_id": project_id}).all()
    terms = [Term(start=date.fromisoformat(row.start), months=row.months) for row in rows]
    return tuple(_version(rows[place], terms[place]) for place in newest_of_each_term(terms))


@cache
def _versions() -> Select[*tuple[Any, ...]]:
    return (
        select(
            ShareVersion.id,
            ShareVersion.number,
            ShareVersion.sha256,
            ShareVersion.terms["term_start"].as_string().label("start"),
            ShareVersion.terms["term_months"].as_integer().label("months"),
            ShareVersion.terms["standalone_basis"].as_string().label("basis"),
            ShareVersion.result["part_yen"].as_integer().label("part_yen"),
            ShareVersion.result["parts_by_year"].label("parts"),
            select(func.min(ShareLine.body_code))
            .where(ShareLine.share_version_id == ShareVersion.id)
            .scalar_subquery()
            .label("first_body"),
            case((_HAS_OPTIONS, ShareVersion.inputs["costs"])).label("costs"),
        )
        .where(ShareVersion.project_id == bindparam("project_id"))
        .order_by(ShareVersion.number.desc())
    )


def _version(row: Any, term: Term) -> CostVersion:
    parts = row.parts
    if parts is None and not row.part_yen:
        parts = {}
    return CostVersion(
        id=row.id,
        number=row.number,
        sha256=row.sha256,
        term=term,
        basis=StandaloneBasis(row.basis or StandaloneBasis.PLAN),
        part_yen=row.part_yen or 0,
        parts_by_year=(
            None if parts is None else {int(year): amount for year, amount in parts.items()}
        ),
        first_body=row.first_body,
        option_periods=tuple(read_costs(row.costs).periods_of(Kind.OPTION)) if row.costs else (),
    )


_JOINT = func.sum(ShareLine.amount_yen).label("joint")
# Lines nobody bears alone (an adjustment, a shortfall) have no figure and add nothing.
_ALONE = func.sum(ShareLine.standalone_yen).label("alone")


@dataclass(frozen=True, kw_only=True)
class ShareSums:
    """What versions share: by body (by code), and over all bodies by year and category."""

    bodies: tuple[BodyCosts, ...]
    lines: tuple[LineSum, ...]


def get_share_sums(
    session: Session, project_id: int, version_ids: Sequence[int], chosen: str = ""
) -> ShareSums:
    """One query.

    chosen: with a body's code the others have one sum over all years, under the year None; but
    those with a grant of their own, whose net costs are told by year.
    """
    values = {"project_id": project_id, "version_ids": version_ids, "chosen": chosen}
    told = session.execute(_share_sums(bool(chosen)), values).all()
    return ShareSums(
        bodies=_read_bodies(row for row in told if row.code),
        lines=tuple(_read_line(row) for row in told if not row.code),
    )


@cache
def _share_sums(has_chosen: bool) -> CompoundSelect[Any]:
    both = union_all(_body_sums(has_chosen), _line_sums())
    return both.order_by("code", "year", "category")


def _body_sums(has_chosen: bool) -> Select[*tuple[Any, ...]]:
    granted = select(ProjectFunding.body_code).where(
        ProjectFunding.project_id == bindparam("project_id"), ProjectFunding.body_code.is_not(None)
    )
    told = (ShareLine.body_code == bindparam("chosen")) | ShareLine.body_code.in_(granted)
    year = case((told, ShareLine.fiscal_year)) if has_chosen else ShareLine.fiscal_year
    columns = (LocalBody.code, LocalBody.name, ShareLine.share_version_id.label("version"))
    return (
        select(*columns, year.label("year"), literal("").label("category"), _JOINT, _ALONE)
        .join(LocalBody, LocalBody.code == ShareLine.body_code)
        .where(_of_versions())
        .group_by(*columns, "year")
    )


def _line_sums() -> Select[*tuple[Any, ...]]:
    nobody = literal("").label("code"), literal("").label("name"), literal(0).label("version")
    columns = (ShareLine.fiscal_year.label("year"), ShareLine.category)
    return (
        select(*nobody, *columns, _JOINT, _ALONE)
        .where(_of_versions())
        .group_by(ShareLine.fiscal_year, ShareLine.category)
    )


def _of_versions() -> ColumnElement[bool]:
    return ShareLine.share_version_id.in_(bindparam("version_ids", expanding=True))


def _read_bodies(rows: Iterable[Any]) -> tuple[BodyCosts, ...]:
    names: dict[str, str] = {}
    sums: dict[str, dict[int | None, tuple[int, int]]] = {}
    figures: dict[tuple[str, int], bool] = {}
    for code, name, version_id, of_year, _, joint, alone in rows:
        names[code] = name
        years = sums.setdefault(code, {})
        before = years.get(of_year, (0, 0))
        years[of_year] = (before[0] + int(joint), before[1] + int(alone or 0))
        key = (code, version_id)
        figures[key] = figures.get(key, False) or alone is not None
    without = {code for (code, _), has_figure in figures.items() if not has_figure}
    return tuple(
        BodyCosts(code=code, name=name, by_year=sums[code], has_standalone=code not in without)
        for code, name in names.items()
    )


def _read_line(row: Any) -> LineSum:
    return LineSum(
        fiscal_year=row.year,
        category=row.category,
        joint_yen=int(row.joint),
        standalone_yen=int(row.alone or 0),
    )


def shares_by_year(bodies: Sequence[BodyCosts]) -> dict[tuple[str, int], int]:
    """(Body, fiscal year) → what it bears, of those read by year."""
    return {
        (body.code, year): joint
        for body in bodies
        for year, (joint, _) in body.by_year.items()
        if year is not None
    }


def list_line_sums(session: Session, version_ids: Sequence[int]) -> tuple[LineSum, ...]:
    """Over all bodies, by year and category of the lines. One query."""
    statement = _line_sums().order_by("year", "category")
    rows = session.execute(statement, {"version_ids": version_ids})
    return tuple(_read_line(row) for row in rows)


_ANY_ON_BEHALF = func.max(case((CostRow.entered_on_behalf_by != "", 1), else_=0))


def list_entered(session: Session, project_id: int, chosen: str = "") -> tuple[EnteredSum, ...]:
    """Budgets and settlements by year, basis and category. One query.

    chosen: with a body's code the others stand together, under the code ''.
    """
    rows = session.execute(_entered(bool(chosen)), {"project_id": project_id, "chosen": chosen})
    return tuple(
        EnteredSum(
            code=of_body,
            fiscal_year=year,
            basis=basis,
            category=category,
            amount_yen=int(amount),
            bodies=bodies,
            on_behalf=bool(behalf),
        )
        for of_body, year, basis, category, amount, bodies, behalf in rows
    )


@cache
def _entered(has_chosen: bool) -> Select[*tuple[Any, ...]]:
    chosen: BindParameter[str] = bindparam("chosen")
    project_id: BindParameter[int] = bindparam("project_id")
    of_it = case((CostRow.body_code == chosen, CostRow.body_code), else_="")
    code = of_it if has_chosen else CostRow.body_code
    columns = (code.label("code"), CostRow.fiscal_year, CostRow.basis, CostRow.category)
    counted = (
        select(
            CostRow.fiscal_year,
            CostRow.basis,
            func.count(func.distinct(CostRow.body_code)).label("bodies"),
        )
        .where(CostRow.project_id == project_id)
        .group_by(CostRow.fiscal_year, CostRow.basis)
        .subquery()
    )
    return (
        select(*columns, func.sum(CostRow.amount_yen), func.min(counted.c.bodies), _ANY_ON_BEHALF)
        .join(
            counted,
            (counted.c.fiscal_year == CostRow.fiscal_year) & (counted.c.basis == CostRow.basis),
        )
        .where(CostRow.project_id == project_id)
        .group_by("code", CostRow.fiscal_year, CostRow.basis, CostRow.category)
        .order_by(CostRow.fiscal_year, CostRow.basis, CostRow.category)
    )


def list_on_behalf(rows: Sequence[EnteredSum]) -> frozenset[tuple[str, int, str]]:
    """(Body, fiscal year, basis) of what a coordinator entered for a body."""
    return frozenset((row.code, row.fiscal_year, row.basis) for row in rows if row.on_behalf)
