"""One contract's unit prices change alone within its term: both sides, then the ledger (F09)."""

from datetime import date
from decimal import Decimal

import pytest
from sqlalchemy import select

from accounts.roles import Role
from catalog.models import Vendor
from foundation.audit import AuditEvent, verify
from foundation.db import Database
from foundation.errors import Conflict, NotFound, Refused
from foundation.mail import Notice
from procurement.contract_models import ChangedContractPrice, Contract
from procurement.domain.unit_prices import price_words
from procurement.queries.unit_prices import load_tables
from procurement.services.contract_prices import (
    change_contract_prices,
    confirm_contract_prices,
)
from procurement.services.ledger import reverse_vendor_invoice
from procurement.services.price_changes import PriceDraft
from tests.harness.builders import NOW, make_actor
from tests.harness.contracts import APPROVAL
from tests.harness.ledger import FIRST, SECOND, TERM_START, bill, invoice_draft
from tests.harness.projects import make_world
from tests.harness.tender import make_bidder
from tests.harness.unit_prices import make_priced_project
from tests.services.test_own_unit_prices import OWN, reprice, use

THIRD = date(2026, 6, 1)
REASON = "変更契約第3号（架空）"


class Scene:
    """A project at 導入 with a table; the first body pays 11.25 where the others pay 12.5."""

    def __init__(self, session, own=OWN):
        self.session, self.world = session, make_world(session)
        self.project = make_priced_project(session, self.world, own, TERM_START)
        self.one, self.two = self.world.bodies[:2]
        vendor = session.get_one(Vendor, self.contract(self.one).vendor_id)
        self.vendor = make_actor(session, vendor.organization, Role.VENDOR_MANAGER)

    def contract(self, body):
        return self.session.scalars(
            select(Contract).where(
                Contract.project_id == self.project.id, Contract.body_code == body.code
            )
        ).one()

    def change(self, text, valid_from=SECOND, body=None, actor=None, seen=0, reason=REASON):
        return change_contract_prices(
            self.session,
            actor=actor or self.world.manager(body or self.one),
            now=NOW,
            project_id=self.project.id,
            draft=PriceDraft(valid_from=valid_from, text=text, reason=reason),
            approval=APPROVAL,
            seen_number=seen,
        )

    def confirm(self, number=1, body=None, actor=None):
        return confirm_contract_prices(
            self.session,
            actor=actor or self.vendor,
            now=NOW,
            project_id=self.project.id,
            contract_id=self.contract(body or self.one).id,
            number=number,
        )

    def price(self, body, period):
        tables = load_tables(self.session, self.project.id, period)
        return price_words(tables.of(body.code)[0].unit_price)


def codes(refused):
    return [blocker.code for blocker in refused.value.blockers]


def test_it_counts_once_the_vendor_says_yes_and_only_for_that_contract(database: Database):
    with database.transaction() as session:
        scene = Scene(session)
        one, two = scene.one, scene.two
        scene.change("文字起こし、10")
        assert scene.price(one, SECOND) == "11.25"  # nobody has confirmed it
        scene.confirm()
        assert [scene.price(one, month) for month in (FIRST, SECOND, THIRD)] == [
            "11.25",
            "10",
            "10",
        ]
        assert [scene.price(two, month) for month in (FIRST, SECOND, THIRD)] == ["12.5"] * 3
        # And up again, to what all pay.
        scene.change("文字起こし、12.5", THIRD, seen=1)
        scene.confirm(2)
        assert [scene.price(one, month) for month in (SECOND, THIRD)] == ["10", "12.5"]
        # By hand: 10 × 1,001 = 10,010; the invoice of the month before is by the price before.
        for month in (FIRST, SECOND):
            use(session, scene.world.manager(one), scene.project, one.code, (1_001, 0, 0), month)
        manager = scene.world.manager(one)
        with pytest.raises(Refused) as before:
            bill(session, manager, scene.project, invoice_draft(SECOND, net_yen=11_261))
        assert codes(before) == ["unlike_usage"]
        bill(session, manager, scene.project, invoice_draft(SECOND, net_yen=10_010))
        bill(session, manager, scene.project, invoice_draft(FIRST, net_yen=11_261), 1)
        assert not verify(session).problems
    with pytest.raises(Exception, match="append-only"), database.transaction() as session:
        session.scalars(select(ChangedContractPrice)).first().unit_price = Decimal(1)


