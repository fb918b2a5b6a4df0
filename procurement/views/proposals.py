"""/projects/<id>/proposals: handing in under seal, and the opening by two persons."""

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from accounts.access import current_actor, requires
from accounts.roles import Action, may
from foundation.errors import Blocker, NotFound, Refused
from foundation.forms import add_blockers
from foundation.web import get_session, now, transaction
from procurement.domain.states import BEFORE_NOTICE, State
from procurement.domain.tender import Moments, list_opening_blockers, list_proposing_blockers
from procurement.forms.ceilings import lines_to_fill_in
from procurement.forms.tender import ProposalForm, WithdrawForm
from procurement.presenters import tender as words
from procurement.presenters.project import project_frame
from procurement.queries.ceilings import list_measures
from procurement.queries.judging import is_kept_from_prices
from procurement.queries.project_page import get_head_and_project
from procurement.queries.tender import (
    OpeningRow,
    find_opening,
    find_own_vendor,
    find_round,
    get_notice,
    list_opened,
    list_own_receipts,
)
from procurement.services import proposals as service
from procurement.views.blueprint import blueprint


@blueprint.get("/projects/<int:project_id>/proposals")
@requires(Action.USE_OWN_ACCOUNT)
def proposals(project_id: int) -> ResponseReturnValue:
    """A vendor's own receipts and form; for the lead the opening. Nobody else has this page."""
    return _page(project_id)


@blueprint.post("/projects/<int:project_id>/proposals")
@requires(Action.PROPOSE)
def hand_in(project_id: int) -> ResponseReturnValue:
    """Seal a proposal."""
    form = ProposalForm()
    if not form.validate():
        return _page(project_id, form=form), 422
    try:
        with transaction() as session:
            receipt = service.hand_in(
                session,
                actor=current_actor(),
                now=now(),
                project_id=project_id,
                content=form.content(),
            )
            number, sha256 = receipt.number, receipt.sha256
    except Refused as refused:
        add_blockers(form, refused.blockers)
        return _page(project_id, form=form), 409
    flash(f"提案を受け付けました（第{number}回、検証値 {sha256}）。", "success")
    return redirect(url_for("procurement.proposals", project_id=project_id))


@blueprint.post("/projects/<int:project_id>/proposals/withdraw")
@requires(Action.PROPOSE)
def withdraw(project_id: int) -> ResponseReturnValue:
    """Take it back before the closing."""
    form = WithdrawForm()
    if not form.validate():
        return _page(project_id, withdrawing=form), 422
    try:
        with transaction() as session:
            service.withdraw(
                session,
                actor=current_actor(),
                now=now(),
                project_id=project_id,
                reason=form.reason.data or "",
            )
    except Refused as refused:
        add_blockers(form, refused.blockers)
        return _page(project_id, withdrawing=form), 409
    flash("提案を取り下げました。期限までは、もう一度提出できます。", "success")
    return redirect(url_for("procurement.proposals", project_id=project_id))


@blueprint.post("/projects/<int:project_id>/proposals/open")
@requires(Action.MOVE_PROJECT)
def open_proposals(project_id: int) -> ResponseReturnValue:
    """Ask for the opening, or be the second person."""
    try:
        with transaction() as session:
            opening = service.open_proposals(
                session, actor=current_actor(), now=now(), project_id=project_id
            )
            opened = opening.opened_at is not None
    except Refused as refused:
        flash("、".join(blocker.message for blocker in refused.blockers), "error")
        return redirect(url_for("procurement.proposals", project_id=project_id))
    text = "開札しました。" if opened else "開札を申し出ました。もう一人の方が開いてください。"
    flash(text, "success")
    return redirect(url_for("procurement.proposals", project_id=project_id))


def _page(
    project_id: int, form: ProposalForm | None = None, withdrawing: WithdrawForm | None = None
) -> str:
    session, actor, moment = get_session(), current_actor(), now()
    head, project = get_head_and_project(session, actor, project_id)
    vendor, leads = find_own_vendor(session, actor), head.standing.leads
    if vendor is None and not leads:
        raise NotFound("proposals")
    moments = get_notice(session, project).moments
    round_number, state = find_round(session, project_id), State(project.state)
    opening = find_opening(session, project_id, round_number) if leads else None
    scores = leads and is_kept_from_prices(session, project, round_number, actor.user_id)
    opened = list_opened(session, project_id, round_number) if leads else ()
    receipts = list_own_receipts(session, project_id, round_number, vendor.id) if vendor else ()
    measures = list_measures(session, project_id) if project.state not in BEFORE_NOTICE else ()
    return render_template(
        "procurement/proposals.html",
        frame=project_frame(head, "proposals", moment),
        clock=words.clock_text(moment),
        closes=head.row.proposals_close_at,
        vendor=vendor,
        may_propose=may(actor, Action.PROPOSE),
        receipts=words.receipt_lines(receipts),
        stands=any(row.stands for row in receipts),
        proposing_blockers=list_proposing_blockers(state, moments, moment),
        form=form or ProposalForm(formdata=None, data={"offered": lines_to_fill_in(measures)}),
        measures=measures,
        own_offers=words.own_offer_table(measures, receipts),
        over=words.reasons_to_be_out(measures, receipts),
        offers=None if scores else words.offer_table(measures, opened),
        withdrawing=withdrawing or WithdrawForm(formdata=None),
        leads=leads,
        opening=opening,
        opening_text=words.opening_text(opening),
        opening_blockers=_list_opening_blockers(state, moments, opening),
        scores=scores,
        opened=words.lines_without_prices(opened) if scores else words.opened_lines(opened),
    )


def _list_opening_blockers(
    state: State, moments: Moments, opening: OpeningRow | None
) -> list[Blocker]:
    return list_opening_blockers(
        state,
        moments,
        now(),
        first_user_id=opening.first_user_id if opening else None,
        user_id=current_actor().user_id,
        opened=opening is not None and opening.opened_at is not None,
    )
