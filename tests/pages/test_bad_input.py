"""What people type by mistake or on purpose, into every form, on both databases.

Never a crash: a message in Japanese, and what was typed is still there.
"""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select
from werkzeug.test import TestResponse

from accounts.roles import Actor
from app import create_app
from procurement.models import (
    Consent,
    EstimateBasis,
    InternalCeiling,
    Participation,
    Project,
    ProjectRole,
)
from tests.harness.bad_input import (
    EVERYTHING,
    FORMS,
    LONG,
    TEXTS,
    UNPRINTABLE,
    Town,
    make_town,
    sweep,
)
from tests.harness.client import as_page
from tests.harness.databases import copy_sqlite
from tests.harness.processes import configuration

# A worker builds the small world of each database once.
pytestmark = pytest.mark.xdist_group("bad_input")


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def town(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Town]:
    folder: Path = tmp_path_factory.mktemp("bad_input")
    if request.param == "sqlite":
        url = copy_sqlite(request.getfixturevalue("empty_sqlite"), folder / "moyai.db")
    else:
        url = request.getfixturevalue("postgres").copy("moyai_empty")
    app = create_app(configuration(url, folder / "instance"))
    # As it is served: a crash answers 500 and does not reach this test as an exception.
    app.config["PROPAGATE_EXCEPTIONS"] = False
    yield make_town(app)
    app.extensions["moyai_database"].dispose()


def fields_of(town: Town, name: str) -> list[str]:
    """Every field the form sends, hidden ones too."""
    _, form = FORMS[name].open(town)
    own = [field for field in form.values if field != "csrf_token"]
    return list(dict.fromkeys([*own, *FORMS[name].valid]))


@pytest.mark.parametrize("name", FORMS)
def test_no_value_in_all_fields_at_once_breaks_a_form(town: Town, name: str) -> None:
    fields = fields_of(town, name)
    # What is refused before a database is asked is refused alike on both; texts get furthest.
    others = [value for value in EVERYTHING if value not in TEXTS]
    values = others if town.database.is_sqlite else TEXTS
    problems = sweep(town, FORMS[name], [dict.fromkeys(fields, value) for value in values])
    assert not problems, "\n".join(problems)


@pytest.mark.parametrize("name", FORMS)
def test_no_text_in_one_field_breaks_a_form(town: Town, name: str) -> None:
    """The other fields are right: the text gets as far as the database, if it is let through."""
    # SQLite would take either; what is unprintable, PostgreSQL alone refuses with a crash.
    texts = (LONG,) if town.database.is_sqlite else (UNPRINTABLE, LONG)
    changes = [{field: text} for field in fields_of(town, name) for text in texts]
    problems = sweep(town, FORMS[name], changes)
    assert not problems, "\n".join(problems)


# Every address that a number or a code leads to, with what a hand may put there instead.
ODD_PLACES = ("0", "999999999", "9223372036854775808", "1" + "0" * 30, "-1", "１", "x", "%00", "😀")
ODD_QUERIES = ("%00", "%FF%FE", "'", "%25", "_", "１", "-1", "1e309", "1" + "0" * 30, "x" * 5000)


def addresses(town: Town) -> Iterator[str]:
    for rule in town.app.url_map.iter_rules():
        if "GET" in (rule.methods or ()) and not rule.endpoint.startswith(("static", "system.")):
            yield rule.rule


def test_no_address_breaks_a_page(town: Town) -> None:
    """Odd ids and codes lead to nothing: 404, never a crash, whoever asks."""
    broken = []
    # Not read strictly: it is one page, and it is read strictly elsewhere.
    for client in (town.app.test_client(), town.plain_client(town.lead)):
        for rule in addresses(town):
            for odd in ODD_PLACES if "<" in rule else ():
                path = re.sub(r"<[^>]*>", odd, rule)
                answer = client.get(path)
                if answer.status_code >= 500:
                    broken.append(f"{path[:100]}: {answer.status_code}")
    assert not broken, "\n".join(broken)


def test_no_question_breaks_a_page(town: Town) -> None:
    """Odd values of every parameter a page reads are answered with a page."""
    client, broken = town.client(town.lead), []
    for rule in addresses(town):
        for odd in ODD_QUERIES if "<" not in rule else ():
            names = ("q", "page", "prefecture", "kind", "sort", "state", "type", "ids", "next")
            answer = client.get(f"{rule}?{'&'.join(f'{name}={odd}' for name in names)}")
            if answer.status_code >= 500:
                broken.append(f"{rule}?…={odd[:20]}: {answer.status_code}")
    assert not broken, "\n".join(broken)


