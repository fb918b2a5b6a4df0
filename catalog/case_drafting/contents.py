"""What a lead body writes of its case, made from the one declaration of case fields.

A content holds field key → value as JSON: days as ISO text, lists as lists, None or '' for
記載なし. Who leads, since when it is public and whether it is fictional is not typed.
"""

import secrets
from collections.abc import Mapping
from datetime import date
from typing import Any

from catalog.answers import NOT_STATED
from catalog.case_fields import CASE_FIELDS, CaseField, FieldType
from catalog.checks import MAX_NAME, MAX_TEXT
from catalog.criterion import Review
from catalog.desk.changes import Change
from catalog.entries import (
    CaseEntry,
    CaseKind,
    CaseParticipantEntry,
    LeadBodyKind,
    content_sha256,
)
from catalog.models import Case
from catalog.publishing import CASE_COLUMNS
from foundation.errors import Blocker

Content = dict[str, Any]
_GIVEN = frozenset(
    {
        *("key", "fictional", "lead_body_name", "lead_body_code", "lead_body_kind"),
        *("prefecture_code", "first_published_on", "last_confirmed_on"),
    }
)
FIELDS: tuple[CaseField, ...] = tuple(f for f in CASE_FIELDS if f.key not in _GIVEN)
# Heading → the fields under it; every field of FIELDS stands under one (checked by a test).
HEADINGS: Mapping[str, tuple[str, ...]] = {
    "何の調達か": ("title", "kind", "system_type_code", "status", "offering_keys", "vendor_text"),
    "参加団体": ("participants", "participant_count", "participants_text"),
    "調達と契約": (
        *("fiscal_year_start", "started_text", "contract_start", "contract_end"),
        *("procurement_method", "procurement_method_text", "contract_model"),
        *("contract_model_text", "applicant_count"),
    ),
    "費用": (
        *("initial_cost_yen", "annual_operating_cost_yen", "ceiling_yen", "contract_amount_yen"),
        *("cost_basis", "tax_included", "cost_sharing_method", "prefecture_borne_cost"),
        "cost_facts",
    ),
    "経過とノウハウ": ("background", "process_steps", "know_how", "issues_met", "measured_effects"),
    "仕様書・問い合わせ・出典": (
        "spec_availability",
        "contact_office",
        "source_url",
        "source_kind",
    ),
}
_LISTS = frozenset({FieldType.BODY_LIST, FieldType.TEXT_LIST})


def new_key() -> str:
    """A key no case has."""
    return f"case-{secrets.token_hex(6)}"


def list_too_long(content: Mapping[str, Any]) -> list[Blocker]:
    """What is longer than a case can hold, each beside its field."""
    limits = {"title": MAX_NAME}
    return [
        Blocker(
            code="too_long",
            message=f"{limits.get(key, MAX_TEXT):,}文字以内で入力してください。",
            field=key,
        )
        for key, value in content.items()
        if len(str(value or "")) > limits.get(key, MAX_TEXT)
    ]


def new_content() -> Content:
    """Nothing written yet."""
    return {f.key: _nothing(f) for f in FIELDS} | {"kind": CaseKind.JOINT.value}


def content_of(case: Case) -> Content:
    """What a published case says."""
    content = {f.key: _stored(getattr(case, f.key, None)) for f in FIELDS}
    content["participants"] = sorted(p.body_code for p in case.participants)
    content["measured_effects"] = list(case.measured_effects or ())
    content["offering_keys"] = sorted(offering.key for offering in case.offerings)
    return {f.key: content[f.key] if content[f.key] is not None else _nothing(f) for f in FIELDS}


def sha256_of(content: Mapping[str, Any]) -> str:
    """The hash that names this content."""
    return content_sha256({f.key: content.get(f.key) or _nothing(f) for f in FIELDS})


def entry_of(content: Mapping[str, Any], given: Mapping[str, Any]) -> CaseEntry:
    """The entry that would be published. given: what is not typed. Raises ValueError."""
    facts = {f.key: _value(f, content.get(f.key)) for f in FIELDS}
    facts["participants"] = tuple(
        CaseParticipantEntry(body_code=code) for code in content.get("participants") or ()
    )
    return CaseEntry(**{**facts, **given})


def given_of(case: Case) -> dict[str, Any]:
    """What of a published case its lead does not type."""
    own = {key: getattr(case, key) for key in CASE_COLUMNS if key in _GIVEN}
    return own | {"lead_body_kind": LeadBodyKind(case.lead_body_kind)}


def list_case_changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> tuple[Change, ...]:
    """Every field said otherwise, in the order of the page."""
    return tuple(
        Change(
            label=f.label,
            before=words_of(f, before.get(f.key)),
            after=words_of(f, after.get(f.key)),
            review=Review.BEFORE,
        )
        for f in FIELDS
        if (before.get(f.key) or _nothing(f)) != (after.get(f.key) or _nothing(f))
    )


def words_of(field: CaseField, value: Any) -> tuple[str, ...]:
    """A value as its reader reads it, a line each; 「記載なし」 for nothing."""
    if field.type is FieldType.FLAG and value is not None:
        return ("はい" if value else "いいえ",)
    if value in (None, "", []):
        return (NOT_STATED,)
    if isinstance(value, list):
        return tuple(map(str, value))
    if field.codes is not None:
        return (field.codes(value).label,)
    if isinstance(value, int):
        return (f"{value:,}{field.unit}" if field.unit else str(value),)
    return tuple(str(value).splitlines())


def _nothing(field: CaseField) -> Any:
    if field.type in _LISTS:
        return []
    return "" if field.type in (FieldType.TEXT, FieldType.CODE) else None


def _stored(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value


def _value(field: CaseField, value: Any) -> Any:
    if field.type in _LISTS:
        return tuple(value or ())
    if field.key == "kind":
        return CaseKind(value)
    if field.type is FieldType.DAY and value:
        return date.fromisoformat(value)
    return _nothing(field) if value is None else value
