"""The form of a body's office."""

from typing import Any

from wtforms import HiddenField, TextAreaField

from foundation.forms import DayField, MoyaiForm, WholeNumberField
from procurement.domain.offices import Office
from procurement.forms.typed import TypedLineField
from procurement.services.offices import MAX_STAFF


class OfficeForm(MoyaiForm):
    """Who does this work here, and who does it next."""

    seen_version = HiddenField()
    dx_staff = WholeNumberField(
        "デジタル・情報の担当の職員数",
        maximum=MAX_STAFF,
        description="兼務を含む人数です。都道府県の取りまとめ担当にだけ、幅（0〜1人など）で見えます。",
    )
    contact_name = TypedLineField("今の担当者")
    hands_over_on = DayField("引き継ぐ日", description="人事異動の日です。例：2027-04-01")
    successor_name = TypedLineField(
        "後任の担当者",
        description="決まっていないときは空欄にします。その日から「担当者不在」になります。",
    )
    handover_note = TextAreaField("引継ぎのメモ")

    def office(self) -> Office:
        """What was typed, as the service takes it."""
        return Office(
            dx_staff=self.dx_staff.data,
            contact_name=self.contact_name.data or "",
            hands_over_on=self.hands_over_on.data,
            successor_name=self.successor_name.data or "",
            handover_note=(self.handover_note.data or "").strip().replace("\r\n", "\n"),
        )


def office_values(office: Office, row_version: int) -> dict[str, Any]:
    """A stored office as the form shows it."""
    return {"seen_version": str(row_version), **vars(office)}
