"""The pages from the notice to the opening, as a lead, a vendor and a stranger see them."""

import pytest

from accounts.models import Organization, User
from accounts.roles import Role
from foundation.db import Database
from tests.harness.builders import make_user
from tests.harness.client import StrictClient, as_page
from tests.harness.crawl import crawl
from tests.harness.example import open_example, sign_in
from tests.harness.marker import Marker, figure
from tests.harness.projects import make_project, make_world
from tests.harness.tender import make_bidder, make_judge, make_noticed_project

SECRET = "秘密の提案ナガレコウホネ"
PRICE = 8_642_097_531
BEFORE_CLOSING = "2027-01-20T10:00:00+09:00"
AFTER_CLOSING = "2027-02-26T17:00:00+09:00"


@pytest.fixture
def scene(example, tmp_path):
    """An application with a project at its notice and one before it."""
    with open_example(example, tmp_path / "instance") as app:
        app.config["MOYAI_NOW"] = BEFORE_CLOSING
        database: Database = app.extensions["moyai_database"]
        with database.transaction() as session:
            world = make_world(session)
            project = make_noticed_project(session, world)
            draft = make_project(session, world, procurement_method="open_proposal")
            _, bidder = make_bidder(session, "架空入札株式会社")
            _, rival = make_bidder(session, "架空競合株式会社")
            lead = session.get_one(Organization, world.lead.organization_id)
            ids = {
                "lead": world.lead.user_id,
                "second": make_user(session, lead, Role.PREFECTURE_COORDINATOR).id,
                "bidder": bidder.user_id,
                "rival": rival.user_id,
                "judge": make_judge(session).user_id,
                "member": world.manager(world.bodies[0]).user_id,
            }
            emails = {name: session.get_one(User, id).email for name, id in ids.items()}
            addresses = f"/projects/{project.id}", f"/projects/{draft.id}"
        yield Scene(app, *addresses, emails)


class Scene:
    """Who looks at which address."""

    def __init__(self, app, noticed, draft, emails):
        self.app, self.noticed, self.draft, self.emails = app, noticed, draft, emails

    def client(self, name=""):
        client = StrictClient(self.app)
        if name:
            sign_in(client, self.emails[name])
        return client


def hand_in(scene, **changes):
    client = scene.client("bidder")
    form = client.page(f"{scene.noticed}/proposals").form("/proposals", button="提案を提出する")
    values = {
        "price_yen": f"{PRICE:,}",
        "summary": SECRET,
        "lot_digits": "042",
        "mandatory_met": "y",
        "confirmed": "y",
    }
    return form.submit(client, **(values | changes))


def test_everybody_reads_the_notice_and_only_the_lead_its_draft(scene):
    page = scene.client().page(f"{scene.noticed}/notice")
    rows = page.table("評価項目と配点")
    assert [row["配点"] for row in rows[:3]] == ["300点", "400点", "300点"]
    assert "「企画+機能」の点が420点に満たない提案は失格" in page.text
    for name in ("", "bidder", "member"):
        assert scene.client(name).get(f"{scene.draft}/notice").status_code == 404
    assert "公告の内容を決める" in scene.client("lead").page(f"{scene.draft}/notice").text


