"""A vendor registers itself; its people are invited, given roles, and leave."""

import secrets
from typing import Any

from flask import Blueprint, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from itsdangerous import BadSignature, URLSafeTimedSerializer

from accounts.access import choose_organization, current_actor, public, requires
from accounts.roles import Action
from accounts.signin import hash_password
from catalog.desk import invitations, registration
from catalog.desk.invitations import Invitation, InvitedRole, Standing
from catalog.entries import VendorEntry
from catalog.registration_forms import InviteForm, MailForm, PersonForm, RegistrationForm
from catalog.search.catalog_sources import load_labels
from foundation.clock import jst_today
from foundation.errors import Conflict, NotFound, Refused
from foundation.forms import MoyaiForm, add_blockers
from foundation.web import get_session, now, transaction

blueprint = Blueprint("registration", __name__)

VALID_SECONDS = 24 * 60 * 60
_EXPIRED = "このアドレスは使えません。期限（24時間）が過ぎたか、途中で切れています。"
_DONE = "登録しました。メールアドレスとパスワードでサインインしてください。"


@blueprint.route("/vendors/register", methods=["GET", "POST"])
@public
def ask() -> ResponseReturnValue:
    """Ask for the link to register with; the same answer for every address."""
    form = MailForm()
    if request.method == "GET":
        return render_template("catalog/register.html", form=form, link="")
    if not form.validate():
        return render_template("catalog/register.html", form=form, link=""), 422
    address = form.email.data or ""
    link = _link("registration.register", {"email": address})
    with transaction() as session:
        registration.ask_to_register(session, email=address, link=link, now=now())
    # An example sends no mail: whoever tries it is led on by the page itself.
    shown = link if current_app.config.get("EXAMPLE_MODE") else ""
    return render_template("catalog/register_sent.html", link=shown, email=address)


@blueprint.route("/vendors/register/<token>", methods=["GET", "POST"])
@public
def register(token: str) -> ResponseReturnValue:
    """The vendor's facts and its first person; the address is confirmed by the link."""
    email = _read(token, "email")
    form = RegistrationForm()
    prefectures = load_labels(get_session())["prefecture"]
    form.prefecture_code.choices = [("", "選んでください"), *prefectures.items()]
    if request.method == "GET":
        return render_template("catalog/register_form.html", form=form, email=email, token=token)
    status = 422
    try:
        _register(form, email, _entry(form, set(prefectures)))
    except Refused as refused:
        # What the form itself has said of a field is not said again in other words.
        known = set(form.errors)
        add_blockers(form, [each for each in refused.blockers if each.field not in known])
    except Conflict as conflict:
        form.form_errors.append(str(conflict))
        status = 409
    else:
        flash(_DONE, "success")
        return redirect(url_for("accounts.login", next=url_for("vendors.desk")))
    page = render_template("catalog/register_form.html", form=form, email=email, token=token)
    return page, status


@blueprint.route("/vendors/join/<token>", methods=["GET", "POST"])
@public
def join(token: str) -> ResponseReturnValue:
    """An invited person's name and password; who has an account comes in with it."""
    invitation = _read_invitation(token)
    name, standing = invitations.find_standing(get_session(), invitation, current_actor())
    if standing is not Standing.NEW:
        return _join_known(token, invitation, name, standing)
    form = PersonForm()
    if request.method == "GET":
        return _join_page(token, form, invitation, name, standing)
    if form.validate():
        person = _person(invitation.email, form)
        try:
            with transaction() as session:
                invitations.join_vendor(session, invitation=invitation, person=person, now=now())
        except Refused as refused:
            for blocker in refused.blockers:
                form.form_errors.append(blocker.message)
        else:
            flash(_DONE, "success")
            return redirect(url_for("accounts.login", next=url_for("vendors.desk")))
    return _join_page(token, form, invitation, name, standing), 422


def _join_known(
    token: str, invitation: Invitation, name: str, standing: Standing
) -> ResponseReturnValue:
    form = MoyaiForm()
    if request.method == "GET":
        return _join_page(token, form, invitation, name, standing)
    try:
        with transaction() as session:
            invitations.accept_invitation(
                session, actor=current_actor(), invitation=invitation, now=now()
            )
    except Refused as refused:
        add_blockers(form, refused.blockers)
        return _join_page(token, form, invitation, name, standing), 422
    choose_organization(invitation.organization_id)
    flash(f"「{name}」の利用者になりました。", "success")
    return redirect(url_for("vendors.desk"))


def _join_page(
    token: str, form: MoyaiForm, invitation: Invitation, name: str, standing: Standing
) -> str:
    return render_template(
        "catalog/join.html",
        form=form,
        email=invitation.email,
        token=token,
        name=name,
        standing=standing,
        role=invitation.role.label.partition("（")[0],
    )


@blueprint.route("/desk/vendor/members", methods=["GET", "POST"])
@requires(Action.READ_VENDOR_DESK)
def members() -> ResponseReturnValue:
    """The vendor's people; a manager invites another one."""
    form = InviteForm()
    if request.method == "GET":
        return _members_page(form)
    actor = current_actor()
    if form.validate():
        address = form.email.data or ""
        key = secrets.token_urlsafe(32)
        link = _link("registration.join", {"key": key})
        try:
            with transaction() as session:
                invitations.invite_member(
                    session,
                    actor=actor,
                    email=address,
                    role=InvitedRole(form.role.data),
                    key=key,
                    link=link,
                    now=now(),
                )
        except Refused as refused:
            add_blockers(form, refused.blockers)
        else:
            flash(f"{address} に招待を送りました。", "success")
            shown = link if current_app.config.get("EXAMPLE_MODE") else ""
            return _members_page(InviteForm(formdata=None), link=shown)
    return _members_page(form), 422


