"""Everything of one body's own place in a project: its share, its consent, its sheet."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from accounts.bodies import FICTIONAL_SOURCE_NAME
from accounts.models import FactSourceRow, LocalBody
from foundation.errors import Refused
from procurement.domain.consent import default_maximum
from procurement.domain.estimates import ShareChange, changed
from procurement.domain.participation import TAKING_PART
from procurement.domain.sharing import preview
from procurement.domain.terms import (
    DEFAULT_TOLERANCE_PERCENT,
    PopulationSource,
    SharingTerms,
)
from procurement.models import Participation, Project, ShareLine
from procurement.queries.consents import ConsentRow, find_latest_version, list_consents
from procurement.queries.figures import get_local_body, terms_of, without
from procurement.queries.own_figures import OwnFigures, own_figures, population_of
from procurement.queries.previews import get_previews
from procurement.queries.standing import Standing

_SOURCE_KEYS = {
    PopulationSource.CENSUS_2020: "census",
    PopulationSource.REGISTER_2025: "register",
}


@dataclass(frozen=True, kw_only=True)
class OwnYear:
    """One fiscal year of the own body. alone_yen None: not known on this basis."""

    fiscal_year: int
    amount_yen: int
    alone_yen: int | None


@dataclass(frozen=True, kw_only=True)
class SourceRow:
    """A published source of a figure used."""

    name: str
    publisher: str
    as_of: str
    url: str


@dataclass(frozen=True, kw_only=True)
class OwnPage:
    """The own body's figures. Without a fixed version there is an estimate, with one none.

    status: '' while the body has no row in the project.
    """

    body_code: str
    body_name: str
    status: str
    quantity: int
    population: int | None
    version_number: int | None
    version_sha256: str
    own_years: tuple[OwnYear, ...]
    consent: ConsentRow | None
    default_maximum: dict[int, int]
    terms: SharingTerms | None
    estimate: OwnFigures | None
    partner_names: tuple[str, ...]
    approval_date: date | None
    approval_number: str
    leave_approval_date: date | None
    leave_approval_number: str
    population_source: SourceRow | None
    fictional: bool

    @property
    def years(self) -> tuple[int, ...]:
        return tuple(row.fiscal_year for row in self.own_years)

    @property
    def total_yen(self) -> int:
        return sum(row.amount_yen for row in self.own_years)

    @property
    def alone_total_yen(self) -> int | None:
        known = [row.alone_yen for row in self.own_years if row.alone_yen is not None]
        return sum(known) if self.own_years and len(known) == len(self.own_years) else None


def get_own_page(session: Session, project: Project, standing: Standing) -> OwnPage:
    """The own body's place; an estimate where no version is fixed. At most seven queries."""
    body_code = standing.actor.body_code or ""
    rows = _participations(session, project.id)
    row = rows.get(body_code)
    body = row.body if row else get_local_body(session, body_code)
    version = find_latest_version(session, project.id)
    consents = list_consents(session, version.id) if version else ()
    own_years = _years(session, version.id, body_code) if version else ()
    terms = _terms(project)
    estimate = None if own_years else own_figures(session, project, body, row)
    tolerance = terms.tolerance_percent if terms else DEFAULT_TOLERANCE_PERCENT
    shares = {year.fiscal_year: year.amount_yen for year in own_years}
    return OwnPage(
        body_code=body_code,
        body_name=body.name,
        status=row.status if row else "",
        quantity=_quantity(project, row, estimate),
        population=population_of(body, terms),
        version_number=version.number if version else None,
        version_sha256=version.sha256 if version else "",
        own_years=own_years,
        consent=next((each for each in consents if each.code == body_code), None),
        default_maximum=default_maximum(shares, tolerance),
        terms=terms,
        estimate=estimate,
        partner_names=_partners(rows) if standing.is_member else (),
        approval_date=row.approval_date if row else None,
        approval_number=row.approval_number if row else "",
        leave_approval_date=row.leave_approval_date if row else None,
        leave_approval_number=row.leave_approval_number if row else "",
        population_source=_population_source(session, terms, body),
        fictional=project.fictional,
    )


def _quantity(project: Project, row: Participation | None, estimate: OwnFigures | None) -> int:
    said = row.quantities.get(project.main_unit, 0) if row else 0
    return said or (estimate.quantity if estimate else None) or 0


def get_leave_effect(session: Session, project: Project, standing: Standing) -> ShareChange | None:
    """What the own body's leaving would cost each other; None where nothing can be computed.

    Two queries.
    """
    if not standing.takes_part:
        return None
    previews = get_previews(session, project, standing)
    chosen = previews.find(None)
    others = without(previews.members, standing.actor.body_code or "")
    if chosen is None or chosen.preview is None or not others:
        return None
    try:
        after = preview(chosen.preview.terms, others, chosen.basis.costs)
    except Refused:
        return None
    return changed(chosen.preview, after)


def _participations(session: Session, project_id: int) -> dict[str, Participation]:
    rows = session.scalars(
        select(Participation)
        .where(Participation.project_id == project_id)
        .options(joinedload(Participation.body))
        .order_by(Participation.body_code)
    )
    return {row.body_code: row for row in rows}


def _partners(rows: dict[str, Participation]) -> tuple[str, ...]:
    return tuple(row.body.name for row in rows.values() if row.status in TAKING_PART)


def _years(session: Session, version_id: int, body_code: str) -> tuple[OwnYear, ...]:
    lines = session.scalars(
        select(ShareLine).where(
            ShareLine.share_version_id == version_id, ShareLine.body_code == body_code
        )
    )
    amounts: dict[int, int] = {}
    alone: dict[int, int | None] = {}
    for line in lines:
        amounts[line.fiscal_year] = amounts.get(line.fiscal_year, 0) + line.amount_yen
        before = alone.get(line.fiscal_year)
        if line.standalone_yen is not None:
            alone[line.fiscal_year] = (before or 0) + line.standalone_yen
    return tuple(
        OwnYear(fiscal_year=year, amount_yen=amounts[year], alone_yen=alone.get(year))
        for year in sorted(amounts)
    )


def _terms(project: Project) -> SharingTerms | None:
    try:
        return terms_of(project)
    except Refused:
        return None


def _population_source(
    session: Session, terms: SharingTerms | None, body: LocalBody
) -> SourceRow | None:
    if terms is None:
        return None
    if body.fictional:
        return SourceRow(name=FICTIONAL_SOURCE_NAME, publisher="", as_of="", url="")
    found = session.get(FactSourceRow, _SOURCE_KEYS[terms.population_source])
    if found is None:
        return None
    return SourceRow(name=found.name, publisher=found.publisher, as_of=found.as_of, url=found.url)