def test_the_lead_fixes_the_notice_from_pasted_cells(scene):
    client = scene.client("lead")
    form = client.page(f"{scene.draft}/notice").form("/notice", button="公告の内容を保存する")
    values = {
        "questions_close_on": "2027-02-10",
        "answers_due_on": "2027/02/17",
        "proposals_close_on": "令和9年2月26日",
        "proposals_close_time": "12:00",
        "criteria": "企画\t実施体制\t３００\n機能\t使いやすさ\t400",
        "price_formula": "ratio_to_lowest",
        "price_points": "300",
        "minimums": "企画+機能、420",
    }
    assert form.submit(client, **values).status_code == 302
    page = client.page(f"{scene.draft}/notice")
    assert "2027年2月26日 12時00分" in page.text
    assert page.table("評価項目と配点")[0]["項目"] == "実施体制"
    assert "閉庁日" not in page.text
    closed = page.form("/notice", button="公告の内容を保存する")
    assert closed.submit(client, proposals_close_on="2027-02-28").status_code == 302
    warned = client.page(f"{scene.draft}/notice").text
    assert "提案の締切の令和9年2月28日は" in warned and "回答日の" not in warned
    stale = as_page(form.submit(client, **values), status=409)
    assert "ほかの担当者が先に保存しました" in stale.text


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"criteria": "企画、実施体制"}, "1行目：「区分、項目、配点」"),
        ({"criteria": "企画、実施体制、三百"}, "1行目：「三百」は点数ではありません"),
        ({"criteria": "企画、体制、1", "minimums": "価格、2"}, "という区分は評価項目にありません"),
        ({"questions_close_on": "2027-02-30"}, "日付"),
        (
            {"questions_close_on": "2027-02-10", "answers_due_on": "2027-02-09"},
            "この順にしてください",
        ),
    ],
)
def test_what_is_wrong_in_a_notice_is_named_and_kept(scene, changes, message):
    client = scene.client("lead")
    form = client.page(f"{scene.draft}/notice").form("/notice", button="公告の内容を保存する")
    answer = form.submit(client, **changes)
    assert answer.status_code in (409, 422)
    page = as_page(answer)
    assert message in page.text
    for typed in changes.values():
        assert typed.splitlines()[0] in answer.text


def test_a_question_goes_round_without_its_asker(scene):
    bidder = scene.client("bidder")
    form = bidder.page(f"{scene.noticed}/questions").form("/questions", button="質問を送る")
    assert form.submit(bidder, text="容量は何GBですか。").status_code == 302
    assert "自社の質問" in bidder.page(f"{scene.noticed}/questions").text
    assert "容量は何GB" not in scene.client("rival").get(f"{scene.noticed}/questions").text
    lead = scene.client("lead")
    page = lead.page(f"{scene.noticed}/questions")
    assert "容量は何GB" in page.text
    assert "架空入札" not in page.text
    draft = page.form("/answer", button="の回答を下書きに保存する")
    (name,) = (name for name in draft.names if name.endswith("answer"))
    assert draft.submit(lead, **{name: "100GBです。"}).status_code == 302
    assert "100GB" not in bidder.get(f"{scene.noticed}/questions").text
    publish = lead.page(f"{scene.noticed}/questions").form("/publish", button="公表する")
    assert publish.submit(lead).status_code == 302
    for name in ("", "rival", "member"):
        text = scene.client(name).get(f"{scene.noticed}/questions").text
        assert "100GBです。" in text
        assert "架空入札" not in text


def test_the_seal_holds_until_two_have_opened(scene):
    assert hand_in(scene).status_code == 302
    readers = ("", "lead", "second", "rival", "member")
    marks = (SECRET, f"{PRICE:,}", str(PRICE), "架空入札")
    pages = ("", "/proposals", "/questions", "/history", "/costs", "/members", "/notice")
    scene.app.config["MOYAI_NOW"] = AFTER_CLOSING
    for name in readers:
        client = scene.client(name)
        for page in pages:
            text = client.get(scene.noticed + page, follow_redirects=True).text
            assert not [mark for mark in marks if mark in text], (name, page)
    first, second = scene.client("lead"), scene.client("second")
    ask = first.page(f"{scene.noticed}/proposals").form("/open", button="開札を申し出る")
    assert ask.submit(first).status_code == 302
    waiting = first.page(f"{scene.noticed}/proposals")
    assert "もう一人の方" in waiting.text
    assert SECRET not in waiting.text
    opening = second.page(f"{scene.noticed}/proposals").form("/open", button="二人目として")
    assert opening.submit(second).status_code == 302
    row = second.page(f"{scene.noticed}/proposals").table("開札した提案（受付順）")[0]
    assert (row["事業者"], row["金額（税抜）"]) == ("架空入札株式会社", f"{PRICE:,}円")
    assert SECRET not in scene.client("rival").get(f"{scene.noticed}/proposals").text
    assert scene.client("member").get(f"{scene.noticed}/proposals").status_code == 404


