"""A body's own papers: consent, own ceiling, approval sheet. Nobody else's."""

import pytest

from tests.harness.client import as_page
from tests.harness.example_projects import (
    AGREEMENT,
    ASKED_MANAGER,
    ASKED_STAFF,
    AUDITOR,
    FORMING,
    JOINING_MANAGER,
    JOINING_STAFF,
    LEAD_MANAGER,
    OPERATOR,
    VENDOR,
    project_path,
    signed_in,
)

MARK = "7,654,321"
PLAIN_MARK = "7654321"


def test_the_manager_consents_with_a_maximum_of_share_and_tolerance(fresh_app):
    client = signed_in(fresh_app, ASKED_MANAGER)
    page = client.page(project_path(fresh_app, AGREEMENT, "consent"))
    form = page.form("/consent", button="同意する")
    years = page.table("年度ごとの負担")[:-1]
    maxima = [int(v) for n, v in form.values.items() if n.startswith("maximum_")]
    shares = [int(row["負担額"].rstrip("円").replace(",", "")) for row in years]
    assert maxima == [share + max(share * 3 // 100, 1) for share in shares]
    low = as_page(
        form.submit(
            client,
            {next(n for n in form.names if n.startswith("maximum_")): "1"},
            approval_date="2026-11-19",
            approval_number="第2号",
        ),
        status=409,
    )
    assert "下回っています" in low.text
    given = form.submit(client, approval_date="令和8年11月19日", approval_number="第2号")
    assert given.status_code == 302
    after = client.page(project_path(fresh_app, AGREEMENT, "consent"))
    assert "第2号" in after.text and "あらためて同意する必要はありません" in after.text
    assert "令和8年11月19日" in after.text
    agreed = [row["同意した上限額"] for row in after.table("年度ごとの負担")[:-1]]
    assert agreed == [f"{maximum:,}円" for maximum in maxima]
    sheet = client.page(project_path(fresh_app, AGREEMENT, "sheet"))
    assert "負担案への同意の決裁" in sheet.text and "令和8年11月19日 第2号" in sheet.text
    withdrawn = after.form("/consent/withdraw").submit(client)
    assert withdrawn.status_code == 302
    assert client.page(project_path(fresh_app, AGREEMENT, "consent")).form("/consent")


@pytest.mark.parametrize("version", ["abc", "1.5", "-1", "１", "99"])
def test_a_consent_to_a_version_that_is_none_is_refused_with_words(fresh_app, version):
    client = signed_in(fresh_app, ASKED_MANAGER)
    page = client.page(project_path(fresh_app, AGREEMENT, "consent"))
    form = page.form("/consent", button="同意する")
    answer = form.submit(
        client, {"version": version}, approval_date="2026-11-19", approval_number="第2号"
    )
    assert "新しい版を確かめてください" in as_page(answer, status=409).text


def test_a_consent_to_an_endless_version_number_is_no_consent(fresh_app):
    client = signed_in(fresh_app, ASKED_MANAGER)
    form = client.page(project_path(fresh_app, AGREEMENT, "consent")).form(
        "/consent", button="同意する"
    )
    answer = form.submit(
        client, {"version": "9" * 5000}, approval_date="2026-11-19", approval_number="第2号"
    )
    assert answer.status_code == 422
    again = client.page(project_path(fresh_app, AGREEMENT, "consent"))
    assert again.form("/consent", button="同意する")


def test_staff_see_the_consent_page_without_a_form(app):
    page = signed_in(app, ASKED_STAFF).page(project_path(app, AGREEMENT, "consent"))
    assert "決裁者だけ" in page.text
    assert page.soup.select("#consent-submit") == []


def test_consent_pages_of_bodies_that_have_no_place_do_not_exist(app):
    for page in ("consent", "own"):
        path = project_path(app, AGREEMENT, page)
        assert signed_in(app, JOINING_MANAGER).get(path).status_code == 404


def test_the_sheet_says_what_the_issue_asks_for_on_one_page(app):
    page = signed_in(app, ASKED_STAFF).page(project_path(app, AGREEMENT, "sheet"))
    for words in (
        "目的",
        "参加団体",
        "共同での負担",
        "単独の場合",
        "差額",
        "負担ルール",
        "契約の形",
        "日程",
        "途中離脱",
        "出典",
        "綱ノ江市",
        "架空",
    ):
        assert words in page.text, words
    assert page.soup.select("main form") == []


def test_the_sheet_is_of_the_own_body_and_there_before_joining(app, client):
    before = signed_in(app, JOINING_STAFF).page(project_path(app, FORMING, "sheet"))
    assert "縄手浦町" in before.text and "概算" in before.text
    assert "綱ノ江市" not in before.text
    path = project_path(app, FORMING, "sheet")
    assert client.get(path).status_code == 302
    assert signed_in(app, VENDOR).get(path).status_code == 403


def test_an_internal_ceiling_is_seen_by_its_body_alone(fresh_app):
    path = project_path(fresh_app, AGREEMENT, "own")
    owner = signed_in(fresh_app, ASKED_MANAGER)
    form = owner.page(path).form("/own/ceiling")
    kept = form.submit(owner, amount_yen=PLAIN_MARK, shown_to_secretariat=None)
    assert kept.status_code == 302
    assert owner.page(path).form("/own/ceiling").values["amount_yen"] == PLAIN_MARK
    places = ["", "members", "sharing", "history", "consent", "own", "sheet", "costs", "edit"]
    others = (LEAD_MANAGER, AUDITOR, OPERATOR, VENDOR, JOINING_MANAGER)
    for email in others:
        reader = signed_in(fresh_app, email)
        paths = [project_path(fresh_app, AGREEMENT, place) for place in places]
        for address in [*paths, "/inbox", "/", "/audit", "/api/v1/projects"]:
            answer = reader.get(address, follow_redirects=True)
            assert MARK not in answer.text and PLAIN_MARK not in answer.text, (email, address)
    ticked = owner.page(path).form("/own/ceiling")
    assert ticked.submit(owner, shown_to_secretariat="y").status_code == 302
    lead = signed_in(fresh_app, LEAD_MANAGER)
    assert MARK in lead.page(project_path(fresh_app, AGREEMENT, "members")).text
    auditor = signed_in(fresh_app, AUDITOR)
    assert MARK not in auditor.page(project_path(fresh_app, AGREEMENT, "members")).text


def test_the_second_who_saves_a_ceiling_sees_the_firsts(fresh_app):
    path = project_path(fresh_app, AGREEMENT, "own")
    owner = signed_in(fresh_app, ASKED_MANAGER)
    first, second = (owner.page(path).form("/own/ceiling") for _ in range(2))
    assert first.submit(owner, amount_yen="1,500,000").status_code == 302
    page = as_page(second.submit(owner, amount_yen="1800000"), status=409)
    assert (
        "先に自団体上限額を変えました" in page.text and "保存されている額：1,500,000円" in page.text
    )
    again = page.form("/own/ceiling")
    assert again.values["amount_yen"] == "1800000"
    assert again.submit(owner, {}).status_code == 302
    assert owner.page(path).form("/own/ceiling").values["amount_yen"] == "1800000"


@pytest.mark.parametrize("email", [ASKED_STAFF, LEAD_MANAGER])
def test_the_ceiling_form_is_for_the_bodys_manager(app, email):
    page = signed_in(app, email).page(project_path(app, AGREEMENT, "own"))
    button = page.soup.select_one("#ceiling-submit")
    assert button.has_attr("disabled") == (email == ASKED_STAFF)


def test_the_desk_of_a_body_lists_what_waits(app):
    page = signed_in(app, ASKED_STAFF).page("/desk/body")
    assert "への同意" in page.text
    assert {row["案件"].split("（")[0] for row in page.table("自団体が関わる案件")}


def test_a_share_over_the_own_ceiling_warns_the_body_alone(fresh_app):
    owner = signed_in(fresh_app, ASKED_MANAGER)
    consent = project_path(fresh_app, AGREEMENT, "consent")
    form = owner.page(project_path(fresh_app, AGREEMENT, "own")).form("/own/ceiling")
    assert form.submit(owner, amount_yen="3").status_code == 302
    for reader in (owner, signed_in(fresh_app, ASKED_STAFF)):
        page = reader.page(consent)
        assert "自団体上限額を超えています" in page.text and "年額 3円" in page.text
        join = reader.page(project_path(fresh_app, AGREEMENT, "join"))
        assert "自団体上限額を超える見込みがあります" in join.text
    lead = signed_in(fresh_app, LEAD_MANAGER).page(consent)
    assert "年額 3円" not in lead.text
    for email in (LEAD_MANAGER, AUDITOR):
        reader = signed_in(fresh_app, email)
        for place in ("", "members", "sharing", "history"):
            text = reader.page(project_path(fresh_app, AGREEMENT, place)).text
            assert "年額 3円" not in text, (email, place)
    high = owner.page(project_path(fresh_app, AGREEMENT, "own")).form("/own/ceiling")
    assert high.submit(owner, amount_yen="900,000,000").status_code == 302
    assert "自団体上限額を超え" not in owner.page(consent).text


def test_a_body_changes_its_answers_and_the_second_saver_sees_it(fresh_app):
    manager = signed_in(fresh_app, JOINING_MANAGER)
    join = manager.page(project_path(fresh_app, FORMING, "join")).form("/join", button="参加する")
    answers = {"approval_date": "2026-11-19", "approval_number": "第1号"}
    assert join.submit(manager, answers).status_code == 302
    path = project_path(fresh_app, FORMING, "own")
    first = manager.page(path).form("/own/answers")
    second = manager.page(path).form("/own/answers")
    assert first.submit(manager, quantity="８，０００", note="議会で説明済み").status_code == 302
    page = as_page(second.submit(manager, quantity="7000"), status=409)
    assert "先に参加の内容を変えました" in page.text and "8,000" in page.text
    kept = page.form("/own/answers")
    assert kept.values["quantity"] == "7000"
    assert kept.submit(manager).status_code == 302
    assert manager.page(path).form("/own/answers").values["quantity"] == "7000"
    wrong = as_page(
        manager.page(path).form("/own/answers").submit(manager, quantity="-1"), status=422
    )
    assert wrong.soup.select_one("#quantity-error") is not None
