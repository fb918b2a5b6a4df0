"""Asking bodies to record their contracts, reminding them, and going on without a silent one."""

from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy.orm import Session

from accounts.roles import Action, Actor
from foundation.audit import secret
from foundation.clock import jst_today
from foundation.errors import Blocker, Conflict, NotFound, Refused
from foundation.filters import jst
from procurement.contract_models import SigningRequest
from procurement.domain.participation import ParticipationStatus as Status
from procurement.domain.silent_signing import (
    list_deadline_blockers,
    list_not_signing_blockers,
    list_reason_blockers,
)
from procurement.domain.states import State
from procurement.models import Participation, Project
from procurement.queries.consents import find_latest_version
from procurement.queries.signing_facts import Around
from procurement.queries.signing_requests import UnsignedRow, list_unsigned, load_requests
from procurement.queries.standing import Standing
from procurement.services.access import find_participation, list_leading_blockers, lock_led_project
from procurement.services.consents import list_too_soon_blockers
from procurement.services.contracts import list_body_stage_blockers
from procurement.services.invitations import organization_of_body
from procurement.services.leaving import close_open_consents
from procurement.services.traces import Told, leave_trace


def list_able(around: Around, rows: Sequence[UnsignedRow], today: date) -> list[UnsignedRow]:
    """Those whom nothing but themselves keeps from signing."""
    return [row for row in rows if not list_body_stage_blockers(around, row.code, today)]


def list_asking_blockers(
    around: Around, standing: Standing, rows: Sequence[UnsignedRow], today: date
) -> list[Blocker]:
    """Why no deadline can be set now, whatever it is."""
    blockers = list_leading_blockers(standing, Action.MOVE_PROJECT)
    if around.project.state != State.CONTRACTING or not list_able(around, rows, today):
        message = "契約を記録できる状態で、まだ記録していない団体がありません。"
        blockers.append(Blocker(code="nobody", message=message))
    return blockers


def ask_to_sign(
    session: Session, *, actor: Actor, now: datetime, project_id: int, closes_at: datetime | None
) -> int:
    """Every body that could sign and has not is told until when; how many. Raises Refused.

    Who was asked before keeps its reminders and gets the later day.
    """
    project, standing = lock_led_project(session, actor, project_id, Action.MOVE_PROJECT)
    around, today = Around(session, project), jst_today(now)
    rows = list_unsigned(session, around)
    blockers = list_asking_blockers(around, standing, rows, today)
    able = list_able(around, rows, today)
    latest = max((row.closes_at for row in able if row.closes_at), default=None)
    blockers += list_deadline_blockers(closes_at, latest, now)
    if blockers or closes_at is None:
        raise Refused(blockers)
    _write(session, around, able, closes_at, actor, now)
    leave_trace(
        session,
        actor=actor,
        now=now,
        project=project,
        action="ask_to_sign",
        changes={"body_codes": [row.code for row in able], "closes_at": closes_at},
        told=[_asking(session, project, row.code, closes_at) for row in able],
    )
    return len(able)


def _write(
    session: Session,
    around: Around,
    able: Sequence[UnsignedRow],
    closes_at: datetime,
    actor: Actor,
    now: datetime,
) -> None:
    """One row a body; under another award it is asked as if for the first time."""
    standing_ones = load_requests(session, around)
    for each in able:
        row = session.get(SigningRequest, (around.project.id, each.code))
        if row is None:
            row = SigningRequest(project_id=around.project.id, body_code=each.code)
            session.add(row)
        if each.code not in standing_ones:
            row.reminders_sent, row.last_reminded_at = 0, None
        row.award_id = around.award.id if around.award else None
        row.closes_at, row.asked_at, row.asked_by = closes_at, now, actor.label
    session.flush()


def list_reminding_blockers(row: UnsignedRow, now: datetime) -> list[Blocker]:
    """Why this body cannot be reminded now."""
    if row.closes_at is None:
        return [Blocker(code="not_asked", message="先に契約の期限を知らせてください。")]
    return list_too_soon_blockers(row.last_reminded_at, now)


