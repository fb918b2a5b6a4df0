"""Every list in pages: a page that is none is not found, whoever asks and whatever is wrong."""

import re

import pytest
from flask import Flask

from tests.harness.example_projects import (
    AGREEMENT,
    ASKED_MANAGER,
    AUDITOR,
    LEAD_MANAGER,
    OPERATOR,
    project_path,
    signed_in,
)

# Address, or page of the project under agreement; who asks; the parameter.
LISTS = (
    ("/search", OPERATOR, "page"),
    ("/cases", OPERATOR, "page"),
    ("/bodies", OPERATOR, "page"),
    ("/projects", OPERATOR, "page"),
    ("/inbox", LEAD_MANAGER, "page"),
    ("/searches", LEAD_MANAGER, "page"),
    ("/interests/partners", LEAD_MANAGER, "page"),
    ("/admin/audit", AUDITOR, "page"),
    ("/admin/policy-classes", OPERATOR, "page"),
    ("/admin/case-leads", OPERATOR, "page"),
    ("members", LEAD_MANAGER, "page"),
    ("members", LEAD_MANAGER, "lead_page"),
    ("fairness", ASKED_MANAGER, "page"),
    ("requirements", LEAD_MANAGER, "page"),
)


@pytest.mark.parametrize(("path", "email", "name"), LISTS)
def test_a_page_that_is_none_is_not_found(app: Flask, path: str, email: str, name: str) -> None:
    address = path if path.startswith("/") else project_path(app, AGREEMENT, path)
    reader = signed_in(app, email)
    first = reader.get(f"{address}?{name}=1")
    assert first.status_code == 200
    numbers = re.findall(rf"[?&]{name}=(\d+)", first.text)
    last = max([1, *map(int, numbers)])
    assert reader.get(f"{address}?{name}={last}").status_code == 200
    for wrong in ("0", "-1", "abc", "01", "１", "", "1.0", "9999999", str(last + 1)):
        assert reader.get(f"{address}?{name}={wrong}").status_code == 404, wrong


def test_every_list_of_the_api_ends_where_the_pages_do(app: Flask) -> None:
    """The last page is there, the first even of nothing; past the end is 404 and says so."""
    reader = app.test_client()
    views = app.view_functions
    paged = [
        rule.rule
        for rule in app.url_map.iter_rules()
        if rule.rule.startswith("/api/v1/")
        and getattr(getattr(views[rule.endpoint], "openapi", None), "paged", False)
    ]
    assert {"/api/v1/offerings", "/api/v1/projects", "/api/v1/bodies"} <= set(paged)
    for address in [*paged, "/api/v1/search"]:
        first = reader.get(address)
        assert first.status_code == 200, address
        last = first.json["pages"]
        assert reader.get(f"{address}?page={last}").status_code == 200, address
        for past in (last + 1, 9_999):
            answer = reader.get(f"{address}?page={past}")
            assert (answer.status_code, answer.is_json) == (404, True), address
            assert answer.json["error"]["status"] == 404
        if address in paged:
            assert (
                f"「page」は{last}まで"
                in reader.get(f"{address}?page=9999").json["error"]["message"]
            )
    nothing = reader.get("/api/v1/bodies?q=no-such-body&page=1")
    assert (nothing.status_code, nothing.json["total"], nothing.json["pages"]) == (200, 0, 1)
    assert reader.get("/api/v1/bodies?q=no-such-body&page=2").status_code == 404
