"""Searching through the server as `make run` starts it."""

import http.client
import shutil
from contextlib import closing
from urllib.parse import quote

import pytest

from tests.harness.page import read_page
from tests.harness.served import serving


@pytest.fixture(scope="module")
def port(example, tmp_path_factory):
    instance = tmp_path_factory.mktemp("served") / "instance"
    shutil.copytree(example.folder, instance)
    with serving(f"sqlite:///{instance / 'moyai.db'}", instance) as port:
        yield port


def ask(port, path):
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=60)) as connection:
        connection.request("GET", path)
        response = connection.getresponse()
        return response.status, response.read().decode()


@pytest.mark.parametrize("text", ["調" * 5000, "a" * 5000, "調達 " * 1667])
def test_five_thousand_characters_are_answered_with_the_limit_and_kept(port, text):
    status, html = ask(port, f"/search?q={quote(text)}")
    assert status == 200
    page = read_page("/search", html)
    assert "文字以内で入力してください" in page.text
    assert page.form("/search").values["q"].strip() == text.strip()


def test_a_search_is_answered_by_every_process(port):
    answers = {ask(port, "/api/v1/search?q=%E8%AA%BF%E9%81%94") for _turn in range(8)}
    assert len(answers) == 1
    assert next(iter(answers))[0] == 200
