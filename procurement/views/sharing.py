"""/projects/<id>/sharing: rule, inputs, shares, old and new, and fixing the next version."""

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from accounts.access import current_actor, public, requires
from accounts.codes import is_fictional_code
from accounts.roles import Action
from foundation.errors import Conflict, Refused
from foundation.forms import add_blockers
from foundation.text import find_number
from foundation.web import get_session, now, transaction
from procurement.domain.states import State
from procurement.forms.award import BreakdownForm, breakdown_values
from procurement.forms.projects import FixForm
from procurement.models import Project
from procurement.presenters import sharing as words
from procurement.presenters import sharing_words as told
from procurement.presenters.final_shares import award_view, requote_view
from procurement.presenters.project import project_frame
from procurement.queries.project_page import get_head_and_project
from procurement.queries.sharing_page import SharingPage, get_sharing_page
from procurement.queries.standing import Standing
from procurement.queries.what_if import Question, WhatIf, find_what_if
from procurement.services import consents
from procurement.services.award_breakdown import (
    list_breaking_down_blockers,
    set_award_breakdown,
)
from procurement.services.shares import fix_share_version, list_fix_blockers
from procurement.views.blueprint import blueprint
from procurement.views.saving import save_form

UNREADABLE = 0  # a typed quantity that is no number: refused like any other that is none


@blueprint.get("/projects/<int:project_id>/sharing")
@public
def sharing(project_id: int) -> ResponseReturnValue:
    """For members the preview with all it rests on; for others what is public."""
    return _sharing_page(project_id, None)


@blueprint.post("/projects/<int:project_id>/sharing/fix")
@requires(Action.FIX_SHARE_VERSION)
def fix_version(project_id: int) -> ResponseReturnValue:
    """Freeze the preview that was on the page."""
    form = FixForm()
    if not form.validate():
        return _sharing_page(project_id, form), 422
    try:
        with transaction() as session:
            version = fix_share_version(
                session,
                actor=current_actor(),
                now=now(),
                project_id=project_id,
                basis_id=find_number(form.basis_id.data),
                preview_sha256=form.preview_sha256.data or "",
                note=form.note.data or "",
                closes_at=form.closes_at(),
            )
            number = version.number
    except Refused as refused:
        add_blockers(form, refused.blockers)
        return _sharing_page(project_id, form), 409
    except Conflict as conflict:
        form.form_errors.append(str(conflict))
        return _sharing_page(project_id, form), 409
    flash(f"負担案 第{number}版を確定しました。", "success")
    return redirect(url_for("procurement.sharing", project_id=project_id))


@blueprint.post("/projects/<int:project_id>/sharing/breakdown")
@requires(Action.EDIT_PROJECT)
def save_breakdown(project_id: int) -> ResponseReturnValue:
    """When the awarded sum falls due; the preview on the page follows."""
    form = BreakdownForm()

    def save(session: Session) -> None:
        set_award_breakdown(
            session,
            actor=current_actor(),
            now=now(),
            project_id=project_id,
            wanted=form.wanted(),
            reason=form.reason.data or "",
            seen_number=find_number(form.seen_number.data) or 0,
        )

    def show(*, refresh: bool = False) -> str:
        return _sharing_page(project_id, None, form)

    return save_form(
        form,
        save,
        show,
        address=url_for("procurement.sharing", project_id=project_id),
        done="決定した額の内訳を保存しました。最終の負担額を確かめてください。",
    )


@blueprint.post("/projects/<int:project_id>/sharing/remind/<body_code>")
@requires(Action.MOVE_PROJECT)
def remind(project_id: int, body_code: str) -> ResponseReturnValue:
    """Ask a silent body again."""
    with transaction() as session:
        consents.remind(
            session, actor=current_actor(), now=now(), project_id=project_id, body_code=body_code
        )
    flash("催促しました。", "success")
    return redirect(url_for("procurement.sharing", project_id=project_id))


