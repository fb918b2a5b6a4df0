"""What people do with the catalog: each action checked, written once into the audit chain."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from accounts.audit import record
from accounts.roles import SYSTEM, Action, Actor, Scope, may, scopes_for
from catalog import publishing
from catalog.checks import list_draft_blockers
from catalog.entries import CaseEntry, OfferingEntry, PublicationStatus, VendorEntry
from catalog.models import Case, Offering, OfferingVersion, Vendor
from catalog.search.outbox import queue
from foundation.errors import Blocker, Conflict, NotFound, Refused, refuse


def register_vendor(session: Session, *, actor: Actor, now: datetime, entry: VendorEntry) -> Vendor:
    """A new vendor, shown at once. Raises Refused with every reason."""
    _require(actor, Action.MANAGE_REFERENCE)
    vendor = publishing.add_vendor(session, entry, now=now)
    _note(session, actor, now, "register_vendor", ("vendor", vendor.id), {"name": vendor.name})
    return vendor


def create_offering(
    session: Session, *, actor: Actor, now: datetime, entry: OfferingEntry
) -> Offering:
    """A draft: nobody but its vendor and the operator sees it. Raises Refused, NotFound."""
    maker = session.get(Vendor, entry.maker_id)
    if maker is None or not may_edit_vendor(actor, maker):
        raise NotFound(f"vendor {entry.maker_id}")
    blockers = list_draft_blockers(entry)
    if blockers:
        raise Refused(blockers)
    offering = publishing.add_offering(session, entry, now=now)
    changes = {"key": offering.key, "name": offering.name}
    _note(session, actor, now, "create_offering", ("offering", offering.id), changes)
    return offering


def publish_offering_version(
    session: Session,
    *,
    actor: Actor,
    now: datetime,
    offering_id: int,
    entry: OfferingEntry,
    expected_version: int | None = None,
    change_note: str = "",
) -> OfferingVersion:
    """The next version, readable at once and for ever at its own address.

    expected_version: the version the actor saw; Conflict if another came since.
    Raises Refused with every reason, NotFound.
    """
    _require(actor, Action.PUBLISH_OFFERING)
    offering = get_offering(session, offering_id)
    if expected_version is not None and offering.current_version != expected_version:
        raise Conflict()
    version = publishing.append_version(
        session, offering, entry, now=now, published_by=actor.label, change_note=change_note
    )
    changes = {"number": version.number, "content_sha256": version.content_sha256}
    _note(session, actor, now, "publish_offering", ("offering", offering_id), changes)
    return version


def withdraw_offering(
    session: Session, *, actor: Actor, now: datetime, offering_id: int, reason: str
) -> None:
    """Takes an entry out of lists and search; its page stays and says so. Raises Refused."""
    offering = get_offering(session, offering_id)
    if not may(actor, Action.PUBLISH_OFFERING) and actor != SYSTEM:
        maker = session.get_one(Vendor, offering.vendor_id)
        if not may_edit_vendor(actor, maker):
            raise NotFound(f"offering {offering_id}")
    blockers = list_withdraw_blockers(offering, reason)
    if blockers:
        raise Refused(blockers)
    offering.publication_status = PublicationStatus.WITHDRAWN.value
    offering.updated_at = now
    session.flush()
    queue(session, "offering", offering.id, now=now)
    _note(session, actor, now, "withdraw_offering", ("offering", offering.id), {"reason": reason})


def list_withdraw_blockers(offering: Offering, reason: str) -> list[Blocker]:
    """Why this entry cannot be taken down now."""
    blockers = []
    if offering.publication_status != PublicationStatus.PUBLISHED.value:
        label = PublicationStatus(offering.publication_status).label
        message = f"掲載を終了できるのは公開中のものだけです（現在は{label}）。"
        blockers.append(Blocker(code="not_published", message=message))
    if not reason.strip():
        message = "掲載を終了する理由を入力してください。"
        blockers.append(Blocker(code="required", message=message, field="reason"))
    return blockers


def publish_case(session: Session, *, actor: Actor, now: datetime, entry: CaseEntry) -> Case:
    """The case of this key, new or brought up to date. Raises Refused with every reason.

    A closing project publishes its own case through here.
    """
    if not may(actor, Action.MOVE_PROJECT):
        _require(actor, Action.PUBLISH_OFFERING)
    case = publishing.write_case(session, entry, now=now)
    changes = {"key": case.key, "title": case.title}
    _note(session, actor, now, "publish_case", ("case", case.id), changes)
    return case


def link_case_offering(
    session: Session, *, actor: Actor, now: datetime, case_id: int, offering_id: int
) -> None:
    """Says that the case uses the offering; both pages show it. Raises Refused, NotFound."""
    _require(actor, Action.PUBLISH_OFFERING)
    case, offering = get_case(session, case_id), get_offering(session, offering_id)
    if offering in case.offerings:
        raise refuse("linked", "この事例と掲載サービスは、すでに結び付けられています。")
    if case.fictional != offering.fictional:
        raise refuse("fictional_mix", "架空のデータと実データを結び付けることはできません。")
    case.offerings.append(offering)
    _touch_link(session, actor, now, "link_case_offering", case, offering)


def unlink_case_offering(
    session: Session, *, actor: Actor, now: datetime, case_id: int, offering_id: int
) -> None:
    """Takes the link away again. Raises Refused, NotFound."""
    _require(actor, Action.PUBLISH_OFFERING)
    case, offering = get_case(session, case_id), get_offering(session, offering_id)
    if offering not in case.offerings:
        raise refuse("not_linked", "この事例と掲載サービスは、結び付けられていません。")
    case.offerings.remove(offering)
    _touch_link(session, actor, now, "unlink_case_offering", case, offering)


def get_offering(session: Session, offering_id: int) -> Offering:
    """The entry, locked for this transaction where the database can. Raises NotFound."""
    statement = select(Offering).where(Offering.id == offering_id).with_for_update()
    offering = session.scalar(statement)
    if offering is None:
        raise NotFound(f"offering {offering_id}")
    return offering


def get_case(session: Session, case_id: int) -> Case:
    """The case, locked for this transaction where the database can. Raises NotFound."""
    case = session.scalar(select(Case).where(Case.id == case_id).with_for_update())
    if case is None:
        raise NotFound(f"case {case_id}")
    return case


def may_edit_vendor(actor: Actor, vendor: Vendor) -> bool:
    """Whether the actor may write entries of this vendor: its own people, or the operator."""
    if actor == SYSTEM or may(actor, Action.PUBLISH_OFFERING):
        return True
    own = Scope.OWN_ORGANIZATION in scopes_for(actor, Action.EDIT_OFFERING)
    return own and actor.organization_id == vendor.organization_id


def _require(actor: Actor, action: Action) -> None:
    if actor != SYSTEM and not may(actor, action):
        raise refuse("not_permitted", "この操作を行う権限がありません。")


def _touch_link(
    session: Session, actor: Actor, now: datetime, action: str, case: Case, offering: Offering
) -> None:
    case.updated_at = now
    session.flush()
    queue(session, "case", case.id, now=now)
    queue(session, "offering", offering.id, now=now)
    _note(session, actor, now, action, ("case", case.id), {"offering_id": offering.id})


def _note(
    session: Session,
    actor: Actor,
    now: datetime,
    action: str,
    subject: tuple[str, int],
    changes: Mapping[str, Any],
) -> None:
    subject_type, subject_id = subject
    record(session, actor, action, subject_type, subject_id, dict(changes), now)
