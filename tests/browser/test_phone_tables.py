"""Tables on a phone: what a table is about, and what is to be filled in, is read without scrolling.

Measured in the browser: a table may be wider than its region, words and inputs may not.
"""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page

from tests.harness.browser import PHONE, Reader, assert_accessible, assert_fits

PASSWORD = "moyai-example-2026"
VENDOR = "vendor-staff@moyai.example"
# How far each of these reaches beyond the right edge of the region it scrolls in, in px.
BEYOND = """nodes => nodes.map(node => {
  const region = node.closest('.moyai-table-region').getBoundingClientRect();
  return Math.round(node.getBoundingClientRect().right - region.right);
})"""


@pytest.fixture
def page(reader: Callable[..., Reader]) -> Page:
    """The page of a new entry of that vendor."""
    window = reader(width=PHONE)
    window.sign_in(VENDOR, PASSWORD)
    page = window.open("/desk/vendor/offerings/new")
    page.fill("[name=name]", "架空の携帯電話用")
    page.fill("[name=summary]", "架空のサービスです。")
    page.select_option("[name=system_type_code]", index=1)
    page.get_by_role("button", name="下書きを作る").click()
    page.wait_for_load_state()
    return page


def beyond(page: Page, selector: str) -> list[int]:
    found: list[int] = page.locator(selector).evaluate_all(BEYOND)
    assert found, selector
    return found


def widths(page: Page, selector: str) -> list[Any]:
    return page.locator(selector).evaluate_all("nodes => nodes.map(node => node.clientWidth)")


def test_captions_stay_in_view(page: Page) -> None:
    entry = page.url
    for part in ("functions", "terms", "security"):
        page.goto(f"{entry}/{part}")
        assert max(beyond(page, ".moyai-table__caption > *")) <= 0, part
        region = page.locator(".moyai-table-region").first
        region.evaluate("node => { node.scrollLeft = 200 }")
        assert region.evaluate("node => node.scrollLeft") > 100, part  # it is wider, and scrolls
        left = "node => node.getBoundingClientRect().left"
        assert page.locator(".moyai-table__caption > *").first.evaluate(left) >= 0, part
        assert_fits(page)


def test_a_tier_with_an_error_keeps_its_price_in_view(page: Page) -> None:
    page.goto(f"{page.url}/prices")
    page.get_by_role("link", name="料金プランを加える").first.click()
    page.locator("button[value='add-tier:0']").click()
    page.wait_for_load_state()
    typed = {
        "name": "標準",
        "components-0-name": "利用料",
        "components-0-tiers-0-from_qty": "1",
        "components-0-tiers-0-to_qty": "10",
        "components-0-tiers-0-unit_price": "やすい",
        "components-0-tiers-1-from_qty": "20",
        "components-0-tiers-1-unit_price": "90",
    }
    for name, value in typed.items():
        page.fill(f"[name='{name}']", value)
    page.locator("button[value=save]").click()
    page.wait_for_load_state()
    said = page.locator("#components-0-tiers-0-unit_price-error")
    assert "単価" in said.inner_text()
    for selector in ("[name$='-unit_price']", ".moyai-table__errors p"):
        assert max(beyond(page, selector)) <= 0, selector
    box = said.bounding_box()
    assert box is not None and box["height"] < 60
    assert_accessible(page)
    assert_fits(page)


def test_sentences_have_room(page: Page) -> None:
    assert min(widths(page, "main section td:last-child")[:5]) > 180
    page.goto(page.url.split("/desk")[0] + "/guides/saas-contract")
    page.locator("[name=kind][value=service]").check()
    page.locator("[name=transfer][value=yes]").check()
    page.locator("main form button[type=submit]").first.click()
    page.wait_for_load_state()
    assert min(widths(page, "#clauses td")) > 220
    assert max(beyond(page, "#clauses td:nth-child(2)")) <= 0
    assert_fits(page)


def test_what_came_of_a_file_sent_in_is_in_view(page: Page) -> None:
    page.goto(page.url.split("/desk")[0] + "/imports")
    heading = "キー,名称,概要,システム種別,開発元\r\n"
    file = {"name": "offerings.csv", "mimeType": "text/csv", "buffer": heading.encode()}
    page.set_input_files("[name=file]", [file])
    page.locator("#send-file").click()
    page.wait_for_load_state()
    page.goto(page.url.rpartition("/")[0])
    assert page.locator("#files thead th").nth(1).inner_text() == "状態"
    assert max(beyond(page, "#files tbody td:nth-child(2)")) <= 0
    assert_fits(page)


def test_the_related_catalogs_are_no_endless_scroll(page: Page) -> None:
    page.goto(page.url.split("/desk")[0] + "/related")
    tall = page.locator("main tbody tr").evaluate_all(
        "rows => rows.map(row => row.getBoundingClientRect().height)"
    )
    assert len(tall) > 10
    assert max(tall) < 240
    assert_fits(page)
