"""Vendors in words: the public page and the vendor's own desk."""

from collections.abc import Sequence
from dataclasses import dataclass

from catalog.entries import READABLE_STATUSES
from catalog.presenters.cases import CaseItem, case_item
from catalog.presenters.words import (
    FICTIONAL,
    count_rows,
    counts_text,
    day_text,
    prefecture_name,
    status_chips,
)
from catalog.queries.offerings import OfferingRow
from catalog.queries.vendors import SoldRow, VendorPage, VendorRow


@dataclass(frozen=True, kw_only=True)
class OfferingItem:
    """An offering in a list; url '' for one whose page is not public."""

    title: str
    url: str
    description: str
    meta: tuple[str, ...]
    chips: tuple[tuple[str, str], ...]


@dataclass(frozen=True, kw_only=True)
class VendorView:
    """Everything a vendor's page or desk prints."""

    row: VendorRow
    chips: tuple[tuple[str, str], ...]
    facts: tuple[tuple[str, str | None], ...]
    offerings: tuple[OfferingItem, ...]
    offering_counts: str
    sold: tuple[SoldRow, ...]
    cases: tuple[CaseItem, ...]
    case_counts: str


def present_vendor(page: VendorPage) -> VendorView:
    """The vendor in words."""
    row = page.row
    return VendorView(
        row=row,
        chips=tuple(_chips(row)),
        facts=(
            ("法人番号", row.corporate_number or "なし（個人事業主など）"),
            ("よみ", row.kana or None),
            ("所在地", f"{prefecture_name(row.prefecture_code)}{row.address}" or None),
            ("ウェブサイト", row.website or None),
            ("規模の区分の根拠", row.size_basis or None),
            ("登録日", day_text(row.registered_on)),
        ),
        offerings=_items(page.offerings),
        offering_counts=counts_text(count_rows(page.offerings)),
        sold=page.sold,
        cases=tuple(case_item(case) for case in page.cases),
        case_counts=counts_text(count_rows(page.cases)),
    )


def _chips(row: VendorRow) -> list[tuple[str, str]]:
    chips = [FICTIONAL] if row.fictional else []
    if row.sme:
        chips.append(("中小企業", "neutral"))
    if row.startup:
        chips.append(("スタートアップ", "neutral"))
    return chips


def _items(rows: Sequence[OfferingRow]) -> tuple[OfferingItem, ...]:
    return tuple(
        OfferingItem(
            title=row.name,
            url=f"/offerings/{row.id}" if _is_readable(row) else "",
            description=row.summary,
            meta=(row.system_type_name, f"第{row.version}版" if row.version else "未公開"),
            chips=tuple(status_chips(row)),
        )
        for row in rows
    )


def _is_readable(row: OfferingRow) -> bool:
    return bool(row.version) and row.status in [status.value for status in READABLE_STATUSES]
