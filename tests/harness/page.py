"""A page read strictly, and its parts, asked for in the reader's words."""

import re
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from typing import Any, Protocol, TypeVar
from urllib.parse import urljoin, urlsplit

import lxml.html
from bs4 import BeautifulSoup, Tag
from lxml.etree import XPath, tostring
from werkzeug.datastructures import MultiDict

from tests.harness.page_rules import UNLABELLED_TYPES, PageError, check_page

__all__ = ["Form", "Page", "PageError", "read_page", "text_of", "words_of"]

_CONTROLS = XPath(".//input[@name] | .//select[@name] | .//textarea[@name]")
_BUTTONS = XPath(".//button | .//input")
_ANCHORS = XPath(".//a[@href]")
_WORDS = XPath(".//text()[not(parent::script or parent::style)]")


Sent_co = TypeVar("Sent_co", covariant=True)


class Sender(Protocol[Sent_co]):
    """Who sends forms: the test client, or somebody at a real server. Sent_co: what comes back."""

    def get(self, path: str, /, *, query_string: MultiDict[str, str]) -> Sent_co: ...

    def post(self, path: str, /, *, data: MultiDict[str, str]) -> Sent_co: ...


@dataclass(frozen=True)
class Form:
    """A form as a person sees it: the values it would send, ready to be changed."""

    element: lxml.html.HtmlElement = field(repr=False)
    page_path: str

    @cached_property
    def tag(self) -> Tag:
        """The form by itself, for questions asked by selectors."""
        html = tostring(self.element, encoding="unicode", method="html", with_tail=False)
        tag = BeautifulSoup(html, "html.parser").form
        assert tag is not None
        return tag

    @property
    def method(self) -> str:
        return str(self.element.get("method", "get")).lower()

    @property
    def action(self) -> str:
        return urljoin(self.page_path, self.element.get("action") or self.page_path)

    @property
    def values(self) -> "MultiDict[str, str]":
        """What submitting the untouched form would send (no submit button)."""
        sent: MultiDict[str, str] = MultiDict()
        for control in _CONTROLS(self.element):
            for value in _values_of(control):
                sent.add(control.get("name"), value)
        return sent

    @property
    def names(self) -> list[str]:
        """Names of what a person fills in, in order, each once."""
        visible = [
            control.get("name")
            for control in _CONTROLS(self.element)
            if control.get("type") not in UNLABELLED_TYPES
        ]
        return list(dict.fromkeys(visible))

    def control(self, name: str) -> lxml.html.HtmlElement | None:
        """The first control of that name."""
        return next((one for one in _CONTROLS(self.element) if one.get("name") == name), None)

    def offers(self, button: str) -> bool:
        """Whether it has a button that says so."""
        return any(
            button in (words_of(one) or one.get("value", "")) for one in _BUTTONS(self.element)
        )

    def submit(
        self, client: Sender[Sent_co], changes: dict[str, Any] | None = None, **more: Any
    ) -> Sent_co:
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
        """The page for questions asked by selectors: thirty times as slow as `root`."""
        # The page is known to be well formed: the quick parser reads the same tree.
        return BeautifulSoup(self.html, "html.parser")

    @cached_property
    def root(self) -> lxml.html.HtmlElement:
        return lxml.html.document_fromstring(self.html)

    @property
    def h1(self) -> str:
        return words_of(self.root.find(".//h1"))

    @property
    def text(self) -> str:
        """All that a reader sees, white space folded."""
        return words_of(self.root.find("body"))

    @property
    def links(self) -> list[str]:
        """Addresses on this site, absolute paths with their query, each once."""
        hrefs = (urljoin(self.path, a.get("href")) for a in _ANCHORS(self.root))
        own = (h for h in hrefs if not urlsplit(h).netloc and h.startswith("/"))
        return list(dict.fromkeys(h.split("#")[0] for h in own))

    def link(self, label: str) -> str:
        """Where the link with that text leads."""
        for anchor in _ANCHORS(self.root):
            if label in words_of(anchor):
                return urljoin(self.path, anchor.get("href"))
        raise AssertionError(f"{self.path}: no link 「{label}」")

    @property
    def forms(self) -> list[Form]:
        """Every form, in order."""
        return [Form(element, self.path) for element in self.root.iter("form")]

    def form(self, action: str = "", *, button: str = "") -> Form:
        """The form whose address contains `action` and whose button says `button`."""
        for form in self.forms:
            if action in form.action and (not button or form.offers(button)):
                return form
        raise AssertionError(f"{self.path}: no form to 「{action}」 with button 「{button}」")

    def table(self, caption: str) -> list[dict[str, str]]:
        """Rows of the table with that caption, by column heading."""
        for table in self.root.iter("table"):
            if caption in words_of(table.find("caption")):
                return _rows_of(table)
        raise AssertionError(f"{self.path}: no table 「{caption}」")

    @property
    def captions(self) -> list[str]:
        return [words_of(caption) for caption in self.root.iterfind(".//table/caption")]


def words_of(element: lxml.html.HtmlElement | None) -> str:
    """The text inside an element with white space folded; '' for nothing."""
    return " ".join(" ".join(_WORDS(element)).split()) if element is not None else ""


def text_of(tag: Tag | None) -> str:
    """As `words_of`, of what a selector found."""
    return re.sub(r"\s+", " ", tag.get_text(" ")).strip() if tag is not None else ""


@lru_cache(maxsize=64)
def read_page(path: str, html: str, status: int = 200) -> Page:
    """Parse and check a page. Raises PageError naming every broken rule."""
    check_page(path, html)
    return Page(path, html, status)


def _values_of(control: lxml.html.HtmlElement) -> list[str]:
    kind = control.get("type")
    if control.tag == "textarea":
        # A browser drops the line break that WTForms writes after the opening tag.
        return ["".join(control.itertext()).replace("\r\n", "\n").removeprefix("\n")]
    if control.tag == "select":
        options = list(control.iter("option"))
        chosen = [option for option in options if option.get("selected") is not None] or (
            [] if control.get("multiple") is not None else options[:1]
        )
        return [option.get("value", "".join(option.itertext())) for option in chosen]
    if kind in ("submit", "button", "image", "reset", "file"):
        return []
    if kind in ("checkbox", "radio"):
        return [control.get("value", "on")] if control.get("checked") is not None else []
    return [control.get("value", "")]


def _rows_of(table: lxml.html.HtmlElement) -> list[dict[str, str]]:
    headings = [words_of(cell) for cell in table.xpath(".//thead//tr[last()]/*")]
    return [
        dict(zip(headings, map(words_of, row.xpath(".//th | .//td")), strict=False))
        for row in table.iter("tr")
        if next(row.iterancestors("thead"), None) is None
    ]
