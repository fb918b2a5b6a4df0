"""Reference facts into the database: bodies, sources, system types, policy items, real cases."""

import hashlib
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from importlib.resources import files
from typing import Any

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from accounts.audit import record
from accounts.models import FactSourceRow, LocalBody, Organization
from accounts.roles import SYSTEM, OrganizationKind
from catalog.entries import CaseEntry, CaseKind, CaseParticipantEntry, LeadBodyKind
from catalog.example.library import LIBRARY_TABLES, library_rows
from catalog.example.tables import Row, accounts_table, catalog_table
from catalog.library.models import FundingProgram, SpecDocument
from catalog.models import Case, PolicyItem, SystemType
from catalog.publishing import write_case
from catalog.search.outbox import queue
from foundation.clock import jst_moment
from foundation.db import Base
from foundation.settings import find_setting, put_setting

REFERENCE_SETTING = "reference_sha256"
OUMI_COUNCIL_KEY = "oumi-council"
OUMI_COUNCIL_NAME = "おうみ自治体クラウド協議会"
_FILES = {
    "accounts": ("local_bodies", "sources"),
    "catalog": (
        "system_types",
        "standard_20_tasks",
        "commonization_items",
        "real_cases",
        "real_case_participants",
        *LIBRARY_TABLES,
    ),
}
_BODY_NUMBERS = (
    "population_census_2020",
    "population_register_2025",
    "households_2020",
    "population_65plus_2020",
    "area_ha",
    "staff_general_2024",
    "standard_fiscal_scale_thousand_yen",
)
_YES_NO = {"yes": True, "no": False, "": None}
STANDARD_20_DOC = "標準化対象20業務（公開ページによる）"


def load_reference(session: Session, now: datetime) -> dict[str, int]:
    """Bring the tables of facts up to the files; what stood there per kind, {} if unchanged.

    Rows are added or corrected, never removed. One audit event names the files' hash.
    """
    sha256 = _files_sha256()
    if find_setting(session, REFERENCE_SETTING) == sha256:
        return {}
    counts = {
        "fact_source": _put(session, FactSourceRow, ("key",), _source_rows()),
        "local_body": _put(session, LocalBody, ("code",), _body_rows()),
        "organization": add_body_organizations(session),
        "system_type": _put(session, SystemType, ("code",), _type_rows()),
        "policy_item": _put(
            session, PolicyItem, ("kind", "decision_fy", "item_no"), _unedited_rows(session)
        ),
        "case": _write_real_cases(session),
        **{
            name: _put(session, table, ("key",), library_rows(name))
            for name, table in LIBRARY_TABLES.items()
        },
    }
    _queue_library(session, now)
    _add_oumi_council(session)
    put_setting(session, REFERENCE_SETTING, sha256)
    record(
        session,
        SYSTEM,
        "load_reference",
        "reference",
        sha256[:16],
        counts,
        now,
        batch_file_sha256=sha256,
    )
    return counts


def add_body_organizations(session: Session) -> int:
    """An organisation for each local body that has none; how many were added."""
    have = select(Organization.body_code).where(Organization.body_code.is_not(None))
    bodies = session.scalars(select(LocalBody).where(LocalBody.code.not_in(have))).all()
    rows = [
        {
            "kind": _organization_kind(body.kind),
            "name": body.name,
            "body_code": body.code,
            "corporate_number": body.corporate_number,
            "prefecture_code": body.prefecture_code,
            "fictional": body.fictional,
        }
        for body in bodies
    ]
    if rows:
        session.execute(insert(Organization), rows)
    return len(rows)


def real_case_entries() -> list[CaseEntry]:
    """The 52 real cases as entries."""
    participants: dict[str, list[CaseParticipantEntry]] = {}
    for row in catalog_table("real_case_participants"):
        entry = CaseParticipantEntry(body_code=row["body_code"])
        participants.setdefault(row["case_key"], []).append(entry)
    return [
        _case_entry(row, tuple(participants.get(row["key"], ())))
        for row in catalog_table("real_cases")
    ]


def _case_entry(row: Row, participants: tuple[CaseParticipantEntry, ...]) -> CaseEntry:
    confirmed = date.fromisoformat(row["confirmed_on"])
    same: dict[str, Any] = {name: row[name] for name in _CASE_TEXTS}
    same |= {name: int(row[name]) if row[name] else None for name in _CASE_NUMBERS}
    same |= {name: _date(row[name]) for name in ("contract_start", "contract_end")}
    return CaseEntry(
        key=row["key"],
        kind=CaseKind(row["kind"]),
        title=row["title"],
        system_type_code=row["system_type"],
        lead_body_name=row["lead_body_name"],
        lead_body_code=row["lead_body_code"] or None,
        lead_body_kind=LeadBodyKind(row["lead_body_kind"]),
        prefecture_code=row["prefecture_code"] or None,
        first_published_on=confirmed,
        last_confirmed_on=confirmed,
        tax_included=_YES_NO[row["tax_included"]],
        participants=participants,
        **same,
    )


_CASE_TEXTS = (
    "participants_text",
    "status",
    "started_text",
    "procurement_method",
    "procurement_method_text",
    "contract_model",
    "contract_model_text",
    "vendor_text",
    "cost_basis",
    "cost_facts",
    "cost_sharing_method",
    "process_steps",
    "source_url",
    "source_kind",
)
_CASE_NUMBERS = (
    "participant_count",
    "fiscal_year_start",
    "applicant_count",
    "ceiling_yen",
    "contract_amount_yen",
)


def _write_real_cases(session: Session) -> int:
    entries = real_case_entries()
    for entry in entries:
        write_case(session, entry, now=jst_moment(entry.last_confirmed_on))
    return len(entries)


