"""A workbook of offerings with one sheet for each kind of child row.

Sheets beside the main one: sellers, price plans, their components and tiers, and one for each
question answered as a table. They are joined by the key into the row a plain table would hold.
"""

import json
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from catalog.answer_tables import (
    CELL_SEPARATOR,
    ROW_SEPARATOR,
    format_table,
    in_order,
    parse_cell,
)
from catalog.criteria import CRITERIA
from catalog.criterion import AnswerType, Column, Criterion
from catalog.importing.cells import read_code, unknown_columns
from catalog.importing.identity import KEY, tell_twins
from catalog.plan_units import Kind, Period, QuantityBasis, TierBy, TierMode, Unit, UnitPart
from catalog.plans import Component, Plan
from foundation.errors import Refused
from foundation.labels import LabelledEnum
from foundation.tables import TableRow, UnreadableTable, read_sheets, read_table
from foundation.text import fold_for_match, normalize, parse_whole_number

MAIN = "掲載サービス"
SELLERS, PLANS, COMPONENTS, TIERS = "販売", "料金プラン", "料金の構成", "料金の段階"
SELLER, CONDITIONS, PLAN, ROW = "販売元", "契約の条件", "料金プラン名", "行"
TAX, NOT_INCLUDED, BASIS, DEFINITION = "消費税率", "含まないもの", "価格の根拠", "定義(JSON)"
COMPONENT, FROM, PRICE = "構成要素", "段階の始まり", "単価"
OFFERS_JSON = "販売と料金（JSON）"
FAULTS = "シートの誤り"
# Where in the workbook a seller or a plan of the joined cell stands.
AT = "at"
_TITLE_LENGTH = 31
_BAD_IN_TITLES = str.maketrans(dict.fromkeys("[]:*?/\\", "・"))

# Heading of a component's field → its name in the stored plan, and its codes or int.
COMPONENT_FIELDS: Mapping[str, tuple[str, Any]] = {
    COMPONENT: ("key", str),
    "名称": ("name", str),
    "費用の種類": ("kind", Kind),
    "数える単位": ("unit", Unit),
    "周期": ("period", Period),
    PRICE: ("unit_price", str),
    "課金単位の大きさ": ("unit_size", int),
    "端数の扱い": ("unit_part", UnitPart),
    "段階を決める数": ("tier_by", TierBy),
    "段階の計算": ("mode", TierMode),
    "数量の範囲": ("quantity_basis", QuantityBasis),
    "最低料金": ("minimum_yen", int),
    "無料で含む数": ("included", int),
    "構成の消費税率": ("tax_rate", str),
}
COLUMNS: Mapping[str, tuple[str, ...]] = {
    SELLERS: (KEY, SELLER, CONDITIONS),
    PLANS: (KEY, SELLER, PLAN, TAX, NOT_INCLUDED, BASIS, DEFINITION),
    COMPONENTS: (KEY, SELLER, PLAN, *COMPONENT_FIELDS),
    TIERS: (KEY, SELLER, PLAN, COMPONENT, FROM, PRICE),
}
_NEEDED: Mapping[str, tuple[str, ...]] = {
    SELLERS: (KEY, SELLER),
    PLANS: (KEY, SELLER, PLAN),
    COMPONENTS: (KEY, SELLER, PLAN, COMPONENT),
    TIERS: COLUMNS[TIERS],
}
Place = tuple[str, ...]


def table_criteria() -> dict[str, Criterion]:
    """Title of the sheet → the question it answers."""
    tables = (c for c in CRITERIA if c.type is AnswerType.TABLE)
    return {c.csv_column.translate(_BAD_IN_TITLES)[:_TITLE_LENGTH]: c for c in tables}


def table_columns(criterion: Criterion) -> tuple[str, ...]:
    """The columns of the sheet of a question answered as a table."""
    return (KEY, ROW, *(column.label for column in criterion.columns))


@dataclass(kw_only=True)
class _Children:
    """The child rows of a workbook, by the key of their entry; faults by that key too."""

    rows: dict[str, dict[str, list[TableRow]]] = field(
        default_factory=lambda: defaultdict(lambda: defaultdict(list))
    )

    def of(self, sheet: str, key: str) -> list[TableRow]:
        return self.rows[sheet].get(key, []) if sheet in self.rows else []


def read_offering_rows(path: Path, required: Sequence[str]) -> Iterator[TableRow]:
    """As `read_table`; what stands in child sheets is put into each row. Raises UnreadableTable.

    A row says, too, whether an earlier one is called the same.
    """
    yield from tell_twins(_read_rows(path, required))


