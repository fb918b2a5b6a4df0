"""What rows of an import file are checked against: read once, before the first row."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from sqlalchemy import select
from sqlalchemy.orm import Session

from accounts.models import LocalBody, Organization
from catalog.conformance import SpecNames
from catalog.models import Case, Offering, SystemType, Vendor
from catalog.spec_names import load_spec_names
from foundation.text import fold_for_match, normalize


class Alike(StrEnum):
    """What to do with a row whose name and maker are those of an entry of another key."""

    ASK = "ask"
    SAME = "same"
    NEW = "new"


@dataclass(frozen=True, kw_only=True)
class Known:
    """system_types: code or folded name → code. vendors: identity number → vendor id.

    offerings: key → (maker's id, is fictional). names: (maker's id, bare name) → keys.
    alike: the answer for every row that does not answer itself. specs: those rows may name.
    """

    system_types: Mapping[str, str]
    vendors: Mapping[str, int]
    offerings: Mapping[str, tuple[int, bool]]
    cases: frozenset[str]
    bodies: frozenset[str]
    names: Mapping[tuple[int, str], tuple[str, ...]] = field(default_factory=dict)
    alike: Alike = Alike.ASK
    specs: SpecNames = field(default_factory=dict)

    def list_alike(self, maker_id: int, name: str) -> tuple[str, ...]:
        """Keys of entries of that maker which are called the same, but for width and signs."""
        return self.names.get((maker_id, bare_name(name)), ())

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


def bare_name(name: str) -> str:
    """A name without what people write differently: width, case, spaces, signs."""
    return "".join(sign for sign in fold_for_match(name) if sign.isalnum())


def load_known(session: Session, alike: Alike = Alike.ASK) -> Known:
    """What the database holds now. Six queries."""
    types = session.execute(select(SystemType.code, SystemType.name)).all()
    vendors = session.execute(
        select(Vendor.id, Organization.corporate_number, Organization.alternate_key).join(
            Organization, Organization.id == Vendor.organization_id
        )
    )
    offerings = session.execute(
        select(Offering.key, Offering.vendor_id, Offering.fictional, Offering.name).order_by(
            Offering.id
        )
    ).all()
    names: dict[tuple[int, str], list[str]] = defaultdict(list)
    for key, vendor_id, _fictional, name in offerings:
        names[vendor_id, bare_name(name)].append(key)
    return Known(
        system_types={fold_for_match(name): code for code, name in types}
        | {fold_for_match(code): code for code, _ in types},
        vendors={number or key or "": vendor_id for vendor_id, number, key in vendors},
        offerings={key: (vendor_id, fictional) for key, vendor_id, fictional, _name in offerings},
        cases=frozenset(session.scalars(select(Case.key))),
        bodies=frozenset(session.scalars(select(LocalBody.code))),
        names={pair: tuple(keys) for pair, keys in names.items()},
        alike=alike,
        specs=load_spec_names(session),
    )
