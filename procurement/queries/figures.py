"""The figures sharing is computed from: terms, members, bases of the estimate.

Declared stand-alone figures and internal ceilings are never loaded here: queries/secrets.py
reads them for those domain §8 names.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from accounts.models import LocalBody
from catalog.plan_units import Quantities
from catalog.plans import Plan
from foundation.clock import month_start
from foundation.errors import Blocker, NotFound, Refused
from procurement.domain.participation import TAKING_PART
from procurement.domain.pricing import Costs, PlanCosts
from procurement.domain.sharing_members import SharingMember
from procurement.domain.terms import SharingTerms
from procurement.models import EstimateBasis, Participation, Project
from procurement.queries.terms_in_time import reaches_the_term


@dataclass(frozen=True, kw_only=True)
class CostBasis:
    """What a preview is computed from. id: of the basis of an estimate, 0 for the award."""

    id: int
    label: str
    costs: Costs


@dataclass(frozen=True, kw_only=True)
class BasisRow(CostBasis):
    """A basis of the estimate as members see it: a label, never the product's name."""

    costs: PlanCosts


def terms_of(project: Project) -> SharingTerms:
    """The terms as they stand now. Raises Refused while something needed is missing.

    Start, length and unit are the project's own: they are written in one place only.
    """
    if project.term_start is None or project.term_months is None:
        message = "共同利用の開始日と期間が決まっていません。案件の内容で入力してください。"
        raise Refused([Blocker(code="no_term", message=message)])
    return SharingTerms.from_dict(terms_data(project))


def terms_data(project: Project) -> dict[str, Any]:
    """The stored draft of the terms with the project's own dates and unit."""
    start = project.term_start
    return project.sharing_terms | {
        "term_start": start.isoformat() if isinstance(start, date) else start,
        "term_months": project.term_months,
        "quantity_unit": project.main_unit,
    }


def list_sharing_members(session: Session, project_id: int) -> tuple[SharingMember, ...]:
    """Every body that takes part in the project's term, by code. One query."""
    rows = session.scalars(
        select(Participation)
        .join(Project, Project.id == Participation.project_id)
        .where(
            Participation.project_id == project_id,
            Participation.status.in_(TAKING_PART),
            reaches_the_term(),
        )
        .options(joinedload(Participation.body))
        .order_by(Participation.body_code)
    )
    return tuple(member_of(row.body, row) for row in rows)


def member_of(body: LocalBody, row: Participation) -> SharingMember:
    """A body with its facts and what it said when it joined; nothing it declared in secret."""
    member = facts_of(body)
    return replace(
        member,
        quantities=quantities_of(row.quantities),
        options=frozenset(),
        starts_on=month_start(row.starts_on) if row.starts_on else None,
        ends_on=row.ends_on,
    )


def facts_of(body: LocalBody) -> SharingMember:
    """A body with its published facts only."""
    index = body.fiscal_strength_index
    return SharingMember(
        code=body.code,
        name=body.name,
        census_2020=body.population_census_2020,
        register_2025=body.population_register_2025,
        households=body.households_2020,
        fiscal_strength_index=None if index is None else Decimal(index),
        standard_fiscal_scale=body.standard_fiscal_scale_thousand_yen,
        fictional=body.fictional,
    )


def quantities_of(stored: dict[str, int]) -> Quantities:
    """Stored quantities of one body; the body itself counts one."""
    return Quantities.from_dict({"body": 1} | stored)


def list_bases(session: Session, project_id: int) -> tuple[BasisRow, ...]:
    """The bases of the estimate by label, from the snapshots taken when they were added."""
    rows = session.scalars(
        select(EstimateBasis)
        .where(EstimateBasis.project_id == project_id)
        .order_by(EstimateBasis.label)
    )
    return tuple(
        BasisRow(
            id=row.id,
            label=row.label,
            costs=PlanCosts(plan=Plan.from_dict(row.plan_snapshot), label=row.label),
        )
        for row in rows
    )


def get_local_body(session: Session, body_code: str) -> LocalBody:
    """The local body. Raises NotFound."""
    body = session.get(LocalBody, body_code)
    if body is None:
        raise NotFound("local body")
    return body


def with_guest(members: Sequence[SharingMember], guest: SharingMember) -> tuple[SharingMember, ...]:
    """The members with this body added, or in place of its present entry; by code."""
    others = [member for member in members if member.code != guest.code]
    return tuple(sorted([*others, guest], key=lambda member: member.code))


def without(members: Sequence[SharingMember], body_code: str) -> tuple[SharingMember, ...]:
    """The members as they would be if this body left."""
    return tuple(member for member in members if member.code != body_code)
