"""/projects/<id>/evaluation: judges and their sheets, the result, the award."""

from collections.abc import Mapping
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from accounts.access import current_actor, public, requires
from accounts.roles import Action
from foundation.errors import Conflict, NotFound, Refused
from foundation.forms import MoyaiForm, add_blockers
from foundation.text import normalize
from foundation.web import get_session, now, transaction
from procurement.domain.judging import Seat
from procurement.domain.states import State
from procurement.forms.tender import AbsenceForm, DeclareForm, JudgeForm
from procurement.models import Project
from procurement.presenters import judging as words
from procurement.presenters.project import project_frame
from procurement.queries.judging import JudgingPage, get_judging_page
from procurement.queries.project_page import get_head_and_project
from procurement.queries.tender import find_own_vendor
from procurement.services import judging as service
from procurement.views.blueprint import blueprint

# From the contract on totals are public (domain §8).
RESULT_IS_PUBLIC = ("contracting", "introduction", "operation", "closed")


@blueprint.get("/projects/<int:project_id>/evaluation")
@public
def evaluation(project_id: int) -> ResponseReturnValue:
    """The lead's progress and sheet, a judge's own, a bidder's line, the public result."""
    return _page(project_id)


@blueprint.post("/projects/<int:project_id>/evaluation/judges")
@requires(Action.INVITE)
def invite_judge(project_id: int) -> ResponseReturnValue:
    """A seat for a person with an account."""
    form = JudgeForm()
    if not form.validate():
        return _page(project_id, inviting=form), 422
    try:
        with transaction() as session:
            service.invite_judge(
                session,
                actor=current_actor(),
                now=now(),
                project_id=project_id,
                email=form.email.data or "",
            )
    except Refused as refused:
        add_blockers(form, refused.blockers)
        return _page(project_id, inviting=form), 409
    flash("審査委員を招きました。", "success")
    return redirect(url_for("procurement.evaluation", project_id=project_id))


@blueprint.post("/projects/<int:project_id>/evaluation/judges/<int:user_id>/absent")
@requires(Action.EDIT_PROJECT)
def mark_judge_absent(project_id: int, user_id: int) -> ResponseReturnValue:
    """A judge who will not be heard."""
    form = AbsenceForm(prefix=f"j{user_id}")
    if not form.validate():
        return _page(project_id, absent=(user_id, form)), 422
    try:
        with transaction() as session:
            service.mark_absent(
                session,
                actor=current_actor(),
                now=now(),
                project_id=project_id,
                user_id=user_id,
                reason=form.reason.data or "",
            )
    except Refused as refused:
        add_blockers(form, refused.blockers)
        return _page(project_id, absent=(user_id, form)), 409
    flash("欠席として記録しました。", "success")
    return redirect(url_for("procurement.evaluation", project_id=project_id))


@blueprint.post("/projects/<int:project_id>/evaluation/declare")
@requires(Action.USE_OWN_ACCOUNT)
def declare_no_conflict(project_id: int) -> ResponseReturnValue:
    """The judge's declaration."""
    form = DeclareForm()
    if not form.validate():
        return _page(project_id, declaring=form), 422
    with transaction() as session:
        service.declare_no_conflict(
            session, actor=current_actor(), now=now(), project_id=project_id
        )
    flash("申告を記録しました。採点を始められます。", "success")
    return redirect(url_for("procurement.evaluation", project_id=project_id))


@blueprint.post("/projects/<int:project_id>/evaluation/scores")
@requires(Action.USE_OWN_ACCOUNT)
def hand_in_scores(project_id: int) -> ResponseReturnValue:
    """The judge's own sheet."""
    form = MoyaiForm()
    typed = {name: value for name, value in request.form.items() if name.startswith("score-")}
    try:
        with transaction() as session:
            _, project = get_head_and_project(session, current_actor(), project_id)
            service.hand_in_scores(
                session,
                actor=current_actor(),
                now=now(),
                project_id=project_id,
                given=_given(get_judging_page(session, project), typed),
            )
    except Refused as refused:
        errors = {b.field: b.message for b in refused.blockers if b.field}
        form.form_errors += [b.message for b in refused.blockers if not b.field]
        return _page(project_id, scoring=form, typed=typed, errors=errors), 409
    flash("採点を提出しました。ほかの委員がそろうまで、だれにも見えません。", "success")
    return redirect(url_for("procurement.evaluation", project_id=project_id))


