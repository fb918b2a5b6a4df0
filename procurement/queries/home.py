"""What the home page counts and lists: real and fictional are never one number."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import CompoundSelect, Select, false, func, literal, select, union_all
from sqlalchemy import case as sql_case
from sqlalchemy.orm import Session

from catalog.models import Case, Offering, SystemType, Vendor, case_offering
from procurement.models import Project
from procurement.queries.project_rows import IS_OPEN, IS_PUBLIC, ProjectRow, list_closing_soon

CLOSING_SHOWN = 5
NEWS_SHOWN = 8


@dataclass(frozen=True, kw_only=True)
class Counter:
    """How many of one kind are registered, real and fictional apart."""

    kind: str
    real: int
    fictional: int


@dataclass(frozen=True, kw_only=True)
class LinkedShare:
    """Of the public ones of a kind, how many are tied to a public one of the other kind (F05).

    kind: offering (tied to a case) or case (tied to an offering).
    """

    kind: str
    fictional: bool
    linked: int
    total: int


@dataclass(frozen=True, kw_only=True)
class NewsRow:
    """Something registered or changed lately. kind: offering, case or project."""

    kind: str
    id: int
    title: str
    system_type_name: str
    updated_at: datetime
    fictional: bool


@dataclass(frozen=True, kw_only=True)
class HomePage:
    """Everything of the home page that is the same for all readers."""

    counters: tuple[Counter, ...]
    linked: tuple[LinkedShare, ...]
    closing: tuple[ProjectRow, ...]
    news: tuple[NewsRow, ...]


def get_home_page(session: Session, now: datetime) -> HomePage:
    """Four queries."""
    counters, linked = count_registered(session)
    return HomePage(
        counters=counters,
        linked=linked,
        closing=list_closing_soon(session, now=now, limit=CLOSING_SHOWN),
        news=list_news(session),
    )


def count_registered(session: Session) -> tuple[tuple[Counter, ...], tuple[LinkedShare, ...]]:
    """Registered vendors, offerings, cases and open projects, in this order; and the shares of
    offerings with a case and cases with an offering, real before fictional. One query.
    """
    found: dict[tuple[str, bool], tuple[int, int]] = defaultdict(lambda: (0, 0))
    for row in session.execute(_registered_statement()):
        found[row.kind, bool(row.fictional)] = (int(row.linked), int(row.total))
    counters = tuple(
        Counter(kind=kind, real=found[kind, False][1], fictional=found[kind, True][1])
        for kind in ("vendor", "offering", "case", "project")
    )
    shares = []
    for kind in ("offering", "case"):
        for fictional in (False, True):
            linked, total = found[kind, fictional]
            shares.append(LinkedShare(kind=kind, fictional=fictional, linked=linked, total=total))
    return counters, tuple(shares)


# Building a statement costs more than asking it: the home page's two are built once.
@cache
def _registered_statement() -> CompoundSelect[Any]:
    published = "published"
    public_case = Case.publication_status == published
    public_offering = Offering.publication_status == published
    with_case = (
        select(case_offering.c.offering_id)
        .join(Case, Case.id == case_offering.c.case_id)
        .where(public_case)
    )
    with_offering = (
        select(case_offering.c.case_id)
        .join(Offering, Offering.id == case_offering.c.offering_id)
        .where(public_offering)
    )
    parts: list[tuple[str, Any, Any, Any]] = [
        ("vendor", Vendor, Vendor.publication_status == published, false()),
        ("offering", Offering, public_offering, Offering.id.in_(with_case)),
        ("case", Case, public_case, Case.id.in_(with_offering)),
        ("project", Project, IS_OPEN, false()),
    ]
    return union_all(
        *(
            select(
                literal(kind).label("kind"),
                model.fictional.label("fictional"),
                func.sum(sql_case((linked, 1), else_=0)).label("linked"),
                func.count().label("total"),
            )
            .where(condition)
            .group_by(model.fictional)
            for kind, model, condition, linked in parts
        )
    )


def list_news(session: Session, limit: int = NEWS_SHOWN) -> tuple[NewsRow, ...]:
    """The newest changes of offerings, cases and public projects together. One query."""
    return tuple(
        NewsRow(
            kind=row.kind,
            id=row.id,
            title=row.title,
            system_type_name=row.system_type_name,
            updated_at=row.updated_at,
            fictional=bool(row.fictional),
        )
        for row in session.execute(_news_statement(limit))
    )


@cache
def _news_statement(limit: int) -> Select[Any]:
    published = "published"
    parts: list[tuple[str, Any, Any, Any]] = [
        ("offering", Offering, Offering.name, Offering.publication_status == published),
        ("case", Case, Case.title, Case.publication_status == published),
        ("project", Project, Project.title, IS_PUBLIC),
    ]
    newest = [
        select(
            literal(kind).label("kind"),
            model.id.label("id"),
            title.label("title"),
            SystemType.name.label("system_type_name"),
            model.updated_at.label("updated_at"),
            model.fictional.label("fictional"),
        )
        .join(SystemType, SystemType.code == model.system_type_code)
        .where(condition)
        .order_by(model.updated_at.desc(), model.id.desc())
        .limit(limit)
        .subquery()
        for kind, model, title, condition in parts
    ]
    together = union_all(*(select(each) for each in newest)).subquery()
    return (
        select(together)
        .order_by(together.c.updated_at.desc(), together.c.kind, together.c.id)
        .limit(limit)
    )
