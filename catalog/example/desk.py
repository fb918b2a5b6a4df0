"""What waits at the desks of the example: a raised price, a new entry, one sent back."""

from collections.abc import Sequence
from copy import deepcopy
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from accounts.models import Organization
from accounts.roles import Actor, OrganizationKind, Role
from catalog.desk import drafts, submissions
from catalog.desk.contents import PRICES, Content, find_section, part_sha256, sha256_of
from catalog.desk.models import OfferingDraft, OfferingSubmission
from catalog.models import Offering, Vendor
from catalog.services import get_offering

VENDOR_NUMBER = "9999900000033"  # the vendor of the example users
_REPLY = "概要に、対象の業務と使い始めるまでの日数を書いてください。（見本）"
_NEW_NAME = "やりとり記録メモ（見本）"
_SENT_BACK_NAME = "窓口ことば手帳（見本）"


def load_example_desk(session: Session, now: datetime) -> int:
    """Hand these in, once; how many. Nothing readers see changes."""
    if session.scalar(select(OfferingSubmission.id).limit(1)) is not None:
        return 0
    vendor = _actor(session, VENDOR_NUMBER, Role.VENDOR_STAFF)
    operator = _operator(session)
    published = _published(session, vendor)
    if vendor is None or operator is None or not published:
        return 0
    _raise_price(session, vendor, published[0], now)
    _copy(session, vendor, published[0], _NEW_NAME, now)
    sent_back = _copy(session, vendor, published[0], _SENT_BACK_NAME, now)
    submissions.send_back_submission(
        session,
        actor=operator,
        now=now,
        submission_id=sent_back.id,
        seen_sha256=sent_back.content_sha256,
        reply=_REPLY,
    )
    return 3


def _actor(session: Session, number: str, role: Role) -> Actor | None:
    statement = select(Organization).where(Organization.corporate_number == number)
    return _acting(session.scalar(statement), role)


def _operator(session: Session) -> Actor | None:
    statement = select(Organization).where(Organization.kind == OrganizationKind.OPERATOR.value)
    return _acting(session.scalars(statement.order_by(Organization.id)).first(), Role.OPERATOR)


def _acting(organization: Organization | None, role: Role) -> Actor | None:
    if organization is None:
        return None
    return Actor(
        name="見本",
        organization_id=organization.id,
        organization_kind=OrganizationKind(organization.kind),
        organization_name=organization.name,
        roles=frozenset({role}),
        fictional=organization.fictional,
    )


def _published(session: Session, vendor: Actor | None) -> Sequence[Offering]:
    if vendor is None:
        return ()
    statement = (
        select(Offering)
        .join(Vendor, Vendor.id == Offering.vendor_id)
        .where(Vendor.organization_id == vendor.organization_id, Offering.current_version > 0)
        .order_by(Offering.id)
    )
    return session.scalars(statement).all()


def _raise_price(session: Session, vendor: Actor, offering: Offering, now: datetime) -> None:
    content = drafts.current_content(session, offering, None)
    part = {"offers": deepcopy(content["offers"])}
    for offer in part["offers"]:
        for plan in offer["plans"]:
            for component in plan["definition"]["components"]:
                _raise_component(component)
    _save(session, vendor, offering, content, part, now)
    _submit(session, vendor, offering, "利用料を5%上げます。（見本）", now)


def _raise_component(component: dict[str, Any]) -> None:
    steps = component.get("tiers") or [component]
    for step in steps:
        raised = Decimal(str(step.get("unit_price", "0"))) * Decimal("1.05")
        step["unit_price"] = format(raised.quantize(Decimal("0.01")).normalize(), "f")


def _copy(
    session: Session, vendor: Actor, model: Offering, name: str, now: datetime
) -> OfferingSubmission:
    """A new entry that answers as the published one does."""
    content = drafts.current_content(session, model, None)
    offering = drafts.start_offering(
        session,
        actor=vendor,
        now=now,
        key=f"example-desk-{name[:4].encode().hex()}",
        name=name,
        summary="架空の製品の見本です。",
        system_type_code=model.system_type_code,
    )
    draft = session.get_one(OfferingDraft, offering.id)
    own = deepcopy(content["offers"][:1])
    own[0]["seller_id"] = offering.vendor_id
    draft.content = {**draft.content, "answers": content["answers"], "offers": own}
    session.flush()
    return _submit(session, vendor, offering, "はじめての登録です。（見本）", now)


def _save(
    session: Session,
    vendor: Actor,
    offering: Offering,
    content: Content,
    part: Content,
    now: datetime,
) -> None:
    section = find_section(PRICES)
    assert section is not None
    drafts.save_part(
        session,
        actor=vendor,
        now=now,
        offering_id=offering.id,
        section_key=PRICES,
        part=part,
        seen_sha256=part_sha256(content, section),
    )


def _submit(
    session: Session, vendor: Actor, offering: Offering, note: str, now: datetime
) -> OfferingSubmission:
    content = drafts.current_content(
        session, get_offering(session, offering.id), session.get(OfferingDraft, offering.id)
    )
    return submissions.submit_offering(
        session,
        actor=vendor,
        now=now,
        offering_id=offering.id,
        seen=submissions.Seen(content_sha256=sha256_of(content), version=offering.current_version),
        change_note=note,
    )
