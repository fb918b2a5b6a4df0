"""/projects/<id>/rfi: asking vendors for information, their answers, made comparable."""

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from accounts.access import current_actor, requires
from accounts.roles import Action
from catalog.models import Vendor
from catalog.plan_form import FlatForm
from catalog.presenters.desk import example_labels, present_estimate
from foundation.clock import jst_moment
from foundation.errors import NotFound
from foundation.text import find_number
from foundation.web import get_session, now
from procurement.domain.quotes import DEFAULT_YEARS
from procurement.domain.scrutiny import band_label, size_band
from procurement.forms.rfi import AnswerRequestForm, RequestForm, answer_form
from procurement.models import Project, VendorRequest
from procurement.presenters.comparable import yen_each
from procurement.presenters.project import project_frame
from procurement.presenters.rfi import NOT_BINDING, quote_views
from procurement.queries import rfi as queries
from procurement.queries.comparable_cases import MOST_CASES
from procurement.queries.project_page import ProjectHead, get_head_and_project
from procurement.queries.tender import find_own_vendor
from procurement.services import rfi as service
from procurement.views.blueprint import blueprint
from procurement.views.saving import attempt

MAX_YEARS = 10


@blueprint.get("/projects/<int:project_id>/rfi")
@requires(Action.USE_OWN_ACCOUNT)
def rfi(project_id: int) -> ResponseReturnValue:
    """The lead's requests and answers; a vendor's own; members' after the deadline."""
    return _page(project_id)


@blueprint.post("/projects/<int:project_id>/rfi")
@requires(Action.EDIT_PROJECT)
def request_information(project_id: int) -> ResponseReturnValue:
    """Ask the ticked vendors."""
    form = RequestForm()

    def save(session: Session) -> None:
        service.request_information(
            session,
            actor=current_actor(),
            now=now(),
            project_id=project_id,
            vendor_ids=form.vendors.data or [],
            message=(form.message.data or "").strip().replace("\r\n", "\n"),
            closes_at=jst_moment(form.closes_on.data),
        )

    refused = attempt(form, save)
    if refused:
        return _page(project_id, form), refused
    flash("事業者に情報提供を依頼しました。", "success")
    return redirect(url_for("procurement.rfi", project_id=project_id))


@blueprint.route("/projects/<int:project_id>/rfi/answer", methods=["GET", "POST"])
@requires(Action.ASK_QUESTION)
def rfi_answer(project_id: int) -> ResponseReturnValue:
    """The vendor's editor: the same rows as a price plan of the catalog."""
    session = get_session()
    head, project = get_head_and_project(session, current_actor(), project_id)
    vendor, asked = _own_request(project_id)
    own = queries.get_own_answer(session, project_id, vendor.id)
    form = answer_form(own, project.title)
    if request.method == "GET":
        return _answer_page(head, project, asked, form)
    command = request.form.get("do", "save")
    if command != "save":
        form.change_rows(command)
        if command == "calculate":
            form.validate()
        return _answer_page(head, project, asked, form)

    def save(saving: Session) -> None:
        service.answer_request(
            saving,
            actor=current_actor(),
            now=now(),
            project_id=project_id,
            entry=form.entry,
            coverage=form.coverage,
            seen_version=find_number(form.seen_sha256.data) or 0,
        )

    refused = attempt(form, save)
    if refused:
        if form.form_errors:
            stored = queries.get_own_answer(get_session(), project_id, vendor.id)
            form.seen_sha256.data = str(stored.row_version)
        return _answer_page(head, project, asked, form), refused
    flash("回答しました。期限までは直せます。幹事団体が読めます。", "success")
    return redirect(url_for("procurement.rfi", project_id=project_id))


def _own_request(project_id: int) -> tuple[Vendor, VendorRequest]:
    """The reader's vendor and what it was asked. Raises NotFound for a vendor not asked."""
    vendor = find_own_vendor(get_session(), current_actor())
    asked = queries.find_rfi_request(get_session(), project_id, vendor.id) if vendor else None
    if vendor is None or asked is None:
        raise NotFound("request for information")
    return vendor, asked


def _page(project_id: int, form: RequestForm | None = None) -> str:
    session, actor = get_session(), current_actor()
    head, project = get_head_and_project(session, actor, project_id)
    if find_own_vendor(session, actor) is not None:
        return _vendor_page(head, project)
    if not head.standing.is_member:
        raise NotFound("requests for information")
    return _member_page(head, project, form)


def _vendor_page(head: ProjectHead, project: Project) -> str:
    session = get_session()
    vendor, asked = _own_request(project.id)
    own = queries.get_own_answer(session, project.id, vendor.id)
    return render_template(
        "procurement/rfi_vendor.html",
        frame=project_frame(head, "rfi", now()),
        asked=asked,
        own=own,
        coverage=answer_form(own, project.title),
        blockers=service.list_rfi_answering_blockers(project, asked, now()),
        not_binding=NOT_BINDING,
    )


def _member_page(head: ProjectHead, project: Project, form: RequestForm | None) -> str:
    session, moment, leads = get_session(), now(), head.standing.leads
    closing = queries.find_last_closing(session, project.id)
    reads = queries.reads_answers(head.standing, closing, moment)
    years = min(find_number(request.args.get("years")) or DEFAULT_YEARS, MAX_YEARS)
    compared = queries.compare_answers(session, project, max(years, 1)) if reads else None
    form = form or RequestForm(formdata=None, data={"message": _message(project)})
    vendors = queries.list_askable_vendors(session, project) if leads else ()
    form.vendors.choices = list(vendors)
    return render_template(
        "procurement/rfi.html",
        frame=project_frame(head, "rfi", moment),
        leads=leads,
        reads=reads,
        closing=closing,
        requests=queries.list_requests(session, project.id) if leads else (),
        **_compared_part(compared, project.main_unit, max(years, 1)),
        years=max(years, 1),
        form=form,
        vendors=vendors,
        chosen=set(form.vendors.data or []),
        blockers=service.list_requesting_blockers(project, head.standing) if leads else (),
        not_binding=NOT_BINDING,
    )


def _compared_part(
    compared: queries.AnswersCompared | None, unit: str, years: int
) -> dict[str, Any]:
    """Answers and past cases side by side; nothing for who may not read the answers yet."""
    if compared is None:
        return {"quotes": (), "bodies": 0, "residents": 0}
    residents = compared.residents
    return {
        "quotes": quote_views(compared.answers, unit, years, residents),
        "bodies": compared.bodies,
        "residents": residents,
        "band": band_label(size_band(residents)),
        "past": compared.past[:MOST_CASES],
        "each": yen_each,
    }


def _message(project: Project) -> str:
    return (
        f"「{project.title}」の検討のため、機能・料金・導入までの期間について情報の提供を"
        "お願いします。契約を約束するものではありません。"
    )


def _answer_page(
    head: ProjectHead, project: Project, asked: VendorRequest, form: AnswerRequestForm
) -> str:
    return render_template(
        "procurement/rfi_answer.html",
        frame=project_frame(head, "rfi", now()),
        asked=asked,
        form=form,
        summary=FlatForm(form),
        estimate=present_estimate(form.find_plan()),
        labels=example_labels(),
        blockers=service.list_rfi_answering_blockers(project, asked, now()),
        not_binding=NOT_BINDING,
    )
