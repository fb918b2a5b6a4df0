"""A lead body drafts its case, the operator looks at it, readers get exactly what was approved."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from accounts.roles import Role
from catalog.case_drafting.contents import FIELDS, HEADINGS
from catalog.case_drafting.models import CaseReview
from catalog.models import Case
from foundation.audit import AuditEvent
from foundation.db import Database
from foundation.mail import Notice, OutboxMail
from foundation.web import now_of
from tests.harness.builders import make_body, make_organization, make_user, organization_of
from tests.harness.catalog import OpenedCatalog, open_catalog
from tests.harness.client import StrictClient, as_page

MARK = "下書きだけの目印"
FILLED = {
    "title": f"架空の共同調達 {MARK}",
    "kind": "joint",
    "system_type_code": "generative_ai",
    "contract_amount_yen": "１，２００，０００円",
    "cost_basis": "contract",
    "tax_included": "true",
    "contract_start": "令和8年4月1日",
    "measured_effects": "作成時間が3割減った\n問い合わせが半分になった",
    "contact_office": "情報政策課",
}


@dataclass
class Opened(OpenedCatalog):
    colleague: str
    stranger: str
    operator: str

    @property
    def lead(self) -> StrictClient:
        return self.reader(self.catalog.staff_email)

    def start(self, **typed: str) -> str:
        """The address of a new draft with this written."""
        lead = self.lead
        address = lead.page("/cases/own").form("/cases/drafts").submit(lead).location
        assert self.save(lead, address, FILLED | typed).status_code == 302
        return address

    def save(self, client: StrictClient, address: str, typed: dict[str, str]) -> Any:
        return client.page(address).form(address, button="下書きを保存").submit(client, typed)

    def submit(self, address: str) -> Any:
        lead = self.lead
        return lead.page(f"{address}/submit").form(f"{address}/submit").submit(lead)

    def waiting(self) -> str:
        return self.reader(self.operator).page("/admin/reviews").link(MARK)

    def decide(self, address: str, do: str, reply: str = "") -> Any:
        operator = self.reader(self.operator)
        form = operator.page(address).form(address, button="承認して公開")
        return form.submit(operator, {"reply": reply}, do=do)


@pytest.fixture
def opened(empty_sqlite: Path, tmp_path: Path) -> Iterator[Opened]:
    with open_catalog(empty_sqlite, tmp_path) as (app, catalog):
        database: Database = app.extensions["moyai_database"]
        with database.transaction() as session:
            case = session.get_one(Case, catalog.case)
            from accounts.models import LocalBody

            own = organization_of(session, session.get_one(LocalBody, case.lead_body_code))
            other = organization_of(session, make_body(session))
            office = make_organization(session, "operator", alternate_key="operator")
            made = Opened(
                app,
                catalog,
                colleague=make_user(session, own, Role.MUNICIPAL_MANAGER).email,
                stranger=make_user(session, other, Role.MUNICIPAL_MANAGER).email,
                operator=make_user(session, office, Role.OPERATOR).email,
            )
        yield made


def test_every_field_stands_under_one_heading() -> None:
    placed = [key for keys in HEADINGS.values() for key in keys]
    assert sorted(placed) == sorted(field.key for field in FIELDS)


def test_from_the_first_word_to_the_published_case(opened: Opened) -> None:
    address = opened.start()
    assert opened.submit(address).status_code == 302
    assert "運営者の審査を待っています" in opened.lead.page(address).text
    review = opened.waiting()
    page = opened.reader(opened.operator).page(review)
    checks = {row["確認"]: row["内容"] for row in page.table("自動の確認")}
    assert "ノウハウ未登録" in checks["ノウハウ"]
    assert "似た事例" in checks
    assert "1,200,000円" in page.text
    refused = opened.decide(review, "send_back")
    assert "差し戻す理由を入力してください" in as_page(refused, status=422).text
    assert opened.decide(review, "send_back", "背景を書いてください。").status_code == 302
    lead = opened.lead
    assert "運営者から：背景を書いてください。" in lead.page(address).text
    opened.save(lead, address, {"background": "紙の申請が多かったためです。"})
    assert opened.submit(address).status_code == 302
    assert opened.decide(opened.waiting(), "approve", "よく分かりました。").status_code == 302
    with opened.database.read_session() as session:
        case = session.scalars(select(Case).where(Case.title.contains(MARK))).one()
        assert (case.lead_body_name, case.fictional, case.prefecture_code) == (
            "架空中央市",
            True,
            "99",
        )
        assert (case.contract_amount_yen, case.tax_included) == (1_200_000, True)
        assert case.measured_effects == ["作成時間が3割減った", "問い合わせが半分になった"]
        assert str(case.contract_start) == "2026-04-01"
        titles = [notice.title for notice in session.scalars(select(Notice).order_by(Notice.id))]
        assert [title.split("」")[1] for title in titles] == [
            "の審査が必要です",
            "の提出が差し戻されました",
            "の審査が必要です",
            "を公開しました",
        ]
        bodies = " ".join(session.scalars(select(OutboxMail.body)))
        assert "背景を書いてください。" in bodies
        assert "よく分かりました。" in bodies
        verdicts = session.scalars(select(CaseReview.verdict).order_by(CaseReview.submission_id))
        assert verdicts.all() == ["sent_back", "approved"]
        events = [
            event.action for event in session.scalars(select(AuditEvent).order_by(AuditEvent.seq))
        ]
        assert events[-7:] == [
            *("start_case", "save_case", "submit_case", "send_back_case"),
            *("save_case", "submit_case", "approve_case"),
        ]
        number = case.id
    public = opened.reader().page(f"/cases/{number}")
    assert "ノウハウ未登録" in public.text
    assert "紙の申請が多かったためです。" in public.text
    assert MARK in opened.reader().page("/cases").text


def test_before_it_is_approved_nobody_else_sees_a_word(opened: Opened) -> None:
    address = opened.start()
    opened.submit(address)
    for email in ("", opened.stranger, opened.catalog.vendor_email, opened.operator):
        client = opened.reader(email)
        for path in ("/cases", "/", "/cases/own", "/api/v1/cases", "/feeds/cases.atom"):
            assert MARK not in client.get(path, follow_redirects=True).text, (email, path)
        found = client.get(f"/api/v1/search?kind=case&q={MARK}").get_json()
        assert MARK not in str(found["results"])
        assert MARK.encode() not in client.get("/open-data/cases.zip").data
        assert client.get("/api/v1/cases").get_json()["total"] == 3
    stranger = opened.reader(opened.stranger)
    for path in (address, f"{address}/submit"):
        assert stranger.get(path).status_code == 404
    assert opened.reader(opened.catalog.vendor_email).get(address).status_code == 403
    assert MARK in opened.reader(opened.colleague).page(address).text


def test_two_people_at_once_lose_nothing(opened: Opened) -> None:
    address = opened.start()
    lead, colleague = opened.lead, opened.reader(opened.colleague)
    mine = lead.page(address).form(address, button="下書きを保存")
    theirs = colleague.page(address).form(address, button="下書きを保存")
    assert theirs.submit(colleague, background="同僚の背景").status_code == 302
    page = as_page(mine.submit(lead, background="わたしの背景"), status=409)
    assert "同僚の背景" in page.text
    again = page.form(address, button="下書きを保存")
    assert again.values["background"] == "わたしの背景"
    assert again.submit(lead).status_code == 302
    assert (
        opened.lead.page(address).form(address, button="下書きを保存").values["background"]
        == "わたしの背景"
    )


def test_kinds_and_bodies_are_called_by_name_wherever_people_read_them(opened: Opened) -> None:
    address = opened.start()
    lead, colleague = opened.lead, opened.reader(opened.colleague)
    mine = lead.page(address).form(address, button="下書きを保存")
    theirs = colleague.page(address).form(address, button="下書きを保存")
    assert theirs.submit(colleague, system_type_code="", participants="").status_code == 302
    page = as_page(mine.submit(lead, background="わたしの背景"), status=409)
    rows = {row["項目"]: row["後"] for row in page.table("先に保存された内容（前）")}
    assert rows["システム種別"] == "生成AI"
    assert page.form(address, button="下書きを保存").submit(lead).status_code == 302
    assert opened.submit(address).status_code == 302
    review = opened.reader(opened.operator).page(opened.waiting())
    for shown in (page, review, lead.page(f"{address}/submit")):
        assert "generative_ai" not in shown.soup.main.get_text()
    assert "幹事団体への返信" in review.text
    assert "事業者への返信" not in review.text


def test_an_approval_reaches_only_what_was_seen(opened: Opened) -> None:
    address = opened.start()
    opened.submit(address)
    operator = opened.reader(opened.operator)
    review = opened.waiting()
    form = operator.page(review).form(review, button="承認して公開")
    opened.save(opened.lead, address, {"background": "見ていない内容"})
    opened.submit(address)
    answer = form.submit(operator, do="approve")
    assert "新しい提出に置き換え" in as_page(answer, status=409).text
    with opened.database.read_session() as session:
        assert session.scalar(select(Case).where(Case.title.contains(MARK))) is None
    assert opened.decide(opened.waiting(), "approve").status_code == 302
    opened.save(opened.lead, address, {"background": "公開の後の下書き"})
    with opened.database.read_session() as session:
        case = session.scalars(select(Case).where(Case.title.contains(MARK))).one()
        assert case.background == "見ていない内容"


def test_a_published_case_is_changed_after_the_operators_look(opened: Opened) -> None:
    lead = opened.lead
    form = lead.page("/cases/own").form(f"/cases/{opened.catalog.case}/change")
    address = form.submit(lead).location
    shown = lead.page(address).form(address, button="下書きを保存")
    assert shown.values["know_how"] == "仕様を先に決めると早く進みました。"
    assert shown.values["offering_keys"].strip() == str(opened.catalog.offering)
    refused = opened.submit(address)
    assert "変わったところがありません" in as_page(refused, status=422).text
    opened.save(lead, address, {"title": f"改めた件名 {MARK}", "contract_amount_yen": "1300000"})
    [title, amount] = lead.page(f"{address}/submit").table("公開中の事例からの変更")
    assert (title["項目"], amount["前"], amount["後"]) == ("件名", "1,200,000円", "1,300,000円")
    assert opened.submit(address).status_code == 302
    public = f"/cases/{opened.catalog.case}"
    assert MARK not in opened.reader().page(public).text
    with opened.database.transaction() as session:  # the lead's yearly refresh came between
        session.get_one(Case, opened.catalog.case).know_how = "別の人が足したノウハウ"
    answer = opened.decide(opened.waiting(), "approve")
    assert "公開中の事例が変わっています" in as_page(answer, status=422).text
    assert opened.submit(address).status_code == 302
    assert opened.decide(opened.waiting(), "approve").status_code == 302
    assert MARK in opened.reader().page(public).text


def test_what_cannot_stand_is_refused_beside_its_field(opened: Opened) -> None:
    address = opened.start()
    lead = opened.lead
    for name, value in {
        "contract_amount_yen": "たくさん",
        "participants": "123456",
        "offering_keys": "99999",
        "contract_start": "2026-02-30",
        "title": "あ" * 4001,
    }.items():
        page = as_page(opened.save(lead, address, {name: value}), status=422)
        assert page.soup.select_one(f"#{name}-error"), name
        assert page.form(address, button="下書きを保存").values[name].strip() == value
    for name, value in {
        "title": "",
        "contact_office": "joho@city.example",
        "system_type_code": "",
        "source_url": "javascript:alert(1)",
    }.items():
        assert opened.save(lead, address, {name: value}).status_code == 302
        page = lead.page(f"{address}/submit")
        assert page.soup.select_one(f'#blockers a[href$="#{name}"]'), name
        assert page.soup.select_one("main form") is None
        opened.save(lead, address, FILLED | {"source_url": ""})


def test_it_can_be_taken_back_while_it_waits(opened: Opened) -> None:
    address = opened.start()
    opened.submit(address)
    lead = opened.lead
    form = lead.page(address).form(f"{address}/recall")
    assert form.submit(lead).status_code == 302
    assert MARK not in opened.reader(opened.operator).page("/admin/reviews").text
    assert form.submit(lead).status_code == 409


def test_past_the_operators_deadline_the_lead_publishes_it_with_a_mark(opened: Opened) -> None:
    address = opened.start()
    opened.submit(address)
    page = opened.lead.page(address)
    assert "運営者の審査の期限は" in page.text
    assert not page.soup.select("#publish")
    assert "（期限 " in opened.reader(opened.operator).page("/admin/reviews").text
    opened.app.config["MOYAI_NOW"] = (now_of(opened.app) + timedelta(days=40)).isoformat()
    assert "を過ぎています" in opened.reader(opened.operator).page("/admin/reviews").text
    lead = opened.lead
    done = lead.page(address).form(f"{address}/publish").submit(lead)
    assert done.status_code == 302
    public = opened.reader().page(done.location)
    assert MARK in public.text and "運営者未確認" in public.text
    assert "運営者の確認なしで公開" in lead.page(address).text
