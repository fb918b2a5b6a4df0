"""An Atom feed (RFC 4287) of things that were added or changed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from xml.etree import ElementTree

ATOM = "http://www.w3.org/2005/Atom"


@dataclass(frozen=True, kw_only=True)
class FeedEntry:
    """One changed thing. path: its page on this site."""

    path: str
    title: str
    author: str
    updated_at: datetime
    summary: str = ""


def atom_feed(
    entries: Sequence[FeedEntry], *, home: str, path: str, title: str, now: datetime
) -> str:
    """The feed as XML text. home: scheme and host of this site, without a slash at the end."""
    ElementTree.register_namespace("", ATOM)
    feed = ElementTree.Element(f"{{{ATOM}}}feed")
    newest = max((entry.updated_at for entry in entries), default=now)
    _text(feed, "id", f"{home}{path}")
    _text(feed, "title", title)
    _text(feed, "updated", newest.isoformat())
    for entry in entries:
        _add_entry(feed, entry, home)
    return ElementTree.tostring(feed, encoding="unicode", xml_declaration=True)


def _add_entry(feed: ElementTree.Element, entry: FeedEntry, home: str) -> None:
    element = ElementTree.SubElement(feed, f"{{{ATOM}}}entry")
    _text(element, "id", f"{home}{entry.path}")
    _text(element, "title", entry.title)
    _text(element, "updated", entry.updated_at.isoformat())
    if entry.summary:
        _text(element, "summary", entry.summary)
    ElementTree.SubElement(element, f"{{{ATOM}}}link", href=f"{home}{entry.path}")
    _text(ElementTree.SubElement(element, f"{{{ATOM}}}author"), "name", entry.author)


def _text(parent: ElementTree.Element, name: str, text: str) -> None:
    # Control characters are no XML at all, whatever a form let through.
    legal = "".join(sign for sign in text if sign >= " " or sign in "\t\n")
    ElementTree.SubElement(parent, f"{{{ATOM}}}{name}").text = legal
