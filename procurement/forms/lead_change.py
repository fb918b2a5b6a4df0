"""The forms of a change of the lead."""

from wtforms import SelectField

from foundation.forms import MoyaiForm, required
from procurement.forms.typed import TypedLineField


class OfferLeadForm(MoyaiForm):
    """To whom the lead offers its place."""

    to_organization_id = SelectField("新しい幹事団体", coerce=int, validate_choice=False)
    reason = TypedLineField("理由", [required()])


class ClaimLeadForm(MoyaiForm):
    """Why a member asks to lead."""

    reason = TypedLineField("理由", [required()])
