"""Every kind of page, wide and narrow, in a real browser: accessible, calm, never too wide."""

import os

import pytest

from accounts.examples import EXAMPLE_PASSWORD
from tests.harness.browser import DESKTOP, PHONE, assert_accessible, assert_fits, screenshot
from tests.harness.crawl import crawl
from tests.harness.example import role_emails, sign_in
from tests.harness.example_projects import far_pages

READERS = ("visitor", "municipal_manager", "prefecture_coordinator", "vendor_manager", "operator")


@pytest.fixture(scope="module")
def pages(live_app):
    """One address of each kind of page, per reader; what a visitor sees too is asked once."""
    emails = role_emails(live_app)
    found, known = {}, set()
    for role in READERS:
        # Not the strict one: tests/pages/test_every_page.py reads the same pages strictly.
        client = live_app.test_client()
        if role != "visitor":
            sign_in(client, emails[role])
        kinds = {
            visit.endpoint: visit.path
            for visit in reversed(crawl(client, limit=lambda _kind: 1, lasts=far_pages(live_app)))
            if visit.mimetype == "text/html" and visit.status == 200 and not visit.redirects
        }
        found[role] = {kind: path for kind, path in kinds.items() if kind not in known}
        known |= {kind for kind in kinds if role == "visitor" and kind not in PERSONAL}
    return found


# Pages that say something else to each reader are looked at for each.
PERSONAL = {"procurement.home", "procurement.project"}


@pytest.mark.parametrize("role", READERS)
def test_every_page_is_accessible_and_fits(reader, live_app, pages, role):
    """Loaded once and then made narrow, as by turning a tablet: scripts hear of that too."""
    someone = reader(width=DESKTOP)
    if role != "visitor":
        someone.sign_in(role_emails(live_app)[role], EXAMPLE_PASSWORD)
    assert pages[role]
    problems = []
    for kind, path in pages[role].items():
        page = someone.open(path)
        for width in (DESKTOP, PHONE):
            someone.resize(width)
            if os.environ.get("MOYAI_SCREENSHOTS"):
                screenshot(page, f"{role}-{kind}")
            for check in (assert_accessible, assert_fits):
                try:
                    check(page)
                except AssertionError as problem:
                    problems.append(f"{width} px: {problem}")
        someone.resize(DESKTOP)
    assert not problems, "\n".join(problems)
