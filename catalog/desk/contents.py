"""What an entry says, as drafts and submissions hold it: a version without what is derived.

Keys: name, summary, system_type_code, answers (criterion key → value), offers (seller_id,
contract_conditions, plans as versions hold them), files where there are any (see
catalog.entry_files), renewed_on of a yearly renewal. A draft may leave anything empty.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from catalog.answers import stated
from catalog.criteria import CRITERIA, criteria_by_key, criteria_of
from catalog.criterion import Carry, Group
from catalog.entries import OfferEntry, OfferingEntry, PlanEntry, content_sha256
from catalog.entry_files import files_of, with_files
from catalog.models import Offering, OfferingVersion
from catalog.publishing import plan_content
from catalog.renewal import RENEWED_ON

Content = dict[str, Any]
BASIC = "basic"
PRICES = "prices"
FILES = "files"
_BASIC_FIELDS = ("name", "summary", "system_type_code")


@dataclass(frozen=True, kw_only=True)
class Section:
    """A page of the form. group: the heading whose questions it asks, None for the others."""

    key: str
    label: str
    group: Group | None = None


SECTIONS: tuple[Section, ...] = (
    Section(key=BASIC, label="名称と概要"),
    *(Section(key=group.value, label=group.label, group=group) for group in Group),
    Section(key=PRICES, label="販売と料金"),
    Section(key=FILES, label="添付ファイル"),
)


def find_section_of(criterion: str) -> str:
    """The key of the page that asks the question. Raises KeyError for one that is none."""
    return criteria_by_key()[criterion].group.value


def find_section(key: str) -> Section | None:
    """The section of that key."""
    return next((section for section in SECTIONS if section.key == key), None)


def new_content(*, name: str, summary: str, system_type_code: str, seller_id: int) -> Content:
    """The first draft: nothing answered, sold by its maker without a price."""
    offer = {"seller_id": seller_id, "contract_conditions": "", "plans": []}
    return {
        "name": name,
        "summary": summary,
        "system_type_code": system_type_code,
        "answers": {},
        "offers": [offer],
    }


def content_of(version: OfferingVersion) -> Content:
    """What a published version says."""
    content = {
        "name": version.name,
        "summary": version.summary,
        "system_type_code": version.system_type_code,
        "answers": dict(version.answers),
        "offers": [
            {key: value for key, value in offer.items() if key != "seller_name"}
            for offer in version.offers
        ],
    }
    return with_files(content, version.files)


def renewed(content: Content, today: date) -> Content:
    """The content for a new year, begun today: what must be answered again is left open."""
    again = {criterion.key for criterion in CRITERIA if criterion.carry is Carry.ASK}
    answers = {key: value for key, value in content["answers"].items() if key not in again}
    return {**content, "answers": answers, RENEWED_ON: today.isoformat()}


def section_part(content: Content, section: Section) -> Content:
    """What of the content one page of the form edits."""
    if section.key == BASIC:
        return {key: content[key] for key in _BASIC_FIELDS}
    if section.key == FILES:
        return {"files": files_of(content)}
    if section.group is None:
        return {"offers": content["offers"]}
    return {"answers": stated(content["answers"], criteria_of(section.group))}


def with_part(content: Content, section: Section, part: Content) -> Content:
    """The content with one page's part put in; the other pages' parts are kept."""
    if section.key == FILES:
        return with_files(content, part["files"])
    if section.group is None:
        return {**content, **section_part({**content, **part}, section)}
    own = {criterion.key for criterion in criteria_of(section.group)}
    others = {key: value for key, value in content["answers"].items() if key not in own}
    return {**content, "answers": stated({**others, **part["answers"]}, CRITERIA)}


def sha256_of(content: Mapping[str, Any]) -> str:
    """The hash that names this content: equal content, equal hash."""
    return content_sha256({**content, "answers": stated(content.get("answers", {}), CRITERIA)})


def part_sha256(content: Content, section: Section) -> str:
    """The hash of one page's part: tells whether somebody else saved that page meanwhile."""
    return content_sha256(section_part(content, section))


def entry_of(offering: Offering, content: Content) -> OfferingEntry:
    """The entry a content makes of an offering, as it is checked and published."""
    return OfferingEntry(
        key=offering.key,
        maker_id=offering.vendor_id,
        system_type_code=content["system_type_code"],
        name=content["name"],
        summary=content["summary"],
        registered_on=offering.registered_on,
        answers=content["answers"],
        offers=offer_entries(content),
        fictional=offering.fictional,
        files=tuple(files_of(content)),
    )


def offer_entries(content: Content) -> tuple[OfferEntry, ...]:
    """Sellers and plans of a content."""
    return tuple(_offer_entry(offer) for offer in content["offers"])


def _offer_entry(offer: Mapping[str, Any]) -> OfferEntry:
    return OfferEntry(
        seller_id=offer["seller_id"],
        contract_conditions=offer["contract_conditions"],
        plans=tuple(_plan_entry(plan) for plan in offer["plans"]),
    )


def _plan_entry(plan: Mapping[str, Any]) -> PlanEntry:
    return PlanEntry(
        name=plan["name"],
        definition=plan["definition"],
        tax_rate_percent=Decimal(plan["tax_rate_percent"]),
        not_included=plan["not_included"],
        price_basis=plan["price_basis"],
    )


def stored_plan(entry: PlanEntry) -> dict[str, Any]:
    """The plan as contents and versions hold it."""
    return plan_content(entry)
