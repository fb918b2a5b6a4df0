"""A unit-price contract on the pages: the lead's table, a body's use, the invoice it comes to."""

import csv
import io

import pytest
from sqlalchemy import select

from accounts.models import LocalBody, User
from procurement.models import Project
from tests.harness.client import StrictClient, as_page
from tests.harness.contracts import (
    WITHOUT_AMOUNT,
    make_contracting_project,
    qualify,
    sign_all,
    sign_for,
)
from tests.harness.example import open_example, sign_in
from tests.harness.ledger import FIRST, TERM_START
from tests.harness.projects import make_world, move
from tests.harness.queries import counted_queries
from tests.harness.tender import make_bidder
from tests.harness.unit_prices import TABLE, approve_rise


class Scene:
    def __init__(self, app):
        self.app, self.database = app, app.extensions["moyai_database"]
        with self.database.transaction() as session:
            self.world = make_world(session)
            project, _, vendor = make_contracting_project(
                session, self.world, "basic_and_individual", term_start=TERM_START
            )
            first, second = self.world.bodies[:2]
            people = {
                "lead": self.world.lead,
                "first": self.world.manager(first),
                "second": self.world.manager(second),
                "vendor": vendor,
                "rival": make_bidder(session, "架空競合株式会社")[1],
            }
            self.emails = {n: session.get_one(User, a.user_id).email for n, a in people.items()}
            self.project, self.first = project.id, first.code
        self.contracts = f"/projects/{self.project}/contracts"
        self.month = f"/projects/{self.project}/ledger/{FIRST:%Y-%m}"

    def client(self, name=""):
        client = StrictClient(self.app)
        if name:
            sign_in(client, self.emails[name])
        return client

    def price(self, text=TABLE):
        lead = self.client("lead")
        form = lead.page(self.contracts).form("/contracts/unit-prices")
        return form.submit(lead, **{"pricing-lines": text})

    def introduce(self):
        with self.database.transaction() as session:
            project = session.get_one(Project, self.project)
            bodies = session.scalars(
                select(LocalBody).where(LocalBody.code.in_(self.world.managers))
            ).all()
            sign_all(session, self.world, project, WITHOUT_AMOUNT)
            for body in bodies:
                qualify(session, self.world.manager(body), project)
                sign_for(session, self.world, project, body)
            move(session, self.world.lead, project, "start_introduction")


@pytest.fixture
def scene(example, tmp_path):
    with open_example(example, tmp_path / "instance") as app:
        yield Scene(app)


def test_the_lead_records_a_table_that_comes_to_the_award(scene):
    wrong = as_page(scene.price(TABLE.replace("12.5", "12.6")), status=409)
    said = wrong.soup.select_one("#pricing-lines-error").text
    assert "30,200,000円" in said
    assert "30,000,000円" in said
    assert "12.6" in wrong.soup.select_one("#pricing-lines").text
    assert scene.price().status_code == 302
    for name in ("lead", "first", "vendor"):
        page = scene.client(name).page(scene.contracts)
        rows = page.table("単価表（税抜）")
        assert [(row["品目"], row["単価"], row["予定の額"]) for row in rows[:3]] == [
            ("文字起こし", "12.5円", "25,000,000円"),
            ("翻訳", "0.5円", "1,000,000円"),
            ("設定", "2,000,000円", "4,000,000円"),
        ], name
        assert not page.soup.select('form[action$="/unit-prices"]')
    for name in ("", "rival"):
        assert "文字起こし" not in scene.client(name).page(scene.contracts).text, name


