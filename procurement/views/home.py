"""The home page."""

from flask import render_template
from flask.typing import ResponseReturnValue

from accounts.access import current_actor, public
from foundation.web import get_session, now
from procurement.presenters.rows import (
    counter_item,
    linked_items,
    news_item,
    project_item,
    waiting_item,
)
from procurement.queries.desk import list_waiting
from procurement.queries.home import get_home_page
from procurement.queries.project_rows import list_prefecture_names
from procurement.views.blueprint import blueprint

WAITING_SHOWN = 5


@blueprint.get("/")
@public
def home() -> ResponseReturnValue:
    """Search box, counters, what closes soon, what is new, and the reader's own matters."""
    session, moment, actor = get_session(), now(), current_actor()
    page = get_home_page(session, moment)
    prefectures = list_prefecture_names(session)
    waiting = list_waiting(session, actor)[:WAITING_SHOWN] if actor.is_signed_in else ()
    return render_template(
        "home.html",
        counters=[counter_item(counter) for counter in page.counters],
        linked=linked_items(page.linked),
        closing=[project_item(row, moment, prefectures) for row in page.closing],
        news=[news_item(row) for row in page.news],
        waiting=[waiting_item(row, moment) for row in waiting],
    )
