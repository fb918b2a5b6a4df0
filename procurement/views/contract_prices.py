"""Prices of one contract that change alone: its buyer records them, its vendor confirms."""

from flask import flash, redirect, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from accounts.access import current_actor, requires
from accounts.roles import Action
from foundation.errors import Refused
from foundation.text import find_number
from foundation.web import get_session, now, transaction
from procurement.forms.unit_prices import ContractPriceForm
from procurement.queries.project_page import get_head_and_project
from procurement.services import contract_prices as service
from procurement.services.price_changes import PriceDraft
from procurement.views.blueprint import blueprint
from procurement.views.contracts import save_and_show


@blueprint.post("/projects/<int:project_id>/contracts/own-prices")
@requires(Action.JOIN)
def change_contract_prices(project_id: int) -> ResponseReturnValue:
    """By the body whose contract it is."""
    return _change(project_id)


@blueprint.post("/projects/<int:project_id>/contracts/prices-for-all")
@requires(Action.FIX_SHARE_VERSION)
def change_prices_for_all(project_id: int) -> ResponseReturnValue:
    """By the lead, of the one contract made for all."""
    return _change(project_id)


def _change(project_id: int) -> ResponseReturnValue:
    form = ContractPriceForm(prefix="ownprice")

    def save(session: Session) -> None:
        service.change_contract_prices(
            session,
            actor=current_actor(),
            now=now(),
            project_id=project_id,
            draft=PriceDraft(
                valid_from=form.valid_from.data,
                text=form.lines.data or "",
                reason=form.reason.data or "",
            ),
            approval=form.approval(),
            seen_number=find_number(form.seen_number.data) or 0,
        )

    done = "契約の単価の変更を記録しました。事業者が確認すると有効になります。"
    return save_and_show(project_id, "own_repricing", form, save, done)


@blueprint.post(
    "/projects/<int:project_id>/contracts/<int:contract_id>/prices/<int:number>/confirm"
)
@requires(Action.PROPOSE)
def confirm_contract_prices(project_id: int, contract_id: int, number: int) -> ResponseReturnValue:
    """The vendor of that contract says yes."""
    get_head_and_project(get_session(), current_actor(), project_id)
    try:
        with transaction() as session:
            service.confirm_contract_prices(
                session,
                actor=current_actor(),
                now=now(),
                project_id=project_id,
                contract_id=contract_id,
                number=number,
            )
        flash("単価の変更を確認しました。最初の月の分から有効です。", "success")
    except Refused as refused:
        for blocker in refused.blockers:
            flash(blocker.message, "error")
    return redirect(url_for("procurement.contracts", project_id=project_id))
