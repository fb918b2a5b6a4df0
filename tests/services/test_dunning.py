"""督促状: about what is open and overdue, once each, told once, by who collects (F19, §8)."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date, timedelta
from threading import Barrier

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import DatabaseError

from accounts.models import Organization
from foundation.audit import AuditEvent, verify
from foundation.clock import jst_today
from foundation.errors import Conflict, NotFound, Refused
from foundation.mail import Notice, OutboxMail
from procurement.domain.dunning import LetterDraft, Overdue, list_overdue_blockers
from procurement.ledger_models import DunningLetter, Invoice
from procurement.models import Project
from procurement.services import ledger_money as money
from procurement.services.dunning import send_letter
from procurement.services.ledger import reverse_vendor_invoice
from tests.harness.builders import NOW
from tests.harness.contracts import APPROVAL
from tests.harness.ledger import SECOND, bill, invoice_draft, leave, make_collected_project
from tests.harness.projects import make_world

TODAY = jst_today(NOW)
PAY_BY = TODAY + timedelta(days=14)
OWED = 18_900  # the third body's of 110,000 yen


@pytest.fixture
def owing(database):
    """An invoice due on 10 November, nothing paid: (database, world, project id, invoice ids)."""
    with database.transaction() as session:
        world = make_world(session)
        project, _vendor, _ = make_collected_project(session, world)
        bill(session, world.lead, project, invoice_draft())
        rows = select(Invoice.body_code, Invoice.id).where(Invoice.project_id == project.id)
        return database, world, project.id, dict(session.execute(rows).all())


def code_of(world, place):
    return list(world.managers)[place]


def send(session, world, owing, *, place=2, actor=None, now=NOW, seen=0, **changes):
    _, _, project_id, invoices = owing
    values = {"letter_number": "架空財第5号", "pay_by": PAY_BY} | changes
    return send_letter(
        session,
        actor=actor or world.lead,
        now=now,
        project_id=project_id,
        invoice_id=invoices[code_of(world, place)],
        draft=LetterDraft(**values),
        approval=APPROVAL,
        seen_number=seen,
    )


def codes(error):
    return [blocker.code for blocker in error.value.blockers]


def test_a_letter_says_what_was_open_and_is_told_once(owing):
    database, world, project_id, invoices = owing
    code = code_of(world, 2)
    with database.transaction() as session:
        money.record_receipt(
            session,
            actor=world.lead,
            now=NOW,
            project_id=project_id,
            invoice_id=invoices[code],
            amount_yen=900,
            received_on=date(2026, 11, 5),
            note="",
            seen_yen=0,
        )
        letter = send(session, world, owing)
        assert (letter.number, letter.open_yen) == (1, OWED - 900)
        assert (letter.issued_on, letter.pay_by) == (TODAY, PAY_BY)
    with database.read_session() as session:
        organization = session.scalars(
            select(Organization.id).where(Organization.body_code == code)
        ).one()
        notices = session.scalars(select(Notice).where(Notice.title.contains("督促状"))).all()
        assert [notice.organization_id for notice in notices] == [organization]
        assert notices[0].url.endswith(f"/lines/{invoices[code]}/letters/1")
        mails = session.scalars(select(OutboxMail).where(OutboxMail.subject.contains("督促状")))
        bodies = {mail.to: mail.body for mail in mails}
        assert len(bodies) == 2  # its staff and its manager, one each
        assert all("18,000" not in body and "納付期限" in body for body in bodies.values())
        recorded = select(AuditEvent).where(AuditEvent.action == "send_dunning_letter")
        event = session.scalars(recorded).one()
        assert str(OWED - 900) not in str(event.changes)
        assert not verify(session).problems


def test_the_next_letter_waits_for_the_day_of_the_last(owing):
    database, world, _, _ = owing
    with database.transaction() as session:
        send(session, world, owing)
    with pytest.raises(Refused) as early, database.transaction() as session:
        send(session, world, owing, now=NOW + timedelta(days=14), seen=1)
    assert codes(early) == ["waiting", "pay_by"]
    later = NOW + timedelta(days=15)
    with pytest.raises(Conflict), database.transaction() as session:
        send(session, world, owing, now=later, pay_by=PAY_BY + timedelta(days=30))
    with database.transaction() as session:
        second = send(session, world, owing, now=later, pay_by=PAY_BY + timedelta(days=30), seen=1)
        assert second.number == 2


def test_only_the_manager_of_who_collects_sends(owing):
    database, world, _, _ = owing
    for actor in (world.managers[code_of(world, 0)], world.staff[code_of(world, 1)]):
        with pytest.raises((Refused, NotFound)), database.transaction() as session:
            send(session, world, owing, actor=actor)
    own = world.managers[code_of(world, 2)]
    with pytest.raises(Refused) as itself, database.transaction() as session:
        send(session, world, owing, actor=own)
    assert codes(itself) == ["not_lead"]


def test_no_letter_about_what_is_paid_taken_back_or_not_due(owing):
    database, world, project_id, invoices = owing
    with database.transaction() as session:
        money.record_receipt(
            session,
            actor=world.lead,
            now=NOW,
            project_id=project_id,
            invoice_id=invoices[code_of(world, 2)],
            amount_yen=OWED,
            received_on=date(2026, 11, 5),
            note="",
            seen_yen=0,
        )
    with pytest.raises(Refused) as paid, database.transaction() as session:
        send(session, world, owing)
    assert codes(paid) == ["paid"]
    with pytest.raises(Refused) as past, database.transaction() as session:
        send(session, world, owing, place=1, pay_by=TODAY)
    assert codes(past) == ["pay_by"]
    with database.transaction() as session:
        reverse_vendor_invoice(
            session, actor=world.lead, now=NOW, project_id=project_id, number=1, reason="誤り"
        )
    with pytest.raises(Refused) as back, database.transaction() as session:
        send(session, world, owing, place=1)
    assert codes(back) == ["reversed", "paid"]


@pytest.mark.parametrize(("days", "found"), [(-1, ["not_due"]), (0, ["not_due"]), (1, [])])
def test_the_due_day_itself_is_not_overdue(days, found):
    invoice = Overdue(open_yen=1, due_on=TODAY, live=True, last_pay_by=None)
    today = TODAY + timedelta(days=days)
    assert [blocker.code for blocker in list_overdue_blockers(invoice, today)] == found
    said = replace(invoice, last_pay_by=TODAY + timedelta(days=5))
    assert list_overdue_blockers(said, TODAY + timedelta(days=5))[0].code == "waiting"
    assert list_overdue_blockers(said, TODAY + timedelta(days=6)) == []


def test_a_body_that_has_left_is_still_written_to(owing):
    database, world, project_id, _ = owing
    with database.transaction() as session:
        leave(session, session.get_one(Project, project_id), code_of(world, 2), SECOND)
        assert send(session, world, owing).open_yen == OWED


def test_two_at_once_send_one_letter(owing):
    database, world, _, _ = owing
    barrier = Barrier(2)

    def run(_number):
        barrier.wait(timeout=30)
        try:
            with database.transaction() as session:
                send(session, world, owing)
        except Conflict as error:
            return error
        return None

    with ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(run, range(2)))
    assert sorted(answer is None for answer in answers) == [False, True]
    with database.read_session() as session:
        assert session.scalar(select(func.count(DunningLetter.id))) == 1
        told = select(func.count(Notice.id)).where(Notice.title.contains("督促状"))
        assert session.scalar(told) == 1


@pytest.mark.parametrize(
    ("open_yen", "issued_on"), [(OWED - 1, "2026-11-11"), (OWED, "2026-11-10")]
)
def test_the_database_takes_no_letter_about_another_amount_or_day(owing, open_yen, issued_on):
    database, world, _, invoices = owing
    line = invoices[code_of(world, 2)]
    statement = (
        "INSERT INTO dunning_letter (project_id, invoice_id, number, letter_number, issued_on,"
        " pay_by, open_yen, approval_date, approval_number, sent_at, sent_by) SELECT project_id,"
        f" {line}, 1, '', '{{day}}', '2026-12-31', {{yen}}, invoiced_on, '1',"
        " recorded_at, recorded_by FROM vendor_invoice"
    )
    with pytest.raises(DatabaseError), database.transaction() as session:
        session.execute(text(statement.format(day=issued_on, yen=open_yen)))
    with database.transaction() as session:
        session.execute(text(statement.format(day="2026-11-11", yen=OWED)))
    for change in ("UPDATE dunning_letter SET open_yen = 1", "DELETE FROM dunning_letter"):
        with pytest.raises(DatabaseError), database.transaction() as session:
            session.execute(text(change))
