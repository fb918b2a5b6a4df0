"""The audit chain for those who may read it, and its daily heads for everybody."""

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from accounts.access import current_actor, public, requires
from accounts.queries import list_audit_events
from accounts.roles import Action, Actor, Scope, scopes_for
from accounts.wording import action_name, describe_changes, subject_name
from foundation.api import conditional
from foundation.audit import find_head, links_csv, list_heads
from foundation.paging import existing
from foundation.web import attachment, get_session, now, page_number

blueprint = Blueprint("audit", __name__)


@blueprint.get("/admin/audit")
@requires(Action.READ_AUDIT)
def events() -> ResponseReturnValue:
    """Events newest first: all of them, or one's own organisation's part."""
    session = get_session()
    actor = current_actor()
    organization_id = _own_part(actor)
    return render_template(
        "accounts/audit.html",
        page=existing(list_audit_events(session, organization_id, page_number())),
        own_part=organization_id is not None,
        head=find_head(session),
        action_name=action_name,
        subject_name=subject_name,
        describe_changes=describe_changes,
    )


@blueprint.get("/open-data/audit-heads.csv")
@public
def heads() -> ResponseReturnValue:
    """The last link of each finished day; whoever keeps a copy can prove the past to itself."""
    text = links_csv(list_heads(get_session(), now()))
    return conditional(attachment(text, "text/csv", "audit-heads.csv"))


def _own_part(actor: Actor) -> int | None:
    everything = Scope.EVERYTHING in scopes_for(actor, Action.READ_AUDIT)
    return None if everything else actor.organization_id
