"""/projects/<id>/ledger: who reads what, booking on the page, the file for accounting."""

import csv
import io

import pytest
from sqlalchemy import select

from foundation.db import Database
from procurement.ledger_models import Invoice, LedgerClose, VendorInvoice
from tests.harness.client import StrictClient, as_page
from tests.harness.example_projects import (
    ASKED_STAFF,
    AUDITOR,
    COORDINATOR,
    JOINING_STAFF,
    OPERATOR,
    STRANGER,
    VENDOR,
    project_path,
    signed_in,
)

OPERATED = "庁内文書と決裁"
FIRST, OPEN = "2026-04", "2026-06"


def path(app, page="ledger"):
    return project_path(app, OPERATED, page)


def table(page, name):
    return [
        [cell.get_text(strip=True) for cell in row.select("th,td")]
        for row in page.soup.select(f"#{name} tbody tr")
    ]


def test_the_lead_reads_every_line_and_a_member_its_own(app):
    lead = signed_in(app, COORDINATOR).page(path(app, f"ledger/{OPEN}"))
    member = signed_in(app, ASKED_STAFF).page(path(app, f"ledger/{OPEN}"))
    assert len(table(lead, "lines")) == 5
    (own,) = table(member, "lines")
    assert own in table(lead, "lines")
    assert [row[1] for row in table(member, "usage") or [[0, own[1]]]]
    assert len(table(signed_in(app, AUDITOR).page(path(app, f"ledger/{OPEN}")), "lines")) == 5


def test_the_vendor_sees_invoices_and_payments_and_nobodys_arrears(app):
    page = signed_in(app, VENDOR).page(path(app))
    assert "未収" not in page.text
    assert "事業者の請求" in page.text
    assert "事業者へ支払" in page.text
    month = signed_in(app, VENDOR).page(path(app, f"ledger/{OPEN}"))
    assert len(table(month, "entries")) == 1
    assert not month.soup.select("#lines, #usage, form[action*='ledger']")


@pytest.mark.parametrize("email", ["", JOINING_STAFF, STRANGER, OPERATOR])
def test_nobody_else_finds_it(app, email):
    client = signed_in(app, email) if email else StrictClient(app)
    for page in ("ledger", f"ledger/{OPEN}", "ledger.csv"):
        assert client.get(path(app, page)).status_code == 404


def test_no_month_outside_the_term_has_a_page(app):
    client = signed_in(app, COORDINATOR)
    for month in ("2026-03", "2027-01", "2026-13", "april", "2026-4"):
        assert client.get(path(app, f"ledger/{month}")).status_code == 404


def test_the_sums_are_those_of_the_lines_and_the_arrears_are_named(app):
    page = signed_in(app, COORDINATOR).page(path(app))
    (year,) = table(page, "years")
    vendor, bodies, parts, received, still_open, overpaid, paid = (
        int(cell.rstrip("円").replace(",", "")) for cell in year[1:]
    )
    assert vendor == bodies + parts
    assert bodies == received + still_open
    assert overpaid == 1_000
    assert 0 < paid < vendor
    late = table(page, "arrears")
    assert len(late) == 2
    assert sum(int(row[4].rstrip("円").replace(",", "")) for row in late) == still_open
    assert "保管金に関する法律は国の取扱い" in page.text
    assert "根拠にはなりません" in page.text


def test_less_use_than_contracted_is_said_without_deciding(app):
    rows = table(signed_in(app, COORDINATOR).page(path(app)), "sizing")
    assert [row[3] == "今のまま" for row in rows] == [False, True, True, True, True]


def test_the_file_is_long_marked_and_harmless(fresh_app):
    client = signed_in(fresh_app, COORDINATOR)
    form = client.page(path(fresh_app, "ledger/2026-07")).form("/ledger/2026-07/invoices")
    answer = form.submit(
        client,
        {
            "invoice-net_yen": "1000",
            "invoice-vendor_number": "=1+1",
            "invoice-invoiced_on": "2026-08-01",
            "invoice-due_on": "2026-08-31",
        },
    )
    assert answer.status_code == 302
    text = client.get(path(fresh_app, "ledger.csv")).text
    assert text.startswith("\ufeff")
    rows = list(csv.DictReader(io.StringIO(text[1:])))
    assert {row["fictional"] for row in rows} == {"1"}
    assert {row["unit"] for row in rows} == {"円"}
    anew = [row for row in rows if row["period"] == "2026-07"]
    assert {row["vendor_invoice_number"] for row in anew} == {"'=1+1"}
    owed = [int(row["value"]) for row in anew if row["measure"] == "invoice_yen"]
    assert sum(owed) == 1_100
    own = list(
        csv.DictReader(
            io.StringIO(
                signed_in(fresh_app, ASKED_STAFF).get(path(fresh_app, "ledger.csv")).text[1:]
            )
        )
    )
    assert {row["payer_code"] for row in own if row["payer"] == "body"} == {"992020"}


