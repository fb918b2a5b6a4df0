"""The names makers had, and those of vendors that became them: still searched for."""

from collections.abc import Mapping, Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from catalog.models import Offering, VendorChange


def load_former_names(session: Session, ids: Sequence[int]) -> dict[int, tuple[str, ...]]:
    """Maker's id → names it had and names of vendors merged into it. Two queries."""
    makers = set(session.scalars(select(Offering.vendor_id).where(Offering.id.in_(ids))))
    statement = select(VendorChange.vendor_id, VendorChange.successor_id, VendorChange.old_name)
    changes = session.execute(statement.order_by(VendorChange.id)).all()
    into = {vendor_id: successor for vendor_id, successor, _ in changes if successor}
    names: dict[int, tuple[str, ...]] = {}
    for vendor_id, _, name in changes:
        owner = _end_of(vendor_id, into)
        if owner in makers:
            names[owner] = (*names.get(owner, ()), name)
    return names


def _end_of(vendor_id: int, into: Mapping[int, int]) -> int:
    """The vendor that one goes on as, at the end of all mergers."""
    seen = {vendor_id}
    while (following := into.get(vendor_id)) and following not in seen:
        vendor_id = following
        seen.add(vendor_id)
    return vendor_id