def test_a_proposal_is_replaced_and_taken_back_with_its_receipts(scene):
    assert hand_in(scene).status_code == 302
    assert hand_in(scene, price_yen="9").status_code == 302
    client = scene.client("bidder")
    page = client.page(f"{scene.noticed}/proposals")
    rows = page.table("自社の提出の記録（新しい順）")
    assert [row["状態"] for row in rows] == ["有効", "差替え・取下げ済み"]
    assert len({row["検証値（SHA-256）"] for row in rows}) == 2
    back = page.form("/withdraw", button="提案を取り下げる")
    assert back.submit(client).status_code == 422
    assert back.submit(client, reason="体制が組めないため").status_code == 302
    rows = client.page(f"{scene.noticed}/proposals").table("自社の提出の記録（新しい順）")
    assert {row["状態"] for row in rows} == {"差替え・取下げ済み"}


def test_what_was_typed_stays_when_it_is_too_late(scene):
    client = scene.client("bidder")
    form = client.page(f"{scene.noticed}/proposals").form("/proposals", button="提案を提出する")
    scene.app.config["MOYAI_NOW"] = AFTER_CLOSING
    answer = form.submit(
        client, price_yen="5", summary="間に合わない要旨", lot_digits="1", confirmed="y"
    )
    assert answer.status_code == 409
    assert "2027年02月26日 17時00分00秒に終わりました" in answer.text
    assert "間に合わない要旨" in answer.text
    assert 'id="lot_digits-error"' in answer.text


def test_a_visitor_is_asked_to_sign_in_and_a_hidden_project_has_no_such_page(scene):
    assert scene.client().get(f"{scene.noticed}/proposals").status_code == 302
    assert scene.client("bidder").get("/projects/987654321/proposals").status_code == 404
    assert scene.client("bidder").get("/projects/987654321/questions").status_code == 404


def start_evaluation(scene):
    """Opened by two, and moved to 審査 through the pages."""
    scene.app.config["MOYAI_NOW"] = AFTER_CLOSING
    for name, button in (("lead", "開札を申し出る"), ("second", "二人目として")):
        client = scene.client(name)
        page = client.page(f"{scene.noticed}/proposals")
        assert page.form("/open", button=button).submit(client).status_code == 302
    client = scene.client("lead")
    page = client.page(scene.noticed)
    assert page.form("/move", button="開札・審査に進む").submit(client).status_code == 302


