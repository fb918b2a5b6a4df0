"""Searching through the server as `make run` starts it."""

import http.client
import shutil
from contextlib import closing
from random import Random
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


def test_two_hundred_random_texts_are_answered(port):
    random = Random(3)
    marks = list("\"'「」『』“”-－ー｜|()[]{}<>&%;:/\\*?!@#$^~`、。 　\t\n\r\0\x1b\u202e")
    words = [
        "または",
        "OR",
        "-",
        "文書",
        "ぶんしょ",
        "gijiroku",
        "議事碌",
        "😀",
        "𠮷",
        "葛\U000e0100",
    ]
    characters = [chr(code) for code in range(0x20, 0x3100, 7)]
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=60)) as connection:
        for _ in range(200):
            pieces = random.choices(marks + words + characters, k=random.randint(1, 40))
            connection.request("GET", f"/search?q={quote(''.join(pieces))}")
            response = connection.getresponse()
            html = response.read().decode()
            assert response.status == 200, pieces
            assert 'id="found"' in html or "文字以内" in html


def test_a_search_is_answered_by_every_process(port):
    answers = {ask(port, "/api/v1/search?q=%E8%AA%BF%E9%81%94") for _turn in range(8)}
    assert len(answers) == 1
    assert next(iter(answers))[0] == 200
