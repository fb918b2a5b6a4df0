"""Following links like a curious reader: which pages there are, and what each one says."""

import io
import re
import zipfile
from collections import Counter, deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property
from html import unescape
from urllib.parse import urljoin, urlsplit

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.exceptions import HTTPException

from foundation.db import Database
from tests.harness.queries import counted_queries

# Where a reader may begin: every address without a variable part.
_SKIPPED = {"static"}
_SAMPLES = "/design"  # the gallery of components: its links lead nowhere on purpose
_ANCHOR = re.compile(r"""<a\s[^>]*?href\s*=\s*"([^"]*)\"""", re.S)


@dataclass(frozen=True)
class Visit:
    """One answer received while following links. source: the page with the link, '' for none.

    statements: what was asked of the database for it, redirects included.
    """

    path: str
    source: str
    endpoint: str
    status: int
    mimetype: str
    headers: str
    body: bytes
    links: tuple[str, ...]
    statements: tuple[str, ...]
    redirects: int

    @cached_property
    def texts(self) -> tuple[bytes, ...]:
        """The answer, and what is packed in it: of a Word file or an archive each part."""
        if not zipfile.is_zipfile(io.BytesIO(self.body)):
            return (self.body,)
        with zipfile.ZipFile(io.BytesIO(self.body)) as packed:
            return tuple(packed.read(name) for name in packed.namelist())


def crawl(
    client: FlaskClient,
    *,
    limit: Callable[[str], int],
    starts: Iterable[str] = (),
    lasts: Iterable[str] = (),
) -> list[Visit]:
    """Every address without variable parts, and what links lead to: `limit` of each kind.

    limit: how many addresses of an endpoint are enough. lasts: asked for after all that, and no
    link of theirs is followed. A strict client checks each page too.
    """
    app = client.application
    waiting = deque((path, "") for path in [*starts, *_fixed_addresses(app)])
    asked: set[str] = set()
    of_kind: Counter[str] = Counter()
    visits = []
    while waiting:
        path, source = waiting.popleft()
        endpoint = endpoint_of(app, path)
        if path in asked or endpoint in _SKIPPED or of_kind[endpoint] >= limit(endpoint):
            continue
        asked.add(path)
        of_kind[endpoint] += 1
        visit = _visit(client, path, endpoint, source)
        visits.append(visit)
        if not path.startswith(_SAMPLES):
            waiting.extend((link, path) for link in visit.links if link not in asked)
    left = [path for path in lasts if path not in asked]
    return visits + [_visit(client, path, endpoint_of(app, path), "") for path in left]


def endpoint_of(app: Flask, path: str) -> str:
    """The name of the view behind an address; 'nothing' when no view answers there."""
    try:
        endpoint, _arguments = app.url_map.bind("localhost").match(urlsplit(path).path, "GET")
    except HTTPException:
        return "nothing"
    return str(endpoint)


def readable_endpoints(app: Flask) -> set[str]:
    """Names of all views that answer GET."""
    return {
        rule.endpoint
        for rule in app.url_map.iter_rules()
        if rule.methods and "GET" in rule.methods and rule.endpoint not in _SKIPPED
    }


def _fixed_addresses(app: Flask) -> list[str]:
    rules = app.url_map.iter_rules()
    return sorted(r.rule for r in rules if not r.arguments and r.methods and "GET" in r.methods)


def _links(path: str, html: str) -> tuple[str, ...]:
    """Addresses on this site that the page links to, each once."""
    hrefs = (urljoin(path, unescape(found)) for found in _ANCHOR.findall(html))
    own = (href.split("#")[0] for href in hrefs if href.startswith("/") and href[1:2] != "/")
    return tuple(dict.fromkeys(own))


def _visit(client: FlaskClient, path: str, endpoint: str, source: str) -> Visit:
    database: Database = client.application.extensions["moyai_database"]
    with counted_queries(database.engine) as log:
        response = client.get(path, follow_redirects=True)
    return Visit(
        path=path,
        source=source,
        endpoint=endpoint,
        status=response.status_code,
        mimetype=response.mimetype,
        headers=str(response.headers),
        body=response.get_data(),
        links=_links(path, response.text) if response.mimetype == "text/html" else (),
        statements=tuple(log.statements),
        redirects=len(response.history),
    )
