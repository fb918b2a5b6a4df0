"""Pages of offerings: one entry, an old version, what its vendor asked to protect."""

from datetime import date

from flask import Blueprint, Response, render_template, request
from flask.typing import ResponseReturnValue

from accounts.access import current_actor, public, requires
from accounts.roles import Action
from catalog import panels
from catalog.chance import tie_month
from catalog.desk import queries as desk_queries
from catalog.desk.renewals import find_confirmed_on
from catalog.forms import quantity_form, typed_quantities
from catalog.presenters import offerings as presenter
from catalog.presenters.files import FileItem, present_files
from catalog.presenters.protected_csv import protected_csv
from catalog.queries import offerings as queries
from catalog.queries.comparison import MAX_COMPARED
from catalog.queries.files import FileRow
from catalog.queries.marks import list_marks
from catalog.renewal import Renewal, renewal_of
from foundation.clock import jst_today
from foundation.web import attachment, get_session, now

blueprint = Blueprint("offerings", __name__)


@blueprint.get("/offerings/<int:offering_id>")
@public
def show(offering_id: int) -> ResponseReturnValue:
    """An entry: answers, sellers and plans, what it costs, cases, open projects, history."""
    session, actor = get_session(), current_actor()
    page = queries.get_offering_page(session, actor, offering_id)
    units = presenter.units_in(page.content.offers)
    form = quantity_form(units, request.args, presenter.default_quantities(page))
    view = presenter.present_offering(
        page, typed_quantities(form, units, request.args), jst_today(now())
    )
    asked = panels.PanelRequest(actor=actor, subject_id=offering_id, now=now())
    month = tie_month(asked.now)
    return render_template(
        "catalog/offering.html",
        view=view,
        peers=queries.list_peers(session, page.row, month),
        month=month,
        limit=MAX_COMPARED,
        form=form,
        files=_files(offering_id, page.content.files),
        marks=list_marks(session, [offering_id]).get(offering_id, ()),
        versions=page.versions,
        confirmed=_confirmed(offering_id),
        panels=panels.list_panels(session, panels.Place.OFFERING, asked),
    )


@blueprint.get("/offerings/<int:offering_id>/versions/<int:number>")
@public
def show_version(offering_id: int, number: int) -> ResponseReturnValue:
    """What the entry said in that version; it never changes."""
    actor = current_actor()
    row, content = queries.get_version_page(get_session(), actor, offering_id, number)
    return render_template(
        "catalog/offering_version.html",
        row=row,
        content=content,
        groups=presenter.present_answers(
            content.answers, queries.criteria_for(actor), jst_today(now())
        ),
        offers=presenter.present_offers(content.offers),
        files=_files(offering_id, content.files),
    )


@blueprint.get("/offerings/<int:offering_id>/versions/<int:number>/changes")
@public
def show_changes(offering_id: int, number: int) -> ResponseReturnValue:
    """What the version says otherwise than the one before it, as far as this reader may see."""
    session, actor = get_session(), current_actor()
    row, _content = queries.get_version_page(session, actor, offering_id, number)
    return render_template(
        "catalog/offering_changes.html",
        row=row,
        number=number,
        changes=desk_queries.list_visible_changes(session, actor, offering_id, number),
    )


@blueprint.get("/offerings/<int:offering_id>/protected.csv")
@requires(Action.READ_GOVERNMENT)
def protected(offering_id: int) -> Response:
    """Which answers and files the vendor asked to protect, and why."""
    page = queries.get_offering_page(get_session(), current_actor(), offering_id)
    return attachment(protected_csv(page), "text/csv", f"moyai-protected-{offering_id}.csv")


def _confirmed(offering_id: int) -> tuple[date, bool] | None:
    """When its vendor confirmed the entry last, and whether that is too long ago."""
    day = find_confirmed_on(get_session(), offering_id)
    return (day, renewal_of(day, jst_today(now())) is Renewal.OVERDUE) if day else None


def _files(offering_id: int, files: tuple[FileRow, ...]) -> list[FileItem]:
    """The files of a version as far as this reader may have them."""
    return present_files(files, f"/offerings/{offering_id}/files", by_link=True)
