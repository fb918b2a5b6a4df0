"""Field by field: an answer reaches the readers of its disclosure class, on every surface.

Two classes of an entry's answers are kept here (public, government); those of a project
(members only, lead only) are looked for by test_secrets. Every question that is answered in
words carries a mark of its own, so a leak says which field it was.
"""

import io
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from accounts.models import Organization
from accounts.roles import SYSTEM, Role
from catalog import services
from catalog.criteria import CRITERIA
from catalog.criterion import AnswerType, Criterion, Disclosure
from catalog.models import Vendor
from foundation.db import Database
from tests.harness.builders import NOW, make_body, make_organization, make_user, organization_of
from tests.harness.catalog import ANSWERS, SmallCatalog, offering_entry, open_catalog
from tests.harness.example import sign_in

# Domain §8: what only public bodies may read, these read. A judge is a guest.
GOVERNMENT = {
    Role.MUNICIPAL_STAFF,
    Role.MUNICIPAL_MANAGER,
    Role.PREFECTURE_COORDINATOR,
    Role.MINISTRY_REPORTER,
    Role.OPERATOR,
    Role.AUDITOR,
}
KINDS = {
    Role.MINISTRY_REPORTER: "ministry",
    Role.VENDOR_STAFF: "vendor",
    Role.VENDOR_MANAGER: "vendor",
    Role.JUDGE: "operator",
    Role.OPERATOR: "operator",
    Role.AUDITOR: "operator",
}
WORDED = (AnswerType.TEXT, AnswerType.LONG_TEXT)
# Answers given in words, and closed tables with words in them.
MARKED = [
    criterion
    for criterion in CRITERIA
    if criterion.type in WORDED
    or (criterion.columns and criterion.disclosure is not Disclosure.PUBLIC)
]
CLOSED = [c for c in MARKED if c.disclosure is not Disclosure.PUBLIC]


def mark(criterion: Criterion, version: int) -> str:
    """Letters only: a number would be cut by the search's words."""
    return f"しるし{criterion.key.replace('_', '')}{'古新'[version - 1]}"


def marked_answer(criterion: Criterion, version: int) -> Any:
    """An answer that holds the mark; in a table, in the first row's words."""
    word = mark(criterion, version)
    if not criterion.columns:
        return word
    cells = {c.key: c.choices[0].key if c.choices else word for c in criterion.columns}
    assert word in cells.values(), f"{criterion.key}: no column of words to mark"
    return {criterion.choices[0].key: cells}


@dataclass(frozen=True)
class Opened:
    app: Flask
    catalog: SmallCatalog
    offering_id: int
    readers: dict[str, str]  # who → address, '' for a visitor


@pytest.fixture(scope="module")
def opened(empty_sqlite: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Opened]:
    folder = tmp_path_factory.mktemp("disclosure")
    with open_catalog(empty_sqlite, folder) as (app, catalog):
        database: Database = app.extensions["moyai_database"]
        with database.transaction() as session:
            vendor = session.get_one(Vendor, catalog.vendor)
            entry = offering_entry(vendor, key="marked", name="目印のサービス")
            offering = services.create_offering(session, actor=SYSTEM, now=NOW, entry=entry)
            for version in (1, 2):
                marked = {each.key: marked_answer(each, version) for each in MARKED}
                services.publish_offering_version(
                    session,
                    actor=SYSTEM,
                    now=NOW,
                    offering_id=offering.id,
                    entry=replace(entry, answers=ANSWERS | marked),
                    change_note="目印を変えました",
                )
            readers = {"": "", "own_vendor": catalog.vendor_email}
            for role in set(Role) - {Role.VISITOR}:
                organization = _organization(session, role)
                readers[role.value] = make_user(session, organization, role).email
            offering_id = offering.id
        yield Opened(app, catalog, offering_id, readers)


def _organization(session, role: Role) -> Organization:
    kind = KINDS.get(role)
    if kind is None:
        facts = {"kind": "prefecture"} if role is Role.PREFECTURE_COORDINATOR else {}
        return organization_of(session, make_body(session, **facts))
    return make_organization(session, kind, alternate_key=f"reader-{role.value}")


