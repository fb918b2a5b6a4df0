"""A body that ended its contract reads what it had to do with, and settles it (§7, §8)."""

from datetime import date

import pytest

from foundation.errors import NotFound, Refused
from procurement.domain.contract_changes import ChangeDraft, ChangeKind
from procurement.models import Participation
from procurement.queries.ledger import LedgerScope, list_period_sums
from procurement.queries.ledger_month import list_entries, list_line_rows
from procurement.queries.standing import find_last_use, find_standing
from procurement.services import ledger_money as money
from procurement.services.contract_changes import change_contract
from procurement.services.ledger import record_vendor_invoice
from procurement.services.ledger_upkeep import record_usage
from tests.harness.builders import NOW
from tests.harness.contracts import APPROVAL
from tests.harness.ledger import (
    FIRST,
    SECOND,
    bill,
    invoice_draft,
    leave,
    make_collected_project,
    make_individual_project,
)
from tests.harness.projects import make_project, make_world

LAST = date(2026, 4, 30)


def scope_of(code):
    return LedgerScope(body_code=code, own_entries=True)


def test_it_sees_its_own_entries_and_nothing_of_the_time_after(database):
    with database.transaction() as session:
        world = make_world(session)
        project, _vendor, _ = make_collected_project(session, world)
        gone, stays = world.bodies[2], world.bodies[1]
        bill(session, world.lead, project, invoice_draft())
        leave(session, project, gone.code, LAST)
        bill(session, world.lead, project, invoice_draft(SECOND), seen=1)
        scope = scope_of(gone.code)
        assert [row.period for row in list_period_sums(session, project.id, scope)] == [FIRST]
        assert [row.number for row in list_entries(session, project.id, scope)] == [1]
        lines = list_line_rows(session, project.id, scope, frozenset({1, 2}))
        assert {line.body_code for line in lines} == {gone.code} and len(lines) == 1
        member = LedgerScope(body_code=stays.code)
        assert len(list_entries(session, project.id, member)) == 2
        assert find_last_use(session, standing(session, world, project, gone), project.id) == LAST
        assert find_last_use(session, standing(session, world, project, stays), project.id) is None


def standing(session, world, project, body):
    return find_standing(session, world.manager(body), project.id)


def test_who_left_before_a_contract_has_no_ledger(database):
    with database.transaction() as session:
        world = make_world(session)
        project = make_project(session, world)
        row = session.query(Participation).filter_by(
            project_id=project.id, body_code=world.bodies[0].code
        )
        row.one().status = "left"
        session.flush()
        assert find_last_use(session, standing(session, world, project, world.bodies[0]), 1) is None
        with pytest.raises(NotFound):
            record_usage(
                session,
                actor=world.staff[world.bodies[0].code],
                now=NOW,
                project_id=project.id,
                body_code=world.bodies[0].code,
                period=FIRST,
                quantity=1,
                seen_number=0,
            )


def test_after_the_end_of_its_contract_it_books_and_pays_what_is_open(database):
    with database.transaction() as session:
        world = make_world(session)
        project = make_individual_project(session, world)
        body = world.bodies[0]
        given = {"now": NOW, "project_id": project.id}
        change_contract(
            session,
            actor=world.manager(body),
            body_code=body.code,
            draft=ChangeDraft(kind=ChangeKind.END, ends_on=date(2027, 4, 30), reason="合併のため"),
            approval=APPROVAL,
            seen_number=0,
            **given,
        )
        assert not standing(session, world, project, body).is_member
        staff = world.staff[body.code]
        entry = record_vendor_invoice(
            session, actor=staff, draft=invoice_draft(), seen_number=0, **given
        )
        assert entry.for_body == body.code
        money.pay_vendor(
            session,
            actor=staff,
            number=entry.number,
            paid_on=date(2026, 11, 12),
            approval_number="",
            **given,
        )
        (row,) = list_entries(session, project.id, scope_of(body.code))
        assert row.paid_yen == row.amount_yen == 110_000
        other = world.staff[world.bodies[1].code]
        with pytest.raises(Refused):
            money.reverse_payment(session, actor=other, number=entry.number, **given)


def test_use_is_recorded_up_to_the_last_day_only(database):
    with database.transaction() as session:
        world = make_world(session)
        project, _vendor, _ = make_collected_project(session, world)
        body = world.bodies[2]
        leave(session, project, body.code, LAST)
        given = {
            "actor": world.staff[body.code],
            "now": NOW,
            "project_id": project.id,
            "body_code": body.code,
            "quantity": 5,
            "seen_number": 0,
        }
        record_usage(session, period=FIRST, **given)
        with pytest.raises(Refused) as after:
            record_usage(session, period=SECOND, **given)
        assert [blocker.code for blocker in after.value.blockers] == ["after_use"]
