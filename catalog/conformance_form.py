"""One more specification an entry says something of, chosen from the list instead of typed (F07).

Works without JavaScript: what is chosen joins the typed lines when the page is saved.
"""

from collections.abc import Mapping
from typing import Any

from wtforms import SelectField

from catalog.conformance import (
    CRITERION,
    FIELD_SEPARATOR,
    GAP_SEPARATOR,
    ConformanceStatus,
    SpecName,
    spec_names,
)
from foundation.errors import Blocker
from foundation.forms import LineField

SPEC = f"{CRITERION}-new-spec"
VERSION = f"{CRITERION}-new-version"
STATUS = f"{CRITERION}-new-status"
VERIFIED_BY = f"{CRITERION}-new-verified_by"
GAPS = f"{CRITERION}-new-gaps"
ADDED = (SPEC, VERSION, STATUS, VERIFIED_BY, GAPS)


def addition_fields() -> dict[str, Any]:
    """The fields by name, below the typed lines."""
    specs = [(key, _title(spec)) for key, spec in spec_names().items()]
    statuses = [(status.value, status.label) for status in ConformanceStatus]
    return {
        SPEC: SelectField(
            "仕様書を1件加える",
            choices=[("", "加えない"), *specs],
            description="ここで選んだものが、保存のときに上の一覧の終わりに加わります。",
            validate_choice=False,
        ),
        VERSION: LineField("加える仕様書の版", description="記載がなければ空欄にします。"),
        STATUS: SelectField(
            "適合の状況", choices=[("", "選んでください"), *statuses], validate_choice=False
        ),
        VERIFIED_BY: LineField("確認した者", description="第三者が確認したときだけ書きます。"),
        GAPS: LineField("満たさない点", description="複数あるときは「；」で区切ります。"),
    }


def read_addition(values: Mapping[str, str]) -> list[dict[str, Any]]:
    """The stored value of what was chosen; empty for nothing. values: by field name."""
    if not values[SPEC]:
        return []
    gaps = values[GAPS].replace("；", GAP_SEPARATOR).split(GAP_SEPARATOR)
    return [
        {
            "spec": values[SPEC],
            "version": values[VERSION],
            "status": values[STATUS],
            "verified_by": values[VERIFIED_BY],
            "gaps": [gap.strip() for gap in gaps if gap.strip()],
        }
    ]


def list_addition_faults(values: Mapping[str, str]) -> list[Blocker]:
    """What is missing of an addition, each beside its field."""
    if not any(values.values()):
        return []
    if values[SPEC] not in spec_names():
        return [_fault(SPEC, "加える仕様書を選んでください。")]
    if values[STATUS] not in set(ConformanceStatus):
        return [_fault(STATUS, "適合の状況を選んでください。")]
    return [
        _fault(field, "「｜」は使えません。")
        for field in (VERSION, VERIFIED_BY, GAPS)
        if FIELD_SEPARATOR in values[field]
    ]


def _title(spec: SpecName) -> str:
    return f"{spec.title}（架空）" if spec.fictional else spec.title


def _fault(field: str, message: str) -> Blocker:
    return Blocker(code="conformance_addition", message=message, field=field)
