"""Several products certified in one project: each body contracts with, and is billed by, its own.

As of recommended products certified by a council or prefecture with more than one vendor.
"""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DatabaseError, IntegrityError

from foundation.audit import AuditEvent
from foundation.db import Database
from foundation.errors import Refused
from foundation.mail import Notice
from procurement.contract_models import Contract
from procurement.ledger_models import Invoice, VendorInvoice
from procurement.queries.case_facts import get_case_facts
from procurement.queries.contract_vendors import (
    bills_in_project,
    list_awards,
    list_candidates,
)
from procurement.queries.contracts import list_contracts, list_readable
from procurement.queries.judging import get_judging_page
from procurement.queries.ledger import LedgerScope
from procurement.queries.ledger_month import list_entries
from procurement.queries.standing import find_standing
from procurement.services.certifications import Withdrawal, withdraw_certification
from procurement.services.contract_partners import record_qualification
from procurement.services.contracts import sign_own
from procurement.services.judging import decide_award
from procurement.tender_models import TenderNotice
from tests.harness.builders import NOW, TODAY
from tests.harness.contracts import (
    APPROVAL,
    DRAFT,
    certify,
    choose,
    make_contracting_project,
    sign_for,
)
from tests.harness.ledger import TERM_START, bill, invoice_draft
from tests.harness.projects import make_world, move
from tests.harness.tender import (
    AFTER_CLOSING,
    CONTENT,
    make_bidder,
    make_noticed_project,
    open_for_evaluation,
)

STARTS = date(2027, 4, 1)


def codes(refused):
    return [blocker.code for blocker in refused.value.blockers]


def add_candidate(session, world, project, name, seen):
    """One more vendor named by the lead, of a method without a notice."""
    vendor, manager = make_bidder(session, name)
    choose(session, world, project, vendor, None, seen)
    return vendor, manager


class Scene:
    """A project at 契約 with three vendors named, two of which have a certified product."""

    def __init__(self, session):
        self.session, self.world = session, make_world(session)
        self.project, first, manager = make_contracting_project(
            session, self.world, "recommended_product"
        )
        second, other = add_candidate(session, self.world, self.project, "架空第二株式会社", 1)
        third, idle = add_candidate(session, self.world, self.project, "架空第三株式会社", 2)
        self.vendors, self.managers = (first, second, third), (manager, other, idle)
        self.first = certify(session, self.world, self.project, first, "架空チャット甲")
        self.second = certify(
            session, self.world, self.project, second, "架空チャット乙", ends_on=date(2028, 3, 31)
        )

    def run(self):
        for step in ("start_introduction", "start_operation"):
            move(self.session, self.world.lead, self.project, step)

    def sign(self, body, product, **changes):
        draft = replace(DRAFT, certification_id=product.id if product else None, **changes)
        return sign_for(self.session, self.world, self.project, body, draft)

    def qualify(self, body, vendor):
        record_qualification(
            self.session,
            actor=self.world.manager(body),
            now=NOW,
            project_id=self.project.id,
            number="A-1",
            valid_until=date(2028, 3, 31),
            seen_version=0,
            vendor_id=vendor.id,
        )

    def withdraw(self, product, ends_on, **changes):
        values = {"actor": self.world.lead, "reason": "提供が終わるため", "now": NOW} | changes
        wanted = Withdrawal(
            certification_id=product.id, ends_on=ends_on, reason=values.pop("reason")
        )
        return withdraw_certification(
            self.session, project_id=self.project.id, wanted=wanted, approval=APPROVAL, **values
        )

    def bill(self, body, yen, seen):
        draft = invoice_draft(TERM_START, net_yen=yen)
        return bill(self.session, self.world.manager(body), self.project, draft, seen)


def test_each_body_contracts_with_the_product_it_chose_and_is_billed_for_it(database: Database):
    with database.transaction() as session:
        scene = Scene(session)
        one, two, three = scene.world.bodies
        scene.run()
        with pytest.raises(Refused) as unchosen:
            scene.sign(one, None)
        assert codes(unchosen)[:1] == ["certification"]
        with pytest.raises(Refused) as unqualified:
            scene.sign(one, scene.first)
        assert codes(unqualified) == ["qualification"]
        for body, place in ((one, 0), (two, 1), (three, 1)):
            scene.qualify(body, scene.vendors[place])
        with pytest.raises(Refused) as others:  # qualified with the second vendor, not the first
            scene.sign(two, scene.first)
        assert codes(others) == ["qualification"]
        with pytest.raises(Refused) as late:
            scene.sign(three, scene.second, starts_on=date(2028, 4, 1))
        assert codes(late) == ["outside_certification"]
        scene.sign(one, scene.first)
        scene.sign(two, scene.second)
        scene.sign(three, scene.second)
        rows = list_contracts(session, scene.project.id)
        first, second, _ = scene.vendors
        assert [(row.body_code, row.vendor_id, row.product, row.part) for row in rows] == [
            ("", first.id, "架空チャット甲", 0),
            ("", second.id, "架空チャット乙", 1),
            (one.code, first.id, "架空チャット甲", 0),
            (two.code, second.id, "架空チャット乙", 0),
            (three.code, second.id, "架空チャット乙", 0),
        ]
        with pytest.raises(Refused) as twice:
            scene.sign(one, scene.second)
        assert "signed" in codes(twice)
        for seen, (body, yen) in enumerate(((one, 100_001), (two, 200_003), (three, 300_007))):
            scene.bill(body, yen, seen)
        check_ledger_by_vendor(
            session, scene, {first.id: {one.code}, second.id: {two.code, three.code}}
        )
        told = get_case_facts(session, scene.project)["vendor_text"]
        assert told == f"{first.name}、{second.name}"


