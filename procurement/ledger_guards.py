"""The invariants of the ledger (domain §7) as triggers: the same rules on both databases."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sqlalchemy.engine import Connection

_OF_INVOICE = "project_id = NEW.project_id AND vendor_invoice_number = NEW.number"
_SAME = (
    "prior.project_id = NEW.project_id AND prior.for_body = NEW.for_body"
    " AND prior.period = NEW.period AND prior.category = NEW.category"
    " AND prior.tax_percent = NEW.tax_percent"
    " AND prior.kind = 'invoice'"
)


@dataclass(frozen=True, kw_only=True)
class Guard:
    """A row of `table` is refused when the condition holds for it (as NEW)."""

    name: str
    table: str
    refused_when: str
    message: str


def _closed(table: str, column: str) -> Guard:
    return Guard(
        name=f"{table}_period_open",
        table=table,
        refused_when="EXISTS (SELECT 1 FROM ledger_close WHERE project_id = NEW.project_id"
        f" AND period = NEW.{column})",
        message="ledger: the period is closed",
    )


def _received(kinds: str, own: str) -> str:
    return (
        "(SELECT COALESCE(SUM(amount_yen), 0) FROM receipt WHERE invoice_id = NEW.invoice_id"
        f"{kinds}) + {own}"
    )


_AS_RECEIPT = _received(
    " AND kind = 'receipt'", "(CASE WHEN NEW.kind = 'receipt' THEN NEW.amount_yen ELSE 0 END)"
)
GUARDS = (
    Guard(
        name="invoice_before_its_vendor_invoice",
        table="invoice",
        refused_when="EXISTS (SELECT 1 FROM vendor_invoice WHERE project_id = NEW.project_id"
        " AND number = NEW.vendor_invoice_number)",
        message="ledger: the vendor invoice is complete",
    ),
    Guard(
        name="vendor_invoice_is_shared",
        table="vendor_invoice",
        refused_when="NOT EXISTS (SELECT 1 FROM invoice WHERE " + _OF_INVOICE + ") OR"
        f" (SELECT SUM(amount_yen) FROM invoice WHERE {_OF_INVOICE}) <> NEW.amount_yen",
        message="ledger: the invoices do not sum to the vendor invoice",
    ),
    Guard(
        name="vendor_invoice_reverses_whole",
        table="vendor_invoice",
        refused_when="NEW.kind = 'reversal' AND NOT EXISTS (SELECT 1 FROM vendor_invoice AS prior"
        f" WHERE {_SAME} AND prior.number = NEW.reverses AND prior.amount_yen = -NEW.amount_yen)",
        message="ledger: a reversal takes back the whole of one invoice",
    ),
    Guard(
        name="vendor_invoice_anew",
        table="vendor_invoice",
        refused_when="NEW.kind = 'invoice' AND NEW.attempt > 1 AND NOT EXISTS (SELECT 1 FROM"
        " vendor_invoice AS prior JOIN vendor_invoice AS back ON back.project_id = prior.project_id"
        f" AND back.reverses = prior.number WHERE {_SAME} AND prior.attempt = NEW.attempt - 1)",
        message="ledger: the earlier invoice is not reversed",
    ),
    Guard(
        name="receipt_within_invoice",
        table="receipt",
        refused_when=f"{_AS_RECEIPT} < 0 OR {_AS_RECEIPT} >"
        " (SELECT amount_yen FROM invoice WHERE id = NEW.invoice_id)",
        message="ledger: receipts exceed the invoice",
    ),
    Guard(
        name="receipt_not_below_zero",
        table="receipt",
        refused_when=f"{_received('', 'NEW.amount_yen')} < 0",
        message="ledger: more is given back than came in",
    ),
    Guard(
        name="vendor_payment_whole",
        table="vendor_payment",
        refused_when="(SELECT COALESCE(SUM(amount_yen), 0) FROM vendor_payment WHERE"
        " project_id = NEW.project_id AND vendor_invoice_number = NEW.vendor_invoice_number)"
        " + NEW.amount_yen NOT IN (0, (SELECT amount_yen FROM vendor_invoice WHERE"
        " project_id = NEW.project_id AND number = NEW.vendor_invoice_number))",
        message="ledger: an invoice is paid whole and once",
    ),
    _closed("usage_record", "period"),
    _closed("vendor_invoice", "posted_in"),
    _closed("receipt", "posted_in"),
    _closed("vendor_payment", "posted_in"),
)


# Since a project can have several vendors: what a body pays by itself is for one it contracted
# with, so each vendor's invoices sum by themselves.
CONTRACT_GUARDS = (
    Guard(
        name="vendor_invoice_has_contract",
        table="vendor_invoice",
        refused_when="NEW.for_body <> '' AND NOT EXISTS (SELECT 1 FROM contract WHERE"
        " project_id = NEW.project_id AND vendor_id = NEW.vendor_id AND body_code = NEW.for_body)",
        message="ledger: the body has no contract with this vendor",
    ),
)


_LIVE = (
    "NOT EXISTS (SELECT 1 FROM invoice AS line JOIN vendor_invoice AS entry"
    " ON entry.project_id = line.project_id AND (entry.reverses = line.vendor_invoice_number"
    " OR (entry.number = line.vendor_invoice_number AND entry.kind = 'reversal'))"
    " WHERE line.id = {invoice})"
)
_APPLIED = "NEW.reverses IS NULL"


def _side(invoice: str, sign: str, applied: str, taken_back: str) -> str:
    """Whether the receipt of one side is there: of that invoice, sign and kind."""
    return (
        "EXISTS (SELECT 1 FROM receipt AS side WHERE side.transfer_key = NEW.key"
        f" AND side.project_id = NEW.project_id AND side.invoice_id = NEW.{invoice}"
        f" AND side.amount_yen = {sign}NEW.amount_yen AND side.posted_in = NEW.posted_in"
        f" AND side.kind = (CASE WHEN {_APPLIED} THEN '{applied}' ELSE '{taken_back}' END))"
    )


# 過納の充当 and 督促: both sides or nothing, within one payer, what is over, what is open.
TRANSFER_GUARDS = (
    Guard(
        name="receipt_before_its_transfer",
        table="receipt",
        refused_when="NEW.transfer_key IS NOT NULL AND EXISTS"
        " (SELECT 1 FROM overpayment_transfer WHERE key = NEW.transfer_key)",
        message="ledger: the transfer is complete",
    ),
    Guard(
        name="transfer_taken_back_whole",
        table="receipt",
        refused_when="NEW.reverses_id IS NOT NULL AND NEW.transfer_key IS NULL AND EXISTS"
        " (SELECT 1 FROM receipt AS prior WHERE prior.id = NEW.reverses_id"
        " AND prior.transfer_key IS NOT NULL)",
        message="ledger: a transfer is taken back by both its sides",
    ),
    Guard(
        name="overpayment_not_used_twice",
        table="receipt",
        refused_when="NEW.kind = 'overpayment' AND NEW.amount_yen < 0 AND"
        f" {_LIVE.format(invoice='NEW.invoice_id')} AND"
        + _received(" AND kind IN ('overpayment', 'refund')", "NEW.amount_yen").join(
            (" (", ") < 0")
        ),
        message="ledger: the overpayment was applied or given back",
    ),
    Guard(
        name="transfer_has_two_sides",
        table="overpayment_transfer",
        refused_when="(SELECT COUNT(*) FROM receipt WHERE transfer_key = NEW.key) <> 2"
        f" OR NOT {_side('from_invoice_id', '-', 'refund', 'receipt')}"
        f" OR NOT {_side('to_invoice_id', '', 'receipt', 'overpayment')}",
        message="ledger: a transfer has two sides",
    ),
    Guard(
        name="transfer_within_one_payer",
        table="overpayment_transfer",
        refused_when="NOT EXISTS (SELECT 1 FROM invoice AS source JOIN invoice AS target"
        " ON target.project_id = source.project_id AND target.body_code = source.body_code"
        " JOIN vendor_invoice AS a ON a.project_id = source.project_id"
        " AND a.number = source.vendor_invoice_number"
        " JOIN vendor_invoice AS b ON b.project_id = target.project_id"
        " AND b.number = target.vendor_invoice_number AND b.for_body = a.for_body"
        " WHERE source.id = NEW.from_invoice_id AND target.id = NEW.to_invoice_id"
        " AND source.project_id = NEW.project_id)",
        message="ledger: a transfer stays with one payer and route",
    ),
    Guard(
        name="transfer_of_what_is_over",
        table="overpayment_transfer",
        refused_when=f"{_APPLIED} AND {_LIVE.format(invoice='NEW.from_invoice_id')}"
        " AND (SELECT COALESCE(SUM(amount_yen), 0) FROM receipt"
        " WHERE invoice_id = NEW.from_invoice_id)"
        " < (SELECT amount_yen FROM invoice WHERE id = NEW.from_invoice_id)",
        message="ledger: only what came in over an invoice is applied",
    ),
    Guard(
        name="transfer_to_what_stands",
        table="overpayment_transfer",
        refused_when=f"{_APPLIED} AND NOT ({_LIVE.format(invoice='NEW.to_invoice_id')})",
        message="ledger: the invoice was taken back",
    ),
    Guard(
        name="transfer_reverses_whole",
        table="overpayment_transfer",
        refused_when="NEW.reverses IS NOT NULL AND (NOT EXISTS (SELECT 1 FROM"
        " overpayment_transfer AS prior WHERE prior.key = NEW.reverses"
        " AND prior.reverses IS NULL AND prior.project_id = NEW.project_id"
        " AND prior.from_invoice_id = NEW.to_invoice_id"
        " AND prior.to_invoice_id = NEW.from_invoice_id AND prior.amount_yen = NEW.amount_yen)"
        " OR NOT EXISTS (SELECT 1 FROM receipt AS side JOIN receipt AS prior"
        " ON prior.id = side.reverses_id WHERE side.transfer_key = NEW.key"
        " AND prior.transfer_key = NEW.reverses))",
        message="ledger: a reversal takes back the whole of one transfer",
    ),
    _closed("overpayment_transfer", "posted_in"),
    Guard(
        name="dunning_of_what_is_overdue",
        table="dunning_letter",
        refused_when=f"NOT ({_LIVE.format(invoice='NEW.invoice_id')}) OR NOT EXISTS (SELECT 1"
        " FROM invoice AS line JOIN vendor_invoice AS entry ON entry.project_id = line.project_id"
        " AND entry.number = line.vendor_invoice_number WHERE line.id = NEW.invoice_id"
        " AND line.project_id = NEW.project_id AND entry.due_on < NEW.issued_on"
        " AND line.amount_yen - (SELECT COALESCE(SUM(amount_yen), 0) FROM receipt"
        " WHERE invoice_id = NEW.invoice_id AND kind = 'receipt') = NEW.open_yen)",
        message="ledger: a letter is about what is open and overdue",
    ),
)


def guard_ledger(connection: Connection, guards: Sequence[Guard] = GUARDS) -> None:
    """Make the triggers."""
    sqlite = connection.dialect.name == "sqlite"
    for guard in guards:
        for text in _sqlite(guard) if sqlite else _postgresql(guard):
            connection.exec_driver_sql(text)


def drop_guards(connection: Connection, guards: Sequence[Guard] = GUARDS) -> None:
    """Remove the triggers that outlive what they guard, and PostgreSQL's functions."""
    for guard in guards:
        if connection.dialect.name == "sqlite":
            connection.exec_driver_sql(f"DROP TRIGGER IF EXISTS {guard.name}")
        else:
            connection.exec_driver_sql(f"DROP FUNCTION IF EXISTS moyai_{guard.name}() CASCADE")


def _sqlite(guard: Guard) -> Iterator[str]:
    yield (
        f"CREATE TRIGGER {guard.name} BEFORE INSERT ON {guard.table} WHEN {guard.refused_when} "
        f"BEGIN SELECT RAISE(ABORT, '{guard.message}'); END"
    )


def _postgresql(guard: Guard) -> Iterator[str]:
    """Writers of one project wait for each other: a sum read by a trigger stays true."""
    yield (
        f"CREATE OR REPLACE FUNCTION moyai_{guard.name}() RETURNS trigger AS $$ BEGIN "
        "PERFORM 1 FROM project WHERE id = NEW.project_id FOR UPDATE; "
        f"IF {guard.refused_when} THEN RAISE EXCEPTION '{guard.message}'; END IF; "
        "RETURN NEW; END $$ LANGUAGE plpgsql"
    )
    yield (
        f"CREATE TRIGGER {guard.name} BEFORE INSERT ON {guard.table} "
        f"FOR EACH ROW EXECUTE FUNCTION moyai_{guard.name}()"
    )
