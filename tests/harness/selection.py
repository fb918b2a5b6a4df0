"""A locked selection record as pure data, without a database."""

from datetime import UTC, date, datetime
from typing import Any

from catalog.entries import content_sha256
from catalog.selection.record_content import (
    Decision,
    Draft,
    DraftResult,
    FrozenEntry,
    Link,
    Origin,
    Searched,
    make_content,
    record_sha256,
)

LOCKED_AT = datetime(2026, 11, 20, 1, 0, tzinfo=UTC)
DAY_BEFORE = Link(seq=40, hash="a" * 64, day=date(2026, 11, 19))

SEARCHED = Searched(
    text="文書管理",
    filters={"kind": ["offering", "case"]},
    sort="relevance",
    sort_label="関連の高い順",
    order_month="2026-11",
    order_note="語がどこにどれだけあるかで並べています。",
    sentence="「文書管理」を含むもの 3件を、関連の高い順に表示しています。",
    total=3,
    real_total=1,
    fictional_total=2,
    generation=7,
    places={"offering:1": 1, "case:2": 2},
)


def result(kind: str = "offering", number: int = 1, **facts: Any) -> DraftResult:
    """A result of a draft."""
    defaults: dict[str, Any] = {
        "kind_label": {"offering": "掲載サービス", "case": "調達事例"}[kind],
        "title": f"{kind}の{number}番",
        "provider": "架空システム株式会社",
        "url": f"/{kind}s/{number}",
        "fictional": True,
    }
    return DraftResult(kind=kind, id=number, **(defaults | facts))


def frozen(one: DraftResult) -> FrozenEntry:
    """The result as an entry of today: a version for an offering, content for a case."""
    if one.kind == "offering":
        return FrozenEntry(
            title=one.title,
            provider=one.provider,
            category="文書管理",
            fictional=one.fictional,
            sha256="c" * 64,
            version=3,
            published_at=LOCKED_AT,
        )
    content = {"title": one.title, "know_how": "早めに集まる"}
    return FrozenEntry(
        title=one.title,
        provider=one.provider,
        category="文書管理",
        fictional=one.fictional,
        sha256=content_sha256(content),
        content=content,
    )


def make_export(
    *results: DraftResult, title: str = "文書管理の選定", purpose: str = "比べる", notes: str = ""
) -> dict[str, Any]:
    """record.json's value for these results (a candidate and an excluded case by default)."""
    chosen = results or (
        result(),
        result("case", 2, decision=Decision.EXCLUDED, reason="規模が違う", fictional=False),
    )
    content = make_content(
        Draft(
            id=5,
            title=title,
            purpose=purpose,
            notes=notes,
            origin=Origin.SEARCH,
            parameters=[["q", "文書管理"]],
            results=chosen,
            organization={"name": "架空市", "body_code": "992011", "fictional": True},
            made_by="担当（架空市）",
            made_at=LOCKED_AT,
        ),
        SEARCHED,
        {one.key: frozen(one) for one in chosen},
        locked_by="決裁者（架空市）",
        locked_at=LOCKED_AT,
        before=Link(seq=49, hash="b" * 64),
        day_head=DAY_BEFORE,
    )
    return seal(content)


def seal(content: dict[str, Any]) -> dict[str, Any]:
    """The export of a content whose lock is event 50 of the chain."""
    sha256 = record_sha256(content)
    event = {
        "seq": 50,
        "at": "2026-11-20T01:00:00.000000+00:00",
        "actor_user_id": 1,
        "actor_label": "決裁者（架空市）",
        "organization_id": 2,
        "action": "lock_selection_record",
        "subject_type": "selection_record",
        "subject_id": str(content["id"]),
        "changes": {"content_sha256": sha256, "candidates": 1, "excluded": 1},
        "batch_file_sha256": None,
        "prev_hash": "b" * 64,
    }
    return {
        "record": content,
        "record_sha256": sha256,
        "audit": {
            "event": {**event, "hash": content_sha256(event)},
            "heads": [DAY_BEFORE.plain()],
        },
    }