def check_ledger_by_vendor(session, scene, bodies):
    """Per vendor: its invoices sum to the lines of exactly the bodies that contracted with it."""
    everything = []
    for vendor in scene.vendors:
        scope = LedgerScope(vendor_id=vendor.id)
        entries = list_entries(session, scene.project.id, scope)
        assert bills_in_project(session, scene.project, vendor.id) is bool(entries)
        assert {entry.for_body for entry in entries} == bodies.get(vendor.id, set())
        lines = session.scalars(
            select(Invoice).where(
                Invoice.project_id == scene.project.id,
                Invoice.vendor_invoice_number.in_([entry.number for entry in entries]),
            )
        ).all()
        assert {line.body_code for line in lines} == bodies.get(vendor.id, set())
        total = sum(line.amount_yen for line in lines)
        assert total == sum(entry.amount_yen for entry in entries)
        everything.append(total)
    assert everything == [110_001, 220_003 + 330_007, 0]


def test_the_database_takes_no_invoice_of_a_vendor_the_body_has_no_contract_with(
    database: Database,
):
    with database.transaction() as session:
        scene = Scene(session)
        one = scene.world.bodies[0]
        scene.run()
        scene.qualify(one, scene.vendors[0])
        scene.sign(one, scene.first)
        entry = scene.bill(one, 1_000, 0)
        values = {
            column.key: getattr(entry, column.key)
            for column in VendorInvoice.__table__.columns
            if column.key != "id"
        }
        rival = scene.vendors[1].id
        line = {"payer": "body", "payer_key": one.code, "body_code": one.code}
        line |= {"project_id": entry.project_id, "amount_yen": entry.amount_yen}
    values |= {"number": 2, "vendor_id": rival, "period": date(2026, 5, 1)}
    refused = pytest.raises(DatabaseError, match="no contract with this vendor")
    with refused, database.transaction() as session:
        session.add(Invoice(vendor_invoice_number=2, **line))
        session.flush()
        session.add(VendorInvoice(**values))


def test_a_product_is_certified_once_and_only_of_a_selected_vendor(database: Database):
    with database.transaction() as session:
        scene = Scene(session)
        first = scene.vendors[0]
        outsider, _ = make_bidder(session, "架空部外株式会社")
        for vendor, product, expected in (
            (first, "架空チャット甲", "certified"),
            (first, " ", "product"),
            (outsider, "架空チャット丁", "vendor"),
        ):
            with pytest.raises(Refused) as refused:
                certify(session, scene.world, scene.project, vendor, product)
            assert codes(refused) == [expected]
        # The same vendor's second product, and later on, while bodies already contract.
        scene.run()
        assert certify(session, scene.world, scene.project, first, "架空会議").part == 2
        stored = session.get_one(Contract, scene.first.id)
        again = {
            column.key: getattr(stored, column.key)
            for column in Contract.__table__.columns
            if column.key != "id"
        }
    with pytest.raises(IntegrityError), database.transaction() as session:
        session.add(Contract(**again))  # the key holds although nobody asks a service
    with pytest.raises(DatabaseError, match="append-only"), database.transaction() as session:
        session.execute(text("UPDATE contract SET product = 'x'"))


def test_a_vendor_reads_and_is_told_of_its_own_contracts_only(database: Database):
    with database.transaction() as session:
        scene = Scene(session)
        first, second, third = scene.vendors

        def read(actor, vendor):
            rows = list_contracts(session, scene.project.id)
            standing = find_standing(session, actor, scene.project.id)
            shown = list_readable(rows, scene.project, standing, vendor.id)
            return [row.product for row in shown]

        pairs = zip(scene.managers, scene.vendors, strict=True)
        assert [read(*pair) for pair in pairs] == [["架空チャット甲"], ["架空チャット乙"], []]
        for vendor, count in ((first, 1), (second, 1), (third, 0)):
            notices = session.scalars(
                select(Notice).where(Notice.organization_id == vendor.organization_id)
            ).all()
            signed = [each for each in notices if "推奨製品の認定を記録" in each.body]
            assert len(signed) == count, vendor.name
        scene.run()
        two = scene.world.bodies[1]
        scene.qualify(two, second)
        scene.sign(two, scene.second, amount_yen=7_654_321)
        written = [str(event.changes) for event in session.scalars(select(AuditEvent))]
        written += [notice.body for notice in session.scalars(select(Notice))]
        assert not [text_ for text_ in written if "7654321" in text_ or "7,654,321" in text_]


