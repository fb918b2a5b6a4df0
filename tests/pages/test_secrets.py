"""Marked secrets are found by those domain §8 names, and by nobody else, anywhere.

More than twenty kinds of secret, every role: pages, headers, feeds, the API, downloads unpacked,
the audit's own export, search and suggestions, mail, notices, the chain, logs and the index.
"""

import logging
from pathlib import Path

import pytest
from sqlalchemy import select

from accounts.models import User
from accounts.roles import Role
from foundation.audit import AuditEvent
from foundation.db import Database
from foundation.mail import Notice, OutboxMail
from procurement.models import Project
from tests.harness.crawl import crawl
from tests.harness.example import open_example, sign_in
from tests.harness.markers import DRAFT_CASE, DRAFT_OFFERING, DRAFT_PROJECT, plant

SEARCHES = [
    f"{address}?q={word[-6:]}"
    for address in ("/search", "/api/v1/search")
    for word in (DRAFT_OFFERING, DRAFT_CASE, DRAFT_PROJECT)
]
# What a draft is called is not proposed either, by whatever beginning.
SEARCHES += [
    f"{address}?q={word[:7]}"
    for address in ("/search/suggest", "/api/v1/suggest")
    for word in (DRAFT_OFFERING, DRAFT_CASE, DRAFT_PROJECT)
]
# Two towns' managers, one's staff, and one of every other kind.
READERS = {
    f"{name}@moyai.example"
    for name in (
        *("operator", "auditor", "ministry", "judge", "pref", "council", "oumi", "vendor-manager"),
        *("vendor-staff",),
        *("hoyui-staff", "hoyui-manager", "tsunanoe-manager"),
    )
}


class _Kept(logging.Handler):
    def __init__(self):
        super().__init__(logging.DEBUG)
        self.lines = []

    def emit(self, record):
        self.lines.append(record.getMessage())


@pytest.fixture(scope="module")
def planted(example, tmp_path_factory):
    """An application with marked secrets in it: (app, markers, log lines)."""
    log = _Kept()
    root = logging.getLogger()
    level = root.level
    root.addHandler(log)
    root.setLevel(logging.INFO)
    with open_example(example, tmp_path_factory.mktemp("secrets") / "instance") as app:
        database: Database = app.extensions["moyai_database"]
        with database.transaction() as session:
            markers = plant(session)
        yield app, markers, log.lines
    root.removeHandler(log)
    root.setLevel(level)


def _place_of(user):
    organization_id = user.memberships[0].organization_id
    return organization_id, frozenset(Role(membership.role) for membership in user.memberships)


@pytest.fixture(scope="module")
def readings(planted):
    """What every example user and a visitor saw: [(who, organisation, roles, visits)]."""
    app, _markers, _log = planted
    database: Database = app.extensions["moyai_database"]
    with database.read_session() as session:
        projects = session.scalars(select(Project.id)).all()
        users = session.scalars(select(User).where(User.email.in_(READERS))).all()
        assert len(users) == len(READERS)
        people = [(user.email, *_place_of(user)) for user in users]
    starts = [*SEARCHES, *(f"/projects/{id}" for id in projects)]
    return [
        (email, organization_id, roles, crawl(_client(app, email), limit=enough, starts=starts))
        for email, organization_id, roles in [("", None, frozenset()), *people]
    ]


def enough(endpoint):
    """Every address where figures of projects could stand, all searches, one of the others."""
    if endpoint.startswith("procurement."):
        return 20
    return len(SEARCHES) if "search" in endpoint else 1


def _client(app, email):
    # Not the strict one: these pages are checked elsewhere, and here there are very many.
    client = app.test_client()
    if email:
        sign_in(client, email)
    return client


def test_there_are_twenty_kinds_and_every_role(planted, readings):
    _app, markers, _log = planted
    assert len({marker.kind for marker in markers}) >= 20
    roles = {role for _who, _organization, roles, _visits in readings for role in roles}
    assert roles == set(Role) - {Role.VISITOR}


