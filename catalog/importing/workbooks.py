"""Offerings as a workbook an import reads back: one sheet a kind of child row."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from accounts.models import Organization
from catalog.answers import format_answer
from catalog.conformance import naming_specs
from catalog.criteria import CRITERIA
from catalog.criterion import AnswerType
from catalog.desk.contents import Content, content_of
from catalog.desk.models import OfferingDraft
from catalog.desk.queries import list_system_types
from catalog.entries import PublicationStatus
from catalog.importing import sheets
from catalog.importing.identity import KEY, MAKER, NAME
from catalog.importing.offering_rows import FICTIONAL, REGISTERED_ON, SUMMARY, SYSTEM_TYPE
from catalog.importing.sheets import COLUMNS, COMPONENT_FIELDS, MAIN, table_columns, table_criteria
from catalog.importing.templates import CODES_SHEET, code_lines, offering_columns
from catalog.importing.written import Cells, write_book
from catalog.models import Offering, OfferingVersion, Vendor
from catalog.spec_names import load_spec_names
from foundation.labels import LabelledEnum

_PLAIN = tuple(c for c in CRITERIA if c.type is not AnswerType.TABLE)


def child_sheets() -> dict[str, tuple[str, ...]]:
    """Title → headings of every sheet beside the main one."""
    tables = {title: table_columns(criterion) for title, criterion in table_criteria().items()}
    return dict(COLUMNS) | tables


def offerings_workbook(session: Session) -> tuple[bytes, int]:
    """Every published entry as readers see it, and how many there are.

    Holds answers of every class: for the operator.
    """
    statement = _entries().where(Offering.publication_status == PublicationStatus.PUBLISHED.value)
    found = [
        (offering, content_of(version))
        for offering, version in session.execute(statement)
        if version is not None
    ]
    return _book(session, found, {}), len(found)


def own_workbook(session: Session, vendor_id: int) -> bytes:
    """A vendor's entries as its desk shows them, drafts too, with the lists of codes."""
    statement = _entries().where(
        Offering.vendor_id == vendor_id,
        Offering.publication_status != PublicationStatus.WITHDRAWN.value,
    )
    found = session.execute(statement).all()
    own = OfferingDraft.offering_id.in_([offering.id for offering, _version in found])
    drafts = {
        draft.offering_id: draft.content
        for draft in session.scalars(select(OfferingDraft).where(own))
    }
    entries = [
        (offering, content)
        for offering, version in found
        if (content := drafts.get(offering.id) or (content_of(version) if version else None))
    ]
    columns = offering_columns(dict(list_system_types(session)))
    return _book(session, entries, {CODES_SHEET: code_lines(columns)})


def _entries() -> Any:
    current = (OfferingVersion.offering_id == Offering.id) & (
        OfferingVersion.number == Offering.current_version
    )
    return (
        select(Offering, OfferingVersion).outerjoin(OfferingVersion, current).order_by(Offering.id)
    )


def _book(
    session: Session,
    entries: Sequence[tuple[Offering, Content]],
    notes: Mapping[str, Sequence[Cells]],
) -> bytes:
    numbers = _load_numbers(session)
    rows: dict[str, list[Cells]] = {MAIN: [], **{title: [] for title in child_sheets()}}
    with naming_specs(lambda: load_spec_names(session)):
        for offering, content in entries:
            rows[MAIN].append(_main_row(offering, content, numbers))
            _add_tables(rows, offering.key, content)
            for offer in content["offers"]:
                _add_offer(rows, offering.key, numbers[offer["seller_id"]], offer)
    headings = {MAIN: _main_columns(), **child_sheets()}
    for title, lines in notes.items():
        headings[title], rows[title] = tuple(lines[0]), list(lines[1:])
    return write_book(headings, rows)


def _load_numbers(session: Session) -> dict[int, str]:
    statement = select(Vendor.id, Organization.corporate_number, Organization.alternate_key)
    statement = statement.join(Organization, Organization.id == Vendor.organization_id)
    return {i: number or other or "" for i, number, other in session.execute(statement)}


def _main_columns() -> tuple[str, ...]:
    own = (KEY, NAME, SUMMARY, SYSTEM_TYPE, MAKER, FICTIONAL, REGISTERED_ON)
    return (*own, *(criterion.csv_column for criterion in _PLAIN))


def _main_row(offering: Offering, content: Content, numbers: Mapping[int, str]) -> Cells:
    return [
        offering.key,
        content["name"],
        content["summary"],
        content["system_type_code"],
        numbers[offering.vendor_id],
        "true" if offering.fictional else "false",
        offering.registered_on.isoformat(),
        *(format_answer(c, content["answers"].get(c.key)) for c in _PLAIN),
    ]


def _add_tables(rows: dict[str, list[Cells]], key: str, content: Content) -> None:
    for title, criterion in table_criteria().items():
        for choice, said in (content["answers"].get(criterion.key) or {}).items():
            values = [
                column.choice_labels.get(said.get(column.key), said.get(column.key))
                for column in criterion.columns
            ]
            rows[title].append([key, criterion.choice_labels.get(choice, choice), *values])


def _add_offer(
    rows: dict[str, list[Cells]], key: str, seller: str, offer: Mapping[str, Any]
) -> None:
    rows[sheets.SELLERS].append([key, seller, offer["contract_conditions"]])
    for plan in offer["plans"]:
        at = [key, seller, plan["name"]]
        texts = [plan["tax_rate_percent"], plan["not_included"], plan["price_basis"]]
        components, tiers = _components(at, plan["definition"])
        whole = "" if _is_whole(plan) else json.dumps(plan["definition"], ensure_ascii=False)
        rows[sheets.PLANS].append([*at, *texts, whole])
        if not whole:
            rows[sheets.COMPONENTS] += components
            rows[sheets.TIERS] += tiers


def _components(
    at: Sequence[Any], definition: Mapping[str, Any]
) -> tuple[list[Cells], list[Cells]]:
    components, tiers = [], []
    for component in definition.get("components", []):
        values = [_words(kind, component.get(name)) for name, kind in COMPONENT_FIELDS.values()]
        components.append([*at, *values])
        tiers += [
            [*at, component.get("key"), tier["from_qty"], tier["unit_price"]]
            for tier in component.get("tiers", ())
        ]
    return components, tiers


def _words(kind: Any, value: Any) -> Any:
    if value is not None and isinstance(kind, type) and issubclass(kind, LabelledEnum):
        return kind(value).label
    return value


def _is_whole(plan: Mapping[str, Any]) -> bool:
    """Whether the sheets say everything the stored plan does, to the letter."""
    definition = plan["definition"]
    if set(definition) != {"name", "components"} or definition["name"] != plan["name"]:
        return False
    types = dict(COMPONENT_FIELDS.values())
    for component in definition["components"]:
        tiers = component.get("tiers")
        if tiers is not None and (not tiers or not all(_is_plain_tier(tier) for tier in tiers)):
            return False
        for name, value in component.items():
            kind = types.get(name)
            fits = isinstance(value, int if kind is int else str) and value != ""
            if name != "tiers" and (kind is None or isinstance(value, bool) or not fits):
                return False
    return True


def _is_plain_tier(tier: Mapping[str, Any]) -> bool:
    known = set(tier) == {"from_qty", "unit_price"}
    return known and isinstance(tier["from_qty"], int) and isinstance(tier["unit_price"], str)
