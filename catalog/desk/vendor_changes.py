"""A vendor takes another name, or is merged into another; what was said of it before stays.

Each published entry gets a version with the new name or maker, so that old versions, and records
that were locked on them, say what they said. Both wait while a submission waits: an approval names
the version it follows.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from accounts.audit import record
from accounts.models import Membership, Organization
from accounts.notices import tell_organization
from accounts.roles import Action, Actor, Role, may
from catalog import publishing
from catalog.checks import MAX_NAME
from catalog.criterion import Review
from catalog.desk.contents import Content, content_of, entry_of
from catalog.desk.drafts import get_own_vendor
from catalog.desk.models import OfferingDraft, OfferingReview, OfferingSubmission
from catalog.desk.telling import tell_operators
from catalog.desk.vendor_models import VendorRename
from catalog.entries import PublicationStatus
from catalog.models import Offer, Offering, Vendor, VendorChange
from catalog.queries.vendors import find_successor
from foundation.clock import jst_today
from foundation.errors import Blocker, Conflict, NotFound, Refused, refuse

QUEUE = "/admin/reviews"
RENAMED, MERGED = "rename", "merge"
RECALLED = "recalled"
_DECIDED = {
    "approved": "この名称の変更は、運営者がすでに承認しました。",
    "sent_back": "この名称の変更は、運営者がすでに差し戻しました。",
    RECALLED: "この名称の変更は、事業者がすでに取り下げました。名称は変わっていません。",
}
_PUBLISHED = PublicationStatus.PUBLISHED.value


@dataclass(frozen=True, kw_only=True)
class NewName:
    """The name a vendor takes, from which day on, and why."""

    name: str
    kana: str
    effective_on: date
    reason: str


@dataclass(frozen=True, kw_only=True)
class Merger:
    """Which vendor goes on as which, since which day, and why."""

    vendor_id: int
    successor_id: int
    effective_on: date
    reason: str


def request_rename(
    session: Session, *, actor: Actor, now: datetime, wanted: NewName
) -> VendorRename:
    """Ask for another name; it waits for the operator. Raises Refused, NotFound."""
    if not may(actor, Action.MANAGE_VENDOR):
        raise refuse("not_permitted", "この操作は事業者の管理者だけができます。")
    vendor = _lock(session, get_own_vendor(session, actor).id)
    faults = list(_name_faults(vendor, wanted, jst_today(now)))
    if find_waiting_rename(session, vendor.id) is not None:
        message = "審査を待っている名称の変更があります。"
        faults.append(Blocker(code="waiting", message=message))
    if faults:
        raise Refused(faults)
    asked = VendorRename(
        vendor_id=vendor.id,
        old_name=vendor.name,
        new_name=wanted.name.strip(),
        new_kana=wanted.kana.strip(),
        effective_on=wanted.effective_on,
        reason=wanted.reason.strip(),
        requested_at=now,
        requested_by=actor.label,
    )
    session.add(asked)
    session.flush()
    changes = {"name": asked.new_name, "reason": asked.reason}
    record(session, actor, "request_rename", "vendor", vendor.id, changes, now)
    title = f"事業者「{vendor.name}」の名称の変更の審査が必要です"
    tell_operators(session, title=title, url=QUEUE, now=now)
    return asked


def approve_rename(
    session: Session, *, actor: Actor, now: datetime, rename_id: int, reply: str
) -> None:
    """Let the vendor have the name it asked for. Raises Conflict, Refused, NotFound."""
    asked, vendor = _open(session, actor, rename_id)
    offerings = _list_offerings(session, vendor.id)
    _refuse_waiting(session, offerings)
    old = vendor.name
    vendor.name, vendor.updated_at = asked.new_name, now
    vendor.kana = asked.new_kana or vendor.kana
    session.get_one(Organization, vendor.organization_id).name = asked.new_name
    session.flush()
    note = f"事業者の名称の変更（{old}→{vendor.name}）"
    _write_versions(session, offerings, {}, actor, now, note)
    kept = VendorChange(
        vendor_id=vendor.id, kind=RENAMED, old_name=old, effective_on=asked.effective_on
    )
    _keep(session, kept, asked.reason, actor, now)
    _close(session, asked, "approved", actor, now, reply)
    changes = {"name": vendor.name, "reason": asked.reason}
    record(session, actor, "approve_rename", "vendor", vendor.id, changes, now)
    _tell(session, vendor, f"名称を「{vendor.name}」に改めました", reply, now)


def send_back_rename(
    session: Session, *, actor: Actor, now: datetime, rename_id: int, reply: str
) -> None:
    """Give it back with a reason. Raises Conflict, Refused, NotFound."""
    asked, vendor = _open(session, actor, rename_id)
    if not reply.strip():
        raise refuse("required", "差し戻す理由を入力してください。", "reply")
    _close(session, asked, "sent_back", actor, now, reply)
    changes = {"name": asked.new_name, "reason": reply}
    record(session, actor, "send_back_rename", "vendor", vendor.id, changes, now)
    _tell(session, vendor, "名称の変更が差し戻されました", reply, now)


def recall_rename(session: Session, *, actor: Actor, now: datetime, rename_id: int) -> None:
    """Its vendor takes back what nobody decided on yet. Raises Conflict, Refused, NotFound."""
    if not may(actor, Action.MANAGE_VENDOR):
        raise refuse("not_permitted", "この操作は事業者の管理者だけができます。")
    vendor = get_own_vendor(session, actor)
    asked = session.get(VendorRename, rename_id, with_for_update=True)
    if asked is None or asked.vendor_id != vendor.id:
        raise NotFound(f"rename {rename_id}")
    if asked.verdict:
        raise Conflict(_DECIDED[asked.verdict])
    _close(session, asked, RECALLED, actor, now, "")
    changes = {"name": asked.new_name}
    record(session, actor, "recall_rename", "vendor", vendor.id, changes, now)


def merge_vendors(session: Session, *, actor: Actor, now: datetime, merger: Merger) -> None:
    """The successor makes and sells what the vendor did; the vendor's address leads there.

    Its people also become staff of the successor. Raises Refused with every reason, NotFound.
    """
    if not may(actor, Action.PUBLISH_OFFERING):
        raise refuse("not_permitted", "この操作を行う権限がありません。")
    # Always in the order of their numbers: two merges at once cannot wait for each other.
    locked = {
        number: _lock(session, number) for number in sorted({merger.vendor_id, merger.successor_id})
    }
    vendor, successor = locked[merger.vendor_id], locked[merger.successor_id]
    _refuse_merge(session, merger, vendor, successor, jst_today(now))
    offerings = _list_offerings(session, vendor.id)
    _refuse_waiting(session, offerings)
    for offering in offerings:
        if offering.vendor_id == vendor.id:
            offering.vendor_id = successor.id
    session.flush()
    note = f"事業者の統合（{vendor.name}→{successor.name}）"
    _write_versions(session, offerings, {vendor.id: successor.id}, actor, now, note)
    _join_people(session, vendor, successor)
    vendor.updated_at = now
    vendor.publication_status = PublicationStatus.WITHDRAWN.value
    successor.updated_at = now
    kept = VendorChange(
        vendor_id=vendor.id, kind=MERGED, old_name=vendor.name, effective_on=merger.effective_on
    )
    kept.successor_id = successor.id
    _keep(session, kept, merger.reason, actor, now)
    changes = {"successor": successor.name, "reason": merger.reason}
    record(session, actor, "merge_vendors", "vendor", vendor.id, changes, now)
    for each in (vendor, successor):
        title = f"「{vendor.name}」を「{successor.name}」に統合しました"
        _tell(session, each, title, merger.reason, now)


def find_waiting_rename(session: Session, vendor_id: int) -> VendorRename | None:
    """The name the vendor asked for that nobody decided on yet."""
    statement = select(VendorRename).where(
        VendorRename.vendor_id == vendor_id, VendorRename.verdict == ""
    )
    return session.scalar(statement)


def list_own_renames(session: Session, vendor_id: int) -> tuple[VendorRename, ...]:
    """Every name the vendor asked for, newest first."""
    statement = select(VendorRename).where(VendorRename.vendor_id == vendor_id)
    return tuple(session.scalars(statement.order_by(VendorRename.id.desc())))


def list_renames(session: Session) -> tuple[VendorRename, ...]:
    """Names that wait for the operator, oldest first."""
    statement = select(VendorRename).where(VendorRename.verdict == "").order_by(VendorRename.id)
    return tuple(session.scalars(statement))


def _lock(session: Session, vendor_id: int) -> Vendor:
    vendor = session.get(Vendor, vendor_id, with_for_update=True)
    if vendor is None:
        raise NotFound(f"vendor {vendor_id}")
    return vendor


def _open(session: Session, actor: Actor, rename_id: int) -> tuple[VendorRename, Vendor]:
    if not may(actor, Action.PUBLISH_OFFERING):
        raise refuse("not_permitted", "この操作を行う権限がありません。")
    asked = session.get(VendorRename, rename_id, with_for_update=True)
    if asked is None:
        raise NotFound(f"rename {rename_id}")
    if asked.verdict:
        raise Conflict(_DECIDED[asked.verdict])
    return asked, _lock(session, asked.vendor_id)


def _name_faults(vendor: Vendor, wanted: NewName, today: date) -> Iterable[Blocker]:
    if not wanted.name.strip() or len(wanted.name) > MAX_NAME:
        message = f"名称を{MAX_NAME}文字以内で入力してください。"
        yield Blocker(code="required", message=message, field="name")
    if wanted.name.strip() == vendor.name:
        yield Blocker(code="same", message="今の名称と同じです。", field="name")
    if not wanted.reason.strip():
        yield Blocker(code="required", message="理由を入力してください。", field="reason")
    if wanted.effective_on > today:
        message = "名称が変わった後の日（今日まで）を入力してください。"
        yield Blocker(code="early", message=message, field="effective_on")


def _refuse_merge(
    session: Session, merger: Merger, vendor: Vendor, successor: Vendor, today: date
) -> None:
    merged = find_successor(session, vendor.id) is not None
    checks = (
        (vendor.id == successor.id, "統合先には、別の事業者を選んでください。", "successor"),
        (merged, "この事業者は、すでに統合されています。", "vendor"),
        (
            find_waiting_rename(session, vendor.id) is not None,
            "統合される事業者の名称の変更が審査を待っています。先に処理してください。",
            "vendor",
        ),
        (
            successor.publication_status != _PUBLISHED,
            "統合先は、公開中の事業者にしてください。",
            "successor",
        ),
        (
            vendor.fictional != successor.fictional,
            "架空の事業者と実在の事業者は統合できません。",
            "successor",
        ),
        (not merger.reason.strip(), "理由を入力してください。", "reason"),
        (merger.effective_on > today, "統合した日（今日まで）を入力してください。", "effective_on"),
    )
    faults = [
        Blocker(code="merge", message=message, field=field)
        for wrong, message, field in checks
        if wrong
    ]
    if faults:
        raise Refused(faults)


def _list_offerings(session: Session, vendor_id: int) -> Sequence[Offering]:
    """The entries the vendor makes or sells, each locked."""
    sold = select(Offer.offering_id).where(Offer.seller_id == vendor_id, Offer.offered.is_(True))
    statement = (
        select(Offering)
        .where(or_(Offering.vendor_id == vendor_id, Offering.id.in_(sold)))
        .order_by(Offering.id)
        .with_for_update()
    )
    return session.scalars(statement).all()


def _refuse_waiting(session: Session, offerings: Sequence[Offering]) -> None:
    statement = (
        select(OfferingSubmission)
        .outerjoin(OfferingReview, OfferingReview.submission_id == OfferingSubmission.id)
        .where(OfferingSubmission.offering_id.in_([offering.id for offering in offerings]))
        .where(OfferingSubmission.review == Review.BEFORE.value)
        .where(OfferingReview.submission_id.is_(None))
    )
    waiting = [submission.content["name"] for submission in session.scalars(statement)]
    if waiting:
        message = f"審査を待つ掲載があります（{'、'.join(waiting)}）。先に処理してください。"
        raise refuse("waiting", message)


def _write_versions(
    session: Session,
    offerings: Sequence[Offering],
    becomes: dict[int, int],
    actor: Actor,
    now: datetime,
    note: str,
) -> None:
    """The next version of each published entry, and drafts, with sellers put in place of others."""
    for offering in offerings:
        draft = session.get(OfferingDraft, offering.id)
        if draft is not None and becomes:
            draft.content = _with_sellers(offering, draft.content, becomes)
        version = publishing.find_version(session, offering.id, offering.current_version)
        if version is None or offering.publication_status != _PUBLISHED:
            continue
        content = _with_sellers(offering, content_of(version), becomes)
        publishing.append_version(
            session,
            offering,
            replace(entry_of(offering, content), maker_id=offering.vendor_id),
            now=now,
            published_by=actor.label,
            change_note=note,
        )


def _with_sellers(offering: Offering, content: Content, becomes: dict[int, int]) -> Content:
    """Where both sell the entry, their plans come together. Raises Refused for equal names."""
    offers: dict[int, dict[str, object]] = {}
    for offer in content["offers"]:
        seller_id = becomes.get(offer["seller_id"], offer["seller_id"])
        known = offers.get(seller_id)
        if known is None:
            offers[seller_id] = {**offer, "seller_id": seller_id}
            continue
        plans = [*known["plans"], *offer["plans"]]  # type: ignore[misc]
        if len({plan["name"] for plan in plans}) < len(plans):
            message = f"「{offering.name}」に、両者の同じ名前の料金プランがあります。"
            raise refuse("plan_twice", message)
        known["plans"] = plans
    return {**content, "offers": list(offers.values())}


def _join_people(session: Session, vendor: Vendor, successor: Vendor) -> None:
    statement = select(Membership.user_id).where(
        Membership.organization_id == successor.organization_id
    )
    there = set(session.scalars(statement))
    own = select(Membership.user_id).where(Membership.organization_id == vendor.organization_id)
    for user_id in sorted(set(session.scalars(own)) - there):
        session.add(
            Membership(
                user_id=user_id,
                organization_id=successor.organization_id,
                role=Role.VENDOR_STAFF.value,
            )
        )
    session.flush()


def _keep(session: Session, change: VendorChange, reason: str, actor: Actor, now: datetime) -> None:
    change.reason = reason.strip()
    change.decided_at, change.decided_by = now, actor.label
    session.add(change)
    session.flush()


def _close(
    session: Session, asked: VendorRename, verdict: str, actor: Actor, now: datetime, reply: str
) -> None:
    asked.verdict, asked.reply = verdict, reply.strip()
    asked.decided_at, asked.decided_by = now, actor.label
    session.flush()


def _tell(session: Session, vendor: Vendor, title: str, words: str, now: datetime) -> None:
    body = f"{title}。" + (f"\n運営者から：{words.strip()}" if words.strip() else "")
    tell_organization(
        session, vendor.organization_id, title=title, body=body, url="/desk/vendor", now=now
    )
