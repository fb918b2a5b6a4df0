"""An overpayment applied and a letter sent on the pages of a ledger."""

import io
from datetime import timedelta

import pytest
from docx import Document
from sqlalchemy import select

from accounts.models import User
from foundation.clock import jst_today
from foundation.web import now_of
from procurement.ledger_models import DunningLetter, Invoice, OverpaymentTransfer
from tests.harness.client import StrictClient
from tests.harness.example import open_example, sign_in
from tests.harness.ledger import SECOND, bill, invoice_draft, make_collected_project
from tests.harness.projects import make_world


class Ledger:
    """Two months invoiced to three bodies, nothing paid. lines: number → place → invoice id."""

    def __init__(self, app):
        self.app, self.database = app, app.extensions["moyai_database"]
        with self.database.transaction() as session:
            world = make_world(session)
            project, _vendor, _ = make_collected_project(session, world)
            bill(session, world.lead, project, invoice_draft())
            bill(session, world.lead, project, invoice_draft(SECOND), seen=1)
            self.id, codes = project.id, list(world.managers)
            rows = session.execute(
                select(Invoice.vendor_invoice_number, Invoice.body_code, Invoice.id).where(
                    Invoice.project_id == project.id
                )
            )
            self.lines = {(number, codes.index(code)): id_ for number, code, id_ in rows if code}
            people = {"lead": world.lead}
            people |= {f"manager{n}": world.managers[code] for n, code in enumerate(codes)}
            self.emails = {
                name: session.get_one(User, actor.user_id).email for name, actor in people.items()
            }

    def client(self, name):
        client = StrictClient(self.app)
        sign_in(client, self.emails[name])
        return client

    def month(self, name="2026-04"):
        return f"/projects/{self.id}/ledger/{name}"


@pytest.fixture
def ledger(example, tmp_path):
    with open_example(example, tmp_path / "instance") as app:
        yield Ledger(app)


def test_what_is_over_is_applied_and_taken_back_on_the_page(ledger):
    lead, line, target = ledger.client("lead"), ledger.lines[1, 2], ledger.lines[2, 2]
    address = f"{ledger.month()}?line={line}"
    today = jst_today(now_of(ledger.app)).isoformat()
    money = {"money-amount_yen": "20000", "money-received_on": today}
    lead.page(address).form(f"/lines/{line}/money").submit(lead, money)
    page = lead.page(address)
    assert "過納 1,100円。同じ団体" in page.text
    form = page.form(f"/lines/{line}/apply")
    wrong = {"apply-to_invoice_id": target, "apply-amount_yen": "1101", "apply-applied_on": today}
    refused = form.submit(lead, wrong)
    assert refused.status_code == 409
    assert "過納）まで" in refused.text and 'value="1101"' in refused.text.replace(",", "")
    form.submit(lead, wrong | {"apply-amount_yen": "1100"})
    page = lead.page(address)
    assert "過納 1,100円。同じ団体" not in page.text
    assert {"充当1番"} <= {row["種類"] for row in page.table("記録された収納・還付")}
    other = lead.page(f"{ledger.month('2026-05')}?line={target}")
    assert "2026年4月分の過納から2026年5月分へ 1,100円" in other.text
    back = other.form(f"/lines/{target}/transfers/1")
    back.submit(lead, {"transfer1-reason": "充当先の誤り"})
    assert "過納 1,100円。同じ団体" in lead.page(address).text
    with ledger.database.read_session() as session:
        assert len(session.scalars(select(OverpaymentTransfer)).all()) == 2


def test_a_letter_is_sent_once_read_and_taken_as_a_file(ledger):
    lead, line = ledger.client("lead"), ledger.lines[1, 2]
    path = f"{ledger.month()}/lines/{line}/letters"
    assert path in lead.page(f"/projects/{ledger.id}/ledger").links
    today = jst_today(now_of(ledger.app))
    typed = {
        "letter-letter_number": "架空財第5号",
        "letter-pay_by": (today + timedelta(days=14)).isoformat(),
        "letter-approval_date": today.isoformat(),
        "letter-approval_number": "第9号",
    }
    form = lead.page(path).form("/letters")
    late = form.submit(lead, typed | {"letter-pay_by": today.isoformat()})
    assert late.status_code == 409 and "架空財第5号" in late.text
    form.submit(lead, typed)
    form.submit(lead, typed)  # pressed twice: the second is told that one was sent
    with ledger.database.read_session() as session:
        own = select(DunningLetter).where(DunningLetter.project_id == ledger.id)
        assert len(session.scalars(own).all()) == 1
    debtor = ledger.client("manager2")
    letter = debtor.page(f"{path}/1")
    assert "督促状" in letter.text and "18,900円" in letter.text
    assert "遅延損害金・延滞金は計算していません" in letter.text
    assert "督促状" in debtor.page("/inbox").text
    file = debtor.get(f"{path}/1.docx")
    paper = Document(io.BytesIO(file.data))
    cells = [cell.text for table in paper.tables for row in table.rows for cell in row.cells]
    assert {"18,900円", "架空財第5号"} & set(cells + [p.text for p in paper.paragraphs]) == {
        "18,900円",
        "架空財第5号",
    }
    assert debtor.page(path).table("送った督促状")[0]["回"] == "1回目"


@pytest.mark.parametrize("ending", ["", "/1", "/1.docx"])
def test_another_bodys_letters_are_not_found(ledger, ending):
    path = f"{ledger.month()}/lines/{ledger.lines[1, 2]}/letters{ending}"
    assert ledger.client("manager1").get(path).status_code == 404
    stranger = StrictClient(ledger.app)
    sign_in(stranger, "council@moyai.example")
    assert stranger.get(path).status_code == 404
