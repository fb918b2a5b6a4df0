"""Who is asking, and whether the page is for them. Every route carries one mark of this module."""

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar, cast

from flask import Flask, abort, current_app, g, redirect, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_login import LoginManager, UserMixin, current_user, login_user, logout_user

from accounts.queries import UserRow, actor_of, count_unread, find_user_by_token
from accounts.roles import VISITOR, Action, Actor, Role, may
from accounts.signin import Accepted
from foundation.web import PUBLIC, get_session, wants_json

AUDIT_PAGE = "/admin/audit"
REVIEW_QUEUE = "/admin/reviews"

_DESKS = {
    Role.PREFECTURE_COORDINATOR: "/desk/prefecture",
    Role.MUNICIPAL_MANAGER: "/desk/body",
    Role.MUNICIPAL_STAFF: "/desk/body",
    Role.VENDOR_MANAGER: "/desk/vendor",
    Role.VENDOR_STAFF: "/desk/vendor",
    Role.OPERATOR: REVIEW_QUEUE,
    Role.AUDITOR: AUDIT_PAGE,
}

ORGANIZATION_KEY = "organization_id"

View = TypeVar("View", bound=Callable[..., Any])


class SignedInUser(UserMixin):  # type: ignore[misc]
    """What Flask-Login holds of a user. Its id is the rotating token, not the user's number."""

    def __init__(self, user: UserRow, token: str) -> None:
        self.user = user
        self.token = token

    def get_id(self) -> str:
        return self.token


def init_access(app: Flask) -> None:
    """Sign-in, the current actor in every template, and no view without a permission."""
    manager = LoginManager()
    manager.session_protection = "basic"
    manager.user_loader(_load_user)
    manager.init_app(app, add_context_processor=False)
    app.before_request(_refuse_unmarked_view)
    app.context_processor(_template_names)


def public(view: View) -> View:
    """Marks a page everybody may read."""
    view.permission = PUBLIC  # type: ignore[attr-defined]
    return view


def requires(action: Action) -> Callable[[View], View]:
    """Lets through whoever may attempt the action; whether it reaches this object is asked later.

    A visitor is sent to sign in and back; another role is answered 403.
    """

    def mark(view: View) -> View:
        @wraps(view)
        def guarded(*args: Any, **kwargs: Any) -> ResponseReturnValue:
            actor = current_actor()
            if not may(actor, action):
                return _refuse(actor)
            return cast(ResponseReturnValue, view(*args, **kwargs))

        guarded.permission = action  # type: ignore[attr-defined]
        return cast(View, guarded)

    return mark


def requires_sign_in(view: View) -> View:
    """Lets through whoever is signed in, also whom no organisation has (any more): its own account.

    A role is what somebody is in an organisation, so that no role could say so. Guarded as
    USE_OWN_ACCOUNT is, of which it is the part that needs no organisation.
    """

    @wraps(view)
    def guarded(*args: Any, **kwargs: Any) -> ResponseReturnValue:
        actor = current_actor()
        if not actor.is_signed_in:
            return _refuse(actor)
        return cast(ResponseReturnValue, view(*args, **kwargs))

    guarded.permission = Action.USE_OWN_ACCOUNT  # type: ignore[attr-defined]
    return cast(View, guarded)


def current_actor() -> Actor:
    """Who acts in this request, loaded once; VISITOR when nobody is signed in."""
    if "actor" not in g:
        g.actor = _load_actor()
        g.personal = g.actor.is_signed_in
    actor: Actor = g.actor
    return actor


def current_account() -> UserRow:
    """The signed-in user's own data. Only for views that require an action of users."""
    user: UserRow = current_user.user
    return user


def choose_organization(organization_id: int) -> None:
    """Act for this organisation from now on; one the user does not belong to is not taken up."""
    session[ORGANIZATION_KEY] = organization_id
    g.pop("actor", None)


def accepted_accounts() -> Accepted:
    """Which accounts this installation lets in: example users only in the example mode."""
    return Accepted.ALL if current_app.config.get("EXAMPLE_MODE") else Accepted.REAL_ONLY


def start_session(token: str) -> None:
    """Sign the owner of the token in; what an earlier session held is thrown away."""
    session.clear()
    g.pop("actor", None)
    user = _load_user(token)
    if user is None or not login_user(user):
        abort(403)


def end_session() -> None:
    """Sign out in this browser."""
    logout_user()
    session.clear()
    g.pop("actor", None)


def desk_of(actor: Actor) -> str:
    """Where what waits for this actor is listed; the first page for those without a desk."""
    return next((path for role, path in _DESKS.items() if role in actor.roles), "/")


def _load_user(token: str) -> SignedInUser | None:
    user = find_user_by_token(get_session(), token)
    if user is None or (user.example and accepted_accounts() is Accepted.REAL_ONLY):
        return None
    return SignedInUser(user, token)


def _load_actor() -> Actor:
    if not current_user.is_authenticated:
        return VISITOR
    return actor_of(current_user.user, session.get(ORGANIZATION_KEY))


def _refuse(actor: Actor) -> ResponseReturnValue:
    if actor.is_signed_in:
        abort(403)
    if wants_json():
        abort(401)
    # A form that was posted cannot be posted again by a link: lead back to where it stood.
    target = request.full_path.rstrip("?") if request.method == "GET" else request.path
    return redirect(url_for("accounts.login", next=target))


def _refuse_unmarked_view() -> None:
    """A view somebody forgot to mark is closed, not open."""
    endpoint = request.endpoint
    if endpoint is None or endpoint == "static" or endpoint.endswith(".static"):
        return
    if not hasattr(current_app.view_functions[endpoint], "permission"):
        abort(403, "このページには利用できる人が定められていません。")


def _template_names() -> dict[str, Any]:
    # The error page of a crash is made without asking the database who is reading it.
    actor = VISITOR if g.get("crashed") else current_actor()
    signed_in = actor.is_signed_in
    return {
        "actor": actor,
        "may": lambda action: may(actor, Action(action)),
        "example_mode": current_app.config.get("EXAMPLE_MODE", False),
        "audit_url": AUDIT_PAGE if may(actor, Action.READ_AUDIT) else "",
        "desk_url": desk_of(actor) if signed_in and actor.roles & _DESKS.keys() else "",
        "unread_count": count_unread(get_session(), actor) if signed_in else 0,
    }
