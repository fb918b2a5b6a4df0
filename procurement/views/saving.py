"""Saving a form: back to its page, or the page again with what is wrong."""

from collections.abc import Callable
from typing import Any, Protocol

from flask import flash, redirect
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from foundation.errors import Conflict, Refused
from foundation.forms import MoyaiForm, add_blockers
from foundation.web import transaction


class Show(Protocol):
    """Draws the page with the form as typed; `refresh` where somebody else was quicker."""

    def __call__(self, *, refresh: bool = False) -> str: ...


def attempt(form: MoyaiForm, save: Callable[[Session], Any]) -> int:
    """Save what the form says; 0, or the status with which its page is drawn again."""
    if not form.validate():
        return 422
    try:
        with transaction() as session:
            save(session)
    except Refused as refused:
        add_blockers(form, refused.blockers)
        return 409
    except Conflict as conflict:
        form.form_errors.append(str(conflict))
        return 409
    return 0


def save_form(
    form: MoyaiForm, save: Callable[[Session], None], show: Show, *, address: str, done: str
) -> ResponseReturnValue:
    """422 for what is typed wrong, 409 for what is refused; else on to the address, saying `done`.

    Nothing typed is lost: the page is drawn with this very form.
    """
    if not form.validate():
        return show(), 422
    try:
        with transaction() as session:
            save(session)
    except Refused as refused:
        add_blockers(form, refused.blockers)
        return show(), 409
    except Conflict as conflict:
        form.form_errors.append(str(conflict))
        return show(refresh=True), 409
    flash(done, "success")
    answer: Response = redirect(address)
    return answer


def mark_seen(form: MoyaiForm, name: str, shown: int) -> None:
    """What a fresh form stands beside; one typed keeps what its writer saw (no lost update)."""
    form[name].data = form[name].data or str(shown)


def seen_anew(form: MoyaiForm, draw: Callable[[], str]) -> Show:
    """Draws a page that uses `mark_seen`: where somebody was quicker, beside what is there now."""

    def show(*, refresh: bool = False) -> str:
        for field in form if refresh else ():
            if field.short_name.startswith("seen_"):
                field.data = ""
        return draw()

    return show
