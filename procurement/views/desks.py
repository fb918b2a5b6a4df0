"""What waits for me: a body's desk, a prefecture's desk."""

from flask import redirect, render_template
from flask.typing import ResponseReturnValue

from accounts.access import current_actor, desk_of, requires
from accounts.roles import Action
from foundation.clock import jst_today
from foundation.web import get_session, now
from procurement.domain.offices import is_vacant
from procurement.presenters.rows import project_item, waiting_item
from procurement.queries.desk import get_body_desk, list_municipalities, list_waiting
from procurement.queries.desk_facts import load_desk_facts
from procurement.queries.project_rows import (
    list_prefecture_names,
    list_projects_of_organization,
)
from procurement.views.blueprint import blueprint

LEADING = ("lead", "secretariat")


@blueprint.get("/desk/body")
@requires(Action.READ_BODY_DESK)
def body_desk() -> ResponseReturnValue:
    """A municipality's desk."""
    session, actor, moment = get_session(), current_actor(), now()
    desk = get_body_desk(session, actor)
    facts = load_desk_facts(session, actor)
    led = list_projects_of_organization(session, actor.organization_id or 0, roles=LEADING)
    return render_template(
        "procurement/desk_body.html",
        # Who reads this can sign in; what may be missing is a name after the day of the change.
        vacant=is_vacant(facts.office, has_users=True, today=jst_today(moment)),
        waiting=[waiting_item(row, moment) for row in desk.waiting],
        projects=desk.projects,
        pool=facts.pool,
        led=[project_item(row, moment, facts.prefectures) for row in led],
    )


@blueprint.get("/desk/prefecture")
@requires(Action.READ_PREFECTURE_DESK)
def prefecture_desk() -> ResponseReturnValue:
    """A coordinator's desk: own prefecture's municipalities, led projects, what waits."""
    session, actor, moment = get_session(), current_actor(), now()
    prefectures = list_prefecture_names(session)
    led = list_projects_of_organization(session, actor.organization_id or 0, roles=LEADING)
    return render_template(
        "procurement/desk_prefecture.html",
        waiting=[waiting_item(row, moment) for row in list_waiting(session, actor)],
        led=[project_item(row, moment, prefectures) for row in led],
        municipalities=list_municipalities(session, actor, actor.prefecture_code or ""),
    )


@blueprint.get("/desk")
@requires(Action.USE_OWN_ACCOUNT)
def desk() -> ResponseReturnValue:
    """The desk of the reader's role."""
    actor = current_actor()
    own = desk_of(actor)
    return redirect("/inbox" if own == "/" else own)
