"""The vendor's desk and the review queue by pages: every refusal says why and loses nothing."""

import io
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from accounts.models import Organization
from accounts.roles import Role
from foundation.db import Database
from tests.harness.builders import corporate_number, make_organization, make_user
from tests.harness.catalog import (
    GOVERNMENT_MARK,
    SmallCatalog,
    decide_common_target,
    open_catalog,
)
from tests.harness.client import StrictClient, as_page
from tests.harness.example import sign_in
from tests.harness.page import Page, text_of
from tests.harness.queries import counted_queries

NEW = "spec_conformance-new"
SECTIONS: dict[str, dict[str, Any]] = {
    "purpose": {"purposes": ["staff_work"], "delivery_model": "saas"},
    "network": {"lgwan_endpoint": "no"},
    "hosting": {"hosting": "other_cloud", "data_location": "domestic"},
    "security": {"certifications": ["none"], "security_measures": GOVERNMENT_MARK},
    "fit": {"customization_policy": "none"},
    "exit": {
        "export_formats": ["csv"],
        "exit_support": "included",
        "exit_notice_months": "３か月",
        "deletion_proof": "yes",
        "other_cloud": "data_only",
    },
}
TIERS = {
    "name": "標準",
    "components-0-name": "利用料",
    "components-0-kind": "recurring",
    "components-0-period": "month",
    "components-0-unit": "account",
    "components-0-tiers-0-from_qty": "1",
    "components-0-tiers-0-to_qty": "100",
    "components-0-tiers-0-unit_price": "１，０００円",
    "components-0-tiers-1-from_qty": "101",
    "components-0-tiers-1-to_qty": "500",
    "components-0-tiers-1-unit_price": "800.5",
    "components-0-tiers-2-from_qty": "501",
    "components-0-tiers-2-unit_price": "600",
}


class Office:
    """An application with a vendor, its colleague and an operator at their desks."""

    def __init__(self, app: Flask, catalog: SmallCatalog) -> None:
        self.app = app
        self.catalog = catalog
        self.database: Database = app.extensions["moyai_database"]
        with self.database.transaction() as session:
            vendor = session.query(Organization).filter_by(kind="vendor").order_by("id").first()
            other = session.query(Organization).filter_by(kind="vendor").order_by("id").all()[1]
            assert vendor
            operator = make_organization(session, "operator", alternate_key="operator")
            self.emails = {
                "vendor": catalog.vendor_email,
                "colleague": make_user(session, vendor, Role.VENDOR_MANAGER).email,
                "other": make_user(session, other, Role.VENDOR_STAFF).email,
                "operator": make_user(session, operator, Role.OPERATOR).email,
                "staff": catalog.staff_email,
            }

    def person(self, who: str) -> StrictClient:
        client = StrictClient(self.app)
        sign_in(client, self.emails[who])
        return client


