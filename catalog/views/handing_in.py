"""A vendor's page to hand in several drafts in one step."""

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from accounts.access import current_actor, requires
from accounts.roles import Action
from catalog.desk import handing_in
from catalog.desk.submissions import Seen
from catalog.desk_forms import SubmitForm
from catalog.presenters.desk import FIRST_WORDS, REVIEW_WORDS
from foundation.text import find_number
from foundation.web import get_session, now, transaction

blueprint = Blueprint("handing_in", __name__)


@blueprint.route("/desk/vendor/submit", methods=["GET", "POST"])
@requires(Action.EDIT_OFFERING)
def index() -> ResponseReturnValue:
    """The drafts that could be handed in; then what became of each that was chosen."""
    form = SubmitForm()
    outcomes: tuple[handing_in.HandedIn, ...] = ()
    status = 200
    if request.method == "POST":
        chosen = _chosen()
        if not chosen:
            form.form_errors.append("提出する下書きを選んでください。")
        if not form.validate() or not chosen:
            status = 422
        else:
            with transaction() as session:
                outcomes = handing_in.hand_in(
                    session,
                    actor=current_actor(),
                    now=now(),
                    chosen=chosen,
                    change_note=form.change_note.data or "",
                )
    return render_template(
        "catalog/hand_in.html",
        form=form,
        outcomes=outcomes,
        drafts=handing_in.list_ready(get_session(), current_actor()),
        words=REVIEW_WORDS,
        first=FIRST_WORDS,
        most=handing_in.MOST_SHOWN,
    ), status


def _chosen() -> dict[int, Seen]:
    """What the boxes said of each draft: 「id.version.sha256」. Anything else is none of ours."""
    chosen = {}
    for value in request.form.getlist("draft"):
        number, _, rest = value.partition(".")
        version, _, sha256 = rest.partition(".")
        offering_id, seen_version = find_number(number), find_number(version)
        if offering_id is not None and seen_version is not None:
            chosen[offering_id] = Seen(content_sha256=sha256, version=seen_version)
    return dict(list(chosen.items())[: handing_in.MOST_SHOWN])
