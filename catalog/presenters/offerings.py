"""Offerings in words: answers by group, price tables, what it would cost, side by side."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from catalog.answers import NOT_STATED, answer_lines
from catalog.certificates import expiries_by_criterion
from catalog.criterion import Criterion, Disclosure, Group
from catalog.plan_units import Unit
from catalog.plan_words import condition_texts, step_texts, unit_text
from catalog.plans import Component
from catalog.policy import PolicyScope, get_policy_text
from catalog.presenters.cases import CaseItem, case_item
from catalog.presenters.policy_classes import ClassView, present_class
from catalog.presenters.words import count_rows, counts_text, label_of, status_chips
from catalog.protection import find_reason
from catalog.queries.offerings import (
    BodySize,
    OfferingPage,
    OfferingRow,
    OfferRow,
    PlanRow,
)
from catalog.sizes import PlanEstimate, estimate_plan, known_quantities, units_of
from catalog.staleness import stale_by_criterion
from foundation.money import yen

_SIZE = "住民数・世帯数は令和2年国勢調査、アカウント数は令和6年の一般行政部門の職員数"
_FICTIONAL_SIZE = "住民数・世帯数・アカウント数（職員数）は架空の値"


@dataclass(frozen=True, kw_only=True)
class AnswerLine:
    """One answered (or not stated) question; parts: a line for each thing the answer says.

    stale: what of it has run out, or nobody has looked at for long, in words. protected_for: why
    the vendor asks that it be protected; '' for no reason given.
    """

    label: str
    text: str
    parts: tuple[str, ...]
    help: str
    stated: bool
    government: bool
    stale: tuple[str, ...] = ()
    protected_for: str = ""


@dataclass(frozen=True, kw_only=True)
class AnswerGroup:
    """The answers under one heading."""

    key: str
    title: str
    lines: tuple[AnswerLine, ...]


@dataclass(frozen=True, kw_only=True)
class ComponentLine:
    """One line of a price table; steps: the tiers in words, or the single price."""

    name: str
    kind: str
    unit: str
    period: str
    steps: tuple[str, ...]
    conditions: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class PlanTable:
    """A plan as a table, tax-excluded, with what it costs at the quantities asked."""

    name: str
    caption: str
    lines: tuple[ComponentLine, ...]
    tax: str
    not_included: str
    price_basis: str
    estimate: "EstimateWords"


@dataclass(frozen=True, kw_only=True)
class EstimateWords:
    """What a plan costs alone at the quantities asked; reason: why it cannot be said."""

    once: str
    annual: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class OfferSection:
    """A seller with its plans."""

    seller_id: int
    seller_name: str
    contract_conditions: str
    plans: tuple[PlanTable, ...]


@dataclass(frozen=True, kw_only=True)
class ScopeWarning:
    """Why the state's support may not cover this kind of system. Warns, never blocks."""

    label: str
    text: str
    source: str


@dataclass(frozen=True, kw_only=True)
class OfferingView:
    """Everything the offering page prints."""

    row: OfferingRow
    chips: tuple[tuple[str, str], ...]
    version: int
    groups: tuple[AnswerGroup, ...]
    offers: tuple[OfferSection, ...]
    units: tuple[Unit, ...]
    basis: str
    cases: tuple[CaseItem, ...]
    case_counts: str
    scope_warning: ScopeWarning | None
    policy: ClassView


def present_offering(page: OfferingPage, typed: Mapping[Unit, int], today: date) -> OfferingView:
    """The page in words. typed: quantities the reader gave, over those of its body."""
    known = quantities_of(page.body) | dict(typed)
    return OfferingView(
        row=page.row,
        chips=tuple(status_chips(page.row)),
        version=page.content.row.number,
        groups=present_answers(page.content.answers, page.criteria, today),
        offers=tuple(_present_offer(offer, known) for offer in page.content.offers),
        units=units_in(page.content.offers),
        basis=_basis_words(page.body, typed),
        cases=tuple(case_item(case) for case in page.cases),
        case_counts=counts_text(count_rows(page.cases)),
        scope_warning=_scope_warning(page.policy_scope),
        policy=present_class(page.policy, page.policy_scope),
    )


def default_quantities(page: OfferingPage) -> dict[Unit, int]:
    """What the size form starts from: the published facts of the reader's body."""
    return quantities_of(page.body)


