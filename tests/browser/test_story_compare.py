"""From a search to a comparison, live and without scripts; what is open to join on the way."""

import re

from tests.harness.browser import PHONE, screenshot
from tests.harness.example_projects import JOINING_STAFF
from tests.harness.story import Person

PASSWORD = "moyai-example-2026"
OPEN = "電子申請サービスの共同調達（架空）"
BOXES = ".dads-resource-list input[name=ids]"


def test_live_filters_bring_and_take_the_box_and_keep_what_is_picked(reader):
    person = reader()
    person.sign_in(JOINING_STAFF, PASSWORD)
    page = person.open("/search?kind=offering")
    box = page.locator("[data-live=openings]")
    assert box.inner_text() == ""
    picked = page.locator(BOXES).first
    picked.check()
    number = picked.get_attribute("value")
    page.locator("[data-facet=category] > summary").click()
    option = page.locator(".moyai-facets input[name=category][value=electronic_application]")
    page.locator("[data-facet=category] .moyai-facets__more > summary").click()
    option.check()
    page.wait_for_url(re.compile("category=electronic_application"))
    page.locator(".moyai-openings").wait_for()
    assert OPEN in box.inner_text()
    assert f"ids={number}" in page.url
    assert page.locator(f"#pick-{number}").is_checked()
    Person(page).looks_well()
    screenshot(page, "story-compare-search")
    option.uncheck()
    page.locator(".moyai-openings").wait_for(state="detached")
    assert box.inner_text() == ""
    assert page.locator(f"#pick-{number}").is_checked()


def test_a_comparison_looks_well_on_desk_and_phone(reader):
    for width in (1280, PHONE):
        page = reader(width=width).open("/offerings/compare?ids=1,16&resident=30000&bodies=12")
        Person(page).looks_well()
        screenshot(page, f"story-compare-{width}")


def test_picking_and_comparing_work_without_scripts(reader):
    page = reader(java_script_enabled=False).open("/search?kind=offering&category=gis")
    names = page.locator(".dads-resource-list__title").all_inner_texts()[:2]
    for place in (0, 1):
        page.locator(BOXES).nth(place).check()
    page.get_by_role("button", name="選んだサービスを比べる").click()
    head = page.locator(".moyai-compare thead").inner_text()
    assert all(name in head for name in names)
    page.get_by_role("link", name="違いのある項目だけを見る").click()
    assert page.locator(".moyai-compare tbody tr:not([data-differs]) td").count() == 0
    page.get_by_label("いっしょに買う団体の数").fill("10")
    page.get_by_role("button", name="この数量で計算する").click()
    assert "同じ数量の10団体がいっしょに買うと仮定した場合" in page.locator("main").inner_text()
    page.get_by_role("link", name="検索結果から選んで加える").click()
    assert page.locator(f"{BOXES}:checked").count() == 2