def _source_rows() -> list[dict[str, Any]]:
    names = ("key", "name", "publisher", "as_of", "url", "attribution")
    return [{name: row[name] for name in names} for row in accounts_table("sources")]


def _body_rows() -> list[dict[str, Any]]:
    return [
        {
            "code": row["code"],
            "name": row["name"],
            "kana": row["kana"],
            "kind": row["kind"],
            "prefecture_code": row["prefecture_code"],
            "prefecture_name": row["prefecture"],
            "corporate_number": row["corporate_number"],
            "fiscal_strength_index": _decimal(row["fiscal_strength_index"]),
            "peer_group": row["peer_group"] or None,
            "fictional": False,
            **{name: int(row[name]) if row[name] else None for name in _BODY_NUMBERS},
        }
        for row in accounts_table("local_bodies")
    ]


def _type_rows() -> list[dict[str, Any]]:
    return [
        {
            "code": row["code"],
            "name": row["name"],
            "area": row["area"],
            "policy_scope": row["policy_scope"],
            "keywords": row["keywords"],
            "position": int(row["sort_order"]),
        }
        for row in catalog_table("system_types")
    ]


def _policy_rows() -> list[dict[str, Any]]:
    standard = [
        {
            "kind": "standard_20",
            "decision_fy": 0,
            "cycle_label": "",
            "item_no": int(row["no"]),
            "group": "",
            "name": row["name"],
            "ministries": "",
            "agreed_on": None,
            "decided_by": "",
            "outcome": "",
            "note": row["note"],
            "keywords": row["keywords"],
            "source_doc": f"{STANDARD_20_DOC} {row['source_url']}",
            "source_lines": "",
            "source_as_of": "",
        }
        for row in catalog_table("standard_20_tasks")
    ]
    return standard + [_commonization_row(row) for row in catalog_table("commonization_items")]


def _unedited_rows(session: Session) -> list[dict[str, Any]]:
    """Without the items an operator wrote anew on a page: what it wrote stays."""
    edited = set(
        session.execute(
            select(PolicyItem.kind, PolicyItem.decision_fy, PolicyItem.item_no).where(
                PolicyItem.edited_at.is_not(None)
            )
        ).all()
    )
    return [
        row
        for row in _policy_rows()
        if (row["kind"], row["decision_fy"], row["item_no"]) not in edited
    ]


def _commonization_row(row: Row) -> dict[str, Any]:
    same = ("group", "name", "ministries", "decided_by", "outcome", "note", "keywords")
    return {
        "kind": "commonization_target",
        "decision_fy": int(row["decision_fy"]),
        "cycle_label": row["cycle"],
        "item_no": int(row["item_no"]),
        "agreed_on": _date(row["agreed_on"]),
        "source_doc": row["source_doc"],
        "source_lines": row["source_lines"],
        "source_as_of": row["source_as_of"],
        **{name: row[name] for name in same},
    }


def _queue_library(session: Session, now: datetime) -> None:
    """Specifications and programs are found by search as soon as they are loaded."""
    for kind, table in (("spec", SpecDocument), ("program", FundingProgram)):
        for entry_id in session.scalars(select(table.id)):
            queue(session, kind, entry_id, now)


def _add_oumi_council(session: Session) -> None:
    """おうみ自治体クラウド協議会: no legal person, its chair's city signs (field-notes A3).

    The cases whose source names it, in these very signs, are its own.
    """
    known = select(Organization.id).where(Organization.alternate_key == OUMI_COUNCIL_KEY)
    if session.scalar(known) is None:
        session.add(
            Organization(
                kind=OrganizationKind.COUNCIL.value,
                name=OUMI_COUNCIL_NAME,
                alternate_key=OUMI_COUNCIL_KEY,
                prefecture_code="25",
                signing_body_code="252042",
            )
        )
        session.flush()
    session.execute(
        update(Case)
        .where(Case.lead_body_name == OUMI_COUNCIL_NAME, Case.fictional.is_(False))
        .where(Case.lead_body_code.is_(None), Case.lead_organization_id.is_(None))
        .values(lead_organization_id=session.scalar(known))
    )


def _put(
    session: Session,
    table: type[Base],
    key: Sequence[str],
    rows: Sequence[Mapping[str, Any]],
) -> int:
    """Add the rows whose key is new, correct those that differ; how many rows there are."""
    known = {
        tuple(getattr(found, name) for name in key): found
        for found in session.scalars(select(table))
    }
    new, changed = [], []
    for row in rows:
        found = known.get(tuple(row[name] for name in key))
        if found is None:
            new.append(row)
        elif any(getattr(found, name) != value for name, value in row.items()):
            changed.append(dict(row) | _identity(found))
    if new:
        session.execute(insert(table), new)
    if changed:
        session.execute(update(table), changed)
        session.expire_all()
    return len(rows)


def _identity(found: Base) -> dict[str, Any]:
    names = [str(column.key) for column in type(found).__mapper__.primary_key]
    return {name: getattr(found, name) for name in names}


def _organization_kind(body_kind: str) -> str:
    is_prefecture = body_kind == "prefecture"
    kind = OrganizationKind.PREFECTURE if is_prefecture else OrganizationKind.MUNICIPALITY
    return kind.value


def _files_sha256() -> str:
    digest = hashlib.sha256()
    for package, names in _FILES.items():
        for name in names:
            digest.update(files(package).joinpath("data", f"{name}.csv").read_bytes())
    return digest.hexdigest()


def _date(text: str) -> date | None:
    return date.fromisoformat(text) if text else None


def _decimal(text: str) -> Decimal | None:
    return Decimal(text) if text else None
