"""The test client: a reader who refuses any page that breaks a rule all pages keep."""

from typing import Any

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.harness.page import Page, read_page


class StrictClient(FlaskClient):
    """Parses every HTML response; a broken page fails the test wherever it was asked for."""

    def open(self, *args: Any, **kwargs: Any) -> TestResponse:
        response = super().open(*args, **kwargs)
        if (
            response.mimetype == "text/html"
            and response.data
            and not 300 <= response.status_code < 400
        ):
            as_page(response)
        return response

    def page(self, path: str, *, status: int = 200, **kwargs: Any) -> Page:
        """GET a page, following redirects, and expect that status."""
        return as_page(self.get(path, follow_redirects=True, **kwargs), status=status)


def as_page(response: TestResponse, *, status: int | None = None) -> Page:
    """The page of a response already received."""
    if status is not None:
        assert response.status_code == status, (
            f"{response.request.path}: {response.status_code} instead of {status}\n"
            f"{response.text[:2000]}"
        )
    path = response.request.full_path.rstrip("?")
    return read_page(path, response.text, response.status_code)
