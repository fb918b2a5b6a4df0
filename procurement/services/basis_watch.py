"""Who runs a project learns that a plan its estimate rests on is no longer as it was.

Nobody else: neither members nor the plan's vendor may tell that it is a basis (domain §5).
"""

from collections.abc import Collection, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from accounts.notices import tell_organization
from catalog.models import Offer, Offering, PricePlan
from catalog.plan_words import plan_lines
from catalog.plans import Plan
from foundation.clock import era_date, jst_today
from foundation.db import Database
from foundation.mail import Notice
from foundation.settings import run_once_a_day
from procurement.domain.basis_standing import BasisStanding
from procurement.domain.states import BEFORE_NOTICE
from procurement.models import EstimateBasis, Project, ProjectRole
from procurement.queries.plan_choices import standing_of
from procurement.queries.standing import LEADING_ROLES

CHECKED_ON = "estimate_bases_checked_on"
Told = tuple[int | None, str, str, str]  # organisation, title, text, address


def tell_of_changed_bases(database: Database, now: datetime) -> int:
    """Once a day: each change is told once to lead and secretariat; how many notices."""

    def work(session: Session, _today: date) -> int:
        rows = [(row, standing_of(row)) for row in _list_bases(session)]
        changed = [pair for pair in rows if pair[1] is not BasisStanding.OFFERED]
        leading = _list_leading(session, [row.Project.id for row, _ in changed])
        wanted = [
            (organization_id, *_words(row, standing))
            for row, standing in changed
            for organization_id in leading.get(row.Project.id, ())
        ]
        # What it says now is part of it: the next price and the next suspension are told again.
        known = _list_told(session, {url for *_, url in wanted})
        untold = [notice for notice in dict.fromkeys(wanted) if notice not in known]
        for organization_id, title, body, url in untold:
            tell_organization(session, organization_id, title=title, body=body, url=url, now=now)
        return len(untold)

    return run_once_a_day(database, CHECKED_ON, now, work)


def _list_bases(session: Session) -> Sequence[Any]:
    """The bases of every project before its notice, each with its plan and entry. One query."""
    return session.execute(
        select(EstimateBasis, Project, PricePlan, Offering)
        .join(Project, Project.id == EstimateBasis.project_id)
        .join(PricePlan, PricePlan.id == EstimateBasis.price_plan_id)
        .join(Offer, Offer.id == PricePlan.offer_id)
        .join(Offering, Offering.id == Offer.offering_id)
        .where(Project.state.in_(BEFORE_NOTICE))
        .order_by(EstimateBasis.id)
    ).all()


def _list_leading(session: Session, project_ids: Sequence[int]) -> dict[int, list[int]]:
    """The organisations that run each project. One query."""
    statement = (
        select(ProjectRole.project_id, ProjectRole.organization_id)
        .where(ProjectRole.project_id.in_(project_ids), ProjectRole.role.in_(LEADING_ROLES))
        .order_by(ProjectRole.organization_id)
        .distinct()
    )
    found: dict[int, list[int]] = {}
    for project_id, organization_id in session.execute(statement):
        found.setdefault(project_id, []).append(organization_id)
    return found


def _words(row: Any, standing: BasisStanding) -> tuple[str, str, str]:
    """Title, text and address of a notice."""
    project, basis = row.Project, row.EstimateBasis
    body = (
        f"{_what(row, standing)}試算は、前提に加えたときの料金のままです。"
        "前提を選び直すか、このまま続けるかを決めてください。事業者と参加団体には知らせていません。"
    )
    title = f"「{project.title}」の{basis.label}：{standing.label}"
    return title, body, f"/projects/{project.id}/terms"


def _list_told(session: Session, urls: Collection[str]) -> set[Told]:
    """What was told of those pages. One query."""
    statement = select(Notice.organization_id, Notice.title, Notice.body, Notice.url)
    return {(*row,) for row in session.execute(statement.where(Notice.url.in_(urls)))}


def _what(row: Any, standing: BasisStanding) -> str:
    if standing is BasisStanding.CHANGED:
        prices = "、".join(plan_lines(Plan.from_dict(row.PricePlan.definition)))
        return f"今の料金は次のとおりです。{prices}。\n"
    if standing is BasisStanding.PLAN_GONE:
        return ""
    return f"{era_date(jst_today(row.Offering.updated_at))}からです。\n"
