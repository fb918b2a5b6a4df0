"""Asking the office behind a case: the form, the question with its answer, the list of both."""

from flask import Blueprint, flash, redirect, render_template
from flask.typing import ResponseReturnValue
from wtforms import TextAreaField
from wtforms.validators import Length

from accounts.access import current_actor, requires
from accounts.roles import Action
from catalog import case_inquiries
from catalog.case_inquiries import MOST_WORDS, TooManyInquiries
from foundation.errors import Refused
from foundation.forms import MoyaiForm, add_blockers, required
from foundation.web import get_session, now, transaction

blueprint = Blueprint("case_contact", __name__)

_LENGTH = Length(max=MOST_WORDS, message=f"{MOST_WORDS:,}文字以内で入力してください。")


class ContactForm(MoyaiForm):
    """A question to the office."""

    message = TextAreaField(
        "たずねたいこと",
        [required(), _LENGTH],
        description="氏名と団体名は自動で伝わります。返信はこのサイトの受信箱に届きます。",
    )


class ReplyForm(MoyaiForm):
    """The office's answer."""

    reply = TextAreaField(
        "返信",
        [required(), _LENGTH],
        description="氏名と団体名が相手に伝わります。返信できるのは1回です。",
    )


@blueprint.route("/cases/<int:case_id>/contact", methods=["GET", "POST"])
@requires(Action.ASK_CONTACT_OFFICE)
def ask(case_id: int) -> ResponseReturnValue:
    """The form; its question goes to the lead body's people, whose address nobody sees."""
    contact = case_inquiries.find_contact(get_session(), current_actor(), case_id)
    form = ContactForm()
    if not form.is_submitted():
        return render_template("catalog/case_contact.html", contact=contact, form=form)
    status, headers = 422, {}
    if form.validate():
        try:
            with transaction() as session:
                number = case_inquiries.ask_contact_office(
                    session,
                    actor=current_actor(),
                    now=now(),
                    case_id=case_id,
                    message=form.message.data or "",
                )
        except Refused as refused:
            add_blockers(form, refused.blockers)
        except TooManyInquiries as too_many:
            form.form_errors.append(str(too_many))
            status, headers = 429, {"Retry-After": str(too_many.after)}
        else:
            flash("問い合わせを送りました。返信は受信箱に届きます。", "success")
            return redirect(f"/cases/inquiries/{number}")
    page = render_template("catalog/case_contact.html", contact=contact, form=form)
    return page, status, headers


@blueprint.get("/cases/inquiries")
@requires(Action.ASK_CONTACT_OFFICE)
def index() -> ResponseReturnValue:
    """What the reader's organisation asked and was asked."""
    rows = case_inquiries.list_inquiries(get_session(), current_actor())
    return render_template("catalog/case_inquiries.html", rows=rows)


@blueprint.route("/cases/inquiries/<int:inquiry_id>", methods=["GET", "POST"])
@requires(Action.ASK_CONTACT_OFFICE)
def show(inquiry_id: int) -> ResponseReturnValue:
    """One question, for both sides; the office answers here."""
    row = case_inquiries.get_inquiry(get_session(), current_actor(), inquiry_id)
    form = ReplyForm()
    if not form.is_submitted():
        return render_template("catalog/case_inquiry.html", row=row, form=form)
    if form.validate():
        try:
            with transaction() as session:
                case_inquiries.reply_to_inquiry(
                    session,
                    actor=current_actor(),
                    now=now(),
                    inquiry_id=inquiry_id,
                    reply=form.reply.data or "",
                )
        except Refused as refused:
            add_blockers(form, refused.blockers)
        else:
            flash("返信しました。", "success")
            return redirect(f"/cases/inquiries/{inquiry_id}")
    row = case_inquiries.get_inquiry(get_session(), current_actor(), inquiry_id)
    return render_template("catalog/case_inquiry.html", row=row, form=form), 422
