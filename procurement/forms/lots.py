"""The form of dividing a project into lots."""

from wtforms import HiddenField, SelectField

from foundation.forms import LineField, MoyaiForm, required
from procurement.domain.lots import Division, DivisionDraft
from procurement.forms.needs import TickField


class LotForm(MoyaiForm):
    """One more lot; of an undivided project also what itself becomes."""

    seen_count = HiddenField()
    divided_by = SelectField(
        "分け方",
        choices=[("", "選んでください"), *((each.value, each.label) for each in Division)],
    )
    own_name = LineField("この案件が受け持つ部分", description="例：端末、県北")
    name = LineField("新しい区分の名前", [required()], description="例：保守、県南")

    def draft(self) -> DivisionDraft:
        """What was typed; what is asked only the first time stays empty afterwards."""
        values = self.data
        divided_by = values.get("divided_by")
        return DivisionDraft(
            name=self.name.data or "",
            own_name=values.get("own_name") or "",
            divided_by=Division(divided_by) if divided_by else None,
        )


class AnnounceForm(MoyaiForm):
    """Which lots are announced now."""

    lots = TickField("公告する区分")


def make_lot_form(names: tuple[str, ...], *, typed: bool) -> LotForm:
    """Posted values, or an empty form. names: of the lots there are."""
    seen = {"seen_count": str(len(names))}
    form = LotForm(prefix="lot") if typed else LotForm(formdata=None, prefix="lot", data=seen)
    if names:
        del form.divided_by
        del form.own_name
    return form
