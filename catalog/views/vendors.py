"""Pages of vendors: the public one, and the vendor's own desk."""

from flask import Blueprint, redirect, render_template
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from accounts.access import current_actor, public, requires
from accounts.roles import Action, Actor
from catalog import panels
from catalog.case_drafting.review_waits import describe_wait
from catalog.desk.queries import list_desk_rows
from catalog.desk.renewals import list_confirmed
from catalog.entries import PublicationStatus
from catalog.presenters.desk import DeskItem, present_desk_row
from catalog.presenters.vendors import present_vendor
from catalog.queries import vendors as queries
from catalog.renewal import Renewal, renewal_of
from foundation.clock import jst_today
from foundation.errors import NotFound
from foundation.web import get_session, now

blueprint = Blueprint("vendors", __name__)


@blueprint.get("/vendors/<int:vendor_id>")
@public
def show(vendor_id: int) -> ResponseReturnValue:
    """A vendor with what it makes and sells and the cases that name its products."""
    session = get_session()
    try:
        page = queries.get_vendor_page(session, vendor_id)
    except NotFound:
        successor = queries.find_successor(session, vendor_id)
        if successor is None:
            raise
        return redirect(f"/vendors/{successor}", 301)
    asked = panels.PanelRequest(actor=current_actor(), subject_id=vendor_id, now=now())
    return render_template(
        "catalog/vendor.html",
        view=present_vendor(page),
        history=page.history,
        numbers=page.numbers,
        panels=panels.list_panels(session, panels.Place.VENDOR, asked),
    )


@blueprint.get("/desk/vendor")
@requires(Action.READ_VENDOR_DESK)
def desk() -> ResponseReturnValue:
    """The vendor's own entries in every state, its cases, notices and requests sent to it.

    That one of its plans serves a body's estimate is nowhere on this page (domain §8).
    """
    session, actor = get_session(), current_actor()
    page = queries.get_own_desk(session, actor)
    asked = panels.PanelRequest(actor=actor, subject_id=page.row.id, now=now())
    status = page.row.publication_status
    waits = status == PublicationStatus.SUBMITTED.value
    return render_template(
        "catalog/vendor_desk.html",
        view=present_vendor(page),
        public=status == PublicationStatus.PUBLISHED.value,
        wait=describe_wait(page.row.registered_on, jst_today(now())) if waits else "",
        entries=_entries(session, actor),
        panels=panels.list_panels(session, panels.Place.VENDOR_DESK, asked),
    )


def _entries(session: Session, actor: Actor) -> list[DeskItem]:
    rows, today = list_desk_rows(session, actor), jst_today(now())
    confirmed = list_confirmed(session, [row.id for row in rows])
    return [
        present_desk_row(
            row,
            renewal_of(jst_today(confirmed[row.id]), today)
            if row.id in confirmed
            else Renewal.CONFIRMED,
        )
        for row in rows
    ]
