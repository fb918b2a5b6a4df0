"""A prefecture says where its municipalities ask for people of its pool."""

from datetime import datetime

from sqlalchemy.orm import Session

from accounts.audit import record
from accounts.roles import Action, Actor, may
from foundation.errors import Conflict, NotFound, Refused
from procurement.desk_models import StaffPool
from procurement.domain.staff_pool import PoolContact, list_contact_blockers


def set_staff_pool(
    session: Session, *, actor: Actor, now: datetime, wanted: PoolContact, seen_version: int
) -> StaffPool:
    """Keep the contact; an empty one is shown to nobody. Raises Refused, Conflict, NotFound."""
    body_code = actor.body_code or ""
    if not body_code or not may(actor, Action.READ_PREFECTURE_DESK):
        raise NotFound("staff pool")
    blockers = list_contact_blockers(wanted)
    if blockers:
        raise Refused(blockers)
    row = session.get(StaffPool, body_code, with_for_update=True, populate_existing=True)
    if (row.row_version if row is not None else 0) != seen_version:
        raise Conflict(
            "ほかの担当者が先に保存しました。今の内容を確かめて、もう一度保存してください。"
        )
    row = row or StaffPool(body_code=body_code)
    row.office, row.phone, row.page_url = wanted.office, wanted.phone, wanted.page_url
    row.updated_at, row.updated_by = now, actor.label
    session.add(row)
    session.flush()
    changes = {"office": wanted.office, "phone": wanted.phone, "page_url": wanted.page_url}
    record(session, actor, "set_staff_pool", "local_body", int(body_code), changes, now)
    return row
