"""What is hidden and what never was answer alike: status, every header and every byte."""

import re

import pytest
from sqlalchemy import select
from werkzeug.routing.converters import NumberConverter

from accounts.models import LocalBody
from catalog.models import Case
from procurement.models import Project
from tests.harness.builders import make_offering, make_vendor
from tests.harness.example import open_example, sign_in
from tests.harness.markers import plant

READERS = ("", "vendor-staff", "ministry", "taniyui-manager")
NEVER = 987_654
PARTS = ("status", "headers", "cookies", "body")
# What differs between any two answers, whatever was asked for.
_TOKEN = re.compile(rb'name="csrf_token"[^>]*value="[^"]+"')


@pytest.fixture(scope="module")
def planted(example, tmp_path_factory):
    """An application with drafts in it, and their numbers: (app, argument → hidden number)."""
    with open_example(example, tmp_path_factory.mktemp("alike") / "instance") as app:
        with app.extensions["moyai_database"].transaction() as session:
            plant(session)
            project = session.scalars(select(Project.id).where(Project.published.is_(False)))
            nobodys = make_vendor(session, "架空隠れ株式会社")
            draft = make_offering(session, nobodys, publication_status="draft", current_version=0)
            case = select(Case.id).where(Case.publication_status == "draft")
            hidden = {
                "project_id": project.first(),
                "offering_id": draft.id,
                "case_id": session.scalars(case).first(),
            }
            body = session.scalars(select(LocalBody.code).order_by(LocalBody.code)).first()
        assert None not in hidden.values()
        yield app, hidden, body


def addresses(app, argument, number, body):
    """Every address to read that takes the object, with other parts that exist nowhere."""
    adapter = app.url_map.bind("localhost")
    given = {argument: number, "body_code": body, "month": "2026-04", "kind": "join"}
    for rule in app.url_map.iter_rules():
        if argument in rule.arguments and "GET" in (rule.methods or ()):
            values = {
                name: given.get(name, 1 if isinstance(converter, NumberConverter) else "x")
                for name, converter in rule._converters.items()
            }
            yield rule.endpoint, adapter.build(rule.endpoint, values)


def told(client, address, number):
    """Everything an answer tells, without the number that was asked for."""
    answer = client.get(address)
    wanted = str(number)
    headers = sorted(
        (name, value.replace(wanted, "N"))
        for name, value in answer.headers
        if name not in ("Set-Cookie", "Content-Length")
    )
    cookies = sorted(each.split("=")[0] for each in answer.headers.getlist("Set-Cookie"))
    body = _TOKEN.sub(b"", answer.data).replace(wanted.encode(), b"N")
    return answer.status_code, headers, cookies, body


@pytest.mark.parametrize("argument", ["project_id", "offering_id", "case_id"])
@pytest.mark.parametrize("reader", READERS)
def test_hidden_and_never_existing_answer_alike(planted, reader, argument):
    app, hidden, body = planted
    client = app.test_client()
    if reader:
        sign_in(client, f"{reader}@moyai.example")
    client.get(f"/projects/{NEVER}")  # the first page of a visit sets the cookie
    number = hidden[argument]
    pairs = zip(
        addresses(app, argument, number, body), addresses(app, argument, NEVER, body), strict=True
    )
    different, asked = [], 0
    for (endpoint, one), (_, other) in pairs:
        here, nowhere = told(client, one, number), told(client, other, NEVER)
        asked += 1
        if here != nowhere:
            parts = [name for name, a, b in zip(PARTS, here, nowhere, strict=True) if a != b]
            different.append(f"{endpoint} {one}: {here[0]} and {nowhere[0]} in {parts}")
        if here[0] == 200:
            different.append(f"{endpoint} {one}: is read")
    assert asked > (30 if argument == "project_id" else 3)
    assert not different, "\n".join(different)
