"""/projects/<id> and what everybody reads below it: overview, bodies, history."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from accounts.access import current_actor, public, requires
from accounts.roles import Action, may
from catalog.policy import ClassedKind
from catalog.presenters.policy_classes import present_class
from catalog.queries.policy_classes import get_class_page
from foundation.clock import jst_moment
from foundation.errors import Blocker, Refused
from foundation.web import get_session, now, page_number, transaction
from procurement.domain.lifecycle import Move, State, deadline_of, list_moves
from procurement.domain.states import ProcurementMethod
from procurement.domain.templates.education import SCHOOL_ADMINISTRATION
from procurement.domain.templates.shelf import find_template
from procurement.forms.projects import ExtendForm, MoveForm
from procurement.models import Project
from procurement.presenters.project import (
    ceiling_table,
    history_rows,
    project_frame,
    public_facts,
    steps,
)
from procurement.presenters.rule_comparison import tier_lines
from procurement.presenters.sharing import rule_label
from procurement.presenters.stages import stage_facts
from procurement.queries.coverage import find_coverage
from procurement.queries.dossier import load_dossier
from procurement.queries.history import get_history_page
from procurement.queries.members import get_members_page
from procurement.queries.project_page import (
    ProjectHead,
    get_head_and_project,
    list_ceilings,
    list_named_offerings,
)
from procurement.queries.rule_comparison import list_tier_progress
from procurement.queries.secrets import find_own_ceiling
from procurement.services.moves import (
    EXTEND,
    extend_join_deadline,
    list_move_blockers,
    move_project,
)
from procurement.services.projects import list_editing_blockers
from procurement.views.blueprint import blueprint

# While more bodies may join by the project's own deadline.
_GROWING = (State.FORMING, State.SPECIFICATION, State.ESTIMATE)


@blueprint.get("/projects/<int:project_id>")
@public
def project(project_id: int) -> ResponseReturnValue:
    """The public part; for lead and members the next step and what blocks it."""
    return _project_page(project_id)


def _project_page(
    project_id: int, tried: str = "", reason: str = "", refused: Sequence[Blocker] = ()
) -> str:
    """tried: the move that was just refused, with the reason typed for it."""
    session, actor, moment = get_session(), current_actor(), now()
    head, row = get_head_and_project(session, actor, project_id)
    return render_template(
        "procurement/project.html",
        frame=project_frame(head, "", moment),
        head=head,
        steps=steps(head.state, head.visited),
        facts=public_facts(head, rule_label(head.terms), moment),
        ceilings=ceiling_table(list_ceilings(session, head)),
        offerings=list_named_offerings(session, project_id),
        next_steps=_next_steps(row, head, moment),
        tiers=tier_lines(list_tier_progress(session, row, head.standing))
        if row.state in _GROWING
        else (),
        policy=present_class(
            get_class_page(session, ClassedKind.PROJECT.value, project_id),
            row.system_type.policy_scope,
        ),
        template=find_template(head.row.system_type_code),
        coverage=find_coverage(session, row) if _is_for_all_schools(head) else None,
        tried=tried,
        typed_reason=reason,
        refused=refused,
        may_edit=not list_editing_blockers(row, head.standing),
        invites=not actor.is_signed_in or may(actor, Action.PREPARE_JOIN),
    )


def _is_for_all_schools(head: ProjectHead) -> bool:
    """Where the paper's goal is every municipality of the prefecture (F30)."""
    return head.row.system_type_code == SCHOOL_ADMINISTRATION.key


@blueprint.get("/projects/<int:project_id>/members")
@public
def members(project_id: int) -> ResponseReturnValue:
    """The bodies, as far as the reader may see them."""
    session, actor, moment = get_session(), current_actor(), now()
    head, row = get_head_and_project(session, actor, project_id)
    return render_template(
        "procurement/members.html",
        frame=project_frame(head, "members", moment),
        head=head,
        page=get_members_page(
            session, row, head.standing, page=page_number(), lead_page=page_number("lead_page")
        ),
        own_ceiling=find_own_ceiling(session, head.standing, project_id),
    )


@blueprint.get("/projects/<int:project_id>/history")
@public
def history(project_id: int) -> ResponseReturnValue:
    """Its moves and, for members, its fixed versions."""
    session, actor, moment = get_session(), current_actor(), now()
    head, _ = get_head_and_project(session, actor, project_id)
    page = get_history_page(session, project_id, head.standing)
    return render_template(
        "procurement/history.html",
        frame=project_frame(head, "history", moment),
        changes=history_rows(page.changes),
        versions=page.versions,
        is_member=head.standing.is_member,
    )


@blueprint.post("/projects/<int:project_id>/move")
@requires(Action.MOVE_PROJECT)
def move(project_id: int) -> ResponseReturnValue:
    """One step along the table of moves."""
    form = MoveForm()
    action, reason = form.action.data or "", (form.reason.data or "").strip()
    try:
        with transaction() as session:
            moved = move_project(
                session,
                actor=current_actor(),
                now=now(),
                project_id=project_id,
                action=action,
                seen_state=form.seen_state.data or "",
                reason=reason,
            )
            label = State(moved.state).label
    except Refused as refused:
        return _project_page(project_id, action, reason, refused.blockers), 409
    flash(f"段階を「{label}」にしました。関係する団体に知らせました。", "success")
    return redirect(url_for("procurement.project", project_id=project_id))


@blueprint.post("/projects/<int:project_id>/extend")
@requires(Action.MOVE_PROJECT)
def extend(project_id: int) -> ResponseReturnValue:
    """A later join deadline, once."""
    form = ExtendForm()
    if not form.validate() or form.closes_on.data is None:
        flash("新しい回答期限を日付で入力してください。例：2027-01-15", "error")
        return redirect(url_for("procurement.project", project_id=project_id))
    try:
        with transaction() as session:
            extend_join_deadline(
                session,
                actor=current_actor(),
                now=now(),
                project_id=project_id,
                closes_at=jst_moment(form.closes_on.data),
            )
    except Refused as refused:
        return _project_page(project_id, EXTEND, refused=refused.blockers), 409
    flash("回答期限を延ばし、案内した団体に知らせました。", "success")
    return redirect(url_for("procurement.project", project_id=project_id))


def _next_steps(row: Project, head: ProjectHead, moment: datetime) -> dict[str, object] | None:
    """What comes next, who must act, what is in the way. For members; others see the steps."""
    if not head.standing.is_member:
        return None
    dossier = load_dossier(get_session(), row)
    method = ProcurementMethod(row.procurement_method) if row.procurement_method else None
    moves = [
        {
            "move": each,
            "blockers": list_move_blockers(dossier, each, head.standing, moment),
            "extends": each.action == EXTEND,
        }
        for each in list_moves(State(row.state), method)
        # Longer recruiting is a way out of too few bodies; until then it is no step at all.
        if each.action != EXTEND or not dossier.meets_minimum
    ]
    moves.sort(key=_way_out_last)
    return {
        "moves": moves,
        "deadline": deadline_of(dossier),
        "leads": head.standing.leads,
        "stages": stage_facts(dossier.stages),
    }


def _way_out_last(item: dict[str, Any]) -> tuple[bool, bool, bool]:
    move: Move = item["move"]
    return (move.target is State.CANCELLED, move.is_way_back, item["extends"])
