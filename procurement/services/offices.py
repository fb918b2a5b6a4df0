"""A body says how many people it has for this work, and hands over to a successor."""

from datetime import datetime

from sqlalchemy.orm import Session

from accounts.audit import record
from accounts.roles import Action, Actor, may_for_body
from foundation.errors import Blocker, Conflict, NotFound, Refused
from procurement.desk_models import BodyOffice
from procurement.domain.offices import Office

MAX_STAFF = 10_000
MAX_NOTE = 2000
MAX_NAME = 60


def set_office(
    session: Session, *, actor: Actor, now: datetime, wanted: Office, seen_version: int
) -> BodyOffice:
    """Keep what the actor's own body says of its office. Raises Refused, Conflict, NotFound."""
    body_code = actor.body_code or ""
    if not body_code or not may_for_body(actor, Action.READ_BODY_DESK, body_code):
        raise NotFound("office")
    blockers = _list_blockers(wanted)
    if blockers:
        raise Refused(blockers)
    row = session.get(BodyOffice, body_code, with_for_update=True, populate_existing=True)
    if (row.row_version if row is not None else 0) != seen_version:
        raise Conflict(
            "ほかの担当者が先に保存しました。今の内容を確かめて、もう一度保存してください。"
        )
    row = row or BodyOffice(body_code=body_code)
    for name, value in vars(wanted).items():
        setattr(row, name, value)
    row.updated_at, row.updated_by = now, actor.label
    session.add(row)
    session.flush()
    changes = {
        "body_code": body_code,
        "dx_staff": wanted.dx_staff,
        "hands_over_on": wanted.hands_over_on,
        "has_successor": bool(wanted.successor_name),
    }
    record(session, actor, "set_office", "local_body", int(body_code), changes, now)
    return row


def _list_blockers(wanted: Office) -> list[Blocker]:
    checks = [
        (
            "dx_staff",
            wanted.dx_staff is None or 0 <= wanted.dx_staff <= MAX_STAFF,
            f"職員数は0人から{MAX_STAFF:,}人までで入力してください。",
        ),
        ("contact_name", len(wanted.contact_name) <= MAX_NAME, f"{MAX_NAME}文字までです。"),
        ("successor_name", len(wanted.successor_name) <= MAX_NAME, f"{MAX_NAME}文字までです。"),
        ("handover_note", len(wanted.handover_note) <= MAX_NOTE, f"{MAX_NOTE:,}文字までです。"),
        (
            "hands_over_on",
            not wanted.successor_name or wanted.hands_over_on is not None,
            "後任を入力するときは、引き継ぐ日も入力してください。",
        ),
    ]
    return [
        Blocker(code=f"field_{name}", message=message, field=name)
        for name, holds, message in checks
        if not holds
    ]
