"""The example projects by what they are for, and who acts in them."""

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from foundation.db import Database
from procurement.example_standard import SILENT
from procurement.ledger_models import DunningLetter, Invoice, VendorInvoice
from procurement.models import Project
from procurement.queries.ledger import OF_ENTRY
from tests.harness.client import StrictClient
from tests.harness.example import sign_in

COORDINATOR = "pref@moyai.example"
LEAD_STAFF = "hoyui-staff@moyai.example"
LEAD_MANAGER = "hoyui-manager@moyai.example"
ASKED_STAFF = "tsunanoe-staff@moyai.example"
ASKED_MANAGER = "tsunanoe-manager@moyai.example"
JOINING_STAFF = "nawateura-staff@moyai.example"
JOINING_MANAGER = "nawateura-manager@moyai.example"
COUNCIL = "council@moyai.example"
STRANGER = "oumi@moyai.example"
VENDOR = "vendor-staff@moyai.example"
AUDITOR = "auditor@moyai.example"
OPERATOR = "operator@moyai.example"

HIDDEN = "議事録作成"
FORMING = "電子申請"
FORMING_BY_COUNCIL = "生成AIサービスの共同調達"
AGREEMENT = "文書管理・電子決裁"
NOTICE = "おうみ"
OPERATED = "庁内文書と決裁"
STANDARD = "基幹業務システム"


def project_path(app: Flask, words: str, page: str = "") -> str:
    """The address of a page of the example project whose title begins with these words."""
    database: Database = app.extensions["moyai_database"]
    with database.read_session() as session:
        project_id = session.scalars(
            select(Project.id).where(Project.title.startswith(words))
        ).one()
    return f"/projects/{project_id}/{page}".rstrip("/")


def far_pages(app: Flask) -> dict[str, str]:
    """Pages that a crawl of a few pages of each kind does not come to → the page that links there.

    A body that is silent about the next term, and a letter about arrears: for their readers.
    """
    database: Database = app.extensions["moyai_database"]
    with database.read_session() as session:
        letter = session.execute(
            select(DunningLetter.invoice_id, VendorInvoice.period)
            .join(Invoice, Invoice.id == DunningLetter.invoice_id)
            .join(VendorInvoice, OF_ENTRY)
        ).one()
    sharing = project_path(app, STANDARD, "sharing")
    month = project_path(app, OPERATED, f"ledger/{letter.period:%Y-%m}")
    letters = f"{month}/lines/{letter.invoice_id}/letters"
    return {
        f"{sharing}/next-term/{SILENT}": sharing,
        letters: project_path(app, OPERATED, "ledger"),
        f"{letters}/1": letters,
        f"{letters}/1.docx": f"{letters}/1",
    }


def signed_in(app: Flask, email: str) -> StrictClient:
    """A client of that example user."""
    client: FlaskClient = StrictClient(app)
    sign_in(client, email)
    assert isinstance(client, StrictClient)
    return client