def test_an_invoice_is_booked_as_used(scene):
    scene.price()
    scene.introduce()
    first = scene.client("first")
    page = first.page(scene.month)
    assert [row["使った量"] for row in page.table("使った量と単価（自団体）")] == ["未記入"] * 3
    form = page.form(f"/items/{scene.first}")
    wrong = as_page(
        form.submit(first, **{"items-item1": "千", "items-item2": "3", "items-item3": "0"}),
        status=422,
    )
    assert wrong.soup.select_one("#items-item1-error")
    assert wrong.soup.select_one("#items-item2")["value"] == "3"
    used = {"items-item1": "1,001", "items-item2": "3", "items-item3": "0"}
    assert form.submit(first, **used).status_code == 302
    mistyped = as_page(form.submit(first, used | {"items-item1": "千"}), status=422)
    form = mistyped.form(f"/items/{scene.first}")  # a typing error hides nothing
    stale = as_page(form.submit(first, used), status=409)
    assert "先に記録しました" in stale.text
    assert stale.form(f"/items/{scene.first}").submit(first, used).status_code == 302
    with counted_queries(scene.database.engine) as log:
        page = first.page(scene.month)
    log.at_most(15)
    assert [row["額（税抜）"] for row in page.table("使った量と単価（自団体）")] == [
        "12,512円",
        "1円",
        "0円",
    ]
    assert "運用費の計：税抜 12,513円" in page.text or "計：税抜 12,513円" in page.text
    typed = {"net_yen": "12,514", "invoiced_on": "2026-11-01", "due_on": "2026-11-30"}
    values = {f"invoice-{name}": value for name, value in typed.items()}
    refused = as_page(page.form("/invoices").submit(first, **values), status=409)
    said = refused.soup.select_one("#invoice-net_yen-error").text
    assert "使った量×単価の合計（税抜12,513円）" in said
    values["invoice-net_yen"] = "12,513"
    assert page.form("/invoices").submit(first, **values).status_code == 302
    row = first.page(scene.month).table("事業者の請求")[0]
    assert (row["税抜"], row["税込"]) == ("12,513円", "13,764円")
    # What a body used is its own and the lead's.
    assert "1,001" not in scene.client("second").page(scene.month).text
    assert "1,001" not in scene.client("vendor").page(scene.month).text


def test_a_body_contracts_at_its_own_lower_price(scene):
    scene.price()
    with scene.database.transaction() as session:
        project = session.get_one(Project, scene.project)
        sign_all(session, scene.world, project, WITHOUT_AMOUNT)
        body = session.get_one(LocalBody, scene.first)
        qualify(session, scene.world.manager(body), project)
    first = scene.client("first")
    form = first.page(scene.contracts).form("/contracts/own")
    typed = {
        "own-number": "個第1号",
        "own-signed_on": "2026-11-20",
        "own-starts_on": "2027-04-01",
        "own-ends_on": "2029-03-31",
        "own-amount_yen": "1,000,000",
        "own-tax_percent": "10",
        "own-clause": "施行令第167条の2",
        "own-reason": "最も適した提案のため",
        "own-guarantee": "exempt",
        "own-guarantee_note": "規則",
        "own-approval_date": "2026-11-19",
        "own-approval_number": "契第9号",
    }
    higher = {"own-own_prices": "文字起こし、12.6、ヒミツノ交渉"}
    refused = as_page(form.submit(first, typed | higher), status=409)
    said = refused.soup.select_one("#own-own_prices-error").text
    assert "決定した単価（12.5円）まで" in said
    assert "12.6" in refused.soup.select_one("#own-own_prices").text
    lower = {"own-own_prices": "文字起こし、１１.２５、ヒミツノ交渉"}
    assert form.submit(first, typed | lower).status_code == 302
    shown = "この契約の単価：文字起こし 11.25円（決定した単価 12.5円"
    for name, reads, knows_why in (
        ("lead", True, True),
        ("first", True, True),
        ("vendor", True, False),
        ("second", False, False),
        ("rival", False, False),
        ("", False, False),
    ):
        text = scene.client(name).page(scene.contracts).text
        assert (shown in text) is reads, name
        assert ("ヒミツノ交渉" in text) is knows_why, name
        answer = scene.client(name).get(f"{scene.contracts}.csv")
        assert answer.status_code == 200
        rows = list(csv.DictReader(io.StringIO(answer.get_data(as_text=True).lstrip("\ufeff"))))
        own = [(row["item"], row["value"], row["reason"]) for row in rows if row["item"]]
        why = "ヒミツノ交渉" if knows_why else ""
        assert own == ([("文字起こし", "11.25", why)] if reads else []), name
        amounts = [row["value"] for row in rows if row["measure"] == "amount_yen"]
        assert amounts == (["1000000"] if reads else []), name


