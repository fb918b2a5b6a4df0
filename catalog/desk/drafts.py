"""What a vendor's people do with the next content of an entry before handing it in."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from accounts.audit import record
from accounts.roles import Action, Actor, may
from catalog import publishing
from catalog.answers import list_answer_faults
from catalog.checks import MAX_NAME, MAX_TEXT, list_offering_blockers, list_plan_blockers
from catalog.desk.contents import (
    BASIC,
    Content,
    Section,
    content_of,
    entry_of,
    find_section,
    new_content,
    offer_entries,
    part_sha256,
    renewed,
    sha256_of,
    with_part,
)
from catalog.desk.models import OfferingDraft
from catalog.entries import OfferingEntry
from catalog.models import Offering, OfferingVersion, SystemType, Vendor
from catalog.queries.vendors import find_successor
from catalog.renewal import is_renewing
from catalog.services import get_offering, may_edit_vendor
from foundation.clock import jst_today
from foundation.errors import Blocker, Conflict, NotFound, Refused, refuse


class PartChanged(Conflict):
    """Somebody saved the same page meanwhile. stored: the whole content as it is now."""

    def __init__(self, stored: Content) -> None:
        super().__init__("ほかの人が先にこのページを保存しました。")
        self.stored = stored


def start_offering(
    session: Session,
    *,
    actor: Actor,
    now: datetime,
    key: str,
    name: str,
    summary: str,
    system_type_code: str,
) -> Offering:
    """A new entry of the actor's vendor, seen by nobody else. Raises Refused, NotFound.

    key: unused so far; what imports name the entry by.
    """
    vendor = get_own_vendor(session, actor)
    content = new_content(
        name=name, summary=summary, system_type_code=system_type_code, seller_id=vendor.id
    )
    _refuse_while(_basic_faults(session, content))
    entry = OfferingEntry(
        key=key,
        maker_id=vendor.id,
        system_type_code=system_type_code,
        name=name,
        summary=summary,
        registered_on=jst_today(now),
        fictional=vendor.fictional,
    )
    offering = publishing.add_offering(session, entry, now=now)
    write_draft(session, offering, None, content, actor, now)
    _note(session, actor, now, "create_offering", offering, {"key": key, "name": name})
    return offering


def save_part(
    session: Session,
    *,
    actor: Actor,
    now: datetime,
    offering_id: int,
    section_key: str,
    part: Content,
    seen_sha256: str,
) -> None:
    """Save what one page of the form says; the rest of the draft stays as it is.

    seen_sha256: the hash of the part as the page showed it. Raises PartChanged where another
    person saved the same page since, Refused for answers that cannot stand, NotFound.
    """
    section = find_section(section_key)
    if section is None:
        raise NotFound(f"section {section_key}")
    offering = get_own_offering(session, actor, offering_id)
    draft = session.get(OfferingDraft, offering.id)
    stored = current_content(session, offering, draft)
    if part_sha256(stored, section) != seen_sha256:
        raise PartChanged(stored)
    content = with_part(stored, section, part)
    _refuse_while(_part_faults(session, section, content))
    if sha256_of(content) == sha256_of(stored) and draft is not None:
        return
    write_draft(session, offering, draft, content, actor, now)
    _note(session, actor, now, "save_draft", offering, {"section": section.key})


def renew_draft(
    session: Session, *, actor: Actor, now: datetime, offering_id: int, seen_sha256: str
) -> None:
    """Begin the yearly renewal: what must be answered again is left open.

    seen_sha256: the hash of the whole draft as shown. Raises Conflict, NotFound, Refused for one
    that was begun: what was answered since would be lost.
    """
    offering, draft, stored = _open(session, actor, offering_id, seen_sha256)
    _require_published_once(offering)
    if is_renewing(stored):
        raise refuse("renewing", "年次更新の下書きは、すでに始まっています。")
    write_draft(session, offering, draft, renewed(stored, jst_today(now)), actor, now)
    _note(session, actor, now, "renew_draft", offering, {})


def revert_draft(
    session: Session,
    *,
    actor: Actor,
    now: datetime,
    offering_id: int,
    number: int,
    seen_sha256: str,
) -> None:
    """Write an earlier version into the draft, to be handed in as a new version."""
    offering, draft, _stored = _open(session, actor, offering_id, seen_sha256)
    version = publishing.find_version(session, offering.id, number)
    if version is None:
        raise NotFound(f"offering {offering_id} version {number}")
    write_draft(session, offering, draft, content_of(version), actor, now)
    _note(session, actor, now, "revert_draft", offering, {"number": number})


def discard_draft(
    session: Session, *, actor: Actor, now: datetime, offering_id: int, seen_sha256: str
) -> None:
    """Throw the draft of a published entry away: the next one starts from what readers see."""
    offering, draft, _stored = _open(session, actor, offering_id, seen_sha256)
    _require_published_once(offering)
    if draft is None:
        raise refuse("no_draft", "破棄する変更はありません。")
    session.delete(draft)
    session.flush()
    _note(session, actor, now, "discard_draft", offering, {})


def get_own_vendor(session: Session, actor: Actor) -> Vendor:
    """The vendor the actor belongs to; none where it was merged into another. Raises NotFound."""
    statement = select(Vendor).where(Vendor.organization_id == actor.organization_id)
    vendor = session.scalar(statement)
    merged = vendor is not None and find_successor(session, vendor.id) is not None
    if vendor is None or merged or not may_edit_vendor(actor, vendor):
        raise NotFound(f"vendor of organization {actor.organization_id}")
    return vendor


def get_own_offering(session: Session, actor: Actor, offering_id: int) -> Offering:
    """The entry, locked, if the actor's vendor makes it. Raises NotFound."""
    offering = get_offering(session, offering_id)
    maker = session.get_one(Vendor, offering.vendor_id)
    if not may(actor, Action.EDIT_OFFERING) or maker.organization_id != actor.organization_id:
        raise NotFound(f"offering {offering_id}")
    return offering