@blueprint.post("/projects/<int:project_id>/evaluation/award")
@requires(Action.FIX_SHARE_VERSION)
def decide_award(project_id: int) -> ResponseReturnValue:
    """The first of the sheet is to be contracted with."""
    form = MoyaiForm()
    try:
        with transaction() as session:
            service.decide_award(
                session,
                actor=current_actor(),
                now=now(),
                project_id=project_id,
                seen_sha256=request.form.get("sheet_sha256", ""),
            )
    except Refused as refused:
        add_blockers(form, refused.blockers)
        return _page(project_id, awarding=form), 409
    except Conflict as conflict:
        form.form_errors.append(str(conflict))
        return _page(project_id, awarding=form), 409
    flash("審査の結果を決定し、提案した事業者に知らせました。", "success")
    return redirect(url_for("procurement.evaluation", project_id=project_id))


def _given(page: JudgingPage, typed: Mapping[str, str]) -> dict[str, dict[str, str]]:
    """Vendor → criterion → what was typed, full-width digits and all."""
    criteria = page.rule.criteria if page.rule else ()
    return {
        str(row.vendor_id): {
            criterion.key: normalize(typed.get(f"score-{row.vendor_id}-{place}", ""))
            for place, criterion in enumerate(criteria)
        }
        for row in page.opened
    }


def _page(
    project_id: int,
    inviting: JudgeForm | None = None,
    absent: tuple[int, AbsenceForm] | None = None,
    declaring: DeclareForm | None = None,
    scoring: MoyaiForm | None = None,
    awarding: MoyaiForm | None = None,
    typed: Mapping[str, str] | None = None,
    errors: Mapping[str, str] | None = None,
) -> str:
    session, actor, moment = get_session(), current_actor(), now()
    head, project = get_head_and_project(session, actor, project_id)
    page = get_judging_page(session, project)
    seat = next((s for s in page.seats if s.user_id == actor.user_id and not s.is_absent), None)
    vendor = find_own_vendor(session, actor)
    own = words.own_line(page.award, vendor.id, vendor.name) if page.award and vendor else None
    shown = page.award is not None and project.state in RESULT_IS_PUBLIC
    if not (head.standing.leads or seat or own or shown):
        raise NotFound("evaluation")
    absences = {s.user_id: AbsenceForm(formdata=None, prefix=f"j{s.user_id}") for s in page.seats}
    if absent:
        absences[absent[0]] = absent[1]
    return render_template(
        "procurement/evaluation.html",
        frame=project_frame(head, "evaluation", moment),
        page=page,
        leads=head.standing.leads,
        judges=words.seat_lines(page.seats),
        sheet=words.sheet_lines(page.sheet, page.names) if page.sheet else [],
        criteria=[criterion.key for criterion in page.rule.criteria] if page.rule else [],
        inviting=inviting or JudgeForm(formdata=None),
        absences=absences,
        award_blockers=service.list_award_blockers(project, head.standing, page),
        awarding=awarding or MoyaiForm(formdata=None),
        own=own,
        public_rows=words.public_lines(page.award) if page.award and shown else [],
        **_judge_part(page, project, seat, typed or {}, errors or {}),
        declaring=declaring or DeclareForm(formdata=None),
        scoring=scoring or MoyaiForm(formdata=None),
    )


def _judge_part(
    page: JudgingPage,
    project: Project,
    seat: Seat | None,
    typed: Mapping[str, str],
    errors: Mapping[str, str],
) -> dict[str, Any]:
    """What the reader may do as a judge; proposals only after declaring no conflict."""
    scores = seat is not None and seat.declared_at is not None and seat.submitted_at is None
    judging = scores and project.state == State.EVALUATION.value and page.rule is not None
    return {
        "seat": seat,
        "cards": words.score_cards(page.rule, page.opened, typed, errors)
        if judging and page.rule
        else [],
        "waits_for_opening": scores and not judging,
    }
