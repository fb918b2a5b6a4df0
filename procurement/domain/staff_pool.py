"""Where a prefecture's municipalities ask for people of its pool (人材プール, F23)."""

import re
from dataclasses import dataclass

from catalog.checks import list_address_faults
from foundation.errors import Blocker

MAX_OFFICE = 100
MAX_PAGE = 500
_PHONE = re.compile(r"[0-9][0-9-]{8,14}[0-9]")


@dataclass(frozen=True, kw_only=True)
class PoolContact:
    """office: who answers; with nothing in any field there is no contact."""

    office: str = ""
    phone: str = ""
    page_url: str = ""

    @property
    def is_empty(self) -> bool:
        return not (self.office or self.phone or self.page_url)


def list_contact_blockers(contact: PoolContact) -> list[Blocker]:
    """What is wrong with it, each beside its field; nothing of an empty one."""
    checks = (
        (
            "office",
            contact.is_empty or bool(contact.office),
            "担当の部署を入力してください。窓口を示さないときは、すべて空欄にします。",
        ),
        ("office", len(contact.office) <= MAX_OFFICE, f"{MAX_OFFICE}文字までです。"),
        (
            "phone",
            not contact.phone or bool(_PHONE.fullmatch(contact.phone)),
            "電話番号は、市外局番から数字とハイフンで入力してください。例：03-1234-5678",
        ),
        ("page_url", len(contact.page_url) <= MAX_PAGE, f"{MAX_PAGE}文字までです。"),
    )
    blockers = [
        Blocker(code=f"field_{name}", message=message, field=name)
        for name, holds, message in checks
        if not holds
    ]
    return blockers + list_address_faults("page_url", "案内のページのアドレス", contact.page_url)
