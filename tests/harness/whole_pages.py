"""Reading and touching a page only once all of it has arrived.

A click is over when the next page has begun to arrive: Chromium shows what it has so far, and
Playwright's `inner_text` of a `main` reads that much of it. On a busy machine the rest comes
later, so what stands at the end of a page seemed missing now and then.
"""

import functools
from collections.abc import Callable
from typing import Any

from playwright.sync_api import Locator, Page

# What answers at once with what is there, or touches what a script may not have reached yet.
OF_LOCATORS = (
    "all",
    "all_inner_texts",
    "all_text_contents",
    "bounding_box",
    "check",
    "click",
    "count",
    "evaluate",
    "evaluate_all",
    "fill",
    "focus",
    "get_attribute",
    "inner_html",
    "inner_text",
    "input_value",
    "is_checked",
    "is_disabled",
    "is_enabled",
    "is_hidden",
    "is_visible",
    "press",
    "press_sequentially",
    "select_option",
    "set_input_files",
    "text_content",
    "uncheck",
)
OF_PAGES = ("content", "evaluate", "screenshot", "title")


@functools.cache  # once is enough
def wait_for_whole_pages() -> None:
    """From now on in this process, every page is read and touched when it has been parsed."""
    for name in OF_LOCATORS:
        setattr(Locator, name, _after_parsing(getattr(Locator, name), lambda one: one.page))
    for name in OF_PAGES:
        setattr(Page, name, _after_parsing(getattr(Page, name), lambda one: one))


def _after_parsing(
    method: Callable[..., Any], page_of: Callable[[Any], Page]
) -> Callable[..., Any]:
    """`method` once its page is whole."""

    @functools.wraps(method)
    def wait_first(self: Any, *arguments: Any, **options: Any) -> Any:
        page_of(self).wait_for_load_state("domcontentloaded")
        return method(self, *arguments, **options)

    return wait_first
