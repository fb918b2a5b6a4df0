"""What a program can check of a content before a person looks at it: hints, never verdicts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from accounts.codes import read_corporate_number
from accounts.models import Organization
from catalog.answers import is_unstated
from catalog.certificates import list_expiries
from catalog.checks import list_offering_blockers
from catalog.criteria import CRITERIA, criteria_by_key
from catalog.desk.contents import Content, entry_of
from catalog.models import Offer, Offering, PricePlan, SystemType, Vendor
from catalog.plan_examples import example_costs
from catalog.plans import Plan
from catalog.policy import PolicyScope, suggest_scope
from catalog.protection import list_idle_reasons, list_unreasoned
from catalog.queries.policy import list_valid_items
from catalog.questions.protection import REASONS
from foundation.errors import Refused
from foundation.labels import LabelledEnum
from foundation.money import yen

FEWEST_COMPARED = 5
_FENCE = 1.5  # Tukey's: quartiles ± 1.5 × their distance (F12)


class Weight(LabelledEnum):
    """How much a finding asks for."""

    FAULT = "fault", "要確認"
    HINT = "hint", "参考"
    WELL = "well", "問題なし"


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One thing the program looked at."""

    check: str
    weight: Weight
    text: str

    def to_dict(self) -> dict[str, str]:
        """As a review keeps it."""
        return {"check": self.check, "weight": self.weight.value, "text": self.text}


def list_findings(
    session: Session, offering: Offering, content: Content, today: date
) -> tuple[Finding, ...]:
    """Every check of the content, in the same order for everybody. Five queries."""
    return (
        _corporate_number(session, offering),
        _missing(offering, content),
        _certificates(content["answers"], today),
        *_protection(content["answers"]),
        *_prices(session, offering, content),
        _scope(session, content, today),
    )


def _corporate_number(session: Session, offering: Offering) -> Finding:
    statement = (
        select(Organization.corporate_number, Organization.alternate_key)
        .join(Vendor, Vendor.organization_id == Organization.id)
        .where(Vendor.id == offering.vendor_id)
    )
    number, key = session.execute(statement).one()
    if number is None:
        said = f"法人番号がありません（識別番号 {key}）。" if key else "法人番号がありません。"
        return Finding(check="法人番号", weight=Weight.HINT, text=said)
    try:
        read_corporate_number(number)
    except ValueError as error:
        return Finding(check="法人番号", weight=Weight.FAULT, text=str(error))
    return Finding(check="法人番号", weight=Weight.WELL, text=f"{number}は検査数字に合います。")


def _missing(offering: Offering, content: Content) -> Finding:
    blockers = list_offering_blockers(entry_of(offering, content))
    if blockers:
        text = " ".join(blocker.message for blocker in blockers)
        return Finding(check="回答", weight=Weight.FAULT, text=text)
    answers = content["answers"]
    open_ones = [c.label for c in CRITERIA if is_unstated(answers.get(c.key))]
    if not open_ones:
        return Finding(check="回答", weight=Weight.WELL, text="すべての項目に回答があります。")
    text = f"全{len(CRITERIA)}項目中{len(open_ones)}項目が記載なし：{'、'.join(open_ones)}"
    return Finding(check="回答", weight=Weight.HINT, text=text)


def _protection(answers: Mapping[str, Any]) -> list[Finding]:
    """Nothing is said of an entry without protected answers."""
    without, idle = list_unreasoned(answers), list_idle_reasons(answers)
    texts = []
    if without:
        texts.append(f"理由のない項目：{'、'.join(one.label for one in without)}")
    if idle:
        texts.append(f"理由だけがあり回答のない項目：{'、'.join(one.label for one in idle)}")
    if texts:
        return [Finding(check="情報公開の配慮", weight=Weight.HINT, text="。".join(texts))]
    if not answers.get(REASONS):
        return []
    text = "行政機関だけに表示する回答のすべてに理由があります。"
    return [Finding(check="情報公開の配慮", weight=Weight.WELL, text=text)]


