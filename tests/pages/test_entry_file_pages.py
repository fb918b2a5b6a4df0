"""Files of entries by pages: given at the desk, refused with the reason, given out by role."""

import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from flask import Flask
from sqlalchemy import select

from accounts.models import Organization
from accounts.roles import Role
from catalog.models import Vendor
from foundation.audit import AuditEvent
from foundation.db import Database
from tests.harness.builders import make_body, make_organization, make_user, organization_of
from tests.harness.catalog import SmallCatalog, open_catalog
from tests.harness.client import StrictClient, as_page
from tests.harness.evil_files import EVIL, GOOD, pdf, xlsx
from tests.harness.example import sign_in
from tests.harness.page import Form, Page

NOBODYS = "x" * 43
TITLES = {"public": "みんなの料金表", "government": "行政の料金表", "lead_only": "幹事の料金表"}
# Who reads which class of a published entry's files (domain §8); None of a project is led here.
READ = {
    Role.VISITOR: {"public"},
    Role.VENDOR_STAFF: {"public"},
    Role.VENDOR_MANAGER: {"public"},
    Role.JUDGE: {"public"},
    Role.MUNICIPAL_STAFF: {"public", "government"},
    Role.MUNICIPAL_MANAGER: {"public", "government"},
    Role.PREFECTURE_COORDINATOR: {"public", "government"},
    Role.MINISTRY_REPORTER: {"public", "government"},
    Role.OPERATOR: {"public", "government", "lead_only"},
    Role.AUDITOR: {"public", "government", "lead_only"},
}
_KINDS = {Role.MINISTRY_REPORTER: "ministry", Role.VENDOR_STAFF: "vendor"}
_KINDS |= {Role.VENDOR_MANAGER: "vendor"}


class Office:
    """An application whose vendor gives files with its published entry."""

    def __init__(self, app: Flask, catalog: SmallCatalog) -> None:
        self.app = app
        self.catalog = catalog
        self.database: Database = app.extensions["moyai_database"]
        self.base = f"/desk/vendor/offerings/{catalog.offering}"
        self.public = f"/offerings/{catalog.offering}"
        with self.database.transaction() as session:
            self.emails = {role: self._email(session, role) for role in READ}
            self.emails[Role.VISITOR] = ""
            self.own = make_user(
                session,
                session.get_one(Vendor, catalog.vendor).organization,
                Role.VENDOR_MANAGER,
            ).email

    def _email(self, session: Any, role: Role) -> str:
        if role in (Role.MUNICIPAL_STAFF, Role.MUNICIPAL_MANAGER, Role.PREFECTURE_COORDINATOR):
            organization: Organization = organization_of(session, make_body(session))
        else:
            kind = _KINDS.get(role, "operator")
            organization = make_organization(session, kind, alternate_key=f"file-{role.value}")
        return "" if role is Role.VISITOR else make_user(session, organization, role).email

    def person(self, email: str) -> StrictClient:
        client = StrictClient(self.app)
        if email:
            sign_in(client, email)
        return client

    def events(self, action: str) -> int:
        with self.database.read_session() as session:
            return len(session.scalars(select(AuditEvent).where(AuditEvent.action == action)).all())


