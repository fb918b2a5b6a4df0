"""The price plan editor by keyboard alone: whoever changes its rows goes on where the change is."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page

from tests.harness.browser import DESKTOP, PHONE, Reader, assert_accessible

PASSWORD = "moyai-example-2026"
VENDOR = "vendor-staff@moyai.example"
# What has the focus: its id, and whether all of its middle is seen, under nothing else.
FOCUSED = """() => {
  const here = document.activeElement, box = here.getBoundingClientRect();
  const top = document.elementFromPoint(box.left + box.width / 2, box.top + box.height / 2);
  return [here.id, here.contains(top)];
}"""
# Inputs and buttons of the form that are smaller than 24 px (WCAG 2.2, 2.5.8).
SMALL = """() => [...document.querySelectorAll('form.moyai-form *')]
  .filter(node => node.matches('input, select, button, summary'))
  .filter(node => node.type !== 'hidden' && node.tabIndex >= 0)
  .filter(node => node.checkVisibility())
  .map(node => [node.name, node.getBoundingClientRect()])
  .filter(([, box]) => box.width < 24 || box.height < 24)
  .map(([name]) => name)"""


@pytest.fixture(params=[DESKTOP, PHONE])
def page(request: pytest.FixtureRequest, reader: Callable[..., Reader]) -> Page:
    """An empty plan of an entry of that vendor."""
    window = reader(width=request.param)
    window.page.emulate_media(reduced_motion="reduce")
    window.sign_in(VENDOR, PASSWORD)
    page = window.open("/desk/vendor/offerings/new")
    page.fill("[name=name]", f"架空の鍵盤用{request.param}")
    page.fill("[name=summary]", "架空のサービスです。")
    page.select_option("[name=system_type_code]", index=1)
    page.get_by_role("button", name="下書きを作る").click()
    page.wait_for_load_state()
    page.goto(f"{page.url}/prices")
    page.get_by_role("link", name="料金プランを加える").first.click()
    page.wait_for_load_state()
    return page


def press(page: Page, command: str, key: str = "Enter") -> str:
    """Tab to that button of the form and press it; what has the focus afterwards."""
    button = f"document.activeElement.value === '{command}' && document.activeElement.tabIndex >= 0"
    for _ in range(120):
        page.keyboard.press("Tab")
        if page.evaluate(button):
            break
    else:
        raise AssertionError(f"{command} is not reached by Tab")
    with page.expect_navigation():
        page.keyboard.press(key)
    focused, is_seen = page.evaluate(FOCUSED)
    assert is_seen, f"{focused} has the focus and is covered"
    return str(focused)


def test_rows_are_added_and_taken_away_without_losing_the_place(page: Page) -> None:
    assert press(page, "add-tier:0") == "components-0-tiers-1-from_qty"
    page.keyboard.type("101")
    assert press(page, "add-tier:0", "Space") == "components-0-tiers-2-from_qty"
    # The row below the one that went: it keeps its name.
    assert press(page, "remove-tier:0:1") == "components-0-tiers-2-from_qty"
    assert page.locator("[name='components-0-tiers-1-from_qty']").count() == 0
    assert press(page, "add-component") == "components-1-name"
    page.keyboard.type("導入の支援")
    assert press(page, "remove-component:1") == "components-0-name"
    assert page.evaluate(SMALL) == []
    assert_accessible(page)


def test_what_is_wrong_gets_the_focus_and_then_the_figures(page: Page) -> None:
    assert press(page, "calculate") == "error-summary"
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "components-0-name"
    page.keyboard.type("利用料")
    page.fill("[name='name']", "標準")
    page.fill("[name='components-0-tiers-0-unit_price']", "1000")
    assert press(page, "calculate") == "estimate-title"
    page.keyboard.press("Tab")
    assert page.locator("#estimate [tabindex='0']").evaluate("node => node.matches(':focus')")
    assert_accessible(page)
