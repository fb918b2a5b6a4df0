"""A fictional project of many bodies in operation with five years of monthly ledgers (架空).

Its rows are written as they are: what is measured is reading them. It has what a page asks for
only where there is some: options, declared stand-alone figures.
"""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from accounts.codes import FICTIONAL_PREFECTURE_CODE, body_check_digit
from accounts.models import LocalBody
from accounts.queries import get_actor
from catalog.models import Vendor
from foundation.clock import add_months, fiscal_year_of
from procurement.ledger_models import Invoice, Receipt, VendorInvoice, VendorPayment
from procurement.models import Participation, Project, ProjectRole, ShareLine, ShareVersion

MONTHS = 60
BY = "計測（架空）"
LEAD = "pref@moyai.example"
OPTION_YEN = 1_000
OPTION_COSTS = {
    "basis": "rfi",
    "label": "",
    "costs": [
        {"kind": "option", "period": "once", "amount_yen": OPTION_YEN, "tax_rate": "10"},
    ],
}


def make_crowd(session: Session, size: int, start: date, now: datetime) -> int:
    """The project's number."""
    lead = get_actor(session, LEAD).organization_id or 0
    codes = _bodies(session, size)
    project = Project(
        title="計測用の共同調達（架空）",
        system_type_code="document_management",
        lead_organization_id=lead,
        prefecture_code=FICTIONAL_PREFECTURE_CODE,
        state="operation",
        state_since=now,
        contract_model="delegation",
        term_start=start,
        term_months=MONTHS,
        fictional=True,
        created_at=now,
        updated_at=now,
    )
    session.add(project)
    session.flush()
    session.add(ProjectRole(project_id=project.id, organization_id=lead, role="lead", since=now))
    members = [
        {
            "project_id": project.id,
            "body_code": code,
            "status": "in_use",
            "quantities": {"account": 100 + place},
            "declared_standalone_yen": 150_000,
            "declared_standalone_source": "present_cost",
            "starts_on": start,
            "updated_at": now,
        }
        for place, code in enumerate(codes)
    ]
    session.execute(insert(Participation), members)
    version = _version(session, project, start, now)
    session.execute(insert(ShareLine), list(_lines(version.id, codes, start)))
    _ledger(session, project, codes, start, now)
    return project.id


def _bodies(session: Session, size: int) -> list[str]:
    """New fictional bodies of the example's prefecture, with the codes nobody has."""
    taken = set(session.scalars(select(LocalBody.code)))
    like = session.scalars(
        select(LocalBody).where(LocalBody.fictional, LocalBody.code.not_like("__000_")).limit(1)
    ).one()
    facts = {
        column.name: getattr(like, column.name)
        for column in LocalBody.__table__.columns
        if column.name not in ("code", "name", "corporate_number")
    }
    numbers = (f"{FICTIONAL_PREFECTURE_CODE}{number:03}" for number in range(401, 999))
    codes = [f"{five}{body_check_digit(five)}" for five in numbers]
    free = [code for code in codes if code not in taken][:size]
    rows = [facts | {"code": code, "name": f"計測{place}町"} for place, code in enumerate(free)]
    session.execute(insert(LocalBody), rows)
    return free


def _version(session: Session, project: Project, start: date, now: datetime) -> ShareVersion:
    version = ShareVersion(
        project_id=project.id,
        number=1,
        basis="plan",
        inputs={"costs": OPTION_COSTS},
        terms={
            "term_start": start.isoformat(),
            "term_months": MONTHS,
            "standalone_basis": "declared",
        },
        result={"total_yen": 0, "part_yen": 0, "parts_by_year": {}, "bodies": []},
        sha256="0" * 64,
        fixed_at=now,
        fixed_by=BY,
    )
    session.add(version)
    session.flush()
    return version


def _lines(version_id: int, codes: Sequence[str], start: date) -> Any:
    first = {"share_version_id": version_id, "body_code": codes[0], "category": "option"}
    yield first | {
        "fiscal_year": fiscal_year_of(start),
        "amount_yen": OPTION_YEN,
        "standalone_yen": None,
    }
    for code in codes:
        for year in range(fiscal_year_of(start), fiscal_year_of(start) + MONTHS // 12):
            yield {
                "share_version_id": version_id,
                "body_code": code,
                "fiscal_year": year,
                "category": "recurring",
                "amount_yen": 120_000,
                "standalone_yen": 150_000,
            }


def _ledger(
    session: Session, project: Project, codes: Sequence[str], start: date, now: datetime
) -> None:
    """Every month invoiced, received and paid: the lines before their invoice (decision 0022)."""
    vendor_id = session.scalars(select(Vendor.id).where(Vendor.fictional).limit(1)).one()
    trace = {"recorded_at": now, "recorded_by": BY}
    for place in range(MONTHS):
        period, number = add_months(start, place), place + 1
        due = period + timedelta(days=50)
        of_entry = {"project_id": project.id, "vendor_invoice_number": number}
        lines = [
            of_entry | {"payer": "body", "payer_key": code, "body_code": code, "amount_yen": 11_000}
            for code in codes
        ]
        session.execute(insert(Invoice), lines)
        entry = {
            "project_id": project.id,
            "number": number,
            "kind": "invoice",
            "attempt": 1,
            "for_body": "",
            "period": period,
            "posted_in": period,
            "category": "recurring",
            "tax_percent": Decimal(10),
            "net_yen": 10_000 * len(codes),
            "amount_yen": 11_000 * len(codes),
            "vendor_id": vendor_id,
            "vendor_number": f"計-{number}",
            "invoiced_on": period + timedelta(days=34),
            "due_on": due,
            "basis": {},
            "reason": "",
        }
        session.execute(insert(VendorInvoice), [entry | trace])
        _settle(session, project.id, number, due, period, trace)


def _settle(
    session: Session, project_id: int, number: int, due: date, period: date, trace: dict[str, Any]
) -> None:
    ids = session.scalars(
        select(Invoice.id).where(
            Invoice.project_id == project_id, Invoice.vendor_invoice_number == number
        )
    )
    receipts = [
        {
            "project_id": project_id,
            "invoice_id": id_,
            "kind": "receipt",
            "amount_yen": 11_000,
            "received_on": due,
            "posted_in": period,
            "note": "",
        }
        | trace
        for id_ in ids
    ]
    session.execute(insert(Receipt), receipts)
    payment = {
        "project_id": project_id,
        "vendor_invoice_number": number,
        "amount_yen": 11_000 * len(receipts),
        "paid_on": due,
        "posted_in": period,
        "approval_number": "",
    }
    session.execute(insert(VendorPayment), [payment | trace])
