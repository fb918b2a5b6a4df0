"""The page of the two stages: for members; the lead writes it, beside what is wrong (F13)."""

from accounts.models import User
from foundation.db import Database
from tests.harness.client import StrictClient, as_page
from tests.harness.example import open_example, sign_in
from tests.harness.projects import make_project, make_world

RESULT = "議事録の作成が月18時間短くなった。"
TYPED = {
    "first-pattern": "hiroshima",
    "first-stage1_starts_on": "2026-09-01",
    "first-stage1_amount_yen": "９８７，６５４円",
    "first-stage1_result": RESULT,
    "first-stage1_result_on": "2026-11-10",
}


def client_of(app, email):
    client = StrictClient(app)
    sign_in(client, email)
    return client


def test_the_lead_writes_both_stages_and_members_read_them(example, tmp_path):
    with open_example(example, tmp_path / "instance") as app:
        database: Database = app.extensions["moyai_database"]
        with database.transaction() as session:
            world, other = make_world(session), make_world(session)
            id_ = make_project(session, world, joined=2).id
            town, outside = world.manager(world.bodies[0]), world.manager(world.bodies[2])
            people = (world.lead, town, outside, other.lead)
            emails = [session.get_one(User, person.user_id).email for person in people]
        lead, member, invited, stranger = (client_of(app, email) for email in emails)
        path, front = f"/projects/{id_}/stages", f"/projects/{id_}"
        assert lead.page(front).link("2段階の記録を見る・変える") == path
        assert "2段階の進め方" not in member.page(front).text
        page = lead.page(path)
        assert "先に第1段階の結果と日付を記録してください。" in page.text
        first = page.form("/stages/first")
        over = TYPED | {"first-stage1_amount_yen": "1000001"}
        wrong = as_page(first.submit(lead, **over), status=409)
        assert "1円超えています" in wrong.soup.select_one("#first-stage1_amount_yen-error").text
        assert RESULT in wrong.soup.select_one("#first-stage1_result").text
        bad = as_page(first.submit(lead, **(TYPED | {"first-stage1_cap_yen": "百万"})), status=422)
        assert bad.soup.select_one("#first-stage1_cap_yen-error")
        assert bad.soup.select_one("#first-stage1_cap_yen")["value"] == "百万"
        assert first.submit(lead, **TYPED).status_code == 302
        late = as_page(first.submit(lead, **TYPED), status=409)
        assert "先に2段階の記録を変えました" in late.text
        second = lead.page(path).form("/stages/second")
        no_reason = {"second-stage2_decision": "stop", "second-stage2_decided_on": "2026-11-18"}
        wrong = as_page(second.submit(lead, **no_reason), status=409)
        assert wrong.soup.select_one("#second-stage2_reason-error")
        reason = {"second-stage2_reason": "目標を超えたため", "second-stage2_decision": "proceed"}
        assert second.submit(lead, **(no_reason | reason)).status_code == 302
        for address in (path, front):
            shown = member.page(address).text
            assert RESULT in shown
            assert "1,000,000円" in shown
            assert "第2段階（契約の手続）に進む" in shown
        assert "/stages/first" not in member.get(path).text
        for reader in (stranger, invited, StrictClient(app)):
            assert reader.get(path).status_code == 404
            assert RESULT not in reader.page(front).text
        assert RESULT not in StrictClient(app).get(f"/api/v1/projects/{id_}").text
