"""The ledger (F19, domain §7): shared to the yen, written once, reversed and closed."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date
from threading import Barrier

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import DatabaseError

from catalog.pricing import Kind
from foundation.audit import AuditEvent, verify
from foundation.errors import Conflict, NotFound, Refused
from procurement.ledger_models import Invoice, Receipt, VendorInvoice, VendorPayment
from procurement.queries.ledger import LedgerScope, list_arrears, list_period_sums
from procurement.services import ledger_money as money
from procurement.services.ledger import record_vendor_invoice, reverse_vendor_invoice
from procurement.services.ledger_upkeep import close_period, record_usage, write_legal_basis
from tests.harness.builders import NOW
from tests.harness.ledger import (
    FIRST,
    SECOND,
    bill,
    invoice_draft,
    make_collected_project,
    make_individual_project,
)
from tests.harness.projects import make_world

DAY = date(2026, 11, 5)


@pytest.fixture
def kept(database):
    """A collected project with one invoice of 110,000 yen: (database, world, ids)."""
    with database.transaction() as session:
        world = make_world(session)
        project, _vendor, _ = make_collected_project(session, world)
        bill(session, world.lead, project, invoice_draft())
        return database, world, project.id


def lines_of(session, project_id, number=1):
    rows = session.scalars(
        select(Invoice)
        .where(Invoice.project_id == project_id, Invoice.vendor_invoice_number == number)
        .order_by(Invoice.payer_key)
    )
    return {row.payer_key: row for row in rows}


def receive(session, world, project_id, invoice, amount, seen=0, day=DAY):
    return money.record_receipt(
        session,
        actor=world.lead,
        now=NOW,
        project_id=project_id,
        invoice_id=invoice.id,
        amount_yen=amount,
        received_on=day,
        note="",
        seen_yen=seen,
    )


def code_of(world, place):
    return list(world.managers)[place]


def refused(error):
    return {blocker.code for blocker in error.value.blockers}


def test_the_invoices_of_the_bodies_sum_to_the_vendors(kept):
    database, world, project_id = kept
    with database.read_session() as session:
        lines = lines_of(session, project_id)
        entry = session.scalars(select(VendorInvoice)).one()
        assert entry.amount_yen == 110_000
        assert sum(line.amount_yen for line in lines.values()) == 110_000
        # 30% equally, 70% by population: 52,310, 17,845 and 8,021 of 78,176.
        a, b, c = (lines[code].amount_yen for code in world.managers)
        assert (a, b, c) == (62_523, 28_577, 18_900)


def test_the_database_takes_no_invoice_whose_lines_do_not_sum(kept):
    database, _world, project_id = kept
    statement = (
        "INSERT INTO vendor_invoice (project_id, number, kind, attempt, for_body, period,"
        " posted_in, category, tax_percent, net_yen, amount_yen, vendor_id, vendor_number,"
        " invoiced_on, due_on, basis, reason, recorded_at, recorded_by) SELECT project_id, 9,"
        " 'invoice', 1, 'x', period,"
        " posted_in, category, tax_percent, net_yen, amount_yen, vendor_id, vendor_number,"
        " invoiced_on, due_on, basis, reason, recorded_at, recorded_by FROM vendor_invoice"
    )
    line = (
        "INSERT INTO invoice (project_id, vendor_invoice_number, payer, payer_key, amount_yen)"
        " VALUES (:p, 9, 'grant', 'x', 109999)"
    )
    with pytest.raises(DatabaseError), database.transaction() as session:
        session.execute(text(statement))
    with pytest.raises(DatabaseError), database.transaction() as session:
        session.execute(text(line), {"p": project_id})
        session.execute(text(statement))
    with pytest.raises(DatabaseError), database.transaction() as session:
        session.execute(text(line), {"p": project_id})  # a line alone does not stay either
    with pytest.raises(DatabaseError), database.transaction() as session:
        session.execute(text(line.replace("9,", "1,")), {"p": project_id})


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE vendor_invoice SET amount_yen = 1",
        "DELETE FROM invoice",
        "UPDATE invoice SET amount_yen = amount_yen + 1",
    ],
)
def test_nothing_is_changed_afterwards(kept, statement):
    database, _world, _ = kept
    with pytest.raises(DatabaseError), database.transaction() as session:
        session.execute(text(statement))


def test_a_second_invoice_for_the_month_waits_for_the_reversal(kept):
    database, world, project_id = kept
    given = {"actor": world.lead, "now": NOW, "project_id": project_id}
    with pytest.raises(Refused) as error, database.transaction() as session:
        record_vendor_invoice(session, **given, draft=invoice_draft(net_yen=5), seen_number=1)
    assert refused(error) == {"twice"}
    with database.transaction() as session:
        back = reverse_vendor_invoice(session, **given, number=1, reason="金額の誤り")
        assert back.amount_yen == -110_000
    with database.transaction() as session:
        anew = record_vendor_invoice(
            session, **given, draft=invoice_draft(net_yen=90_000), seen_number=2
        )
        assert (anew.attempt, anew.amount_yen) == (2, 99_000)
        assert session.scalar(select(func.sum(Invoice.amount_yen))) == 99_000
    with pytest.raises(Refused) as error, database.transaction() as session:
        reverse_vendor_invoice(session, **given, number=1, reason="もう一度")
    assert refused(error) == {"reversed"}


def test_receipts_stop_at_the_invoice_and_the_rest_is_overpayment(kept):
    database, world, project_id = kept
    with database.transaction() as session:
        line = lines_of(session, project_id)[code_of(world, 2)]
        line_id = line.id
        assert [r.kind for r in receive(session, world, project_id, line, 10_000)] == ["receipt"]
        second = receive(session, world, project_id, line, 10_000, seen=10_000)
        assert [(r.kind, r.amount_yen) for r in second] == [
            ("receipt", 8_900),
            ("overpayment", 1_100),
        ]
    give = {"actor": world.lead, "now": NOW, "project_id": project_id, "note": ""}
    with pytest.raises(Refused), database.transaction() as session:
        money.give_back(
            session,
            **give,
            invoice_id=line_id,
            amount_yen=1_101,
            given_on=DAY,
            seen_yen=20_000,
        )
    with database.transaction() as session:
        money.give_back(
            session, **give, invoice_id=line_id, amount_yen=1_100, given_on=DAY, seen_yen=20_000
        )
        assert session.scalar(select(func.sum(Receipt.amount_yen))) == 18_900
    insert = (
        "INSERT INTO receipt (project_id, invoice_id, kind, amount_yen, received_on, posted_in,"
        " note, recorded_at, recorded_by) SELECT project_id, invoice_id, 'receipt', 1, received_on,"
        " posted_in, '', recorded_at, '' FROM receipt WHERE kind = 'refund'"
    )
    with pytest.raises(DatabaseError), database.transaction() as session:
        session.execute(text(insert))


def test_what_one_body_gets_back_hides_nothing_that_another_owes(kept):
    database, world, project_id = kept
    gets, owes, _ = world.managers
    with database.transaction() as session:
        for code, amount in ((gets, -300), (owes, 1_400)):
            line = {"payer": "body", "payer_key": code, "body_code": code, "amount_yen": amount}
            session.add(Invoice(project_id=project_id, vendor_invoice_number=2, **line))
        session.flush()
        first = session.scalars(select(VendorInvoice)).one()
        values = {c.key: getattr(first, c.key) for c in VendorInvoice.__table__.columns}
        changed = {"number": 2, "period": SECOND, "posted_in": SECOND, "net_yen": 1_000}
        del values["id"]
        session.add(VendorInvoice(**values | changed | {"amount_yen": 1_100}))
        session.flush()
        receive(session, world, project_id, lines_of(session, project_id, 2)[owes], 1_100)
    with database.read_session() as session:
        months = list_period_sums(session, project_id, LedgerScope(everything=True))
        assert [month.open_yen for month in months if month.period == SECOND] == [0]
        day = date(2026, 12, 1)
        found = list_arrears(session, project_id, LedgerScope(everything=True), day, months)
        owed = {(row.number, row.body_code): row.open_yen for row in found.rows}
        assert owed[2, owes] == 300
        assert len(owed) == 1 + len(world.managers)  # and every line of the first


def test_a_wrong_receipt_is_taken_back_once(kept):
    database, world, project_id = kept
    with database.transaction() as session:
        line = lines_of(session, project_id)[code_of(world, 0)]
        (receipt,) = receive(session, world, project_id, line, 500)
        receipt_id = receipt.id
    given = {"actor": world.lead, "now": NOW, "project_id": project_id, "receipt_id": receipt_id}
    with database.transaction() as session:
        assert money.reverse_receipt(session, **given, reason="別の団体の入金").amount_yen == -500
    with pytest.raises(Refused) as error, database.transaction() as session:
        money.reverse_receipt(session, **given, reason="もう一度")
    assert refused(error) == {"reversed"}


def test_the_vendor_is_paid_whole_and_once(kept):
    database, world, project_id = kept
    given = {"actor": world.lead, "now": NOW, "project_id": project_id, "number": 1}
    pay = {"paid_on": DAY, "approval_number": "支第1号"}
    with database.transaction() as session:
        assert money.pay_vendor(session, **given, **pay).amount_yen == 110_000
    with pytest.raises(Refused) as error, database.transaction() as session:
        money.pay_vendor(session, **given, **pay)
    assert refused(error) == {"paid"}
    with pytest.raises(Refused) as error, database.transaction() as session:
        reverse_vendor_invoice(session, **given, reason="誤り")
    assert refused(error) == {"paid"}
    half = (
        "INSERT INTO vendor_payment (project_id, vendor_invoice_number, amount_yen, paid_on,"
        " posted_in, approval_number, recorded_at, recorded_by) SELECT project_id,"
        " vendor_invoice_number, -1, paid_on, posted_in, '', recorded_at, '' FROM vendor_payment"
    )
    with pytest.raises(DatabaseError), database.transaction() as session:
        session.execute(text(half))
    with database.transaction() as session:
        money.reverse_payment(session, **given)
        assert session.scalar(select(func.sum(VendorPayment.amount_yen))) == 0


def test_a_closed_month_takes_nothing_more(kept):
    database, world, project_id = kept
    given = {"actor": world.lead, "now": NOW, "project_id": project_id}
    with pytest.raises(Refused) as error, database.transaction() as session:
        close_period(session, **given, period=SECOND)
    assert refused(error) == {"order"}
    with database.transaction() as session:
        close_period(session, **given, period=FIRST)
    with pytest.raises(Refused) as error, database.transaction() as session:
        record_usage(
            session,
            **given,
            body_code=code_of(world, 0),
            period=FIRST,
            quantity=1,
            seen_number=0,
        )
    assert refused(error) == {"closed"}
    with database.transaction() as session:
        back = reverse_vendor_invoice(session, **given, number=1, reason="金額の誤り")
        assert (back.period, back.posted_in) == (FIRST, SECOND)
    closed = (
        "INSERT INTO receipt (project_id, invoice_id, kind, amount_yen, received_on, posted_in,"
        " note, recorded_at, recorded_by) SELECT project_id, id, 'receipt', 1, '2026-04-02',"
        " '2026-04-01', '', '2026-04-02 00:00:00', '' FROM invoice WHERE amount_yen > 0"
    )
    with pytest.raises(DatabaseError, match="closed"), database.transaction() as session:
        session.execute(text(closed))


def test_usage_is_kept_beside_a_share_by_population(database):
    with database.transaction() as session:
        world = make_world(session)
        project, _, _ = make_collected_project(session, world)
        given = {"actor": world.lead, "now": NOW, "project_id": project.id}
        for body, quantity in zip(world.bodies, (5, 3, 2), strict=True):
            record_usage(
                session,
                **given,
                body_code=body.code,
                period=FIRST,
                quantity=quantity,
                seen_number=0,
            )
        entry = bill(session, world.lead, project, invoice_draft())
        # The agreed rule is by population: usage is kept beside it and changes no share.
        assert lines_of(session, project.id)[code_of(world, 0)].amount_yen == 62_523
        assert entry.basis["rule"]


def test_a_body_that_pays_by_itself_books_its_own(database):
    with database.transaction() as session:
        world = make_world(session)
        project = make_individual_project(session, world)
        draft = invoice_draft(period=date(2027, 4, 1))
        for n, body in enumerate(world.bodies):
            bill(session, world.manager(body), project, draft, seen=n)
        rows = session.scalars(select(Invoice).order_by(Invoice.id)).all()
        assert [row.body_code for row in rows] == [body.code for body in world.bodies]
        assert {row.amount_yen for row in rows} == {110_000}
        with pytest.raises(Refused) as error:
            bill(session, world.lead, project, draft, seen=3)
        assert "not_own" in refused(error)
        other = world.manager(world.bodies[1])
        with pytest.raises(Refused):
            money.pay_vendor(
                session,
                actor=other,
                now=NOW,
                project_id=project.id,
                number=1,
                paid_on=DAY,
                approval_number="",
            )


def test_strangers_find_no_ledger_and_members_book_nothing(kept):
    database, world, project_id = kept
    member = world.staff[code_of(world, 0)]
    with database.transaction() as session:
        stranger = make_world(session).lead
    draft = invoice_draft(period=SECOND)
    for actor, expected in ((member, Refused), (stranger, NotFound)):
        with pytest.raises(expected), database.transaction() as session:
            record_vendor_invoice(
                session, actor=actor, now=NOW, project_id=project_id, draft=draft, seen_number=1
            )


def test_amounts_are_in_no_audit_event(kept):
    database, world, project_id = kept
    with database.transaction() as session:
        line = lines_of(session, project_id)[code_of(world, 0)]
        receive(session, world, project_id, line, 12_345)
        write_legal_basis(
            session,
            actor=world.lead,
            now=NOW,
            project_id=project_id,
            text="事務委託規約 第5条",
            seen_version=0,
        )
        written = str([event.changes for event in session.scalars(select(AuditEvent))])
        assert "110000" not in written and "12345" not in written
        assert verify(session).problems == ()


def at_once(database, tasks):
    """Run each task(session) in its own thread and transaction, started together."""
    barrier = Barrier(len(tasks))

    def run(task):
        barrier.wait(timeout=30)
        try:
            with database.transaction() as session:
                task(session)
        except (Refused, Conflict) as error:
            return error
        return None

    with ThreadPoolExecutor(len(tasks)) as pool:
        return list(pool.map(run, tasks))


def test_two_people_at_once_book_one_invoice_and_lose_no_receipt(kept):
    database, world, project_id = kept
    draft = invoice_draft(period=SECOND, category=Kind.RECURRING)

    def book(session):
        record_vendor_invoice(
            session, actor=world.lead, now=NOW, project_id=project_id, draft=draft, seen_number=1
        )

    answers = at_once(database, [book, book, book])
    assert answers.count(None) == 1
    with database.read_session() as session:
        lines = list(lines_of(session, project_id).values())
        assert session.scalar(select(func.count()).select_from(VendorInvoice)) == 2

    def take(line):
        return lambda session: receive(session, world, project_id, line, 1_000)

    assert at_once(database, [take(line) for line in lines]) == [None] * 3
    answers = at_once(database, [take(lines[0]), take(lines[0])])
    # Both saw 0 yen, and 1,000 had come in: neither is booked over what was not seen.
    assert all(isinstance(answer, Conflict) for answer in answers)
    with database.read_session() as session:
        assert session.scalar(select(func.sum(Receipt.amount_yen))) == 3_000
        assert not verify(session).problems
