"""What the lead does: open, edit, basis and terms, invite, move on."""

import pytest

from procurement.models import Project
from tests.harness.client import as_page
from tests.harness.example_projects import (
    AGREEMENT,
    ASKED_STAFF,
    COORDINATOR,
    FORMING,
    HIDDEN,
    JOINING_MANAGER,
    JOINING_STAFF,
    LEAD_STAFF,
    VENDOR,
    project_path,
    signed_in,
)

FIELDS = {
    "title": "電子契約サービスの共同調達",
    "system_type_code": "e_contract",
    "purpose": "契約事務を電子化する。",
    "min_participants": "3",
    "join_closes_on": "2026-12-25",
    "term_start": "2027-04-01",
    "term_months": "60",
    "agreement_basis": "project_agreement",
    "consent_closes_on": "2027-02-26",
}


def open_one(client, **changes):
    form = client.page("/projects/new").form("/projects/new", button="案件を作る")
    known = {o["value"] for o in form.tag.select("#system_type_code option")}
    code = FIELDS["system_type_code"] if FIELDS["system_type_code"] in known else "generative_ai"
    return form.submit(client, {**FIELDS, "system_type_code": code, **changes})


def test_a_coordinator_opens_a_project_chooses_basis_and_terms_and_sees_the_preview(fresh_app):
    client = signed_in(fresh_app, COORDINATOR)
    response = open_one(client, system_type_code="generative_ai")
    assert response.status_code == 302
    terms = client.page(response.location)
    plans = [o["value"] for o in terms.soup.select("#price_plan_id option") if o["value"]]
    for plan in plans[:2]:
        added = terms.form("/bases", button="前提に加える").submit(client, price_plan_id=plan)
        assert added.status_code == 302
    terms = client.page(response.location)
    labels = [row["表示名"] for row in terms.table("選んだ試算の前提")]
    assert labels == ["試算の前提 A", "試算の前提 B"]
    saved = terms.form("/terms", button="条件を保存").submit(
        client, recurring_rule="mixed:population", equal_percent="40", prefecture_part="20%"
    )
    assert saved.status_code == 302
    again = client.page(response.location).form("/terms", button="条件を保存").values
    assert (again["recurring_rule"], again["equal_percent"]) == ("mixed:population", "40")
    assert again["prefecture_part"] == "20%"
    sharing = client.page(saved.location)
    assert "参加団体がまだありません" in sharing.text
    path = response.location.removesuffix("/terms")
    moved = client.page(path).form("/move", button="参加団体の募集を始める").submit(client)
    assert moved.status_code == 302
    page = client.page(path)
    assert "参加団体募集" in page.text and "均等割40%・人口割60%" in page.text


@pytest.mark.parametrize(
    ("typed", "label", "shown"),
    [
        (
            {"recurring_rule": "banded", "bands": "０＝1、10000=1.5"},
            "段階割",
            {"recurring_rule": "banded", "bands": "0=1、10000=1.5"},
        ),
        (
            {"initial_rule": "degressive", "exponent": "0.7"},
            "逓減割（指数0.7）",
            {"initial_rule": "degressive", "exponent": "0.7"},
        ),
        (
            {"initial_rule": "fiscal_capacity:base=index_population"},
            "財政力割（財政力指数×人口）",
            {"initial_rule": "fiscal_capacity:base=index_population"},
        ),
        (
            {"option_rule": "fixed_table", "percents": "992011 60\n992020,40%\n"},
            "オプション：負担割合表",
            {"option_rule": "fixed_table", "percents": "992011 60\n992020 40"},
        ),
        ({"recurring_rule": "own_use"}, "運用費：実費", {"recurring_rule": "own_use"}),
    ],
)
def test_every_rule_can_be_chosen_and_is_shown_again(fresh_app, typed, label, shown):
    path = project_path(fresh_app, FORMING, "terms")
    client = signed_in(fresh_app, COORDINATOR)
    assert (
        client.page(path).form("/terms", button="条件を保存").submit(client, typed).status_code
        == 302
    )
    again = client.page(path).form("/terms", button="条件を保存").values
    assert {name: again[name] for name in shown} == shown
    assert label in client.page(project_path(fresh_app, FORMING)).text


