"""/projects/<id>/specification: what is required in the end, as a page and as files."""

from flask import Response, abort, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from accounts.access import current_actor, public, requires
from accounts.roles import Action
from foundation.errors import NotFound
from foundation.web import get_session, now
from procurement.domain.states import BEFORE_NOTICE, State
from procurement.forms.requirements import CorrectionForm, FixSpecificationForm, with_clauses
from procurement.models import Project
from procurement.presenters.paper_files import DOCX_TYPE
from procurement.presenters.project import project_frame
from procurement.presenters.spec_files import spec_docx, spec_markdown, spec_paper
from procurement.queries.project_page import ProjectHead, get_head_and_project
from procurement.queries.requirements import Specification, get_specification
from procurement.queries.tender import list_questions
from procurement.services import specification as service
from procurement.views.blueprint import blueprint
from procurement.views.saving import attempt


@blueprint.get("/projects/<int:project_id>/specification")
@public
def specification(project_id: int) -> ResponseReturnValue:
    """Version, published answers and corrections together; from the notice on for everybody."""
    return _page(project_id)


@blueprint.post("/projects/<int:project_id>/specification/fix")
@requires(Action.EDIT_PROJECT)
def fix_specification(project_id: int) -> ResponseReturnValue:
    """The settled lines as the next version."""
    form = FixSpecificationForm()

    def save(session: Session) -> None:
        service.fix_specification(
            session,
            actor=current_actor(),
            now=now(),
            project_id=project_id,
            note=form.note.data or "",
        )

    refused = attempt(form, save)
    if refused:
        return _page(project_id, fixing=form), refused
    flash("仕様書の版を固めました。", "success")
    return redirect(url_for("procurement.specification", project_id=project_id))


@blueprint.post("/projects/<int:project_id>/specification/corrections")
@requires(Action.EDIT_PROJECT)
def correct_specification(project_id: int) -> ResponseReturnValue:
    """A correction after the notice, public at once."""
    _, _, found = _readable(project_id)
    form = with_clauses(CorrectionForm(), found.newest.clauses if found.newest else ())

    def save(session: Session) -> None:
        service.correct_specification(
            session,
            actor=current_actor(),
            now=now(),
            project_id=project_id,
            requirement_id=form.chosen,
            text=(form.text.data or "").strip().replace("\r\n", "\n"),
            reason=form.reason.data or "",
        )

    refused = attempt(form, save)
    if refused:
        return _page(project_id, correcting=form), refused
    flash("訂正を出し、関係する団体に知らせました。", "success")
    return redirect(url_for("procurement.specification", project_id=project_id))


@blueprint.get("/projects/<int:project_id>/specification.<ending>")
@public
def specification_file(project_id: int, ending: str) -> ResponseReturnValue:
    """The newest version with all that holds beside it, as Word or Markdown."""
    head, _, found = _readable(project_id)
    if found.newest is None or ending not in {"docx", "md"}:
        abort(404)
    questions = list_questions(get_session(), project_id, head.standing, None)
    paper = spec_paper(head.row.title, head.row.lead_name, head.fictional, found, questions)
    if ending == "docx":
        response = Response(spec_docx(paper), mimetype=DOCX_TYPE)
    else:
        response = Response(spec_markdown(paper), mimetype="text/markdown")
    name = f"specification-{project_id}-v{found.newest.number}.{ending}"
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _readable(project_id: int) -> tuple[ProjectHead, Project, Specification]:
    """Before the notice for those asked and members; raises NotFound for others."""
    session = get_session()
    head, project = get_head_and_project(session, current_actor(), project_id)
    drafting = State(project.state) in BEFORE_NOTICE
    if drafting and not (head.standing.is_member or head.standing.knows_as_body):
        raise NotFound("specification")
    return head, project, get_specification(session, project_id)


def _page(
    project_id: int,
    fixing: FixSpecificationForm | None = None,
    correcting: CorrectionForm | None = None,
) -> str:
    session, moment = get_session(), now()
    head, project, found = _readable(project_id)
    clauses = found.newest.clauses if found.newest else ()
    questions = list_questions(session, project_id, head.standing, None)
    return render_template(
        "procurement/specification.html",
        frame=project_frame(head, "specification", moment),
        found=found,
        answers=[row for row in questions if row.published],
        leads=head.standing.leads,
        drafting=State(project.state) in BEFORE_NOTICE,
        fixing=fixing or FixSpecificationForm(formdata=None),
        fixing_blockers=service.list_fixing_blockers(project, head.standing),
        correcting=correcting or with_clauses(CorrectionForm(formdata=None), clauses),
        correcting_blockers=service.list_correcting_blockers(project, head.standing),
    )
