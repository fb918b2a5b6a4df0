"""Selection records as their pages print them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from catalog.search.documents import document_key
from catalog.selection.outcomes import OutcomeRow
from catalog.selection.record_content import (
    Decision,
    DraftResult,
    Outcome,
    record_sha256,
)
from catalog.selection.record_files import Format
from catalog.selection.record_queries import LockedContent, RecordPage, RecordRow
from catalog.selection.record_tables import (
    FACTS,
    OUTCOME,
    PROOFS,
    Cell,
    make_sheets,
    place_text,
    version_text,
)
from catalog.selection.records import Texts
from catalog.selection.standing import Standing
from foundation.filters import jst

DRAFT, LOCKED = "下書き", "確定済み"
_STEPS = ("結果を選んで保存", "候補と除外を決める", "確定", "結論")


@dataclass(frozen=True, kw_only=True)
class RecordLine:
    """A record in the list. tone: of the chip with its state."""

    id: int
    title: str
    organization: str
    fictional: bool
    state: str
    tone: str
    counts: str
    made_by: str
    updated: str


@dataclass(frozen=True, kw_only=True)
class Step:
    """Where a record is on its way."""

    label: str
    state: str


@dataclass(frozen=True, kw_only=True)
class ResultLine:
    """A locked result as the page prints it. url: '' where nothing can be opened any more.

    standing: what became of it since, in words; '' for nothing, and on paper always.
    """

    key: str
    place: int
    kind: str
    title: str
    url: str
    provider: str
    fictional: bool
    excluded: bool
    decision: str
    reason: str
    version: str
    sha256: str
    place_in_search: str
    standing: str = ""


@dataclass(frozen=True, kw_only=True)
class LockedView:
    """A locked record. outcome: nothing until it is said; intact: as it was sealed."""

    title: str
    facts: Sequence[Sequence[Cell]]
    results: Sequence[ResultLine]
    proofs: Sequence[Sequence[Cell]]
    outcome: Sequence[Sequence[Cell]]
    sha256: str
    locked_by: str
    locked_at: str
    fictional: bool
    organization: str
    intact: bool


def present_line(row: RecordRow) -> RecordLine:
    """A record in the list."""
    state = row.outcome.label if row.outcome else LOCKED if row.locked_at else DRAFT
    return RecordLine(
        id=row.id,
        title=row.title,
        organization=row.organization_name,
        fictional=row.fictional,
        state=state,
        tone="success" if row.outcome else "info" if row.locked_at else "warning",
        counts=f"実データ {row.real_results}件・架空 {row.fictional_results}件",
        made_by=row.made_by,
        updated=jst(row.updated_at),
    )


def present_steps(page: RecordPage) -> list[Step]:
    """Where a record stands as its page is read."""
    if page.outcome:
        return _steps(len(_STEPS))
    return _steps(3 if page.locked else 1)


def present_lock_steps() -> list[Step]:
    """The steps as the page of the lock shows them."""
    return _steps(2)


def _steps(current: int) -> list[Step]:
    return [
        Step(
            label=label,
            state="done" if place < current else "current" if place == current else "upcoming",
        )
        for place, label in enumerate(_STEPS)
    ]


def present_locked(locked: LockedContent, export: Mapping[str, Any]) -> LockedView:
    """The content in the words of its exports."""
    content = locked.content
    sheets = {sheet.name: sheet.rows for sheet in make_sheets(export)}
    facts = sheets[FACTS]
    return LockedView(
        title=content["title"],
        facts=facts[1:],
        results=[_result(r, content["search"]["origin"]) for r in content["results"]],
        proofs=sheets[PROOFS],
        outcome=sheets.get(OUTCOME, [])[1:],
        sha256=locked.sha256,
        locked_by=content["locked_by"],
        locked_at=next(str(value) for name, value in facts if name == "確定日時"),
        fictional=content["organization"]["fictional"],
        organization=content["organization"]["name"],
        intact=record_sha256(content) == locked.sha256,
    )


def with_standings(view: LockedView, standings: Mapping[str, Standing]) -> LockedView:
    """The record with what became of its results since. Only screens say it: files are sealed."""
    now = [standings[result.key] for result in view.results]
    results = [
        replace(result, standing=one.label, url=result.url if one.readable else "")
        for result, one in zip(view.results, now, strict=True)
    ]
    return replace(view, results=results)


def present_candidates(locked: LockedContent) -> list[tuple[str, str]]:
    """The results an outcome may name: key and words."""
    return [
        (f"{result['kind']}:{result['id']}", f"{result['place']}番 {_named(result)}")
        for result in locked.content["results"]
        if result["decision"] == Decision.CANDIDATE.value
    ]


def present_outcome(outcome: OutcomeRow, locked: LockedContent) -> list[tuple[str, str]]:
    """The outcome as pairs of term and value."""
    named = dict(present_candidates(locked)).get(outcome.result_key, "")
    rows = [("結論", outcome.outcome.label)]
    if named:
        term = "選んだもの" if outcome.outcome is Outcome.CHOSEN else "もとにしたもの"
        rows.append((term, named))
    return [
        *rows,
        ("理由・補足", outcome.note),
        ("登録した人", outcome.answered_by),
        ("登録日時", jst(outcome.answered_at)),
    ]


def format_label(value: str) -> str:
    """The word for a format of a download."""
    return Format(value).label


def present_differences(
    stored: RecordPage, texts: Texts, typed: Sequence[DraftResult]
) -> list[tuple[str, str]]:
    """What somebody else saved meanwhile and is typed otherwise here: where, and what is saved."""
    rows = [
        (label, saved or "（空欄）")
        for label, saved, own in (
            ("表題", stored.title, texts.title),
            ("目的", stored.purpose, texts.purpose),
            ("備考", stored.notes, texts.notes),
        )
        if saved.strip() != own.replace("\r\n", "\n").strip()
    ]
    by_key = {result.key: result for result in typed}
    for number, result in enumerate(stored.results, start=1):
        own_result = by_key.get(result.key)
        if own_result is None or _decided(own_result) != _decided(result):
            rows.append((f"{number}番「{result.title}」", _decided(result)))
    return rows


def _decided(result: DraftResult) -> str:
    reason = result.reason.replace("\r\n", "\n").strip()
    return f"{result.decision.label}（{reason}）" if reason else result.decision.label


def _result(result: Mapping[str, Any], origin: str) -> ResultLine:
    decision = Decision(result["decision"])
    return ResultLine(
        key=document_key(result["kind"], result["id"]),
        place=result["place"],
        kind=result["kind_label"],
        title=result["title"],
        url=_frozen_url(result),
        provider=result["provider"],
        fictional=result["fictional"],
        excluded=decision is Decision.EXCLUDED,
        decision=decision.label,
        reason=result["reason"],
        version=version_text(result),
        sha256=result["content_sha256"],
        place_in_search=place_text(result, origin),
    )


def _frozen_url(result: Mapping[str, Any]) -> str:
    """The page of the very version, where there are versions."""
    version = result["version"]
    return f"{result['url']}/versions/{version}" if version else result["url"]


def _named(result: Mapping[str, Any]) -> str:
    mark = "［架空］" if result["fictional"] else ""
    return f"{mark}{result['title']}（{result['provider']}）"
