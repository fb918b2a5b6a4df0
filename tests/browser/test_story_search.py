"""Searching in a browser: suggestions by keyboard, results that follow filters, all without too."""

import re

from tests.harness.browser import PHONE, screenshot
from tests.harness.story import Person

BOX = "サービス・事例・案件をさがす"


def count_of(page) -> int:
    text = page.locator(".moyai-result-bar__count").inner_text()
    return int(re.match(r"([\d,]+)件", text)[1].replace(",", ""))


def tick(page, facet: str, value: str):
    """Tick a filter where it stands; its fold is opened first. Gives the count beside it."""
    box = page.locator(f".moyai-facets input[name={facet}][value={value}]")
    group = page.locator(f"details[data-facet={facet}]")
    if group.get_attribute("open") is None:
        group.locator("summary").first.click()
    number = box.locator("xpath=..").locator(".moyai-facets__count").inner_text()
    box.check()
    return int(re.sub(r"\D", "", number))


def wait_until_off(page, facet: str, value: str) -> None:
    """The filter is no longer ticked, and the results are those without it."""
    page.wait_for_function(
        "([name, value]) => !document.querySelector("
        "`.moyai-facets input[name=${name}][value=${value}]`).checked"
        " && !document.querySelector('[aria-busy]')",
        arg=[facet, value],
    )


def test_results_follow_the_filters_and_the_reader_stays_where_they_are(reader):
    page = reader().open("/search?q=文書管理")
    before, title = count_of(page), page.title()
    expected = tick(page, "kind", "case")
    page.wait_for_url(re.compile("kind=case"))
    assert count_of(page) == expected < before
    assert page.evaluate("[document.activeElement.name, document.activeElement.value]") == [
        "kind",
        "case",
    ]
    assert f"検索結果 {expected}件" in page.locator("#live-count").inner_text()
    assert page.locator("#live-count").get_attribute("role") == "status"
    assert page.locator("details[data-facet=kind] summary").inner_text().endswith("1件を選択中")
    Person(page).looks_well()
    screenshot(page, "story-search-narrowed")

    expected = tick(page, "fictional", "real")
    page.wait_for_url(re.compile("fictional=real"))
    assert count_of(page) == expected
    page.go_back()
    page.wait_for_url(re.compile("kind=case$"))
    wait_until_off(page, "fictional", "real")
    page.go_back()
    wait_until_off(page, "kind", "case")
    assert (count_of(page), page.title()) == (before, title)


def test_a_new_search_keeps_the_filters_that_were_ticked_live(reader):
    page = reader().open("/search?q=文書管理")
    tick(page, "kind", "offering")
    page.wait_for_url(re.compile("kind=offering"))
    page.get_by_role("combobox", name=BOX).fill("電子申請")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("%E9%9B%BB%E5%AD%90.*|q=電子申請.*"))
    assert page.locator(".moyai-facets input[name=kind][value=offering]").first.is_checked()
    page.reload()
    assert "kind=offering" in page.url


def test_suggestions_are_chosen_by_keyboard(reader):
    page = reader().open("/")
    box = page.get_by_role("combobox", name=BOX)
    box.focus()
    assert box.get_attribute("aria-expanded") == "false"
    page.keyboard.type("せいせい")
    page.get_by_role("option").first.wait_for()
    assert box.get_attribute("aria-expanded") == "true"
    Person(page).looks_well()
    screenshot(page, "story-search-suggestions")
    page.keyboard.press("ArrowDown")
    held = page.locator(f"#{box.get_attribute('aria-activedescendant')}")
    assert held.get_attribute("aria-selected") == "true"
    assert box.input_value() == held.get_attribute("data-text")
    page.keyboard.press("Escape")
    assert box.get_attribute("aria-expanded") == "false"
    assert (box.input_value(), page.get_by_role("option").count()) == ("せいせい", 0)
    page.keyboard.press("ArrowDown")  # opens again what was closed
    page.get_by_role("option").first.wait_for()
    assert box.input_value() == "せいせい"
    page.keyboard.press("ArrowDown")
    chosen = box.input_value()
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("/search"))
    assert page.get_by_role("combobox", name=BOX).input_value() == chosen
    assert count_of(page) > 0


def test_suggestions_are_chosen_by_finger_on_a_phone(reader):
    page = reader(width=PHONE).open("/search")
    page.get_by_role("combobox", name=BOX).press_sequentially("文書")
    option = page.get_by_role("option").first
    option.wait_for()
    Person(page).looks_well()
    text = option.get_attribute("data-text")
    option.click()
    page.wait_for_url(re.compile(r"q="))
    assert page.get_by_role("combobox", name=BOX).input_value() == text


def test_all_of_it_works_without_scripts(reader):
    page = reader(java_script_enabled=False).open("/search?q=文書管理")
    assert page.locator("[role=combobox]").count() == 0
    expected = tick(page, "kind", "case")
    page.get_by_role("button", name="絞り込む").click()
    assert "kind=case" in page.url and count_of(page) == expected
    page.get_by_role("link", name="人口規模が近い順").click()
    page.get_by_label("近さを測る人口").fill("30000")
    page.get_by_role("button", name="この規模で並べる").click()
    assert "人口30,000人に近いものから" in page.locator("main").inner_text()
    assert count_of(page) == expected
    page.goto(page.url.split("/search")[0] + "/search/suggest?q=せいせい")
    page.get_by_role("link", name="生成AI", exact=True).first.click()
    assert count_of(page) > 0


def test_a_filter_nobody_knows_wraps_on_a_phone(reader):
    page = reader(width=PHONE).open(f"/search?kind={'a' * 300}")
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE


def test_nearest_on_a_phone_looks_well(reader):
    page = reader(width=PHONE).open("/search?sort=nearest&size=30000&kind=case")
    Person(page).looks_well()
    screenshot(page, "story-search-nearest")
