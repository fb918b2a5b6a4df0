"""Many new entries at once: the rows services would write, in a handful of statements.

Entries were checked when they were read; keys are known to be new.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from catalog.entries import CaseEntry, OfferingEntry, PublicationStatus, content_sha256
from catalog.models import (
    Case,
    CaseParticipant,
    Offer,
    Offering,
    OfferingVersion,
    PricePlan,
    SearchOutbox,
    Vendor,
    case_offering,
)
from catalog.publishing import CASE_COLUMNS, version_content

_PUBLISHED = PublicationStatus.PUBLISHED.value
Rows = list[dict[str, Any]]


@dataclass(frozen=True, kw_only=True)
class Stamp:
    """When, by whom and why versions are published."""

    now: datetime
    published_by: str
    change_note: str


def insert_offerings(session: Session, entries: Sequence[OfferingEntry], stamp: Stamp) -> None:
    """Published offerings with version 1, their sellers and plans."""
    if not entries:
        return
    ids = _insert_returning(session, Offering, [_offering(entry, stamp) for entry in entries])
    names = {number: name for number, name in session.execute(select(Vendor.id, Vendor.name))}
    pairs = list(zip(ids, entries, strict=True))
    session.execute(
        insert(OfferingVersion), [_version(number, e, names, stamp) for number, e in pairs]
    )
    offers = [
        ({"offering_id": number, "seller_id": offer.seller_id}, offer)
        for number, entry in pairs
        for offer in entry.offers
    ]
    rows = [
        own | {"contract_conditions": offer.contract_conditions, "offered": True}
        for own, offer in offers
    ]
    offer_ids = _insert_returning(session, Offer, rows)
    plans: Rows = [
        {
            "offer_id": offer_id,
            "position": position,
            "name": plan.name,
            "definition": dict(plan.definition),
            "tax_rate_percent": plan.tax_rate_percent,
            "not_included": plan.not_included,
            "price_basis": plan.price_basis,
            "offered": True,
        }
        for offer_id, (_own, offer) in zip(offer_ids, offers, strict=True)
        for position, plan in enumerate(offer.plans, start=1)
    ]
    _insert(session, PricePlan, plans)
    _queue(session, "offering", ids, stamp.now)


def insert_cases(session: Session, entries: Sequence[CaseEntry], now: datetime) -> None:
    """Published cases with the municipalities and offerings they name."""
    if not entries:
        return
    ids = _insert_returning(session, Case, [_case(entry, now) for entry in entries])
    pairs = list(zip(ids, entries, strict=True))
    participants: Rows = [
        {
            "case_id": case_id,
            "body_code": participant.body_code,
            "joined_on": participant.joined_on,
            "left_on": participant.left_on,
        }
        for case_id, entry in pairs
        for participant in entry.participants
    ]
    _insert(session, CaseParticipant, participants)
    offering_ids = _offering_ids(session, {key for e in entries for key in e.offering_keys})
    links: Rows = [
        {"case_id": case_id, "offering_id": offering_ids[key]}
        for case_id, entry in pairs
        for key in entry.offering_keys
    ]
    if links:
        session.execute(insert(case_offering), links)
    _queue(session, "case", ids, now)


def _offering_ids(session: Session, keys: set[str]) -> dict[str, int]:
    statement = select(Offering.key, Offering.id).where(Offering.key.in_(keys))
    return {key: number for key, number in session.execute(statement)}


def _offering(entry: OfferingEntry, stamp: Stamp) -> dict[str, Any]:
    return {
        "key": entry.key,
        "vendor_id": entry.maker_id,
        "system_type_code": entry.system_type_code,
        "name": entry.name,
        "summary": entry.summary,
        "publication_status": _PUBLISHED,
        "current_version": 1,
        "fictional": entry.fictional,
        "registered_on": entry.registered_on,
        "updated_at": stamp.now,
        "row_version": 1,
    }


def _version(
    offering_id: int, entry: OfferingEntry, names: Mapping[int, str], stamp: Stamp
) -> dict[str, Any]:
    content = version_content(entry, names[entry.maker_id], names)
    return content | {
        "offering_id": offering_id,
        "number": 1,
        "change_note": stamp.change_note,
        "content_sha256": content_sha256(content),
        "published_at": stamp.now,
        "published_by": stamp.published_by,
    }


def _case(entry: CaseEntry, now: datetime) -> dict[str, Any]:
    return {name: getattr(entry, name) for name in CASE_COLUMNS} | {
        "measured_effects": list(entry.measured_effects),
        "publication_status": _PUBLISHED,
        "updated_at": now,
        "row_version": 1,
    }


def _insert_returning(session: Session, model: Any, rows: Rows) -> list[int]:
    if not rows:
        return []
    statement = insert(model).returning(model.id, sort_by_parameter_order=True)
    return list(session.scalars(statement, rows))


def _insert(session: Session, model: Any, rows: Rows) -> None:
    if rows:
        session.execute(insert(model), rows)


def _queue(session: Session, kind: str, ids: Sequence[int], now: datetime) -> None:
    _insert(
        session,
        SearchOutbox,
        [{"kind": kind, "object_id": number, "queued_at": now} for number in ids],
    )
