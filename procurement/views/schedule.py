"""/projects/<id>/schedule and schedule.ics; /desk/body/rules: dates counted back and met."""

from datetime import date
from typing import Any

from flask import Response, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from accounts.access import current_actor, public, requires
from accounts.roles import Action
from foundation.clock import jst_today
from foundation.errors import Conflict, Refused
from foundation.forms import add_blockers
from foundation.text import find_number
from foundation.web import attachment, get_session, now, transaction
from procurement.domain.schedule import STEPS, Plan, count_back, look_ahead
from procurement.forms.schedule import (
    BodyRulesForm,
    CalendarForm,
    length_unit,
    rule_values,
)
from procurement.presenters import schedule as words
from procurement.presenters.calendar_file import calendar_file
from procurement.presenters.project import project_frame
from procurement.queries.project_page import ProjectHead, get_head_and_project
from procurement.queries.schedule_page import (
    SchedulePage,
    find_body_rules,
    get_schedule_page,
)
from procurement.services import schedule as service
from procurement.views.blueprint import blueprint


@blueprint.get("/projects/<int:project_id>/schedule")
@public
def schedule(project_id: int) -> ResponseReturnValue:
    """The steps counted back from the first day of use; for members each body's dates too."""
    return _page(project_id, None)


@blueprint.post("/projects/<int:project_id>/schedule")
@requires(Action.EDIT_PROJECT)
def save_schedule(project_id: int) -> ResponseReturnValue:
    """The lead's own lengths."""
    form: Any = CalendarForm()
    if not form.validate():
        return _page(project_id, form), 422
    try:
        with transaction() as session:
            service.set_project_calendar(
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
        # Saving once more is then a deliberate decision, made with the newest state in view.
        head, project = get_head_and_project(get_session(), current_actor(), project_id)
        page = get_schedule_page(get_session(), project, head.standing)
        form.seen_version.data = str(page.row_version)
        return _page(project_id, form), 409
    flash("日程の設定を保存しました。", "success")
    return redirect(url_for("procurement.schedule", project_id=project_id))


@blueprint.get("/projects/<int:project_id>/schedule.ics")
@public
def schedule_file(project_id: int) -> Response:
    """The same for a calendar program."""
    session, actor, moment = get_session(), current_actor(), now()
    head, project = get_head_and_project(session, actor, project_id)
    page = get_schedule_page(session, project, head.standing)
    content = calendar_file(
        head,
        count_back(page.plan) if page.plan else (),
        made_at=moment,
        address=url_for("procurement.project", project_id=project_id, _external=True),
    )
    return attachment(content, "text/calendar", f"moyai-project-{project_id}.ics")


@blueprint.get("/desk/body/rules")
@requires(Action.PREPARE_JOIN)
def body_rules() -> ResponseReturnValue:
    """What the own body's rules say of budgets, assemblies and long contracts."""
    rules = find_body_rules(get_session(), current_actor())
    return _rules_page(BodyRulesForm(formdata=None, data=rule_values(rules)))


@blueprint.post("/desk/body/rules")
@requires(Action.PREPARE_JOIN)
def save_body_rules() -> ResponseReturnValue:
    """State them."""
    form = BodyRulesForm()
    if not form.validate():
        return _rules_page(form), 422
    try:
        with transaction() as session:
            service.set_body_rules(
                session,
                actor=current_actor(),
                now=now(),
                wanted=form.wanted(),
                seen_version=find_number(form.seen_version.data) or 0,
            )
    except Refused as refused:
        add_blockers(form, refused.blockers)
        return _rules_page(form), 409
    except Conflict as conflict:
        form.form_errors.append(str(conflict))
        rules = find_body_rules(get_session(), current_actor())
        form.seen_version.data = str(rules.row_version if rules else 0)
        return _rules_page(form), 409
    flash("自団体の予算・議会・契約の条件を保存しました。", "success")
    return redirect(url_for("procurement.body_rules"))


def _rules_page(form: BodyRulesForm) -> str:
    rules = find_body_rules(get_session(), current_actor())
    return render_template("procurement/body_rules.html", form=form, stored=rules)


def _page(project_id: int, form: Any) -> str:
    session, actor, moment = get_session(), current_actor(), now()
    head, project = get_head_and_project(session, actor, project_id)
    page = get_schedule_page(session, project, head.standing)
    return render_template(
        "procurement/schedule.html",
        frame=project_frame(head, "schedule", moment),
        page=page,
        head=head,
        deadlines=words.deadline_rows(head),
        form=_filled(form, page),
        steps=STEPS,
        length_unit=length_unit,
        leads=head.standing.leads,
        is_member=head.standing.is_member,
        blockers=service.list_calendar_blockers(project, head.standing),
        **(_planned(page, page.plan, head, jst_today(moment)) if page.plan else {}),
    )


def _planned(page: SchedulePage, plan: Plan, head: ProjectHead, today: date) -> dict[str, Any]:
    """What there is once a first day of use is wished."""
    spans = count_back(plan)
    gates = words.list_gates(page, None if head.standing.leads else head.standing.actor.body_code)
    return {
        "rows": words.step_rows(page, spans, today),
        "drawing": words.draw(page, spans, today),
        "outlook": look_ahead(plan, today),
        "outlook_text": words.outlook_text(plan, look_ahead(plan, today)),
        "notice_problem": words.notice_problem(page, head, spans),
        "gates": words.gate_table(gates),
        "unstated": [c.name for c in page.calendars if not c.stated] if head.standing.leads else [],
        "limit": words.limit_text(page) if head.standing.leads else "",
        "waves": words.wave_lines(words.propose(page)),
        "all_at_once": words.all_at_once_text(page),
        "first_year": words.first_year_text(plan),
    }


def _filled(form: Any, page: SchedulePage) -> Any:
    """The lead's form as typed, else as stored."""
    if form is not None:
        return form
    lengths = page.plan.lengths if page.plan else {}
    return CalendarForm(
        formdata=None,
        data={
            **{step.key: lengths.get(step.key, step.default) for step in STEPS},
            "seen_version": str(page.row_version),
            "buys_property": page.plan.buys_property if page.plan else False,
            "wave_months": page.wave_months,
            "shortest_notice": page.shortest_notice,
        },
    )
