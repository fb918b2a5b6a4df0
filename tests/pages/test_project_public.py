"""What everybody reads of joint procurements: home, list, overview, API, feed."""

from xml.etree import ElementTree

import pytest

from tests.harness.example_projects import (
    AGREEMENT,
    ASKED_STAFF,
    AUDITOR,
    COORDINATOR,
    FORMING,
    HIDDEN,
    JOINING_STAFF,
    LEAD_MANAGER,
    NOTICE,
    VENDOR,
    project_path,
    signed_in,
)


def test_home_counts_real_and_fictional_apart(client):
    rows = {row["種類"]: row for row in client.page("/").table("登録されている件数")}
    assert (rows["登録事業者"]["実データ"], rows["登録事業者"]["架空"]) == ("0社", "244社")
    assert rows["掲載サービス"]["架空"] == "270件"
    assert (rows["調達事例"]["実データ"], rows["調達事例"]["架空"]) == ("52件", "245件")


def test_home_says_how_much_is_tied_together_and_what_is_counted(client):
    rows = client.page("/").table("結び付いている件数と割合")
    labels = ("調達事例がある掲載サービス", "掲載サービスが分かる調達事例")
    for row, label in zip(rows, labels, strict=True):
        assert row["数えるもの"].startswith(label)
    for row, real, fictional in zip(
        rows, ("登録なし", "／52件（"), ("／270件（", "／245件（"), strict=True
    ):
        assert "公開中" in row["数えるもの"]
        assert real in row["実データ"]
        assert fictional in row["架空"]


def test_home_leads_to_what_closes_soon_the_nearest_first(client):
    page = client.page("/")
    section = page.soup.select_one("section[aria-labelledby=home-closing]")
    titles = [a.get_text() for a in section.select("h3 a")]
    assert len(titles) >= 3
    assert HIDDEN not in " ".join(titles)


def test_home_shows_a_signed_in_reader_what_waits(app):
    assert "で待っていること" in signed_in(app, ASKED_STAFF).page("/").text


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("state=forming", {FORMING, "生成AI"}),
        ("state=solicitation", {NOTICE, "グループウェアの共同調達"}),
        ("joinable=yes", {FORMING, "生成AI"}),
        ("prefecture=25", {NOTICE}),
        ("category=none", None),
        ("state=intention_survey", None),
    ],
)
def test_the_list_is_narrowed_by_address_and_ignores_what_it_does_not_know(client, query, expected):
    page = client.page(f"/projects?{query}")
    titles = [a.get_text() for a in page.soup.select(".dads-resource-list__title a")]
    assert not any(title.startswith(HIDDEN) for title in titles)
    if expected is None:
        assert len(titles) == len(
            client.page("/projects").soup.select(".dads-resource-list__title")
        )
    else:
        assert len(titles) == len(expected)
        for words in expected:
            assert any(title.startswith(words) for title in titles)


def test_a_project_before_forming_does_not_exist_for_others(app, client):
    for page in ("", "members", "sharing", "history", "costs"):
        path = project_path(app, HIDDEN, page)
        assert client.get(path).status_code == 404
        assert signed_in(app, VENDOR).get(path).status_code == 404
    assert client.get(project_path(app, HIDDEN)).text == client.get("/projects/999999").text
    assert signed_in(app, COORDINATOR).get(project_path(app, HIDDEN)).status_code == 200


def test_a_visitor_sees_number_rule_and_deadlines_but_neither_bodies_nor_quantities(app, client):
    page = client.page(project_path(app, FORMING))
    for words in ("均等割", "参加の回答期限", "基本契約", "架空県", "架空"):
        assert words in page.text
    members = client.page(project_path(app, FORMING, "members"))
    assert members.captions == [] and "契約後に公開" in members.text


def test_members_see_each_others_quantities_and_only_the_lead_sees_the_rest(app):
    path = project_path(app, AGREEMENT, "members")
    member = signed_in(app, ASKED_STAFF).page(path)
    assert all(row["数量"] not in ("", "—") for row in member.table("参加団体"))
    assert not any("幹事団体だけ" in caption for caption in member.captions)
    lead = signed_in(app, LEAD_MANAGER).page(path)
    assert any("幹事団体だけ" in caption for caption in lead.captions)
    stranger = signed_in(app, JOINING_STAFF).page(path)
    assert stranger.captions == []
    auditor = signed_in(app, AUDITOR).page(path)
    assert auditor.table("参加団体")


def test_the_reenactment_shows_the_published_ceilings_with_their_totals(app, client):
    page = client.page(project_path(app, NOTICE))
    rows = page.table("提案上限額")
    assert len(rows) == 7
    assert list(rows[-1].values())[1:4] == ["568,800円", "660,000円", "825,000円"]
    assert "再現" in page.text and "税込" in " ".join(page.captions)


def test_the_api_gives_the_public_part_to_everybody_alike(app, client):
    path = f"/api/v1{project_path(app, AGREEMENT)}"
    answer = client.get(path)
    assert answer.status_code == 200 and answer.json["fictional"] is True
    assert not {"members", "shares", "standalone", "ceilings"} & set(answer.json)
    assert signed_in(app, LEAD_MANAGER).get(path).json == answer.json
    hidden = f"/api/v1{project_path(app, HIDDEN)}"
    assert client.get(hidden).status_code == 404
    assert signed_in(app, COORDINATOR).get(hidden).status_code == 404
    listed = client.get("/api/v1/projects").json
    assert listed["total"] == len(listed["results"]) == listed["total_fictional"]
    assert client.get("/api/v1/projects?status=forming").status_code == 400
    assert client.get("/api/v1/projects?state=nowhere").status_code == 400
    again = client.get(path, headers={"If-None-Match": answer.headers["ETag"]})
    assert again.status_code == 304


def test_the_feed_marks_what_is_fictional(client):
    answer = client.get("/feeds/projects.atom")
    feed = ElementTree.fromstring(answer.data)
    titles = [e.text for e in feed.iter("{http://www.w3.org/2005/Atom}title")][1:]
    assert titles and all(title.startswith("【架空】") for title in titles)
    assert not any(HIDDEN in title for title in titles)


@pytest.mark.parametrize(
    ("email", "path", "most"),
    [
        (None, "/", 12),
        (None, "/projects", 12),
        (ASKED_STAFF, "/", 12),
        (COORDINATOR, "/", 12),
        (COORDINATOR, "/desk/prefecture", 12),
        (ASKED_STAFF, "/desk/body", 12),
        (LEAD_MANAGER, AGREEMENT, 15),
        (ASKED_STAFF, AGREEMENT, 15),
        (COORDINATOR, FORMING, 15),
        (LEAD_MANAGER, f"{AGREEMENT}|sharing", 12),
        (LEAD_MANAGER, f"{AGREEMENT}|members", 12),
        (ASKED_STAFF, f"{AGREEMENT}|consent", 12),
        (ASKED_STAFF, f"{AGREEMENT}|own", 12),
        (ASKED_STAFF, f"{AGREEMENT}|sheet", 12),
        (JOINING_STAFF, f"{FORMING}|join", 12),
        (COORDINATOR, f"{FORMING}|terms", 12),
        (COORDINATOR, f"{FORMING}|invite", 12),
    ],
)
def test_few_queries_a_page(app, client, count_queries, email, path, most):
    reader = signed_in(app, email) if email else client
    if not path.startswith("/"):
        words, _, page = path.partition("|")
        path = project_path(app, words, page)
    with count_queries() as log:
        assert reader.get(path).status_code == 200
    log.at_most(most)
