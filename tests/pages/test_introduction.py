"""The page of the introduction, from the checklist to the closing of the project."""

import pytest

from accounts.models import User
from foundation.db import Database
from tests.harness.client import StrictClient, as_page
from tests.harness.contracts import make_introduced_project
from tests.harness.example import open_example, sign_in
from tests.harness.projects import make_world
from tests.harness.tender import make_bidder


@pytest.fixture
def scene(example, tmp_path):
    with open_example(example, tmp_path / "instance") as app:
        database: Database = app.extensions["moyai_database"]
        with database.transaction() as session:
            world = make_world(session)
            project = make_introduced_project(session, world)
            _, vendor = make_bidder(session)
            people = {
                "lead": world.lead.user_id,
                "vendor": vendor.user_id,
                "manager": world.manager(world.bodies[0]).user_id,
                **{str(n): world.staff[b.code].user_id for n, b in enumerate(world.bodies)},
            }
            emails = {name: session.get_one(User, id).email for name, id in people.items()}
            path = f"/projects/{project.id}"
            codes = [body.code for body in world.bodies]

        def client(name):
            browser = StrictClient(app)
            if name:
                sign_in(browser, emails[name])
            return browser

        yield client, path, codes


def record(client, path, code, step, **values):
    form = client.page(path).form(f"/introduction/{code}/check")
    typed = {f"c{code}-step": step, **{f"c{code}-{k}": v for k, v in values.items()}}
    return form.submit(client, **typed)


def test_each_body_records_its_own_and_the_lead_ends_the_project(scene):
    client, path, codes = scene
    page = f"{path}/introduction"
    for name in ("", "vendor"):
        assert client(name).get(page).status_code == 404
    for n, code in enumerate(codes):
        town = client(str(n))
        assert "の確認が済んでいません" in town.page(page).text
        for step in ("setup", "training", "acceptance"):
            assert record(town, page, code, step, done_on="令和8年11月20日").status_code == 302
        assert record(town, page, code, "migration", note="移すデータがない").status_code == 302
        begin = town.page(page).form(f"/introduction/{code}/start")
        assert begin.submit(town, **{f"s{code}-starts_on": "2026-11-20"}).status_code == 302
    lead = client("lead")
    rows = lead.page(page).table("団体ごとの導入の状況")
    assert [row["状態"] for row in rows] == ["利用中"] * 3
    assert rows[0]["データの移行"] == "不要（移すデータがない）"
    move(lead, path, "運用に進む")
    know_how = lead.page(page).form("/know-how")
    assert "ノウハウを記入するか" in as_page(know_how.submit(lead), status=409).text
    assert know_how.submit(lead, **{"closing-know_how": "早めに始める"}).status_code == 302
    move(lead, path, "終了する")
    assert "早めに始める" in client("0").page(page).text


def move(client, path, button):
    answer = client.page(path).form("/move", button=button).submit(client)
    assert answer.status_code == 302, answer.text


def test_the_lead_records_for_a_body_behind_its_name(scene):
    client, path, codes = scene
    lead = client("lead")
    page = lead.page(f"{path}/introduction")
    assert page.soup.select_one("form[action$='/check']") is None
    asked = f"{path}/introduction?body={codes[1]}"
    wrong = as_page(record(lead, asked, codes[1], "acceptance", note="省く"), status=409)
    assert "検収は省けません" in wrong.soup.select_one(f"#c{codes[1]}-done_on-error").text
    assert record(lead, asked, codes[1], "acceptance", done_on="2026-11-20").status_code == 302


APPROVED = {"reason": "承認のため", "approval_date": "2026-11-19", "approval_number": "1"}


def submit(client, page, action, prefix, **values):
    typed = {f"{prefix}-{key}": value for key, value in (APPROVED | values).items()}
    return client.page(page).form(action).submit(client, **typed)


def test_an_approved_change_is_signed_by_its_body_and_read_by_all(scene):
    client, path, codes = scene
    page = f"{path}/contracts"
    town = client("manager")
    above = submit(town, page, "/changes", "change", amount_yen="28,000,000")
    error = as_page(above, status=409).soup.select_one("#change-amount_yen-error")
    assert "増額が、決定した額" in error.text
    lead = client("lead")
    wrong = {"kind": "change", "body_code": "123456", "amount_yen": "5,000,000"}
    refused = as_page(submit(lead, page, "/extensions", "extend", **wrong), status=409)
    assert "団体コード" in refused.soup.select_one("#extend-body_code-error").text
    right = wrong | {"body_code": codes[0]}
    assert submit(lead, page, "/extensions", "extend", **right).status_code == 302
    assert submit(town, page, "/changes", "change", amount_yen="28,000,000").status_code == 302
    public = client("").page(page)
    assert public.table("決定した額に加えて承認したもの")[0]["金額（税抜）"] == "5,000,000円"
    assert "変更後 税抜 29,000,000円" in public.table("記録された契約")[1]["金額"]
    ended = submit(town, page, "/changes", "change", kind="end", ends_on="2028-03-31")
    assert ended.status_code == 302
    assert "令和10年3月31日まで（解約）" in client("").page(page).text