def present_answers(
    answers: Mapping[str, Any], criteria: Sequence[Criterion], today: date
) -> tuple[AnswerGroup, ...]:
    """All questions the reader may see, by group; a missing answer says 「記載なし」.

    today: by which it is said what was looked at long ago, and what has run out.
    """
    groups = []
    marks = _list_marks(answers, [c.key for c in criteria], today)
    for group in Group:
        lines = tuple(
            replace(
                _answer_line(c, answers.get(c.key)),
                stale=marks.get(c.key, ()),
                protected_for=reason.words if (reason := find_reason(answers, c.key)) else "",
            )
            for c in criteria
            if c.group is group
        )
        if lines:
            groups.append(AnswerGroup(key=group.value, title=group.label, lines=lines))
    return tuple(groups)


def _list_marks(
    answers: Mapping[str, Any], keys: Sequence[str], today: date
) -> dict[str, tuple[str, ...]]:
    ended = expiries_by_criterion(answers, keys, today)
    marks = {key: tuple(one.words for one in found) for key, found in ended.items()}
    for key, facts in stale_by_criterion(answers, keys, today).items():
        marks[key] = (*marks.get(key, ()), *(fact.words for fact in facts))
    return marks


def present_offers(offers: Sequence[OfferRow]) -> tuple[OfferSection, ...]:
    """Sellers and plans without anybody's quantities."""
    return tuple(_present_offer(offer, {}) for offer in offers)


def _answer_line(criterion: Criterion, value: Any) -> AnswerLine:
    parts = answer_lines(criterion, value)
    text = "、".join(parts)
    return AnswerLine(
        label=criterion.label,
        text=text,
        parts=tuple(parts),
        help=criterion.help,
        stated=text != NOT_STATED,
        government=criterion.disclosure is Disclosure.GOVERNMENT,
    )


def _present_offer(offer: OfferRow, known: Mapping[Unit, int]) -> OfferSection:
    return OfferSection(
        seller_id=offer.seller_id,
        seller_name=offer.seller_name,
        contract_conditions=offer.contract_conditions,
        plans=tuple(_plan_table(offer, plan, known) for plan in offer.plans),
    )


def _plan_table(offer: OfferRow, row: PlanRow, known: Mapping[Unit, int]) -> PlanTable:
    return PlanTable(
        name=row.name,
        caption=f"{offer.seller_name}「{row.name}」の料金（税抜）",
        lines=tuple(_component_line(component) for component in row.plan.components),
        tax=f"消費税率 {format(row.tax_rate_percent.normalize(), 'f')}%",
        not_included=row.not_included,
        price_basis=row.price_basis,
        estimate=_estimate_words(estimate_plan(row.plan, known)),
    )


def _component_line(component: Component) -> ComponentLine:
    return ComponentLine(
        name=component.name,
        kind=component.kind.label,
        unit=unit_text(component),
        period=component.period.label,
        steps=step_texts(component),
        conditions=condition_texts(component),
    )


def _estimate_words(estimate: PlanEstimate) -> EstimateWords:
    if estimate.once_yen is None or estimate.annual_yen is None:
        needed = "、".join(unit.label for unit in estimate.missing)
        return EstimateWords(once="", annual="", reason=f"{needed}の数量が必要です")
    return EstimateWords(once=yen(estimate.once_yen), annual=yen(estimate.annual_yen), reason="")


def quantities_of(body: BodySize | None) -> dict[Unit, int]:
    if body is None:
        return {}
    return known_quantities(
        population=body.population, households=body.households, staff=body.staff
    )


def units_in(offers: Sequence[OfferRow]) -> tuple[Unit, ...]:
    """The units whose quantities the plans of these offers need, in the order of Unit."""
    used = {unit for offer in offers for plan in offer.plans for unit in units_of(plan.plan)}
    return tuple(unit for unit in Unit if unit in used)


def _basis_words(body: BodySize | None, typed: Mapping[Unit, int]) -> str:
    if typed:
        return "入力した数量で、1団体が単独で使う場合（税抜）"
    if body is None:
        return "数量を入力すると、1団体が単独で使う場合の費用を表示します（税抜）"
    return f"{body.name}が単独で使う場合（税抜）。{_FICTIONAL_SIZE if body.fictional else _SIZE}"


def _scope_warning(policy_scope: str) -> ScopeWarning | None:
    if policy_scope in (PolicyScope.GENERAL.value, PolicyScope.UNDETERMINED.value):
        return None
    text = get_policy_text("scope_banner")
    return ScopeWarning(
        label=label_of(PolicyScope, policy_scope),
        text=text.text,
        source=f"{text.source_doc} {text.source_lines}",
    )
