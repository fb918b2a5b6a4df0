"""/admin/policy-items: the operator keeps the policy table, and sees first what changes by it."""

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from accounts.access import current_actor, requires
from accounts.roles import Action
from catalog.policy_editing import edit_policy_item, list_edit_faults
from catalog.presenters.policy import item_number
from catalog.presenters.policy_classes import scope_text
from catalog.queries.policy import PolicyRow, get_policy_item, list_policy_items
from foundation.clock import jst_today
from foundation.errors import Conflict, Refused
from foundation.forms import add_blockers
from foundation.text import find_number
from foundation.web import get_session, now, transaction
from procurement.forms.policy_table import PolicyItemForm, item_form
from procurement.services.policy_preview import Preview, preview_edit
from procurement.views.blueprint import blueprint

SHOWN = 50


@blueprint.get("/admin/policy-items")
@requires(Action.MANAGE_REFERENCE)
def policy_items() -> ResponseReturnValue:
    """Every item of the table."""
    rows = list_policy_items(get_session())
    return render_template("procurement/policy_items.html", rows=rows, number_of=item_number)


@blueprint.get("/admin/policy-items/<int:item_id>")
@requires(Action.MANAGE_REFERENCE)
def policy_item(item_id: int) -> ResponseReturnValue:
    """The item as it stands."""
    row = get_policy_item(get_session(), item_id)
    return _page(row, item_form(row))


@blueprint.post("/admin/policy-items/<int:item_id>")
@requires(Action.MANAGE_REFERENCE)
def save_policy_item(item_id: int) -> ResponseReturnValue:
    """First what would change class by it, then, by the other button, the saving."""
    row = get_policy_item(get_session(), item_id)
    form = item_form(row)
    if not form.validate():
        return _page(row, form), 422
    faults = list_edit_faults(form.edit)
    if faults:
        add_blockers(form, faults)
        return _page(row, form), 422
    if request.form.get("do") != "save":
        return _page(row, form, preview_edit(get_session(), item_id, form.edit, jst_today(now())))
    try:
        with transaction() as session:
            edit_policy_item(
                session,
                actor=current_actor(),
                now=now(),
                item_id=item_id,
                wanted=form.edit,
                seen_version=find_number(form.seen_version.data) or 0,
            )
    except Refused as refused:
        add_blockers(form, refused.blockers)
        return _page(row, form), 422
    except Conflict as conflict:
        form.form_errors.append(str(conflict))
        row = get_policy_item(get_session(), item_id)
        form.seen_version.data = str(row.row_version)
        return _page(row, form), 409
    flash("政策の表を保存しました。区分の変わるものの関係者には、次の確認で知らせます。", "success")
    return redirect(url_for("procurement.policy_items"))


def _page(row: PolicyRow, form: PolicyItemForm, preview: Preview | None = None) -> str:
    return render_template(
        "procurement/policy_item.html",
        row=row,
        form=form,
        preview=preview,
        shown=SHOWN,
        scope_text=scope_text,
    )
