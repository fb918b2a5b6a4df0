"""Real cases that went the way a guide describes."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from catalog.entries import PublicationStatus
from catalog.models import Case

SHOWN = 5


@dataclass(frozen=True, kw_only=True)
class PrecedentRow:
    """A published real case."""

    id: int
    title: str
    lead: str


def list_precedent_cases(session: Session) -> Mapping[str, tuple[PrecedentRow, ...]]:
    """Guide key → real cases of that method or contract model, newest confirmed first. One query.

    Real ones only: a fictional case is no precedent.
    """
    rows = session.execute(
        select(
            Case.id,
            Case.title,
            Case.lead_body_name,
            Case.procurement_method,
            Case.contract_model,
        )
        .where(
            Case.publication_status == PublicationStatus.PUBLISHED.value,
            Case.fictional.is_(False),
            or_(Case.procurement_method != "", Case.contract_model != ""),
        )
        .order_by(Case.fiscal_year_start.desc().nulls_last(), Case.id)
    )
    found: dict[str, list[PrecedentRow]] = defaultdict(list)
    for row in rows:
        case = PrecedentRow(id=row.id, title=row.title, lead=row.lead_body_name)
        for key in (row.procurement_method, row.contract_model):
            if key:
                found[key].append(case)
    return {key: tuple(cases) for key, cases in found.items()}
