"""A unit-price contract from the award's table to invoices of what was used, on both databases."""

from dataclasses import replace
from datetime import date

import pytest
from sqlalchemy import select

from catalog.pricing import Kind
from foundation.audit import AuditEvent
from foundation.db import Database
from foundation.errors import Conflict, NotFound, Refused
from procurement.contract_models import AwardUnitPrice, ChangedUnitPrice
from procurement.domain.contracts import Membership
from procurement.ledger_models import Invoice, UsageRecord
from procurement.models import Participation
from procurement.queries.unit_prices import list_users
from procurement.services.ledger import reverse_vendor_invoice
from procurement.services.price_changes import PriceDraft, change_unit_prices
from procurement.services.unit_prices import record_item_usage, record_unit_prices
from tests.harness.builders import NOW
from tests.harness.contracts import (
    AWARDED_YEN,
    DRAFT,
    WITHOUT_AMOUNT,
    make_contracting_project,
    qualify,
    sign_all,
    sign_for,
)
from tests.harness.ledger import FIRST, SECOND, TERM_START, bill, invoice_draft, leave
from tests.harness.projects import make_world, move
from tests.harness.unit_prices import TABLE, approve_rise, make_priced_project, record_table

THIRD = date(2026, 6, 1)


def codes(refused):
    return [blocker.code for blocker in refused.value.blockers]


def use(session, actor, project, code, quantities, *, period=FIRST, seen=0):
    return record_item_usage(
        session,
        actor=actor,
        now=NOW,
        project_id=project.id,
        body_code=code,
        period=period,
        quantities=dict(enumerate(quantities, 1)),
        seen_number=seen,
    )


def make_individual(session):
    """At 導入: each body contracts and pays by itself, by the table."""
    world = make_world(session)
    return world, make_priced_project(session, world)


def test_the_table_comes_to_the_award_and_is_recorded_once(database: Database):
    with database.transaction() as session:
        world = make_world(session)
        project, _, _ = make_contracting_project(session, world, "basic_and_individual")
        for text, expected in (
            (TABLE.replace("2000000、2", "2000000、3"), ["unit_price_total"]),
            ("文字起こし、分、運用、12.5", ["unit_price_line"]),
        ):
            with pytest.raises(Refused) as refused:
                record_table(session, world, project, text)
            assert codes(refused) == expected
        with pytest.raises(Refused) as stranger:
            record_unit_prices(
                session,
                actor=world.manager(world.bodies[0]),
                now=NOW,
                project_id=project.id,
                text=TABLE,
            )
        assert codes(stranger) == ["not_lead"]
        lines = record_table(session, world, project)
        assert sum(line.expected_yen for line in lines) == AWARDED_YEN
        with pytest.raises(Conflict):
            record_table(session, world, project)
        written = str([event.changes for event in session.scalars(select(AuditEvent))])
        assert "12.5" not in written
        sign_all(session, world, project, WITHOUT_AMOUNT)
        with pytest.raises(Refused) as signed:
            record_table(session, world, project)
        assert codes(signed) == ["wrong_state"]
    with pytest.raises(Exception, match="append-only"), database.transaction() as session:
        session.scalars(select(AwardUnitPrice)).first().unit_price = 1


def test_an_invoice_is_usage_times_unit_price(database: Database):
    with database.transaction() as session:
        world, project = make_individual(session)
        body, other = world.bodies[:2]
        manager, code = world.manager(body), body.code
        with pytest.raises(Refused) as unused:
            bill(session, manager, project, invoice_draft(FIRST, net_yen=100))
        assert codes(unused) == ["no_usage"]
        use(session, manager, project, code, (1_001, 3, 1))
        use(session, world.manager(other), project, other.code, (9_999, 9, 1))
        # By hand: 12.5 × 1,001 = 12,512.5 → 12,512; 0.5 × 3 = 1.5 → 1.
        with pytest.raises(Refused) as wrong:
            bill(session, manager, project, invoice_draft(FIRST, net_yen=12_514))
        assert codes(wrong) == ["unlike_usage"]
        entry = bill(session, manager, project, invoice_draft(FIRST, net_yen=12_513))
        assert (entry.net_yen, entry.amount_yen) == (12_513, 13_764)
        setup = invoice_draft(FIRST, net_yen=2_000_000, category=Kind.INITIAL)
        bill(session, manager, project, setup, 1)
        # What is not in the table is free; another month has its own use.
        bill(
            session,
            manager,
            project,
            replace(setup, billed=replace(setup.billed, category=Kind.OPTION, net_yen=77)),
            2,
        )
        with pytest.raises(Refused) as next_month:
            bill(session, manager, project, invoice_draft(SECOND, net_yen=12_513), 3)
        assert codes(next_month) == ["no_usage"]


