"""/projects/<id>/terms: the lead's basis of the estimate and draft of the sharing terms."""

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from accounts.access import current_actor, requires
from accounts.roles import Action
from foundation.errors import Conflict, Refused
from foundation.forms import add_blockers
from foundation.text import find_number
from foundation.web import get_session, now, transaction
from procurement.domain.rules import parse_rule
from procurement.domain.templates.shelf import find_template
from procurement.forms.projects import BasisForm
from procurement.forms.terms import TermsForm, keep_unknown_rules, make_terms_form, with_rule
from procurement.presenters.project import project_frame
from procurement.queries.plan_choices import list_lead_bases, list_plan_choices
from procurement.queries.project_page import get_head_and_project
from procurement.services import estimates
from procurement.services import terms as service
from procurement.views.blueprint import blueprint
from procurement.views.leading import require_lead


@blueprint.get("/projects/<int:project_id>/terms")
@requires(Action.EDIT_PROJECT)
def terms(project_id: int) -> ResponseReturnValue:
    """Basis and terms, for the lead only."""
    return _page(project_id, None)


@blueprint.post("/projects/<int:project_id>/terms")
@requires(Action.EDIT_PROJECT)
def save_terms(project_id: int) -> ResponseReturnValue:
    """Keep the draft."""
    head, _ = get_head_and_project(get_session(), current_actor(), project_id)
    form = TermsForm()
    keep_unknown_rules(form, head.terms)
    if not form.validate():
        return _page(project_id, form), 422
    try:
        with transaction() as session:
            service.set_sharing_terms(
                session,
                actor=current_actor(),
                now=now(),
                project_id=project_id,
                wanted=form.wanted(),
                seen_version=find_number(form.seen_version.data) or 0,
            )
    except Refused as refused:
        add_blockers(form, refused.blockers)
        return _page(project_id, form), 409
    except Conflict as conflict:
        form.form_errors.append(str(conflict))
        head, _ = get_head_and_project(get_session(), current_actor(), project_id)
        form.seen_version.data = str(head.row_version)
        return _page(project_id, form), 409
    flash("負担の条件を保存しました。試算は負担案のページで確かめられます。", "success")
    return redirect(url_for("procurement.sharing", project_id=project_id))


@blueprint.post("/projects/<int:project_id>/bases")
@requires(Action.EDIT_PROJECT)
def add_basis(project_id: int) -> ResponseReturnValue:
    """Take a plan as a basis."""
    form = BasisForm()
    with transaction() as session:
        basis = estimates.add_estimate_basis(
            session,
            actor=current_actor(),
            now=now(),
            project_id=project_id,
            price_plan_id=find_number(form.price_plan_id.data) or 0,
        )
        label = basis.label
    flash(f"「{label}」を加えました。製品名は参加団体に表示しません。", "success")
    return redirect(url_for("procurement.terms", project_id=project_id))


@blueprint.post("/projects/<int:project_id>/bases/<int:basis_id>/remove")
@requires(Action.EDIT_PROJECT)
def remove_basis(project_id: int, basis_id: int) -> ResponseReturnValue:
    """Take a basis away."""
    with transaction() as session:
        estimates.remove_estimate_basis(
            session, actor=current_actor(), now=now(), project_id=project_id, basis_id=basis_id
        )
    flash("試算の前提を外しました。", "success")
    return redirect(url_for("procurement.terms", project_id=project_id))


def _suggested(system_type: str, wanted: str) -> tuple[list[tuple[str, str, str]], str]:
    """The template's rules as (text, label, reason), and the one the address asks for, else ''."""
    template = find_template(system_type)
    rules = template.rules if template else ()
    shown = [(rule.text, parse_rule(rule.text).label, rule.reason) for rule in rules]
    return shown, next((rule.text for rule in rules if rule.text == wanted), "")


def _page(project_id: int, form: TermsForm | None) -> str:
    session = get_session()
    head, project = get_head_and_project(session, current_actor(), project_id)
    require_lead(head)
    basis_form = BasisForm(formdata=None)
    basis_form.price_plan_id.choices = [
        ("", "選んでください"),
        *(
            (str(plan.id), plan.label)
            for plan in list_plan_choices(
                session, project.system_type_code, fictional=project.fictional
            )
        ),
    ]
    rules, taken = _suggested(project.system_type_code, request.args.get("rule", ""))
    stored = with_rule(head.terms, taken) if taken else head.terms
    return render_template(
        "procurement/terms.html",
        frame=project_frame(head, "terms", now()),
        bases=list_lead_bases(session, project_id),
        basis_form=basis_form,
        basis_blockers=estimates.list_basis_blockers(project, head.standing),
        form=form or make_terms_form(stored, head.row_version),
        suggested=rules,
        taken=parse_rule(taken).label if taken and form is None else "",
        terms_blockers=service.list_terms_blockers(project, head.standing),
    )
