"""What every HTML response of the product must satisfy, read as a browser reads it."""

import re
from collections import Counter, defaultdict
from hashlib import blake2b
from urllib.parse import urlsplit
from xml.etree.ElementTree import Element

import html5lib
from html5lib.treebuilders import getTreeBuilder

# Types of inputs that nobody fills in: they need no label.
UNLABELLED_TYPES = {"hidden", "submit", "button", "image", "reset"}
_LOADED = {"stylesheet", "icon", "preload", "modulepreload", "manifest"}

# What no rule looks at and no parser stumbles over: words, and the values of some attributes.
# A character that is an error wherever it stands, or may be one, is left where it is.
_ODD = (
    r"\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f"
    r"\ud800-\udfff\ufdd0-\ufdef\ufffe-\uffff\U0001fffe-\U0010ffff"
)
_SAFE = rf"[^<>&\"{_ODD}]"
_ESCAPES = re.compile("&(?:amp|lt|gt|#34|#39);")
_WORDS = re.compile(rf">(?=\s*[^\s<])(?:{_SAFE}|\")*<")
_VALUES = re.compile(rf' (value|content|class|alt|title|datetime|data-[a-z-]+)="{_SAFE}+"')
_PLACES = re.compile(rf' (href|action)="/(?!/){_SAFE}*"')


class PageError(AssertionError):
    """A page breaks a rule that every page keeps."""


_KEPT: set[bytes] = set()


def check_page(path: str, html: str) -> None:
    """Raises PageError naming every rule that the page breaks.

    Pages that differ only in words are read once a process: reading takes 20 ms and more.
    """
    skeleton = blake2b(skeleton_of(html).encode("utf-8", "surrogatepass"), digest_size=16).digest()
    if skeleton in _KEPT:
        return
    parser = html5lib.HTMLParser(getTreeBuilder("etree"), namespaceHTMLElements=False)
    facts = _Facts(parser.parse(html))
    problems = _parse_errors(parser, html)
    problems += [problem for rule in RULES for problem in rule(facts)]
    if problems:
        raise PageError(f"{path}:\n  " + "\n  ".join(problems))
    _KEPT.add(skeleton)


def skeleton_of(html: str) -> str:
    """The page with one letter for what no rule depends on: two pages alike keep the same rules.

    Ids, names, what they refer to, other hosts and everything not written plainly remain.
    """
    html = _ESCAPES.sub("x", html)
    html = _VALUES.sub(r' \1="x"', html)
    html = _PLACES.sub(r' \1="/"', html)
    return _WORDS.sub(">x<", html)


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
        if element.get("type") not in UNLABELLED_TYPES
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