def test_downloads_and_the_audits_pages_are_among_what_was_read(readings):
    """Else files would be looked at packed, or not at all."""
    kinds = {visit.mimetype for _who, _o, _roles, visits in readings for visit in visits}
    assert {"application/zip", "text/csv", "application/atom+xml", "application/json"} <= kinds
    assert any("wordprocessingml" in kind for kind in kinds)
    assert any("spreadsheetml" in kind for kind in kinds)
    auditors = [visits for _w, _o, roles, visits in readings if Role.AUDITOR in roles]
    audits = {v.path for visits in auditors for v in visits if v.status == 200}
    assert {"/admin/audit", "/open-data/audit-heads.csv"} <= audits


def test_no_secret_reaches_anybody_it_is_not_for(planted, readings):
    _app, markers, _log = planted
    leaks = []
    for who, organization_id, roles, visits in readings:
        seen = _different_lines(visits)
        hidden = [m for m in markers if not m.may_read(organization_id, roles) and m.is_in(seen)]
        leaks += [
            f"{who or 'a visitor'} reads the {marker.name} on {visit.path}"
            for marker in hidden
            for visit in visits
            if marker.is_in(*visit.texts, visit.headers.encode())
        ]
    assert not leaks, "\n".join(leaks)


def _different_lines(visits):
    """All that was read, each line once: most stand on every page, and there are many markers."""
    texts = (text for visit in visits for text in (*visit.texts, visit.headers.encode()))
    return b"\n".join({line for text in texts for line in text.split(b"\n")})


def test_no_marker_spans_lines(planted):
    """Else it would not be found where each line is looked at once."""
    _app, markers, _log = planted
    assert not [m.name for m in markers if any(b"\n" in form for form in m.forms)]


@pytest.mark.parametrize(
    "kind",
    [
        *("ceiling", "stand-alone", "need's cost", "need's obstacle", "sheet", "contract", "quote"),
        *("ledger's whole", "ledger invoice", "ledger receipt"),
        *("proposal's price", "question not yet answered"),
        *("drafted notice's number", "drafted notice's criterion", "drafted notice's address"),
        *("drafted notice's closing", "trial's cap", "trial's amount", "trial's result"),
        "drafted notice's ceiling",
    ],
)
def test_the_search_for_leaks_is_not_blind(planted, readings, kind):
    """Its own people do read each kind of figure somewhere."""
    _app, markers, _log = planted
    found = [
        marker.name
        for _who, organization_id, roles, visits in readings
        for marker in markers
        if marker.name.startswith(kind) and marker.may_read(organization_id, roles)
        for visit in visits
        if marker.is_in(*visit.texts)
    ]
    assert found


def test_drafts_are_found_by_no_search(planted):
    app, _markers, _log = planted
    for address in SEARCHES:
        if address.startswith("/api/"):
            assert app.test_client().get(address).get_json()["total"] == 0, address


def test_no_secret_is_in_mail_notice_or_audit_chain(planted, readings):
    app, markers, _log = planted
    assert readings
    with app.extensions["moyai_database"].read_session() as session:
        written = [f"{m.subject} {m.body}" for m in session.scalars(select(OutboxMail))]
        written += [str(vars(notice)) for notice in session.scalars(select(Notice))]
        written += [str(event.changes) for event in session.scalars(select(AuditEvent))]
    secret = [marker for marker in markers if "draft" not in marker.name]
    assert any("set_internal_ceiling" in str(e) or "amount_yen" in str(e) for e in written)
    assert [m.name for m in secret for text in written if m.is_in(text.encode())] == []


def test_no_secret_is_logged_or_indexed(planted, readings):
    app, markers, log = planted
    assert readings
    assert [m.name for m in markers for line in log if m.is_in(line.encode())] == []
    files = [p for p in Path(app.config["SEARCH_INDEX_DIR"]).rglob("*") if p.is_file()]
    assert files
    assert [m.name for m in markers for p in files if m.is_in(p.read_bytes())] == []
