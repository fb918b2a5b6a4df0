"""A body's own place in a project: consent, own ceiling, leaving."""

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from accounts.access import current_actor, requires
from accounts.roles import Action
from foundation.clock import fiscal_year_label
from foundation.errors import Conflict, NotFound, Refused
from foundation.filters import number
from foundation.forms import add_blockers
from foundation.money import yen
from foundation.text import find_number
from foundation.web import get_session, now, transaction
from procurement.domain.consent import AGREED
from procurement.forms.consent import ConsentForm, make_consent_form, maximum_of
from procurement.forms.joining import AnswersForm, CeilingForm, LeaveForm
from procurement.models import Participation, Project
from procurement.presenters.amounts import unit_suffix
from procurement.presenters.ceiling import over_ceiling_text, shares_of
from procurement.presenters.project import project_frame
from procurement.presenters.sharing import leaver_text
from procurement.queries.consents import find_earlier_maximum
from procurement.queries.figures import terms_of
from procurement.queries.own_page import get_leave_effect, get_own_page
from procurement.queries.project_page import ProjectHead, get_head_and_project
from procurement.queries.secrets import find_own_ceiling
from procurement.services import answers, ceilings, consents, leaving
from procurement.services.access import find_participation
from procurement.views.blueprint import blueprint
from procurement.views.saving import save_form


@blueprint.get("/projects/<int:project_id>/consent")
@requires(Action.PREPARE_JOIN)
def consent(project_id: int) -> ResponseReturnValue:
    """What the own body pays by the newest version, and the form to consent."""
    return _consent_page(project_id, None)


@blueprint.post("/projects/<int:project_id>/consent")
@requires(Action.CONSENT)
def give_consent(project_id: int) -> ResponseReturnValue:
    """The manager consents."""
    actor = current_actor()
    years = _years_to_answer(project_id)
    form = make_consent_form(years, request.form)
    if not form.validate():
        return _consent_page(project_id, form), 422
    try:
        with transaction() as session:
            consents.consent(
                session,
                actor=actor,
                now=now(),
                project_id=project_id,
                body_code=actor.body_code or "",
                version_number=find_number(form.version.data) or 0,
                maximum_yen=maximum_of(form, years),
                approval_date=form.approval_date.data,
                approval_number=form.approval_number.data or "",
            )
    except Refused as refused:
        add_blockers(form, refused.blockers)
        return _consent_page(project_id, form), 409
    flash("負担案に同意しました。幹事団体に知らせました。", "success")
    return redirect(url_for("procurement.consent", project_id=project_id))


@blueprint.post("/projects/<int:project_id>/consent/withdraw")
@requires(Action.CONSENT)
def withdraw_consent(project_id: int) -> ResponseReturnValue:
    """Take the consent back before the deadline."""
    actor = current_actor()
    with transaction() as session:
        consents.withdraw_consent(
            session,
            actor=actor,
            now=now(),
            project_id=project_id,
            body_code=actor.body_code or "",
        )
    flash("同意を取り下げました。", "success")
    return redirect(url_for("procurement.consent", project_id=project_id))


@blueprint.get("/projects/<int:project_id>/own")
@requires(Action.PREPARE_JOIN)
def own_place(project_id: int) -> ResponseReturnValue:
    """Own ceiling, and leaving with its consequences shown first."""
    return _own_place_page(project_id)


@blueprint.post("/projects/<int:project_id>/own/ceiling")
@requires(Action.SET_INTERNAL_CEILING)
def set_ceiling(project_id: int) -> ResponseReturnValue:
    """Keep or take away the own ceiling."""
    actor, form = current_actor(), CeilingForm()

    def save(session: Session) -> None:
        ceilings.set_internal_ceiling(
            session,
            actor=actor,
            now=now(),
            project_id=project_id,
            body_code=actor.body_code or "",
            amount_yen=form.amount_yen.data,
            shown_to_secretariat=form.shown_to_secretariat.data,
            seen=form.seen.data or "",
        )

    def show(*, refresh: bool = False) -> str:
        if refresh:
            head, _ = get_head_and_project(get_session(), actor, project_id)
            stored = find_own_ceiling(get_session(), head.standing, project_id)
            form.seen.data = stored.mark if stored else ""
            kept = yen(stored.amount_yen) if stored else "なし"
            form.amount_yen.errors = [*form.amount_yen.errors, f"保存されている額：{kept}"]
        return _own_place_page(project_id, ceiling_form=form)

    address = url_for("procurement.own_place", project_id=project_id)
    return save_form(form, save, show, address=address, done="自団体上限額を保存しました。")


@blueprint.post("/projects/<int:project_id>/own/answers")
@requires(Action.PREPARE_JOIN)
def change_answers(project_id: int) -> ResponseReturnValue:
    """The body changes what it said when it joined."""
    actor, form = current_actor(), AnswersForm()
    if not form.validate():
        return _own_place_page(project_id, answers_form=form), 422
    try:
        with transaction() as session:
            answers.change_answers(
                session,
                actor=actor,
                now=now(),
                project_id=project_id,
                body_code=actor.body_code or "",
                wanted=form.wanted(),
                seen_version=find_number(form.seen_version.data) or 0,
            )
    except Refused as refused:
        add_blockers(form, refused.blockers)
        return _own_place_page(project_id, answers_form=form), 409
    except Conflict as conflict:
        form.form_errors.append(str(conflict))
        return _conflict_page(project_id, form), 409
    flash("参加の内容を保存しました。", "success")
    return redirect(url_for("procurement.own_place", project_id=project_id))


