"""A body changes to another certified product within the term, on both databases (F09)."""

from dataclasses import replace
from datetime import date

import pytest
from sqlalchemy import select

from foundation.audit import AuditEvent, verify
from foundation.db import Database
from foundation.errors import Conflict, NotFound, Refused
from foundation.mail import Notice
from procurement.domain.product_change import ProductChange
from procurement.ledger_models import VendorInvoice
from procurement.models import Participation
from procurement.queries.case_facts import get_case_facts
from procurement.queries.contracts import list_contracts
from procurement.queries.signing_facts import Around
from procurement.queries.standing import find_standing
from procurement.services.contracts import sign_own
from procurement.services.ledger import reverse_vendor_invoice
from procurement.services.product_changes import change_product, preview_product_change
from tests.harness.builders import NOW, TODAY
from tests.harness.contracts import APPROVAL, DRAFT
from tests.harness.ledger import bill, invoice_draft
from tests.services.test_certified_products import Scene, codes

LAST_DAY = date(2027, 9, 30)
CHANGE = ProductChange(last_day=LAST_DAY, old_yen=250_000, reason="画面が使いにくいため")


class Changing(Scene):
    """Two bodies under contract with the first product; the second's vendor is qualified too."""

    def __init__(self, session):
        super().__init__(session)
        self.run()
        self.body, self.other, _ = self.world.bodies
        for body in (self.body, self.other):
            self.qualify(body, self.vendors[0])
            self.sign(body, self.first)
        self.qualify(self.body, self.vendors[1])
        self.draft = replace(
            DRAFT,
            number="第9号",
            starts_on=None,
            certification_id=self.second.id,
            amount_yen=1_500_000,
        )

    def preview(self, change=CHANGE, draft=None, actor=None):
        return preview_product_change(
            self.session,
            actor=actor or self.world.manager(self.body),
            now=NOW,
            around=Around(self.session, self.project),
            body_code=self.body.code,
            change=change,
            draft=draft or self.draft,
            approval=APPROVAL,
        )

    def change(self, change=CHANGE, draft=None, actor=None, sha256=None):
        return change_product(
            self.session,
            actor=actor or self.world.manager(self.body),
            now=NOW,
            project_id=self.project.id,
            body_code=self.body.code,
            change=change,
            draft=draft or self.draft,
            approval=APPROVAL,
            preview_sha256=sha256 or self.preview(change, draft, actor).sha256,
        )

    def bill_month(self, month, seen, yen=100_000):
        draft = invoice_draft(month, net_yen=yen)
        return bill(self.session, self.world.manager(self.body), self.project, draft, seen)


def test_the_old_contract_keeps_its_invoices_and_the_new_one_bills_from_its_first_month(
    database: Database,
):
    with database.transaction() as session:
        scene = Changing(session)
        first, second, _ = scene.vendors
        scene.bill_month(date(2027, 4, 1), 0)
        contract = scene.change()
        assert (contract.part, contract.starts_on) == (1, date(2027, 10, 1))
        rows = [
            row
            for row in list_contracts(session, scene.project.id)
            if row.body_code == scene.body.code
        ]
        old, new = rows
        assert (old.ended, old.replaced, old.changed_end) == (True, True, LAST_DAY)
        assert (old.current_yen, new.current_yen, new.ended) == (250_000, 1_500_000, False)
        assert (new.product, new.vendor_id) == ("架空チャット乙", second.id)
        entries = [
            scene.bill_month(month, seen)
            for seen, month in enumerate((LAST_DAY.replace(day=1), date(2027, 10, 1)), start=1)
        ]
        assert [entry.vendor_id for entry in entries] == [first.id, second.id]
        place = (
            session.query(Participation)
            .filter_by(project_id=scene.project.id, body_code=scene.body.code)
            .one()
        )
        assert (place.status, place.ends_on, place.left_at) == ("contracted", None, None)
        # As a case it counts what the old one came to, not what it would have: tax-included.
        facts = get_case_facts(session, scene.project)
        assert facts["contract_amount_yen"] == 275_000 + 1_650_000 + 1_100_000
        assert not verify(session).problems


