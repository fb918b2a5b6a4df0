"""Pages of policy: the standard 20, the commonization items, one item."""

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from accounts.access import public
from catalog.presenters import policy as presenter
from catalog.queries import policy as queries
from foundation.web import get_session

blueprint = Blueprint("policy", __name__)


@blueprint.get("/policy")
@public
def index() -> ResponseReturnValue:
    """What the state treats apart, from draft documents and labelled so."""
    session = get_session()
    view = presenter.present_policy(
        queries.list_policy_items(session), queries.list_system_types(session)
    )
    return render_template("catalog/policy.html", view=view, readings=presenter.READINGS)


@blueprint.get("/policy/items/<int:item_id>")
@public
def show(item_id: int) -> ResponseReturnValue:
    """One item with its source lines and, where the document contradicts itself, both readings."""
    view = presenter.present_item(queries.get_policy_item(get_session(), item_id))
    return render_template("catalog/policy_item.html", view=view, readings=presenter.READINGS)
