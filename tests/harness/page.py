"""A page read strictly: what every HTML response of the product must satisfy, and its parts."""

import re
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from typing import Any
from urllib.parse import urljoin, urlsplit
from xml.etree.ElementTree import Element

import html5lib
from bs4 import BeautifulSoup, Tag
from flask.testing import FlaskClient
from html5lib.treebuilders import getTreeBuilder
from werkzeug.datastructures import MultiDict
from werkzeug.test import TestResponse

_UNLABELLED_TYPES = {"hidden", "submit", "button", "image", "reset"}
_LOADED = {"stylesheet", "icon", "preload", "modulepreload", "manifest"}


class PageError(AssertionError):
    """A page breaks a rule that every page keeps."""


@dataclass(frozen=True)
class Form:
    """A form as a person sees it: the values it would send, ready to be changed."""

    tag: Tag
    page_path: str

    @property
    def method(self) -> str:
        return str(self.tag.get("method", "get")).lower()

    @property
    def action(self) -> str:
        return urljoin(self.page_path, str(self.tag.get("action") or self.page_path))

    @property
    def values(self) -> "MultiDict[str, str]":
        """What submitting the untouched form would send (no submit button)."""
        sent: MultiDict[str, str] = MultiDict()
        for control in self.tag.select("input[name], select[name], textarea[name]"):
            for value in _values_of(control):
                sent.add(str(control["name"]), value)
        return sent

    @property
    def names(self) -> list[str]:
        """Names of what a person fills in, in order, each once."""
        visible = [
            str(control["name"])
            for control in self.tag.select("input[name], select[name], textarea[name]")
            if control.get("type") not in _UNLABELLED_TYPES
        ]
        return list(dict.fromkeys(visible))

    def submit(
        self, client: FlaskClient, changes: dict[str, Any] | None = None, **more: Any
    ) -> TestResponse:
        """Send the form with some values changed; a list gives several values."""
        sent = self.values
        for name, value in ((changes or {}) | more).items():
            sent.setlist(name, [str(item) for item in value] if isinstance(value, list) else [])
            if value is not None and not isinstance(value, list):
                sent.setlist(name, [value])
        if self.method == "get":
            return client.get(self.action, query_string=sent)
        return client.post(self.action, data=sent)


@dataclass(frozen=True)
class Page:
    """A parsed page, asked in the reader's words."""

    path: str
    html: str = field(repr=False)
    status: int = 200

    @cached_property
    def soup(self) -> BeautifulSoup:
        # The page is known to be well formed: the quick parser reads the same tree.
        return BeautifulSoup(self.html, "html.parser")

    @property
    def h1(self) -> str:
        return text_of(self.soup.h1)

    @property
    def text(self) -> str:
        """All that a reader sees, white space folded."""
        return text_of(self.soup.body)

    @property
    def links(self) -> list[str]:
        """Addresses on this site, absolute paths with their query, each once."""
        hrefs = (urljoin(self.path, str(a["href"])) for a in self.soup.select("a[href]"))
        own = (h for h in hrefs if not urlsplit(h).netloc and h.startswith("/"))
        return list(dict.fromkeys(h.split("#")[0] for h in own))

    def link(self, label: str) -> str:
        """Where the link with that text leads."""
        for anchor in self.soup.select("a[href]"):
            if label in text_of(anchor):
                return urljoin(self.path, str(anchor["href"]))
        raise AssertionError(f"{self.path}: no link 「{label}」")

    def form(self, action: str = "", *, button: str = "") -> Form:
        """The form whose address contains `action` and whose button says `button`."""
        for tag in self.soup.select("main form, form"):
            form = Form(tag, self.path)
            labels = [text_of(b) or str(b.get("value", "")) for b in tag.select("button, input")]
            if action in form.action and (not button or any(button in one for one in labels)):
                return form
        raise AssertionError(f"{self.path}: no form to 「{action}」 with button 「{button}」")

    def table(self, caption: str) -> list[dict[str, str]]:
        """Rows of the table with that caption, by column heading."""
        for table in self.soup.select("table"):
            if caption in text_of(table.caption):
                return _rows_of(table)
        raise AssertionError(f"{self.path}: no table 「{caption}」")

    @property
    def captions(self) -> list[str]:
        return [text_of(caption) for caption in self.soup.select("table > caption")]


def text_of(tag: Tag | None) -> str:
    """The text inside a tag with white space folded; '' for nothing."""
    return re.sub(r"\s+", " ", tag.get_text(" ")).strip() if tag is not None else ""


@lru_cache(maxsize=64)
def read_page(path: str, html: str, status: int = 200) -> Page:
    """Parse and check a page. Raises PageError naming every broken rule."""
    parser = html5lib.HTMLParser(getTreeBuilder("etree"), namespaceHTMLElements=False)
    facts = _Facts(parser.parse(html))
    problems = _parse_errors(parser, html)
    problems += [problem for rule in RULES for problem in rule(facts)]
    if problems:
        raise PageError(f"{path}:\n  " + "\n  ".join(problems))
    return Page(path, html, status)


