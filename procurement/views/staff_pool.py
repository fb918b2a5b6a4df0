"""/desk/prefecture/staff-pool: where the prefecture's municipalities ask for people."""

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from accounts.access import current_actor, requires
from accounts.roles import Action
from foundation.text import find_number
from foundation.web import get_session, now
from procurement.forms.staff_pool import StaffPoolForm
from procurement.queries.staff_pool import contact_of, find_own_pool
from procurement.services.staff_pool import set_staff_pool
from procurement.views.blueprint import blueprint
from procurement.views.saving import attempt


@blueprint.get("/desk/prefecture/staff-pool")
@requires(Action.READ_PREFECTURE_DESK)
def staff_pool() -> ResponseReturnValue:
    """The contact that municipalities see."""
    return _page()


@blueprint.post("/desk/prefecture/staff-pool")
@requires(Action.READ_PREFECTURE_DESK)
def save_staff_pool() -> ResponseReturnValue:
    """Keep it."""
    form = StaffPoolForm()

    def save(session: Session) -> None:
        set_staff_pool(
            session,
            actor=current_actor(),
            now=now(),
            wanted=form.contact(),
            seen_version=find_number(form.seen_version.data) or 0,
        )

    refused = attempt(form, save)
    if refused:
        if form.form_errors:
            stored = find_own_pool(get_session(), current_actor())
            form.seen_version.data = str(stored.row_version if stored else 0)
        return _page(form), refused
    flash("人材プールの窓口を保存しました。", "success")
    return redirect(url_for("procurement.staff_pool"))


def _page(form: StaffPoolForm | None = None) -> str:
    stored = find_own_pool(get_session(), current_actor())
    values = vars(contact_of(stored)) | {"seen_version": str(stored.row_version if stored else 0)}
    return render_template(
        "procurement/staff_pool.html",
        form=form or StaffPoolForm(formdata=None, data=values),
        stored=stored,
    )