def test_booking_paying_and_taking_back_on_the_page(fresh_app):
    client = signed_in(fresh_app, COORDINATOR)
    database: Database = fresh_app.extensions["moyai_database"]
    with database.read_session() as session:
        project_id = int(path(fresh_app).split("/")[2])
        entries = select(VendorInvoice).where(VendorInvoice.project_id == project_id)
        entry = session.scalars(entries.order_by(VendorInvoice.number.desc())).first()
        lines = select(Invoice.id).where(Invoice.project_id == project_id)
        line = session.scalars(lines.where(Invoice.vendor_invoice_number == entry.number)).first()
    month = path(fresh_app, f"ledger/{OPEN}")
    pay = client.page(f"{month}?entry={entry.number}").form("/pay")
    assert pay.submit(client, {"pay-paid_on": "2026-11-01"}).status_code == 302
    page = client.page(f"{month}?entry={entry.number}")
    assert "支払済み" in table(page, "entries")[0]
    again = pay.submit(client, {"pay-paid_on": "2026-11-01"})
    assert again.status_code == 409
    assert "支払い済み" in again.text
    back = {"back-reason": "誤り"}
    for _ in range(2):  # the payment first, then the invoice
        form = client.page(f"{month}?entry={entry.number}").form("/take-back")
        assert form.submit(client, back).status_code == 302
    assert len(table(client.page(month), "entries")) == 2
    refused = client.page(f"{month}?line={line}").form("/money")
    answer = refused.submit(client, {"money-amount_yen": "5", "money-received_on": "2026-11-01"})
    assert answer.status_code == 409
    assert "取り消した請求" in answer.text


def test_a_month_is_closed_once_and_in_order(fresh_app):
    client = signed_in(fresh_app, COORDINATOR)
    form = client.page(path(fresh_app, "ledger/2026-05")).form("/close")
    assert form.submit(client, {}).status_code == 302
    assert "締め済み" in client.page(path(fresh_app, "ledger/2026-05")).text
    with fresh_app.extensions["moyai_database"].read_session() as session:
        assert len(session.scalars(select(LedgerClose)).all()) == 2
    assert form.submit(client, {}).status_code == 409


def test_a_typing_error_does_not_hide_what_another_saved(fresh_app):
    client = signed_in(fresh_app, COORDINATOR)
    month = path(fresh_app, f"ledger/{OPEN}")
    with fresh_app.extensions["moyai_database"].read_session() as session:
        line = session.scalars(select(Invoice.id).order_by(Invoice.id.desc())).first()
    days = {"invoice-invoiced_on": "2026-11-01", "invoice-due_on": "2026-11-30"}
    other = days | {"invoice-category": "initial"}
    received = {"money-received_on": "2026-11-01"}
    july = path(fresh_app, "ledger/2026-07")
    for address, action, field, right, typed, later in (
        (f"{month}?body=992020", "/usage/992020", "usage-quantity", "7", {}, {}),
        (july, "/invoices", "invoice-net_yen", "1000", days, other),
        (f"{month}?line={line}", "/money", "money-amount_yen", "1500000000", received, received),
        (path(fresh_app), "/basis", "basis-legal_basis", "協定", {}, {}),
    ):
        form = client.page(address).form(action)
        assert form.submit(client, typed | {field: right}).status_code == 302, action
        mistyped = as_page(form.submit(client, typed | {field: " "}), status=422).form(action)
        stale = as_page(mistyped.submit(client, later | {field: f"{right}0"}), status=409)
        assert "先に記録しました" in stale.text, action
        deliberate = stale.form(action)  # beside what the other saved
        assert deliberate.submit(client, later | {field: f"{right}0"}).status_code == 302, action


@pytest.mark.parametrize("email", [COORDINATOR, ASKED_STAFF, VENDOR, AUDITOR])
def test_few_queries_a_page(app, count_queries, email):
    client = signed_in(app, email)
    for address in (path(app), path(app, f"ledger/{OPEN}")):
        with count_queries() as log:
            client.page(address)
        log.at_most(15)
