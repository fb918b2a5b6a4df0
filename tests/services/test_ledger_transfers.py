"""過納の充当: a pair of entries, within one payer, never more than is over or open (§7)."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime
from threading import Barrier

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import DatabaseError

from foundation.audit import AuditEvent, verify
from foundation.errors import Conflict, NotFound, Refused
from procurement.ledger_models import Invoice, OverpaymentTransfer, Receipt
from procurement.queries.ledger_transfers import list_open_invoices, list_transfers
from procurement.services import ledger_money as money
from procurement.services.ledger import reverse_vendor_invoice
from procurement.services.ledger_transfers import apply_overpayment, take_back_transfer
from procurement.services.ledger_upkeep import close_period
from tests.harness.builders import NOW
from tests.harness.ledger import FIRST, SECOND, bill, invoice_draft, make_collected_project
from tests.harness.projects import make_world

DAY = date(2026, 11, 5)
# Of 110,000 yen the three bodies owe 62,523, 28,577 and 18,900.
OWED = 18_900
OVER = 1_100


@pytest.fixture
def overpaid(database):
    """April paid 1,100 yen over by the third body, May open: (database, world, project id)."""
    with database.transaction() as session:
        world = make_world(session)
        project, _vendor, _ = make_collected_project(session, world)
        bill(session, world.lead, project, invoice_draft())
        bill(session, world.lead, project, invoice_draft(SECOND), seen=1)
        line = line_of(session, project.id, code_of(world, 2))
        receive(session, world, project.id, line.id, OWED + OVER)
        return database, world, project.id


def code_of(world, place):
    return list(world.managers)[place]


def line_of(session, project_id, code, number=1):
    rows = select(Invoice).where(
        Invoice.project_id == project_id,
        Invoice.vendor_invoice_number == number,
        Invoice.body_code == code,
    )
    return session.scalars(rows).one()


def receive(session, world, project_id, invoice_id, amount, seen=0):
    return money.record_receipt(
        session,
        actor=world.lead,
        now=NOW,
        project_id=project_id,
        invoice_id=invoice_id,
        amount_yen=amount,
        received_on=DAY,
        note="",
        seen_yen=seen,
    )


def apply(session, world, project_id, amount=OVER, *, source=None, target=None, **changes):
    third = code_of(world, 2)
    values = {
        "actor": world.lead,
        "from_invoice_id": (source or line_of(session, project_id, third)).id,
        "to_invoice_id": (target or line_of(session, project_id, third, 2)).id,
        "seen_yen": OWED + OVER,
    } | changes
    return apply_overpayment(
        session,
        now=NOW,
        project_id=project_id,
        amount_yen=amount,
        applied_on=DAY,
        note="第5号",
        **values,
    )


def take_back(session, world, project_id, number=1, reason="誤り"):
    return take_back_transfer(
        session, actor=world.lead, now=NOW, project_id=project_id, number=number, reason=reason
    )


def sums(session, invoice_id):
    """Kind → yen of one invoice."""
    rows = session.execute(
        select(Receipt.kind, func.sum(Receipt.amount_yen))
        .where(Receipt.invoice_id == invoice_id)
        .group_by(Receipt.kind)
    )
    return {kind: int(amount) for kind, amount in rows}


def refused(error):
    return {blocker.field for blocker in error.value.blockers}


def test_what_is_over_pays_what_is_open_and_no_yen_appears(overpaid):
    database, world, project_id = overpaid
    with database.transaction() as session:
        before = session.scalar(select(func.sum(Receipt.amount_yen)))
        transfer = apply(session, world, project_id)
        source, target = transfer.from_invoice_id, transfer.to_invoice_id
        assert session.scalar(select(func.sum(Receipt.amount_yen))) == before
        assert sums(session, source) == {"receipt": OWED, "overpayment": OVER, "refund": -OVER}
        assert sums(session, target) == {"receipt": OVER}
        (row,) = list_open_invoices(session, project_id, code_of(world, 2), source)
        assert (row.id, row.open_yen) == (target, OWED - OVER)
        (shown,) = list_transfers(session, project_id, source)
        assert (shown.number, shown.from_period, shown.to_period) == (1, FIRST, SECOND)
    with pytest.raises(Refused) as nothing_over, database.transaction() as session:
        apply(session, world, project_id, 1, seen_yen=OWED)
    assert refused(nothing_over) == {"amount_yen"}


def test_never_more_than_is_over_or_open_and_never_to_another(overpaid):
    database, world, project_id = overpaid
    with database.read_session() as session:
        other = line_of(session, project_id, code_of(world, 1), 2).id
        third = [line_of(session, project_id, code_of(world, 2), n).id for n in (1, 2)]
    for amount, target, fields in (
        (OVER + 1, third[1], {"amount_yen"}),
        (0, third[1], {"amount_yen"}),
        (OVER, other, {"to_invoice_id"}),
        (OVER, third[0], {"to_invoice_id", "amount_yen"}),
    ):
        with pytest.raises(Refused) as error, database.transaction() as session:
            apply(session, world, project_id, amount, to_invoice_id=target)
        assert refused(error) == fields
    with database.transaction() as session:
        receive(session, world, project_id, third[1], OWED - 100)
    with pytest.raises(Refused) as full, database.transaction() as session:
        apply(session, world, project_id, 101)
    assert "未収を超えて" in str(full.value)
    with pytest.raises(Conflict), database.transaction() as session:
        apply(session, world, project_id, 100, seen_yen=OWED)
    for actor in (world.managers[code_of(world, 2)], world.staff[code_of(world, 0)]):
        with pytest.raises(Refused), database.transaction() as session:
            apply(session, world, project_id, 100, actor=actor)
    with pytest.raises(NotFound), database.transaction() as session:
        apply(session, world, project_id, 100, to_invoice_id=987_654)


def test_a_transfer_is_taken_back_whole_and_once(overpaid):
    database, world, project_id = overpaid
    with database.transaction() as session:
        transfer = apply(session, world, project_id)
        source, target, key = transfer.from_invoice_id, transfer.to_invoice_id, transfer.key
    with database.read_session() as session:
        over, paid = (
            session.scalars(
                select(Receipt.id).where(Receipt.invoice_id == invoice, Receipt.kind == kind)
            ).one()
            for invoice, kind in ((source, "overpayment"), (target, "receipt"))
        )
    for receipt_id, code in ((over, "used"), (paid, "transfer")):
        with pytest.raises(Refused) as used, database.transaction() as session:
            money.reverse_receipt(
                session,
                actor=world.lead,
                now=NOW,
                project_id=project_id,
                receipt_id=receipt_id,
                reason="誤り",
            )
        assert [blocker.code for blocker in used.value.blockers] == [code]
    with pytest.raises(Refused), database.transaction() as session:
        take_back(session, world, project_id, reason=" ")
    with database.transaction() as session:
        back = take_back(session, world, project_id)
        assert (back.number, back.reverses) == (2, key)
        assert sums(session, target) == {"receipt": 0}
        assert sum(sums(session, source).values()) == OWED + OVER
        assert list_transfers(session, project_id, source) == ()
    for number in (1, 2):
        with pytest.raises(Refused), database.transaction() as session:
            take_back(session, world, project_id, number)
    with database.transaction() as session:  # and the overpayment can be used again
        apply(session, world, project_id)


def test_what_came_in_for_an_invoice_taken_back_is_all_over(overpaid):
    database, world, project_id = overpaid
    with database.transaction() as session:
        reverse_vendor_invoice(
            session, actor=world.lead, now=NOW, project_id=project_id, number=1, reason="誤り"
        )
        apply(session, world, project_id, OWED)
    with pytest.raises(Refused), database.transaction() as session:
        reverse_vendor_invoice(
            session, actor=world.lead, now=NOW, project_id=project_id, number=2, reason="誤り"
        )
        # The target is taken back as well: nothing can be applied to it any more.
        apply(session, world, project_id, 1, seen_yen=OVER)


def test_a_closed_month_gets_its_correction_in_an_open_one(overpaid):
    database, world, project_id = overpaid
    later = datetime(2026, 12, 3, tzinfo=UTC)
    with database.transaction() as session:
        assert apply(session, world, project_id).posted_in == date(2026, 11, 1)
        for month in range(4, 12):
            close_period(
                session,
                actor=world.lead,
                now=later,
                project_id=project_id,
                period=date(2026, month, 1),
            )
        back = take_back(session, world, project_id)
        assert back.posted_in == date(2026, 12, 1)
        sides = select(Receipt.posted_in).where(Receipt.transfer_key == back.key)
        assert session.scalars(sides).all() == [date(2026, 12, 1)] * 2


COLUMNS = (
    "project_id, invoice_id, kind, amount_yen, received_on, posted_in, note, recorded_at,"
    " recorded_by, transfer_key"
)


def receipt_sql(invoice, kind, amount, key="'x'"):
    return (
        f"INSERT INTO receipt ({COLUMNS}) SELECT project_id, {invoice}, '{kind}', {amount},"
        f" received_on, posted_in, '', recorded_at, recorded_by, {key} FROM receipt"
        " WHERE kind = 'overpayment' ORDER BY id LIMIT 1"
    )


def transfer_sql(source, target, amount, reverses="NULL"):
    return (
        "INSERT INTO overpayment_transfer (key, project_id, number, from_invoice_id,"
        " to_invoice_id, amount_yen, posted_in, reverses, note, recorded_at, recorded_by)"
        f" SELECT 'x', project_id, 9, {source}, {target}, {amount}, posted_in, {reverses}, '',"
        " recorded_at, recorded_by FROM receipt WHERE kind = 'overpayment' ORDER BY id LIMIT 1"
    )


def test_the_database_itself_keeps_the_pair(overpaid):
    """By hand in a shell: no side alone, no other amount, no other payer, no more than is over."""
    database, world, project_id = overpaid
    with database.read_session() as session:
        a, b = (line_of(session, project_id, code_of(world, 2), n).id for n in (1, 2))
        other = line_of(session, project_id, code_of(world, 1), 2).id
    wrong = (
        [receipt_sql(a, "refund", -5)],
        [receipt_sql(a, "refund", -5), receipt_sql(b, "receipt", 5)],
        [transfer_sql(a, b, 5)],
        [receipt_sql(a, "refund", -5), transfer_sql(a, b, 5)],
        [receipt_sql(a, "refund", -5), receipt_sql(b, "receipt", 6), transfer_sql(a, b, 5)],
        [receipt_sql(a, "refund", -5), receipt_sql(other, "receipt", 5), transfer_sql(a, other, 5)],
        [
            receipt_sql(a, "refund", -OVER - 1),
            receipt_sql(b, "receipt", OVER + 1),
            transfer_sql(a, b, OVER + 1),
        ],
        [
            receipt_sql(a, "refund", -5),
            receipt_sql(b, "receipt", 5),
            transfer_sql(a, b, 5),
            receipt_sql(b, "receipt", 1),
        ],
        [
            receipt_sql(a, "refund", -5),
            receipt_sql(b, "receipt", 5),
            transfer_sql(a, b, 5, "'1-1'"),
        ],
    )
    for statements in wrong:
        with pytest.raises(DatabaseError), database.transaction() as session:
            for statement in statements:
                session.execute(text(statement))
    with database.transaction() as session:
        for statement in (
            receipt_sql(a, "refund", -5),
            receipt_sql(b, "receipt", 5),
            transfer_sql(a, b, 5),
        ):
            session.execute(text(statement))
    for statement in (
        "UPDATE overpayment_transfer SET amount_yen = 4",
        "DELETE FROM overpayment_transfer",
    ):
        with pytest.raises(DatabaseError), database.transaction() as session:
            session.execute(text(statement))
    with pytest.raises(DatabaseError), database.transaction() as session:
        session.execute(
            text(
                f"INSERT INTO receipt ({COLUMNS}, reverses_id) SELECT project_id, invoice_id, kind,"
                " -amount_yen, received_on, posted_in, '', recorded_at, recorded_by, NULL, id"
                " FROM receipt WHERE kind = 'overpayment'"
            )
        )


def test_two_at_once_apply_the_same_yen_once(overpaid):
    """One onto May, one given back: together more than is over."""
    database, world, project_id = overpaid
    with database.read_session() as session:
        source = line_of(session, project_id, code_of(world, 2)).id
    barrier = Barrier(2)

    def give_back(session):
        money.give_back(
            session,
            actor=world.lead,
            now=NOW,
            project_id=project_id,
            invoice_id=source,
            amount_yen=OVER,
            given_on=DAY,
            note="",
            seen_yen=OWED + OVER,
        )

    def run(task):
        barrier.wait(timeout=30)
        try:
            with database.transaction() as session:
                task(session)
        except (Conflict, Refused) as error:
            return error
        return None

    tasks = [lambda session: apply(session, world, project_id), give_back]
    with ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(run, tasks))
    assert [answer for answer in answers if answer is None] == [None]
    assert any(isinstance(answer, Conflict) for answer in answers)
    with database.read_session() as session:
        assert sum(sums(session, source).values()) == OWED
        assert session.scalar(select(func.count(OverpaymentTransfer.key))) in (0, 1)
        assert not verify(session).problems


def test_no_amount_is_in_the_audit_chain(overpaid):
    database, world, project_id = overpaid
    with database.transaction() as session:
        apply(session, world, project_id)
        take_back(session, world, project_id)
        events = session.scalars(
            select(AuditEvent).where(
                AuditEvent.action.in_(("apply_overpayment", "take_back_transfer"))
            )
        ).all()
        assert len(events) == 2
        assert all(str(OVER) not in str(event.changes) for event in events)