class _Facts:
    """A page's elements, gathered in one walk."""

    def __init__(self, root: Element) -> None:
        self.elements = [element for element in root.iter() if isinstance(element.tag, str)]
        self._by_tag: dict[str, list[Element]] = defaultdict(list)
        for element in self.elements:
            self._by_tag[element.tag].append(element)

    def all(self, *tags: str) -> list[Element]:
        return [element for tag in tags for element in self._by_tag[tag]]

    @property
    def ids(self) -> Counter[str]:
        return Counter(element.attrib["id"] for element in self.elements if "id" in element.attrib)


def _words(element: Element | None) -> str:
    return "".join(element.itertext()).strip() if element is not None else ""


def _parse_errors(parser: html5lib.HTMLParser, html: str) -> list[str]:
    lines = html.splitlines()
    return [
        f"HTML {code} in line {line}: {lines[line - 1].strip()[:120] if line <= len(lines) else ''}"
        for (line, _column), code, _data in parser.errors[:5]
    ]


def _language(facts: _Facts) -> list[str]:
    return [] if facts.all("html")[0].get("lang") == "ja" else ["html has no lang=ja"]


def _title(facts: _Facts) -> list[str]:
    # Charts have a <title> each: the page's is the first.
    return [] if facts.all("title") and _words(facts.all("title")[0]) else ["no title"]


def _one_heading(facts: _Facts) -> list[str]:
    count = len(facts.all("h1"))
    return [] if count == 1 else [f"{count} h1 instead of one"]


def _unique_ids(facts: _Facts) -> list[str]:
    return [f"id {one!r} is used twice" for one, count in sorted(facts.ids.items()) if count > 1]


def _references(facts: _Facts) -> list[str]:
    ids = facts.ids
    return [
        f"{name}={element.attrib[name]!r} of <{element.tag}> points at nothing"
        for element in facts.elements
        for name in ("for", "aria-describedby", "aria-labelledby", "aria-controls")
        if any(one not in ids for one in element.get(name, "").split())
    ]


def _labels(facts: _Facts) -> list[str]:
    labels = [label for label in facts.all("label") if _words(label)]
    named = {label.get("for") for label in labels}
    inside = {id(element) for label in labels for element in label.iter()}
    return [
        f"<{element.tag} name={element.get('name')!r}> has no label"
        for element in facts.all("input", "select", "textarea")
        if element.get("type") not in _UNLABELLED_TYPES
        and (element.get("id") is None or element.get("id") not in named)
        and id(element) not in inside
        and not element.get("aria-label")
        and not element.get("aria-labelledby")
    ]


def _csrf(facts: _Facts) -> list[str]:
    problems = []
    for form in facts.all("form"):
        names = [one.get("name", "") for one in form.iter("input") if one.get("value")]
        tokens = [name for name in names if name.endswith("csrf_token")]
        posts = form.get("method", "get").lower() == "post"
        if posts and len(tokens) != 1:
            problems.append(f"the form to {form.get('action')!r} posts {len(tokens)} CSRF tokens")
        if not posts and tokens:
            problems.append(f"the form to {form.get('action')!r} shows its CSRF token in addresses")
    return problems


def _no_inline(facts: _Facts) -> list[str]:
    problems = ["an inline <style>" for _style in facts.all("style")]
    problems += ["an inline <script>" for one in facts.all("script") if not one.get("src")]
    problems += [
        f"<{element.tag}> has {name}"
        for element in facts.elements
        for name in map(str, element.attrib)
        if name == "style" or name.lower().startswith("on")
    ]
    return problems


def _own_host_only(facts: _Facts) -> list[str]:
    loading = [(one, one.get("src")) for one in facts.all("script", "img", "iframe", "source")]
    loading += [(one, one.get("href")) for one in facts.all("link") if one.get("rel") in _LOADED]
    return [
        f"<{element.tag}> loads from another host: {address}"
        for element, address in loading
        if address and urlsplit(address).netloc
    ]


def _captions(facts: _Facts) -> list[str]:
    return ["a table without caption" for t in facts.all("table") if not _words(t.find("caption"))]


RULES = (
    _language,
    _title,
    _one_heading,
    _unique_ids,
    _references,
    _labels,
    _csrf,
    _no_inline,
    _own_host_only,
    _captions,
)


def _values_of(control: Tag) -> list[str]:
    kind = control.get("type")
    if control.name == "textarea":
        # A browser drops the line break that WTForms writes after the opening tag.
        return [control.get_text().replace("\r\n", "\n").removeprefix("\n")]
    if control.name == "select":
        chosen = control.select("option[selected]") or (
            [] if control.has_attr("multiple") else control.select("option")[:1]
        )
        return [str(option.get("value", option.get_text())) for option in chosen]
    if kind in ("submit", "button", "image", "reset", "file"):
        return []
    if kind in ("checkbox", "radio"):
        return [str(control.get("value", "on"))] if control.has_attr("checked") else []
    return [str(control.get("value", ""))]


def _rows_of(table: Tag) -> list[dict[str, str]]:
    headings = [text_of(cell) for cell in table.select("thead tr:last-child > *")]
    rows = [row for row in table.select("tr") if row.find_parent("thead") is None]
    return [
        dict(zip(headings, (text_of(c) for c in row.select("th, td")), strict=False))
        for row in rows
    ]
