"""What differs between two contents of an entry, in words, and whether it waits for review.

Risky changes wait: name, kind of system (and with it the policy scope), maker, prices, and the
answers whose criterion says so. One of them makes the whole submission wait.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from catalog.answers import NOT_STATED, answer_lines
from catalog.criteria import CRITERIA
from catalog.criterion import Criterion, Disclosure, Review
from catalog.desk.contents import Content
from catalog.entry_files import REVIEWS, FileDisclosure, FileReference, FileUse, files_of
from catalog.plan_words import plan_lines
from catalog.plans import Plan
from foundation.errors import Refused
from foundation.uploads.recognise import size_words

NOTHING = "なし"
_RANK = {Review.NONE: 0, Review.AFTER: 1, Review.BEFORE: 2}
# Field of a content → label and class.
_FIELDS = {
    "name": ("名称", Review.BEFORE),
    "vendor_name": ("開発元", Review.BEFORE),
    "system_type_code": ("システム種別（国の方針との関係）", Review.BEFORE),
    "summary": ("概要", Review.AFTER),
}
_PLAN_TEXTS = {
    "tax_rate_percent": ("消費税率", Review.BEFORE),
    "not_included": ("料金に含まないもの", Review.BEFORE),
    "price_basis": ("価格の根拠", Review.AFTER),
}


@dataclass(frozen=True, kw_only=True)
class Change:
    """One thing said otherwise; lines of words before and after."""

    label: str
    before: tuple[str, ...]
    after: tuple[str, ...]
    review: Review
    disclosure: Disclosure = Disclosure.PUBLIC


@dataclass(frozen=True, kw_only=True)
class Names:
    """Words for what contents hold as codes: system types, and vendors by id."""

    system_types: Mapping[str, str]
    vendors: Mapping[int, str]


def list_changes(before: Content, after: Content, names: Names) -> tuple[Change, ...]:
    """Every difference, in the order of the page."""
    return (
        *_field_changes(before, after, names),
        *_offer_changes(before["offers"], after["offers"], names),
        *_answer_changes(before["answers"], after["answers"]),
        *_file_changes(files_of(before), files_of(after)),
    )


def list_part_changes(before: Content, after: Content, names: Names) -> tuple[Change, ...]:
    """As list_changes, of parts that hold only some of the keys."""
    empty: Content = {"offers": [], "answers": {}}
    return list_changes({**empty, **before}, {**empty, **after}, names)


def review_of(changes: Sequence[Change]) -> Review:
    """The strictest class among the changes."""
    return max((change.review for change in changes), key=_RANK.__getitem__, default=Review.NONE)


def _field_changes(before: Content, after: Content, names: Names) -> list[Change]:
    changes = []
    for key, (label, review) in _FIELDS.items():
        old, new = before.get(key), after.get(key)
        if old != new:
            words = [_field_words(key, value, names) for value in (old, new)]
            changes.append(Change(label=label, before=words[0], after=words[1], review=review))
    return changes


def _field_words(key: str, value: Any, names: Names) -> tuple[str, ...]:
    if key == "system_type_code":
        return (names.system_types.get(value, value or NOT_STATED),)
    return (str(value),) if value else (NOT_STATED,)


def _answer_changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[Change]:
    return [
        _answer_change(criterion, before.get(criterion.key), after.get(criterion.key))
        for criterion in CRITERIA
        if before.get(criterion.key) != after.get(criterion.key)
    ]


def _answer_change(criterion: Criterion, old: Any, new: Any) -> Change:
    return Change(
        label=criterion.label,
        before=tuple(answer_lines(criterion, old)),
        after=tuple(answer_lines(criterion, new)),
        review=criterion.review,
        disclosure=criterion.disclosure,
    )


def _offer_changes(
    before: Sequence[Mapping[str, Any]], after: Sequence[Mapping[str, Any]], names: Names
) -> list[Change]:
    old = {offer["seller_id"]: offer for offer in before}
    new = {offer["seller_id"]: offer for offer in after}
    changes = []
    for seller_id in dict.fromkeys([*old, *new]):
        seller = names.vendors.get(seller_id, f"事業者{seller_id}")
        changes += _seller_changes(seller, old.get(seller_id), new.get(seller_id))
    return changes


def _seller_changes(
    seller: str, old: Mapping[str, Any] | None, new: Mapping[str, Any] | None
) -> list[Change]:
    changes = []
    if old is None or new is None:
        there = [(seller,) if offer is not None else (NOTHING,) for offer in (old, new)]
        changes.append(
            Change(label="販売する事業者", before=there[0], after=there[1], review=Review.BEFORE)
        )
    conditions = [(offer or {}).get("contract_conditions", "") for offer in (old, new)]
    if conditions[0] != conditions[1]:
        words = [(text or NOT_STATED,) for text in conditions]
        label = f"{seller}の契約の条件"
        changes.append(Change(label=label, before=words[0], after=words[1], review=Review.AFTER))
    return [
        *changes,
        *_plan_changes(seller, (old or {}).get("plans", []), (new or {}).get("plans", [])),
    ]


def _plan_changes(
    seller: str, before: Sequence[Mapping[str, Any]], after: Sequence[Mapping[str, Any]]
) -> list[Change]:
    old = {plan["name"]: plan for plan in before}
    new = {plan["name"]: plan for plan in after}
    changes = []
    for name in dict.fromkeys([*old, *new]):
        label = f"{seller}の料金プラン「{name}」"
        was, becomes = old.get(name), new.get(name)
        if _prices(was) != _prices(becomes):
            changes.append(
                Change(
                    label=label,
                    before=plan_words(was),
                    after=plan_words(becomes),
                    review=Review.BEFORE,
                )
            )
        if was is not None and becomes is not None:
            changes += _plan_text_changes(label, was, becomes)
    return changes


def _plan_text_changes(
    label: str, was: Mapping[str, Any], becomes: Mapping[str, Any]
) -> list[Change]:
    return [
        Change(
            label=f"{label}の{part}",
            before=(was[key] or NOT_STATED,),
            after=(becomes[key] or NOT_STATED,),
            review=review,
        )
        for key, (part, review) in _PLAN_TEXTS.items()
        if was[key] != becomes[key]
    ]


def _file_changes(before: Sequence[FileReference], after: Sequence[FileReference]) -> list[Change]:
    """A file is never changed, only added and taken out."""
    was, becomes = ({file["token"]: file for file in files} for files in (before, after))
    gone = [
        _file_change(file, (file_words(file), NOTHING))
        for token, file in was.items()
        if token not in becomes
    ]
    new = [
        _file_change(file, (NOTHING, file_words(file)))
        for token, file in becomes.items()
        if token not in was
    ]
    return [*gone, *new]


def _file_change(file: FileReference, words: tuple[str, str]) -> Change:
    public = file["disclosure"] == FileDisclosure.PUBLIC.value
    return Change(
        label=f"添付ファイル「{file['title']}」",
        before=(words[0],),
        after=(words[1],),
        review=REVIEWS[FileUse(file["use"])],
        disclosure=Disclosure.PUBLIC if public else Disclosure.GOVERNMENT,
    )


def file_words(file: FileReference) -> str:
    """A file in one line: what it is for, who reads it, its name, size and hash."""
    use, disclosure = FileUse(file["use"]).label, FileDisclosure(file["disclosure"]).label
    size = size_words(file["size_bytes"])
    return f"{use}（{disclosure}）{file['name']} {size} SHA-256 {file['sha256'][:12]}…"


def _prices(plan: Mapping[str, Any] | None) -> Any:
    """The components as they are computed: equal prices are equal, however they are written."""
    if plan is None:
        return None
    try:
        return Plan.from_dict(plan["definition"]).components
    except (Refused, KeyError, TypeError, ValueError):
        return plan["definition"]


def plan_words(plan: Mapping[str, Any] | None) -> tuple[str, ...]:
    """A stored plan's components in words; 「なし」 for no plan."""
    if plan is None:
        return (NOTHING,)
    try:
        return tuple(plan_lines(Plan.from_dict(plan["definition"])))
    except (Refused, KeyError, TypeError, ValueError):
        return ("読み取れない料金プラン",)