@blueprint.post("/desk/vendor/invitations/<int:invitation_id>/revoke")
@requires(Action.MANAGE_VENDOR)
def revoke(invitation_id: int) -> ResponseReturnValue:
    """Take an open invitation back."""
    with transaction() as session:
        gone = invitations.revoke_invitation(
            session, actor=current_actor(), invitation_id=invitation_id, now=now()
        )
    flash(f"{gone.email} への招待を取り消しました。", "success")
    return redirect(url_for("registration.members"))


@blueprint.post("/desk/vendor/members/<int:user_id>/<action>")
@requires(Action.READ_VENDOR_DESK)
def change(user_id: int, action: str) -> ResponseReturnValue:
    """Make a person manager or staff, or take it out."""
    step: dict[str, Any] = {"actor": current_actor(), "user_id": user_id, "now": now()}
    with transaction() as session:
        if action in ("yes", "no"):
            registration.set_manager(session, manager=action, **step)
        elif action == "remove":
            registration.remove_member(session, **step)
        else:
            raise NotFound(f"action {action}")
    flash("利用者を変更しました。", "success")
    left = action == "remove" and user_id == current_actor().user_id
    return redirect("/" if left else url_for("registration.members"))


@blueprint.post("/admin/vendors/<int:vendor_id>/publish")
@requires(Action.PUBLISH_OFFERING)
def publish(vendor_id: int) -> ResponseReturnValue:
    """Show a vendor that registered itself."""
    with transaction() as session:
        registration.publish_vendor(
            session,
            actor=current_actor(),
            now=now(),
            vendor_id=vendor_id,
            seen_number=request.form.get("seen_number", ""),
        )
    flash("事業者を公開し、知らせました。", "success")
    return redirect(url_for("reviews.index"))


def _register(form: RegistrationForm, email: str, entry: VendorEntry) -> None:
    """Raises Refused with every reason that is not yet beside its field, Conflict."""
    if not form.validate():
        raise Refused(registration.list_registration_blockers(get_session(), entry, email))
    person = _person(email, form)
    with transaction() as session:
        registration.register_vendor(session, entry=entry, person=person, now=now())


def _members_page(form: InviteForm, link: str = "") -> str:
    actor = current_actor()
    own = actor.organization_id or 0
    people = registration.list_members(get_session(), own)
    return render_template(
        "catalog/members.html",
        form=form,
        people=people,
        managers=sum(person.manager for person in people),
        invited=invitations.list_open_invitations(get_session(), own, now()),
        link=link,
    )


def _entry(form: RegistrationForm, prefectures: set[str]) -> VendorEntry:
    chosen = form.prefecture_code.data or ""
    return VendorEntry(
        name=form.name.data or "",
        kana=form.kana.data or "",
        corporate_number=form.corporate_number.data or None,
        alternate_key=form.alternate_key.data or None,
        prefecture_code=chosen if chosen in prefectures else None,
        address=form.address.data or "",
        website=form.website.data or "",
        introduction=(form.introduction.data or "").strip(),
        sme=bool(form.sme.data),
        startup=bool(form.startup.data),
        size_basis=form.size_basis.data or "",
        # Who tries an example is no real vendor.
        fictional=bool(current_app.config.get("EXAMPLE_MODE")),
        registered_on=jst_today(now()),
    )


def _person(email: str, form: PersonForm) -> registration.Person:
    return registration.Person(
        email=email,
        name=form.person_name.data or "",
        password_hash=hash_password(form.password.data or ""),
    )


def _serializer(endpoint: str) -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(current_app.secret_key or "", salt=f"moyai {endpoint}")


def _link(endpoint: str, claims: dict[str, str]) -> str:
    token = _serializer(endpoint).dumps(claims)
    config = current_app.config
    # A Host that nobody vouches for must not lead the reader of a mail to another site.
    known = request.host_url if config.get("TRUSTED_HOSTS") or config.get("EXAMPLE_MODE") else ""
    base = config.get("BASE_URL") or known
    return str(base).rstrip("/") + url_for(endpoint, token=token)


def _read(token: str, claim: str) -> str:
    """What the link says. NotFound for one that is too old, or was made elsewhere or before."""
    try:
        return _read_claims(token)[claim]
    except KeyError:
        raise NotFound(_EXPIRED) from None


def _read_invitation(token: str) -> Invitation:
    try:
        return invitations.get_invitation(get_session(), _read(token, "key"), now())
    except NotFound:
        raise NotFound(_EXPIRED) from None


def _read_claims(token: str) -> dict[str, str]:
    serializer = _serializer(request.endpoint or "")
    try:
        claims = serializer.loads(token, max_age=VALID_SECONDS)
    except BadSignature:
        raise NotFound(_EXPIRED) from None
    return {str(key): str(value) for key, value in claims.items()}
