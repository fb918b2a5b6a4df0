"""What may not be found is not found: no result, count, proposal, feed, export or total of it."""

import io
import zipfile

import pytest

from accounts.models import User
from accounts.roles import Role
from foundation.db import Database
from tests.harness.example import open_example, role_emails, sign_in
from tests.harness.search_markers import plant_for_search

NEVER = 987_654_321
LISTS = ("offerings", "vendors", "cases", "projects", "specs", "programs")
DOWNLOADS = ("offerings", "price-plans", "cases")
FEEDS = ("/feeds/projects.atom", "/feeds/cases.atom")
PAGES = ("/", "/search", "/cases", "/projects", "/searches/saved", "/dashboard", "/open-data")
VISITOR = ""


@pytest.fixture(scope="module")
def planted(example, tmp_path_factory):
    """An application with hidden things in it, and what they are: (app, planted, before)."""
    with open_example(example, tmp_path_factory.mktemp("hidden") / "instance") as app:
        before = _totals(app)
        database: Database = app.extensions["moyai_database"]
        with database.transaction() as session:
            hidden = plant_for_search(session)
        yield app, hidden, before


@pytest.fixture(scope="module")
def readers(planted):
    """A visitor and one person of every role: {address: (organisation, roles, client)}."""
    app, _hidden, _before = planted
    database: Database = app.extensions["moyai_database"]
    found = {VISITOR: (None, frozenset(), app.test_client())}
    for email in role_emails(app).values():
        client = app.test_client()
        user_id = sign_in(client, email).id
        with database.read_session() as session:
            places = session.get_one(User, user_id).memberships
            roles = frozenset(Role(place.role) for place in places)
            found[email] = (places[0].organization_id, roles, client)
    return found


def test_there_are_twenty_and_more_for_every_role(planted, readers):
    _app, hidden, _before = planted
    assert len(hidden) >= 20
    assert {role for _id, roles, _client in readers.values() for role in roles} == (
        set(Role) - {Role.VISITOR}
    )


def test_no_search_finds_what_is_hidden(planted, readers):
    """By its own word: nothing found, nothing counted, nothing proposed, in page and API."""
    _app, hidden, _before = planted
    leaks = []
    for who, (organization_id, roles, client) in readers.items():
        for thing in hidden:
            if _may_find(thing, roles):
                continue
            found = client.get("/api/v1/search", query_string={"q": f'"{thing.word}"'}).get_json()
            proposed = client.get("/api/v1/suggest", query_string={"q": thing.word[:4]}).get_json()
            page = client.get("/search/suggest", query_string={"q": thing.word[:4]}).text
            counted = [v for values in found["facets"].values() for v in values if v["count"]]
            if found["total"] or counted or proposed["total"] or thing.word in page:
                leaks.append((who, organization_id, thing.marker.name))
    assert not leaks


def test_the_search_is_not_blind_to_what_one_may_read(planted, readers):
    """A word only public bodies may read is found by them, and by nobody else."""
    _app, hidden, _before = planted
    thing = next(thing for thing in hidden if thing.marker.name == "security measures")
    finds = {
        who
        for who, (_id, _roles, client) in readers.items()
        if client.get("/api/v1/search", query_string={"q": thing.word}).get_json()["total"]
    }
    assert finds == {who for who, (_id, roles, _c) in readers.items() if _may_find(thing, roles)}
    assert finds


def test_no_list_feed_or_download_names_what_is_hidden(planted, readers):
    _app, hidden, _before = planted
    leaks = []
    for who, (organization_id, roles, client) in readers.items():
        for address in (*PAGES, *FEEDS, *_list_addresses(client)):
            body = client.get(address, follow_redirects=True).get_data()
            leaks += [
                (who, address, thing.marker.name)
                for thing in hidden
                if thing.marker.is_in(body) and not thing.marker.may_read(organization_id, roles)
            ]
    assert not leaks


@pytest.mark.parametrize("name", DOWNLOADS)
def test_no_open_data_holds_what_is_hidden(planted, name):
    """Looked for in every file inside, unpacked."""
    app, hidden, _before = planted
    answer = app.test_client().get(f"/open-data/{name}.zip")
    with zipfile.ZipFile(io.BytesIO(answer.get_data())) as archive:
        texts = [archive.read(inner) for inner in archive.namelist()]
    assert len(texts) > 1
    assert [thing.marker.name for thing in hidden if thing.marker.is_in(*texts)] == []


def test_totals_count_only_what_can_be_found(planted):
    """One published entry was added: nothing else moved by what is hidden."""
    app, _hidden, before = planted
    after = _totals(app)
    assert after["/api/v1/offerings"] == before["/api/v1/offerings"] + 1
    assert after["/api/v1/search"] == before["/api/v1/search"] + 1
    # Its vendor, and the four whose entries are hidden, are themselves published.
    assert after["/api/v1/vendors"] == before["/api/v1/vendors"] + 5
    for name in ("cases", "projects", "specs", "programs"):
        assert after[f"/api/v1/{name}"] == before[f"/api/v1/{name}"], name


def test_a_hidden_thing_answers_like_one_that_never_was(planted, readers):
    """Page, version, interface: same status, same words, same headers."""
    _app, hidden, _before = planted
    differing = []
    for who, (organization_id, roles, client) in readers.items():
        for thing in hidden:
            marker = thing.marker
            # What was published once stays readable at its address: withdrawn entries say so.
            if not thing.address or "withdrawn" in marker.name:
                continue
            if marker.may_read(organization_id, roles):
                continue
            never = f"/{thing.address.split('/')[1]}/{NEVER}"
            for tail in ("", "/versions/1", "/sharing"):
                pair = (thing.address + tail, never + tail)
                if _answer(client, pair[0]) != _answer(client, pair[1]):
                    differing.append((who, marker.name, pair[0]))
            pair = ("/api/v1" + thing.address, "/api/v1" + never)
            if _answer(client, pair[0]) != _answer(client, pair[1]):
                differing.append((who, marker.name, pair[0]))
    assert not differing


def _may_find(thing, roles):
    """Searches know two classes of reader; drafts are found by no search at all."""
    return thing.marker.name == "security measures" and bool(thing.marker.roles & roles)


def _totals(app):
    client = app.test_client()
    addresses = ["/api/v1/search", *(f"/api/v1/{name}" for name in LISTS)]
    return {address: client.get(address).get_json()["total"] for address in addresses}


def _list_addresses(client):
    """Every page of every list of the interface that could hold what was planted."""
    for name in LISTS:
        pages = client.get(f"/api/v1/{name}").get_json()["pages"]
        # Newest and last-named stand at either end, whatever the order of the list is.
        yield from (f"/api/v1/{name}?page={n}" for n in sorted({1, 2, pages - 1, pages}) if n > 0)


def _answer(client, address):
    """Status, headers and words, without what names the address or the moment."""
    response = client.get(address)
    body = response.get_data(as_text=True).replace(address, "ADDRESS")
    headers = {
        name: value.replace(address, "ADDRESS")
        for name, value in response.headers.items()
        if name not in ("Set-Cookie", "Content-Length", "X-Request-ID", "Date")
    }
    return response.status_code, headers, _without_tokens(body)


def _without_tokens(body):
    """A form's token is new in each answer."""
    lines = body.splitlines()
    return [line for line in lines if "csrf_token" not in line and "request_id" not in line]
