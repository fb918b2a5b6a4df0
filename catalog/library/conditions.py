"""Whether what a body plans fits a program's conditions: only ever a possibility (F22).

A program is decided by whoever runs it. This says 「条件に合う可能性」, lists what is not met
and what is not known, and never that somebody is eligible.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from foundation.labels import LabelledEnum


class Condition(LabelledEnum):
    """A condition a source document names, as a question to be answered yes or no."""

    JOINT_PROCUREMENT = "joint_procurement", "共同調達をする"
    JOINT_USE = "joint_use", "共同で利用する"
    PREFECTURE_WIDE = "prefecture_wide", "都道府県域で行う"
    TEACHER_DEVICES_INCLUDED = "teacher_devices_included", "指導者用端末を含む"
    JOINT_USE_OR_PROCUREMENT = (
        "joint_use_or_procurement",
        "複数の自治体で共同利用または共同調達をする",
    )
    CONFORMS_TO_MODEL_SPEC = "conforms_to_model_spec", "モデル仕様書に適合するサービスである"
    NETWORK_ASSESSMENT_DONE = "network_assessment_done", "ネットワークアセスメントが済んでいる"
    STANDARD_20 = "standard_20", "標準20業務の標準化のためである"
    EFFICIENCY_OR_LOCAL_ISSUE = (
        "efficiency_or_local_issue",
        "業務の効率化または地域の課題の解決のためである",
    )


class Fit(StrEnum):
    """What can be said."""

    POSSIBLE = "possible"
    TO_BE_CHECKED = "to_be_checked"
    UNMET = "unmet"
    NOT_TESTABLE = "not_testable"


@dataclass(frozen=True, kw_only=True)
class Conditions:
    """The conditions of a program: of `alternatives` any one will do, else all are needed."""

    items: tuple[Condition, ...]
    alternatives: bool


@dataclass(frozen=True, kw_only=True)
class Finding:
    """The answer. unmet, unknown: conditions that stand in the way or are not answered."""

    fit: Fit
    unmet: tuple[Condition, ...] = ()
    unknown: tuple[Condition, ...] = ()


def read_conditions(text: str) -> Conditions:
    """`a&b` = all of them, `a|b` = any of them, '' = none that a program could test.

    Raises ValueError for an unknown condition or for both signs at once.
    """
    if "&" in text and "|" in text:
        raise ValueError(f"conditions mix & and |: {text}")
    sign = "|" if "|" in text else "&"
    return Conditions(
        items=tuple(Condition(part) for part in text.split(sign) if part),
        alternatives=sign == "|",
    )


def find_fit(conditions: Conditions, answers: Mapping[Condition, bool]) -> Finding:
    """What the answers say; a condition without an answer is unknown, never unmet."""
    if not conditions.items:
        return Finding(fit=Fit.NOT_TESTABLE)
    unmet = tuple(c for c in conditions.items if answers.get(c) is False)
    unknown = tuple(c for c in conditions.items if c not in answers)
    if conditions.alternatives and any(answers.get(c) for c in conditions.items):
        return Finding(fit=Fit.POSSIBLE)
    stands_in_the_way = len(unmet) == len(conditions.items) if conditions.alternatives else unmet
    if stands_in_the_way:
        return Finding(fit=Fit.UNMET, unmet=unmet, unknown=unknown)
    if unknown:
        return Finding(fit=Fit.TO_BE_CHECKED, unmet=unmet, unknown=unknown)
    return Finding(fit=Fit.POSSIBLE)
