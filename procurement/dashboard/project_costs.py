"""A project's costs: alone, together and what was paid, by fiscal year and by body (F17).

Declared stand-alone figures are for the page of those domain §8 names; no file has them.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property

from sqlalchemy.orm import Session

from procurement.dashboard import cost_figures as draw
from procurement.dashboard.figures import DashboardPage, Figure, Stat
from procurement.domain.cost_goals import BASELINE_YEAR, find_goal
from procurement.domain.costs import (
    Compared,
    CostBasis,
    CostCategory,
    add_up,
    category_of_line,
    declared_by_year,
    sum_if_known,
)
from procurement.domain.sharing_members import DeclaredStandalone
from procurement.domain.terms import StandaloneBasis
from procurement.queries import costs as queries
from procurement.queries.costs import BodyCosts, CostVersion, EnteredSum, LineSum
from procurement.queries.in_use import InUse
from procurement.queries.ledger import LedgerScope
from procurement.queries.own_costs import get_goal_facts
from procurement.queries.paid import Paid, get_paid

# So many rows of bodies and years are shown at once; beyond, one body's, chosen by the reader.
ROWS_AT_ONCE = 60
_NOTHING_PAID = Paid(to_vendor_by_year={}, borne={})
_ENTERED = (CostBasis.SETTLEMENT, CostBasis.BUDGET_INITIAL, CostBasis.BUDGET_REVISED)


class Extent(StrEnum):
    """How much is read: what a page shows, or everything for a file."""

    PAGE = "page"
    FILE = "file"


@dataclass(frozen=True, kw_only=True)
class CostsAsked:
    """Whose costs, for whom. scope None: nothing of the ledger is for this reader.

    declared: asks for the stand-alone figures this reader may see. chosen: code of the body whose
    years are shown, '' for none. bodies: about how many there are. use: who uses what, for
    members once it can have begun.
    """

    project_id: int
    title: str
    fictional: bool
    as_of: str
    scope: LedgerScope | None = None
    declared: Callable[[], Mapping[str, DeclaredStandalone]] = dict
    chosen: str = ""
    policy_scope: str = ""
    bodies: int = 0
    use: InUse | None = None
    extent: Extent = Extent.PAGE


@dataclass(frozen=True, kw_only=True)
class ProjectCosts:
    """The page, the bodies (code, name) with the one chosen, and what other figures need.

    years: without their sum. shares_net: whether what is shared is what others leave to bear.
    shares: (body, fiscal year) → yen, of the bodies that were read by year. versions: the newest
    of each term.
    """

    page: DashboardPage
    bodies: tuple[tuple[str, str], ...] = ()
    chosen: str = ""
    years: tuple[draw.YearLine, ...] = ()
    shares_net: bool = False
    shares: Mapping[tuple[str, int], int] = field(default_factory=dict)
    paper: draw.Paper | None = None
    versions: tuple[CostVersion, ...] = ()
    use: InUse | None = None


@dataclass(frozen=True, kw_only=True)
class _Read:
    """What was read, with stand-alone figures of one kind only."""

    asked: CostsAsked
    versions: tuple[CostVersion, ...]
    sums: tuple[BodyCosts, ...]
    declared: Mapping[str, Mapping[int, int]]

    @property
    def ids(self) -> list[int]:
        return [version.id for version in self.versions]

    @property
    def is_declared(self) -> bool:
        return any(v.basis is StandaloneBasis.DECLARED for v in self.versions)

    @cached_property
    def known(self) -> frozenset[str]:
        """The bodies whose stand-alone figure this reader has."""
        if self.is_declared:
            return frozenset(self.declared)
        return frozenset(row.code for row in self.sums if row.has_standalone)

    @cached_property
    def all_known(self) -> bool:
        return len(self.known) == len(self.sums)

    def alone(self, code: str, year: int, planned_yen: int) -> int | None:
        """One body's figure of a year, on the one basis."""
        if code not in self.known:
            return None
        return self.declared[code].get(year, 0) if self.is_declared else planned_yen

    def alone_of_all(self, year: int, planned_yen: int) -> int | None:
        if not self.all_known:
            return None
        if not self.is_declared:
            return planned_yen
        return sum(years.get(year, 0) for years in self.declared.values())

    def alone_over_the_term(self, row: BodyCosts) -> int | None:
        if self.is_declared:
            years = self.declared.get(row.code)
            return None if years is None else sum(years.values())
        return row.standalone_yen


