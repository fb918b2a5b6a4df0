"""Several recommended products on the page of contracts: certified, chosen, billed apart."""

import pytest

from accounts.models import User
from foundation.db import Database
from procurement.models import Project
from tests.harness.client import StrictClient, as_page
from tests.harness.contracts import certify, make_contracting_project
from tests.harness.example import open_example, sign_in
from tests.harness.ledger import TERM_START, bill, invoice_draft
from tests.harness.projects import make_world, move
from tests.harness.queries import counted_queries
from tests.harness.tender import make_bidder
from tests.services.test_certified_products import add_candidate

CERTIFIED = {
    "product": "架空チャット乙",
    "number": "第2号",
    "signed_on": "2026-11-20",
    "starts_on": "2027-04-01",
    "ends_on": "2030-03-31",
    "approval_date": "2026-11-19",
    "approval_number": "情政第2号",
}
OWN = {
    "number": "第3号",
    "signed_on": "2026-11-20",
    "starts_on": "2027-04-01",
    "ends_on": "2029-03-31",
    "amount_yen": "8,642,097",
    "clause": "第2号",
    "reason": "推奨製品のため",
    "guarantee": "paid",
    "approval_date": "2026-11-19",
    "approval_number": "契第1号",
}


SIGNED = "記録された契約"


class Scene:
    """A project at 契約 with three vendors named and the product of the first certified."""

    def __init__(self, app):
        self.app = app
        self.database: Database = app.extensions["moyai_database"]
        with self.database.transaction() as session:
            world = make_world(session)
            project, first, one = make_contracting_project(
                session, world, "recommended_product", term_start=TERM_START
            )
            second, two = add_candidate(session, world, project, "架空乙株式会社", 1)
            _, idle = add_candidate(session, world, project, "架空丙株式会社", 2)
            _, rival = make_bidder(session, "架空競合株式会社")
            certify(session, world, project, first, "架空チャット甲")
            people = {
                "lead": world.lead,
                "body": world.manager(world.bodies[0]),
                "vendor": one,
                "second": two,
                "idle": idle,
                "rival": rival,
            }
            self.emails = {n: session.get_one(User, a.user_id).email for n, a in people.items()}
            self.body = people["body"]
            self.id, self.second_id, self.world = project.id, second.id, world
        self.path = f"/projects/{self.id}/contracts"

    def client(self, name=""):
        client = StrictClient(self.app)
        if name:
            sign_in(client, self.emails[name])
        return client

    def submit(self, name, button, prefix, values):
        client = self.client(name)
        form = client.page(self.path).form("/contracts", button=button)
        return form.submit(client, **{f"{prefix}-{key}": v for key, v in values.items()})

    def certify_second(self, **changes):
        values = CERTIFIED | {"vendor_id": str(self.second_id)} | changes
        return self.submit("lead", "推奨製品の認定を記録する", "overall", values)


@pytest.fixture
def scene(example, tmp_path):
    with open_example(example, tmp_path / "instance") as app:
        yield Scene(app)


def test_the_lead_certifies_several_and_the_body_chooses_one(scene):
    wrong = as_page(scene.certify_second(product=""), status=409)
    assert (
        "認定する製品の名前を入力してください"
        in wrong.soup.select_one("#overall-product-error").text
    )
    assert scene.certify_second().status_code == 302
    twice = as_page(scene.certify_second(), status=409)
    assert "すでに認定しています" in twice.soup.select_one("#overall-product-error").text
    lead = scene.client("lead").page(scene.path)
    assert [row["種類"] for row in lead.table(SIGNED)] == [
        "推奨製品の認定：架空チャット甲",
        "推奨製品の認定：架空チャット乙",
    ]
    assert "推奨製品の事業者：架空契約株式会社、架空乙株式会社" in lead.text
    with scene.database.transaction() as session:
        session.get_one(Project, scene.id).state = "operation"
    button = "架空乙株式会社の資格を記録する"
    prefix = f"qualification{scene.second_id}"
    stated = {"number": "A-1", "valid_until": "2028-03-31"}
    assert scene.submit("body", button, prefix, stated).status_code == 302
    own = "自団体の個別契約を記録する"
    unchosen = as_page(scene.submit("body", own, "own", OWN), status=409)
    said = unchosen.soup.select_one("#own-certification_id-error").text
    assert "契約する推奨製品を選んでください" in said
    choices = unchosen.soup.select("#own-certification_id option")
    assert [each.text.strip() for each in choices] == [
        "選んでください",
        "架空チャット甲（架空契約株式会社）",
        "架空チャット乙（架空乙株式会社）",
    ]
    chosen = OWN | {"certification_id": choices[2]["value"]}
    assert scene.submit("body", own, "own", chosen).status_code == 302
    row = scene.client().page(scene.path).table(SIGNED)[2]
    assert row["種類"] == "個別契約：架空チャット乙"
    assert row["当事者"].endswith(" と 架空乙株式会社")


