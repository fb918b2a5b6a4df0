"""A number that was confirmed and is wrong after all: the operator puts it right, with a reason.

Until then the vendor does so itself (catalog.desk.vendor_facts). What it was stays on record.
"""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from accounts.audit import record
from accounts.models import Organization
from accounts.notices import tell_organization
from accounts.roles import Action, Actor, may
from catalog.checks import list_number_faults
from catalog.desk.registration import number_of
from catalog.desk.vendor_facts import FACTS_PAGE, is_confirmed
from catalog.models import Vendor
from catalog.number_models import VendorNumber
from catalog.queries.vendors import find_successor
from catalog.vendor_numbers import list_taken_numbers, stored_number, taking_numbers
from foundation.errors import Blocker, Conflict, NotFound, Refused, refuse

MAX_REASON = 200
TITLE = "事業者の番号を運営者が訂正しました"


@dataclass(frozen=True, kw_only=True)
class RightNumber:
    """The number as it should be, and why. One of the two is None."""

    corporate_number: str | None
    alternate_key: str | None
    reason: str


def get_vendor(session: Session, vendor_id: int) -> Vendor:
    """Raises NotFound."""
    vendor = session.get(Vendor, vendor_id)
    if vendor is None:
        raise NotFound(f"vendor {vendor_id}")
    return vendor


def list_number_blockers(session: Session, vendor: Vendor) -> list[Blocker]:
    """Why the operator cannot put this vendor's number right."""
    if not is_confirmed(vendor):
        message = "登録を確かめる前の番号は、事業者が「事業者の情報」で直します。"
        return [Blocker(code="not_confirmed", message=message)]
    if find_successor(session, vendor.id) is not None:
        message = "この事業者は統合されています。番号は変えられません。"
        return [Blocker(code="merged", message=message)]
    return []


def list_correction_blockers(session: Session, vendor: Vendor, right: RightNumber) -> list[Blocker]:
    """Every reason why this vendor cannot have this number."""
    return [
        *list_number_blockers(session, vendor),
        *_faults(session, vendor.organization, right),
    ]


def list_numbers(session: Session, vendor_id: int) -> tuple[VendorNumber, ...]:
    """The vendor's corrections, newest first."""
    statement = select(VendorNumber).where(VendorNumber.vendor_id == vendor_id)
    return tuple(session.scalars(statement.order_by(VendorNumber.id.desc())))


def correct_number(
    session: Session,
    *,
    actor: Actor,
    now: datetime,
    vendor_id: int,
    right: RightNumber,
    seen_number: str,
) -> None:
    """Give the vendor its right number and tell it. Raises Refused with every reason, NotFound;

    Conflict where the number is no longer seen_number, the one the page was shown with.
    """
    if not may(actor, Action.PUBLISH_OFFERING):
        raise refuse("not_permitted", "この操作を行う権限がありません。")
    vendor = session.get(Vendor, vendor_id, with_for_update=True)
    if vendor is None:
        raise NotFound(f"vendor {vendor_id}")
    own = session.get_one(Organization, vendor.organization_id, populate_existing=True)
    old = number_of(vendor)
    if old != seen_number:
        raise Conflict(f"ほかの人が先に番号を「{old}」に直しました。")
    blockers = list_correction_blockers(session, vendor, right)
    if blockers:
        raise Refused(blockers)
    kept = _as_kept(right)
    _write(session, actor, now, vendor, own, kept)
    words = f"{old} から {number_of(vendor)} に訂正しました"
    tell_organization(
        session,
        own.id,
        title=TITLE,
        body=f"{TITLE}。\n{words}。\n理由：{kept.reason}",
        url=FACTS_PAGE,
        now=now,
    )


def _write(
    session: Session,
    actor: Actor,
    now: datetime,
    vendor: Vendor,
    own: Organization,
    kept: RightNumber,
) -> None:
    before = {
        "old_corporate_number": own.corporate_number,
        "old_alternate_key": own.alternate_key,
    }
    after = asdict(kept)
    numbers = {"corporate_number": kept.corporate_number, "alternate_key": kept.alternate_key}
    with taking_numbers(session, numbers):
        own.corporate_number, own.alternate_key = kept.corporate_number, kept.alternate_key
    session.add(
        VendorNumber(vendor_id=vendor.id, decided_at=now, decided_by=actor.label, **before, **after)
    )
    vendor.updated_at = now
    session.flush()
    changes = {"name": vendor.name, **{key: said or "" for key, said in (before | after).items()}}
    record(session, actor, "correct_vendor_number", "vendor", vendor.id, changes, now)


def _as_kept(right: RightNumber) -> RightNumber:
    return RightNumber(
        corporate_number=stored_number(right.corporate_number),
        alternate_key=right.alternate_key,
        reason=right.reason.strip(),
    )


def _faults(session: Session, own: Organization, right: RightNumber) -> Iterable[Blocker]:
    yield from list_number_faults(right.corporate_number, right.alternate_key)
    kept = _as_kept(right)
    same = (own.corporate_number, own.alternate_key) == (kept.corporate_number, kept.alternate_key)
    if same:
        yield Blocker(code="same", message="今の番号と同じです。", field="corporate_number")
    yield from list_taken_numbers(session, asdict(kept), own.id)
    if not kept.reason or len(kept.reason) > MAX_REASON:
        message = f"理由を{MAX_REASON}文字以内で入力してください。"
        yield Blocker(code="required", message=message, field="reason")
