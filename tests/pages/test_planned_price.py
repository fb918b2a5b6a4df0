"""The page of 予定価格: sealed for everybody but who set it; published when it says so."""

from accounts.models import User
from foundation.db import Database
from procurement.models import Project
from tests.harness.client import StrictClient, as_page
from tests.harness.example import open_example, sign_in
from tests.harness.projects import make_world
from tests.harness.tender import make_noticed_project, make_second

SECRET = "8,642,097"


def client_of(app, email):
    client = StrictClient(app)
    sign_in(client, email)
    return client


def test_it_is_set_under_seal_and_published_only_as_said(example, tmp_path):
    with open_example(example, tmp_path / "instance") as app:
        database: Database = app.extensions["moyai_database"]
        with database.transaction() as session:
            world = make_world(session)
            project = make_noticed_project(session, world)
            people = (world.lead, make_second(session, world), world.manager(world.bodies[0]))
            lead, second, town = (session.get_one(User, p.user_id).email for p in people)
            id_ = project.id
        path, notice = f"/projects/{id_}/planned-price", f"/projects/{id_}/notice"
        manager = client_of(app, lead)
        page = manager.page(manager.page(notice).link("予定価格を決める・確かめる"))
        wrong = as_page(page.form("/planned-price").submit(manager, amount_yen="0"), status=422)
        assert wrong.soup.select_one("#amount_yen-error")
        typed = {"amount_yen": SECRET, "disclosure": "before"}
        assert page.form("/planned-price").submit(manager, **typed).status_code == 302
        stale = as_page(page.form("/planned-price").submit(manager, **typed), status=409)
        assert "先に予定価格を決めました" in stale.text
        assert SECRET in manager.page(path).text
        assert f"予定価格：{SECRET}円（税込）" in StrictClient(app).page(notice).text
        again = manager.page(path).form("/planned-price")
        assert again.submit(manager, amount_yen=SECRET, disclosure="after").status_code == 302
        assert SECRET not in client_of(app, second).page(path).text
        assert "開札まで表示しません" in client_of(app, second).page(path).text
        for reader in (StrictClient(app), client_of(app, second), client_of(app, town)):
            assert SECRET not in reader.page(notice).text
        assert client_of(app, town).get(path).status_code == 404
        with database.transaction() as session:
            session.get_one(Project, id_).state = "operation"
        assert SECRET not in StrictClient(app).page(notice).text  # nobody was named after it
