"""One body contracts at lower unit prices than the award's, and pays by them; both databases."""

from dataclasses import replace
from datetime import date

import pytest
from sqlalchemy import select

from foundation.audit import AuditEvent, verify
from foundation.db import Database
from foundation.errors import Refused
from procurement.contract_models import Contract, ContractUnitPrice
from procurement.domain.contracts import Membership
from procurement.ledger_models import VendorPayment
from procurement.queries.ledger import LedgerScope
from procurement.queries.paid import get_paid
from procurement.queries.unit_prices import load_tables
from procurement.services.ledger_money import pay_vendor
from procurement.services.price_changes import PriceDraft, change_unit_prices
from procurement.services.unit_prices import record_item_usage
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
from tests.harness.ledger import FIRST, SECOND, TERM_START, bill, invoice_draft
from tests.harness.projects import make_world, move
from tests.harness.unit_prices import approve_rise, make_priced_project, record_table

OWN = "文字起こし、11.25、単独で交渉したため"


def codes(refused):
    return [blocker.code for blocker in refused.value.blockers]


def use(session, actor, project, code, quantities, period=FIRST):
    record_item_usage(
        session,
        actor=actor,
        now=NOW,
        project_id=project.id,
        body_code=code,
        period=period,
        quantities=dict(enumerate(quantities, 1)),
        seen_number=0,
    )


def reprice(session, world, project, valid_from, text, seen=0):
    return change_unit_prices(
        session,
        actor=world.lead,
        now=NOW,
        project_id=project.id,
        draft=PriceDraft(valid_from=valid_from, text=text, reason="変更契約"),
        seen_number=seen,
    )


def price_of(session, project, code, period=FIRST):
    return str(load_tables(session, project.id, period).of(code)[0].unit_price.normalize())


def test_each_is_billed_and_costs_by_its_own_contract(database: Database):
    with database.transaction() as session:
        world = make_world(session)
        project = make_priced_project(session, world, OWN)
        one, two = world.bodies[:2]
        for body in (one, two):
            use(session, world.manager(body), project, body.code, (1_001, 0, 0))
        # By hand: 11.25 × 1,001 = 11,261.25 → 11,261; the other 12.5 × 1,001 = 12,512.5 → 12,512.
        with pytest.raises(Refused) as awards:
            bill(session, world.manager(one), project, invoice_draft(FIRST, net_yen=12_512))
        assert codes(awards) == ["unlike_usage"]
        with pytest.raises(Refused) as others:
            bill(session, world.manager(two), project, invoice_draft(FIRST, net_yen=11_261), 0)
        assert codes(others) == ["unlike_usage"]
        entry = bill(session, world.manager(one), project, invoice_draft(FIRST, net_yen=11_261))
        bill(session, world.manager(two), project, invoice_draft(FIRST, net_yen=12_512), 1)
        assert entry.amount_yen == 12_387  # 11,261 × 1.1 = 12,387.1
        pay_vendor(
            session,
            actor=world.manager(one),
            now=NOW,
            project_id=project.id,
            number=entry.number,
            paid_on=entry.invoiced_on,
            approval_number="支第1号",
        )
        session.flush()
        everything = LedgerScope(everything=True)
        assert get_paid(session, project.id, everything).borne[one.code, 2026] == 12_387
        assert session.scalars(select(VendorPayment.amount_yen)).all() == [12_387]
        written = str([event.changes for event in session.scalars(select(AuditEvent))])
        assert "11.25" not in written
        assert "交渉" not in written
        assert verify(session).problems == ()
    with pytest.raises(Exception, match="append-only"), database.transaction() as session:
        session.scalars(select(ContractUnitPrice)).one().unit_price = 1


