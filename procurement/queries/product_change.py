"""What a change to another certified product is measured by: the old contract and its invoices."""

from datetime import date

from sqlalchemy import exists, select
from sqlalchemy.orm import Session, aliased

from procurement.domain.product_change import OldContract
from procurement.ledger_models import VendorInvoice
from procurement.queries.contracts import ContractRow
from procurement.queries.ledger_facts import find_last_closed
from procurement.queries.signing_facts import Around


def find_replaceable(around: Around, body_code: str) -> ContractRow | None:
    """The body's contract of the present term with one of several products; None elsewhere."""
    if not around.certifies:
        return None
    row = around.find_own_open(body_code)
    complete = row is not None and row.starts_on is not None and row.ends_on is not None
    return row if row is not None and complete and row.term == around.term else None


def load_old_contract(session: Session, project_id: int, row: ContractRow) -> OldContract:
    """The row as the rules read it; it has a beginning and an end. Two queries."""
    assert row.starts_on is not None and row.ends_on is not None
    return OldContract(
        id=row.id,
        number=row.number,
        vendor_id=row.vendor_id or 0,
        vendor_name=row.vendor_name,
        product=row.product,
        starts_on=row.starts_on,
        ends_on=row.changed_end or row.ends_on,
        yen=row.current_yen or 0,
        changes=row.changes,
        closed=find_last_closed(session, project_id),
        booked=_list_booked(session, project_id, row.body_code),
    )


def _list_booked(session: Session, project_id: int, body_code: str) -> frozenset[date]:
    """The months of which an invoice of the body's own stands. One query."""
    back = aliased(VendorInvoice)
    taken_back = exists().where(
        back.project_id == VendorInvoice.project_id, back.reverses == VendorInvoice.number
    )
    found = select(VendorInvoice.period).where(
        VendorInvoice.project_id == project_id,
        VendorInvoice.for_body == body_code,
        VendorInvoice.kind == "invoice",
        ~taken_back,
    )
    return frozenset(session.scalars(found))
