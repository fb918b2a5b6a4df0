"""/admin/policy-items: the operator keeps the policy table, and sees first what changes by it."""

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from accounts.access import current_actor, requires
from accounts.roles import Action
from catalog.policy import PolicyScope
from catalog.policy_editing import (
    add_policy_item,
    edit_policy_item,
    find_next_number,
    list_edit_faults,
    list_key_faults,
    list_name_faults,
)
from catalog.presenters.policy import item_number
from catalog.presenters.policy_classes import scope_text
from catalog.presenters.words import label_of
from catalog.queries.policy import PolicyRow, get_policy_item, list_policy_items
from foundation.clock import jst_today
from foundation.errors import Conflict, Refused
from foundation.forms import Difference, add_blockers, list_differences
from foundation.text import find_number
from foundation.web import get_session, now, transaction
from procurement.forms.policy_table import (
    NewPolicyItemForm,
    PolicyItemForm,
    item_form,
    new_item_form,
    stored_item_form,
)
from procurement.services.policy_preview import Preview, preview_edit, preview_new
from procurement.views.blueprint import blueprint

SHOWN = 50


@blueprint.get("/admin/policy-items")
@requires(Action.MANAGE_REFERENCE)
def policy_items() -> ResponseReturnValue:
    """Every item of the table."""
    rows = list_policy_items(get_session())
    return render_template(
        "procurement/policy_items.html",
        rows=rows,
        number_of=item_number,
        kind_of=lambda kind: label_of(PolicyScope, kind),
    )


@blueprint.get("/admin/policy-items/new")
@requires(Action.MANAGE_REFERENCE)
def new_policy_item() -> ResponseReturnValue:
    """An empty item, numbered after the last of the newest decision."""
    return _new_page(new_item_form(*find_next_number(get_session())))


@blueprint.post("/admin/policy-items/new")
@requires(Action.MANAGE_REFERENCE)
def add_item() -> ResponseReturnValue:
    """First what would change class by it, then, by the other button, the adding."""
    form = new_item_form(0, 0)
    if not form.validate():
        return _new_page(form), 422
    session = get_session()
    faults = [*list_key_faults(session, form.key, form.edit.name), *list_edit_faults(form.edit)]
    if faults:
        add_blockers(form, faults)
        return _new_page(form), 422
    if request.form.get("do") != "save":
        return _new_page(form, preview_new(session, form.key, form.edit, jst_today(now())))
    try:
        with transaction() as session:
            add_policy_item(
                session, actor=current_actor(), now=now(), key=form.key, wanted=form.edit
            )
    except Refused as refused:
        add_blockers(form, refused.blockers)
        return _new_page(form), 422
    except Conflict as conflict:
        form.form_errors.append(str(conflict))
        return _new_page(form), 409
    flash("政策の表に追加しました。区分の変わるものの関係者には、次の確認で知らせます。", "success")
    return redirect(url_for("procurement.policy_items"))


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
    faults = [
        *list_edit_faults(form.edit),
        *list_name_faults(get_session(), item_id, form.edit.name),
    ]
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
        others = list_differences(form, stored_item_form(row))
        return _page(row, form, others=others), 409
    flash("政策の表を保存しました。区分の変わるものの関係者には、次の確認で知らせます。", "success")
    return redirect(url_for("procurement.policy_items"))


def _page(
    row: PolicyRow,
    form: PolicyItemForm,
    preview: Preview | None = None,
    others: tuple[Difference, ...] = (),
) -> str:
    return render_template(
        "procurement/policy_item.html",
        row=row,
        form=form,
        others=others,
        preview=preview,
        shown=SHOWN,
        scope_text=scope_text,
    )


def _new_page(form: NewPolicyItemForm, preview: Preview | None = None) -> str:
    return render_template(
        "procurement/policy_item_new.html",
        form=form,
        preview=preview,
        shown=SHOWN,
        scope_text=scope_text,
    )
