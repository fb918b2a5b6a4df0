"""The example projects by what they are for, and who acts in them."""

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from foundation.db import Database
from procurement.models import Project
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


def project_path(app: Flask, words: str, page: str = "") -> str:
    """The address of a page of the example project whose title begins with these words."""
    database: Database = app.extensions["moyai_database"]
    with database.read_session() as session:
        project_id = session.scalars(
            select(Project.id).where(Project.title.startswith(words))
        ).one()
    return f"/projects/{project_id}/{page}".rstrip("/")


def signed_in(app: Flask, email: str) -> StrictClient:
    """A client of that example user."""
    client: FlaskClient = StrictClient(app)
    sign_in(client, email)
    assert isinstance(client, StrictClient)
    return client
