"""A row of an offerings file becomes an entry. Columns are the labels of the criteria."""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from functools import partial
from typing import Any

from catalog.answers import parse_answer
from catalog.checks import list_offering_blockers
from catalog.conformance import naming_specs
from catalog.criteria import CRITERIA, criteria_by_key
from catalog.entries import OfferEntry, OfferingEntry, PlanEntry
from catalog.importing import identity
from catalog.importing.cells import (
    Problems,
    collect,
    read_day,
    read_flag,
    read_list,
    unknown_columns,
)
from catalog.importing.identity import KEY, MAKER, NAME, SAME_AS, TWIN_CELLS
from catalog.importing.known import Known
from catalog.importing.sheets import AT, FAULTS, OFFERS_JSON
from catalog.plan_units import Unit
from foundation.errors import Blocker
from foundation.labels import LabelledEnum
from foundation.tables import TableRow
from foundation.text import normalize, parse_yen, read_decimal

SUMMARY = "概要"
SYSTEM_TYPE = "システム種別"
SELLERS = "販売元"
FICTIONAL = "架空"
REGISTERED_ON = "登録日"
CONDITIONS = "契約の条件"
PLAN_NAME = "料金プラン名"
INITIAL = "初期費用（税抜・円）"
MONTHLY = "月額単価（税抜・円）"
UNIT = "月額の単位"
PLANS_JSON = "料金プラン定義（JSON）"
REQUIRED = (KEY, NAME, SUMMARY, SYSTEM_TYPE, MAKER)
PLAN_COLUMNS = (PLAN_NAME, INITIAL, MONTHLY, UNIT, PLANS_JSON, OFFERS_JSON)
OWN_COLUMNS = (*REQUIRED, SAME_AS, SELLERS, FICTIONAL, REGISTERED_ON, CONDITIONS, *PLAN_COLUMNS)
COLUMNS = tuple(dict.fromkeys((*OWN_COLUMNS, *(c.csv_column for c in CRITERIA))))
# The header as read has its width folded: brackets come back as ASCII ones.
_BY_NORMAL = {normalize(name): name for name in COLUMNS}
_FIELD_COLUMNS = {
    "key": KEY,
    "name": NAME,
    "summary": SUMMARY,
    "offers": SELLERS,
    "plans": PLANS_JSON,
}


@dataclass(frozen=True, kw_only=True)
class ReadOffering:
    """What a row says; entry is None while there are problems.

    alike: keys of entries it may be the same as; asked while not empty, which is a problem too.
    """

    entry: OfferingEntry | None
    problems: Problems = field(default_factory=list)
    alike: tuple[str, ...] = ()


def read_offering(
    row: TableRow,
    known: Known,
    today: date,
    blockers_of: Callable[[OfferingEntry], list[Blocker]] = list_offering_blockers,
) -> ReadOffering:
    """The entry of a row, or every (column, reason) why there is none.

    blockers_of: why an entry may not be what it is to become; published, unless told otherwise.
    """
    with naming_specs(lambda: known.specs):
        return _read_row(row, known, today, blockers_of)


def _read_row(
    row: TableRow,
    known: Known,
    today: date,
    blockers_of: Callable[[OfferingEntry], list[Blocker]],
) -> ReadOffering:
    cells = {_BY_NORMAL.get(name, name): text for name, text in row.cells.items()}
    problems: Problems = [
        (name, "この列は取り込めません（列の名前を確かめてください）。")
        for name in unknown_columns(cells, (*COLUMNS, FAULTS, *TWIN_CELLS))
    ]
    problems += [("", fault) for fault in cells.get(FAULTS, "").splitlines()]
    entry = _read_entry(cells, known, today, problems)
    if entry is None or problems:
        return ReadOffering(entry=None, problems=problems)
    named = identity.name_entry(cells, entry.maker_id, known)
    if named.problem is not None:
        return ReadOffering(
            entry=None,
            problems=[named.problem, *_blocker_problems(blockers_of(entry))],
            alike=named.alike,
        )
    entry = replace(entry, key=named.key)
    problems += _blocker_problems(blockers_of(entry))
    problems += _collisions(entry, known)
    return ReadOffering(entry=None if problems else entry, problems=problems)


