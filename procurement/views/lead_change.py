"""/projects/<id>/lead: who leads, and how that changes when the lead is silent or hands over."""

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from accounts.access import current_actor, requires
from accounts.roles import Action
from foundation.errors import NotFound
from foundation.text import find_number
from foundation.web import get_session, now, transaction
from procurement.domain.lead_change import list_taking_blockers
from procurement.forms.lead_change import ClaimLeadForm, OfferLeadForm
from procurement.presenters.project import project_frame
from procurement.queries.lead_change import find_open_change, list_changes, list_successors
from procurement.queries.project_page import get_head_and_project
from procurement.services import lead_change as service
from procurement.views.blueprint import blueprint
from procurement.views.saving import attempt


@blueprint.get("/projects/<int:project_id>/lead")
@requires(Action.READ_MEMBER_FIGURES)
def lead(project_id: int) -> ResponseReturnValue:
    """For members."""
    return _page(project_id)


@blueprint.post("/projects/<int:project_id>/lead/offer")
@requires(Action.FIX_SHARE_VERSION)
def offer_lead(project_id: int) -> ResponseReturnValue:
    """The lead asks another."""
    form = OfferLeadForm()

    def save(session: Session) -> None:
        service.offer_lead(
            session,
            actor=current_actor(),
            now=now(),
            project_id=project_id,
            to_organization_id=form.to_organization_id.data or 0,
            reason=form.reason.data or "",
        )

    refused = attempt(form, save)
    if refused:
        return _page(project_id, offering=form), refused
    flash("幹事団体の交代を申し出ました。", "success")
    return redirect(url_for("procurement.lead", project_id=project_id))


@blueprint.post("/projects/<int:project_id>/lead/claim")
@requires(Action.FIX_SHARE_VERSION)
def claim_lead(project_id: int) -> ResponseReturnValue:
    """A member asks to lead."""
    form = ClaimLeadForm()

    def save(session: Session) -> None:
        service.claim_lead(
            session,
            actor=current_actor(),
            now=now(),
            project_id=project_id,
            reason=form.reason.data or "",
        )

    refused = attempt(form, save)
    if refused:
        return _page(project_id, claiming=form), refused
    flash("交代を申し出ました。返答がなければ、期限の後に引き継げます。", "success")
    return redirect(url_for("procurement.lead", project_id=project_id))


@blueprint.post("/projects/<int:project_id>/lead/<int:change_id>/<answer>")
@requires(Action.MOVE_PROJECT)
def answer_lead(project_id: int, change_id: int, answer: str) -> ResponseReturnValue:
    """take: the successor takes over; keep: the asked side says no."""
    if answer not in {"take", "keep"}:
        raise NotFound("answer")
    act = service.take_lead if answer == "take" else service.keep_lead
    with transaction() as session:
        act(
            session,
            actor=current_actor(),
            now=now(),
            project_id=project_id,
            change_id=change_id,
            seen_version=find_number(request.form.get("seen_version")) or 0,
        )
    done = "幹事団体を引き継ぎました。" if answer == "take" else "交代しないと返答しました。"
    flash(done, "success")
    return redirect(url_for("procurement.lead", project_id=project_id))


def _page(
    project_id: int,
    offering: OfferLeadForm | None = None,
    claiming: ClaimLeadForm | None = None,
) -> str:
    session, actor, moment = get_session(), current_actor(), now()
    head, project = get_head_and_project(session, actor, project_id)
    if not head.standing.is_member:
        raise NotFound("project's lead")
    rows = list_changes(session, project_id)
    waiting = find_open_change(rows, moment)
    offering = offering or OfferLeadForm(formdata=None)
    successors = list_successors(session, project) if head.standing.leads else ()
    offering.to_organization_id.choices = [(0, "選んでください"), *successors]
    own = actor.organization_id
    return render_template(
        "procurement/lead.html",
        frame=project_frame(head, "members", moment),
        lead_name=head.row.lead_name,
        rows=rows,
        waiting=waiting,
        is_successor=waiting is not None and waiting.to_organization_id == own,
        is_asked=waiting is not None
        and own
        == (
            project.lead_organization_id
            if waiting.kind.value == "claim"
            else waiting.to_organization_id
        ),
        taking_blockers=list_taking_blockers(waiting.kind, waiting.closes_at, moment)
        if waiting
        else (),
        leads=head.standing.leads,
        offering=offering,
        offering_blockers=service.list_offering_blockers(project, head.standing, rows, moment)
        if head.standing.leads
        else (),
        claiming=claiming or ClaimLeadForm(formdata=None),
        claiming_blockers=()
        if head.standing.leads
        else service.list_claiming_blockers(session, project, head.standing, rows, moment),
    )
