"""What came of a locked record: what may be said, how it is sealed, and whether it still is so."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from catalog.entries import content_sha256
from catalog.selection.record_content import MOST_NOTES, Decision, Outcome, moment
from foundation.errors import Blocker

OUTCOME_ACTION = "answer_selection_outcome"


@dataclass(frozen=True, kw_only=True)
class OutcomeRow:
    """What came of a record. result_key: of the locked result, "" for none."""

    outcome: Outcome
    result_key: str
    note: str
    answered_at: datetime
    answered_by: str


def list_outcome_blockers(
    content: str, outcome: Outcome, result_key: str, note: str
) -> list[Blocker]:
    """Why this outcome cannot stand beside the locked content (canonical JSON)."""
    named = {
        f"{result['kind']}:{result['id']}": result for result in json.loads(content)["results"]
    }
    blockers = []
    if outcome is Outcome.CHOSEN and not result_key:
        blockers.append(_about_result("選んだ結果を指定してください。"))
    if outcome is Outcome.NONE and result_key:
        blockers.append(_about_result("「適するものがなかった」のときは、結果を指定できません。"))
    if result_key and result_key not in named:
        blockers.append(_about_result("確定した結果の中から指定してください。"))
    elif result_key and named[result_key]["decision"] == Decision.EXCLUDED.value:
        blockers.append(_about_result("除外した結果は指定できません。"))
    if len(note) > MOST_NOTES:
        message = f"{MOST_NOTES:,}文字以内で入力してください。"
        blockers.append(Blocker(code="too_long", message=message, field="note"))
    return blockers


def outcome_content(said: OutcomeRow) -> dict[str, Any]:
    """The outcome as an export holds it; its hash stands in the event that recorded it."""
    return {
        "outcome": said.outcome.value,
        "result": said.result_key,
        "note": said.note,
        "answered_at": moment(said.answered_at),
        "answered_by": said.answered_by,
    }


def check_outcome(export: Mapping[str, Any]) -> list[str]:
    """Whether the outcome in an export and the event that recorded it belong together."""
    if "outcome" not in export:
        return []
    said, event = export["outcome"]["said"], export["outcome"]["event"]
    lock = export["audit"]["event"]
    problems = []
    if not _is_sealed(said, event["changes"]):
        problems.append("record.json: 結論が、それを記した監査記録の検証値と一致しません。")
    if content_sha256({k: v for k, v in event.items() if k != "hash"}) != event["hash"]:
        problems.append("record.json: 結論を記した監査記録の内容が変更されています。")
    about = (event["action"], event["subject_type"], event["subject_id"])
    if about != (OUTCOME_ACTION, lock["subject_type"], lock["subject_id"]):
        problems.append("record.json: 結論を記した監査記録が、別の記録のものです。")
    if event["seq"] <= lock["seq"]:
        problems.append("record.json: 結論が、確定より前のものになっています。")
    return problems


def _is_sealed(said: Mapping[str, Any], changes: Mapping[str, Any]) -> bool:
    """An event of an earlier release has no hash: outcome and result alone are in it."""
    if "content_sha256" in changes:
        return content_sha256(said) == str(changes["content_sha256"])
    kept = (changes["selection_outcome"], changes["result"])
    return (said["outcome"], said["result"]) == kept


def _about_result(message: str) -> Blocker:
    return Blocker(code="result", message=message, field="result")
