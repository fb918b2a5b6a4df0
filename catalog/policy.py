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


@dataclass(frozen=True, kw_only=True)
class ScopeSuggestion:
    """A suggestion a person confirms. matched: the words found, empty if by category."""

    scope: PolicyScope
    item_id: int | None = None
    matched: tuple[str, ...] = ()


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
    """Category first, keywords second.

    category_scope: the policy scope of the system type. text: name and summary together.
    """
    scope = PolicyScope(category_scope)
    found = _find_item(text, items)
    if scope not in (PolicyScope.GENERAL, PolicyScope.UNDETERMINED):
        same_kind = found is not None and found[0].kind == scope.value
        return ScopeSuggestion(scope=scope, item_id=found[0].id if found and same_kind else None)
    if found is None:
        return ScopeSuggestion(scope=scope)
    item, matched = found
    return ScopeSuggestion(scope=PolicyScope(item.kind), item_id=item.id, matched=matched)


def _find_item(
    text: str, items: Iterable[PolicyKeywords]
) -> tuple[PolicyKeywords, tuple[str, ...]] | None:
    folded = fold_for_match(text)
    best: tuple[PolicyKeywords, tuple[str, ...]] | None = None
    for item in items:
        words = [word for word in item.keywords.split(KEYWORD_SEPARATOR) if word]
        matched = tuple(word for word in words if fold_for_match(word) in folded)
        if matched and (best is None or len(matched) > len(best[1])):
            best = item, matched
    return best
