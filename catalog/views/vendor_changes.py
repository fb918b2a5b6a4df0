"""A vendor's new name, asked for and decided; two vendors made one."""

import re

from flask import Blueprint, flash, redirect, render_template, request
from flask.typing import ResponseReturnValue
from wtforms import BooleanField
from wtforms.validators import Length

from accounts.access import current_actor, requires
from accounts.roles import Action
from catalog.case_drafting.review_waits import describe_wait
from catalog.desk import vendor_changes as changes
from catalog.desk.drafts import get_own_vendor
from catalog.desk.vendor_models import VendorRename
from catalog.desk_forms import ReviewForm
from catalog.models import Vendor
from foundation.clock import jst_today
from foundation.errors import Blocker, Conflict, NotFound, Refused
from foundation.forms import DayField, LineField, MoyaiForm, add_blockers, required, required_value
from foundation.web import get_session, now, transaction

blueprint = Blueprint("vendor_changes", __name__)

_LENGTH = Length(max=200, message="200文字以内で入力してください。")
_ADDRESS = "事業者のページのアドレスか番号です。"
_VENDOR = re.compile(r"(?:.*/vendors/)?([0-9]{1,9})/?")


class VendorField(LineField):
    """A vendor by the number or address of its page; data: its number."""

    def number(self) -> int:
        """Raises Refused naming the field."""
        found = _VENDOR.fullmatch(self.data or "")
        if found is None or get_session().get(Vendor, int(found[1])) is None:
            message = "事業者のページのアドレスか番号を入力してください。"
            raise Refused([Blocker(code="vendor", message=message, field=self.name)])
        return int(found[1])


class RenameForm(MoyaiForm):
    """The name a vendor takes."""

    name = LineField("新しい名称", [required(), _LENGTH])
    kana = LineField("よみ（ひらがな）", [_LENGTH], description="変わらないときは空欄にします。")
    effective_on = DayField("名称が変わった日", [required_value()])
    reason = LineField("理由", [required(), _LENGTH], description="例：商号変更（登記済み）")


class MergeForm(MoyaiForm):
    """Which vendor goes on as which."""

    vendor = VendorField("統合される事業者", [required()], description=_ADDRESS)
    successor = VendorField("統合先の事業者", [required()], description=_ADDRESS)
    effective_on = DayField("統合した日", [required_value()])
    reason = LineField("理由", [required(), _LENGTH], description="例：吸収合併（登記済み）")
    confirmed = BooleanField(
        "取り消せないことと、二つの事業者に間違いがないことを確かめました",
        [required("確かめてから印を付けてください。")],
    )


@blueprint.route("/desk/vendor/name", methods=["GET", "POST"])
@requires(Action.MANAGE_VENDOR)
def rename() -> ResponseReturnValue:
    """Ask for another name; readers see the old one until the operator has looked."""
    form = RenameForm()
    status = 200
    if request.method == "POST":
        status = 422
        try:
            if form.validate():
                _request(form)
                flash("名称の変更を申請しました。運営者の審査を待ちます。", "success")
                return redirect("/desk/vendor/name")
        except Refused as refused:
            add_blockers(form, refused.blockers)
    vendor = get_own_vendor(get_session(), current_actor())
    waiting = changes.find_waiting_rename(get_session(), vendor.id)
    page = render_template(
        "catalog/vendor_name.html",
        form=form,
        vendor=vendor,
        waiting=waiting,
        asked=changes.list_own_renames(get_session(), vendor.id),
        wait=describe_wait(jst_today(waiting.requested_at), jst_today(now())) if waiting else "",
    )
    return page, status


@blueprint.post("/desk/vendor/name/<int:rename_id>/recall")
@requires(Action.MANAGE_VENDOR)
def recall(rename_id: int) -> ResponseReturnValue:
    """Take the name that waits for the operator back."""
    with transaction() as session:
        changes.recall_rename(session, actor=current_actor(), now=now(), rename_id=rename_id)
    flash("名称の変更の申請を取り下げました。", "success")
    return redirect("/desk/vendor/name")


@blueprint.route("/admin/vendors/renames/<int:rename_id>", methods=["GET", "POST"])
@requires(Action.PUBLISH_OFFERING)
def decide(rename_id: int) -> ResponseReturnValue:
    """A name that was asked for; granted or given back with a reason."""
    asked = get_session().get(VendorRename, rename_id)
    if asked is None:
        raise NotFound(f"rename {rename_id}")
    form = ReviewForm()
    status = 200
    if request.method == "POST":
        status = 422
        try:
            if form.validate():
                _decide(rename_id, form)
                flash("処理しました。事業者に知らせました。", "success")
                return redirect("/admin/reviews")
        except Refused as refused:
            add_blockers(form, refused.blockers)
        except Conflict as conflict:
            form.form_errors.append(str(conflict))
            status = 409
    asked = get_session().get_one(VendorRename, rename_id)
    return render_template("catalog/vendor_rename.html", form=form, asked=asked), status


@blueprint.route("/admin/vendors/merge", methods=["GET", "POST"])
@requires(Action.PUBLISH_OFFERING)
def merge() -> ResponseReturnValue:
    """Two vendors become one: entries move, the old address leads to the new."""
    form = MergeForm()
    status = 200
    if request.method == "POST":
        status = 422
        try:
            if form.validate():
                successor = _merge(form)
                flash("統合しました。双方の事業者に知らせました。", "success")
                return redirect(f"/vendors/{successor}")
        except Refused as refused:
            add_blockers(form, refused.blockers)
    return render_template("catalog/vendor_merge.html", form=form), status


def _request(form: RenameForm) -> None:
    wanted = changes.NewName(
        name=form.name.data or "",
        kana=form.kana.data or "",
        effective_on=form.effective_on.data,
        reason=form.reason.data or "",
    )
    with transaction() as session:
        changes.request_rename(session, actor=current_actor(), now=now(), wanted=wanted)


def _decide(rename_id: int, form: ReviewForm) -> None:
    granted = request.form.get("do") == "approve"
    act = changes.approve_rename if granted else changes.send_back_rename
    with transaction() as session:
        act(
            session,
            actor=current_actor(),
            now=now(),
            rename_id=rename_id,
            reply=form.reply.data or "",
        )


def _merge(form: MergeForm) -> int:
    merger = changes.Merger(
        vendor_id=form.vendor.number(),
        successor_id=form.successor.number(),
        effective_on=form.effective_on.data,
        reason=form.reason.data or "",
    )
    with transaction() as session:
        changes.merge_vendors(session, actor=current_actor(), now=now(), merger=merger)
    return merger.successor_id
