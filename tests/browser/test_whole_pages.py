"""A page that arrives slowly is read when it is whole."""

import threading
import time
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser
from werkzeug import Request, Response
from werkzeug.serving import make_server

BEGIN = (
    "<!doctype html><title>遅い頁</title><main><p>始め</p><form action=/slow><button>次へ</button>"
)


@Request.application
def in_two_parts(request: Request) -> Response:
    """A page whose end comes half a second after its beginning where asked for as /slow."""

    def parts() -> Iterator[str]:
        yield BEGIN + " " * 20_000
        if request.path == "/slow":
            time.sleep(0.5)
        yield "<p>終わり</p></form></main>"

    return Response(parts(), mimetype="text/html")


@pytest.mark.parametrize("scripts", [True, False])
def test_what_comes_last_is_read_after_a_click(chromium: Browser, scripts: bool) -> None:
    server = make_server("127.0.0.1", 0, in_two_parts, threaded=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    context = chromium.new_context(java_script_enabled=scripts)
    page = context.new_page()
    page.goto(f"http://127.0.0.1:{server.server_port}/")
    page.get_by_role("button").click()
    assert "終わり" in page.locator("main").inner_text()
    context.close()
    server.shutdown()
    server.server_close()
