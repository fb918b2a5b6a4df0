"""What is published stays: versions, links, drafts, refusals, one audit event per action."""

from dataclasses import replace

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from accounts.roles import SYSTEM, VISITOR, Role
from catalog import services
from catalog.entries import OfferEntry, PlanEntry
from catalog.models import Case, OfferingVersion, PricePlan, SearchOutbox
from catalog.queries.cases import list_cases_using, list_linked_offerings
from catalog.queries.offerings import get_offering_page, get_version_page
from catalog.queries.vendors import get_vendor_page
from foundation.audit import AuditEvent
from foundation.db import Database
from foundation.errors import Conflict, NotFound, Refused
from tests.harness.builders import NOW, make_actor, make_offering, make_system_type, make_vendor
from tests.harness.catalog import (
    ANSWERS,
    TIERED_PLAN,
    case_entry,
    fill,
    offering_entry,
    publish,
    vendor_entry,
)


def events(session: Session) -> list[str]:
    return list(session.scalars(select(AuditEvent.action).order_by(AuditEvent.seq)))


def codes(refused: pytest.ExceptionInfo[Refused]) -> set[str]:
    return {blocker.code for blocker in refused.value.blockers}


def fields(refused: pytest.ExceptionInfo[Refused]) -> set[str | None]:
    return {blocker.field for blocker in refused.value.blockers}


def test_versions_follow_each_other_and_the_old_one_stays_as_it_was(database: Database) -> None:
    with database.transaction() as session:
        make_system_type(session)
        vendor = make_vendor(session)
        first = offering_entry(vendor)
        offering = publish(session, first)
        offering_id = offering.id
        version = services.publish_offering_version(
            session,
            actor=SYSTEM,
            now=NOW,
            offering_id=offering.id,
            entry=replace(first, name="新しい名称"),
            expected_version=1,
        )
        assert version.number == 2
    with database.read_session() as session:
        assert get_version_page(session, VISITOR, offering_id, 1)[1].name == "架空アシスト"
        assert get_offering_page(session, VISITOR, offering_id).content.name == "新しい名称"


def test_publishing_the_same_content_again_makes_no_new_version(database: Database) -> None:
    with database.transaction() as session:
        make_system_type(session)
        entry = offering_entry(make_vendor(session))
        offering = publish(session, entry)
        again = services.publish_offering_version(
            session, actor=SYSTEM, now=NOW, offering_id=offering.id, entry=entry
        )
        assert again.number == 1
        assert session.scalar(select(func.count(OfferingVersion.id))) == 1


def test_publishing_again_brings_a_withdrawn_entry_back(database: Database) -> None:
    with database.transaction() as session:
        make_system_type(session)
        entry = offering_entry(make_vendor(session))
        offering = publish(session, entry)
        services.withdraw_offering(
            session, actor=SYSTEM, now=NOW, offering_id=offering.id, reason="休止"
        )
        services.publish_offering_version(
            session, actor=SYSTEM, now=NOW, offering_id=offering.id, entry=entry
        )
        assert (offering.publication_status, offering.current_version) == ("published", 1)


def test_who_saw_an_older_version_cannot_publish_over_the_newer_one(database: Database) -> None:
    with database.transaction() as session:
        make_system_type(session)
        entry = offering_entry(make_vendor(session))
        offering = publish(session, entry)
        with pytest.raises(Conflict):
            services.publish_offering_version(
                session,
                actor=SYSTEM,
                now=NOW,
                offering_id=offering.id,
                entry=replace(entry, name="別の名称"),
                expected_version=0,
            )


def test_missing_answers_are_all_named(database: Database) -> None:
    with database.transaction() as session:
        make_system_type(session)
        entry = offering_entry(make_vendor(session), answers={"hosting": "moon"})
        offering = services.create_offering(session, actor=SYSTEM, now=NOW, entry=entry)
        with pytest.raises(Refused) as refused:
            services.publish_offering_version(
                session, actor=SYSTEM, now=NOW, offering_id=offering.id, entry=entry
            )
        assert {"purposes", "lgwan_endpoint", "certifications", "hosting"} <= fields(refused)


def test_a_rising_tier_is_refused_with_plan_and_tier_named(database: Database) -> None:
    rising = {
        "components": [
            TIERED_PLAN["components"][1]
            | {"tiers": [{"from_qty": 1, "unit_price": "10"}, {"from_qty": 5, "unit_price": "11"}]}
        ]
    }
    with database.transaction() as session:
        make_system_type(session)
        vendor = make_vendor(session)
        offers = (
            OfferEntry(seller_id=vendor.id, plans=(PlanEntry(name="急", definition=rising),)),
        )
        entry = offering_entry(vendor, offers=offers)
        offering = services.create_offering(session, actor=SYSTEM, now=NOW, entry=entry)
        with pytest.raises(Refused) as refused:
            services.publish_offering_version(
                session, actor=SYSTEM, now=NOW, offering_id=offering.id, entry=entry
            )
        assert codes(refused) == {"tier_rising"}
        assert "急" in refused.value.blockers[0].message
        assert "第2段階" in refused.value.blockers[0].message


def test_a_plan_left_out_of_a_version_stays_for_the_estimates_that_use_it(
    database: Database,
) -> None:
    with database.transaction() as session:
        make_system_type(session)
        vendor = make_vendor(session)
        entry = offering_entry(vendor)
        offering = publish(session, entry)
        other = PlanEntry(name="新プラン", definition=TIERED_PLAN)
        services.publish_offering_version(
            session,
            actor=SYSTEM,
            now=NOW,
            offering_id=offering.id,
            entry=replace(entry, offers=(OfferEntry(seller_id=vendor.id, plans=(other,)),)),
        )
        plans = {plan.name: plan.offered for plan in session.scalars(select(PricePlan))}
        assert plans == {"標準": False, "新プラン": True}


