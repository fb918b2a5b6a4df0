"""/projects/<id>/lots/notice: all lots' notices as one page and paper; announcing them."""

from functools import partial

from flask import render_template, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from accounts.access import current_actor, public, requires
from accounts.roles import Action
from foundation.errors import NotFound
from foundation.text import find_number
from foundation.web import attachment, get_session, now
from procurement.forms.lots import AnnounceForm
from procurement.presenters import lot_notice as words
from procurement.presenters.paper_files import DOCX_TYPE
from procurement.presenters.project import project_frame
from procurement.queries.lot_notice import LotsNotice, find_lots_notice
from procurement.queries.project_page import ProjectHead, get_head_and_project
from procurement.services.access import list_leading_blockers
from procurement.services.lot_notice import announce_lots
from procurement.views.blueprint import blueprint
from procurement.views.leading import require_lead
from procurement.views.saving import save_form


@blueprint.get("/projects/<int:project_id>/lots/notice")
@public
def lots_notice(project_id: int) -> ResponseReturnValue:
    """For everybody once a lot is announced; before that for the lead."""
    return _page(project_id)


@blueprint.get("/projects/<int:project_id>/lots/notice.docx")
@public
def lots_notice_file(project_id: int) -> ResponseReturnValue:
    """The same as a Word file."""
    _, page = _get(project_id)
    paper = words.lots_docx(page, words.lot_notices(page))
    return attachment(paper, DOCX_TYPE, f"lots-notice-{project_id}.docx")


@blueprint.post("/projects/<int:project_id>/lots/notice")
@requires(Action.FIX_SHARE_VERSION)
def announce(project_id: int) -> ResponseReturnValue:
    """The chosen lots, all or none."""
    head, page = _get(project_id)
    require_lead(head)
    form = AnnounceForm(prefix="announce")
    form.lots.choices = words.announceable(page)

    def save(session: Session) -> None:
        announce_lots(
            session,
            actor=current_actor(),
            now=now(),
            project_id=project_id,
            chosen=[find_number(each) or 0 for each in form.lots.data or []],
        )

    return save_form(
        form,
        save,
        partial(_page, project_id, form),
        address=url_for("procurement.lots_notice", project_id=project_id),
        done="選んだ区分を公告し、関係する団体に知らせました。",
    )


def _get(project_id: int) -> tuple[ProjectHead, LotsNotice]:
    session, actor = get_session(), current_actor()
    session.expire_all()
    head, project = get_head_and_project(session, actor, project_id)
    page = find_lots_notice(session, project, actor)
    if page is None:
        raise NotFound("notice of lots")
    return head, page


def _page(project_id: int, typed: AnnounceForm | None = None, *, refresh: bool = False) -> str:
    head, page = _get(project_id)
    form = typed or AnnounceForm(formdata=None, prefix="announce")
    form.lots.choices = words.announceable(page)
    return render_template(
        "procurement/lots_notice.html",
        frame=project_frame(head, "lots", now()),
        page=page,
        lots=words.lot_notices(page),
        columns=words.COLUMNS,
        note=words.NOTE,
        form=form if head.standing.leads and form.lots.choices else None,
        blockers=list_leading_blockers(head.standing, Action.FIX_SHARE_VERSION),
    )
