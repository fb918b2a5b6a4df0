"""…/ledger/<month>/lines/<line>/letters: 督促状 about an overdue invoice."""

from flask import render_template, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from accounts.access import current_actor, public, requires
from accounts.roles import Action
from foundation.errors import NotFound
from foundation.text import find_number
from foundation.web import attachment, get_session, now
from procurement.domain.dunning import LetterDraft
from procurement.forms.ledger import LetterForm
from procurement.models import Project
from procurement.presenters.dunning import LetterView, letter_docx, letter_view
from procurement.presenters.ledger import category_label
from procurement.presenters.paper_files import DOCX_TYPE
from procurement.presenters.project import project_frame
from procurement.queries.dunning import LetterPage, get_letter_page
from procurement.queries.project_page import ProjectHead
from procurement.services import dunning
from procurement.views.blueprint import blueprint
from procurement.views.ledger import get_reader, route_for
from procurement.views.ledger_month import read_period
from procurement.views.saving import mark_seen, save_form, seen_anew

_LETTERS = "/projects/<int:project_id>/ledger/<month>/lines/<int:line>/letters"


@blueprint.get(_LETTERS)
@public
def letters(project_id: int, month: str, line: int) -> ResponseReturnValue:
    """For whoever reads the line: its lead, its body, auditors."""
    return _page(project_id, month, line, None)


@blueprint.post(_LETTERS)
@requires(Action.FIX_SHARE_VERSION)
def send_letter(project_id: int, month: str, line: int) -> ResponseReturnValue:
    """Send the next letter, once."""
    form = LetterForm(prefix="letter")

    def save(session: Session) -> None:
        dunning.send_letter(
            session,
            actor=current_actor(),
            now=now(),
            project_id=project_id,
            invoice_id=line,
            draft=LetterDraft(letter_number=form.letter_number.data or "", pay_by=form.pay_by.data),
            approval=form.approval(),
            seen_number=find_number(form.seen_number.data) or 0,
        )

    _read(project_id, month, line)
    return save_form(
        form,
        save,
        seen_anew(form, lambda: _page(project_id, month, line, form)),
        address=url_for("procurement.letters", project_id=project_id, month=month, line=line),
        done="督促状を送りました。",
    )


@blueprint.get(f"{_LETTERS}/<int:number>")
@public
def letter(project_id: int, month: str, line: int, number: int) -> ResponseReturnValue:
    """One letter as it was sent, to print."""
    head, view = _letter(project_id, month, line, number)
    return render_template(
        "procurement/letter.html",
        frame=project_frame(head, "ledger", now()),
        view=view,
        place={"project_id": project_id, "month": month, "line": line},
    )


@blueprint.get(f"{_LETTERS}/<int:number>.docx")
@public
def letter_file(project_id: int, month: str, line: int, number: int) -> ResponseReturnValue:
    """The same as a Word file."""
    _, view = _letter(project_id, month, line, number)
    return attachment(letter_docx(view), DOCX_TYPE, f"letter-{project_id}-{line}-{number}.docx")


def _letter(project_id: int, month: str, line: int, number: int) -> tuple[ProjectHead, LetterView]:
    head, _, page = _read(project_id, month, line)
    sent = next((row for row in page.letters if row.number == number), None)
    if sent is None:
        raise NotFound("letter")
    return head, letter_view(head.row.title, head.row.lead_name, head.fictional, page, sent)


def _read(project_id: int, month: str, line: int) -> tuple[ProjectHead, Project, LetterPage]:
    """The head, the project and the invoice of that month. Raises NotFound."""
    period = read_period(month)
    head, project, scope = get_reader(project_id)
    page = get_letter_page(get_session(), project_id, line, scope)
    if page.period != period:
        raise NotFound("invoice")
    return head, project, page


def _page(project_id: int, month: str, line: int, typed: LetterForm | None) -> str:
    get_session().expire_all()
    head, project, page = _read(project_id, month, line)
    form = typed or LetterForm(formdata=None, prefix="letter")
    mark_seen(form, "seen_number", page.letters[0].number if page.letters else 0)
    return render_template(
        "procurement/letters.html",
        frame=project_frame(head, "ledger", now()),
        page=page,
        place={"project_id": project_id, "month": month, "line": line},
        category=category_label(page.category),
        form=form if head.standing.leads else None,
        blockers=dunning.list_sending_blockers(
            head.standing, route_for(head, project), page, now()
        ),
    )
