"""Signing in and out, one's own account, and the inbox."""

from flask import Blueprint, current_app, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from accounts.access import (
    accepted_accounts,
    choose_organization,
    current_account,
    current_actor,
    desk_of,
    end_session,
    public,
    requires_sign_in,
    start_session,
)
from accounts.examples import list_example_users
from accounts.forms import ConfirmForm, LoginForm, PasswordForm
from accounts.queries import get_password_hash, list_notices
from accounts.services import (
    change_password,
    mark_all_notices_read,
    mark_notice_read,
    sign_out_everywhere,
)
from accounts.signin import SignInLocked, SignInRefused, hash_password, sign_in, verify_password
from foundation.paging import existing
from foundation.web import get_database, get_session, now, page_number, safe_next, transaction

blueprint = Blueprint("accounts", __name__)

REFUSED = "メールアドレスまたはパスワードが違います。"
LOCKED = "続けて5回失敗したため、サインインを止めています。15分ほど待ってからお試しください。"


@blueprint.get("/login")
@public
def login() -> ResponseReturnValue:
    """The sign-in page; somebody already signed in goes on to where they wanted."""
    target = safe_next(request.args.get("next"), "")
    actor = current_actor()
    if actor.is_signed_in:
        return redirect(target or desk_of(actor))
    return _login_page(LoginForm(data={"next": target}))


@blueprint.post("/login")
@public
def login_submit() -> ResponseReturnValue:
    """Check the password; wrong address and wrong password get the same answer."""
    form = LoginForm()
    if not form.validate():
        return _login_page(form), 422
    try:
        token = sign_in(
            get_database(),
            email=form.email.data or "",
            password=form.password.data or "",
            accepted=accepted_accounts(),
            now=now(),
        )
    except SignInRefused:
        form.form_errors.append(REFUSED)
        return _login_page(form), 422
    except SignInLocked as locked:
        form.form_errors.append(LOCKED)
        return _login_page(form), 429, {"Retry-After": str(locked.retry_after)}
    target = safe_next(form.next.data, "")
    start_session(token)
    return redirect(target or desk_of(current_actor()))


def _login_page(form: LoginForm) -> str:
    g.personal = True  # what was typed stays in no cache
    example = bool(current_app.config.get("EXAMPLE_MODE"))
    users = list_example_users(get_session()) if example else []
    return render_template("accounts/login.html", form=form, example_users=users)


@blueprint.post("/logout")
@public
def logout() -> ResponseReturnValue:
    """End every session of the account: a cookie copied from a shared desk must not live on.

    Also right for somebody whose session had ended already.
    """
    if current_actor().is_signed_in:
        with transaction() as session:
            sign_out_everywhere(session, actor=current_actor(), now=now())
    end_session()
    flash("サインアウトしました。ほかの端末のサインインも終わりました。", "success")
    return redirect("/")


@blueprint.get("/account")
@requires_sign_in
def account() -> ResponseReturnValue:
    """One's own data."""
    return _account_page(PasswordForm())


@blueprint.post("/account/password")
@requires_sign_in
def account_password() -> ResponseReturnValue:
    """A new password ends every other session."""
    form = PasswordForm()
    if not form.validate():
        return _account_page(form), 422
    actor = current_actor()
    old_hash = get_password_hash(get_session(), actor)
    if not verify_password(old_hash, form.current.data or ""):
        form.current.errors = ["今のパスワードが違います。"]
        return _account_page(form), 422
    new_hash = hash_password(form.new.data or "")
    with transaction() as session:
        token = change_password(
            session, actor=actor, old_hash=old_hash, new_hash=new_hash, now=now()
        )
    start_session(token)
    flash("パスワードを変更しました。ほかの端末はサインアウトされました。", "success")
    return redirect(url_for("accounts.account"))


@blueprint.post("/account/organization")
@requires_sign_in
def account_organization() -> ResponseReturnValue:
    """Act for another of one's organisations."""
    chosen = request.form.get("organization_id", "")
    own = {str(row.organization_id): row for row in current_account().memberships}
    if chosen in own:
        choose_organization(own[chosen].organization_id)
        flash(f"「{own[chosen].organization_name}」として操作します。", "success")
    return redirect(url_for("accounts.account"))


@blueprint.post("/account/sign-out-everywhere")
@requires_sign_in
def account_sign_out_everywhere() -> ResponseReturnValue:
    """End every session, this one too."""
    with transaction() as session:
        sign_out_everywhere(session, actor=current_actor(), now=now())
    end_session()
    flash("すべての端末からサインアウトしました。", "success")
    return redirect(url_for("accounts.login"))


def _account_page(form: PasswordForm) -> str:
    return render_template("accounts/account.html", form=form, user=current_account())


@blueprint.get("/inbox")
@requires_sign_in
def inbox() -> ResponseReturnValue:
    """Notices to the actor and the organisation, newest first."""
    page = existing(list_notices(get_session(), current_actor(), page_number()))
    return render_template("accounts/inbox.html", page=page, form=ConfirmForm())


@blueprint.post("/inbox/<int:notice_id>/read")
@requires_sign_in
def inbox_read(notice_id: int) -> ResponseReturnValue:
    """Mark one notice read and go to what it tells about."""
    with transaction() as session:
        url = mark_notice_read(session, actor=current_actor(), notice_id=notice_id, now=now())
    return redirect(safe_next(url, url_for("accounts.inbox")))


@blueprint.post("/inbox/read-all")
@requires_sign_in
def inbox_read_all() -> ResponseReturnValue:
    """Mark all notices read."""
    with transaction() as session:
        mark_all_notices_read(session, actor=current_actor(), now=now())
    return redirect(url_for("accounts.inbox"))