def test_the_lead_changes_a_price_and_everybody_with_the_table_reads_it(scene):
    scene.price()
    scene.introduce()
    lead = scene.client("lead")
    form = lead.page(scene.contracts).form("/unit-prices/changes")
    above = {"repricing-lines": "文字起こし、12.51", "repricing-valid_from": "2026年5月"}
    refused = as_page(form.submit(lead, above | {"repricing-reason": "変更契約第1号"}), status=409)
    said = refused.soup.select_one("#repricing-lines-error").text
    assert "決定した単価を超えます" in said
    assert "承認済み0円" in said
    with scene.database.transaction() as session:
        project = session.get_one(Project, scene.project)
        approve_rise(session, scene.world, project, 5_000_000, code=scene.first)
    form = lead.page(scene.contracts).form("/unit-prices/changes")
    typed = {"repricing-lines": "文字起こし、15", "repricing-reason": "変更契約第1号"}
    from_may = typed | {"repricing-valid_from": "2026年5月"}
    mistyped = as_page(form.submit(lead, typed | {"repricing-valid_from": " "}), status=422)
    assert mistyped.form("/unit-prices/changes").submit(lead, from_may).status_code == 302
    stale = as_page(form.submit(lead, from_may), status=409)
    assert "先に記録しました" in stale.text
    assert stale.form("/unit-prices/changes").submit(lead, from_may).status_code == 302
    for name in ("lead", "first", "vendor"):
        page = scene.client(name).page(scene.contracts)
        row = page.table("単価の変更（税抜）")[0]
        assert (row["品目"], row["最初の月"], row["新しい単価"]) == (
            "文字起こし",
            "2026年5月",
            "15円",
        ), name
        assert bool(page.soup.select('form[action$="/unit-prices/changes"]')) == (name == "lead")
    month = scene.month.replace("2026-04", "2026-05")
    prices = [
        scene.client("first").page(where).table("使った量と単価（自団体）")[0]["単価（税抜）"]
        for where in (scene.month, month)
    ]
    assert prices == ["12.5円", "15円"]


CHANGED = {
    "valid_from": "2027-05",
    "lines": "文字起こし、10.25",
    "reason": "変更契約第3号",
    "approval_date": "2026-11-19",
    "approval_number": "契第3号",
}
ALONE = "一つの契約だけの単価の変更（税抜）"


def test_one_contracts_prices_change_alone_and_its_vendor_confirms(scene):
    scene.price()
    scene.introduce()
    body = scene.client("first")
    form = body.page(scene.contracts).form("/contracts/own-prices")

    def typed(**changes):
        return {f"ownprice-{key}": value for key, value in (CHANGED | changes).items()}

    wrong = as_page(form.submit(body, typed(lines="文字起こし、12.75")), status=409)
    assert "12.5円）まで" in wrong.soup.select_one("#ownprice-lines-error").text
    assert "12.75" in wrong.soup.select_one("#ownprice-lines").text
    assert form.submit(body, typed()).status_code == 302
    for name, reads in (("lead", True), ("first", True), ("vendor", False)):
        (row,) = scene.client(name).page(scene.contracts).table(ALONE)
        assert (row["新しい単価"], row["事業者の確認"][:4]) == ("10.25円", "確認待ち")
        assert (CHANGED["reason"] in row["理由"]) is reads, name
    for name in ("second", "rival", ""):  # nothing of what is not agreed yet
        assert "10.25" not in scene.client(name).page(scene.contracts).text, name
    vendor = scene.client("vendor")
    assert vendor.page(scene.contracts).form("/confirm").submit(vendor).status_code == 302
    (row,) = scene.client("second").page(scene.contracts).table(ALONE)
    assert (row["新しい単価"], row["事業者の確認"], row["理由"]) == ("10.25円", "確認済み", "—")
    assert not vendor.page(scene.contracts).soup.select("form[action$='/confirm']")
    for name in ("lead", "first", "vendor"):
        client = scene.client(name)
        with counted_queries(scene.database.engine) as log:
            client.get(scene.contracts)
        log.at_most(20)
