"""What an entry or a project counts as, in words: now, and since when (F03)."""

from collections.abc import Sequence
from dataclasses import dataclass

from catalog.policy import ClassState, PolicyScope
from catalog.policy_confirming import ConfirmedBy
from catalog.presenters.policy import source_text
from catalog.presenters.words import label_of
from catalog.queries.policy_classes import ClassEventRow, ClassPage
from foundation.filters import jst_date

_TONES = {
    ClassState.UNCONFIRMED: "neutral",
    ClassState.CONFIRMED: "success",
    ClassState.RECHECK: "warning",
}


@dataclass(frozen=True, kw_only=True)
class ClassLine:
    """One line of the history."""

    on: str
    what: str
    change: str
    sources: tuple[str, ...]
    who: str
    basis: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class ClassView:
    """What stands on the page of an entry or a project. facts: term and value.

    open: a person is still to say it; confirmed_general: one said that no warning is needed.
    """

    state: str
    tone: str
    recheck: bool
    open: bool
    confirmed_general: bool
    facts: tuple[tuple[str, str | None], ...]
    lines: tuple[ClassLine, ...]


def present_class(page: ClassPage, kind_scope: str) -> ClassView:
    """The class with its history. kind_scope: what the kind of system counts as by itself."""
    return ClassView(
        state=page.state.label,
        tone=_TONES[page.state],
        recheck=page.state is ClassState.RECHECK,
        open=page.state is not ClassState.CONFIRMED,
        confirmed_general=page.confirmed is not None
        and page.confirmed.scope == PolicyScope.GENERAL.value,
        facts=(
            ("人が確認した区分", _confirmed_text(page.confirmed)),
            ("国の方針の表からの推定", _suggested_text(page.suggested, kind_scope)),
        ),
        lines=_lines(page.events),
    )


def scope_text(scope: str, items: Sequence[str]) -> str:
    """「共通化対象（畜犬管理システム）」."""
    return label_of(PolicyScope, scope) + (f"（{'、'.join(items)}）" if items else "")


def _confirmed_text(row: ClassEventRow | None) -> str:
    if row is None:
        return "まだ確認されていません"
    return f"{label_of(PolicyScope, row.scope)}（{jst_date(row.at)}、{_who(row)}が確認）"


def _suggested_text(row: ClassEventRow | None, kind_scope: str) -> str:
    if row is None:
        return f"{label_of(PolicyScope, kind_scope)}（システム種別による）"
    return f"{scope_text(row.scope, row.items)}（{jst_date(row.at)}から）"


def _lines(events: Sequence[ClassEventRow]) -> tuple[ClassLine, ...]:
    """Newest first; each beside what stood before it in its own row of events."""
    lines = []
    for index, event in enumerate(events):
        older = (each for each in events[index + 1 :] if each.confirmed == event.confirmed)
        lines.append(_line(event, next(older, None)))
    return tuple(lines)


def _line(event: ClassEventRow, before: ClassEventRow | None) -> ClassLine:
    now = scope_text(event.scope, () if event.confirmed else event.items)
    was = scope_text(before.scope, () if event.confirmed else before.items) if before else ""
    texts = (source_text(name, lines, "") for name, lines in event.sources)
    return ClassLine(
        on=jst_date(event.at),
        what="確認" if event.confirmed else "推定",
        change=f"{was} → {now}" if was and was != now else now,
        sources=tuple(f"{text.name}　{text.lines}".strip() for text in texts),
        who=_who(event) if event.confirmed else "国の方針の表による推定",
        basis=event.basis,
        reason=event.reason,
    )


def _who(event: ClassEventRow) -> str:
    return f"{event.organization_name}（{label_of(ConfirmedBy, event.role)}）"