def make_collected(session):
    """At 導入: the lead books what all used together, by the table."""
    world = make_world(session)
    project, _, _ = make_contracting_project(session, world, "intermediary", term_start=TERM_START)
    record_table(session, world, project)
    qualify(session, world.lead, project)
    sign_all(session, world, project, replace(DRAFT, amount_yen=AWARDED_YEN))
    for body in world.bodies:
        draft = replace(DRAFT, membership=Membership.MEMBER, starts_on=None, ends_on=None)
        sign_for(session, world, project, body, draft)
    move(session, world.lead, project, "start_introduction")
    return world, project


def test_a_collected_invoice_is_what_all_used_together(database: Database):
    with database.transaction() as session:
        world, project = make_collected(session)
        one, two, three = world.bodies
        use(session, world.manager(one), project, one.code, (1, 1, 0))
        use(session, world.lead, project, two.code, (2, 0, 0))
        with pytest.raises(Refused) as missing:  # the third has not said
            bill(session, world.lead, project, invoice_draft(FIRST, net_yen=37))
        assert codes(missing) == ["no_usage"]
        use(session, world.manager(three), project, three.code, (0, 0, 0))
        # 12.5 × 3 = 37.5 → 37 of all together, and 0.5 × 1 → 0; not each body's part floored.
        entry = bill(session, world.lead, project, invoice_draft(FIRST, net_yen=37))
        shares = session.scalars(
            select(Invoice.amount_yen).where(
                Invoice.project_id == project.id, Invoice.vendor_invoice_number == entry.number
            )
        ).all()
        assert sum(shares) == entry.amount_yen == 40
        with pytest.raises(Refused) as booked:  # one body's part of an invoice for all
            use(session, world.manager(one), project, one.code, (9, 1, 0), seen=3)
        assert codes(booked) == ["booked"]


def place_of(session, project, body):
    return session.query(Participation).filter_by(project_id=project.id, body_code=body.code).one()


def test_who_goes_uses_until_its_last_day_and_who_comes_later_not_yet(database: Database):
    with database.transaction() as session:
        world, project = make_collected(session)
        goes, stays, comes = world.bodies
        place_of(session, project, comes).starts_on = date(2026, 6, 1)
        leave(session, project, goes.code, date(2026, 4, 10))  # its end is written, it still uses
        for body, used in ((goes, (8, 0, 0)), (stays, (4, 0, 0))):
            use(session, world.lead, project, body.code, used)
        bill(session, world.lead, project, invoice_draft(FIRST, net_yen=150))  # 12.5 × 12
        use(session, world.lead, project, stays.code, (4, 0, 0), period=SECOND)
        bill(session, world.lead, project, invoice_draft(SECOND, net_yen=50), 1)
        with pytest.raises(Refused) as comer:
            bill(session, world.lead, project, invoice_draft(THIRD, net_yen=50), 2)
        assert codes(comer) == ["no_usage"]
        # A body that withdrew before its contract has no last day, and used nothing.
        place_of(session, project, goes).ends_on = None
        session.flush()
        assert list_users(session, project.id, FIRST) == (stays.code,)


def test_what_an_invoice_was_made_of_is_changed_only_after_it_is_taken_back(database: Database):
    with database.transaction() as session:
        world, project = make_individual(session)
        body, other = world.bodies[:2]
        manager, code = world.manager(body), body.code
        use(session, manager, project, code, (4, 0, 0))
        entry = bill(session, manager, project, invoice_draft(FIRST, net_yen=50))
        with pytest.raises(Refused) as booked:
            use(session, manager, project, code, (5, 0, 0), seen=3)
        assert [(b.code, b.field) for b in booked.value.blockers] == [("booked", "item1")]
        # What the invoice was not made of: another category, another body, another month.
        use(session, manager, project, code, (4, 0, 1), seen=3)
        use(session, world.manager(other), project, other.code, (5, 0, 0))
        use(session, manager, project, code, (5, 0, 0), period=SECOND)
        reverse_vendor_invoice(
            session,
            actor=manager,
            now=NOW,
            project_id=project.id,
            number=entry.number,
            reason="量の誤り",
        )
        use(session, manager, project, code, (5, 0, 1), seen=4)
        bill(session, manager, project, invoice_draft(FIRST, net_yen=62), 2)


