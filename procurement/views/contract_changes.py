"""After the signature: extensions of the award, late joiners, changes and ends of contracts."""

from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from accounts.access import current_actor, requires
from accounts.roles import Action
from foundation.text import find_number
from foundation.web import now
from procurement.domain.contract_changes import ExtensionKind
from procurement.forms.contracts import ChangeForm, ExtensionForm
from procurement.services import contract_changes as service
from procurement.views.blueprint import blueprint
from procurement.views.contracts import save_and_show


@blueprint.post("/projects/<int:project_id>/contracts/extensions")
@requires(Action.FIX_SHARE_VERSION)
def extend_award(project_id: int) -> ResponseReturnValue:
    """More than the award, or a late joiner."""
    form = ExtensionForm(prefix="extend")

    def save(session: Session) -> None:
        service.extend_award(
            session,
            actor=current_actor(),
            now=now(),
            project_id=project_id,
            kind=ExtensionKind(form.kind.data),
            body_code=form.body_code.data or "",
            amount_yen=form.amount_yen.data,
            quantity=form.quantity.data,
            reason=form.reason.data or "",
            approval=form.approval(),
            seen_number=find_number(form.seen_number.data) or 0,
        )

    return save_and_show(project_id, "extending", form, save, "承認を記録しました。")


@blueprint.post("/projects/<int:project_id>/contracts/changes")
@requires(Action.JOIN)
def change_contract(project_id: int) -> ResponseReturnValue:
    """A change of the own contract, or its end."""
    form = ChangeForm(prefix="change")

    def save(session: Session) -> None:
        service.change_contract(
            session,
            actor=current_actor(),
            now=now(),
            project_id=project_id,
            body_code=current_actor().body_code or "",
            draft=form.draft(),
            approval=form.approval(),
            seen_number=find_number(form.seen_number.data) or 0,
        )

    return save_and_show(project_id, "changing", form, save, "契約の変更を記録しました。")
