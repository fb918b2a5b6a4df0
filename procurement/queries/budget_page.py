"""What a body asks its assembly for: its own share by fiscal year and cost category."""

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from accounts.models import LocalBody
from foundation.errors import NotFound
from procurement.domain.budget import Amount
from procurement.domain.states import ContractModel
from procurement.models import Participation, Project, ShareLine
from procurement.queries.consents import find_latest_version
from procurement.queries.own_figures import OwnFigures, own_figures
from procurement.queries.standing import Standing
from procurement.schedule_models import BodyRules, ProjectCalendar


@dataclass(frozen=True, kw_only=True)
class BudgetPage:
    """One body's figures: of the newest fixed version, or (amounts empty) an estimate.

    long_term_covers: what the body says of its 長期継続契約 ordinance, None = not stated.
    """

    body_name: str
    version_number: int | None
    version_sha256: str
    amounts: tuple[Amount, ...]
    estimate: OwnFigures | None
    model: ContractModel | None
    buys_property: bool
    budget_status: str
    long_term_covers: bool | None
    long_term_limit_months: int | None
    is_lead: bool
    fictional: bool


def get_budget_page(session: Session, project: Project, standing: Standing) -> BudgetPage:
    """The own body's only. Three queries; up to six where it has to be estimated."""
    code = standing.actor.body_code or ""
    row = session.scalar(
        select(Participation).where(
            Participation.project_id == project.id, Participation.body_code == code
        )
    )
    body, rules, calendar = _body_and_rules(session, project.id, code)
    version = find_latest_version(session, project.id)
    amounts = _amounts(session, version.id, code) if version else ()
    return BudgetPage(
        body_name=body.name,
        version_number=version.number if version else None,
        version_sha256=version.sha256 if version else "",
        amounts=amounts,
        estimate=None if amounts else own_figures(session, project, body, row),
        model=ContractModel(project.contract_model) if project.contract_model else None,
        buys_property=calendar.buys_property if calendar else False,
        budget_status=row.budget_status if row else "",
        long_term_covers=rules.long_term == "covered" if rules and rules.long_term else None,
        long_term_limit_months=rules.long_term_limit_months if rules else None,
        is_lead=standing.actor.organization_id == project.lead_organization_id,
        fictional=project.fictional,
    )


def _amounts(session: Session, version_id: int, code: str) -> tuple[Amount, ...]:
    lines = session.scalars(
        select(ShareLine)
        .where(ShareLine.share_version_id == version_id, ShareLine.body_code == code)
        .order_by(ShareLine.fiscal_year, ShareLine.category)
    )
    return tuple(
        Amount(fiscal_year=line.fiscal_year, category=line.category, yen=line.amount_yen)
        for line in lines
    )


def _body_and_rules(
    session: Session, project_id: int, code: str
) -> tuple[LocalBody, BodyRules | None, ProjectCalendar | None]:
    found = session.execute(
        select(LocalBody, BodyRules, ProjectCalendar)
        .outerjoin(BodyRules, BodyRules.body_code == LocalBody.code)
        .outerjoin(ProjectCalendar, ProjectCalendar.project_id == project_id)
        .where(LocalBody.code == code)
    ).one_or_none()
    if found is None:
        raise NotFound("local_body")
    return found[0], found[1], found[2]
