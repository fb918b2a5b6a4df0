"""A page read strictly: what every HTML response of the product must satisfy, and its parts."""

import re
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urljoin, urlsplit

import html5lib
from bs4 import BeautifulSoup, Tag
from flask.testing import FlaskClient
from werkzeug.datastructures import MultiDict
from werkzeug.test import TestResponse

_UNLABELLED_TYPES = {"hidden", "submit", "button", "image", "reset"}


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
    html: str
    soup: BeautifulSoup = field(repr=False)
    status: int = 200

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


def read_page(path: str, html: str, status: int = 200) -> Page:
    """Parse and check a page. Raises PageError naming every broken rule."""
    problems = _parse_errors(html)
    soup = BeautifulSoup(html, "html5lib")
    problems += [problem for rule in RULES for problem in rule(soup)]
    if problems:
        raise PageError(f"{path}:\n  " + "\n  ".join(problems))
    return Page(path, html, soup, status)


def _parse_errors(html: str) -> list[str]:
    parser = html5lib.HTMLParser(strict=False)
    parser.parse(html)
    lines = html.splitlines()
    return [
        f"HTML {code} in line {line}: {lines[line - 1].strip()[:120] if line <= len(lines) else ''}"
        for (line, _column), code, _data in parser.errors[:5]
    ]


def _language(soup: BeautifulSoup) -> list[str]:
    html = soup.html
    return [] if html is not None and html.get("lang") == "ja" else ["html has no lang=ja"]


def _title(soup: BeautifulSoup) -> list[str]:
    return [] if text_of(soup.title) else ["no title"]


def _one_heading(soup: BeautifulSoup) -> list[str]:
    count = len(soup.select("h1"))
    return [] if count == 1 else [f"{count} h1 instead of one"]


def _unique_ids(soup: BeautifulSoup) -> list[str]:
    ids = [str(tag["id"]) for tag in soup.select("[id]")]
    return [f"id {one!r} is used twice" for one in sorted({i for i in ids if ids.count(i) > 1})]


def _references(soup: BeautifulSoup) -> list[str]:
    ids = {str(tag["id"]) for tag in soup.select("[id]")}
    return [
        f"{name}={tag[name]!r} of <{tag.name}> points at nothing"
        for name in ("for", "aria-describedby", "aria-labelledby", "aria-controls")
        for tag in soup.select(f"[{name}]")
        if any(one not in ids for one in str(tag[name]).split())
    ]


def _labels(soup: BeautifulSoup) -> list[str]:
    labelled = {str(label["for"]) for label in soup.select("label[for]") if text_of(label)}
    return [
        f"<{tag.name} name={tag.get('name')!r}> has no label"
        for tag in soup.select("input, select, textarea")
        if tag.get("type") not in _UNLABELLED_TYPES
        and tag.get("id") not in labelled
        and not tag.get("aria-label")
        and not tag.get("aria-labelledby")
        and tag.find_parent("label") is None
    ]


def _csrf(soup: BeautifulSoup) -> list[str]:
    problems = []
    for form in soup.select("form"):
        tokens = form.select("input[name$=csrf_token][value]")
        posts = str(form.get("method", "get")).lower() == "post"
        if posts and len(tokens) != 1:
            problems.append(f"the form to {form.get('action')!r} posts {len(tokens)} CSRF tokens")
        if not posts and tokens:
            problems.append(f"the form to {form.get('action')!r} shows its CSRF token in addresses")
    return problems


def _no_inline(soup: BeautifulSoup) -> list[str]:
    problems = [f"<{tag.name}> has a style attribute" for tag in soup.select("[style]")]
    problems += ["an inline <style>"] * len(soup.select("style"))
    problems += ["an inline <script>"] * len(soup.select("script:not([src])"))
    problems += [
        f"<{tag.name}> has {name}"
        for tag in soup.find_all(True)
        for name in tag.attrs
        if name.lower().startswith("on")
    ]
    return problems


def _own_host_only(soup: BeautifulSoup) -> list[str]:
    loading = "script[src], img[src], iframe[src], link[rel=stylesheet], link[rel=icon], source"
    return [
        f"<{tag.name}> loads from another host: {address}"
        for tag in soup.select(loading)
        for address in [str(tag.get("src") or tag.get("href") or "")]
        if urlsplit(address).netloc
    ]


def _captions(soup: BeautifulSoup) -> list[str]:
    return ["a table without caption" for t in soup.select("table") if not text_of(t.caption)]


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
        return [control.get_text()]
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
    rows = table.select("tbody > tr") + table.select("tfoot > tr")
    return [
        dict(zip(headings, (text_of(c) for c in row.select("th, td")), strict=False))
        for row in rows
    ]
