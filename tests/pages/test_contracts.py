"""The page of a project's contracts, as lead, body, vendor and stranger see and use it."""

import pytest

from accounts.models import Organization, User
from accounts.roles import Role
from foundation.db import Database
from procurement.models import Project
from tests.harness.builders import make_user, organization_of
from tests.harness.client import StrictClient, as_page
from tests.harness.contracts import make_contracting_project
from tests.harness.example import open_example, sign_in
from tests.harness.projects import make_world
from tests.harness.queries import counted_queries
from tests.harness.tender import make_bidder

SECRET_YEN = 8_642_097
SIGNED = {
    "number": "第1号",
    "signed_on": "令和8年11月20日",
    "starts_on": "2027-04-01",
    "ends_on": "2029-03-31",
    "clause": "第2号",
    "reason": "1者だけが提供できるため",
    "guarantee": "exempt",
    "guarantee_note": "規則による",
    "approval_date": "2026-11-19",
    "approval_number": "情政第1号",
}


@pytest.fixture
def scene(example, tmp_path):
    """An application with a project at 契約 of each of two models."""
    with open_example(example, tmp_path / "instance") as app:
        database: Database = app.extensions["moyai_database"]
        with database.transaction() as session:
            world = make_world(session)
            basic, _, winner = make_contracting_project(session, world, "basic_and_individual")
            requoted, _, quoting = make_contracting_project(session, world, "selection_and_requote")
            _, rival = make_bidder(session, "架空競合株式会社")
            lead = session.get_one(Organization, world.lead.organization_id)
            people = {
                "lead": world.lead.user_id,
                "first": world.manager(world.bodies[0]).user_id,
                "second": world.manager(world.bodies[1]).user_id,
                "staff": world.staff[world.bodies[0].code].user_id,
                "winner": winner.user_id,
                "quoting": quoting.user_id,
                "rival": rival.user_id,
                "auditor": make_user(session, lead, Role.AUDITOR).id,
            }
            emails = {name: session.get_one(User, id).email for name, id in people.items()}
            code = organization_of(session, world.bodies[0]).body_code
            places = basic.id, requoted.id
        yield Scene(app, database, world, emails, places, code)


class Scene:
    """Who looks at which of the two projects."""

    def __init__(self, app, database, world, emails, places, code):
        self.app, self.database, self.world = app, database, world
        self.emails, self.code = emails, code
        self.basic, self.requoted = (f"/projects/{id}/contracts" for id in places)
        self.basic_id = places[0]

    def client(self, name=""):
        client = StrictClient(self.app)
        if name:
            sign_in(client, self.emails[name])
        return client

    def submit(self, name, path, button, prefix, values):
        client = self.client(name)
        form = client.page(path).form("/contracts", button=button)
        typed = {f"{prefix}-{key}": value for key, value in values.items()}
        return form.submit(client, **{k: v for k, v in typed.items() if k in form.names})


def qualify(scene, name, path):
    values = {"number": "A-1", "valid_until": "2028-03-31"}
    return scene.submit(name, path, "資格を記録する", "qualification", values)


def sign_basic(scene):
    return scene.submit("lead", scene.basic, "基本契約を記録する", "overall", SIGNED)


def sign_own(scene, name="first", **changes):
    values = SIGNED | {"amount_yen": f"{SECRET_YEN:,}"} | changes
    return scene.submit(name, scene.basic, "自団体の個別契約を記録する", "own", values)


def test_the_page_says_what_the_model_asks_for(scene):
    visitor = scene.client().page(scene.basic)
    assert "基本契約＋個別契約" in visitor.text
    assert "4件のうち0件" in visitor.text
    assert "まだ記録のない契約" not in visitor.text
    assert visitor.soup.select_one("main form") is None
    lead = scene.client("lead").page(scene.basic)
    assert "幹事団体：基本契約" in lead.text
    # Two years from 1 April 2027 end with the March before, not with another April.
    assert lead.form("/contracts/overall").values["overall-ends_on"] == "2029-03-31"
    assert "先に、幹事団体が基本契約を記録します" in scene.client("first").page(scene.basic).text


def test_lead_and_body_sign_and_everybody_reads_it_afterwards(scene):
    assert sign_basic(scene).status_code == 302
    refused = as_page(sign_own(scene), status=409)
    assert "入札参加資格を、先に記録してください" in refused.text
    assert qualify(scene, "staff", scene.basic).status_code == 302
    assert sign_own(scene).status_code == 302
    for name in ("first", "lead", "winner"):
        assert f"{SECRET_YEN:,}円" in scene.client(name).page(scene.basic).text, name
    for name in ("", "second", "rival"):
        assert f"{SECRET_YEN:,}" not in scene.client(name).page(scene.basic).text, name
    assert "1者だけが提供できるため" not in scene.client("winner").page(scene.basic).text
    with scene.database.transaction() as session:
        session.get_one(Project, scene.basic_id).state = "introduction"
    public = scene.client().page(scene.basic)
    row = public.table("記録された契約")[1]
    assert row["金額"] == "税抜 8,642,097円（税込 9,506,306円）"
    assert row["そのほか"] == "—"


