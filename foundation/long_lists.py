"""Controls with hundreds of choices, put together without a template, which takes its time."""

from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any

from markupsafe import Markup, escape


def options(pairs: Iterable[tuple[str, str]], chosen: str) -> Markup:
    """The choices of a list, (value, words), of which there may be hundreds."""
    return Markup(
        "".join(
            f'<option value="{escape(value)}"{" selected" if value == chosen else ""}>'
            f"{escape(words)}</option>"
            for value, words in pairs
        )
    )


def facet_options(options: Sequence[Any], name: str, kind: str) -> Markup:
    """The boxes of a facet: hundreds on a page, so they are not put together by a template.

    options: objects or mappings with value, label, count, checked. kind: checkbox or radio.
    """
    return Markup("".join(_option(_facts(each), name, kind) for each in options))


def _facts(option: Any) -> tuple[str, str, int, bool]:
    if isinstance(option, Mapping):
        return option["value"], option["label"], option["count"], option["checked"]
    return option.value, option.label, option.count, option.checked


def _option(facts: tuple[str, str, int, bool], name: str, kind: str) -> str:
    value, label, count, checked = facts
    before, after = _around(kind, name, value, label)
    state = " checked" if checked else "" if count else " disabled"
    return f"{before}{state}{after}{count}{_OPTION_END}"


_OPTION_END = '<span class="dads-u-visually-hidden">件</span></span></label>\n'


@lru_cache(maxsize=4096)
def _around(kind: str, name: str, value: str, label: str) -> tuple[str, str]:
    """What stands in a box before and after whether it is checked; the same on every page."""
    before = (
        f'<label class="dads-{kind}"><input class="dads-{kind}__input" type="{kind}"'
        f' name="{escape(name)}" value="{escape(value)}"'
    )
    after = (
        f'><span class="dads-{kind}__label">{escape(label)}</span>'
        '<span class="moyai-facets__count">'
    )
    return before, after