def test_it_is_seen_first_and_nobody_else_pays_more(database: Database):
    with database.transaction() as session:
        scene = Changing(session)
        before = [
            row
            for row in list_contracts(session, scene.project.id)
            if row.body_code == scene.other.code
        ]
        seen = scene.preview()
        assert not seen.blockers and seen.new_vendor == "架空第二株式会社"
        assert sum(each.before_yen for each in seen.years) == 1_000_000
        assert sum(each.old_yen + each.new_yen for each in seen.years) == 1_750_000
        with pytest.raises(Conflict):
            scene.change(sha256="0" * 64)
        other = replace(scene.draft, amount_yen=1_500_001)
        with pytest.raises(Conflict):  # not what was seen
            scene.change(draft=other, sha256=seen.sha256)
        scene.change(sha256=seen.sha256)
        assert before == [
            row
            for row in list_contracts(session, scene.project.id)
            if row.body_code == scene.other.code
        ]
        with pytest.raises((Refused, Conflict)):  # the same once more: another contract is there
            scene.change(sha256=seen.sha256)


def test_the_new_product_is_certified_on_that_day(database: Database):
    with database.transaction() as session:
        scene = Changing(session)
        scene.withdraw(scene.second, TODAY)
        assert "outside_certification" in [each.code for each in scene.preview().blockers]
        with pytest.raises(Refused) as withdrawn:
            scene.change()
        assert codes(withdrawn) == ["outside_certification"]
        same = replace(scene.draft, certification_id=scene.first.id)
        with pytest.raises(Refused) as unchanged:
            scene.change(draft=same)
        assert codes(unchanged) == ["certification_id"]


def test_who_changes_it_and_when(database: Database):
    with database.transaction() as session:
        scene = Changing(session)
        for actor in (scene.world.lead, scene.world.manager(scene.other), scene.managers[1]):
            with pytest.raises(Refused) as stranger:
                scene.change(actor=actor)
            assert "not_manager" in codes(stranger)
        third = scene.world.bodies[2]
        with pytest.raises(NotFound):  # it has no contract
            preview_product_change(
                session,
                actor=scene.world.manager(third),
                now=NOW,
                around=Around(session, scene.project),
                body_code=third.code,
                change=CHANGE,
                draft=scene.draft,
                approval=APPROVAL,
            )
        scene.change()
        with pytest.raises(Refused) as again:  # signing anew stays refused: part 0 is taken
            sign_own(
                session,
                actor=scene.world.manager(scene.body),
                now=NOW,
                project_id=scene.project.id,
                body_code=scene.body.code,
                draft=replace(scene.draft, starts_on=date(2027, 10, 1)),
                approval=APPROVAL,
            )
        assert "signed" in codes(again)
        # And it may change back, from the new contract on.
        back = replace(scene.draft, certification_id=scene.first.id)
        later = replace(CHANGE, last_day=date(2028, 3, 31), old_yen=500_000)
        assert scene.change(later, back).part == 2


def test_a_month_with_an_invoice_of_the_old_vendor_is_not_taken_from_it(database: Database):
    with database.transaction() as session:
        scene = Changing(session)
        entry = scene.bill_month(date(2027, 10, 1), 0)
        with pytest.raises(Refused) as booked:
            scene.change()
        assert codes(booked) == ["last_day"]
        reverse_vendor_invoice(
            session,
            actor=scene.world.manager(scene.body),
            now=NOW,
            project_id=scene.project.id,
            number=entry.number,
            reason="製品を変えるため",
        )
        scene.change()
        vendors = session.scalars(select(VendorInvoice.vendor_id)).all()
        assert set(vendors) == {scene.vendors[0].id}
        assert scene.bill_month(date(2027, 10, 1), 2).vendor_id == scene.vendors[1].id


def test_each_is_told_of_its_own_and_the_chain_keeps_no_figure(database: Database):
    with database.transaction() as session:
        scene = Changing(session)
        scene.change(replace(CHANGE, old_yen=543_217), replace(scene.draft, amount_yen=7_654_321))
        notices = session.scalars(select(Notice).where(Notice.title.contains("契約"))).all()

        def told(organization_id):
            return "".join(n.body for n in notices if n.organization_id == organization_id)

        first, second, _ = scene.vendors
        assert "終わります" in told(first.organization_id)
        assert "チャット乙" not in told(first.organization_id)
        assert "10月1日からの「架空チャット乙」" in told(second.organization_id)
        assert "チャット甲" not in told(second.organization_id)
        event = session.scalars(
            select(AuditEvent).where(AuditEvent.action == "change_product")
        ).one()
        assert event.changes["product"] == ["架空チャット甲", "架空チャット乙"]
        written = [str(each.changes) for each in session.scalars(select(AuditEvent))]
        written += [notice.body for notice in session.scalars(select(Notice))]
        for figure in ("543217", "543,217", "7654321", "7,654,321", CHANGE.reason):
            assert not [text for text in written if figure in text], figure
        assert find_standing(session, scene.world.manager(scene.body), scene.project.id).takes_part