def test_a_judge_scores_and_the_result_reaches_whom_it_may(scene):
    assert hand_in(scene).status_code == 302
    start_evaluation(scene)
    lead, judge = scene.client("lead"), scene.client("judge")
    assert judge.get(f"{scene.noticed}/evaluation").status_code == 404
    invite = lead.page(f"{scene.noticed}/evaluation").form("/judges", button="審査委員を招く")
    assert invite.submit(lead, email=scene.emails["judge"]).status_code == 302
    page = judge.page(f"{scene.noticed}/evaluation")
    assert SECRET not in page.text
    declare = page.form("/declare", button="申告する")
    assert declare.submit(judge).status_code == 422
    assert declare.submit(judge, declared="y").status_code == 302
    page = judge.page(f"{scene.noticed}/evaluation")
    assert SECRET in page.text
    assert f"{PRICE:,}" not in page.text
    sheet = page.form("/scores", button="採点を提出する")
    first, second = (name for name in sheet.names if name.startswith("score-"))
    wrong = as_page(sheet.submit(judge, **{first: "301", second: "300"}), status=409)
    assert wrong.soup.find(id=f"{first}-error")
    assert wrong.soup.find(id=second)["value"] == "300"
    assert sheet.submit(judge, **{first: "２１０", second: "300.5"}).status_code == 302
    page = lead.page(f"{scene.noticed}/evaluation")
    assert page.table("審査の集計（順位順）")[0]["合計"] == "810.50点"
    award = page.form("/award", button="集計の第1位に決定する")
    assert scene.client("bidder").get(f"{scene.noticed}/evaluation").status_code == 404
    assert award.submit(lead).status_code == 302
    own = scene.client("bidder").page(f"{scene.noticed}/evaluation")
    assert own.table("自社の得点と順位")[0]["順位"] == "第1位"
    for name in ("", "rival", "member"):
        assert scene.client(name).get(f"{scene.noticed}/evaluation").status_code == 404
    page = lead.page(scene.noticed)
    assert page.soup.find("a", href=f"{scene.noticed}/evaluation")
    moved = page.form("/move", button="落札者・優先交渉権者を決定して契約に進む")
    assert moved.submit(lead).status_code == 302
    public = scene.client().page(f"{scene.noticed}/evaluation")
    assert public.table("審査の結果")[0]["事業者"] == "架空入札株式会社"
    assert SECRET not in public.text


def test_a_judge_of_the_lead_reads_no_price_before_its_own_sheet_is_in(scene):
    """On no page or file that links lead to; its colleague reads it, and so does it afterwards."""
    lead = scene.client("lead")
    invite = lead.page(f"{scene.noticed}/evaluation").form("/judges", button="審査委員を招く")
    assert invite.submit(lead, email=scene.emails["second"]).status_code == 302
    assert hand_in(scene).status_code == 302
    start_evaluation(scene)
    second = scene.client("second")
    secret = Marker("opened price", figure(PRICE), frozenset())
    starts = [scene.noticed, f"{scene.noticed}/proposals", f"{scene.noticed}/evaluation"]
    read = [
        visit.path
        for visit in crawl(second, limit=_few_elsewhere, starts=starts)
        if secret.is_in(*visit.texts, visit.headers.encode())
    ]
    assert not read
    page = second.page(f"{scene.noticed}/proposals")
    (row,) = page.table("開札した提案（受付順）")
    assert row["金額（税抜）"] == "採点の提出まで非表示"
    assert row["検証値（SHA-256）"] == "—"
    assert SECRET not in page.text
    assert f"{PRICE:,}" in lead.page(f"{scene.noticed}/proposals").text
    declare = second.page(f"{scene.noticed}/evaluation").form("/declare", button="申告する")
    assert declare.submit(second, declared="y").status_code == 302
    judging = second.page(f"{scene.noticed}/evaluation")
    assert SECRET in judging.text
    assert f"{PRICE:,}" not in judging.text
    assert f"{PRICE:,}" not in second.page(f"{scene.noticed}/proposals").text
    sheet = judging.form("/scores", button="採点を提出する")
    points = {name: "200" for name in sheet.names if name.startswith("score-")}
    assert sheet.submit(second, **points).status_code == 302
    assert f"{PRICE:,}" in second.page(f"{scene.noticed}/proposals").text


def _few_elsewhere(endpoint):
    """All of a project's pages, one of the others."""
    return 6 if endpoint.startswith("procurement.") else 1


def test_who_could_read_the_prices_is_not_made_a_judge_afterwards(scene):
    assert hand_in(scene).status_code == 302
    start_evaluation(scene)
    lead = scene.client("lead")
    invite = lead.page(f"{scene.noticed}/evaluation").form("/judges", button="審査委員を招く")
    refused = as_page(invite.submit(lead, email=scene.emails["second"]), status=409)
    assert "開札の後は、幹事団体・事務局の人を審査委員に招けません" in refused.text
    assert invite.submit(lead, email=scene.emails["judge"]).status_code == 302
