"""What a project costs its bodies, as its readers see it: alone, together, and what was paid.

Sums are made in SQL. Declared stand-alone figures come from queries/secrets, which says who
reads them; lines of the ledger are the lead's, the auditors' and the body's own.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import CompoundSelect, Date, Select, case, cast, func, null, select, union_all
from sqlalchemy.orm import Session

from accounts.models import LocalBody
from catalog.plan_units import Kind, Period
from foundation.clock import fiscal_year_of
from procurement.domain.costs import Term, newest_of_each_term
from procurement.domain.stored_costs import read_costs
from procurement.domain.terms import StandaloneBasis
from procurement.ledger_models import Invoice, Receipt, VendorInvoice, VendorPayment
from procurement.models import CostRow, ShareLine, ShareVersion
from procurement.queries.kept_sums import kept_sums
from procurement.queries.ledger import OF_ENTRY, LedgerScope

_OF_PAYMENT = (VendorPayment.project_id == VendorInvoice.project_id) & (
    VendorPayment.vendor_invoice_number == VendorInvoice.number
)


@dataclass(frozen=True, kw_only=True)
class CostVersion:
    """A share version that counts. parts_by_year: None where it was fixed without keeping them.

    first_body: the smallest code with a share in it, None where nobody has one.
    """

    id: int
    number: int
    sha256: str
    term: Term
    basis: StandaloneBasis
    part_yen: int
    parts_by_year: dict[int, int] | None
    first_body: str | None = None


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


def list_cost_versions(session: Session, project_id: int) -> tuple[CostVersion, ...]:
    """The newest version of each term, newest first. One query."""
    rows = session.execute(
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
        )
        .where(ShareVersion.project_id == project_id)
        .order_by(ShareVersion.number.desc())
    ).all()
    terms = [Term(start=date.fromisoformat(row.start), months=row.months) for row in rows]
    return tuple(_version(rows[place], terms[place]) for place in newest_of_each_term(terms))


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
    )


_JOINT = func.sum(ShareLine.amount_yen).label("joint")
# Lines nobody bears alone (an adjustment, a shortfall) have no figure and add nothing.
_ALONE = func.sum(ShareLine.standalone_yen).label("alone")


def list_body_costs(
    session: Session, version_ids: Sequence[int], chosen: str = ""
) -> tuple[BodyCosts, ...]:
    """By code. One query.

    chosen: with a body's code the others have one sum over all years, under the year None.
    """
    year = (
        case((ShareLine.body_code == chosen, ShareLine.fiscal_year))
        if chosen
        else ShareLine.fiscal_year
    )
    columns = (LocalBody.code, LocalBody.name, ShareLine.share_version_id, year.label("year"))
    rows = session.execute(
        select(*columns, _JOINT, _ALONE)
        .join(LocalBody, LocalBody.code == ShareLine.body_code)
        .where(ShareLine.share_version_id.in_(version_ids))
        .group_by(*columns)
        .order_by(LocalBody.code, "year")
    )
    names: dict[str, str] = {}
    sums: dict[str, dict[int | None, tuple[int, int]]] = {}
    figures: dict[tuple[str, int], bool] = {}
    for code, name, version_id, of_year, joint, alone in rows:
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
    columns = (ShareLine.fiscal_year, ShareLine.category)
    rows = session.execute(
        select(*columns, _JOINT, _ALONE)
        .where(ShareLine.share_version_id.in_(version_ids))
        .group_by(*columns)
        .order_by(*columns)
    )
    return tuple(
        LineSum(
            fiscal_year=year,
            category=category,
            joint_yen=int(joint),
            standalone_yen=int(alone or 0),
        )
        for year, category, joint, alone in rows
    )


def list_option_periods(session: Session, version_ids: Sequence[int]) -> tuple[Period, ...]:
    """How the options of these versions are paid: once, by month, by year. One query."""
    costs = session.scalars(
        select(ShareVersion.inputs["costs"]).where(ShareVersion.id.in_(version_ids))
    )
    return tuple(period for each in costs for period in read_costs(each).periods_of(Kind.OPTION))


def find_paid_by_year(
    session: Session, project_id: int, scope: LedgerScope
) -> dict[int, int] | None:
    """What the vendor was paid, by fiscal year of the month it is for. One query.

    None for who does not read all of it: where bodies pay by themselves, each reads its own.
    """
    by_itself = VendorInvoice.for_body != ""
    rows = session.execute(
        select(by_itself, VendorInvoice.period, func.sum(VendorPayment.amount_yen))
        .join(VendorPayment, _OF_PAYMENT)
        .where(VendorInvoice.project_id == project_id)
        .group_by(by_itself, VendorInvoice.period)
    ).all()
    if not scope.everything and any(row[0] for row in rows):
        return None
    by_year: dict[int, int] = {}
    for _, period, amount in rows:
        year = fiscal_year_of(period)
        by_year[year] = by_year.get(year, 0) + int(amount)
    return by_year


def list_borne(
    session: Session, project_id: int, scope: LedgerScope, chosen: str = ""
) -> dict[tuple[str, int | None], int]:
    """(Body, fiscal year) → what it has paid, of the bodies the reader sees. One query, two
    after new receipts or payments.

    chosen: with a body's code the others have one sum over all years, under the year None.
    """
    return kept_sums(
        session,
        project_id,
        ("borne", scope, chosen),
        lambda: _sum_borne(project_id, scope, chosen),
        _by_body_and_year,
    )


def _sum_borne(project_id: int, scope: LedgerScope, chosen: str) -> Select[*tuple[Any, ...]]:
    lines = _borne(project_id, scope, chosen).subquery()
    columns = (lines.c.code, lines.c.period)
    return select(*columns, func.sum(lines.c.yen)).group_by(*columns)


def _by_body_and_year(rows: Iterable[Any]) -> dict[tuple[str, int | None], int]:
    found: dict[tuple[str, int | None], int] = {}
    for code, month, amount in rows:
        key = (code, None if month is None else fiscal_year_of(month))
        found[key] = found.get(key, 0) + int(amount)
    return found


def _borne(project_id: int, scope: LedgerScope, chosen: str) -> CompoundSelect[Any]:
    """Receipts for the bodies' invoices (過納 left out), and what bodies paid by themselves.

    Months are told of the chosen body alone, as of the others nobody asks: 200 bodies have
    12,000 receipts in five years, and each would be looked up in its invoice's month.
    """
    told = _received(VendorInvoice.period, project_id).join(VendorInvoice, OF_ENTRY)
    paid = (
        select(VendorInvoice.for_body, VendorInvoice.period, VendorPayment.amount_yen)
        .join(VendorPayment, _OF_PAYMENT)
        .where(VendorInvoice.project_id == project_id, VendorInvoice.for_body != "")
    )
    if not scope.everything:
        told = told.where(Invoice.body_code == scope.body_code)
        paid = paid.where(VendorInvoice.for_body == scope.body_code)
    if not chosen:
        return union_all(told, paid)
    no_month = cast(null(), Date)
    others = _received(no_month, project_id).where(Invoice.body_code != chosen)
    others = others.with_only_columns(
        Invoice.body_code.label("code"), no_month, func.sum(Receipt.amount_yen)
    ).group_by(Invoice.body_code)
    paid_by_others = (
        select(VendorInvoice.for_body, no_month, VendorPayment.amount_yen)
        .join(VendorPayment, _OF_PAYMENT)
        .where(VendorInvoice.project_id == project_id, VendorInvoice.for_body.not_in(("", chosen)))
    )
    if not scope.everything:
        others = others.where(Invoice.body_code == scope.body_code)
        paid_by_others = paid_by_others.where(VendorInvoice.for_body == scope.body_code)
    return union_all(
        told.where(Invoice.body_code == chosen),
        others,
        paid.where(VendorInvoice.for_body == chosen),
        paid_by_others,
    )


def _received(period: Any, project_id: int) -> Any:
    """Receipts for the bodies' invoices, with the month to tell."""
    return (
        select(
            Invoice.body_code.label("code"),
            period.label("period"),
            Receipt.amount_yen.label("yen"),
        )
        .select_from(Receipt)
        .join(Invoice, Invoice.id == Receipt.invoice_id)
        .where(
            Receipt.project_id == project_id,
            Receipt.kind == "receipt",
            Invoice.body_code.is_not(None),
        )
    )


_ANY_ON_BEHALF = func.max(case((CostRow.entered_on_behalf_by != "", 1), else_=0))


def list_entered(session: Session, project_id: int, chosen: str = "") -> tuple[EnteredSum, ...]:
    """Budgets and settlements by year, basis and category. One query.

    chosen: with a body's code the others stand together, under the code ''.
    """
    code = case((CostRow.body_code == chosen, chosen), else_="") if chosen else CostRow.body_code
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
    rows = session.execute(
        select(*columns, func.sum(CostRow.amount_yen), func.min(counted.c.bodies), _ANY_ON_BEHALF)
        .join(
            counted,
            (counted.c.fiscal_year == CostRow.fiscal_year) & (counted.c.basis == CostRow.basis),
        )
        .where(CostRow.project_id == project_id)
        .group_by("code", CostRow.fiscal_year, CostRow.basis, CostRow.category)
        .order_by(CostRow.fiscal_year, CostRow.basis, CostRow.category)
    )
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


def list_on_behalf(rows: Sequence[EnteredSum]) -> frozenset[tuple[str, int, str]]:
    """(Body, fiscal year, basis) of what a coordinator entered for a body."""
    return frozenset((row.code, row.fiscal_year, row.basis) for row in rows if row.on_behalf)