def _read_entry(
    cells: Mapping[str, str], known: Known, today: date, problems: Problems
) -> OfferingEntry | None:
    system_type = collect(SYSTEM_TYPE, cells[SYSTEM_TYPE], known.system_type, problems)
    maker_id = collect(MAKER, cells[MAKER], known.vendor, problems)
    sellers = [
        collect(SELLERS, part, known.vendor, problems)
        for part in read_list(cells.get(SELLERS, "")) or (cells[MAKER],)
        if cells.get(SELLERS) or maker_id is not None
    ]
    answers = _read_answers(cells, problems)
    plans = collect(PLANS_JSON, "", lambda _: _read_plans(cells, problems), problems) or ()
    offers = _read_offers(cells.get(OFFERS_JSON, ""), known, problems)
    fictional = collect(FICTIONAL, cells.get(FICTIONAL, ""), read_flag, problems)
    registered = collect(REGISTERED_ON, cells.get(REGISTERED_ON, ""), read_day, problems)
    if problems:
        return None
    conditions = cells.get(CONDITIONS, "").strip()
    return OfferingEntry(
        key=normalize(cells[KEY]) or "unnamed",
        maker_id=maker_id,
        system_type_code=system_type,
        name=cells[NAME].strip(),
        summary=cells[SUMMARY].strip(),
        registered_on=registered or today,
        answers=answers,
        offers=offers
        or tuple(
            OfferEntry(seller_id=seller, contract_conditions=conditions, plans=plans)
            for seller in sellers
        ),
        fictional=bool(fictional),
    )


def _read_answers(cells: Mapping[str, str], problems: Problems) -> dict[str, Any]:
    answers = {}
    for criterion in CRITERIA:
        text = cells.get(criterion.csv_column, "")
        read = partial(parse_answer, criterion)
        value = collect(criterion.csv_column, text, read, problems)
        if value is not None:
            answers[criterion.key] = value
    return answers


def _read_plans(cells: Mapping[str, str], problems: Problems) -> tuple[PlanEntry, ...]:
    if cells.get(PLANS_JSON, "").strip():
        return _plans_of_json(cells[PLANS_JSON])
    initial = collect(INITIAL, cells.get(INITIAL, ""), _amount, problems)
    monthly = collect(MONTHLY, cells.get(MONTHLY, ""), _amount, problems)
    unit = collect(UNIT, cells.get(UNIT, ""), _unit, problems)
    if initial is None and monthly is None:
        return ()
    name = cells.get(PLAN_NAME, "").strip() or "標準"
    components = []
    if initial is not None:
        components.append(_component("initial", "初期費用", Unit.FLAT, initial))
    if monthly is not None:
        components.append(_component("recurring", "利用料", unit or Unit.FLAT, monthly))
    return (PlanEntry(name=name, definition={"name": name, "components": components}),)


def _component(kind: str, name: str, unit: LabelledEnum, price_yen: int) -> dict[str, Any]:
    return {
        "key": kind,
        "name": name,
        "kind": kind,
        "unit": unit.value,
        "period": "once" if kind == "initial" else "month",
        "unit_price": str(price_yen),
    }


def _plans_of_json(text: str) -> tuple[PlanEntry, ...]:
    """Plans as catalog.pricing.Plan reads them. Raises ValueError."""
    try:
        given = json.loads(text)
    except json.JSONDecodeError as error:
        raise ValueError(f"JSONとして読めません（{error.colno}文字目）。") from error
    if not isinstance(given, list) or not all(isinstance(plan, dict) for plan in given):
        raise ValueError("料金プランの並び（[{…}]）を書いてください。")
    return tuple(
        PlanEntry(
            name=str(plan.get("name", "")),
            definition={"name": plan.get("name", ""), "components": plan.get("components", [])},
            tax_rate_percent=_percent(plan.get("tax_rate_percent", 10)),
            not_included=str(plan.get("not_included", "")),
            price_basis=str(plan.get("price_basis", "")),
        )
        for plan in given
    )


