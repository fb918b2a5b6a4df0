"""Asking for help, taking it on, routing it further, answering, taking it back (F23, F12)."""

from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from accounts.audit import record
from accounts.models import Organization
from accounts.notices import tell_organization
from accounts.roles import Action, Actor, may
from foundation.errors import Blocker, Conflict, NotFound, Refused, refuse
from procurement.domain.help import (
    ASKED_OF,
    MAX_TEXT,
    HelpAction,
    HelpKind,
    HelpStatus,
    list_addressee_blockers,
    list_asking_blockers,
    list_open_blockers,
)
from procurement.help_models import HelpRequest, HelpStep
from procurement.queries.help import get_request, list_addressees
from procurement.queries.standing import get_readable_project


def ask_help(
    session: Session,
    *,
    actor: Actor,
    now: datetime,
    kind: HelpKind,
    to_organization_id: int,
    subject: str,
    text: str,
    initial_yen: int | None = None,
    annual_yen: int | None = None,
    project_id: int | None = None,
) -> HelpRequest:
    """A body asks; yen are tax-excluded, of a quote to be looked at. Raises Refused, NotFound."""
    if actor.organization_id is None or not may(actor, Action.ASK_HELP):
        raise refuse("not_body", "依頼できるのは、地方公共団体の担当者です。")
    blockers = list_asking_blockers(kind, subject, text, initial_yen, annual_yen)
    blockers += _list_unknown(session, actor, kind, to_organization_id)
    if project_id is not None:
        get_readable_project(session, actor, project_id)
    if blockers:
        raise Refused(blockers)
    row = HelpRequest(
        kind=kind.value,
        from_organization_id=actor.organization_id,
        to_organization_id=to_organization_id,
        project_id=project_id,
        subject=subject.strip(),
        text=text.strip(),
        initial_yen=initial_yen if kind is HelpKind.SCRUTINY else None,
        annual_yen=annual_yen if kind is HelpKind.SCRUTINY else None,
        status=HelpStatus.ASKED.value,
        asked_by=actor.label,
        asked_at=now,
    )
    session.add(row)
    session.flush()
    _step(session, row, HelpAction.ASKED, actor, now, to=to_organization_id)
    _tell(session, row, to_organization_id, f"{actor.organization_name}から依頼がありました。", now)
    record(session, actor, "ask_help", "help_request", row.id, _changes(row), now)
    return row


def take_help(
    session: Session, *, actor: Actor, now: datetime, request_id: int, seen_version: int
) -> HelpRequest:
    """Who is asked says that it is at work. Raises Refused, Conflict, NotFound."""
    row = _lock(session, actor, request_id, seen_version, asked=True)
    row.status = HelpStatus.TAKEN.value
    _step(session, row, HelpAction.TAKEN, actor, now)
    _tell(session, row, row.from_organization_id, "依頼が受け付けられました。", now)
    record(session, actor, "take_help", "help_request", row.id, {}, now)
    return row


def route_help(
    session: Session,
    *,
    actor: Actor,
    now: datetime,
    request_id: int,
    to_organization_id: int,
    note: str,
    seen_version: int,
) -> HelpRequest:
    """Who is asked passes it on to somebody who knows; both sides hear. Raises as `take_help`.

    A quote to be looked at never goes to a vendor.
    """
    row = _lock(session, actor, request_id, seen_version, asked=True)
    kind = HelpKind(row.kind)
    blockers = _list_unknown(session, actor, kind, to_organization_id)
    if to_organization_id == row.from_organization_id:
        message = "依頼した団体には回せません。回答を書いてください。"
        blockers.append(Blocker(code="back", message=message, field="to"))
    if len(note) > MAX_TEXT:
        message = f"申し送りを{MAX_TEXT:,}文字以内で入力してください。"
        blockers.append(Blocker(code="note", message=message, field="note"))
    if blockers:
        raise Refused(blockers)
    row.to_organization_id, row.status = to_organization_id, HelpStatus.ASKED.value
    _step(session, row, HelpAction.ROUTED, actor, now, to=to_organization_id, note=note.strip())
    name = session.get_one(Organization, to_organization_id).name
    _tell(session, row, to_organization_id, f"{actor.organization_name}から回されました。", now)
    _tell(session, row, row.from_organization_id, f"依頼は{name}に回されました。", now)
    changes = {"to_organization": to_organization_id}
    record(session, actor, "route_help", "help_request", row.id, changes, now)
    return row


