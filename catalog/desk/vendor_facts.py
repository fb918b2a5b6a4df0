"""What a vendor says of itself besides its name: its managers change it, readers see it at once.

Its number may be put right until the operator has confirmed the vendor.

The name, and who is merged into whom, waits for the operator (catalog.desk.vendor_changes).
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from accounts.audit import record
from accounts.models import Organization
from accounts.notices import tell_organization
from accounts.roles import Action, Actor, may
from catalog.checks import list_fact_blockers, list_vendor_blockers
from catalog.desk.drafts import get_own_vendor
from catalog.desk.telling import tell_operators
from catalog.entries import PublicationStatus, VendorEntry, content_sha256
from catalog.models import Offering, Vendor
from catalog.search.outbox import queue
from catalog.vendor_numbers import (
    NUMBERS,
    list_taken_numbers,
    stored_number,
    taking_numbers,
)
from foundation.errors import Blocker, Conflict, NotFound, Refused, refuse

QUEUE = "/admin/reviews"
FACTS_PAGE = "/desk/vendor/facts"
LABELS: Mapping[str, str] = {
    "kana": "よみ",
    "prefecture_code": "都道府県",
    "address": "所在地",
    "website": "ウェブサイト",
    "introduction": "紹介",
    "sme": "中小企業",
    "startup": "スタートアップ",
    "size_basis": "中小企業・スタートアップとする根拠",
}


@dataclass(frozen=True, kw_only=True)
class VendorFacts:
    """prefecture_code: two digits. size_basis: on what the two flags rest.

    One of corporate_number and alternate_key is None.
    """

    kana: str
    prefecture_code: str | None
    address: str
    website: str
    introduction: str
    sme: bool
    startup: bool
    size_basis: str
    corporate_number: str | None
    alternate_key: str | None


def facts_of(vendor: Vendor) -> VendorFacts:
    """What the vendor says now."""
    own = {name: getattr(vendor, name) for name in LABELS}
    return VendorFacts(**own, **{name: getattr(vendor.organization, name) for name in NUMBERS})


def is_confirmed(vendor: Vendor) -> bool:
    """Whether the operator has looked at the vendor: from then on its number stays."""
    return vendor.publication_status not in (
        PublicationStatus.DRAFT.value,
        PublicationStatus.SUBMITTED.value,
    )


def facts_sha256(facts: VendorFacts) -> str:
    """Names these facts: two who write at once are told apart by it."""
    return content_sha256(asdict(facts))


def change_facts(
    session: Session, *, actor: Actor, now: datetime, facts: VendorFacts, seen_sha256: str
) -> None:
    """Say something else. One that was sent back waits for the operator again.

    Raises Refused, Conflict where somebody changed it since it was shown, NotFound.
    """
    if not may(actor, Action.MANAGE_VENDOR):
        raise refuse("not_permitted", "この操作は事業者の管理者だけができます。")
    vendor = session.get_one(Vendor, get_own_vendor(session, actor).id, with_for_update=True)
    before = facts_of(vendor)
    if facts_sha256(before) != seen_sha256:
        raise Conflict("ほかの人が先に変更しました。変更後の内容を確かめてください。")
    facts = _with_number(session, vendor, before, facts)
    changed = [name for name in LABELS if getattr(before, name) != getattr(facts, name)]
    for name in changed:
        setattr(vendor, name, getattr(facts, name))
    numbers = [name for name in NUMBERS if getattr(before, name) != getattr(facts, name)]
    with taking_numbers(session, {name: getattr(facts, name) for name in numbers}):
        for name in numbers:
            setattr(vendor.organization, name, getattr(facts, name))
    asked_again = vendor.publication_status == PublicationStatus.DRAFT.value
    if asked_again:
        vendor.publication_status = PublicationStatus.SUBMITTED.value
    if not changed and not numbers and not asked_again:
        return
    vendor.updated_at = now
    session.get_one(Organization, vendor.organization_id).prefecture_code = facts.prefecture_code
    session.flush()
    _index_again(session, vendor, now)
    labels = {**LABELS, **NUMBERS}
    said = "、".join(labels[name] for name in (*changed, *numbers))
    changes = {"name": vendor.name, "fields": said or "（なし）"}
    for name in numbers:
        changes |= {f"old_{name}": getattr(before, name) or "", name: getattr(facts, name) or ""}
    record(session, actor, "change_vendor_facts", "vendor", vendor.id, changes, now)
    _tell(session, vendor, changed, now)


def send_back_vendor(
    session: Session, *, actor: Actor, now: datetime, vendor_id: int, reason: str
) -> None:
    """Give a registration back with a reason; its page stays closed. Raises Refused, NotFound."""
    if not may(actor, Action.PUBLISH_OFFERING):
        raise refuse("not_permitted", "この操作を行う権限がありません。")
    session.get(Vendor, vendor_id, with_for_update=True)
    vendor = find_waiting_vendor(session, vendor_id)
    if vendor is None:
        raise NotFound(f"vendor {vendor_id}")
    vendor.publication_status = PublicationStatus.DRAFT.value
    vendor.updated_at = now
    session.flush()
    changes = {"name": vendor.name, "reason": reason}
    record(session, actor, "send_back_vendor", "vendor", vendor.id, changes, now)
    tell_organization(
        session,
        vendor.organization_id,
        title="事業者の登録が差し戻されました",
        body=f"運営者から：{reason}\n\n「事業者の情報」を直して保存すると、もう一度確かめます。",
        url=FACTS_PAGE,
        now=now,
    )


def find_waiting_vendor(session: Session, vendor_id: int) -> Vendor | None:
    """A vendor that registered itself and waits for the operator."""
    vendor = session.get(Vendor, vendor_id)
    waits = vendor is not None and vendor.publication_status == PublicationStatus.SUBMITTED.value
    return vendor if waits else None


def _with_number(
    session: Session, vendor: Vendor, before: VendorFacts, facts: VendorFacts
) -> VendorFacts:
    """The facts, the number as it is stored. Raises Refused with every reason."""
    if all(getattr(before, name) == getattr(facts, name) for name in NUMBERS):
        blockers = list_fact_blockers(_entry(vendor, facts))
    else:
        blockers = list_vendor_blockers(_entry(vendor, facts))
        read = stored_number(facts.corporate_number)
        kept = {"corporate_number": read, "alternate_key": facts.alternate_key}
        blockers += list_taken_numbers(session, kept, vendor.organization_id)
        facts = replace(facts, corporate_number=read)
        if is_confirmed(vendor):
            message = "運営者が確かめた後は、番号を変えられません。"
            blockers.append(Blocker(code="confirmed", message=message, field="corporate_number"))
    if blockers:
        raise Refused(blockers)
    return facts


def _entry(vendor: Vendor, facts: VendorFacts) -> VendorEntry:
    entry = VendorEntry(name=vendor.name, registered_on=vendor.registered_on)
    return replace(entry, **asdict(facts))


def _index_again(session: Session, vendor: Vendor, now: datetime) -> None:
    """Small vendors and startups are found by a facet of their entries."""
    published = PublicationStatus.PUBLISHED.value
    statement = select(Offering.id).where(
        Offering.vendor_id == vendor.id, Offering.publication_status == published
    )
    for offering_id in session.scalars(statement):
        queue(session, "offering", offering_id, now=now)


def _tell(session: Session, vendor: Vendor, changed: list[str], now: datetime) -> None:
    """The operator looks before a page is opened, and after a vendor calls itself small or new."""
    if vendor.publication_status == PublicationStatus.SUBMITTED.value:
        title = f"事業者「{vendor.name}」の登録の確認が必要です"
        tell_operators(session, title=title, url=QUEUE, now=now)
    elif {"sme", "startup"} & set(changed):
        title = f"事業者「{vendor.name}」が中小企業・スタートアップの区分を変えました"
        tell_operators(session, title=title, url=f"/vendors/{vendor.id}", now=now)
