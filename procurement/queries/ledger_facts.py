"""What a ledger's entries are measured by: the agreed version, what was invoiced, what is open."""

from dataclasses import dataclass, replace
from datetime import date, datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from accounts.models import Organization
from catalog.pricing import Kind
from foundation.clock import add_months, month_start, to_jst
from procurement.domain.ledger import Agreed, Before, PaymentRoute, route_of
from procurement.domain.sharing_members import SharingMember
from procurement.domain.states import ContractModel
from procurement.domain.stored_costs import read_costs
from procurement.domain.terms import SharingTerms
from procurement.ledger_models import Invoice, LedgerClose, UsageRecord, VendorInvoice
from procurement.models import Participation, Project, ShareLine, ShareVersion
from procurement.queries.terms_in_time import find_version_for


@dataclass(frozen=True, kw_only=True)
class AgreedVersion:
    """A fixed version as the ledger reads it."""

    id: int
    number: int
    agreed: Agreed


def find_route(session: Session, project: Project) -> PaymentRoute | None:
    """How the project's money goes; None while no contract model is fixed. One query."""
    if not project.contract_model:
        return None
    kind = session.scalar(
        select(Organization.kind).where(Organization.id == project.lead_organization_id)
    )
    return route_of(ContractModel(project.contract_model), kind or "")


def find_agreed(session: Session, project_id: int, period: date) -> AgreedVersion | None:
    """The version of the month's term, read back from what it was fixed with. Four queries."""
    version = find_version_for(session, project_id, period)
    if version is None:
        return None
    left = _list_left(session, project_id)
    members = [SharingMember.from_dict(data) for data in version.inputs["members"]]
    agreed = Agreed(
        terms=SharingTerms.from_dict(version.terms),
        members=[replace(m, ends_on=left.get(m.code, m.ends_on)) for m in members],
        costs=read_costs(version.inputs["costs"]),
        agreed_yen=_agreed_yen(session, version),
    )
    return AgreedVersion(id=version.id, number=version.number, agreed=agreed)


def _list_left(session: Session, project_id: int) -> dict[str, date]:
    """The last day of bodies that left after the version was fixed."""
    rows = session.execute(
        select(Participation.body_code, Participation.ends_on, Participation.left_at).where(
            Participation.project_id == project_id, Participation.status == "left"
        )
    )
    last = {code: ends_on or left_at for code, ends_on, left_at in rows}
    return {
        code: to_jst(day).date() if isinstance(day, datetime) else day
        for code, day in last.items()
        if day is not None
    }


def _agreed_yen(session: Session, version: ShareVersion) -> dict[str, dict[int, int]]:
    rows = session.execute(
        select(ShareLine.body_code, ShareLine.fiscal_year, func.sum(ShareLine.amount_yen))
        .where(ShareLine.share_version_id == version.id)
        .group_by(ShareLine.body_code, ShareLine.fiscal_year)
    )
    found: dict[str, dict[int, int]] = {}
    for code, year, amount in rows:
        found.setdefault(code, {})[year] = int(amount)
    return found


def load_before(session: Session, project_id: int) -> Before:
    """What parts have borne and what of the initial cost is owed; reversals count. One query."""
    rows = session.execute(
        select(
            Invoice.payer, Invoice.payer_key, VendorInvoice.category, func.sum(Invoice.amount_yen)
        )
        .join(
            VendorInvoice,
            (VendorInvoice.project_id == Invoice.project_id)
            & (VendorInvoice.number == Invoice.vendor_invoice_number),
        )
        .where(Invoice.project_id == project_id)
        .group_by(Invoice.payer, Invoice.payer_key, VendorInvoice.category)
    )
    parts: dict[str, int] = {}
    initial: dict[str, int] = {}
    for payer, key, category, amount in rows:
        if payer in ("prefecture", "grant"):
            parts[key] = parts.get(key, 0) + int(amount)
        elif payer == "body" and category == Kind.INITIAL.value:
            initial[key] = int(amount)
    return Before(parts_yen=parts, initial_yen=initial)


def load_usage(session: Session, project_id: int, period: date, unit: str) -> dict[str, int]:
    """Body → what it used in the month, the newest entries. One query."""
    rows = session.execute(
        select(UsageRecord.body_code, UsageRecord.quantity)
        .where(
            UsageRecord.project_id == project_id,
            UsageRecord.period == period,
            UsageRecord.unit == unit,
        )
        .order_by(UsageRecord.number)
    )
    return {code: quantity for code, quantity in rows}


def find_last_closed(session: Session, project_id: int) -> date | None:
    """The newest closed month. One query."""
    found: date | None = session.scalar(
        select(func.max(LedgerClose.period)).where(LedgerClose.project_id == project_id)
    )
    return found


def first_open(session: Session, project_id: int, wanted: date) -> date:
    """The month something of that day is booked in: its own, or the first that is open."""
    closed = find_last_closed(session, project_id)
    own = month_start(wanted)
    return own if closed is None else max(own, add_months(closed, 1))


def find_newest_number(session: Session, project_id: int) -> int:
    """Of the newest entry, 0 before the first. One query."""
    statement = select(func.max(VendorInvoice.number)).where(VendorInvoice.project_id == project_id)
    return session.scalar(statement) or 0