def _read_rows(path: Path, required: Sequence[str]) -> Iterator[TableRow]:
    children = _load(path, required)
    if not children.rows:
        yield from read_table(path, required)
        return
    keys = {normalize(row.cells[KEY]) for row in read_table(path, required)}
    _refuse_orphans(children, keys)
    seen: set[str] = set()
    for row in read_table(path, required):
        faults: list[str] = []
        key = normalize(row.cells[KEY])
        if key and key in seen:
            # Whose the rows of the other sheets are, would be a guess.
            faults.append(f"キー「{key}」が前の行にもあります。")
        seen.add(key)
        more = _joined(row, children, faults)
        cells = {**row.cells, **more}
        if faults:
            cells[FAULTS] = "\n".join(faults)
        yield TableRow(sheet=row.sheet, line=row.line, cells=cells)


def _load(path: Path, required: Sequence[str]) -> _Children:
    tables = table_criteria()
    needed = dict(_NEEDED) | {title: (KEY, ROW) for title in tables}
    known = dict(COLUMNS) | {title: table_columns(each) for title, each in tables.items()}
    children = _Children()
    check = partial(_refuse_strangers, required, needed)
    for title, rows in read_sheets(path, needed, check).items():
        for name in unknown_columns(rows[0].cells, map(normalize, known[title])):
            raise UnreadableTable(
                f"{title}「{name}」: この列は取り込めません（列の名前を確かめてください）。"
            )
        for row in rows:
            children.rows[title][normalize(row.cells[KEY])].append(row)
    return children


def _refuse_strangers(
    required: Sequence[str], known: Collection[str], sheets: Mapping[str, Sequence[str]]
) -> None:
    """A sheet with keys that is none of ours would be passed over in silence."""
    for title, headings in sheets.items():
        is_main = set(required) <= set(headings)
        if KEY in headings and title not in known and not is_main:
            names = "、".join(known)
            raise UnreadableTable(
                f"{title}: この名前のシートは取り込めません（書けるのは{names}）。"
                "取り込まないシートなら、「キー」の列を消してください。"
            )


def _refuse_orphans(children: _Children, keys: set[str]) -> None:
    lost = [
        f"{row.sheet} {row.line}行目「{KEY}」: 「{key}」の掲載がこのファイルにありません。"
        for by_key in children.rows.values()
        for key, rows in by_key.items()
        if key not in keys or not key
        for row in rows
    ]
    if lost:
        raise UnreadableTable("\n".join(lost[:50]))


def _joined(row: TableRow, children: _Children, faults: list[str]) -> dict[str, str]:
    key = normalize(row.cells[KEY])
    cells: dict[str, str] = {}
    for title, criterion in table_criteria().items():
        own = children.of(title, key)
        if own and row.cells.get(normalize(criterion.csv_column)):
            faults.append(f"「{title}」は、シートと列の両方に書かれています。")
        elif own:
            cells[normalize(criterion.csv_column)] = _table_text(criterion, own, faults)
    if children.of(SELLERS, key):
        cells[normalize(OFFERS_JSON)] = json.dumps(
            _offers(children, key, faults), ensure_ascii=False
        )
    else:
        faults += [
            _fault(one, SELLER, "「販売」のシートにこの掲載の行がありません。")
            for sheet in (PLANS, COMPONENTS, TIERS)
            for one in children.of(sheet, key)
        ]
    return cells


def _table_text(criterion: Criterion, rows: Sequence[TableRow], faults: list[str]) -> str:
    table: dict[str, dict[str, Any]] = {}
    by_label = {fold_for_match(c.label): c.key for c in criterion.choices}
    by_label |= {fold_for_match(c.key): c.key for c in criterion.choices}
    for row in rows:
        choice = by_label.get(fold_for_match(row.cells[ROW]))
        if choice is None or choice in table:
            why = "が二度書かれています。" if choice else "という行はありません。"
            faults.append(_fault(row, ROW, f"「{row.cells[ROW]}」{why}"))
            continue
        table[choice] = {}
        for column in criterion.columns:
            try:
                value = _table_cell(column, row.cells.get(normalize(column.label), ""))
            except ValueError as error:
                faults.append(_fault(row, column.label, str(error)))
            else:
                table[choice] |= {column.key: value} if value is not None else {}
    return format_table(criterion, in_order(criterion, table))


def _table_cell(column: Column, text: str) -> str | None:
    """The stored value of a cell. Raises ValueError."""
    value = parse_cell(column, text)
    if value is not None and {ROW_SEPARATOR, CELL_SEPARATOR} & set(value):
        # They would part the joined cell where its writer meant one value.
        raise ValueError(f"「{text}」に「|」と「;」は使えません。")
    return value


