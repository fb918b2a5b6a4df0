"""What a selection record says, as plain data: the draft's rows, and the content that is locked.

The content is one JSON value whose canonical text is hashed (domain §6). Moments in it are
ISO 8601 in UTC; nothing in it is looked up again afterwards.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from catalog.entries import content_sha256
from foundation.errors import Blocker
from foundation.labels import LabelledEnum
from foundation.text import can_be_seen

SCHEMA = "moyai-selection-record/1"
LOCK_ACTION = "lock_selection_record"
MOST_RESULTS = 30
MOST_TITLE = 100
MOST_PURPOSE = 1_000
MOST_NOTES = 2_000
MOST_REASON = 500


class Origin(LabelledEnum):
    """Where the results were chosen."""

    SEARCH = "search", "検索の結果"
    COMPARISON = "comparison", "サービスの比較"


class Decision(LabelledEnum):
    """What was decided of a result."""

    CANDIDATE = "candidate", "候補"
    EXCLUDED = "excluded", "除外"


class Outcome(LabelledEnum):
    """What came of a locked record."""

    CHOSEN = "chosen", "この中から選んだ"
    PROJECT = "project", "共同調達を始めた"
    NONE = "none", "適するものがなかった"


@dataclass(frozen=True, kw_only=True)
class DraftResult:
    """A result in a draft, with its name as it was found."""

    kind: str
    id: int
    kind_label: str
    title: str
    provider: str
    url: str
    fictional: bool
    decision: Decision = Decision.CANDIDATE
    reason: str = ""

    @property
    def key(self) -> str:
        return f"{self.kind}:{self.id}"

    def stored(self) -> dict[str, Any]:
        """The result as JSON."""
        return {**vars(self), "decision": self.decision.value}

    @classmethod
    def read(cls, stored: Mapping[str, Any]) -> "DraftResult":
        """The result a draft stored."""
        return cls(**{**stored, "decision": Decision(stored["decision"])})


@dataclass(frozen=True, kw_only=True)
class Searched:
    """A search as it was answered. places: document key → place among the results, from 1."""

    text: str
    filters: Mapping[str, Sequence[str]]
    sort: str
    sort_label: str
    order_month: str
    order_note: str
    sentence: str
    total: int
    real_total: int
    fictional_total: int
    generation: int
    answered_text: str = ""
    partial: bool = False
    places: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class FrozenEntry:
    """An entry as it stands at one moment.

    version, published_at: of an offering's version; None for what has no versions.
    content: what it said, where nothing else keeps it; None for a version, which is kept.
    """

    title: str
    provider: str
    category: str
    fictional: bool
    sha256: str
    version: int | None = None
    published_at: datetime | None = None
    content: Mapping[str, Any] | None = None


@dataclass(frozen=True, kw_only=True)
class Link:
    """A link of the audit chain."""

    seq: int
    hash: str
    day: date | None = None

    def plain(self) -> dict[str, Any]:
        """The link as JSON; `day` only where it is a day's head."""
        link: dict[str, Any] = {"seq": self.seq, "hash": self.hash}
        return {**link, "day": self.day.isoformat()} if self.day else link


@dataclass(frozen=True, kw_only=True)
class Draft:
    """A draft as far as it is locked with it. organization: name, code and 架空 or not."""

    id: int
    title: str
    purpose: str
    notes: str
    origin: Origin
    parameters: Sequence[Sequence[str]]
    results: Sequence[DraftResult]
    organization: Mapping[str, Any]
    made_by: str
    made_at: datetime