@blueprint.post("/projects/<int:project_id>/own/leave")
@requires(Action.JOIN)
def leave(project_id: int) -> ResponseReturnValue:
    """The manager takes the body out."""
    actor, form = current_actor(), LeaveForm()
    if not form.validate():
        return _own_place_page(project_id, form), 422
    try:
        with transaction() as session:
            leaving.leave_project(
                session,
                actor=actor,
                now=now(),
                project_id=project_id,
                body_code=actor.body_code or "",
                reason=form.reason.data or "",
                approval_date=form.approval_date.data,
                approval_number=form.approval_number.data or "",
            )
    except Refused as refused:
        add_blockers(form, refused.blockers)
        return _own_place_page(project_id, form), 409
    flash("離脱しました。幹事団体に知らせました。", "success")
    return redirect(url_for("procurement.project", project_id=project_id))


def _consent_page(project_id: int, form: ConsentForm | None) -> str:
    session, actor, moment = get_session(), current_actor(), now()
    head, project = get_head_and_project(session, actor, project_id)
    require_place(head)
    page = get_own_page(session, project, head.standing)
    body_code = actor.body_code or ""
    blockers = consents.list_consent_blockers(
        project, page.consent, actor=actor, body_code=body_code, now=moment
    )
    return render_template(
        "procurement/consent.html",
        frame=project_frame(head, "consent", moment),
        page=page,
        form=form or make_consent_form(page.years, None, page),
        years=[(year, fiscal_year_label(year)) for year in page.years],
        agreed=page.consent is not None and page.consent.status in AGREED,
        earlier=find_earlier_maximum(session, page.consent),
        over_ceiling=over_ceiling_text(
            shares_of(page), find_own_ceiling(session, head.standing, project_id)
        ),
        blockers=blockers,
        closes_at=project.consent_closes_at,
        withdraw_blockers=consents.list_withdrawing_blockers(
            project, page.consent, actor=actor, body_code=body_code, now=moment
        )
        if page.consent
        else [],
    )


def _conflict_page(project_id: int, form: AnswersForm) -> str:
    """What was typed, to be saved deliberately; what is stored stands beside it."""
    row = find_participation(get_session(), project_id, current_actor().body_code or "")
    if row is not None:
        form.seen_version.data = str(row.row_version)
        stored = "、".join(f"{number(quantity)}" for quantity in row.quantities.values())
        form.quantity.errors = [*form.quantity.errors, f"保存されている数量：{stored}"]
    return _own_place_page(project_id, answers_form=form)


def _own_place_page(
    project_id: int,
    form: LeaveForm | None = None,
    *,
    ceiling_form: CeilingForm | None = None,
    answers_form: AnswersForm | None = None,
) -> str:
    session, actor, moment = get_session(), current_actor(), now()
    head, project = get_head_and_project(session, actor, project_id)
    require_place(head)
    body_code = actor.body_code or ""
    row = find_participation(session, project_id, body_code)
    leave_blockers = leaving.list_leave_blockers(project, row, actor=actor, body_code=body_code)
    # Bound by a contract, it pays on by the terms: shares "without it" would be no forecast.
    by_terms = any(each.code == "by_terms" for each in leave_blockers)
    return render_template(
        "procurement/own_place.html",
        frame=project_frame(head, "own", moment),
        answers_form=answers_form or _kept_answers(project, row),
        answers_blockers=answers.list_answer_blockers(
            project, row, actor=actor, body_code=body_code, now=moment
        ),
        unit=unit_suffix(project.main_unit),
        ceiling_form=ceiling_form or _kept_ceiling(project_id, head),
        ceiling_blockers=ceilings.list_ceiling_blockers(row, actor=actor, body_code=body_code),
        leave_form=form or LeaveForm(formdata=None),
        leave_blockers=leave_blockers,
        terms_text=_terms_of_leaving(project) if by_terms else "",
        effect=None if by_terms else get_leave_effect(session, project, head.standing),
    )


def _terms_of_leaving(project: Project) -> str:
    """What who leaves pays; '' where the terms are not whole."""
    try:
        return leaver_text(terms_of(project))
    except Refused:
        return ""


def _kept_answers(project: Project, row: Participation | None) -> AnswersForm:
    """The form with what the body has said."""
    form = AnswersForm(formdata=None)
    if row is not None:
        form.seen_version.data = str(row.row_version)
        form.quantity.data = row.quantities.get(project.main_unit)
        form.budget_status.data = row.budget_status
        form.contact_name.data = row.contact_name
        form.note.data = row.note
    return form


def _kept_ceiling(project_id: int, head: ProjectHead) -> CeilingForm:
    """The form with the ceiling the body keeps, if it keeps one."""
    form = CeilingForm(formdata=None)
    ceiling = find_own_ceiling(get_session(), head.standing, project_id)
    if ceiling:
        form.amount_yen.data = ceiling.amount_yen
        form.shown_to_secretariat.data = ceiling.shown_to_secretariat
        form.seen.data = ceiling.mark
    return form


def _years_to_answer(project_id: int) -> tuple[int, ...]:
    """The fiscal years of the version the own body is asked about."""
    session = get_session()
    head, project = get_head_and_project(session, current_actor(), project_id)
    require_place(head)
    return get_own_page(session, project, head.standing).years


def require_place(head: ProjectHead) -> None:
    """These pages exist only for a body that has a place in the project."""
    if head.standing.participation is None:
        raise NotFound("participation")