@pytest.fixture(scope="module")
def office(empty_sqlite: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    with open_catalog(empty_sqlite, tmp_path_factory.mktemp("files")) as (app, catalog):
        yield Office(app, catalog)


def give(client: StrictClient, base: str, content: bytes, name: str, **typed: str) -> Any:
    form = client.page(f"{base}/files").form("/files", button="このファイルを加える")
    sent = {"title": "料金表", "use": "price_list", "disclosure": "public"} | typed
    return form.submit(client, sent, file=(io.BytesIO(content), name))


@pytest.fixture(scope="module")
def published(office: Office) -> dict[str, str]:
    """Class → address of a file of that class in the published version."""
    vendor = office.person(office.own)
    for disclosure, title in TITLES.items():
        made = pdf(b"<< /Title (%s) >>" % disclosure.encode())
        name = f"{title}.pdf"
        answer = give(vendor, office.base, made, name, title=title, disclosure=disclosure)
        assert answer.status_code == 302, as_page(answer).text
    form = vendor.page(f"{office.base}/submit").form("/submit")
    assert form.submit(vendor).status_code == 302
    operator = office.person(office.emails[Role.OPERATOR])
    address = operator.page("/admin/reviews").link("架空アシスト2")
    review = operator.page(address)
    assert all(title in review.text for title in TITLES.values())
    for form in _forms(review, f"{address}/files/"):
        assert form.submit(operator).mimetype == "application/pdf"
    answer = operator.page(address).form(address, button="承認").submit(operator, do="approve")
    assert answer.status_code == 302, as_page(answer).text
    forms = _forms(vendor.page(f"{office.base}/files"), f"{office.base}/files/")
    tokens = [f.action.rsplit("/", 1)[1] for f in forms if not f.action.endswith("/remove")]
    assert len(tokens) == 3
    return dict(zip(TITLES, (f"{office.public}/files/{token}" for token in tokens), strict=True))


@pytest.mark.parametrize("role", READ)
def test_each_role_gets_its_files_and_no_word_of_the_others(
    office: Office, published: dict[str, str], role: Role
) -> None:
    client = office.person(office.emails[role])
    page, api = client.page(office.public), client.get(f"/api/v1{office.public}").text
    for disclosure, title in TITLES.items():
        address = published[disclosure]
        reads = disclosure in READ[role]
        assert (title in page.text, title in api) == (reads, reads), disclosure
        before = office.events("download_file")
        if disclosure == "public":
            answer = client.get(address)
        elif reads:
            answer = page.form(address).submit(client)
            assert client.get(address).status_code == 404  # nothing is given unrecorded
        else:
            answer = _post(client, address)
            nothing = _post(client, f"{office.public}/files/{NOBODYS}")
            expected = (
                302 if role is Role.VISITOR else 404
            )  # to the sign-in page, whatever is there
            assert (answer.status_code, nothing.status_code) == (expected, expected)
            if expected == 404:
                assert as_page(answer).text == as_page(nothing).text
        assert (answer.status_code == 200) is reads
        assert office.events("download_file") - before == (reads and disclosure != "public")


def test_what_is_given_out_can_only_be_saved(office: Office, published: dict[str, str]) -> None:
    answer = StrictClient(office.app).get(published["public"])
    assert answer.data.startswith(b"%PDF-")
    headers = answer.headers
    assert headers["Content-Type"] == "application/pdf"
    assert headers["Content-Disposition"].startswith("attachment;")
    assert quote("みんなの料金表.pdf") in headers["Content-Disposition"]
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in headers["Content-Security-Policy"]
    closed = office.person(office.emails[Role.MUNICIPAL_STAFF])
    answer = closed.page(office.public).form(published["government"]).submit(closed)
    assert answer.headers["Cache-Control"] == "no-store"


def test_old_versions_and_the_changes_say_it_by_class(
    office: Office, published: dict[str, str]
) -> None:
    visitor, staff = StrictClient(office.app), office.person(office.emails[Role.MUNICIPAL_STAFF])
    for path in (f"{office.public}/versions/3", f"{office.public}/versions/3/changes"):
        assert TITLES["public"] in visitor.page(path).text
        assert TITLES["government"] not in visitor.page(path).text
        assert TITLES["government"] in staff.page(path).text
        assert TITLES["lead_only"] not in staff.page(path).text
    assert TITLES["public"] not in visitor.page(f"{office.public}/versions/2").text


def test_nothing_of_a_file_is_searched_or_exported(
    office: Office, published: dict[str, str]
) -> None:
    client = office.person(office.emails[Role.OPERATOR])
    for title in TITLES.values():
        assert title not in str(client.get(f"/api/v1/search?q={title}").get_json()["results"])
    assert "料金表" not in client.get("/open-data/offerings.zip").data.decode("latin-1")


def test_drafts_of_others_are_not_there(office: Office, published: dict[str, str]) -> None:
    other = office.person(office.emails[Role.VENDOR_MANAGER])
    token = published["public"].rsplit("/", 1)[1]
    assert other.get(f"{office.base}/files").status_code == 404
    for path in (f"{office.base}/files/{token}", f"{office.base}/files/{token}/remove"):
        assert _post(other, path).status_code == 404
    assert _post(other, f"/admin/reviews/1/files/{token}").status_code == 403
    draft = f"/desk/vendor/offerings/{office.catalog.draft}"
    vendor = office.person(office.own)
    assert give(vendor, draft, xlsx(), "下書き.xlsx", disclosure="public").status_code == 302
    own = _forms(vendor.page(f"{draft}/files"), f"{draft}/files/")[0]
    token = own.action.rsplit("/", 1)[1]
    for role in READ:
        client = office.person(office.emails[role])
        for path in (f"/offerings/{office.catalog.draft}", office.public):
            assert client.get(f"{path}/files/{token}").status_code == 404, role


# Every one of them is refused in tests/unit/test_uploads.py.
@pytest.mark.parametrize("name", ["macros", "Excel with a password", "script", "bomb", "web page"])
def test_a_refused_file_says_why_and_keeps_what_was_typed(office: Office, name: str) -> None:
    vendor = office.person(office.own)
    typed = {"title": "消えない件名", "use": "specification", "disclosure": "lead_only"}
    answer = give(vendor, office.base, EVIL[name][0](), "無害.pdf", **typed)
    page = as_page(answer, status=422)
    form = page.form("/files", button="このファイルを加える")
    assert page.soup.select_one("#file-error"), name
    assert {key: form.values[key] for key in typed} == typed
    assert "消えない件名" not in vendor.page(f"{office.base}/files").text


def test_an_incomplete_form_says_what_is_missing(office: Office) -> None:
    vendor = office.person(office.own)
    form = vendor.page(f"{office.base}/files").form("/files", button="このファイルを加える")
    page = as_page(form.submit(vendor, {"title": ""}), status=422)
    assert {tag["id"] for tag in page.soup.select(".dads-form-control__error")} == {
        *("title-error", "use-error", "disclosure-error", "file-error")
    }


@pytest.mark.parametrize("name", ["PDF", "Word", "table", "photo"])
def test_a_file_is_taken_whatever_its_name_says(office: Office, name: str) -> None:
    vendor = office.person(office.own)
    draft = f"/desk/vendor/offerings/{office.catalog.draft}"
    make, _kind = GOOD[name]
    answer = give(vendor, draft, make(), "evil.exe", title=f"資料{name}", use="material")
    if answer.status_code == 422:  # the draft holds equal bytes already
        assert "すでに添付" in as_page(answer, status=422).text
        return
    page = vendor.page(f"{draft}/files")
    assert ".exe" not in page.text
    form = next(f for f in _forms(page, draft) if f"「資料{name}」を外す" in f.tag.get_text())
    assert form.submit(vendor).status_code == 302
    assert f"資料{name}" not in vendor.page(f"{draft}/files").text


def test_a_body_beyond_the_limit_is_answered_in_words(office: Office) -> None:
    vendor = office.person(office.own)
    answer = give(vendor, office.base, b"a" * (11 * 1024 * 1024), "大きい.txt")
    assert "10MB以下" in as_page(answer, status=422).text
    answer = give(vendor, office.base, b"a" * (21 * 1024 * 1024), "大きすぎる.txt")
    assert "大きすぎます" in as_page(answer, status=413).text


def _post(client: StrictClient, path: str) -> Any:
    with client.session_transaction() as cookie:
        page = client.page("/account" if "_user_id" in cookie else "/login")
    token = page.soup.select_one("input[name=csrf_token]")
    assert token
    return client.post(path, data={"csrf_token": str(token["value"])})


def _forms(page: Page, start: str) -> list[Form]:
    """The forms that post below that address."""
    return [form for form in page.forms if form.action.startswith(start)]
