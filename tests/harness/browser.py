"""A real Chromium looking at a real server, and what is asked of every page it shows."""

import re
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from axe_playwright_python.sync_playwright import Axe
from flask import Flask
from playwright.sync_api import Browser, Page, Playwright
from werkzeug.serving import make_server

MISSING = (
    "Chromium is not installed and these tests do not skip: "
    "run `make test`, or as root: apt-get install chromium fonts-noto-cjk"
)
SCREENSHOTS = Path(__file__).resolve().parents[2] / "build" / "screenshots"
DESKTOP = 1280
PHONE = 390
# WCAG 2.2 A and AA as far as a program can tell, and the checker's own good habits.
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
# Told of every node that keeps a rule, the checker writes more than it checks.
AXE = {"runOnly": RULES, "resultTypes": ["violations"], "selectors": False}


def launch(playwright: Playwright) -> Browser:
    """Debian's Chromium; Playwright's own is never downloaded."""
    path = shutil.which("chromium") or shutil.which("chromium-browser")
    if path is None:
        raise RuntimeError(MISSING)
    return playwright.chromium.launch(
        executable_path=path,
        args=["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--lang=ja-JP"],
    )


@contextmanager
def served(app: Flask) -> Iterator[str]:
    """The application on a loopback port of its own; gives its address without a last slash."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join(timeout=10)
        server.server_close()


@dataclass
class Reader:
    """Somebody at a browser: opens pages, and hears of everything that goes wrong on them."""

    page: Page
    base: str
    troubles: list[str]

    def open(self, path: str) -> Page:
        self.page.goto(f"{self.base}{path}")
        return self.page

    def resize(self, width: int) -> None:
        """Give the window that width; returns when scripts and layout have followed."""
        self.page.set_viewport_size({"width": width, "height": 900})
        self.page.evaluate("new Promise((done) => requestAnimationFrame(() => setTimeout(done)))")

    def sign_in(self, email: str, password: str) -> None:
        self.open("/login")
        self.page.locator("input[type=email], input[name=email]").first.fill(email)
        self.page.locator("input[type=password]").fill(password)
        self.page.locator("main form button").first.click()
        self.page.wait_for_load_state()

    def assert_calm(self) -> None:
        """Nothing was written to the console, failed to load, or was asked of another host."""
        assert not self.troubles, "\n".join(self.troubles)


def watch(page: Page, base: str) -> list[str]:
    """A list that fills with console errors, failed loads and requests to other hosts."""
    troubles: list[str] = []

    def note_request(request: Any) -> None:
        if not request.url.startswith((base, "data:", "blob:", "about:")):
            troubles.append(f"request to another host: {request.url}")

    def note_console(message: Any) -> None:
        # A refused form answers 409 or 422: Chromium logs that, and it is expected.
        expected = re.search(r"status of 4(0[0-9]|10|13|22|29)", message.text)
        if message.type in ("error", "warning") and not expected:
            troubles.append(f"console: {message.text} ({page.url})")

    page.on("request", note_request)
    page.on("console", note_console)
    page.on("pageerror", lambda error: troubles.append(f"script: {error} ({page.url})"))
    return troubles


def assert_accessible(page: Page) -> None:
    """axe-core finds nothing on the page as it stands."""
    results = Axe().run(page, options=AXE)
    found = [
        f"{violation['id']}: {violation['help']} — {node['html'][:200]}"
        for violation in results.response["violations"]
        for node in violation["nodes"][:3]
    ]
    assert not found, f"{page.url}\n" + "\n".join(found)


def assert_fits(page: Page) -> None:
    """The page does not scroll sideways (WCAG 1.4.10); wide tables scroll inside themselves."""
    overflow = page.evaluate(
        "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    )
    assert overflow <= 0, f"{page.url} is {overflow} px wider than the window"


def screenshot(page: Page, name: str) -> Path:
    """Save the whole page under build/screenshots, named with the window's width."""
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    width = (page.viewport_size or {"width": 0})["width"]
    path = SCREENSHOTS / f"{name}-{width}.png"
    page.screenshot(path=path, full_page=True)
    return path
