"""Fixtures of browser tests: one Chromium a worker, one server a module, a reader a test."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask import Flask
from playwright.sync_api import Browser, sync_playwright

from tests.harness.browser import DESKTOP, Reader, launch, served, watch
from tests.harness.example import ExampleData, open_example
from tests.harness.whole_pages import wait_for_whole_pages


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """Debian's Chromium, started once a worker."""
    wait_for_whole_pages()
    with sync_playwright() as playwright:
        browser = launch(playwright)
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def live_app(example: ExampleData, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    """An application over example data that this module's stories may change."""
    folder: Path = tmp_path_factory.mktemp("live")
    with open_example(example, folder / "instance") as app:
        yield app


@pytest.fixture(scope="module")
def live_server(live_app: Flask) -> Iterator[str]:
    """The address of `live_app`, served on the loopback."""
    with served(live_app) as address:
        yield address


@pytest.fixture
def reader(chromium: Browser, live_server: str) -> Iterator[Callable[..., Reader]]:
    """`reader(width=390)` is a new visitor with its own cookies; troubles fail the test."""
    contexts = []
    readers = []

    def new_reader(width: int = DESKTOP, height: int = 900, **options: object) -> Reader:
        context = chromium.new_context(
            viewport={"width": width, "height": height},
            locale="ja-JP",
            timezone_id="Asia/Tokyo",
            **options,  # type: ignore[arg-type]
        )
        context.set_default_timeout(15_000)
        page = context.new_page()
        contexts.append(context)
        readers.append(Reader(page, live_server, watch(page, live_server)))
        return readers[-1]

    yield new_reader
    for context in contexts:
        context.close()
    for one in readers:
        one.assert_calm()