@pytest.fixture(scope="module")
def office(empty_sqlite: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    with open_catalog(empty_sqlite, tmp_path_factory.mktemp("desk-pages")) as (app, catalog):
        yield Office(app, catalog)


@pytest.fixture
def vendor(office: Office) -> StrictClient:
    return office.person("vendor")


def start(vendor: StrictClient, name: str = "架空メモ") -> str:
    """The address of a new entry's page."""
    form = vendor.page("/desk/vendor/offerings/new").form("/offerings/new")
    sent = {"name": name, "summary": "架空の記録です。", "system_type_code": "generative_ai"}
    answer = form.submit(vendor, sent)
    assert answer.status_code == 302
    return answer.location


def with_tiers(vendor: StrictClient, base: str, tiers: dict[str, str] = TIERS) -> Any:
    """The plan editor with two more tiers, filled in; a function that presses a button."""
    page = vendor.page(vendor.page(f"{base}/prices").link("料金プランを加える"))
    for _ in range(2):
        answer = page.form("/plans/").submit(vendor, do="add-tier:0")
        page = as_page(answer, status=200)
    form = page.form("/plans/")

    def press(button: str) -> Any:
        return form.submit(vendor, dict(tiers), do=button)

    return press


def complete(vendor: StrictClient, name: str = "架空メモ") -> str:
    base = start(vendor, name)
    for key, answers in SECTIONS.items():
        answer = vendor.page(f"{base}/{key}").form(f"/{key}").submit(vendor, answers, do="save")
        assert answer.status_code == 302, as_page(answer).text
    assert with_tiers(vendor, base)("save").status_code == 302
    return base


def hand_in(vendor: StrictClient, base: str, note: str = "") -> None:
    answer = vendor.page(f"{base}/submit").form("/submit").submit(vendor, change_note=note)
    assert answer.status_code == 302, as_page(answer).text


def review_of(operator: StrictClient, name: str) -> str:
    """The address of the waiting submission of that name."""
    return operator.page("/admin/reviews").link(name)


def decide(operator: StrictClient, address: str, do: str, reply: str = "") -> Any:
    return operator.page(address).form("/admin/reviews").submit(operator, {"reply": reply}, do=do)


def errors(page: Page) -> list[str]:
    return [text_of(tag) for tag in page.soup.select(".dads-form-control__error")]


def test_from_the_first_draft_to_the_second_version(office: Office, vendor: StrictClient) -> None:
    base = complete(vendor)
    hand_in(vendor, base)
    waits = vendor.page(base).text
    assert "運営者の審査を待っています" in waits and "運営者の審査の期限は令和8年" in waits
    operator = office.person("operator")
    address = review_of(operator, "架空メモ")
    assert GOVERNMENT_MARK in operator.page(address).text
    refused = decide(operator, address, "send_back")
    assert "差し戻す理由を入力してください" in as_page(refused, status=422).text
    assert decide(operator, address, "send_back", "概要を詳しく。").status_code == 302
    assert "運営者から：概要を詳しく。" in vendor.page(base).text
    assert "差し戻されました：概要を詳しく。" in vendor.page("/desk/vendor").text
    form = vendor.page(f"{base}/basic").form("/basic")
    form.submit(vendor, summary="会議の記録を残す架空のサービスです。", do="save")
    hand_in(vendor, base, "概要を直しました")
    decide(operator, review_of(operator, "架空メモ"), "approve", "確認しました。")
    public = base.replace("/desk/vendor", "")
    assert "会議の記録を残す" in StrictClient(office.app).page(public).text
    assert "架空メモ" in StrictClient(office.app).page("/search?q=架空メモ").text

    # A price raised waits; readers see the old one until the operator has looked.
    edit = vendor.page(vendor.page(f"{base}/prices").link("編集")).form("/plans/")
    edit.submit(vendor, {"components-0-tiers-0-unit_price": "1100"}, do="save")
    assert "運営者が確認してから公開されます" in vendor.page(f"{base}/submit").text
    hand_in(vendor, base, "値上げ")
    assert "1,000円" in StrictClient(office.app).page(public).text
    address = review_of(operator, "架空メモ")
    assert "1〜100：1,100円" in operator.page(address).text
    decide(operator, address, "approve")
    visitor = StrictClient(office.app)
    assert "1〜100：1,100円" in visitor.page(public).text
    assert "1〜100：1,000円" in visitor.page(f"{public}/versions/1").text
    [change] = visitor.page(f"{public}/versions/2/changes").table("第1版から第2版")
    assert "1〜100：1,000円" in change["前"]
    assert "1〜100：1,100円" in change["後"]


def test_a_draft_may_be_incomplete_and_says_what_is_missing(vendor: StrictClient) -> None:
    base = start(vendor, "架空の半分")
    page = vendor.page(base)
    rows = {row["画面"]: row["公開に必要な残り"] for row in page.table("回答の進み具合")}
    assert "「設置場所」は必ず回答してください。" in rows["設置とデータの所在"]
    assert rows["試用と契約期間"] == "なし"
    page = vendor.page(f"{base}/submit")
    assert "まだ提出できません" in page.text
    assert f"{base}/hosting" in page.links
    assert page.link("料金プランを1つ以上") == f"{base}/prices"
    with pytest.raises(AssertionError, match="no form"):
        page.form("/submit", button="提出する")


BROKEN = {
    "number": ("purpose", {"introduction_records": "たくさん"}, "整数として読めません"),
    "day": ("purpose", {"service_started_on": "令和8年13月1日"}, "日付"),
    "percent": ("operation", {"sla_availability": "１２０"}, "100まで"),
    "none and more": ("security", {"certifications": ["ismap", "none"]}, "一緒に選べません"),
    "planned when": ("functions", {"functions-search-state": "planned"}, "対応予定の時期"),
    "row without answer": ("functions", {"functions-search-when": "いつか"}, "「対応」を入力"),
    "unknown choice": ("hosting", {"hosting": "moon"}, "選択肢"),
    "spec": ("fit", {"spec_conformance": "ない仕様書|1|適合"}, "仕様書「ない仕様書」"),
    "spec without status": ("fit", {f"{NEW}-spec": "disaster-model"}, "状況を選んでください"),
    "version of no spec": ("fit", {f"{NEW}-version": "1.0版"}, "仕様書を選んでください"),
    "verified by nobody": (
        "fit",
        {f"{NEW}-spec": "disaster-model", f"{NEW}-status": "verified", f"{NEW}-gaps": "一;二"},
        "確認した者を書いてください",
    ),
    **{
        f"sign that parts cells in {name}": (
            "fit",
            {
                f"{NEW}-spec": "disaster-model",
                f"{NEW}-status": "verified",
                f"{NEW}-verified_by": "架空県",
                f"{NEW}-{name}": "1.0|改",
            },
            "「｜」は使えません",
        )
        for name in ("version", "verified_by", "gaps")
    },
    "too long": ("security", {"certification_details": "あ" * 5001}, "5,000文字以内"),
    "no name": ("basic", {"name": " "}, "入力してください"),
}


@pytest.fixture(scope="module")
def started(office: Office) -> str:
    return start(office.person("vendor"), "架空の入力")


@pytest.mark.parametrize("kind", BROKEN)
def test_an_error_stands_beside_its_field_and_nothing_typed_is_lost(
    vendor: StrictClient, started: str, kind: str
) -> None:
    key, typed, said = BROKEN[kind]
    answer = vendor.page(f"{started}/{key}").form(f"/{key}").submit(vendor, typed, do="save")
    page = as_page(answer, status=422)
    assert any(said in error for error in errors(page)), errors(page)
    form = page.form(f"/{key}")
    for name, value in typed.items():
        if value not in ("moon", " "):
            assert form.values.getlist(name) == (value if isinstance(value, list) else [value])


PLANS: dict[str, tuple[dict[str, str], str]] = {
    "gap": ({"components-0-tiers-1-from_qty": "121"}, "101から120までの単価がありません"),
    "overlap": (
        {"components-0-tiers-1-from_qty": "90"},
        "第2段階（90から）が第1段階（100まで）と重な",
    ),
    "rising": (
        {"components-0-tiers-1-unit_price": "1500"},
        "第2段階（101から）の単価1500円が第1段階",
    ),
    "closed end": ({"components-0-tiers-2-to_qty": "900"}, "901からの単価がありません"),
    "no price": ({"components-0-tiers-2-unit_price": ""}, "第3段階の単価を入力"),
    "backwards": ({"components-0-tiers-0-to_qty": "0"}, "1以上"),
    "no number": ({"components-0-tiers-0-unit_price": "やすい"}, "金額として読めません"),
    "places": ({"components-0-tiers-2-unit_price": "0.00001"}, "小数第4位"),
    "period": ({"components-0-period": "once"}, "月額か年額"),
    "no name": ({"components-0-name": " "}, "入力してください"),
}


@pytest.mark.parametrize("kind", PLANS)
def test_a_wrong_tier_is_refused_with_its_name(
    vendor: StrictClient, started: str, kind: str
) -> None:
    changes, said = PLANS[kind]
    page = as_page(with_tiers(vendor, started, TIERS | changes)("save"), status=422)
    assert any(said in error for error in errors(page)), errors(page)
    kept = page.form("/plans/").values
    assert all(kept[name] == value for name, value in (TIERS | changes).items() if value.strip())


def test_the_editor_says_what_it_would_cost_and_adds_rows_without_scripts(
    vendor: StrictClient, started: str
) -> None:
    page = as_page(with_tiers(vendor, started)("calculate"), status=200)
    rows = {row["使う団体"]: row for row in page.table("この料金プランでかかる費用")}
    # 80 accounts; 550 = 100 × 1,000 + 400 × 800.5 + 50 × 600 a month.
    assert rows["人口5,000人の町"]["年額"] == "960,000円"
    assert rows["人口80,000人の市"]["年額"] == "5,402,400円"
    assert rows["人口5,000人の町10団体の共同調達"]["年額"] == "9,600,000円"
    joint = TIERS | {"components-0-quantity_basis": "joint"}
    page = as_page(with_tiers(vendor, started, joint)("calculate"), status=200)
    rows = {row["使う団体"]: row for row in page.table("この料金プランでかかる費用")}
    # 800 accounts together: 100 × 1,000 + 400 × 800.5 + 300 × 600 a month.
    assert rows["人口5,000人の町10団体の共同調達"]["年額"] == "7,202,400円"
    assert "720,240円" in rows["人口5,000人の町10団体の共同調達"]["年額の1団体当たり"]
    form = page.form("/plans/")
    fewer = as_page(form.submit(vendor, do="remove-tier:0:1"), status=200)
    assert "components-0-tiers-1-unit_price" not in fewer.form("/plans/").values
    more = as_page(form.submit(vendor, do="add-component"), status=200)
    assert "components-1-name" in more.form("/plans/").values
    back = as_page(more.form("/plans/").submit(vendor, do="remove-component:1"), status=200)
    assert "components-1-name" not in back.form("/plans/").values


@pytest.mark.parametrize(
    "sent",
    [
        {"do": "remove-tier:99:99"},
        {"do": "add-tier:5"},
        {"do": "remove-component"},
        {"do": "remove-tier:0"},
        {"do": "x" * 500},
        {"components-²-name": "x", "do": "add-component"},
        {"components-999-name": "x", "do": "calculate"},
        {"components-0-key": "<b>", "do": "calculate"},
        {"components-0-kind": "moon", "do": "save"},
        {"components-0-unit_size": "0", "do": "save"},
        {"seen_sha256": "0", "do": "save"},
    ],
)
def test_a_tampered_editor_is_answered_with_a_page(
    vendor: StrictClient, started: str, sent: dict[str, str]
) -> None:
    page = vendor.page(vendor.page(f"{started}/prices").link("料金プランを加える"))
    answer = page.form("/plans/").submit(vendor, TIERS | sent)
    assert answer.status_code in (200, 409, 422)
    as_page(answer)


def test_the_second_of_two_sees_what_the_first_saved_and_decides(
    office: Office, vendor: StrictClient
) -> None:
    base = start(vendor, "架空の二人")
    colleague = office.person("colleague")
    forms = [one.page(f"{base}/hosting").form("/hosting") for one in (vendor, colleague)]
    assert forms[0].submit(vendor, hosting="other_cloud", do="save").status_code == 302
    answer = forms[1].submit(colleague, hosting="on_premises", data_location="domestic", do="save")
    page = as_page(answer, status=409)
    rows = {row["項目"]: row for row in page.table("先に保存された内容")}
    assert (rows["設置場所"]["前"], rows["設置場所"]["後"]) == ("その他のクラウド", "庁内設置")
    kept = page.form("/hosting")
    assert kept.values["hosting"] == "on_premises"
    assert kept.submit(colleague, do="save").status_code == 302
    assert colleague.page(f"{base}/hosting").form("/hosting").values["hosting"] == "on_premises"


def test_a_plan_is_found_again_by_its_name_when_places_move(
    office: Office, vendor: StrictClient
) -> None:
    """Somebody takes the first plan out while the second is open: neither is written over."""
    base = complete(vendor, "架空の二つのプラン")
    colleague = office.person("colleague")
    new = vendor.page(vendor.page(f"{base}/prices").link("料金プランを加える"))
    assert new.form("/plans/").submit(vendor, TIERS | {"name": "大口"}, do="save").location
    links = [one["href"] for one in vendor.page(f"{base}/prices").soup.select("a[href*='/plans/']")]
    first, second = (link for link in links if not link.endswith("/new"))
    opened = [vendor.page(address).form("/plans/") for address in (first, second)]

    def take_first_out() -> None:
        assert colleague.page(f"{base}/prices").form("/0/remove").submit(colleague).location

    def names() -> list[str]:
        return [text_of(one) for one in vendor.page(f"{base}/prices").soup.select("h3")]

    take_first_out()
    answer = opened[1].submit(vendor, price_basis="定価", do="save")
    page = as_page(answer, status=409)
    assert "先に料金を保存しました" in page.text
    assert page.form("/plans/").submit(vendor, do="save").location
    assert names() == ["大口"]
    page = as_page(opened[0].submit(vendor, price_basis="据え置き", do="save"), status=409)
    assert "新しいプランとして加わります" in page.text
    assert page.form("/plans/").values["price_basis"] == "据え置き"
    assert page.form("/plans/").submit(vendor, do="save").location
    assert names() == ["大口", "標準"]


def test_an_approval_of_what_was_replaced_says_so(office: Office, vendor: StrictClient) -> None:
    base = complete(vendor, "架空の差替え")
    hand_in(vendor, base)
    operator = office.person("operator")
    address = review_of(operator, "架空の差替え")
    form = operator.page(address).form("/admin/reviews")
    vendor.page(f"{base}/basic").form("/basic").submit(vendor, summary="別の概要", do="save")
    hand_in(vendor, base)
    page = as_page(form.submit(operator, do="approve"), status=409)
    assert "すでに処理されています（新しい提出に置き換え）" in page.text
    assert StrictClient(office.app).get(base.replace("/desk/vendor", "")).status_code == 404


def test_a_recalled_submission_leaves_the_queue(office: Office, vendor: StrictClient) -> None:
    base = complete(vendor, "架空の取下げ")
    hand_in(vendor, base)
    vendor.page(base).form("/recall/").submit(vendor)
    assert "提出を取り下げ" in vendor.page(base).text or "下書き" in vendor.page(base).text
    queue = office.person("operator").page("/admin/reviews")
    waiting = [row["名称"] for row in queue.table("審査・確認を待つ提出")]
    assert not any("架空の取下げ" in name for name in waiting)


def test_a_draft_nobody_saw_is_thrown_away_after_a_look_at_what_goes(
    office: Office, vendor: StrictClient
) -> None:
    base = complete(vendor, "架空の捨てる下書き")
    link = vendor.page(base).link("下書きを捨てる")
    assert link == f"{base}/throw-away"
    page = vendor.page(link)
    assert "元に戻せません" in page.text and "架空の捨てる下書き" in page.text
    form = page.form("/throw-away", button="下書きを捨てる")
    stale = as_page(form.submit(vendor, seen_sha256="of another content"), status=409)
    assert "先に変更しました" in stale.text
    answer = stale.form("/throw-away").submit(vendor)
    assert answer.location == "/desk/vendor"
    desk = vendor.page("/desk/vendor").text
    assert "「架空の捨てる下書き」の下書きを捨てました" in desk
    assert "架空の捨てる下書き" not in vendor.page("/desk/vendor").text
    for address in (base, link, f"{base}/submit", base.replace("/desk/vendor", "")):
        assert vendor.get(address).status_code == 404, address
    assert form.submit(vendor).status_code == 404


def test_what_was_handed_in_says_why_it_cannot_be_thrown_away(
    office: Office, vendor: StrictClient
) -> None:
    base = complete(vendor, "架空の提出済み")
    form = vendor.page(f"{base}/throw-away").form("/throw-away")
    hand_in(vendor, base)
    refused = as_page(form.submit(vendor), status=422)
    assert "提出の記録が残るため捨てられません" in refused.text
    assert refused.soup.select_one("#throw-away").has_attr("disabled")
    assert "下書きを捨てる" not in vendor.page(base).text
    published = f"/desk/vendor/offerings/{office.catalog.offering}/throw-away"
    assert "公開されたことのある掲載は捨てられません" in vendor.page(published).text


def test_published_entries_are_renewed_reverted_and_withdrawn(
    office: Office, vendor: StrictClient
) -> None:
    base = f"/desk/vendor/offerings/{office.catalog.offering}"
    public = base.replace("/desk/vendor", "")
    vendor.page(base).form("/renew").submit(vendor)
    changed = vendor.page(base).text
    assert "「認証・登録」は必ず回答してください。" in changed
    assert "置き換わり" in changed
    vendor.page(base).form("/discard").submit(vendor)
    unchanged = vendor.page(base).text
    assert "「認証・登録」は必ず" not in unchanged
    assert "置き換わり" not in unchanged
    answer = vendor.page(base).form("/revert/1").submit(vendor)
    assert answer.location == f"{base}/submit"
    rows = {row["項目"] for row in vendor.page(answer.location).table("公開中の第2版からの変更")}
    assert {"名称", "LGWAN接続口"} <= rows
    form = vendor.page(f"{base}/withdraw").form("/withdraw")
    assert "入力してください" in as_page(form.submit(vendor, reason=" "), status=422).text
    assert form.submit(vendor, reason="販売を終えるため").status_code == 302
    assert "掲載を終了しています" in StrictClient(office.app).page(public).text


def test_the_operator_hides_and_shows_an_entry(office: Office) -> None:
    operator, visitor = office.person("operator"), StrictClient(office.app)
    address = f"/admin/offerings/{office.catalog.second}/suspension"
    form = operator.page(address).form("/suspension")
    assert as_page(form.submit(operator, reason=""), status=422)
    assert form.submit(operator, reason="認証を確認するため").status_code == 302
    assert visitor.get(f"/offerings/{office.catalog.second}").status_code == 404
    operator.page(address).form("/suspension").submit(operator, reason="確認できたため")
    visitor.page(f"/offerings/{office.catalog.second}")


def test_what_was_put_right_is_public_in_the_moment_the_suspension_ends(
    office: Office, vendor: StrictClient
) -> None:
    base = complete(vendor, "架空の停止")
    hand_in(vendor, base)
    operator, visitor = office.person("operator"), StrictClient(office.app)
    decide(operator, review_of(operator, "架空の停止"), "approve")
    public = base.replace("/desk/vendor", "")
    address = operator.page(public).link("この掲載の公開を停止する（運営者）")
    assert "停止する（運営者）" not in visitor.page(public).text
    assert "停止する（運営者）" not in vendor.page(public).text
    form = operator.page(address).form("/suspension")
    assert form.submit(operator, reason="概要が事実と異なる").status_code == 302
    assert visitor.get(public).status_code == 404
    [row] = operator.page("/admin/reviews").table("公開を停止している掲載")
    assert row["理由"] == "概要が事実と異なる"
    assert operator.page("/admin/reviews").link("公開を再開する ：架空の停止") == address
    page = vendor.page(base)
    assert "概要が事実と異なる" in page.text
    assert "公開を停止されています。最後に公開したのは第1版です。" in page.text
    vendor.page(f"{base}/basic").form("/basic").submit(vendor, summary="正しい概要", do="save")
    hand_in(vendor, base)
    waiting = review_of(operator, "架空の停止")
    assert "この掲載は公開を停止しています" in operator.page(waiting).text
    refused = as_page(decide(operator, waiting, "approve"), status=422)
    assert "停止を解いてから" in refused.text
    assert visitor.get(public).status_code == 404
    assert decide(operator, waiting, "resume").status_code == 302
    assert "正しい概要" in visitor.page(public).text
    assert "公開を停止している掲載" not in operator.page("/admin/reviews").text


def test_who_writes_an_entry_is_warned_of_the_policy_and_goes_on(
    office: Office, vendor: StrictClient
) -> None:
    with office.database.transaction() as session:
        decide_common_target(session, "星の観測")
    base = start(vendor, "架空の方針")
    assert "に当たる可能性があります" not in vendor.page(base).text
    form = vendor.page(f"{base}/basic").form("/basic")
    assert form.submit(vendor, summary="星の観測を記録します。", do="save").status_code == 302
    page = vendor.page(base)
    assert "今の下書きは「共通化対象」に当たる可能性があります" in page.text
    assert "そのまま続けられます" in page.text
    assert vendor.get(f"{base}/submit").status_code == 200


def test_ending_an_entry_says_that_what_waits_is_taken_back(
    office: Office, vendor: StrictClient
) -> None:
    base = complete(vendor, "架空の終了")
    hand_in(vendor, base)
    operator = office.person("operator")
    decide(operator, review_of(operator, "架空の終了"), "approve")
    assert "取り下げになります" not in vendor.page(f"{base}/withdraw").text
    vendor.page(f"{base}/basic").form("/basic").submit(vendor, name="架空の終了二", do="save")
    hand_in(vendor, base)
    waiting = operator.page(review_of(operator, "架空の終了二")).form("/admin/reviews")
    page = vendor.page(f"{base}/withdraw")
    assert "審査を待っている提出は取り下げになります" in page.text
    assert page.form("/withdraw").submit(vendor, reason="販売を終えるため").status_code == 302
    assert "掲載を終了しています。最後に公開したのは第1版です。" in vendor.page(base).text
    late = as_page(waiting.submit(operator, {"reply": ""}, do="approve"), status=409)
    assert "事業者が取り下げ" in late.text
    public = StrictClient(office.app).page(base.replace("/desk/vendor", ""))
    assert "このサービスは掲載を終了しています" in public.text
    assert "販売を終えるため" in operator.page("/inbox").text


def test_another_seller_is_found_by_its_corporate_number(
    vendor: StrictClient, started: str
) -> None:
    page = vendor.page(f"{started}/prices")
    for number, said in (("123", "13桁"), (corporate_number("999900000999"), "登録されていません")):
        answer = page.form("/prices").submit(vendor, seller_number=number)
        assert any(said in error for error in errors(as_page(answer, status=422)))
    sent = {"seller_number": corporate_number("999900000902")}
    assert page.form("/prices").submit(vendor, sent).status_code == 302
    again = vendor.page(f"{started}/prices")
    assert "架空ほか株式会社の料金プラン" in again.text
    answer = again.form("/prices").submit(vendor, sent)
    assert "すでに登録" in errors(as_page(answer, status=422))[0]


def everything_public(client: StrictClient, public: str) -> str:
    """What the entry's pages, its API, a search and the downloads say to this reader."""
    number = public.rsplit("/", 1)[1]
    pages = [
        public,
        f"{public}/versions/1",
        f"/offerings/compare?ids={number}",
        "/search?q=架空の秘密",
    ]
    texts = [client.page(path).html for path in pages]
    texts += [client.get(f"/api/v1/offerings/{number}").text, client.get("/api/v1/offerings").text]
    for link in client.page("/open-data").links:
        if link.endswith(".zip"):
            with zipfile.ZipFile(io.BytesIO(client.get(link).data)) as archive:
                texts += [archive.read(name).decode() for name in archive.namelist()]
    return "\n".join(texts)


def test_what_is_written_or_for_bodies_reaches_nobody_else(
    office: Office, vendor: StrictClient
) -> None:
    base = complete(vendor, "架空の秘密")
    hand_in(vendor, base)
    operator = office.person("operator")
    decide(operator, review_of(operator, "架空の秘密"), "approve")
    edit = vendor.page(vendor.page(f"{base}/prices").link("編集")).form("/plans/")
    edit.submit(vendor, {"components-0-tiers-0-unit_price": "73911"}, do="save")
    public = base.replace("/desk/vendor", "")
    readers = [StrictClient(office.app), *map(office.person, ("other", "staff", "operator"))]
    for reader in readers:
        said = everything_public(reader, public)
        assert "73911" not in said
        assert "73,911" not in said
    assert "73,911" not in operator.page("/admin/reviews").text
    vendor.page(base).form("/discard").submit(vendor)

    # An answer for bodies, changed and published: its old and new words are theirs alone.
    form = vendor.page(f"{base}/security").form("/security")
    form.submit(vendor, security_measures="新しい目印4d7", do="save")
    hand_in(vendor, base)
    for who in (StrictClient(office.app), office.person("other")):
        said = everything_public(who, public) + who.page(f"{public}/versions/2/changes").text
        assert "新しい目印4d7" not in said
        assert GOVERNMENT_MARK not in said
    staff = office.person("staff").page(f"{public}/versions/2/changes").text
    assert "新しい目印4d7" in staff
    assert GOVERNMENT_MARK in staff


PRIVATE = ("", "/hosting", "/prices", "/submit", "/withdraw")


def test_whose_entry_it_is_not_finds_nothing(office: Office, started: str) -> None:
    for who, status in (("other", 404), ("staff", 403), ("operator", 403)):
        client = office.person(who)
        for part in PRIVATE:
            assert client.get(f"{started}{part}").status_code == status, (who, part)
    for who in ("vendor", "staff"):
        assert office.person(who).get("/admin/reviews").status_code == 403


def test_a_specification_is_chosen_from_the_list_and_joins_the_lines(
    vendor: StrictClient, started: str
) -> None:
    """Without a script: each saving adds one, and the typed lines stay."""
    chosen = {f"{NEW}-status": "not_conforming", f"{NEW}-gaps": "多言語；音声"}
    for n, spec in enumerate(("disaster-model", "education-security-guideline"), start=1):
        form = vendor.page(f"{started}/fit").form("/fit")
        assert not any(form.values[name] for name in form.names if name.startswith(NEW))
        assert form.submit(vendor, chosen | {f"{NEW}-spec": spec}, do="save").status_code == 302
        lines = vendor.page(f"{started}/fit").form("/fit").values["spec_conformance"].splitlines()
        assert len(lines) == n
    assert lines[0] == "防災アプリ・サービスのモデル仕様書||適合していない||多言語;音声"
    doubled = vendor.page(f"{started}/fit").form("/fit")
    again = doubled.submit(vendor, chosen | {f"{NEW}-spec": "disaster-model"}, do="save")
    assert any("同じ版が2度" in error for error in errors(as_page(again, status=422)))


def test_an_entry_without_draft_asks_the_database_seldom(
    office: Office, vendor: StrictClient
) -> None:
    """What readers see is read once, for the form and for what would change."""
    base = f"/desk/vendor/offerings/{office.catalog.offering}"
    for part in ("", "/basic", "/fit", "/purpose", "/prices", "/submit"):
        vendor.page(f"{base}{part}")
        with counted_queries(office.database.engine) as log:
            vendor.page(f"{base}{part}")
        log.at_most(12)


def test_pages_ask_the_database_seldom(office: Office, vendor: StrictClient, started: str) -> None:
    operator = office.person("operator")
    base = complete(vendor, "架空の数え")
    hand_in(vendor, base)
    address = review_of(operator, "架空の数え")
    asked: list[tuple[Callable[[str], Any], str]] = [
        (vendor.page, "/desk/vendor"),
        *((vendor.page, f"{started}{part}") for part in PRIVATE),
        (operator.page, "/admin/reviews"),
        (operator.page, address),
    ]
    for read, path in asked:
        with counted_queries(office.database.engine) as log:
            read(path)
        log.at_most(12)


def test_a_class_is_confirmed_before_anybody_reads_the_entry(
    office: Office, vendor: StrictClient
) -> None:
    base = complete(vendor, "架空の区分")
    hand_in(vendor, base)
    operator = office.person("operator")
    review = review_of(operator, "架空の区分")
    page = operator.page(operator.page(review).link("国の方針との関係を確認する"))
    assert "まだ公開されていない掲載です" in page.text
    form = page.form("/policy")
    kept = as_page(form.submit(operator, scope="undetermined", basis="資料"), status=422)
    assert kept.form("/policy").values["basis"] == "資料"
    sent = {"scope": "undetermined", "basis": "資料を確かめた。", "reason": "資料では決まらない。"}
    answer = form.submit(operator, **sent)
    assert (answer.status_code, answer.location) == (302, review)
    assert form.submit(operator, **sent).status_code == 409
    assert "確認済み" in operator.page(review).text
    history = vendor.page(base).table("国の方針との関係の履歴")
    assert [row["内容"] for row in history] == ["確認", "推定"]
    assert "資料では決まらない。" in history[0]["根拠と理由"]
    public = base.replace("/desk/vendor", "")
    visitor = StrictClient(office.app)
    assert visitor.get(public).status_code == 404
    operator.page(review).form("/admin/reviews").submit(operator, do="approve")
    assert visitor.page(public).table("国の方針との関係の履歴")[0]["区分"] == "未判定"