def list_result_blockers(results: Sequence[DraftResult], found: int = 1) -> list[Blocker]:
    """Why these results cannot stand in a record; each reason beside its field.

    found: how many there were to choose from. That there was nothing is a result too.
    """
    blockers = []
    if found and not results:
        blockers.append(
            Blocker(code="no_results", message="結果を1件以上選んでください。", field="chosen")
        )
    if len(results) > MOST_RESULTS:
        message = f"1つの記録に入れられる結果は{MOST_RESULTS}件までです（今は{len(results)}件）。"
        blockers.append(Blocker(code="too_many_results", message=message, field="chosen"))
    blockers += [
        Blocker(
            code="reason_missing",
            message=f"「{result.title}」を除外する理由を入力してください。",
            field=reason_field(result.key),
        )
        for result in results
        if result.decision is Decision.EXCLUDED and not can_be_seen(result.reason)
    ]
    return blockers


def reason_field(key: str) -> str:
    """The form field of the result's reason. key: 「offering:12」."""
    return f"reason_{key.replace(':', '_')}"


def make_content(
    draft: Draft,
    searched: Searched,
    entries: Mapping[str, FrozenEntry],
    *,
    locked_by: str,
    locked_at: datetime,
    before: Link | None,
    day_head: Link | None,
) -> dict[str, Any]:
    """The content of a record that is locked now.

    The results are in the order of the search as it was answered now (its month is in the content).
    entries: by key, one for each result. before: the newest link of the audit chain;
    day_head: the last published one.
    """
    return {
        "schema": SCHEMA,
        "id": draft.id,
        "title": draft.title,
        "purpose": draft.purpose,
        "notes": draft.notes,
        "organization": dict(draft.organization),
        "made_by": draft.made_by,
        "made_at": moment(draft.made_at),
        "locked_by": locked_by,
        "locked_at": moment(locked_at),
        "search": _search_content(draft, searched),
        "results": [
            _result_content(place, result, entries[result.key], searched)
            for place, result in enumerate(_in_order(draft.results, searched), start=1)
        ],
        "audit": {
            "before": before.plain() if before else None,
            "day_head": day_head.plain() if day_head else None,
        },
    }


def _in_order(results: Sequence[DraftResult], searched: Searched) -> list[DraftResult]:
    """The results as the search has them at the lock; what it no longer has comes last."""
    last = len(searched.places) + 1
    return sorted(results, key=lambda result: searched.places.get(result.key, last))


def _search_content(draft: Draft, searched: Searched) -> dict[str, Any]:
    return {
        "origin": draft.origin.value,
        "parameters": [list(pair) for pair in draft.parameters],
        "text": searched.text,
        "answered_text": searched.answered_text,
        "partial": searched.partial,
        "filters": {name: list(values) for name, values in searched.filters.items()},
        "sort": searched.sort,
        "sort_label": searched.sort_label,
        "order_note": searched.order_note,
        "order_month": searched.order_month,
        "sentence": searched.sentence,
        "total": searched.total,
        "real_total": searched.real_total,
        "fictional_total": searched.fictional_total,
        "index_generation": searched.generation,
    }


def _result_content(
    place: int, result: DraftResult, entry: FrozenEntry, searched: Searched
) -> dict[str, Any]:
    return {
        "place": place,
        "place_in_search": searched.places.get(result.key),
        "kind": result.kind,
        "kind_label": result.kind_label,
        "id": result.id,
        "title": entry.title,
        "provider": entry.provider,
        "category": entry.category,
        "url": result.url,
        "fictional": entry.fictional,
        "decision": result.decision.value,
        "reason": result.reason,
        "version": entry.version,
        "version_published_at": moment(entry.published_at) if entry.published_at else None,
        "content_sha256": entry.sha256,
        "content": plain(entry.content),
    }


def record_sha256(content: Mapping[str, Any]) -> str:
    """SHA-256 of the content's canonical JSON."""
    return content_sha256(content)


def moment(at: datetime) -> str:
    """The moment as the content writes it."""
    return at.astimezone(UTC).isoformat()


def plain(value: Any) -> Any:
    """The value as JSON that reads back equal: no floats, keys are text."""
    if isinstance(value, Mapping):
        return {str(key): plain(part) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [plain(part) for part in value]
    if isinstance(value, datetime):
        return moment(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, float | Decimal):
        return str(value)
    return value