def _certificates(answers: Mapping[str, Any], today: date) -> Finding:
    table = answers.get("certificates") or {}
    labels = criteria_by_key()["certificates"].choice_labels
    held = set(answers.get("certifications") or [])
    faults = [
        f"{labels[key]}は「認証・登録」で選ばれていません。" for key in table if key not in held
    ]
    hints = []
    for one in list_expiries(answers, today):
        if one.expired:
            faults.append(f"{one.label}の有効期限{one.ends}が過ぎています。")
        else:
            hints.append(f"{one.label}の有効期限が近づいています（{one.ends}）。")
    hints += [f"{labels[key]}の番号が記載なしです。" for key in labels if key in held - set(table)]
    unseen = [labels[key] for key, row in table.items() if not row.get("evidence_url")]
    hints += [f"{label}を確認できるページが記載なしです。" for label in unseen]
    if faults:
        return Finding(check="認証", weight=Weight.FAULT, text=" ".join([*faults, *hints]))
    if hints:
        return Finding(check="認証", weight=Weight.HINT, text=" ".join(hints))
    return Finding(check="認証", weight=Weight.WELL, text="期限の切れた認証はありません。")


def _prices(session: Session, offering: Offering, content: Content) -> list[Finding]:
    """Each plan's yearly price for a city against those of the same kind, by quartiles."""
    others = sorted(_annual_prices(session, offering, content["system_type_code"]))
    plans = [plan for offer in content["offers"] for plan in offer["plans"]]
    if not plans:
        text = "料金プランがありません。"
        return [Finding(check="価格", weight=Weight.FAULT, text=text)]
    if len(others) < FEWEST_COMPARED:
        text = f"同じ種別の料金プランは{len(others)}件で、比較件数不足です。"
        return [Finding(check="価格", weight=Weight.HINT, text=text)]
    return [_price(plan, others) for plan in plans]


def _price(plan: Mapping[str, Any], others: Sequence[int]) -> Finding:
    annual = find_annual(plan["definition"])
    name = plan["name"]
    if annual is None:
        return Finding(check="価格", weight=Weight.FAULT, text=f"「{name}」は計算できません。")
    first, third = _quartile(others, 1), _quartile(others, 3)
    reach = _FENCE * (third - first)
    range_text = f"四分位範囲 {yen(int(first))}〜{yen(int(third))}、{len(others)}件"
    said = f"「{name}」は人口80,000人の市で年額{yen(annual)}（同じ種別の{range_text}）。"
    if annual > third + reach or annual < first - reach:
        text = f"{said}外れ値です。単位や段階に誤りがないか、事業者に尋ねてください。"
        return Finding(check="価格", weight=Weight.FAULT, text=text)
    return Finding(check="価格", weight=Weight.WELL, text=said)


def find_annual(definition: Mapping[str, Any]) -> int | None:
    """The yearly price for the city of the examples; None where it cannot be said."""
    try:
        costs = example_costs(Plan.from_dict(definition))
    except (Refused, AttributeError, KeyError, TypeError, ValueError):
        return None
    return next(cost.annual_yen for cost in costs if cost.example.key == "city")


def _annual_prices(session: Session, offering: Offering, system_type_code: str) -> list[int]:
    statement = (
        select(PricePlan.definition)
        .join(Offer, Offer.id == PricePlan.offer_id)
        .join(Offering, Offering.id == Offer.offering_id)
        .where(Offering.system_type_code == system_type_code, Offering.id != offering.id)
        .where(Offering.publication_status == "published", Offer.offered, PricePlan.offered)
        .where(Offering.fictional == offering.fictional)
    )
    found = (find_annual(definition) for definition in session.scalars(statement))
    return [annual for annual in found if annual]


def _quartile(ordered: Sequence[int], number: int) -> float:
    """The first or third quartile, between neighbours by position."""
    place = (len(ordered) - 1) * number / 4
    below = int(place)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (ordered[above] - ordered[below]) * (place - below)


def _scope(session: Session, content: Content, today: date) -> Finding:
    kind = session.get(SystemType, content["system_type_code"])
    scope = kind.policy_scope if kind else PolicyScope.UNDETERMINED.value
    text = f"{content['name']} {content['summary']}"
    suggestion = suggest_scope(scope, text, list_valid_items(session, today))
    label = suggestion.scope.label
    if suggestion.scope is PolicyScope.GENERAL:
        return Finding(check="国の方針", weight=Weight.WELL, text=f"種別と語から「{label}」です。")
    if suggestion.matched:
        words = "、".join(suggestion.matched)
        text = f"「{words}」の語から「{label}」に当たる可能性があります。"
        return Finding(check="国の方針", weight=Weight.FAULT, text=text)
    text = f"種別は「{label}」です。掲載はできますが、後押しの対象外である旨が表示されます。"
    return Finding(check="国の方針", weight=Weight.HINT, text=text)
