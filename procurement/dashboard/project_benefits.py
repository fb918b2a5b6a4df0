"""What stands beside a project's costs on its page (F20, F22)."""

from sqlalchemy.orm import Session

from procurement.dashboard import benefit_figures as draw
from procurement.dashboard.figures import Figure
from procurement.dashboard.project_costs import ProjectCosts
from procurement.domain.funding import FundingStatus, Grant, net_lines
from procurement.queries.benefits import FundingRow, list_effects


def benefit_figures(
    session: Session, project_id: int, costs: ProjectCosts, funding: tuple[FundingRow, ...]
) -> tuple[Figure, ...]:
    """Effects and net costs, where there are any. One query."""
    if costs.paper is None:
        return ()
    figures = (
        draw.effects(list_effects(session, project_id), costs.paper),
        _net(funding, costs),
    )
    return tuple(figure for figure in figures if figure)


def _net(rows: tuple[FundingRow, ...], costs: ProjectCosts) -> Figure | None:
    if not rows or costs.paper is None:
        return None
    grants = [
        Grant(
            fiscal_year=row.fiscal_year,
            body_code=row.body_code,
            status=FundingStatus(row.status),
            amount_yen=row.amount_yen,
        )
        for row in rows
    ]
    gross = {
        line.fiscal_year: line.compared.gross_yen
        for line in costs.years
        if line.fiscal_year is not None
    }
    lines = net_lines(grants, gross, costs.shares)
    names = dict(costs.bodies)
    programs = tuple(dict.fromkeys(row.name for row in rows if row.name))
    return draw.net_costs(
        lines, names, programs=programs, shares_net=costs.shares_net, paper=costs.paper
    )
