"""A question to the office behind a case: it arrives, and no address of either side is shown."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy import select

from accounts.roles import Role
from catalog.models import Case, CaseInquiry
from foundation.audit import AuditEvent
from foundation.db import Database
from foundation.mail import Notice, OutboxMail
from tests.harness.builders import make_body, make_organization, make_user, organization_of
from tests.harness.catalog import OpenedCatalog, open_catalog
from tests.harness.client import as_page

WORDS = "仕様書のたたき台を見せていただけますか。"


@dataclass
class Opened(OpenedCatalog):
    asker: str
    colleague: str
    stranger: str
    ministry: str

    def ask(self, email: str = "", words: str = WORDS):
        client = self.reader(email or self.asker)
        form = client.page(f"/cases/{self.catalog.case}/contact").form("/contact")
        return form.submit(client, message=words)


@pytest.fixture
def opened(empty_sqlite: Path, tmp_path: Path) -> Iterator[Opened]:
    with open_catalog(empty_sqlite, tmp_path) as (app, catalog):
        database: Database = app.extensions["moyai_database"]
        with database.transaction() as session:
            body = organization_of(session, make_body(session))
            other = organization_of(session, make_body(session))
            ministry = make_organization(session, "ministry", alternate_key="ministry")
            yield_ = Opened(
                app,
                catalog,
                asker=make_user(session, body, Role.MUNICIPAL_STAFF).email,
                colleague=make_user(session, body, Role.MUNICIPAL_MANAGER).email,
                stranger=make_user(session, other, Role.MUNICIPAL_STAFF).email,
                ministry=make_user(session, ministry, Role.MINISTRY_REPORTER).email,
            )
        yield yield_


def test_a_question_reaches_the_office_and_its_answer_the_person(opened: Opened) -> None:
    answer = opened.ask()
    assert answer.status_code == 302
    address = answer.location
    office = opened.catalog.staff_email
    with opened.database.read_session() as session:
        [mail] = session.scalars(select(OutboxMail)).all()
        assert mail.to == office
        assert WORDS in mail.body
        assert opened.asker not in mail.body
        [notice] = session.scalars(select(Notice)).all()
        assert notice.url == address
    lead = opened.reader(office)
    assert WORDS in lead.page(address).text
    assert "返信を待っています" in lead.page("/cases/inquiries").text
    assert lead.page(address).form(address).submit(lead, reply="お送りします。").status_code == 302
    asker = opened.reader(opened.asker)
    assert "お送りします。" in asker.page(address).text
    with opened.database.read_session() as session:
        mails = session.scalars(select(OutboxMail).order_by(OutboxMail.id)).all()
        assert [mail.to for mail in mails] == [office, opened.asker]
        assert office not in mails[1].body
        events = session.scalars(select(AuditEvent).order_by(AuditEvent.seq)).all()
        own = [event for event in events if "inquir" in event.action or "contact" in event.action]
        assert [event.action for event in own] == ["ask_contact_office", "reply_to_inquiry"]
        assert all(WORDS not in str(event.changes) for event in own)
    form = lead.page(address).soup.select_one("textarea")
    assert form is None, "an answer is given once"


def test_no_address_is_on_any_page_or_in_any_data(opened: Opened) -> None:
    address = opened.ask().location
    office = opened.catalog.staff_email
    looks = {
        opened.asker: [address, "/cases/inquiries", f"/cases/{opened.catalog.case}/contact"],
        office: [address, "/cases/inquiries", "/inbox"],
        "": [f"/cases/{opened.catalog.case}", f"/api/v1/cases/{opened.catalog.case}"],
    }
    for email, paths in looks.items():
        for path in paths:
            shown = opened.reader(email).get(path).text
            assert {one for one in (opened.asker, office) if one in shown} == set(), path
    export = opened.reader().get("/open-data/cases.zip").data
    assert office.encode() not in export


def test_who_asks_is_said_and_others_do_not_see_it(opened: Opened) -> None:
    address = opened.ask().location
    assert opened.reader(opened.colleague).get(address).status_code == 200
    for email in (opened.stranger, opened.ministry):
        reader = opened.reader(email)
        assert reader.get(address).status_code == 404
        assert WORDS not in reader.get("/cases/inquiries").text
    assert opened.reader(opened.catalog.vendor_email).get(address).status_code == 403
    assert opened.reader().get(address).status_code == 302
    with opened.database.read_session() as session:
        inquiry = session.scalars(select(CaseInquiry)).one()
        assert inquiry.asked_by in session.scalars(select(OutboxMail.body)).one()
    asker = opened.reader(opened.asker)
    assert asker.page(address).soup.select_one("textarea") is None


def test_vendors_and_visitors_are_not_offered_it(opened: Opened) -> None:
    path = f"/cases/{opened.catalog.case}"
    for email in ("", opened.catalog.vendor_email):
        assert "問い合わせる" not in opened.reader(email).page(path).text
    assert "問い合わせる" in opened.reader(opened.ministry).page(path).text
    assert "問い合わせる" not in opened.reader(opened.catalog.staff_email).page(path).text


def test_too_many_questions_are_put_off_and_nothing_typed_is_lost(opened: Opened) -> None:
    for number in range(5):
        assert opened.ask(words=f"質問{number}").status_code == 302
    answer = opened.ask(words="六つめの質問")
    page = as_page(answer, status=429)
    assert 0 < int(answer.headers["Retry-After"]) <= 3600
    assert page.form("/contact").values["message"] == "六つめの質問"
    assert opened.ask(opened.colleague).status_code == 302


def test_what_cannot_be_sent_says_why(opened: Opened) -> None:
    for words in ("", " 　", "あ" * 2001):
        page = as_page(opened.ask(words=words), status=422)
        assert page.soup.select_one("#message-error"), words[:3]
    asker = opened.reader(opened.asker)
    for case_id in (opened.catalog.plain_case, opened.catalog.real_case):
        page = asker.page(f"/cases/{case_id}/contact")
        assert "まだこのサイトを利用していない" in page.text
        assert page.soup.select_one("textarea") is None
    own = opened.reader(opened.catalog.staff_email)
    assert "自団体の事例です" in own.page(f"/cases/{opened.catalog.case}/contact").text
    assert asker.get("/cases/99999/contact").status_code == 404
    with opened.database.transaction() as session:
        session.get_one(Case, opened.catalog.case).publication_status = "withdrawn"
    assert asker.get(f"/cases/{opened.catalog.case}/contact").status_code == 404
