"""Writing many entries at once gives the very rows that writing them one by one gives."""

from typing import Any

from sqlalchemy import inspect, select
from sqlalchemy.orm import Session

from accounts.roles import SYSTEM
from catalog.entries import CaseParticipantEntry
from catalog.importing.bulk import Stamp, insert_cases, insert_offerings
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
from catalog.publishing import write_case
from foundation.db import Database
from tests.harness.builders import NOW, make_body, make_system_type, make_vendor
from tests.harness.catalog import case_entry, offering_entry, publish

STAMP = Stamp(now=NOW, published_by=SYSTEM.label, change_note="")
_OWN = {"id", "offering_id", "offer_id", "case_id", "object_id", "key", "row_version"}


def rows(session: Session, model: Any) -> list[dict[str, Any]]:
    """Every row without what numbers it."""
    columns = [attribute.key for attribute in inspect(model).column_attrs]
    return [
        {name: getattr(row, name) for name in columns if name not in _OWN}
        for row in session.scalars(select(model))
    ]


def test_offerings(database: Database) -> None:
    with database.transaction() as session:
        make_system_type(session)
        vendor = make_vendor(session)
        publish(session, offering_entry(vendor, key="one"))
        insert_offerings(session, [offering_entry(vendor, key="two")], STAMP)
    with database.read_session() as session:
        for model in (Offering, OfferingVersion, Offer, PricePlan, SearchOutbox):
            first, second = rows(session, model)
            assert first == second, model
        versions = session.scalars(select(OfferingVersion.offering_id)).all()
        assert sorted(versions) == sorted(session.scalars(select(Offering.id)))
        assert session.scalars(select(Vendor.id)).all() == [vendor_id(session)]


def vendor_id(session: Session) -> int:
    return session.scalars(select(Offering.vendor_id)).first() or 0


def test_cases(database: Database) -> None:
    with database.transaction() as session:
        make_system_type(session)
        body = make_body(session)
        publish(session, offering_entry(make_vendor(session), key="one"))
        facts = {
            "participants": (CaseParticipantEntry(body_code=body.code),),
            "offering_keys": ("one",),
            "measured_effects": ("早くなった", "安くなった"),
        }
        write_case(session, case_entry(key="a", **facts), now=NOW)
        insert_cases(session, [case_entry(key="b", **facts)], NOW)
    with database.read_session() as session:
        for model in (Case, CaseParticipant):
            first, second = rows(session, model)
            assert first == second, model
        linked = session.execute(select(case_offering.c.case_id)).scalars().all()
        assert sorted(linked) == sorted(session.scalars(select(Case.id)))


def test_nothing_is_written_for_nothing(database: Database) -> None:
    with database.transaction() as session:
        insert_offerings(session, [], STAMP)
        insert_cases(session, [], NOW)
        assert session.scalars(select(SearchOutbox)).all() == []
