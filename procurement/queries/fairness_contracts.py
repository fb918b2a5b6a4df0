"""The bodies' own contracts beside their shares, for the fairness page: its readers only (§8)."""

from sqlalchemy.orm import Session

from procurement.domain.costs import COSTS_ARE_PUBLIC
from procurement.queries.contracted import ContractedRow, list_contracted
from procurement.queries.costs import list_cost_versions
from procurement.queries.project_page import ProjectHead


def list_fairness_contracts(session: Session, head: ProjectHead) -> tuple[ContractedRow, ...]:
    """By term and code; () for who is no member, and while amounts are for their parties alone.

    At most two queries.
    """
    if not head.standing.is_member or head.state not in COSTS_ARE_PUBLIC:
        return ()
    return list_contracted(session, head.id, list_cost_versions(session, head.id))