def test_a_vendor_sees_neither_the_others_products_nor_their_ledgers(scene):
    scene.certify_second()
    seen = {
        name: [row["種類"][-1] for row in scene.client(name).page(scene.path).table(SIGNED)]
        for name in ("lead", "body", "vendor", "second")
    }
    assert seen == {"lead": ["甲", "乙"], "body": ["甲", "乙"], "vendor": ["甲"], "second": ["乙"]}
    for name in ("", "idle", "rival", "vendor"):
        text = scene.client(name).page(scene.path).text
        assert "チャット乙" not in text, name
        assert "架空乙" not in text, name
    ledger = f"/projects/{scene.id}/ledger"
    with scene.database.transaction() as session:
        project = session.get_one(Project, scene.id)
        for step in ("start_introduction", "start_operation"):
            move(session, scene.world.lead, project, step)
    for name in ("vendor", "second", "idle", "rival"):
        assert scene.client(name).get(ledger).status_code == 404, name
    book_for_second(scene)
    month = f"{ledger}/{TERM_START:%Y-%m}"
    entries = scene.client("second").page(month).table("事業者の請求")
    assert [(row["事業者"], row["税抜"]) for row in entries] == [("架空乙株式会社", "1,234,567円")]
    for name in ("vendor", "idle", "rival"):
        for path in (ledger, month, f"{ledger}.csv"):
            assert scene.client(name).get(path).status_code == 404, (name, path)
    text = scene.client("second").get(f"{ledger}.csv").text
    assert "架空乙株式会社" in text
    assert "1234567" not in scene.client("vendor").get(scene.path).text


def sign_second(scene):
    """The first body contracts with the second vendor."""
    own = "自団体の個別契約を記録する"
    button = "架空乙株式会社の資格を記録する"
    stated = {"number": "A-1", "valid_until": "2028-03-31"}
    scene.submit("body", button, f"qualification{scene.second_id}", stated)
    page = scene.client("body").page(scene.path)
    value = page.soup.select("#own-certification_id option")[2]["value"]
    scene.submit("body", own, "own", OWN | {"certification_id": value})


def book_for_second(scene):
    """It contracts with the second vendor, and books its invoice."""
    sign_second(scene)
    with scene.database.transaction() as session:
        project = session.get_one(Project, scene.id)
        draft = invoice_draft(TERM_START, net_yen=1_234_567)
        bill(session, scene.body, project, draft)


WITHDRAWN = {
    "ends_on": "2026-11-20",
    "reason": "提供が終わるため（架空）",
    "approval_date": "2026-11-19",
    "approval_number": "情政第9号",
}


def test_a_certification_is_withdrawn_and_everybody_it_concerns_reads_so(scene):
    scene.certify_second()
    with scene.database.transaction() as session:
        session.get_one(Project, scene.id).state = "operation"
    sign_second(scene)
    lead = scene.client("lead")
    form = lead.page(scene.path).form("/contracts/withdraw")
    names = [each.text.strip() for each in form.tag.select("option")]
    chosen = names.index("架空チャット乙（架空乙株式会社）")
    value = form.tag.select("option")[chosen]["value"]
    typed = {f"withdraw-{k}": v for k, v in WITHDRAWN.items()}
    unchosen = as_page(form.submit(lead, typed), status=409)
    assert "取り消す認定を" in unchosen.soup.select_one("#withdraw-certification_id-error").text
    assert WITHDRAWN["reason"] in unchosen.soup.select_one("#withdraw-reason").text
    typed["withdraw-certification_id"] = value
    assert form.submit(lead, typed).status_code == 302
    for name, reads in (("", False), ("lead", True), ("body", True), ("second", True)):
        page = scene.client(name).page(scene.path)
        row = next(
            row for row in page.table(SIGNED) if row["種類"].endswith("認定：架空チャット乙")
        )
        assert row["期間"].endswith("認定取消"), name
        assert (WITHDRAWN["reason"] in row["そのほか"]) is reads, name
        told = "契約している製品の認定が取り消されました" in page.text
        assert told is (name == "body")
        assert "推奨製品の事業者：" in page.text
    assert "取り消します" in scene.client("second").page("/inbox").text
    assert WITHDRAWN["reason"] not in scene.client("vendor").page(scene.path).text


def test_the_page_asks_the_database_little(scene):
    scene.certify_second()
    for name in ("", "lead", "body", "second"):
        client = scene.client(name)
        with counted_queries(scene.database.engine) as log:
            client.get(scene.path)
        log.at_most(15)
