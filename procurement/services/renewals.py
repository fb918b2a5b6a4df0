"""A silent body with a contract, and the next term: recorded by the lead, done at the last day."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from accounts.roles import SYSTEM, Action, Actor
from foundation.clock import era_date, jst_today
from foundation.db import Database
from foundation.errors import Blocker, Conflict, NotFound, Refused
from procurement.domain.consent import ConsentStatus, list_lapse_blockers
from procurement.domain.participation import BOUND_BY_CONTRACT
from procurement.domain.participation import ParticipationStatus as Status
from procurement.domain.renewal import NOT_RENEWED, last_day_before, list_ending_blockers
from procurement.domain.states import ENDED, State
from procurement.models import Consent, Participation, Project
from procurement.queries.consents import ConsentRow, find_latest_version, list_consents
from procurement.queries.standing import Standing
from procurement.queries.terms_in_time import list_version_terms
from procurement.services.access import (
    get_body,
    list_leading_blockers,
    lock_led_project,
)
from procurement.services.invitations import organization_of_body
from procurement.services.traces import Told, leave_trace


def find_last_day(session: Session, project_id: int) -> date | None:
    """The last day of the present term, once a version of the next one is fixed. One query."""
    return last_day_before([each.term for each in list_version_terms(session, project_id)])


def list_not_renewing_blockers(
    project: Project,
    standing: Standing,
    row: ConsentRow,
    rows: Sequence[ConsentRow],
    last_day: date | None,
    now: datetime,
) -> list[Blocker]:
    """Why this actor cannot record now that the body does not take part in the next term.

    rows: the answers of all bodies to the newest version.
    """
    blockers = list_leading_blockers(standing, Action.LAPSE_CONSENT)
    blockers += list_ending_blockers(
        State(project.state),
        name=row.name,
        has_contract=row.has_contract,
        last_day=last_day,
        others=sum(
            each.takes_part and each.code != row.code and each.status is not ConsentStatus.LAPSED
            for each in rows
        ),
    )
    return blockers + list_lapse_blockers(row.view(project.consent_closes_at), now)


def end_with_term(
    session: Session,
    *,
    actor: Actor,
    now: datetime,
    project_id: int,
    body_code: str,
    seen_version: int,
) -> Participation:
    """The lead records that a silent body takes no part in the next term. Raises Refused, Conflict.

    The body stays in the present term, with what it pays and may do, to its last day. seen_version:
    the number of the version whose preview the actor saw.
    """
    project, standing = lock_led_project(session, actor, project_id, Action.LAPSE_CONSENT)
    version = find_latest_version(session, project_id)
    rows = list_consents(session, version.id) if version else ()
    row = next((each for each in rows if each.code == body_code), None)
    if version is None or row is None:
        raise NotFound("consent")
    if version.number != seen_version:
        raise Conflict("負担案の新しい版が確定しています。もう一度確かめてください。")
    last_day = find_last_day(session, project_id)
    blockers = list_not_renewing_blockers(project, standing, row, rows, last_day, now)
    if blockers or last_day is None:
        raise Refused(blockers)
    _close(session, row, actor, now)
    place = session.get_one(Participation, row.participation_id)
    place.ends_on, place.leave_reason, place.updated_at = last_day, NOT_RENEWED, now
    leave_trace(
        session,
        actor=actor,
        now=now,
        project=project,
        action="end_with_term",
        changes={"body_code": body_code, "version": version.number, "ends_on": last_day},
        told=_told(session, project, body_code, last_day),
    )
    return place


def _close(session: Session, row: ConsentRow, actor: Actor, now: datetime) -> None:
    asked = session.get_one(Consent, row.id)
    asked.status = ConsentStatus.LAPSED.value
    asked.answered_at, asked.answered_by = now, actor.label


def _told(session: Session, project: Project, body_code: str, last_day: date) -> list[Told]:
    return [
        Told(
            organization_id=organization_of_body(session, body_code).id,
            title=f"「{project.title}」次の期間に参加しない扱いになりました",
            text=(
                "更新後の負担案に、期限と2回の催促を過ぎても回答がなかったため、次の期間には"
                f"参加しないものとして記録されました。今の期間は{era_date(last_day)}まで"
                "これまでどおり利用でき、負担もその日までです。続けて利用したいときは、"
                "その日までに幹事団体に連絡してください。"
            ),
            path=f"/projects/{project.id}",
        )
    ]


def end_stays(database: Database, now: datetime) -> int:
    """A body whose last day of use is over has left; how many. Harmless to run again.

    One event for each project. Two workers at once: the second finds nothing left to do.
    """
    with database.transaction() as session:
        today = jst_today(now)
        projects = sorted(set(session.scalars(_select_over(Participation.project_id, today))))
        return sum(_end_stays_of(session, project_id, now) for project_id in projects)


def _end_stays_of(session: Session, project_id: int, now: datetime) -> int:
    """Who is over is read once the project is held: another worker may have been first."""
    project = session.get_one(Project, project_id, with_for_update=True, populate_existing=True)
    over = (
        _select_over(Participation, jst_today(now))
        .where(Participation.project_id == project_id)
        .order_by(Participation.body_code)
    )
    rows = session.scalars(over.execution_options(populate_existing=True)).all()
    if rows:
        _leave(session, project, rows, now)
    return len(rows)


def _select_over(what: Any, today: date) -> Select[Any]:
    return (
        select(what)
        .join(Project, Project.id == Participation.project_id)
        .where(
            Participation.status.in_([each.value for each in BOUND_BY_CONTRACT]),
            Participation.ends_on < today,
            Project.state.not_in([state.value for state in ENDED]),
        )
    )


def _leave(
    session: Session, project: Project, rows: Sequence[Participation], now: datetime
) -> None:
    """Status and notices; what is still owed stays written and is settled as before."""
    told = []
    for row in rows:
        row.status, row.left_at, row.updated_at = Status.LEFT.value, now, now
        name = get_body(session, row.body_code).name
        text = f"{name}の利用の期間が終わり、離脱になりました。未収・未払いは残り、精算できます。"
        title = f"「{project.title}」利用の期間の終わり"
        for organization_id in (
            organization_of_body(session, row.body_code).id,
            project.lead_organization_id,
        ):
            told.append(
                Told(
                    organization_id=organization_id,
                    title=title,
                    text=text,
                    path=f"/projects/{project.id}",
                )
            )
    leave_trace(
        session,
        actor=SYSTEM,
        now=now,
        project=project,
        action="end_stays",
        changes={"body_codes": [row.body_code for row in rows]},
        told=told,
    )
