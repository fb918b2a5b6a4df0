"""What is true of every page for every reader: found by following links, not by a list."""

import pytest
from sqlalchemy import select

from catalog.models import StoredFile
from tests.harness.client import StrictClient
from tests.harness.crawl import crawl, readable_endpoints
from tests.harness.example import role_emails, sign_in
from tests.harness.example_projects import COORDINATOR, far_pages, signed_in

# Reached by machines, by a form or by an address a person types.
EXAMPLE_TOWN = "/bodies/992011"  # its page has more to say than those of the first real bodies
# Of saved searches the example data has none; tests/pages/test_saved_searches.py has its own.
NOT_LINKED = {
    "policy.report",  # linked from items of a ministry's own; the first item is nobody's
    "marks.withdraw",  # the one marked entry is not the first visited: see test_marks.py
    "desk_entries.throw_away",  # the entry visited is public: see test_desk_pages.py
    "vendor_facts.send_back",  # nobody of the example waits: see test_registration.py
    "procurement.not_signing",  # nobody of the example is silent there: see test_silent_signing.py
    "procurement.product_change",  # for who has one of several: see test_product_change.py
    "words.edit",
    "procurement.api_project",
    "saved_searches.edit",
    "saved_searches.stop",
    "registration.register",
    "registration.join",
}


def enough(kind):
    """Of what differs by reader several, of everything else one."""
    if kind in ("procurement.project", "procurement.survey"):
        return 12  # each of the example's projects stands elsewhere on its way
    if kind in ("procurement.requirements", "procurement.specification"):
        return 8  # those without any come first
    return 4 if kind.startswith(("procurement.", "dashboard.", "selection.")) else 1


@pytest.fixture(scope="module")
def visits(app):
    """What each reader saw: role → visits."""
    # What a worker reads once, at its first search for a word, is no page's.
    StrictClient(app).get("/search?q=文書")
    seen = {"visitor": crawl(StrictClient(app), limit=lambda _kind: 2)}
    for role, email in role_emails(app).items():
        client = StrictClient(app)
        sign_in(client, email)
        starts = [EXAMPLE_TOWN, entry_with_files(app)]
        seen[role] = crawl(client, limit=enough, starts=starts, lasts=far_pages(app))
    return seen


def entry_with_files(app):
    """The page of the entry that gives files: of 270 the crawl reads one."""
    database = app.extensions["moyai_database"]
    with database.read_session() as session:
        return f"/offerings/{session.scalars(select(StoredFile.offering_id)).first()}"


def test_no_page_breaks_for_anybody(visits):
    broken = [
        f"{role}: {visit.path} {visit.status}"
        for role, seen in visits.items()
        for visit in seen
        if visit.status >= 500
    ]
    assert not broken, "\n".join(broken)


def test_no_page_links_to_nothing(visits):
    dead = [
        f"{role}: {visit.source} links to {visit.path} {visit.status}"
        for role, seen in visits.items()
        for visit in seen
        if visit.source and (visit.endpoint == "nothing" or visit.status in (403, 404, 410))
    ]
    assert not dead, "\n".join(dead)


def test_every_page_is_reached_by_links(app, visits):
    reached = {visit.endpoint for seen in visits.values() for visit in seen}
    missing = readable_endpoints(app) - reached - NOT_LINKED
    assert not missing, "\n".join(sorted(missing))


def test_what_a_crawl_of_a_few_does_not_come_to_is_linked_too(app):
    reader = signed_in(app, COORDINATOR)
    for path, source in far_pages(app).items():
        assert path in reader.page(source).links, source


def test_every_answer_carries_the_strict_headers(visits):
    for seen in visits.values():
        for visit in seen:
            policy = next(
                (
                    line
                    for line in visit.headers.splitlines()
                    if line.lower().startswith("content-security-policy:")
                ),
                "",
            )
            # A file somebody gave may load nothing at all.
            given = visit.endpoint == "files.public_file"
            assert ("default-src 'none'; sandbox" if given else "default-src 'self'") in policy
            assert "unsafe" not in policy, visit.path
            assert "nosniff" in visit.headers, visit.path


def test_a_visitor_sees_no_desk(visits):
    """What a role is asked for leads a visitor to the sign-in page, never to its content."""
    for visit in visits["visitor"]:
        if visit.path.startswith(("/desk", "/account", "/inbox", "/admin")):
            assert "サインイン" in visit.body.decode(), visit.path


def _allowed(visit):
    return (15 if visit.path.startswith("/projects/") else 12) * (1 + visit.redirects)


def test_no_page_asks_the_database_too_often(visits):
    """At most 12 statements a page, 15 for those of a project, whoever reads it."""
    over = {
        f"{role}: {visit.path} asks {len(visit.statements)}"
        for role, seen in visits.items()
        for visit in seen
        if len(visit.statements) > _allowed(visit)
    }
    assert not over, "\n".join(sorted(over))
    counted = [visit for seen in visits.values() for visit in seen if visit.statements]
    assert len(counted) > 50, "is anything still counted?"
