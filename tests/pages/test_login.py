"""Signing in through the page: what a person sees, and what nobody can use it for."""

import pytest

from accounts.examples import EXAMPLE_PASSWORD
from foundation.db import Database
from tests.harness.client import StrictClient, as_page
from tests.harness.example import sign_in
from tests.harness.queries import counted_queries

STAFF = "hoyui-staff@moyai.example"
REFUSED = "メールアドレスまたはパスワードが違います。"


def enter(client, email, password, *, address="/login"):
    form = client.page(address).form("/login", button="サインイン")
    return form.submit(client, email=email, password=password)


def test_a_visitor_signs_in_and_lands_where_they_wanted(fresh_client):
    response = enter(fresh_client, STAFF, EXAMPLE_PASSWORD, address="/inbox")
    assert (response.status_code, response.location) == (302, "/inbox")
    assert "帆結 あおい" in fresh_client.page("/inbox").text


def test_signing_in_without_a_wish_leads_to_the_desk(fresh_client):
    assert enter(fresh_client, STAFF, EXAMPLE_PASSWORD).location == "/desk/body"


@pytest.mark.parametrize(
    ("email", "desk", "named"),
    [
        ("operator@moyai.example", "/admin/reviews", "掲載の審査"),
        ("auditor@moyai.example", "/admin/audit", "監査記録"),
    ],
)
def test_operator_and_auditor_land_where_their_own_work_is(fresh_client, email, desk, named):
    assert enter(fresh_client, email, EXAMPLE_PASSWORD).location == desk
    assert fresh_client.get("/desk").location == desk
    first = fresh_client.page("/").soup.select_one(".moyai-account__link")
    assert (first["href"], first.text) == (desk, named)


def test_an_operator_still_lands_where_it_wanted(fresh_client):
    entered = enter(
        fresh_client, "operator@moyai.example", EXAMPLE_PASSWORD, address="/admin/words"
    )
    assert entered.location == "/admin/words"


@pytest.mark.parametrize("target", ["https://evil.example/", "//evil.example", "/\\evil.example"])
def test_nobody_is_led_to_another_host(fresh_client, target):
    form = fresh_client.page("/login").form("/login", button="サインイン")
    response = form.submit(fresh_client, email=STAFF, password=EXAMPLE_PASSWORD, next=target)
    assert response.location == "/desk/body"


def test_wrong_password_and_unknown_address_read_the_same(fresh_client):
    wrong = as_page(enter(fresh_client, STAFF, "違う"), status=422)
    unknown = as_page(enter(fresh_client, "nobody@moyai.example", "違う"), status=422)
    assert REFUSED in wrong.text
    assert wrong.text == unknown.text


def test_the_sixth_try_is_held_back_and_says_for_how_long(fresh_client):
    for _ in range(5):
        enter(fresh_client, STAFF, "違う")
    response = enter(fresh_client, STAFF, EXAMPLE_PASSWORD)
    assert "15分" in as_page(response, status=429).text
    assert response.headers["Retry-After"] == "900"


def test_the_lock_holds_in_another_process_too(fresh_app):
    first, second = StrictClient(fresh_app), _other_process(fresh_app)
    for _ in range(5):
        enter(first, STAFF, "違う")
    assert enter(second, STAFF, EXAMPLE_PASSWORD).status_code == 429


def _other_process(app):
    """A second application over the same database; it shares nothing else with the first."""
    from app import create_app

    names = ("TESTING", "EXAMPLE_MODE", "DATABASE_URL", "SEARCH_INDEX_DIR", "MOYAI_NOW")
    config = {name: app.config[name] for name in names}
    return StrictClient(create_app({**config, "INSTANCE_DIR": app.instance_path}))


def test_what_was_typed_stays_but_never_the_password(fresh_client):
    response = enter(fresh_client, STAFF, "違うけれど長い")
    assert f'value="{STAFF}"' in response.text
    assert "違うけれど長い" not in response.text


def test_an_empty_form_says_what_is_missing(client):
    page = as_page(enter(client, "", ""), status=422)
    assert page.text.count("入力してください。") >= 2


def test_a_form_without_its_token_is_refused_in_plain_words(fresh_client):
    response = fresh_client.post("/login", data={"email": STAFF, "password": EXAMPLE_PASSWORD})
    assert "有効期限が切れています" in as_page(response, status=400).text
    assert fresh_client.get("/inbox").status_code == 302


def test_a_session_planted_before_sign_in_is_thrown_away(fresh_client):
    with fresh_client.session_transaction() as session:
        session["organization_id"] = 1
        session["planted"] = "by somebody else"
    enter(fresh_client, STAFF, EXAMPLE_PASSWORD)
    with fresh_client.session_transaction() as session:
        assert "planted" not in session
        assert "organization_id" not in session


def test_signing_out_ends_the_session(fresh_client):
    sign_in(fresh_client, STAFF)
    fresh_client.page("/account").form("/logout").submit(fresh_client)
    assert fresh_client.get("/inbox").location == "/login?next=/inbox"


def test_a_cookie_copied_before_signing_out_opens_nothing(fresh_app):
    person, copy = StrictClient(fresh_app), StrictClient(fresh_app)
    sign_in(person, STAFF)
    sign_in(copy, STAFF)
    assert copy.get("/account").status_code == 200
    person.page("/account").form("/logout").submit(person)
    assert copy.get("/account").location == "/login?next=/account"


def test_signing_out_by_a_link_is_not_possible(fresh_client):
    sign_in(fresh_client, STAFF)
    assert fresh_client.get("/logout").status_code == 405
    assert fresh_client.get("/inbox").status_code == 200


def test_example_users_are_shown_in_the_example_mode_only(fresh_app):
    page = StrictClient(fresh_app).page("/login")
    assert EXAMPLE_PASSWORD in page.text
    assert STAFF in page.text
    fresh_app.config["EXAMPLE_MODE"] = False
    plain = StrictClient(fresh_app).page("/login")
    assert EXAMPLE_PASSWORD not in plain.text
    assert STAFF not in plain.text


def test_example_users_cannot_sign_in_outside_the_example_mode(fresh_app):
    client = StrictClient(fresh_app)
    sign_in(client, STAFF)
    assert client.get("/inbox").status_code == 200
    fresh_app.config["EXAMPLE_MODE"] = False
    assert client.get("/inbox").status_code == 302
    assert REFUSED in enter(client, STAFF, EXAMPLE_PASSWORD).text


def test_the_session_cookie_is_out_of_reach_of_scripts_and_other_sites(fresh_client):
    response = enter(fresh_client, STAFF, EXAMPLE_PASSWORD)
    cookie = response.headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie


def test_signing_in_asks_few_questions(fresh_client, fresh_app):
    database: Database = fresh_app.extensions["moyai_database"]
    sign_in(fresh_client, STAFF)
    with counted_queries(database.engine) as log:
        fresh_client.page("/account")
    log.at_most(5)