def project_costs(session: Session, asked: CostsAsked) -> ProjectCosts:
    """Everything the reader may see of it. At most seven queries."""
    versions = queries.list_cost_versions(session, asked.project_id)
    if not versions:
        lead = "負担案（版）がまだ確定していません。確定すると、単独と共同の比較を示します。"
        return ProjectCosts(page=_page(asked, lead, (), ()))
    ids = [version.id for version in versions]
    one = _one_body(asked, versions)
    shares = queries.get_share_sums(session, asked.project_id, ids, one)
    sums, lines = shares.bodies, shares.lines
    read = _Read(asked=asked, versions=versions, sums=sums, declared=_declared(asked, versions))
    entered = queries.list_entered(session, asked.project_id, one)
    paid = get_paid(session, asked.project_id, asked.scope, one) if asked.scope else _NOTHING_PAID
    rows, total = _years(read, lines, entered, paid)
    lead = f"{draw.source_of(versions)}による見込みと、これまでの実績です。金額は税込です。"
    chosen = _chosen(read)
    figures = [
        draw.by_year(rows, total, _paper(read)),
        draw.by_category(_categories(read, lines), _paper(read)),
        draw.alone_and_joint(_bodies(read, paid.borne), _paper(read)),
        draw.by_body_and_year(_body_years(read, one, paid.borne, entered), _paper(read)),
        draw.entered(entered, _paper(read)),
        _goal(session, read, entered, chosen),
    ]
    return ProjectCosts(
        page=_page(asked, lead, _stats(asked, total), [f for f in figures if f]),
        bodies=tuple((row.code, row.name) for row in sums),
        chosen=chosen,
        years=tuple(rows),
        shares_net=bool(total.compared.parts_yen),
        shares=queries.shares_by_year(sums),
        paper=_paper(read),
        versions=versions,
        use=asked.use,
    )


def _page(
    asked: CostsAsked, lead: str, stats: Sequence[Stat], figures: Sequence[Figure]
) -> DashboardPage:
    return DashboardPage(
        title=f"{asked.title}の費用",
        lead=lead,
        fictional=asked.fictional,
        stats=tuple(stats),
        figures=tuple(figures),
    )


def _paper(read: _Read) -> draw.Paper:
    asked = read.asked
    return draw.Paper(
        source=draw.source_of(read.versions),
        as_of=asked.as_of,
        fictional=asked.fictional,
        alone_source=read.versions[0].basis,
        sees_alone=bool(read.known),
        sees_paid=asked.scope is not None,
    )


def _declared(
    asked: CostsAsked, versions: Sequence[CostVersion]
) -> Mapping[str, Mapping[int, int]]:
    """Body → fiscal year → yen, over all the terms that count; asked for only where needed."""
    found: dict[str, dict[int, int]] = {}
    if all(version.basis is StandaloneBasis.PLAN for version in versions):
        return found
    terms = [(version.term.start, version.term.end) for version in versions]
    for code, declared in asked.declared().items():
        years = found.setdefault(code, {})
        for start, end in terms:
            for year, amount in declared_by_year(declared.annual_yen, start, end).items():
                years[year] = years.get(year, 0) + amount
    return found


def _one_body(asked: CostsAsked, versions: Sequence[CostVersion]) -> str:
    """The one body whose years are read, '' for all: they are few, or it is for a file."""
    years = sum(version.term.months for version in versions) // 12
    if asked.extent is Extent.FILE or asked.bodies * years <= ROWS_AT_ONCE:
        return ""
    return asked.chosen or versions[0].first_body or ""


def _chosen(read: _Read) -> str:
    codes = [row.code for row in read.sums]
    return read.asked.chosen if read.asked.chosen in codes else codes[0]


def _years(
    read: _Read, lines: Sequence[LineSum], entered: Sequence[EnteredSum], paid: Paid
) -> tuple[list[draw.YearLine], draw.YearLine]:
    """Each fiscal year, and the sum over all of them."""
    parts = _parts_by_year(read.versions)
    to_vendor = paid.to_vendor_by_year
    settled = _settled(read, entered)
    alone, joint = _by_year(lines)
    rows = [
        draw.YearLine(
            fiscal_year=year,
            compared=Compared(
                standalone_yen=read.alone_of_all(year, alone[year]),
                joint_yen=joint[year],
                parts_yen=None if parts is None else parts.get(year, 0),
            ),
            paid_yen=None if to_vendor is None else to_vendor.get(year, 0),
            settled_yen=settled.get(year),
        )
        for year in sorted(joint)
    ]
    compared = add_up(row.compared for row in rows)
    if parts is None:
        part_yen = sum(version.part_yen for version in read.versions)
        compared = Compared(
            standalone_yen=compared.standalone_yen,
            joint_yen=compared.joint_yen,
            parts_yen=part_yen,
        )
    total = draw.YearLine(
        fiscal_year=None,
        compared=compared,
        paid_yen=sum_if_known(row.paid_yen for row in rows),
        settled_yen=sum_if_known(row.settled_yen for row in rows),
    )
    return rows, total


def _by_year(lines: Sequence[LineSum]) -> tuple[dict[int, int], dict[int, int]]:
    """Alone (as far as it is known) and together."""
    alone: dict[int, int] = {}
    joint: dict[int, int] = {}
    for line in lines:
        year = line.fiscal_year
        alone[year] = alone.get(year, 0) + line.standalone_yen
        joint[year] = joint.get(year, 0) + line.joint_yen
    return alone, joint