def test_a_contract_without_own_prices_falls_alone_and_a_general_fall_reaches_it(
    database: Database,
):
    with database.transaction() as session:
        scene = Scene(session, "")
        scene.change("文字起こし、12")
        scene.confirm()
        assert scene.price(scene.one, SECOND) == "12"
        reprice(session, scene.world, scene.project, THIRD, "文字起こし、9")
        assert scene.price(scene.one, THIRD) == "9" == scene.price(scene.two, THIRD)
        with pytest.raises(Refused) as above:
            scene.change("文字起こし、9.5", THIRD, seen=1)
        assert [(b.code, b.field) for b in above.value.blockers] == [("over_unit_price", "lines")]


def test_who_records_and_who_confirms(database: Database):
    with database.transaction() as session:
        scene = Scene(session)
        with pytest.raises(Refused) as staff:
            scene.change("文字起こし、10", actor=scene.world.staff[scene.one.code])
        assert codes(staff) == ["not_manager"]
        scene.change("文字起こし、10")
        with pytest.raises(Conflict):
            scene.change("文字起こし、9")
        rival = make_bidder(session, "架空競合株式会社")[1]
        for actor in (rival, scene.world.manager(scene.one), scene.world.lead):
            with pytest.raises(NotFound):
                scene.confirm(actor=actor)
        with pytest.raises(NotFound):
            scene.confirm(7)
        scene.change("文字起こし、9", seen=1)
        with pytest.raises(Refused) as older:
            scene.confirm(1)
        assert codes(older) == ["newer"]
        scene.confirm(2)
        with pytest.raises(Refused) as twice:
            scene.confirm(2)
        assert codes(twice) == ["confirmed"]
        assert scene.price(scene.one, SECOND) == "9"


@pytest.mark.parametrize(
    ("text", "valid_from", "reason", "expected"),
    [
        ("文字起こし、12.6", SECOND, REASON, ["over_unit_price"]),
        ("無い品目、1", SECOND, REASON, ["price_line"]),
        ("文字起こし、10", date(2026, 3, 1), REASON, ["valid_from"]),
        ("文字起こし、10", date(2029, 4, 1), REASON, ["valid_from"]),
        ("文字起こし、10", SECOND, " ", ["reason"]),
    ],
)
def test_what_is_refused(sqlite_database: Database, text, valid_from, reason, expected):
    with sqlite_database.transaction() as session:
        scene = Scene(session)
        with pytest.raises(Refused) as refused:
            scene.change(text, valid_from, reason=reason)
        assert codes(refused) == expected
        assert not session.scalars(select(ChangedContractPrice)).all()


def test_a_booked_month_stays_as_it_was_billed_also_when_confirmed_later(database: Database):
    with database.transaction() as session:
        scene = Scene(session)
        manager = scene.world.manager(scene.one)
        scene.change("文字起こし、10")
        use(session, manager, scene.project, scene.one.code, (1_001, 0, 0), SECOND)
        entry = bill(session, manager, scene.project, invoice_draft(SECOND, net_yen=11_261))
        with pytest.raises(Refused) as booked:
            scene.confirm()
        assert codes(booked) == ["valid_from"]
        reverse_vendor_invoice(
            session,
            actor=manager,
            now=NOW,
            project_id=scene.project.id,
            number=entry.number,
            reason="単価を改めるため",
        )
        scene.confirm()
        bill(session, manager, scene.project, invoice_draft(SECOND, net_yen=10_010), 2)


def test_the_parties_and_the_lead_are_told_without_a_figure(database: Database):
    with database.transaction() as session:
        scene = Scene(session)
        scene.change("文字起こし、10.0625")
        scene.confirm()
        told = [n for n in session.scalars(select(Notice)) if "単価の変更" in n.body]
        lead = scene.project.lead_organization_id
        body = scene.world.manager(scene.one).organization_id
        assert {n.organization_id for n in told} == {lead, body, scene.vendor.organization_id}
        written = str([event.changes for event in session.scalars(select(AuditEvent))])
        for text in ("10.0625", REASON):
            assert text not in written
            assert not [n for n in told if text in n.body]
