"""What `flask procurement fairness` reads: members with their quantities, and a price plan.

The members' file is that of `share` with a column per unit the plan counts. `population`
stands for resident, `households` for household, `quantity` for the only other unit counted.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from catalog.pricing import Kind, Plan, Quantities, Unit
from foundation.errors import Blocker, Refused, refuse
from foundation.text import normalize, parse_whole_number, parse_yen
from procurement.domain.bases import Member
from procurement.domain.member_table import decode, read_member_table, rows_of
from procurement.domain.pricing import units_counted
from procurement.domain.rules import Rule
from procurement.domain.sharing_members import SharingMember

SHARE_COLUMN = "share_yen"
_UNIT_COLUMNS = tuple(unit.value for unit in Unit if unit not in (Unit.FLAT, Unit.BODY))
_KNOWN_UNITS = (Unit.FLAT, Unit.BODY, Unit.RESIDENT, Unit.HOUSEHOLD)


@dataclass(frozen=True, kw_only=True)
class FairnessTable:
    """The bodies as a plan and as a rule see them. shares_yen: as entered, None where not.

    declared_yen: code → column standalone_yen; None unless every body has one.
    """

    members: tuple[SharingMember, ...]
    bases: tuple[Member, ...]
    shares_yen: Mapping[str, int] | None
    declared_yen: Mapping[str, int] | None
    warnings: tuple[str, ...]


def read_plan(content: bytes) -> Plan:
    """The plan of a JSON file. Raises Refused naming component and tier."""
    try:
        data = json.loads(content.decode("utf-8-sig"), parse_float=Decimal)
    except (UnicodeDecodeError, json.JSONDecodeError) as error:
        raise refuse("plan_json", f"料金プランをJSONとして読めません（{error}）。") from None
    if not isinstance(data, dict):
        raise refuse("plan_json", "料金プランは { } で囲んだJSONにしてください。")
    try:
        return Plan.from_dict(data)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise refuse("plan_json", f"料金プランの形が正しくありません（{error}）。") from None


def read_fairness_members(content: bytes, plan: Plan, rule: Rule) -> FairnessTable:
    """The members of a CSV file, all rows or none. Raises Refused with every bad cell.

    rule: whose columns must be there; quantities the plan counts are asked for when priced.
    """
    table = read_member_table(content, rule)
    columns = _read_columns(content, (*_UNIT_COLUMNS, SHARE_COLUMN))
    units = {name: columns[name] for name in _UNIT_COLUMNS if name in columns}
    members = tuple(
        SharingMember(
            code=member.code,
            name=member.name,
            census_2020=member.population,
            households=member.households,
            quantities=_quantities(
                plan, member, {name: cells[place] for name, cells in units.items()}
            ),
        )
        for place, member in enumerate(table.members)
    )
    unused = {f"列「{name}」は使いません。" for name in columns}
    return FairnessTable(
        members=members,
        bases=table.members,
        shares_yen=_if_all(table.members, columns.get(SHARE_COLUMN, ())),
        declared_yen=_if_all(table.members, [m.standalone_yen for m in table.members]),
        warnings=(
            *(words for words in table.warnings if words not in unused),
            *_option_warnings(plan),
        ),
    )


def _read_columns(content: bytes, names: Sequence[str]) -> dict[str, list[int | None]]:
    """Column → number per row, None where blank; only columns that are there."""
    rows = list(rows_of(decode(content)))
    header = [normalize(cell).lower() for cell in rows[0][1]]
    found: dict[str, list[int | None]] = {}
    blockers: list[Blocker] = []
    for name in names:
        if name not in header:
            continue
        place = header.index(name)
        found[name] = []
        for line, cells in rows[1:]:
            text = normalize(cells[place]) if place < len(cells) else ""
            try:
                found[name].append(_number(name, text) if text else None)
            except ValueError as error:
                message = f"{line}行目 {name}：{error}"
                blockers.append(Blocker(code="cell", message=message, field=name))
    if blockers:
        raise Refused(blockers)
    return found


def _number(name: str, text: str) -> int:
    if name == SHARE_COLUMN:
        return parse_yen(text)
    number = parse_whole_number(text)
    if number < 0:
        raise ValueError(f"「{text}」は0以上の整数にしてください。")
    return number


def _quantities(plan: Plan, member: Member, cells: Mapping[str, int | None]) -> Quantities:
    amounts: dict[str, Any] = {name: count for name, count in cells.items() if count is not None}
    counted = units_counted(plan, lambda component: component.kind is not Kind.OPTION)
    others = [unit for unit in counted if unit not in _KNOWN_UNITS]
    if len(others) == 1 and member.quantity is not None:
        amounts.setdefault(others[0].value, member.quantity)
    return Quantities.from_dict({"body": 1} | amounts)


def _if_all(members: Sequence[Member], figures: Sequence[int | None]) -> dict[str, int] | None:
    """Code → figure where every body has one."""
    codes = [member.code for member in members]
    known = {
        code: figure for code, figure in zip(codes, figures, strict=False) if figure is not None
    }
    return known if len(known) == len(codes) else None


def _option_warnings(plan: Plan) -> list[str]:
    names = "、".join(component.name for component in plan.options)
    return [f"オプション「{names}」は計算に入れません。"] if names else []