def _parts_by_year(versions: Sequence[CostVersion]) -> dict[int, int] | None:
    """None as soon as one version was fixed without keeping them."""
    found: dict[int, int] = {}
    for version in versions:
        if version.parts_by_year is None:
            return None
        for year, amount in version.parts_by_year.items():
            found[year] = found.get(year, 0) + amount
    return found


def _settled(read: _Read, entered: Sequence[EnteredSum]) -> dict[int, int]:
    """The settlements of a year, where every body reported: no sum of a part is shown."""
    found: dict[int, int] = {}
    for row in entered:
        if row.basis == CostBasis.SETTLEMENT and row.bodies >= len(read.sums):
            found[row.fiscal_year] = found.get(row.fiscal_year, 0) + row.amount_yen
    return found


def _categories(read: _Read, lines: Sequence[LineSum]) -> list[tuple[int, str, int]]:
    """(fiscal year, cost category, yen): operating and building are never one sum."""
    periods = [period for version in read.versions for period in version.option_periods]
    return [
        (line.fiscal_year, category_of_line(line.category, periods).value, line.joint_yen)
        for line in lines
    ]


def _bodies(
    read: _Read, borne_by_year: Mapping[tuple[str, int | None], int]
) -> list[draw.BodyLine]:
    asked = read.asked
    borne: dict[str, int] = {}
    for (code, _), amount in borne_by_year.items():
        borne[code] = borne.get(code, 0) + amount
    return [
        draw.BodyLine(
            code=row.code,
            name=row.name,
            compared=Compared(
                standalone_yen=read.alone_over_the_term(row), joint_yen=row.joint_yen
            ),
            borne_yen=borne.get(row.code, 0) if _sees(asked, row.code) else None,
        )
        for row in read.sums
    ]


def _sees(asked: CostsAsked, code: str) -> bool:
    """Whether the reader knows what this body has paid."""
    scope = asked.scope
    return scope is not None and (scope.everything or scope.body_code == code)


def _body_years(
    read: _Read,
    one: str,
    borne: Mapping[tuple[str, int | None], int],
    entered: Sequence[EnteredSum],
) -> draw.BodyYears:
    reported, behalf = _entered_by_year(entered), queries.list_on_behalf(entered)
    lines = [
        draw.BodyYearLine(
            code=row.code,
            name=row.name,
            fiscal_year=year,
            compared=Compared(standalone_yen=read.alone(row.code, year, alone), joint_yen=joint),
            borne_yen=borne.get((row.code, year), 0) if _sees(read.asked, row.code) else None,
            entered=tuple(reported.get((row.code, year, basis)) for basis in _ENTERED),
            on_behalf=tuple(each for each in _ENTERED if (row.code, year, each) in behalf),
        )
        for row in read.sums
        for year, (joint, alone) in row.by_year.items()
        if year is not None and one in ("", row.code)
    ]
    names = {row.code: row.name for row in read.sums}
    return draw.BodyYears(lines=lines, name=names.get(one, ""))


def _goal(
    session: Session, read: _Read, entered: Sequence[EnteredSum], chosen: str
) -> Figure | None:
    """The goal of the body whose years are shown."""
    asked = read.asked
    known = asked.use.find_goal(chosen) if asked.use else None
    facts = known or get_goal_facts(session, asked.project_id, chosen)
    settled = {
        row.fiscal_year: row.amount_yen
        for row in entered
        if row.code == chosen
        and (row.basis, row.category) == (CostBasis.SETTLEMENT, CostCategory.OPERATING)
    }
    goal = find_goal(
        asked.policy_scope,
        baseline_yen=settled.get(BASELINE_YEAR),
        migrated_on=facts.started_on,
        own_yen=facts.target_yen,
    )
    name = next(row.name for row in read.sums if row.code == chosen)
    return draw.goal_line(name, goal, settled, _paper(read))


def _entered_by_year(rows: Sequence[EnteredSum]) -> dict[tuple[str, int, str], int]:
    found: dict[tuple[str, int, str], int] = {}
    for row in rows:
        key = (row.code, row.fiscal_year, row.basis)
        found[key] = found.get(key, 0) + row.amount_yen
    return found


def _stats(asked: CostsAsked, total: draw.YearLine) -> tuple[Stat, ...]:
    compared = total.compared
    figures = (
        ("単独の合計（税込）", compared.standalone_yen),
        ("共同の合計（税込）", compared.gross_yen),
        ("削減額（補助前・税込）", compared.saving_before_grants_yen),
        ("削減額（補助後・税込）", compared.saving_after_grants_yen),
    )
    return tuple(
        Stat(label=label, value=value, unit="円", fictional=asked.fictional)
        for label, value in figures
        if value is not None
    )
