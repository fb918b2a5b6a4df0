"""What the state's policy says about kinds of systems (F03): words, labels, suggestions.

The check warns and never blocks: the policy limits what is supported, it forbids nothing.
"""

import csv
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Protocol

from foundation.labels import LabelledEnum
from foundation.text import fold_for_match

_TEXTS = Path(__file__).resolve().parent / "data" / "policy_texts.csv"
KEYWORD_SEPARATOR = "|"


class PolicyScope(LabelledEnum):
    """How the state treats a kind of system."""

    GENERAL = "general", "一般（後押しの対象）"
    STANDARD_20 = "standard_20", "標準20業務"
    COMMON_SAAS_CANDIDATE = "common_saas_candidate", "共通SaaSの対象候補"
    COMMONIZATION_TARGET = "commonization_target", "共通化対象"
    UNDETERMINED = "undetermined", "未判定"


# What the state's support covers, and what nobody has said anything of.
NO_WARNING = (PolicyScope.GENERAL, PolicyScope.UNDETERMINED)


class Outcome(LabelledEnum):
    """What was decided about a commonization item."""

    COMMONIZE = "commonize", "共通化"
    OTHER_METHOD = "other_method", "共通化以外の方法を検討"
    UNCLEAR = "unclear", "資料の食い違いにより不明"


@dataclass(frozen=True, kw_only=True)
class PolicyText:
    """A sentence of a policy document with where it stands. as_of: ISO date."""

    key: str
    title: str
    text: str
    source_doc: str
    source_lines: str
    as_of: str
    note: str

    @property
    def is_draft(self) -> bool:
        """Whether the document is a draft (案), which must be said wherever it is shown."""
        return "案" in self.source_doc


class PolicyKeywords(Protocol):
    """A policy item as far as matching needs it."""

    @property
    def id(self) -> int: ...
    @property
    def kind(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def keywords(self) -> str: ...
    @property
    def source_doc(self) -> str: ...
    @property
    def source_lines(self) -> str: ...


@dataclass(frozen=True, kw_only=True)
class ScopeSuggestion:
    """A suggestion a person confirms. matched: the words found, empty if by category.

    item_id: the item it is about; item_ids: every item whose words occur, best match first.
    """

    scope: PolicyScope
    item_id: int | None = None
    matched: tuple[str, ...] = ()
    item_ids: tuple[int, ...] = ()


class ClassState(LabelledEnum):
    """Whether a person has said what an entry or a project counts as."""

    UNCONFIRMED = "unconfirmed", "未確認（推定のまま）"
    CONFIRMED = "confirmed", "確認済み"
    RECHECK = "recheck", "確認が必要"


class ClassedKind(LabelledEnum):
    """What is classed."""

    OFFERING = "offering", "掲載サービス"
    PROJECT = "project", "共同調達の案件"


@cache
def policy_texts() -> dict[str, PolicyText]:
    """Every sentence by its key, from catalog/data/policy_texts.csv."""
    with _TEXTS.open(encoding="utf-8", newline="") as file:
        return {row["key"]: PolicyText(**row) for row in csv.DictReader(file)}


def get_policy_text(key: str) -> PolicyText:
    """One sentence. Raises KeyError."""
    return policy_texts()[key]


def suggest_scope(
    category_scope: str, text: str, items: Iterable[PolicyKeywords]
) -> ScopeSuggestion:
    """Category first, keywords second; for entries and purchases alike.

    category_scope: the policy scope of the system type. text: name and summary together.
    """
    scope = PolicyScope(category_scope)
    found = _find_items(text, items)
    ids = tuple(item.id for item, _matched in found)
    if scope not in NO_WARNING:
        same_kind = bool(found) and found[0][0].kind == scope.value
        return ScopeSuggestion(scope=scope, item_id=ids[0] if same_kind else None, item_ids=ids)
    if not found:
        return ScopeSuggestion(scope=scope)
    item, matched = found[0]
    return ScopeSuggestion(
        scope=PolicyScope(item.kind), item_id=item.id, matched=matched, item_ids=ids
    )


def list_sources(
    scope: PolicyScope, items: Iterable[PolicyKeywords]
) -> tuple[tuple[str, str], ...]:
    """Document and lines a suggestion rests on; for a kind of system the sentence about it."""
    found = [(item.source_doc, item.source_lines) for item in items]
    if not found and scope not in NO_WARNING:
        text = get_policy_text("scope_exclusion")
        found = [(text.source_doc, text.source_lines)]
    return tuple(dict.fromkeys(found))


def _find_items(
    text: str, items: Iterable[PolicyKeywords]
) -> list[tuple[PolicyKeywords, tuple[str, ...]]]:
    """Items whose name or keywords occur, most words first, then in their own order."""
    folded = fold_for_match(text)
    found = []
    for item in items:
        words = dict.fromkeys((item.name, *item.keywords.split(KEYWORD_SEPARATOR)))
        matched = tuple(word for word in words if _occurs(word, folded))
        if matched:
            found.append((item, matched))
    return sorted(found, key=lambda pair: -len(pair[1]))


def _occurs(word: str, folded: str) -> bool:
    # One sign alone occurs in too much to mean anything.
    wanted = fold_for_match(word)
    return len(wanted) > 1 and wanted in folded