def test_every_action_writes_one_event_and_queues_what_changed(database: Database) -> None:
    with database.transaction() as session:
        make_system_type(session)
        vendor = services.register_vendor(session, actor=SYSTEM, now=NOW, entry=vendor_entry())
        offering = publish(session, offering_entry(vendor))
        case = services.publish_case(session, actor=SYSTEM, now=NOW, entry=case_entry())
        link = {"actor": SYSTEM, "now": NOW, "case_id": case.id, "offering_id": offering.id}
        services.link_case_offering(session, **link)
        services.unlink_case_offering(session, **link)
        services.withdraw_offering(
            session, actor=SYSTEM, now=NOW, offering_id=offering.id, reason="終了"
        )
        assert events(session) == [
            "register_vendor",
            "create_offering",
            "publish_offering",
            "publish_case",
            "link_case_offering",
            "unlink_case_offering",
            "withdraw_offering",
        ]
        queued = session.execute(select(SearchOutbox.kind, SearchOutbox.object_id)).all()
        assert set(queued) == {("offering", offering.id), ("case", case.id)}


def test_every_link_is_seen_from_both_sides(database: Database) -> None:
    with database.transaction() as session:
        fill(session)
    with database.read_session() as session:
        ids = list(session.scalars(select(Case.id)))
        linked = list_linked_offerings(session, ids)
        assert linked
        for case_id, offerings in linked.items():
            for offering in offerings:
                assert case_id in [case.id for case in list_cases_using(session, [offering.id])]
                vendor = get_vendor_page(session, offering.vendor_id)
                assert case_id in [case.id for case in vendor.cases]


def test_real_and_fictional_are_never_linked(database: Database) -> None:
    with database.transaction() as session:
        offering = make_offering(session)
        case = services.publish_case(
            session, actor=SYSTEM, now=NOW, entry=case_entry(fictional=False)
        )
        with pytest.raises(Refused) as refused:
            services.link_case_offering(
                session, actor=SYSTEM, now=NOW, case_id=case.id, offering_id=offering.id
            )
        assert codes(refused) == {"fictional_mix"}


def test_only_a_published_entry_is_withdrawn_and_only_with_a_reason(database: Database) -> None:
    with database.transaction() as session:
        make_system_type(session)
        entry = offering_entry(make_vendor(session))
        draft = services.create_offering(session, actor=SYSTEM, now=NOW, entry=entry)
        with pytest.raises(Refused) as refused:
            services.withdraw_offering(
                session, actor=SYSTEM, now=NOW, offering_id=draft.id, reason=" "
            )
        assert codes(refused) == {"not_published", "required"}


def test_a_vendor_writes_drafts_of_its_own_and_cannot_publish(database: Database) -> None:
    with database.transaction() as session:
        make_system_type(session)
        own, strange = make_vendor(session), make_vendor(session)
        staff = make_actor(session, own.organization, Role.VENDOR_STAFF)
        draft = services.create_offering(session, actor=staff, now=NOW, entry=offering_entry(own))
        with pytest.raises(NotFound):
            services.create_offering(
                session, actor=staff, now=NOW, entry=offering_entry(strange, key="b")
            )
        with pytest.raises(Refused) as refused:
            services.publish_offering_version(
                session, actor=staff, now=NOW, offering_id=draft.id, entry=offering_entry(own)
            )
        assert codes(refused) == {"not_permitted"}


@pytest.mark.parametrize(
    ("facts", "field"),
    [
        ({"corporate_number": "1234567890123"}, "corporate_number"),
        ({"corporate_number": None}, "corporate_number"),
        ({"name": " "}, "name"),
        ({"sme": True}, "size_basis"),
        ({"website": "javascript:alert(1)"}, "website"),
    ],
)
def test_a_vendor_with_a_fault_is_not_registered(
    sqlite_database: Database, facts: dict[str, object], field: str
) -> None:
    with sqlite_database.transaction() as session, pytest.raises(Refused) as refused:
        services.register_vendor(
            session, actor=SYSTEM, now=NOW, entry=replace(vendor_entry(), **facts)
        )
    assert field in fields(refused)


def test_a_corporate_number_is_registered_once(sqlite_database: Database) -> None:
    with sqlite_database.transaction() as session:
        services.register_vendor(session, actor=SYSTEM, now=NOW, entry=vendor_entry())
        with pytest.raises(Refused) as refused:
            services.register_vendor(session, actor=SYSTEM, now=NOW, entry=vendor_entry())
        assert codes(refused) == {"vendor_known"}


def test_a_case_published_again_under_its_key_is_brought_up_to_date(database: Database) -> None:
    with database.transaction() as session:
        make_system_type(session)
        first = services.publish_case(session, actor=SYSTEM, now=NOW, entry=case_entry())
        again = services.publish_case(
            session, actor=SYSTEM, now=NOW, entry=case_entry(know_how="早めに始める")
        )
        assert again.id == first.id
        assert session.scalar(select(func.count(Case.id))) == 1
        assert again.know_how == "早めに始める"


def test_answers_above_the_reader_are_not_in_what_is_read(database: Database) -> None:
    with database.transaction() as session:
        catalog = fill(session)
        staff = make_actor(session, make_vendor(session).organization, Role.MUNICIPAL_STAFF)
    with database.read_session() as session:
        public = get_offering_page(session, VISITOR, catalog.offering)
        government = get_offering_page(session, staff, catalog.offering)
    assert "security_measures" not in public.content.answers
    assert "security_measures" not in [c.key for c in public.criteria]
    assert government.content.answers["security_measures"] == ANSWERS["security_measures"]
