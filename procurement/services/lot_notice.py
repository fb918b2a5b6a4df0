"""Announcing several lots at once: each by its own move, and none of them twice."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from accounts.roles import Action, Actor
from foundation.errors import Blocker, Refused
from procurement.domain import lifecycle
from procurement.domain.lots import is_announced
from procurement.domain.states import State
from procurement.lot_models import ProjectLot
from procurement.models import Project
from procurement.queries.dossier import load_dossier
from procurement.queries.lots import list_lots
from procurement.services.access import lock_led_project
from procurement.services.moves import list_move_blockers, move_project

ANNOUNCE = "publish_notice"


def announce_lots(
    session: Session, *, actor: Actor, now: datetime, project_id: int, chosen: Sequence[int]
) -> tuple[Project, ...]:
    """The notice of every chosen lot, or of none. chosen: project ids. Raises Refused.

    Locked in the order of their ids: two who announce crosswise never hang.
    """
    lots = [lot for lot in list_lots(session, project_id) if lot.project_id in chosen]
    if not lots or len(lots) != len(set(chosen)):
        message = "公告する区分を選んでください。"
        raise Refused([Blocker(code="lots", message=message, field="lots")])
    blockers: list[Blocker] = []
    for lot in sorted(lots, key=lambda lot: lot.project_id):
        blockers += _list_blockers(session, lot, actor, now)
    if blockers:
        raise Refused(blockers)
    return tuple(
        move_project(
            session,
            actor=actor,
            now=now,
            project_id=lot.project_id,
            action=ANNOUNCE,
            seen_state=State.AGREEMENT.value,
        )
        for lot in lots
    )


def _list_blockers(session: Session, lot: ProjectLot, actor: Actor, now: datetime) -> list[Blocker]:
    """Why this lot cannot be announced now, each with the lot's name."""
    try:
        project, standing = lock_led_project(
            session, actor, lot.project_id, Action.FIX_SHARE_VERSION
        )
    except Refused as refused:
        return [_named(lot, each) for each in refused.blockers]
    state = State(project.state)
    if is_announced(state):
        message = "すでに公告しています。同じ区分を二度は公告できません。"
        return [_named(lot, Blocker(code="announced", message=message))]
    if state is not State.AGREEMENT:
        message = f"公告できるのは負担合意のあとです（今は{state.label}）。"
        return [_named(lot, Blocker(code="wrong_state", message=message))]
    move = lifecycle.get_move(state, ANNOUNCE)
    found = list_move_blockers(load_dossier(session, project), move, standing, now)
    return [_named(lot, each) for each in found]


def _named(lot: ProjectLot, blocker: Blocker) -> Blocker:
    message = f"区分{lot.number}「{lot.name}」：{blocker.message}"
    return Blocker(code=blocker.code, message=message, field="lots")