WRONG = [
    ({"amount_yen": "30,000,001"}, "決定した額（変更を含む、税抜）を超えます"),
    ({"amount_yen": "百万円"}, "整数として読めません"),
    ({"signed_on": "2026-11-21"}, "契約日は今日までの日付"),
    ({"signed_on": "2026-02-30"}, "日付"),
    ({"ends_on": "2027-03-31"}, "期間の終わりを、はじめより後に"),
    ({"guarantee": ""}, "契約保証金の扱いを選んで"),
    ({"clause": ""}, "随意契約の根拠条項を入力"),
    ({"approval_date": "2026-11-21"}, "決裁日に将来の日付"),
]


def test_what_is_wrong_is_named_beside_its_field_and_kept(scene):
    sign_basic(scene)
    qualify(scene, "first", scene.basic)
    for changes, message in WRONG:
        answer = sign_own(scene, **changes)
        assert answer.status_code in (409, 422), changes
        page = as_page(answer)
        (name,) = changes
        assert message in page.soup.select_one(f"#own-{name}-error").text, changes
        assert all(typed in answer.text for typed in changes.values())


def test_a_requote_is_for_its_body_and_the_lead(scene):
    quoting = scene.client("quoting")
    form = quoting.page(scene.requoted).form(f"/quotes/{scene.code}")
    typed = {f"q{scene.code}-amount_yen": f"{SECRET_YEN:,}", f"q{scene.code}-note": "5年分"}
    assert form.submit(quoting, **typed).status_code == 302
    stale = as_page(form.submit(quoting, **typed), status=409)
    assert "先に提出しました" in stale.text
    assert f"税抜 {SECRET_YEN:,}円（5年分）" in scene.client("first").page(scene.requoted).text
    for name in ("", "second", "rival"):
        text = scene.client(name).get(scene.requoted).text
        assert f"{SECRET_YEN:,}" not in text, name
    rival = scene.client("rival")
    data = {
        **typed,
        "csrf_token": rival.page("/account").form("/account/password").values["csrf_token"],
    }
    assert rival.post(f"{scene.requoted}/quotes/{scene.code}", data=data).status_code == 404


def test_a_refusal_is_read_with_its_reason_by_the_lead_only(scene):
    quoting = scene.client("quoting")
    form = quoting.page(scene.requoted).form(f"/quotes/{scene.code}")
    form.submit(quoting, **{f"q{scene.code}-amount_yen": "1,000"})
    values = {"reason": "予算を超えるため", "approval_date": "2026-11-19", "approval_number": "1"}
    button = "契約しないことを記録する"
    assert scene.submit("first", scene.requoted, button, "refuse", values).status_code == 302
    assert "予算を超えるため" in scene.client("lead").page(scene.requoted).text
    for name in ("", "second", "quoting"):
        assert "予算を超えるため" not in scene.client(name).page(scene.requoted).text, name


def test_before_the_contracts_there_is_no_page_and_in_operation_it_stays(scene):
    with scene.database.transaction() as session:
        session.get_one(Project, scene.basic_id).state = "evaluation"
    assert scene.client("lead").get(scene.basic).status_code == 404
    with scene.database.transaction() as session:
        session.get_one(Project, scene.basic_id).state = "operation"
    assert scene.client().get(scene.basic).status_code == 200


def test_a_cancelled_project_keeps_its_contracts_and_takes_no_more(scene):
    sign_basic(scene)
    with scene.database.transaction() as session:
        session.get_one(Project, scene.basic_id).state = "cancelled"
    lead = scene.client("lead").page(scene.basic)
    assert "基本契約" in lead.soup.select_one("#contracts tbody").text
    assert lead.soup.select_one("main form") is None
    assert lead.soup.select(f'a[href="{scene.basic}"]')
    # What was not public yet does not become so by ending.
    assert not scene.client().page(scene.basic).soup.select("#contracts tbody th")


def test_the_page_asks_the_database_little(scene):
    for name in ("", "lead", "first", "quoting"):
        client = scene.client(name)
        with counted_queries(scene.database.engine) as log:
            client.get(scene.requoted)
        log.at_most(15)
