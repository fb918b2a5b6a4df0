"""Pages that stand only for a moment, which no crawl of the example comes to: axe, wide and narrow.

What would follow from changing a product, seen before it is recorded; a body that does not sign,
and what its lead and it itself read; a notice with ceilings and a proposal that is above them.
"""

from datetime import timedelta

import pytest

from foundation.web import now_of
from tests.harness.browser import DESKTOP, PHONE, assert_accessible, assert_fits, screenshot
from tests.harness.story_forms import seat_clerk
from tests.pages.test_product_change import Changing
from tests.pages.test_silent_signing import Silent


def looked_at(clerk, name):
    """The page that stands in the clerk's window, at both widths."""
    page = clerk.reader.page
    for width in (DESKTOP, PHONE):
        page.set_viewport_size({"width": width, "height": 900})
        assert_accessible(page)
        assert_fits(page)
        screenshot(page, f"{name}-{width}")
    return clerk.text()


@pytest.fixture(scope="module")
def changing(live_app):
    return Changing(live_app)


@pytest.fixture(scope="module")
def silent(live_app):
    return Silent(live_app)


def test_what_a_change_of_product_would_do(changing, live_app, reader):
    clerk = seat_clerk(live_app, reader, changing.emails["body"])
    form = changing.form(changing.client("body"))
    clerk.reader.open(changing.page_path)
    assert "この内容で変えたとき" not in looked_at(clerk, "product-change")
    page = clerk.reader.page
    for name, value in changing.typed(form).items():
        field = page.locator(f"form[action$='/contracts/product'] [name='{name}']")
        if field.evaluate("field => field.tagName") == "SELECT":
            field.select_option(value=value)
        else:
            field.fill(value)
    page.locator("form[action$='/contracts/product'] button").first.click()
    page.wait_for_load_state()
    assert "この内容で変えたとき" in looked_at(clerk, "product-change-preview")


def test_a_body_that_does_not_sign(silent, live_app, reader):
    lead = seat_clerk(live_app, reader, silent.emails["lead"])
    day = (now_of(live_app) + timedelta(days=14)).date().isoformat()
    button = "契約の期限を知らせる"
    lead.send(silent.path, "/contracts/deadline", button, **{"asking__closes_on": day})
    assert "契約を待っている団体" in looked_at(lead, "unsigned")
    with silent.database.transaction() as session:
        request = silent.request(session)
        request.closes_at, request.reminders_sent = now_of(live_app) - timedelta(hours=1), 2
    lead.see(silent.address, "抜けた場合の負担")
    looked_at(lead, "not-signing")
    body = seat_clerk(live_app, reader, silent.emails["silent"])
    body.see(silent.path, "自団体の契約の期限")
    looked_at(body, "own-signing-deadline")