def reply_help(
    session: Session,
    *,
    actor: Actor,
    now: datetime,
    request_id: int,
    reply: str,
    seen_version: int,
) -> HelpRequest:
    """The written reply, once. Raises as `take_help`."""
    row = _lock(session, actor, request_id, seen_version, asked=True)
    if not 0 < len(reply.strip()) <= MAX_TEXT:
        raise refuse("reply", f"回答を{MAX_TEXT:,}文字以内で入力してください。", "reply")
    row.status, row.reply = HelpStatus.ANSWERED.value, reply.strip()
    row.replied_by, row.replied_at = actor.label, now
    _step(session, row, HelpAction.ANSWERED, actor, now)
    text = f"{actor.organization_name}から回答がありました。"
    _tell(session, row, row.from_organization_id, text, now)
    record(session, actor, "reply_help", "help_request", row.id, {}, now)
    return row


def withdraw_help(
    session: Session, *, actor: Actor, now: datetime, request_id: int, seen_version: int
) -> HelpRequest:
    """Who asked no longer needs it. Raises as `take_help`."""
    row = _lock(session, actor, request_id, seen_version, asked=False)
    row.status = HelpStatus.WITHDRAWN.value
    _step(session, row, HelpAction.WITHDRAWN, actor, now)
    _tell(session, row, row.to_organization_id, "依頼が取り下げられました。", now)
    record(session, actor, "withdraw_help", "help_request", row.id, {}, now)
    return row


def _lock(
    session: Session, actor: Actor, request_id: int, seen_version: int, *, asked: bool
) -> HelpRequest:
    """The request, held. asked: the actor must be who is asked, else who asked."""
    get_request(session, actor, request_id)
    row = session.get(HelpRequest, request_id, with_for_update=True, populate_existing=True)
    if row is None:
        raise NotFound("help request")
    own = row.to_organization_id if asked else row.from_organization_id
    if actor.organization_id != own:
        who = "依頼を受けている組織" if asked else "依頼した団体"
        raise refuse("not_asked", f"この操作は{who}だけが行えます。")
    blockers = list_open_blockers(HelpStatus(row.status))
    if blockers:
        raise Refused(blockers)
    if row.row_version != seen_version:
        raise Conflict("ほかの担当者が先に進めました。今の内容を確かめてください。")
    return row


def _list_unknown(
    session: Session, actor: Actor, kind: HelpKind, organization_id: int
) -> list[Blocker]:
    """Whom the actor may not ask; one that is asked of nobody is not told from none."""
    found = {id_: each for id_, _name, each in list_addressees(session, actor, ASKED_OF[kind])}
    if organization_id in found:
        return []
    return list_addressee_blockers(kind, "")


def _step(
    session: Session,
    row: HelpRequest,
    action: HelpAction,
    actor: Actor,
    now: datetime,
    *,
    to: int | None = None,
    note: str = "",
) -> None:
    number = session.scalar(
        select(func.count()).select_from(HelpStep).where(HelpStep.request_id == row.id)
    )
    session.add(
        HelpStep(
            request_id=row.id,
            number=(number or 0) + 1,
            action=action.value,
            to_organization_id=to,
            note=note,
            at=now,
            by=actor.label,
        )
    )
    session.flush()


def _tell(
    session: Session, row: HelpRequest, organization_id: int, text: str, now: datetime
) -> None:
    """By its kind only: subject and words are read on the page."""
    tell_organization(
        session,
        organization_id,
        title=f"{HelpKind(row.kind).label}の依頼（第{row.id}号）",
        body=text,
        url=f"/help/{row.id}",
        now=now,
    )


def _changes(row: HelpRequest) -> dict[str, object]:
    """What was asked is for the two sides: the chain says that it was."""
    return {"help_kind": row.kind, "to_organization": row.to_organization_id}