@pytest.mark.parametrize(
    ("typed", "field", "words"),
    [
        ({"recurring_rule": "banded"}, "bands", "第1段階は人口0から"),
        ({"bands": "0=1,0=2"}, "bands", "2回"),
        ({"bands": "多い=2"}, "bands", "0以上の整数"),
        ({"exponent": "1.5"}, "exponent", "1以下"),
        ({"exponent": "約半分"}, "exponent", "数として読めません"),
        ({"initial_rule": "fixed_table"}, "percents", "割合を入力"),
        ({"percents": "992011 60\n992011 40"}, "percents", "2行目"),
        ({"percents": "992011 60\n992020 39.9"}, "percents", "現在99.9%"),
        ({"percents": "992011 六割"}, "percents", "0から100まで"),
        ({"percents": "町 60"}, "percents", "1行目"),
    ],
)
def test_a_rule_that_cannot_stand_is_refused_beside_its_field(fresh_app, typed, field, words):
    path = project_path(fresh_app, FORMING, "terms")
    client = signed_in(fresh_app, COORDINATOR)
    page = as_page(
        client.page(path).form("/terms", button="条件を保存").submit(client, typed), status=422
    )
    assert words in page.soup.select_one(f"#{field}-error").get_text()
    values = page.form("/terms", button="条件を保存").values
    assert all(values[name] == kept for name, kept in typed.items())


@pytest.mark.parametrize(
    ("field", "typed"),
    [
        ("title", ""),
        ("system_type_code", ""),
        ("min_participants", "1"),
        ("join_closes_on", "2026-02-30"),
        ("term_start", ""),
        ("term_months", "500"),
    ],
)
def test_wrong_fields_are_named(fresh_app, field, typed):
    client = signed_in(fresh_app, COORDINATOR)
    page = as_page(open_one(client, **{field: typed}), status=422)
    assert page.soup.select_one(f"#{field}-error") is not None


def test_a_past_deadline_is_refused_beside_its_field(fresh_app):
    client = signed_in(fresh_app, COORDINATOR)
    page = as_page(open_one(client, join_closes_on="2026-11-19"), status=409)
    assert "これからの日時" in page.text


def test_a_term_begins_on_the_first_of_a_month(fresh_app):
    client = signed_in(fresh_app, COORDINATOR)
    page = as_page(open_one(client, term_start="2027-04-15"), status=409)
    assert "月の初日" in page.soup.select_one("#term_start-error").get_text()


def test_a_policy_warning_asks_for_a_reason_on_the_same_page(fresh_app):
    client = signed_in(fresh_app, COORDINATOR)
    page = as_page(open_one(client, title="住民基本台帳システムの共同調達"), status=409)
    assert "進める理由" in page.soup.select_one("#policy_reason-error").get_text()
    form = page.form("/projects/new", button="案件を作る")
    response = form.submit(client, policy_reason="証明書の様式だけを共同で作るため")
    assert response.status_code == 302
    opened = client.page(response.location.removesuffix("/terms"))
    assert "国の方針との関係" in opened.text and "証明書の様式" in opened.text


def test_two_coordinators_saving_at_once_the_second_sees_what_changed(fresh_app):
    path = project_path(fresh_app, FORMING, "edit")
    first, second = signed_in(fresh_app, COORDINATOR), signed_in(fresh_app, COORDINATOR)
    form_of_first = first.page(path).form("/edit")
    form_of_second = second.page(path).form("/edit")
    assert form_of_first.submit(first, title="電子申請（先に保存）").status_code == 302
    page = as_page(form_of_second.submit(second, title="電子申請（あと）"), status=409)
    rows = {row["項目"]: row for row in page.table("保存済みの内容とあなたの入力の違い")}
    assert rows["案件名"]["保存済み"] == "電子申請（先に保存）"
    assert rows["案件名"]["あなたの入力"] == "電子申請（あと）"
    assert page.form("/edit").submit(second).status_code == 302
    database = fresh_app.extensions["moyai_database"]
    with database.read_session() as session:
        project_id = int(path.split("/")[2])
        assert session.get(Project, project_id).title == "電子申請（あと）"


def test_terms_changed_by_another_meanwhile_are_a_conflict(fresh_app):
    path = project_path(fresh_app, FORMING, "terms")
    client = signed_in(fresh_app, COORDINATOR)
    stale = client.page(path).form("/terms", button="条件を保存")
    assert stale.submit(client, recurring_rule="equal").status_code == 302
    page = as_page(stale.submit(client, recurring_rule="quantity"), status=409)
    assert "先に案件を変更しました" in page.text


def test_inviting_by_ticks_and_codes(fresh_app):
    client = signed_in(fresh_app, COORDINATOR)
    path = project_path(fresh_app, FORMING, "invite")
    page = client.page(path)
    boxes = [box["value"] for box in page.soup.select("input[name=bodies]")]
    assert boxes
    form = page.form("/invite")
    unknown = as_page(form.submit(client, codes="１２３４５６"), status=409)
    assert "123456" in unknown.text and "登録されていません" in unknown.text
    sent = form.submit(client, bodies=boxes[:2], codes=f"{boxes[2]}、", message="ご検討ください")
    assert sent.status_code == 302
    nobody = as_page(form.submit(client, {}), status=409)
    assert "案内する団体を選んでください" in nobody.text


