"""Reading joint-procurement cases: the list with its filters, one case, cases of like size."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, and_, false, func, or_, select
from sqlalchemy import case as sql_case
from sqlalchemy.orm import Session, joinedload

from accounts.models import LocalBody
from catalog.entries import PublicationStatus
from catalog.models import Case, CaseParticipant, Offering, SystemType, Vendor, case_offering
from foundation.errors import NotFound
from foundation.paging import Page, paginate

SIMILAR_LIMIT = 5
SIMILAR_BAND_PERCENT = 50


@dataclass(frozen=True, kw_only=True)
class CaseFilter:
    """What a reader narrows the list of cases by; None and '' do not narrow."""

    kind: str = ""
    category: str = ""
    prefecture: str = ""
    know_how: bool | None = None
    fictional: bool | None = None


@dataclass(frozen=True, kw_only=True)
class CaseRow:
    """A case in a list. participant_count: municipalities, None = not stated."""

    id: int
    kind: str
    title: str
    fictional: bool
    system_type_code: str
    system_type_name: str
    lead_body_name: str
    prefecture_code: str | None
    participant_count: int | None
    fiscal_year_start: int | None
    has_know_how: bool
    annual_operating_cost_yen: int | None
    tax_included: bool | None
    last_confirmed_on: date
    updated_at: datetime


@dataclass(frozen=True, kw_only=True)
class Counts:
    """How many there are, real and fictional apart: the two are never added silently."""

    real: int = 0
    fictional: int = 0

    def plus(self, count: int, *, fictional: bool) -> "Counts":
        """With so many more of the one kind."""
        if fictional:
            return Counts(real=self.real, fictional=self.fictional + count)
        return Counts(real=self.real + count, fictional=self.fictional)


@dataclass(frozen=True, kw_only=True)
class ParticipantRow:
    """A municipality the source names."""

    body_code: str
    name: str
    joined_on: date | None
    left_on: date | None


@dataclass(frozen=True, kw_only=True)
class LinkedOffering:
    """An offering a case says it uses."""

    id: int
    name: str
    vendor_id: int
    vendor_name: str
    status: str
    fictional: bool


@dataclass(frozen=True, kw_only=True)
class CasePage:
    """Everything a case says (F01); None and '' = 記載なし. lead_population: census 2020;
    lead_peer_group: the 類似団体 group."""

    row: CaseRow
    status: str
    lead_body_code: str | None
    lead_body_kind: str
    lead_population: int | None
    lead_peer_group: str
    participants_text: str
    participants: tuple[ParticipantRow, ...]
    started_text: str
    contract_start: date | None
    contract_end: date | None
    procurement_method: str
    procurement_method_text: str
    contract_model: str
    contract_model_text: str
    vendor_text: str
    applicant_count: int | None
    initial_cost_yen: int | None
    ceiling_yen: int | None
    contract_amount_yen: int | None
    cost_basis: str
    cost_sharing_method: str
    cost_facts: str
    prefecture_borne_cost: str
    spec_availability: str
    background: str
    process_steps: str
    know_how: str
    issues_met: str
    measured_effects: tuple[str, ...]
    contact_office: str
    source_url: str
    source_kind: str
    first_published_on: date
    offerings: tuple[LinkedOffering, ...]
    similar: tuple[CaseRow, ...]


ROW_COLUMNS = (
    Case.id,
    Case.kind,
    Case.title,
    Case.fictional,
    Case.system_type_code,
    SystemType.name.label("system_type_name"),
    Case.lead_body_name,
    Case.prefecture_code,
    Case.participant_count,
    Case.fiscal_year_start,
    (Case.know_how != "").label("has_know_how"),
    Case.annual_operating_cost_yen,
    Case.tax_included,
    Case.last_confirmed_on,
    Case.updated_at,
)
_OTHERS = "row lead_population lead_peer_group participants measured_effects offerings similar"
_SAME_NAMES = tuple(name for name in CasePage.__dataclass_fields__ if name not in _OTHERS.split())


def select_rows() -> Select[*tuple[Any, ...]]:
    """A statement over published cases whose rows `make_row` understands."""
    return (
        select(*ROW_COLUMNS)
        .join(SystemType, SystemType.code == Case.system_type_code)
        .where(Case.publication_status == PublicationStatus.PUBLISHED.value)
    )


def make_row(row: Row[Any]) -> CaseRow:
    """The frozen row of a result row of `select_rows`."""
    return CaseRow(**dict(zip(CaseRow.__dataclass_fields__, row, strict=False)))


def list_cases(
    session: Session, wanted: CaseFilter, *, page: int = 1, size: int = 20
) -> Page[CaseRow]:
    """Published cases, the latest updated first. Two queries."""
    statement = select_rows().where(*_conditions(wanted))
    statement = statement.order_by(Case.updated_at.desc(), Case.id.desc())
    return paginate(session, statement, page=page, size=size, make_row=make_row)


def count_cases(session: Session, wanted: CaseFilter) -> Counts:
    """How many cases fit, real and fictional apart."""
    statement = (
        select(Case.fictional, func.count())
        .where(Case.publication_status == PublicationStatus.PUBLISHED.value)
        .where(*_conditions(wanted))
        .group_by(Case.fictional)
    )
    found = {fictional: count for fictional, count in session.execute(statement)}
    return Counts(real=found.get(False, 0), fictional=found.get(True, 0))


def count_by(session: Session, wanted: CaseFilter) -> dict[str, dict[str, Counts]]:
    """For each filter the number of cases per value, real and fictional apart.

    One query over the cases, counted here: every facet leaves its own filter out.
    """
    columns = (Case.kind, Case.system_type_code, Case.prefecture_code, Case.know_how != "")
    statement = (
        select(*columns, Case.fictional, func.count())
        .where(Case.publication_status == PublicationStatus.PUBLISHED.value)
        .group_by(*columns, Case.fictional)
    )
    facets = ("kind", "category", "prefecture", "know_how", "fictional")
    chosen: dict[str, Any] = {
        "kind": wanted.kind or None,
        "category": wanted.category or None,
        "prefecture": wanted.prefecture or None,
        "know_how": wanted.know_how,
        "fictional": wanted.fictional,
    }
    counts: dict[str, dict[str, Counts]] = {facet: {} for facet in facets}
    for *values, count in session.execute(statement):
        found = dict(zip(facets, values, strict=True))
        for facet in facets:
            others = (f for f in facets if f != facet and chosen[f] is not None)
            if all(found[other] == chosen[other] for other in others):
                key = str(found[facet] if found[facet] is not None else "")
                counts[facet][key] = (
                    counts[facet].get(key, Counts()).plus(count, fictional=bool(found["fictional"]))
                )
    return counts


def get_case_page(session: Session, case_id: int) -> CasePage:
    """One published case with everything linked to it. Raises NotFound. Five queries."""
    statement = (
        select(Case)
        .where(Case.id == case_id)
        .where(Case.publication_status == PublicationStatus.PUBLISHED.value)
        .options(joinedload(Case.system_type))
    )
    case = session.scalar(statement)
    if case is None:
        raise NotFound(f"case {case_id}")
    lead = session.get(LocalBody, case.lead_body_code) if case.lead_body_code else None
    return _page_of(
        case,
        lead=lead,
        participants=_list_participants(session, [case.id]).get(case.id, ()),
        offerings=list_linked_offerings(session, [case.id]).get(case.id, ()),
        similar=_similar_cases(session, case, lead),
    )


def list_case_pages(session: Session) -> tuple[CasePage, ...]:
    """Every published case in full, by id, without similar ones (for downloads). Three queries."""
    statement = (
        select(Case)
        .where(Case.publication_status == PublicationStatus.PUBLISHED.value)
        .options(joinedload(Case.system_type))
        .order_by(Case.id)
    )
    cases = session.scalars(statement).all()
    ids = [case.id for case in cases]
    participants = _list_participants(session, ids)
    offerings = list_linked_offerings(session, ids)
    return tuple(
        _page_of(
            case,
            lead=None,
            participants=participants.get(case.id, ()),
            offerings=offerings.get(case.id, ()),
            similar=(),
        )
        for case in cases
    )


def list_linked_offerings(
    session: Session, case_ids: Sequence[int]
) -> dict[int, tuple[LinkedOffering, ...]]:
    """For each case the offerings that are or were published, by name. One query."""
    statement = (
        select(case_offering.c.case_id, Offering, Vendor.name)
        .join(Offering, Offering.id == case_offering.c.offering_id)
        .join(Vendor, Vendor.id == Offering.vendor_id)
        .where(case_offering.c.case_id.in_(case_ids), readable_offering())
        .order_by(Offering.name, Offering.id)
    )
    linked: dict[int, tuple[LinkedOffering, ...]] = {}
    for case_id, offering, vendor_name in session.execute(statement):
        row = LinkedOffering(
            id=offering.id,
            name=offering.name,
            vendor_id=offering.vendor_id,
            vendor_name=vendor_name,
            status=offering.publication_status,
            fictional=offering.fictional,
        )
        linked[case_id] = (*linked.get(case_id, ()), row)
    return linked


def list_cases_using(session: Session, offering_ids: Sequence[int]) -> tuple[CaseRow, ...]:
    """Published cases that name any of the offerings, the latest start first. One query."""
    naming = select(case_offering.c.case_id).where(case_offering.c.offering_id.in_(offering_ids))
    statement = select_rows().where(Case.id.in_(naming))
    statement = statement.order_by(Case.fiscal_year_start.desc().nulls_last(), Case.id)
    return tuple(make_row(row) for row in session.execute(statement))


def list_cases_of_body(session: Session, body_code: str, *, limit: int) -> tuple[CaseRow, ...]:
    """Published cases a body leads or takes part in, the latest start first. One query."""
    taking_part = select(CaseParticipant.case_id).where(CaseParticipant.body_code == body_code)
    statement = select_rows().where(or_(Case.lead_body_code == body_code, Case.id.in_(taking_part)))
    statement = statement.order_by(Case.fiscal_year_start.desc().nulls_last(), Case.id)
    return tuple(make_row(row) for row in session.execute(statement.limit(limit)))


def readable_offering() -> ColumnElement[bool]:
    """The condition under which an offering's page exists for everybody."""
    states = (PublicationStatus.PUBLISHED.value, PublicationStatus.WITHDRAWN.value)
    return and_(Offering.publication_status.in_(states), Offering.current_version > 0)


