"""Picking entries for comparison in the results, without JavaScript."""

from collections.abc import Iterator

import pytest
from flask import Flask

from tests.harness.client import StrictClient, as_page
from tests.harness.page import Page, text_of

SEARCH = "/search?kind=offering&category=generative_ai&q=%E7%94%9F%E6%88%90AI"


def boxes(page: Page) -> dict[str, bool]:
    """Entry → whether it is ticked, in the list of results."""
    return {
        str(box["value"]): box.has_attr("checked")
        for box in page.soup.select(".dads-resource-list input[name=ids]")
    }


def tray(page: Page) -> list[str]:
    """Names of what is picked outside this list."""
    return [text_of(one) for one in page.soup.select(".moyai-tray__picks label")]


@pytest.fixture
def results(client: StrictClient) -> Iterator[Page]:
    yield client.page(SEARCH)


def test_every_offering_in_the_results_can_be_picked_and_nothing_else(
    client: StrictClient, results: Page
) -> None:
    assert len(boxes(results)) == 20
    assert all(
        box["form"] == "compare-tray"
        for box in results.soup.select(".dads-resource-list input[name=ids]")
    )
    cases = client.page("/search?kind=case")
    assert not boxes(cases)
    assert cases.soup.select_one("#compare-tray") is None


def test_what_is_ticked_stands_side_by_side(client: StrictClient, results: Page) -> None:
    first, second, *_ = boxes(results)
    form = results.form("/offerings/compare", button="選んだサービスを比べる")
    page = as_page(form.submit(client, ids=[first, second]))
    links = [str(a["href"]) for a in page.soup.select(".moyai-compare thead th > a")]
    assert links == [f"/offerings/{first}", f"/offerings/{second}"]
    # The way back leads to the same search with the same boxes ticked.
    back = client.page(page.link("検索結果から選んで加える"))
    assert {number for number, ticked in boxes(back).items() if ticked} == {first, second}
    assert "category=generative_ai" in back.path and "q=" in back.path


def test_picks_survive_paging_sorting_and_other_searches(client: StrictClient) -> None:
    first, *_ = boxes(client.page("/search?kind=offering"))
    page = client.page(f"/search?kind=offering&ids={first}")
    assert boxes(page)[first]
    second = client.page(page.link("次へ"))
    assert first not in boxes(second)
    assert len(tray(second)) == 1
    elsewhere = client.page(second.link("更新の新しい順"))
    assert f"ids={first}" in elsewhere.path
    for form in elsewhere.soup.select("form[action='/search']"):
        sent = [box["value"] for box in form.select("input[name=ids]")]
        assert sent == [first], form
    narrowed = client.page(f"/search?kind=case&ids={first}")
    assert len(tray(narrowed)) == 1


def test_hidden_and_unknown_numbers_are_not_picked(client: StrictClient, app: Flask) -> None:
    page = client.page("/search?kind=offering&ids=987654,zzz")
    assert not tray(page)
    assert not any(boxes(page).values())


def test_the_program_interface_knows_no_picks(client: StrictClient) -> None:
    answer = client.get("/api/v1/search?ids=1")
    assert answer.status_code == 400
    assert "ids" in answer.text
