"""Past cases a quote can be compared with: same kind of system, same size band (F12)."""

from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import Session, aliased

from accounts.models import LocalBody, Organization
from catalog.models import Case, CaseParticipant
from procurement.domain.participation import TAKING_PART
from procurement.domain.quotes import per_resident
from procurement.domain.scrutiny import Scrutiny, band_label, scrutinise, size_band
from procurement.models import Participation, Project, ProjectRole
from procurement.queries.help import HelpRow
from procurement.queries.members import BODIES_ARE_PUBLIC
from procurement.queries.standing import MEMBER_ROLES

MOST_CASES = 50


@dataclass(frozen=True, kw_only=True)
class ComparableCase:
    """A published case. annual_yen: tax-excluded; confirmed_on: when its facts were last looked at.

    each_yen: a year for one resident.
    """

    id: int
    title: str
    annual_yen: int
    was_taxed: bool
    residents: int
    each_yen: Fraction
    source_url: str
    confirmed_on: date
    fictional: bool


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """scrutiny: None where the request names no yearly amount. residents: of those who buy."""

    system_type: str
    band: str
    residents: int
    cases: tuple[ComparableCase, ...]
    enough: bool
    scrutiny: Scrutiny | None


def find_comparison(session: Session, row: HelpRow) -> Comparison | None:
    """None for a request about no project: without a kind of system nothing is comparable.

    Real and made-up cases are never compared with each other. At most three queries.
    """
    project = session.get(Project, row.project_id) if row.project_id else None
    if project is None:
        return None
    residents = _count_residents(session, project.id, row.id_of_asker)
    if not residents:
        return None
    cases = list_cases(session, project, residents)
    scrutiny = scrutinise(
        per_resident(row.annual_yen or 0, residents), [case.each_yen for case in cases]
    )
    return Comparison(
        system_type=project.system_type.name,
        band=band_label(size_band(residents)),
        residents=residents,
        cases=cases[:MOST_CASES],
        enough=scrutiny.median is not None,
        scrutiny=scrutiny if row.annual_yen else None,
    )


def _count_residents(session: Session, project_id: int, asker_id: int) -> int:
    """Of the bodies that take part, where the asker may know them; else of the asker alone.

    Who took part is no stranger's to know before the contract (domain §8), not even as a sum.
    """
    people = func.sum(LocalBody.population_register_2025)
    together = session.scalar(
        select(people)
        .join(Participation, Participation.body_code == LocalBody.code)
        .join(Project, Project.id == Participation.project_id)
        .where(
            Project.id == project_id,
            Participation.status.in_(TAKING_PART),
            or_(Project.state.in_(BODIES_ARE_PUBLIC), *_belongs(project_id, asker_id)),
        )
    )
    if together:
        return int(together)
    alone = session.scalar(
        select(LocalBody.population_register_2025)
        .join(Organization, Organization.body_code == LocalBody.code)
        .where(Organization.id == asker_id)
    )
    return int(alone or 0)


def _belongs(project_id: int, organization_id: int) -> tuple[ColumnElement[bool], ...]:
    """The two ways an organisation reads who takes part: by its role, by taking part itself."""
    role = select(ProjectRole.project_id).where(
        ProjectRole.project_id == project_id,
        ProjectRole.organization_id == organization_id,
        ProjectRole.role.in_(MEMBER_ROLES),
    )
    place = aliased(Participation)
    own = (
        select(place.id)
        .join(Organization, Organization.body_code == place.body_code)
        .where(
            place.project_id == project_id,
            place.status.in_(TAKING_PART),
            Organization.id == organization_id,
        )
    )
    return role.exists(), own.exists()


def list_cases(session: Session, project: Project, residents: int) -> tuple[ComparableCase, ...]:
    """Published cases of the project's kind of system and the size band of so many residents.

    Real and made-up ones are never mixed; those confirmed last come first. One query.
    """
    band = size_band(residents)
    people = func.sum(LocalBody.population_register_2025)
    rows = session.execute(
        select(Case, people)
        .join(CaseParticipant, CaseParticipant.case_id == Case.id)
        .join(LocalBody, LocalBody.code == CaseParticipant.body_code)
        .where(
            Case.system_type_code == project.system_type_code,
            Case.fictional == project.fictional,
            Case.publication_status == "published",
            Case.annual_operating_cost_yen > 0,
            Case.tax_included.is_not(None),
        )
        .group_by(Case.id)
        .order_by(Case.last_confirmed_on.desc(), Case.id)
    )
    found = (_case(case, int(count or 0)) for case, count in rows)
    return tuple(each for each in found if each.residents and size_band(each.residents) == band)


def _case(case: Case, residents: int) -> ComparableCase:
    stated = case.annual_operating_cost_yen or 0
    annual = stated * 10 // 11 if case.tax_included else stated
    return ComparableCase(
        id=case.id,
        title=case.title,
        annual_yen=annual,
        was_taxed=bool(case.tax_included),
        residents=residents,
        each_yen=per_resident(annual, residents) if residents else Fraction(0),
        source_url=case.source_url,
        confirmed_on=case.last_confirmed_on,
        fictional=case.fictional,
    )