def test_a_withdrawn_product_is_chosen_by_nobody_more_and_billed_as_before(database: Database):
    with database.transaction() as session:
        scene = Scene(session)
        one, two, three = scene.world.bodies
        scene.run()
        for body, place in ((one, 0), (two, 0), (three, 1)):
            scene.qualify(body, scene.vendors[place])
        product = certify(
            session, scene.world, scene.project, scene.vendors[0], "架空チャット丁", starts_on=TODAY
        )
        scene.sign(one, product, starts_on=TODAY)
        for changes, expected in (
            ({"ends_on": TODAY - timedelta(days=1)}, ["ends_on"]),
            ({"ends_on": date(2029, 4, 1)}, ["ends_on"]),
            ({"ends_on": TODAY, "reason": " "}, ["reason"]),
            ({"ends_on": TODAY, "actor": scene.world.manager(one)}, ["not_lead"]),
        ):
            with pytest.raises(Refused) as refused:
                scene.withdraw(product, **changes)
            assert codes(refused) == expected
        scene.withdraw(product, TODAY)
        with pytest.raises(Refused) as twice:
            scene.withdraw(product, TODAY)
        assert codes(twice) == ["certification"]
        # A contract of the last day may still be recorded; of the next day none.
        with pytest.raises(Refused) as late:
            sign_later(scene, two, product)
        assert codes(late) == ["withdrawn"]
        scene.sign(two, product, starts_on=TODAY)
        scene.bill(one, 100_001, 0)
        rows = {row.body_code: row for row in list_contracts(session, scene.project.id)}
        assert not rows[one.code].ended and not rows[two.code].ended
        told = {
            notice.organization_id
            for notice in session.scalars(select(Notice).where(Notice.body.contains("取り消し")))
        }
        bodies = {scene.world.manager(body).organization_id for body in scene.world.bodies}
        assert told == bodies | {scene.vendors[0].organization_id}
        event = session.scalars(
            select(AuditEvent).where(AuditEvent.action == "withdraw_certification")
        ).one()
        assert event.changes["product"] == "架空チャット丁"
        # The same product may be certified again; nobody contracts while there is none.
        for other in (scene.first, scene.second):
            scene.withdraw(other, TODAY)
        with pytest.raises(Refused) as none:
            sign_later(scene, three, scene.second)
        assert "none_offered" in codes(none)
        again = certify(session, scene.world, scene.project, scene.vendors[0], "架空チャット丁")
        assert again.part == 3


def sign_later(scene, body, product):
    """As signed and recorded the day after."""
    return sign_own(
        scene.session,
        actor=scene.world.manager(body),
        now=NOW + timedelta(days=1),
        project_id=scene.project.id,
        body_code=body.code,
        draft=replace(
            DRAFT,
            certification_id=product.id,
            signed_on=TODAY + timedelta(days=1),
            starts_on=TODAY,
        ),
        approval=APPROVAL,
    )


def test_nothing_goes_on_without_a_certified_product(sqlite_database: Database):
    with sqlite_database.transaction() as session:
        scene = Scene(session)
        for product in (scene.first, scene.second):
            scene.withdraw(product, TODAY)
        with pytest.raises(Refused) as refused:
            move(session, scene.world.lead, scene.project, "start_introduction")
        assert codes(refused) == ["basic_contract"]
        certify(session, scene.world, scene.project, scene.vendors[2], "架空チャット丙")
        move(session, scene.world.lead, scene.project, "start_introduction")


def test_an_evaluation_gives_as_many_candidates_as_it_ranked(database: Database):
    """A tender for recommended products: who is ranked can be certified, who failed cannot."""
    with database.transaction() as session:
        world = make_world(session)
        project = make_noticed_project(session, world)
        project.contract_model = "recommended_product"
        project.procurement_method = "open_bidding"
        contents = [CONTENT, replace(CONTENT, price_yen=12_000_000, lot_digits="001")]
        contents.append(replace(CONTENT, mandatory_met=False))
        bidders = open_for_evaluation(session, world, project, contents)
        notice_rule(session, project)
        award(session, world, project)
        found = [
            each.vendor_id for each in list_candidates(session, list_awards(session, project.id))
        ]
        assert found == sorted(vendor.id for vendor, _ in bidders[:2])


def notice_rule(session, project):
    """By price alone, so that no judge is needed."""
    session.get_one(TenderNotice, project.id).evaluation_rule = {
        "full_score": 100,
        "criteria": [],
        "price": {"formula": "ratio_to_lowest", "max_points": 100},
        "tie_break": ["lot"],
    }
    session.flush()


def award(session, world, project):
    decide_award(
        session,
        actor=world.lead,
        now=AFTER_CLOSING,
        project_id=project.id,
        seen_sha256=get_judging_page(session, project).sha256,
    )