def _read_offers(text: str, known: Known, problems: Problems) -> tuple[OfferEntry, ...]:
    """Sellers, each with its own conditions and plans; what is wrong goes to `problems`."""
    if not text.strip():
        return ()
    try:
        return tuple(_offer_of_json(known, offer) for offer in json.loads(text))
    except _OfSheets as error:
        problems.append(("", str(error)))
    except (json.JSONDecodeError, KeyError, TypeError, AttributeError):
        problems.append((OFFERS_JSON, "販売と料金の並びとして読めません。"))
    except ValueError as error:
        problems.append((OFFERS_JSON, str(error)))
    return ()


class _OfSheets(ValueError):
    """The message names a line of a child sheet: no column of the row itself is at fault."""


@contextmanager
def _placed(said: Mapping[str, Any]) -> Iterator[None]:
    """Lets a ValueError say where in the workbook the value stands, if it came from a sheet."""
    try:
        yield
    except ValueError as error:
        if AT not in said:
            raise
        raise _OfSheets(f"{said[AT]}: {error}") from error


def _offer_of_json(known: Known, offer: Mapping[str, Any]) -> OfferEntry:
    with _placed(offer):
        seller_id = known.vendor(str(offer["seller"]))
    return OfferEntry(
        seller_id=seller_id,
        contract_conditions=str(offer.get("contract_conditions", "")),
        plans=tuple(_plan_of_json(plan) for plan in offer["plans"]),
    )


def _plan_of_json(plan: Mapping[str, Any]) -> PlanEntry:
    with _placed(plan):
        tax_rate_percent = _percent(plan.get("tax_rate_percent", 10))
    return PlanEntry(
        name=str(plan["name"]),
        definition=plan["definition"],
        tax_rate_percent=tax_rate_percent,
        not_included=str(plan.get("not_included", "")),
        price_basis=str(plan.get("price_basis", "")),
    )


def _percent(value: Any) -> Decimal:
    try:
        rate = read_decimal(value)
    except ValueError as error:
        raise ValueError(f"税率「{value}」は数として読めません。") from error
    if not 0 <= rate <= 100 or rate != round(rate, 2):
        raise ValueError(f"税率「{value}」は0から100まで、小数2桁以内にしてください。")
    return rate


def _amount(text: str) -> int | None:
    return parse_yen(text) if normalize(text) else None


def _unit(text: str) -> Unit | None:
    plain = normalize(text)
    if not plain:
        return None
    for unit in Unit:
        if plain in (unit.value, unit.label):
            return unit
    permitted = "、".join(unit.label for unit in Unit)
    raise ValueError(f"単位「{plain}」はありません（{permitted}）。")


def _blocker_problems(blockers: Iterable[Blocker]) -> Problems:
    labels = {key: criterion.csv_column for key, criterion in criteria_by_key().items()}
    labels |= _FIELD_COLUMNS
    return [(labels.get(blocker.field or "", ""), blocker.message) for blocker in blockers]


def _collisions(entry: OfferingEntry, known: Known) -> Problems:
    """An entry that is there already keeps its maker and stays real or fictional."""
    if entry.key not in known.offerings:
        return []
    maker_id, fictional = known.offerings[entry.key]
    problems: Problems = []
    if maker_id != entry.maker_id:
        problems.append((MAKER, f"キー「{entry.key}」は別の事業者の掲載サービスです。"))
    if fictional != entry.fictional:
        problems.append((FICTIONAL, "登録済みの掲載サービスの「架空」は変えられません。"))
    return problems