def find_own_offering(session: Session, actor: Actor, offering_id: int) -> Offering:
    """As get_own_offering, for reading: nothing is locked. Raises NotFound."""
    statement = (
        select(Offering)
        .join(Vendor, Vendor.id == Offering.vendor_id)
        .where(Offering.id == offering_id, Vendor.organization_id == actor.organization_id)
    )
    offering = session.scalar(statement)
    if offering is None or not may(actor, Action.EDIT_OFFERING):
        raise NotFound(f"offering {offering_id}")
    return offering


def current_content(session: Session, offering: Offering, draft: OfferingDraft | None) -> Content:
    """What the form shows: the draft, else what readers see, else the bare beginning."""
    if draft is not None:
        return dict(draft.content)
    version = publishing.find_version(session, offering.id, offering.current_version)
    return content_without_draft(offering, version)


def content_without_draft(offering: Offering, version: OfferingVersion | None) -> Content:
    """What readers see, else the bare beginning. version: the current one."""
    if version is not None:
        return content_of(version)
    return new_content(
        name=offering.name,
        summary=offering.summary,
        system_type_code=offering.system_type_code,
        seller_id=offering.vendor_id,
    )


def list_content_blockers(session: Session, offering: Offering, content: Content) -> list[Blocker]:
    """Every reason why this content cannot be handed in."""
    faults = _basic_faults(session, content)
    known = {(blocker.code, blocker.field) for blocker in faults}
    more = list_offering_blockers(entry_of(offering, content))
    faults += [blocker for blocker in more if (blocker.code, blocker.field) not in known]
    if not any(offer["plans"] for offer in content["offers"]):
        message = "料金プランを1つ以上登録してください。"
        faults.append(Blocker(code="plan_missing", message=message, field="offers"))
    return faults


def _open(
    session: Session, actor: Actor, offering_id: int, seen_sha256: str
) -> tuple[Offering, OfferingDraft | None, Content]:
    offering = get_own_offering(session, actor, offering_id)
    draft = session.get(OfferingDraft, offering.id)
    stored = current_content(session, offering, draft)
    if sha256_of(stored) != seen_sha256:
        raise Conflict("ほかの人が先に変更しました。変更後の内容を確かめてください。")
    return offering, draft, stored


def _require_published_once(offering: Offering) -> None:
    if not offering.current_version:
        raise refuse("never_published", "まだ公開されたことのない掲載です。")


def _part_faults(session: Session, section: Section, content: Content) -> list[Blocker]:
    if section.group is not None:
        return list_answer_faults(content["answers"])
    if section.key == BASIC:
        return _basic_faults(session, content)
    return [b for offer in offer_entries(content) for b in list_plan_blockers(offer.plans)]


def _basic_faults(session: Session, content: Content) -> list[Blocker]:
    limits = {"name": ("名称", MAX_NAME), "summary": ("概要", MAX_TEXT)}
    faults = []
    for name, (label, limit) in limits.items():
        if not content[name].strip():
            message = f"「{label}」を入力してください。"
            faults.append(Blocker(code="required", message=message, field=name))
        elif len(content[name]) > limit:
            message = f"「{label}」は{limit:,}文字以内で入力してください。"
            faults.append(Blocker(code="too_long", message=message, field=name))
    if session.get(SystemType, content["system_type_code"]) is None:
        message = "システム種別を選んでください。"
        faults.append(Blocker(code="system_type", message=message, field="system_type_code"))
    return faults


def write_draft(
    session: Session,
    offering: Offering,
    draft: OfferingDraft | None,
    content: Content,
    actor: Actor,
    now: datetime,
) -> None:
    """Keep the content as the draft; nothing else is done or recorded."""
    if draft is None:
        draft = OfferingDraft(offering_id=offering.id)
        session.add(draft)
    draft.content = content
    draft.updated_at = now
    draft.updated_by = actor.label
    if not offering.current_version:
        # Until readers see a version, the entry is called what its draft calls it.
        offering.name = content["name"]
        offering.summary = content["summary"]
        offering.system_type_code = content["system_type_code"]
    session.flush()


def _note(
    session: Session,
    actor: Actor,
    now: datetime,
    action: str,
    offering: Offering,
    changes: dict[str, object],
) -> None:
    record(session, actor, action, "offering", offering.id, changes, now)


def _refuse_while(blockers: list[Blocker]) -> None:
    if blockers:
        raise Refused(blockers)
