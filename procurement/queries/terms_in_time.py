"""The terms a project's fixed versions are about: the present one, and the one agreed next."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session

from procurement.domain.costs import Term, newest_of_each_term
from procurement.models import Participation, Project, ShareVersion


@dataclass(frozen=True, kw_only=True)
class VersionTerm:
    """A fixed version's id and the stretch it is about."""

    id: int
    term: Term


def list_version_terms(session: Session, project_id: int) -> tuple[VersionTerm, ...]:
    """Every fixed version, the newest first. One query."""
    rows = session.execute(
        select(ShareVersion.id, ShareVersion.terms)
        .where(ShareVersion.project_id == project_id)
        .order_by(ShareVersion.number.desc())
    )
    return tuple(
        VersionTerm(
            id=version_id,
            term=Term(
                start=date.fromisoformat(terms["term_start"]), months=int(terms["term_months"])
            ),
        )
        for version_id, terms in rows
    )


def find_version_for(session: Session, project_id: int, period: date) -> ShareVersion | None:
    """The version a month is shared by: the newest of its term, or the newest there is.

    While the next term is being agreed, the present one goes on by its own version. Two queries.
    """
    versions = list_version_terms(session, project_id)
    held = (each.id for each in versions if each.term.start <= period < each.term.end)
    chosen = next(held, versions[0].id if versions else None)
    return None if chosen is None else session.get(ShareVersion, chosen)


def first_month(session: Session, project: Project) -> date | None:
    """The first month the project has a ledger for: of its first term. One query.

    The project's own dates are those of the term that is being agreed.
    """
    terms = [each.term for each in list_version_terms(session, project.id)]
    starts = [terms[place].start for place in newest_of_each_term(terms)]
    return min(_known([project.term_start, *starts]), default=None)


def _known(days: Iterable[date | None]) -> list[date]:
    return [day for day in days if day is not None]


def reaches_the_term() -> ColumnElement[bool]:
    """Participations with a part in the project's term; the project is in the statement."""
    return or_(
        Participation.ends_on.is_(None),
        Project.term_start.is_(None),
        Participation.ends_on >= Project.term_start,
    )