POSTED = (
    "/projects/{id}/join",
    "/projects/{id}/decline",
    "/projects/{id}/interest",
    "/projects/{id}/move",
    "/projects/{id}/extend",
    "/projects/{id}/edit",
    "/projects/{id}/terms",
    "/projects/{id}/bases",
    "/projects/{id}/bases/1/remove",
    "/projects/{id}/invite",
    "/projects/{id}/sharing/fix",
    "/projects/{id}/sharing/remind/{body}",
    "/projects/{id}/sharing/lapse/{body}",
    "/projects/{id}/consent",
    "/projects/{id}/consent/withdraw",
    "/projects/{id}/own/ceiling",
    "/projects/{id}/own/leave",
    "/projects/{id}/contracts/vendor",
    "/projects/{id}/contracts/qualification",
    "/projects/{id}/contracts/overall",
    "/projects/{id}/contracts/own",
    "/projects/{id}/contracts/unit-prices",
    "/projects/{id}/contracts/unit-prices/changes",
    "/projects/{id}/ledger/2026-05/items/{body}",
    "/projects/{id}/lots",
    "/projects/{id}/lots/notice",
    "/projects/{id}/contracts/withdraw",
    "/projects/{id}/contracts/refuse",
    "/projects/{id}/contracts/extensions",
    "/projects/{id}/contracts/changes",
    "/projects/{id}/introduction/{body}/check",
    "/projects/{id}/introduction/{body}/start",
    "/projects/{id}/introduction/know-how",
)


def post(town: Town, actor: Actor | None, path: str, *, token: bool = True) -> TestResponse:
    client = town.client(actor)
    data = {"confirmed": "y", "quantity": "1", "reason": "理由"} | {
        "approval_date": "2026-11-19",
        "approval_number": "1",
        "closes_on": "2027-02-01",
    }
    if token:
        form = client.page("/search" if actor is None else "/account").soup
        data["csrf_token"] = str(form.select_one("input[name=csrf_token]")["value"])
    return client.post(path, data=data)


@pytest.mark.parametrize("path", POSTED)
def test_a_hidden_project_answers_as_one_that_is_none(town: Town, path: str) -> None:
    """Another organisation's object is 404, to read and to write, told apart by nothing."""
    body = town.manager.body_code
    for actor in (town.lead, town.manager, town.staff):
        answers = [
            post(town, actor, path.format(id=number, body=body))
            for number in (town.hidden, 999_999)
        ]
        assert [answer.status_code for answer in answers] in ([404, 404], [403, 403]), path
        assert as_page(answers[0]).text == as_page(answers[1]).text


# A prefecture may state its own interest in another's project.
LED_BY_ANOTHER = tuple(path for path in POSTED if not path.endswith("/interest"))


@pytest.mark.parametrize("path", LED_BY_ANOTHER)
def test_nobody_writes_into_the_project_of_another_lead(town: Town, path: str) -> None:
    before = dump(town)
    answer = post(town, town.stranger, path.format(id=town.forming, body=town.manager.body_code))
    assert answer.status_code in (403, 404, 409, 422), answer.status_code
    assert dump(town) == before


@pytest.mark.parametrize("path", ["/login", "/logout", "/projects/new", *POSTED])
def test_a_form_without_its_token_changes_nothing_and_says_what_to_do(
    town: Town, path: str
) -> None:
    path = path.format(id=town.forming, body=town.manager.body_code)
    before = dump(town)
    answer = post(town, town.lead, path, token=False)
    assert answer.status_code == 400
    assert "もう一度" in as_page(answer).text
    assert dump(town) == before


def dump(town: Town) -> dict[str, list[tuple[object, ...]]]:
    """Every row of what a project is made of."""
    tables = (Project, Participation, ProjectRole, Consent, EstimateBasis, InternalCeiling)
    with town.database.read_session() as session:
        return {
            table.__tablename__: [tuple(row) for row in session.execute(select(*table.__table__.c))]
            for table in tables
        }


@pytest.mark.long
@pytest.mark.parametrize("name", FORMS)
def test_no_value_in_one_field_breaks_a_form(town: Town, name: str) -> None:
    changes = [{field: value} for field in fields_of(town, name) for value in EVERYTHING]
    problems = sweep(town, FORMS[name], changes)
    assert not problems, "\n".join(problems)