def surfaces(opened: Opened) -> dict[str, Callable[[FlaskClient], str]]:
    """Everything that shows an entry, by name."""
    number, other = opened.offering_id, opened.catalog.offering
    addresses = {
        "page": f"/offerings/{number}",
        "version": f"/offerings/{number}/versions/1",
        "changes": f"/offerings/{number}/versions/2/changes",
        "comparison": f"/offerings/compare?ids={number},{other}",
        "comparison as CSV": f"/offerings/compare.csv?ids={number},{other}",
        "API": f"/api/v1/offerings/{number}",
        "API list": "/api/v1/offerings",
        "vendor": f"/vendors/{opened.catalog.vendor}",
        "search page": "/search?kind=offering",
        "search API": "/api/v1/search?kind=offering",
        "home": "/",
    }
    looks: dict[str, Callable[[FlaskClient], str]] = {
        name: _reads(address) for name, address in addresses.items()
    }
    return looks | {
        f"open data {name}": _unpacks(f"/open-data/{name}.zip")
        for name in ("offerings", "price-plans", "cases")
    }


def _reads(address: str) -> Callable[[FlaskClient], str]:
    def read(client: FlaskClient) -> str:
        answer = client.get(address)
        assert answer.status_code == 200, address
        if answer.mimetype == "text/csv":
            return answer.get_data().decode("utf-8-sig", errors="replace")
        return answer.text

    return read


def _unpacks(address: str) -> Callable[[FlaskClient], str]:
    def read(client: FlaskClient) -> str:
        with zipfile.ZipFile(io.BytesIO(client.get(address).data)) as archive:
            return "\n".join(archive.read(name).decode("utf-8-sig") for name in archive.namelist())

    return read


def client_of(opened: Opened, email: str) -> FlaskClient:
    client = opened.app.test_client()
    if email:
        sign_in(client, email)
    return client


def may_read(who: str, criterion: Criterion) -> bool:
    if criterion.disclosure is Disclosure.PUBLIC:
        return True
    return who in GOVERNMENT  # its own vendor reads them on its desk, not where readers do


def test_there_is_a_field_of_every_class():
    assert {criterion.disclosure for criterion in MARKED} == set(Disclosure)
    assert all(criterion in MARKED for criterion in CRITERIA if criterion in CLOSED)
    not_worded = [c for c in CRITERIA if c not in MARKED]
    assert {c.disclosure for c in not_worded} == {Disclosure.PUBLIC}, "mark these too"


def test_no_surface_tells_a_field_to_who_may_not_read_it(opened):
    leaks = []
    for who, email in opened.readers.items():
        client = client_of(opened, email)
        for name, look in surfaces(opened).items():
            text = look(client)
            leaks += [
                f"{who or 'a visitor'} reads {criterion.key} in {name}"
                for criterion in MARKED
                if not may_read(who, criterion)
                if mark(criterion, 1)[:-1] in text
            ]
    assert not leaks, "\n".join(leaks)


def test_open_data_and_feeds_hold_what_is_public_whoever_asks(opened):
    """A file is passed on: it is made for a visitor, even where a public body asks."""
    for who, email in opened.readers.items():
        client = client_of(opened, email)
        for name, look in surfaces(opened).items():
            if name.startswith("open data"):
                found = [c.key for c in CLOSED if mark(c, 1)[:-1] in look(client)]
                assert not found, f"{who}: {name}"


@pytest.mark.parametrize("who", ["", *sorted(role.value for role in GOVERNMENT), "own_vendor"])
def test_the_page_and_the_api_show_what_one_may_read(opened, who):
    """Else the test before would be blind."""
    client = client_of(opened, opened.readers[who])
    looks = surfaces(opened)
    for name in ("page", "API"):
        text = looks[name](client)
        missing = [c.key for c in MARKED if may_read(who, c) and mark(c, 2) not in text]
        assert not missing, name


def test_a_vendor_reads_its_own_answers_on_its_desk(opened):
    client = client_of(opened, opened.readers["own_vendor"])
    for criterion in CLOSED:
        page = client.get(f"/desk/vendor/offerings/{opened.offering_id}/{criterion.group.value}")
        assert mark(criterion, 2) in page.text, criterion.key


def test_a_word_is_found_by_whom_it_may_be_read(opened):
    """Only indexed answers are found; a closed one gives others no hit, no count, no proposal."""
    for who, email in opened.readers.items():
        client = client_of(opened, email)
        for criterion in MARKED:
            word = mark(criterion, 2)
            found = client.get("/api/v1/search", query_string={"q": f'"{word}"'}).get_json()
            may = may_read(who, criterion)
            expected = 1 if may and criterion.indexed else 0
            assert found["total"] == expected, (who, criterion.key)
            counted = [v for values in found["facets"].values() for v in values if v["count"]]
            assert bool(counted) == bool(expected), (who, criterion.key)
            if criterion in CLOSED and not may:
                proposed = client.get("/api/v1/suggest", query_string={"q": word[:6]}).get_json()
                assert proposed["total"] == 0, (who, criterion.key)