def remind_to_sign(
    session: Session, *, actor: Actor, now: datetime, project_id: int, body_code: str
) -> SigningRequest:
    """Ask a silent body again; at most once a day. Raises Refused, NotFound."""
    project, _ = lock_led_project(session, actor, project_id, Action.MOVE_PROJECT)
    around = Around(session, project)
    row = _find(session, around, body_code)
    blockers = list_reminding_blockers(row, now)
    request = load_requests(session, around).get(body_code)
    if blockers or request is None:
        raise Refused(blockers)
    request.reminders_sent, request.last_reminded_at = row.reminders_sent + 1, now
    leave_trace(
        session,
        actor=actor,
        now=now,
        project=project,
        action="remind_to_sign",
        changes={"body_code": body_code, "reminders_sent": request.reminders_sent},
        told=[_asking(session, project, body_code, request.closes_at)],
    )
    return request


def list_recording_blockers(
    around: Around, standing: Standing, row: UnsignedRow, now: datetime
) -> list[Blocker]:
    """Why this actor cannot record now that this body does not sign."""
    waits = list_body_stage_blockers(around, row.code, jst_today(now))
    return list_leading_blockers(standing, Action.LAPSE_CONSENT) + list_not_signing_blockers(
        State(around.project.state),
        name=row.name,
        own=standing.actor.body_code == row.code,
        closes_at=row.closes_at,
        reminders_sent=row.reminders_sent,
        waits_for=tuple(each.message for each in waits),
        others=sum(party.code != row.code for party in around.parties),
        now=now,
    )


def record_not_signing(
    session: Session,
    *,
    actor: Actor,
    now: datetime,
    project_id: int,
    body_code: str,
    reason: str,
    seen_version: int,
) -> Participation:
    """The lead goes on without a silent body. Raises Refused, Conflict, NotFound.

    Nobody's share rises by this: the next version is fixed with its preview, and whoever is then
    above its maximum consents anew. seen_version: of the newest version the actor saw.
    """
    project, standing = lock_led_project(session, actor, project_id, Action.LAPSE_CONSENT)
    around = Around(session, project)
    unsigned = _find(session, around, body_code)
    blockers = list_recording_blockers(around, standing, unsigned, now)
    blockers += list_reason_blockers(reason)
    place = find_participation(session, project_id, body_code)
    if blockers or place is None:
        raise Refused(blockers)
    version = find_latest_version(session, project_id)
    if (version.number if version else 0) != seen_version:
        raise Conflict("負担案の新しい版が確定しています。もう一度確かめてください。")
    place.status, place.left_at, place.updated_at = Status.LAPSED.value, now, now
    place.leave_reason = reason.strip()
    close_open_consents(session, place.id, actor, now)
    leave_trace(
        session,
        actor=actor,
        now=now,
        project=project,
        action="record_not_signing",
        changes={
            "body_code": body_code,
            "closes_at": unsigned.closes_at,
            "reminders_sent": unsigned.reminders_sent,
            "reason": secret(place.leave_reason),
        },
        told=[_told_silent(session, project, body_code)],
        told_everybody=(
            f"{unsigned.name}は、期限と2回の催促の後も契約を記録しなかったため、契約しないものとして"
            "記録されました。負担案の次の版が確定します。上限額を超える団体には、あらためて同意を求めます。"
        ),
    )
    return place


def _find(session: Session, around: Around, body_code: str) -> UnsignedRow:
    found = (row for row in list_unsigned(session, around) if row.code == body_code)
    row = next(found, None)
    if row is None:
        raise NotFound("unsigned body")
    return row


def _asking(session: Session, project: Project, body_code: str, closes_at: datetime) -> Told:
    return Told(
        organization_id=organization_of_body(session, body_code).id,
        title=f"「{project.title}」契約の記録をお待ちしています",
        text=(
            f"{jst(closes_at)}までに、自団体の契約を記録してください。結ばないときは「自団体の負担・参加」"
            "から離脱できます。期限と2回の催促の後も記録がないと、幹事団体が、契約しないものとして"
            "記録することがあります。"
        ),
        path=f"/projects/{project.id}/contracts",
    )


def _told_silent(session: Session, project: Project, body_code: str) -> Told:
    text = (
        "期限と2回の催促の後も契約の記録がなかったため、契約しないものとして記録されました。"
        "案件から離れ、負担はありません。続けたいときは、幹事団体に連絡してください。"
    )
    return Told(
        organization_id=organization_of_body(session, body_code).id,
        title=f"「{project.title}」契約しないものとして記録されました",
        text=text,
        path=f"/projects/{project.id}",
    )
