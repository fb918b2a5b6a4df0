"""The form of a prefecture's staff pool."""

from wtforms import HiddenField

from foundation.forms import LineField, MoyaiForm
from procurement.domain.staff_pool import PoolContact
from procurement.forms.typed import TypedLineField


class StaffPoolForm(MoyaiForm):
    """Where to ask; all empty: nothing is shown."""

    seen_version = HiddenField()
    office = TypedLineField("担当の部署", description="例：デジタル推進課 市町村支援担当")
    phone = LineField("電話番号", description="例：03-1234-5678")
    page_url = LineField("案内のページのアドレス")

    def contact(self) -> PoolContact:
        """What was typed, as the service takes it."""
        return PoolContact(
            office=self.office.data or "",
            phone=self.phone.data or "",
            page_url=self.page_url.data or "",
        )