def _conditions(wanted: CaseFilter) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if wanted.kind:
        conditions.append(Case.kind == wanted.kind)
    if wanted.category:
        conditions.append(Case.system_type_code == wanted.category)
    if wanted.prefecture:
        conditions.append(Case.prefecture_code == wanted.prefecture)
    if wanted.know_how is not None:
        conditions.append((Case.know_how != "") == wanted.know_how)
    if wanted.fictional is not None:
        conditions.append(Case.fictional == wanted.fictional)
    return conditions


def _row_of(case: Case) -> CaseRow:
    own = {
        name: getattr(case, name)
        for name in CaseRow.__dataclass_fields__
        if name not in {"system_type_name", "has_know_how"}
    }
    return CaseRow(system_type_name=case.system_type.name, has_know_how=bool(case.know_how), **own)


def _page_of(
    case: Case,
    *,
    lead: LocalBody | None,
    participants: tuple[ParticipantRow, ...],
    offerings: tuple[LinkedOffering, ...],
    similar: tuple[CaseRow, ...],
) -> CasePage:
    return CasePage(
        row=_row_of(case),
        lead_population=lead.population_census_2020 if lead else None,
        lead_peer_group=(lead.peer_group or "") if lead else "",
        participants=participants,
        measured_effects=tuple(str(effect) for effect in case.measured_effects or ()),
        offerings=offerings,
        similar=similar,
        **{name: getattr(case, name) for name in _SAME_NAMES},
    )


