"""A body's answer to a share version, and what the lead may do when none comes."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta

from sqlalchemy.orm import Session

from accounts.roles import Action, Actor, may_for_body
from foundation.errors import Blocker, Refused
from foundation.filters import jst
from procurement.domain.consent import (
    ConsentStatus,
    list_lapse_blockers,
    list_maximum_blockers,
    list_withdrawal_blockers,
)
from procurement.domain.participation import ParticipationStatus as Status
from procurement.domain.states import State
from procurement.models import Consent, Participation, Project, ShareVersion
from procurement.queries.consents import (
    ConsentRow,
    find_latest_version,
    lines_by_year,
    list_consents,
)
from procurement.queries.standing import Standing
from procurement.services.access import list_leading_blockers, lock_led_project, lock_project
from procurement.services.invitations import organization_of_body
from procurement.services.joining import list_approval_blockers
from procurement.services.traces import Told, leave_trace

REMINDER_INTERVAL = timedelta(hours=24)


def list_consent_blockers(
    project: Project, row: ConsentRow | None, *, actor: Actor, body_code: str, now: datetime
) -> list[Blocker]:
    """Why this actor cannot give this body's consent now."""
    blockers = []
    if actor.body_code != body_code or not may_for_body(actor, Action.CONSENT, body_code):
        message = "同意できるのは、その団体の決裁者だけです。"
        blockers.append(Blocker(code="not_manager", message=message))
    if row is None or not row.takes_part:
        message = "同意を求められている負担案はありません。"
        blockers.append(Blocker(code="no_version", message=message))
    elif row.status not in (ConsentStatus.ASKED, ConsentStatus.WITHDRAWN):
        message = (
            f"この団体の回答は「{row.status.label}」です。あらためて同意する必要はありません。"
        )
        blockers.append(Blocker(code="answered", message=message))
    closes = project.consent_closes_at
    if closes is not None and now > closes:
        message = f"同意の期限 {jst(closes)} を過ぎています。幹事団体に連絡してください。"
        blockers.append(Blocker(code="after_deadline", message=message))
    return blockers


def consent(
    session: Session,
    *,
    actor: Actor,
    now: datetime,
    project_id: int,
    body_code: str,
    version_number: int,
    maximum_yen: Mapping[int, int],
    approval_date: date | None,
    approval_number: str,
) -> Consent:
    """The body's manager consents to rule, terms and a maximum per fiscal year.

    version_number: the version read; Refused when a newer one was fixed meanwhile.
    """
    project, version, row = _open(session, actor, project_id, body_code)
    blockers = list_consent_blockers(project, row, actor=actor, body_code=body_code, now=now)
    blockers += list_approval_blockers(approval_date, approval_number, now)
    if version is not None:
        blockers += _version_blockers(version, version_number)
        shares = lines_by_year(session, version.id).get(body_code, {})
        blockers += list_maximum_blockers(maximum_yen, shares)
    if blockers or version is None or row is None:
        raise Refused(blockers)
    given = session.get_one(Consent, row.id)
    given.status = ConsentStatus.GIVEN.value
    given.maximum_yen = {str(year): amount for year, amount in sorted(maximum_yen.items())}
    given.approval_date = approval_date
    given.approval_number = approval_number
    given.answered_at = now
    given.answered_by = actor.label
    leave_trace(
        session,
        actor=actor,
        now=now,
        project=project,
        action="consent",
        changes={
            "body_code": body_code,
            "version": version.number,
            "sha256": version.sha256,
            "maximum_yen": given.maximum_yen,
            "approval_date": approval_date,
            "approval_number": approval_number,
        },
        told=[_tell_lead(project, f"{row.name}が負担案 第{version.number}版に同意しました。")],
    )
    return given


def withdraw_consent(
    session: Session, *, actor: Actor, now: datetime, project_id: int, body_code: str
) -> Consent:
    """Take a consent back before the deadline; the body is asked again."""
    project, version, row = _open(session, actor, project_id, body_code)
    if row is None or version is None:
        raise Refused([Blocker(code="no_version", message="同意した負担案はありません。")])
    blockers = list_withdrawing_blockers(project, row, actor=actor, body_code=body_code, now=now)
    if blockers:
        raise Refused(blockers)
    given = session.get_one(Consent, row.id)
    given.status = ConsentStatus.WITHDRAWN.value
    given.answered_at = now
    given.answered_by = actor.label
    leave_trace(
        session,
        actor=actor,
        now=now,
        project=project,
        action="withdraw_consent",
        changes={"body_code": body_code, "version": version.number},
        told=[_tell_lead(project, f"{row.name}が負担案への同意を取り下げました。")],
    )
    return given


def list_withdrawing_blockers(
    project: Project, row: ConsentRow, *, actor: Actor, body_code: str, now: datetime
) -> list[Blocker]:
    """Why this consent cannot be taken back by this actor now."""
    blockers = []
    if actor.body_code != body_code or not may_for_body(actor, Action.CONSENT, body_code):
        message = "同意を取り下げられるのは、その団体の決裁者だけです。"
        blockers.append(Blocker(code="not_manager", message=message))
    if row.status is ConsentStatus.CARRIED and project.state == State.CONTRACTING:
        message = "決定した額が同意した上限額の中にあるため、同意は有効です。離脱は条件によります。"
        blockers.append(Blocker(code="carried", message=message))
    return blockers + list_withdrawal_blockers(row.view(project.consent_closes_at), now)