@blueprint.post("/projects/<int:project_id>/sharing/lapse/<body_code>")
@requires(Action.LAPSE_CONSENT)
def lapse(project_id: int, body_code: str) -> ResponseReturnValue:
    """Mark a silent body as lapsed."""
    with transaction() as session:
        consents.lapse_consent(
            session, actor=current_actor(), now=now(), project_id=project_id, body_code=body_code
        )
    flash("期限切れとして扱いました。次の版を確定してください。", "success")
    return redirect(url_for("procurement.sharing", project_id=project_id))


def _sharing_page(
    project_id: int, form: FixForm | None, breakdown: BreakdownForm | None = None
) -> str:
    session, actor, moment = get_session(), current_actor(), now()
    head, project = get_head_and_project(session, actor, project_id)
    page = get_sharing_page(session, project, head.standing, find_number(request.args.get("basis")))
    computed = page.chosen.preview if page.chosen else None
    names = {body.code: body.name for body in computed.bodies} if computed else {}
    return render_template(
        "procurement/sharing.html",
        frame=project_frame(head, "sharing", moment),
        page=page,
        leads=head.standing.leads,
        in_operation=head.state == State.OPERATION,
        is_fictional=is_fictional_code,
        computed=computed,
        terms=words.terms_rows(computed.terms) if computed else (),
        inputs=words.member_input_table(computed, page.previews.members)
        if computed and page.previews
        else None,
        bills=[
            words.share_table_view(i, table, names)
            for i, table in enumerate(computed.tables if computed else (), start=1)
        ],
        by_year=words.year_table(computed) if computed else None,
        parts=words.part_table(computed) if computed else None,
        version_table=words.version_table(page.version) if page.version else None,
        form=_filled(form or FixForm(formdata=None), page),
        blockers=list_fix_blockers(
            project, head.standing, page.chosen, page.version.sha256 if page.version else ""
        ),
        consent_closes_at=head.consent_closes_at,
        reminding={r.code: consents.list_reminding_blockers(r, moment) for r in page.waiting},
        lapsing={
            row.code: consents.list_lapsing_blockers(project, head.standing, row, moment)
            for row in page.waiting
        },
        **_told(page, _find_what_if(project, page)),
        **_awarded(page, project, head.standing, breakdown),
    )


def _awarded(
    page: SharingPage, project: Project, standing: Standing, form: BreakdownForm | None
) -> dict[str, Any]:
    """What the page says of the awarded price; nothing before there is one."""
    if page.final is None:
        return {"award": None}
    if page.award is None:
        return {"award": requote_view(page.final), "breakdown_form": None}
    if form is None:
        form = BreakdownForm(formdata=None, data=breakdown_values(page.award))
    elif form.form_errors:  # somebody else was quicker: save again deliberately
        form.seen_number.data = str(page.award.number)
    return {
        "award": award_view(page.award, page.final),
        "breakdown_form": form,
        "breakdown_blockers": list_breaking_down_blockers(project, standing),
    }


def _find_what_if(project: Project, page: SharingPage) -> WhatIf | None:
    """The answer to 「加わったら・抜けたら」, if the address asks and the reader is a member."""
    if page.previews is None:
        return None
    typed = request.args.get("quantity", "").strip()
    number = find_number(typed)
    question = Question(
        joiner=request.args.get("joiner", "").strip(),
        leaver=request.args.get("leaver", "").strip(),
        quantity=(UNREADABLE if number is None else number) if typed else None,
    )
    return find_what_if(get_session(), project, page.previews, page.chosen, question)


def _told(page: SharingPage, answer: WhatIf | None) -> dict[str, Any]:
    """The sharing in sentences, and the answer to a question about joining and leaving."""
    computed = page.chosen.preview if page.chosen else None
    return {
        "sentences": told.explanation(computed) if computed else (),
        "answer": answer,
        "answer_words": told.what_if_words(answer) if answer else "",
        "answer_table": told.what_if_table(answer) if answer else None,
        "changes_words": told.changes_words(page.changes),
        "direction": told.direction,
    }


def _filled(form: FixForm, page: SharingPage) -> FixForm:
    """The form for what the page shows now; after a conflict it is to be confirmed anew."""
    form.confirmed.data = False
    if page.chosen and page.chosen.preview:
        form.preview_sha256.data = page.chosen.preview.sha256
        form.basis_id.data = str(page.chosen.basis.id)
    return form