def _list_participants(
    session: Session, case_ids: Sequence[int]
) -> dict[int, tuple[ParticipantRow, ...]]:
    statement = (
        select(CaseParticipant, LocalBody.name)
        .join(LocalBody, LocalBody.code == CaseParticipant.body_code)
        .where(CaseParticipant.case_id.in_(case_ids))
        .order_by(CaseParticipant.case_id, CaseParticipant.body_code)
    )
    found: dict[int, tuple[ParticipantRow, ...]] = {}
    for participant, name in session.execute(statement):
        row = ParticipantRow(
            body_code=participant.body_code,
            name=name,
            joined_on=participant.joined_on,
            left_on=participant.left_on,
        )
        found[participant.case_id] = (*found.get(participant.case_id, ()), row)
    return found


def _similar_cases(session: Session, case: Case, lead: LocalBody | None) -> tuple[CaseRow, ...]:
    """Cases of the same system type: first those led by a body of the lead's 類似団体 group, then
    by how near its leads are in size, within ±50% of it."""
    statement = (
        select_rows()
        .outerjoin(LocalBody, LocalBody.code == Case.lead_body_code)
        .where(Case.id != case.id, Case.system_type_code == case.system_type_code)
        .where(Case.fictional == case.fictional)
        .limit(SIMILAR_LIMIT)
    )
    population = lead.population_census_2020 if lead else None
    if lead and population:
        size = LocalBody.population_census_2020
        margin = population * SIMILAR_BAND_PERCENT // 100
        near = size.is_(None) | size.between(population - margin, population + margin)
        peer = LocalBody.peer_group == lead.peer_group if lead.peer_group else false()
        statement = statement.where(near | peer).order_by(
            sql_case((peer, 0), else_=1), func.abs(size - population).nulls_last(), Case.id
        )
    else:
        statement = statement.order_by(Case.updated_at.desc(), Case.id)
    return tuple(make_row(row) for row in session.execute(statement))