def test_who_records_use_and_only_what_differs(database: Database):
    with database.transaction() as session:
        world, project = make_individual(session)
        one, two = world.bodies[:2]
        with pytest.raises(Refused) as other:
            use(session, world.manager(two), project, one.code, (1, 1, 1))
        assert set(codes(other)) == {"not_own"}
        with pytest.raises(NotFound):
            use(session, world.manager(one), project, one.code, (1, 1))
        with pytest.raises(Refused) as negative:
            use(session, world.manager(one), project, one.code, (1, -1, 1))
        (blocker,) = negative.value.blockers
        assert (blocker.code, blocker.field) == ("quantity", "item2")
        with pytest.raises(Refused):
            use(session, world.manager(one), project, one.code, (1, 1, 1), period=date(2027, 1, 1))
        assert len(use(session, world.manager(one), project, one.code, (1, 0, 1))) == 3
        with pytest.raises(Conflict):
            use(session, world.manager(one), project, one.code, (2, 0, 1))
        changed = use(session, world.manager(one), project, one.code, (2, 0, 1), seen=3)
        assert [(row.unit, row.quantity, row.number) for row in changed] == [("item-1", 2, 2)]
        assert len(session.scalars(select(UsageRecord)).all()) == 4


def change(session, world, project, valid_from, text, *, seen=0, actor=None, reason="変更契約"):
    return change_unit_prices(
        session,
        actor=actor or world.lead,
        now=NOW,
        project_id=project.id,
        draft=PriceDraft(valid_from=valid_from, text=text, reason=reason),
        seen_number=seen,
    )


def test_changed_prices_hold_from_their_month_on(database: Database):
    with database.transaction() as session:
        world, project = make_individual(session)
        body = world.bodies[0]
        manager, code = world.manager(body), body.code
        for month in (FIRST, SECOND, THIRD):
            use(session, manager, project, code, (4, 0, 0), period=month)
        bill(session, manager, project, invoice_draft(FIRST, net_yen=50))
        approve_rise(session, world, project, 100_000_000)
        refusals = (
            (FIRST, "文字起こし、15", world.lead, "変更契約", "valid_from"),  # booked
            (date(2026, 3, 1), "設定、15", world.lead, "変更契約", "valid_from"),  # before the term
            (SECOND, "文字起こし、1_5", world.lead, "変更契約", "price_line"),
            (SECOND, "無い品目、15", world.lead, "変更契約", "price_line"),
            (SECOND, "翻訳、1\n翻訳、2", world.lead, "変更契約", "price_line"),
            (SECOND, " ", world.lead, "変更契約", "price_lines"),
            (SECOND, "翻訳、1", world.lead, " ", "reason"),
            (SECOND, "翻訳、1", manager, "変更契約", "not_lead"),
        )
        for month, text, actor, reason, expected in refusals:
            with pytest.raises(Refused) as refused:
                change(session, world, project, month, text, actor=actor, reason=reason)
            assert codes(refused) == [expected], (month, text)
        change(session, world, project, SECOND, "文字起こし、15")
        with pytest.raises(Conflict):
            change(session, world, project, THIRD, "文字起こし、20")
        change(session, world, project, THIRD, "文字起こし\t20円\n翻訳\t1", seen=1)
        with pytest.raises(Refused) as back:  # earlier than a change there is
            change(session, world, project, SECOND, "文字起こし、9", seen=2)
        assert codes(back) == ["valid_from"]
        for month, right, seen in ((SECOND, 60, 1), (THIRD, 80, 2)):
            with pytest.raises(Refused) as old:
                bill(session, manager, project, invoice_draft(month, net_yen=50), seen)
            assert codes(old) == ["unlike_usage"]
            bill(session, manager, project, invoice_draft(month, net_yen=right), seen)
        # A correction of an older month is billed by the prices of that month.
        reverse_vendor_invoice(
            session, actor=manager, now=NOW, project_id=project.id, number=1, reason="量の誤り"
        )
        use(session, manager, project, code, (2, 0, 0), seen=3)
        bill(session, manager, project, invoice_draft(FIRST, net_yen=25), 4)
        written = str([event.changes for event in session.scalars(select(AuditEvent))])
        assert "20円" not in written
    with pytest.raises(Exception, match="append-only"), database.transaction() as session:
        session.scalars(select(ChangedUnitPrice)).first().unit_price = 1


def test_a_changed_price_is_of_a_table(sqlite_database: Database):
    with sqlite_database.transaction() as session:
        world = make_world(session)
        project, _, _ = make_contracting_project(session, world, "basic_and_individual")
        with pytest.raises(Refused) as none:
            change(session, world, project, date(2027, 4, 1), "翻訳、1")
        assert codes(none)[:2] == ["wrong_state", "no_table"]
