"""What rows of an import file are checked against: read once, before the first row."""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from accounts.models import LocalBody, Organization
from catalog.models import Case, Offering, SystemType, Vendor
from foundation.text import fold_for_match, normalize


@dataclass(frozen=True, kw_only=True)
class Known:
    """system_types: code or folded name → code. vendors: identity number → vendor id.

    offerings: key → (maker's id, is fictional).
    """

    system_types: Mapping[str, str]
    vendors: Mapping[str, int]
    offerings: Mapping[str, tuple[int, bool]]
    cases: frozenset[str]
    bodies: frozenset[str]

    def system_type(self, text: str) -> str:
        """The code. Raises ValueError."""
        code = self.system_types.get(fold_for_match(text))
        if code is None:
            raise ValueError(f"システム種別「{normalize(text)}」はありません。")
        return code

    def vendor(self, text: str) -> int:
        """The id of the vendor with this corporate number or alternate key. Raises ValueError."""
        vendor_id = self.vendors.get(normalize(text).replace("-", ""))
        if vendor_id is None:
            vendor_id = self.vendors.get(normalize(text))
        if vendor_id is None:
            raise ValueError(f"「{normalize(text)}」の事業者は登録されていません。")
        return vendor_id


def load_known(session: Session) -> Known:
    """What the database holds now. Five queries."""
    types = session.execute(select(SystemType.code, SystemType.name)).all()
    vendors = session.execute(
        select(Vendor.id, Organization.corporate_number, Organization.alternate_key).join(
            Organization, Organization.id == Vendor.organization_id
        )
    )
    offerings = session.execute(select(Offering.key, Offering.vendor_id, Offering.fictional))
    return Known(
        system_types={fold_for_match(name): code for code, name in types}
        | {fold_for_match(code): code for code, _ in types},
        vendors={number or key or "": vendor_id for vendor_id, number, key in vendors},
        offerings={key: (vendor_id, fictional) for key, vendor_id, fictional in offerings},
        cases=frozenset(session.scalars(select(Case.key))),
        bodies=frozenset(session.scalars(select(LocalBody.code))),
    )