def test_moves_that_are_blocked_stand_with_their_reason_beside_the_button(app):
    page = signed_in(app, LEAD_STAFF).page(project_path(app, AGREEMENT))
    button = page.soup.select_one("#move-start_specification")
    assert button.has_attr("disabled")
    reasons = page.soup.find(id=button["aria-describedby"]).get_text()
    assert "同意待ち" in reasons and "円" not in reasons


def test_a_blocked_move_is_refused_with_the_same_reasons(fresh_app):
    client = signed_in(fresh_app, LEAD_STAFF)
    page = client.page(project_path(fresh_app, AGREEMENT))
    refused = as_page(page.form("/move", button="仕様作成").submit(client), status=409)
    assert "同意待ち" in refused.text


def test_members_see_the_next_steps_without_buttons(app):
    page = signed_in(app, ASKED_STAFF).page(project_path(app, AGREEMENT))
    assert "次にすること" in page.text and page.soup.select("#move-cancel") == []


def test_ending_without_a_reason_is_refused_where_it_was_asked(fresh_app):
    lead = signed_in(fresh_app, LEAD_STAFF)
    form = lead.page(project_path(fresh_app, AGREEMENT)).form("/move", button="中止")
    page = as_page(form.submit(lead, reason=" "), status=409)
    assert page.soup.select_one("h1").get_text() == lead.page(form.page_path).soup.h1.get_text()
    assert "理由を入力してください。" in page.soup.select_one("#refused").get_text()
    opened = page.soup.select_one("details[open]")
    assert "中止" in opened.summary.get_text()
    assert opened.select_one("input[name=reason]")["aria-invalid"] == "true"


def test_an_invitation_nobody_could_read_is_sent_to_nobody(app):
    """It goes to the inbox and the mail of up to 200 bodies at once."""
    client = signed_in(app, COORDINATOR)
    form = client.page(project_path(app, FORMING, "invite")).form("/invite")
    answer = form.submit(client, codes="994014", message="長" * 4001)
    assert "4,000文字以内" in as_page(answer, status=422).text


@pytest.mark.parametrize("page", ["edit", "terms", "invite"])
@pytest.mark.parametrize("words", [FORMING, HIDDEN])
def test_the_leads_pages_exist_for_nobody_else(app, page, words):
    path = project_path(app, words, page)
    assert signed_in(app, LEAD_STAFF).get(path).status_code == 404
    assert signed_in(app, JOINING_STAFF).get(path).status_code == 404
    assert signed_in(app, VENDOR).get(path).status_code == 403


def test_others_cannot_post_what_the_lead_posts(fresh_app):
    stranger = signed_in(fresh_app, JOINING_MANAGER)
    path = project_path(fresh_app, FORMING)
    token = stranger.page(f"{path}/join").form("/join", button="参加する").values["csrf_token"]
    hidden = project_path(fresh_app, AGREEMENT)
    for action, data in (
        ("move", {"action": "cancel", "seen_state": "forming", "reason": "いたずら"}),
        ("bases", {"price_plan_id": "1"}),
    ):
        answer = stranger.post(f"{path}/{action}", data={"csrf_token": token, **data})
        assert answer.status_code == 409, action
        assert "幹事団体" in answer.text
    answer = stranger.post(f"{path}/invite", data={"csrf_token": token, "codes": "994014"})
    assert answer.status_code == 404
    answer = stranger.post(f"{hidden}/sharing/remind/992020", data={"csrf_token": token})
    assert answer.status_code == 409
    assert as_page(answer).text.count("円") == 0


def test_the_desk_of_a_coordinator_lists_its_municipalities_and_matters(app):
    page = signed_in(app, COORDINATOR).page("/desk/prefecture")
    assert len(page.table("県内の市区町村")) == 60
    assert "幹事をしている案件" in page.text


def test_beginning_to_gather_bodies_says_that_it_is_then_public(fresh_app):
    client = signed_in(fresh_app, COORDINATOR)
    page = client.page(project_path(fresh_app, HIDDEN))
    step = page.soup.select_one("#move-open_recruitment").find_parent("form").parent
    assert "公開されます" in step.get_text()


def test_interest_entered_on_behalf_says_who_entered_it(fresh_app):
    coordinator = signed_in(fresh_app, COORDINATOR)
    form = coordinator.page(project_path(fresh_app, HIDDEN, "invite")).form("/request")
    early = as_page(form.submit(coordinator, body_code="993018"), status=409)
    assert "まだ参加団体を募集していません" in early.text
    kept = early.form("/request")
    assert kept.submit(coordinator, body_code="993018", answer="interest").status_code == 302
    page = signed_in(fresh_app, JOINING_STAFF).page(project_path(fresh_app, HIDDEN, "join"))
    assert "自団体の状況：関心あり（" in page.text and "が入力）" in page.text
