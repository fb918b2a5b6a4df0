"""What a vendor asks to protect, answer by answer, and why (F14)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from catalog.answers import is_unstated
from catalog.criteria import CRITERIA, criteria_by_key
from catalog.criterion import Criterion
from catalog.questions.protection import REASONS, protectable


@dataclass(frozen=True, kw_only=True)
class Reason:
    """Why one answer should be protected, in words. kind: of which sort the reason is."""

    kind: str
    text: str

    @property
    def words(self) -> str:
        return f"{self.kind}：{self.text}"


def find_reason(answers: Mapping[str, Any], key: str) -> Reason | None:
    """The reason the vendor gave for the answer to that question; None for none.

    Entries older than the question gave theirs in one text for all.
    """
    said = (answers.get(REASONS) or {}).get(key)
    if not said:
        return None
    kinds = criteria_by_key()[REASONS].columns[0].choice_labels
    return Reason(kind=kinds.get(said["kind"], said["kind"]), text=said["reason"])


def list_unreasoned(answers: Mapping[str, Any]) -> Sequence[Criterion]:
    """Protected answers that are given without a reason."""
    return [one for one in _given(answers) if find_reason(answers, one.key) is None]


def list_idle_reasons(answers: Mapping[str, Any]) -> Sequence[Criterion]:
    """Questions with a reason and no answer it could be about."""
    given = {one.key for one in _given(answers)}
    return [
        one
        for one in protectable(CRITERIA)
        if one.key not in given and find_reason(answers, one.key) is not None
    ]


def _given(answers: Mapping[str, Any]) -> list[Criterion]:
    return [one for one in protectable(CRITERIA) if not is_unstated(answers.get(one.key))]