def _offers(children: _Children, key: str, faults: list[str]) -> list[dict[str, Any]]:
    """Sellers with their plans, in the order of the sheets; rows that belong to none are faults."""
    tiers = _grouped(children.of(TIERS, key), (SELLER, PLAN, COMPONENT), faults)
    components = _grouped(children.of(COMPONENTS, key), (SELLER, PLAN), faults)
    plans = _grouped(children.of(PLANS, key), (SELLER,), faults)
    offers: list[dict[str, Any]] = []
    seen: set[str] = set()
    for seller in children.of(SELLERS, key):
        at = (normalize(seller.cells[SELLER]),)
        if at[0] in seen:
            faults.append(_fault(seller, SELLER, f"「{at[0]}」が二度書かれています。"))
        seen.add(at[0])
        offers.append(
            {
                AT: _place(seller, SELLER),
                "seller": seller.cells[SELLER],
                "contract_conditions": seller.cells.get(CONDITIONS, ""),
                "plans": [
                    _plan(plan, components.pop((*at, plan.cells[PLAN]), []), tiers, faults)
                    for plan in plans.pop(at, [])
                ],
            }
        )
    for left, column in ((plans, SELLER), (components, PLAN), (tiers, COMPONENT)):
        for rows in left.values():
            faults += [_fault(row, column, "対応する行が上のシートにありません。") for row in rows]
    return offers


def _grouped(
    rows: Sequence[TableRow], columns: Sequence[str], _faults: list[str]
) -> dict[Place, list[TableRow]]:
    grouped: dict[Place, list[TableRow]] = defaultdict(list)
    for row in rows:
        place = (normalize(row.cells[columns[0]]), *(row.cells[c] for c in columns[1:]))
        grouped[place].append(row)
    return dict(grouped)


def _plan(
    row: TableRow,
    components: Sequence[TableRow],
    tiers: dict[Place, list[TableRow]],
    faults: list[str],
) -> dict[str, Any]:
    cells = row.cells
    said = {
        AT: _place(row, TAX),
        "name": cells[PLAN],
        "tax_rate_percent": cells.get(TAX) or "10",
        "not_included": cells.get(NOT_INCLUDED, ""),
        "price_basis": cells.get(BASIS, ""),
    }
    if cells.get(DEFINITION):
        try:
            definition = json.loads(cells[DEFINITION])
        except json.JSONDecodeError:
            faults.append(_fault(row, DEFINITION, "JSONとして読めません。"))
        else:
            faults += [_fault(row, DEFINITION, words) for words in _refusals(Plan, definition)]
            return said | {"definition": definition}
    at = (normalize(cells[SELLER]), cells[PLAN])
    before = len(faults)
    read = [
        _component(one, tiers.pop((*at, one.cells[COMPONENT]), []), faults) for one in components
    ]
    definition = {"name": cells[PLAN], "components": read}
    if len(faults) == before:
        faults += [_fault(row, PLAN, words) for words in _refusals(Plan, definition)]
    return said | {"definition": definition}


def _component(row: TableRow, tiers: Sequence[TableRow], faults: list[str]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    before = len(faults)
    for heading, (name, kind) in COMPONENT_FIELDS.items():
        text = row.cells.get(heading, "")
        if text:
            found[name] = _read(row, heading, kind, faults)
    if tiers:
        found["tiers"] = [
            {"from_qty": _read(tier, FROM, int, faults), "unit_price": tier.cells[PRICE]}
            for tier in tiers
        ]
    if len(faults) == before:
        faults += [_fault(row, COMPONENT, words) for words in _refusals(Component, found)]
    return found


def _refusals(kind: type[Component | Plan], said: Any) -> list[str]:
    """Why this is no component or plan; empty for a good one."""
    try:
        kind.from_dict(said)
    except Refused as refused:
        return [blocker.message for blocker in refused.blockers]
    except (AttributeError, KeyError, TypeError, ValueError):
        return ["料金プランの定義として読めません。"]
    return []


def _read(row: TableRow, heading: str, kind: Any, faults: list[str]) -> Any:
    text = row.cells.get(heading, "")
    try:
        if kind is int:
            return parse_whole_number(text)
        if isinstance(kind, type) and issubclass(kind, LabelledEnum):
            return read_code(text, kind).value
    except ValueError as error:
        faults.append(_fault(row, heading, str(error)))
        return 0
    return text


def _fault(row: TableRow, column: str, reason: str) -> str:
    return f"{_place(row, column)}: {reason}"


def _place(row: TableRow, column: str) -> str:
    return f"{row.sheet} {row.line}行目「{column}」"