def list_reminding_blockers(row: ConsentRow, now: datetime) -> list[Blocker]:
    """Why this silent body cannot be asked again now."""
    return list_too_soon_blockers(row.last_reminded_at, now)


def list_too_soon_blockers(last: datetime | None, now: datetime) -> list[Blocker]:
    """Why nobody is reminded again now who was reminded last at that time; None for never."""
    if last is None or now - last >= REMINDER_INTERVAL:
        return []
    message = f"催促は1日に1回までです。次の催促は{jst(last + REMINDER_INTERVAL)}からできます。"
    return [Blocker(code="too_soon", message=message)]


def list_lapsing_blockers(
    project: Project, standing: Standing, row: ConsentRow, now: datetime
) -> list[Blocker]:
    """Why this actor cannot mark this body as lapsed now."""
    blockers = list_leading_blockers(standing, Action.LAPSE_CONSENT)
    return blockers + _list_lapse_blockers(project, row, now)


def _list_lapse_blockers(project: Project, row: ConsentRow, now: datetime) -> list[Blocker]:
    blockers = list_lapse_blockers(row.view(project.consent_closes_at), now)
    if row.has_contract:
        message = (
            f"{row.name}は契約を記録しているため、期限切れにできません。"
            "同意を待つか、上限額を超えないように内訳を見直してください。"
            "運用の段階では、その団体が解約を記録できます。更新の負担案に回答がないときは、"
            "次の期間に参加しないことを幹事団体が記録できます。"
        )
        blockers.append(Blocker(code="has_contract", message=message))
    return blockers


def remind(
    session: Session, *, actor: Actor, now: datetime, project_id: int, body_code: str
) -> Consent:
    """The lead asks a silent body again; at most once a day."""
    project, _ = lock_led_project(session, actor, project_id, Action.MOVE_PROJECT)
    row, version = _asked_row(session, project_id, body_code)
    blockers = list_reminding_blockers(row, now)
    if blockers:
        raise Refused(blockers)
    asked = session.get_one(Consent, row.id)
    asked.reminders_sent += 1
    asked.last_reminded_at = now
    until = f"期限：{jst(project.consent_closes_at)}。" if project.consent_closes_at else ""
    leave_trace(
        session,
        actor=actor,
        now=now,
        project=project,
        action="remind",
        changes={"body_code": body_code, "reminders_sent": asked.reminders_sent},
        told=[
            Told(
                organization_id=organization_of_body(session, body_code).id,
                title=f"「{project.title}」負担案 第{version.number}版への同意をお待ちしています",
                text=f"まだ回答がありません。内容を確かめて回答してください。{until}",
                path=f"/projects/{project_id}/consent",
            )
        ],
    )
    return asked


def lapse_consent(
    session: Session, *, actor: Actor, now: datetime, project_id: int, body_code: str
) -> Consent:
    """After the deadline and two reminders the lead's manager marks a silent body as lapsed.

    The body takes part no longer; the lead then fixes the next version. Not where its contract
    stands: the vendor would be bound to a body that is out.
    """
    project, _ = lock_led_project(session, actor, project_id, Action.LAPSE_CONSENT)
    row, version = _asked_row(session, project_id, body_code)
    blockers = _list_lapse_blockers(project, row, now)
    if blockers:
        raise Refused(blockers)
    asked = session.get_one(Consent, row.id)
    asked.status = ConsentStatus.LAPSED.value
    asked.answered_at = now
    asked.answered_by = actor.label
    participation = session.get_one(Participation, row.participation_id)
    participation.status = Status.LAPSED.value
    participation.left_at = now
    participation.updated_at = now
    leave_trace(
        session,
        actor=actor,
        now=now,
        project=project,
        action="lapse_consent",
        changes={"body_code": body_code, "version": version.number},
        told=[
            Told(
                organization_id=organization_of_body(session, body_code).id,
                title=f"「{project.title}」の回答期限が過ぎました",
                text="期限と2回の催促を過ぎても回答がなかったため、期限切れとして扱われました。",
                path=f"/projects/{project_id}",
            )
        ],
    )
    return asked


def _open(
    session: Session, actor: Actor, project_id: int, body_code: str
) -> tuple[Project, ShareVersion | None, ConsentRow | None]:
    project, _ = lock_project(session, actor, project_id)
    version = find_latest_version(session, project_id)
    rows = list_consents(session, version.id) if version else ()
    return project, version, next((row for row in rows if row.code == body_code), None)


def _asked_row(
    session: Session, project_id: int, body_code: str
) -> tuple[ConsentRow, ShareVersion]:
    version = find_latest_version(session, project_id)
    rows = list_consents(session, version.id) if version else ()
    row = next((row for row in rows if row.code == body_code), None)
    if version is None or row is None or row.status is not ConsentStatus.ASKED:
        message = "この団体は回答待ちではありません。"
        raise Refused([Blocker(code="not_asked", message=message)])
    return row, version


def _version_blockers(version: ShareVersion, version_number: int) -> list[Blocker]:
    if version.number == version_number:
        return []
    message = f"負担案は第{version.number}版に変わりました。新しい版を確かめてください。"
    return [Blocker(code="newer_version", message=message)]


def _tell_lead(project: Project, text: str) -> Told:
    return Told(
        organization_id=project.lead_organization_id,
        title=f"「{project.title}」負担案への回答",
        text=text,
        path=f"/projects/{project.id}/sharing",
    )