def test_what_is_higher_or_of_no_table_is_refused_and_nothing_is_kept(database: Database):
    with database.transaction() as session:
        world = make_world(session)
        project, _, _ = make_contracting_project(session, world, "basic_and_individual")
        body = world.bodies[0]
        with pytest.raises(Refused) as no_table:
            sign_all(session, world, project, replace(WITHOUT_AMOUNT, own_prices=OWN))
        assert codes(no_table) == ["no_table"]
        record_table(session, world, project)
        with pytest.raises(Refused) as basic:  # a basic contract buys nothing
            sign_all(session, world, project, replace(WITHOUT_AMOUNT, own_prices=OWN))
        assert [(b.code, b.field) for b in basic.value.blockers] == [("no_table", "own_prices")]
        sign_all(session, world, project, WITHOUT_AMOUNT)
        qualify(session, world.manager(body), project)
        for text, code in (
            ("文字起こし、12.5001、理由", "over_unit_price"),
            ("無い品目、1、理由", "own_price_line"),
            ("文字起こし、11", "own_price_line"),
        ):
            with pytest.raises(Refused) as refused:
                sign_for(session, world, project, body, replace(DRAFT, own_prices=text))
            assert [(b.code, b.field) for b in refused.value.blockers] == [(code, "own_prices")]
        assert session.scalars(select(ContractUnitPrice)).all() == []
        same = replace(DRAFT, own_prices="文字起こし、12.5、決定と同じ額")
        sign_for(session, world, project, body, same)
        assert price_of(session, project, body.code) == "12.5"


def test_one_contract_for_all_names_its_prices_for_all(database: Database):
    with database.transaction() as session:
        world = make_world(session)
        project, _, _ = make_contracting_project(
            session, world, "intermediary", term_start=TERM_START
        )
        record_table(session, world, project)
        qualify(session, world.lead, project)
        sign_all(session, world, project, replace(DRAFT, amount_yen=AWARDED_YEN, own_prices=OWN))
        for body in world.bodies:
            draft = replace(DRAFT, membership=Membership.MEMBER, starts_on=None, ends_on=None)
            sign_for(session, world, project, body, draft)
        move(session, world.lead, project, "start_introduction")
        for place, body in enumerate(world.bodies, 1):
            use(session, world.manager(body), project, body.code, (place, 0, 0))
        # 11.25 × 6 = 67.5 → 67 of all together.
        with pytest.raises(Refused):
            bill(session, world.lead, project, invoice_draft(FIRST, net_yen=75))
        bill(session, world.lead, project, invoice_draft(FIRST, net_yen=67))


def test_a_later_price_for_all_leaves_a_lower_own_one(database: Database):
    with database.transaction() as session:
        world = make_world(session)
        project = make_priced_project(session, world, OWN)
        one, two = (body.code for body in world.bodies[:2])
        third = date(2026, 6, 1)
        reprice(session, world, project, SECOND, "文字起こし、9")
        with pytest.raises(Refused) as above:
            reprice(session, world, project, third, "文字起こし、15", 1)
        assert [(b.code, b.field) for b in above.value.blockers] == [("over_unit_price", "lines")]
        # 2.5 × 2,000,000 × 22 of 24 months = 4,583,333.3 → 4,583,334.
        assert "4,583,334円" in above.value.blockers[0].message
        approve_rise(session, world, project, 4_583_333)
        with pytest.raises(Refused):
            reprice(session, world, project, third, "文字起こし、15", 1)
        approve_rise(session, world, project, 1, 1)
        reprice(session, world, project, third, "文字起こし、15", 1)
        with pytest.raises(Refused):  # what is approved is used up: together they are more
            reprice(session, world, project, third, "翻訳、0.6", 2)
        reprice(session, world, project, third, "翻訳、0.4", 2)
        months = (FIRST, SECOND, third)
        assert [price_of(session, project, one, each) for each in months] == ["11.25", "9", "11.25"]
        assert [price_of(session, project, two, each) for each in months] == ["12.5", "9", "15"]


def test_a_next_contract_of_the_body_has_its_own_prices_or_the_awards(database: Database):
    with database.transaction() as session:
        world = make_world(session)
        project = make_priced_project(session, world, OWN)
        code = world.bodies[0].code
        first = session.scalars(select(Contract).where(Contract.body_code == code)).one()
        columns = [column.key for column in Contract.__mapper__.column_attrs if column.key != "id"]
        values = {name: getattr(first, name) for name in columns}
        renewed = Contract(**values | {"term": 2, "starts_on": date(2029, 4, 1)})
        session.add(renewed)
        session.flush()
        assert price_of(session, project, code, date(2029, 3, 1)) == "11.25"
        assert price_of(session, project, code, date(2029, 4, 1)) == "12.5"
        assert price_of(session, project, code, FIRST) == "11.25"  # set up before it begins
