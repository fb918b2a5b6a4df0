"""The product as it is served: gunicorn with two processes, and people who use it at once."""

import http.client
import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from http.cookies import SimpleCookie
from pathlib import Path
from typing import TypeVar
from urllib.parse import urlencode, urlsplit

from argon2 import PasswordHasher
from sqlalchemy import update
from sqlalchemy.orm import Session
from werkzeug.datastructures import MultiDict

from accounts.models import User
from accounts.roles import Actor
from tests.harness.builders import NOW
from tests.harness.page import Page, read_page

ROOT = Path(__file__).resolve().parents[2]
PASSWORD = "kyodo-chotatsu-2026"
START_WITHIN_SECONDS = 60
ANSWER_WITHIN_SECONDS = 120
_LISTENING = re.compile(r"Listening at: http://127\.0\.0\.1:(\d+)")

Given = TypeVar("Given")


@contextmanager
def serving(url: str, instance: Path) -> Iterator[int]:
    """The application on that database at a free loopback port, as `make run` serves it."""
    instance.mkdir(parents=True, exist_ok=True)
    log = instance / "gunicorn.log"
    command = (
        *(sys.executable, "-m", "gunicorn", "--bind=127.0.0.1:0", "--workers=2"),
        *("--worker-class=gthread", "--threads=4", "--limit-request-line=0", "app:create_app()"),
    )
    environment = {
        **os.environ,
        "DATABASE_URL": url,
        "MOYAI_INSTANCE_DIR": str(instance),
        "MOYAI_EXAMPLE_MODE": "1",
        "MOYAI_NOW": NOW.isoformat(),
    }
    with log.open("wb") as output:
        server = subprocess.Popen(
            command, cwd=ROOT, env=environment, stdout=output, stderr=output, start_new_session=True
        )
    try:
        yield _wait_for_port(server, log)
    finally:
        os.killpg(server.pid, signal.SIGTERM)
        try:
            server.wait(timeout=10)
        except subprocess.TimeoutExpired:
            os.killpg(server.pid, signal.SIGKILL)
            server.wait()
    assert "Traceback" not in log.read_text(), log.read_text()


def _wait_for_port(server: "subprocess.Popen[bytes]", log: Path) -> int:
    deadline = time.monotonic() + START_WITHIN_SECONDS
    while time.monotonic() < deadline and server.poll() is None:
        found = _LISTENING.search(log.read_text())
        if found and _answers(int(found[1])):
            return int(found[1])
        time.sleep(0.1)
    raise AssertionError(f"gunicorn did not start:\n{log.read_text()}")


def _answers(port: int) -> bool:
    try:
        return Visitor(port).get("/healthz").status_code == 200
    except OSError:
        return False


@dataclass(frozen=True)
class Answer:
    """What came back, under the names that the page objects know."""

    path: str
    status_code: int
    location: str
    text: str

    @property
    def page(self) -> Page:
        """The answer as a page, read strictly."""
        return read_page(self.path, self.text, self.status_code)


class Visitor:
    """Somebody with a browser that keeps cookies. One per thread."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.cookies: SimpleCookie = SimpleCookie()

    def get(self, path: str, *, query_string: "MultiDict[str, str] | None" = None) -> Answer:
        asked = urlencode(list(query_string.items(multi=True))) if query_string else ""
        return self._ask("GET", f"{path}?{asked}" if asked else path)

    def post(self, path: str, *, data: "MultiDict[str, str]") -> Answer:
        return self._ask("POST", path, urlencode(list(data.items(multi=True))))

    def page(self, path: str) -> Page:
        answer = self.get(path)
        assert answer.status_code == 200, f"{path}: {answer.status_code}\n{answer.text[:1000]}"
        return answer.page

    def sign_in(self, email: str) -> "Visitor":
        form = self.page("/login").form("/login")
        answer = form.submit(self, {"email": email, "password": PASSWORD})
        assert answer.status_code == 302, answer.text[:1000]
        return self

    def _ask(self, method: str, path: str, body: str | None = None) -> Answer:
        headers = {"Cookie": "; ".join(f"{k}={m.value}" for k, m in self.cookies.items())}
        if body is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        connection = http.client.HTTPConnection(
            "127.0.0.1", self.port, timeout=ANSWER_WITHIN_SECONDS
        )
        try:
            connection.request(method, path, body, headers)
            response = connection.getresponse()
            for cookie in response.headers.get_all("Set-Cookie", []):
                self.cookies.load(cookie)
            text = response.read().decode()
            location = response.headers.get("Location", "")
            return Answer(urlsplit(path).path, response.status, location, text)
        finally:
            connection.close()


def give_passwords(session: Session, actors: Sequence[Actor]) -> dict[int, str]:
    """Let these people sign in with PASSWORD; their addresses by user id."""
    quick = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1).hash(PASSWORD)
    ids = [actor.user_id for actor in actors]
    session.execute(update(User).where(User.id.in_(ids)).values(password_hash=quick))
    return {user.id: user.email for user in session.query(User).filter(User.id.in_(ids))}


def all_at_once(actions: Sequence[Callable[[], Given]]) -> list[Given]:
    """Do these things at the same moment; their results in the same order."""
    gate = threading.Barrier(len(actions))
    results: dict[int, Given] = {}
    troubles: list[BaseException] = []

    def act(place: int, action: Callable[[], Given]) -> None:
        gate.wait(timeout=ANSWER_WITHIN_SECONDS)
        try:
            results[place] = action()
        except BaseException as trouble:
            troubles.append(trouble)

    threads = [threading.Thread(target=act, args=each) for each in enumerate(actions)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=ANSWER_WITHIN_SECONDS)
    if troubles:
        raise troubles[0]
    return [results[place] for place in range(len(actions))]
