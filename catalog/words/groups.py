"""The operator's groups of synonyms: reading, registering, changing. Nothing here commits."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from accounts.audit import record
from accounts.roles import Action, Actor, may
from catalog.words.models import SynonymGroup
from foundation.errors import Blocker, Conflict, NotFound, Refused, refuse
from foundation.text import fold_for_match, normalize

FEWEST_WORDS, MOST_WORDS = 2, 20
MOST_CHARACTERS = 50  # of a word
MOST_NOTE = 200


@dataclass(frozen=True, kw_only=True)
class GroupRow:
    """A group as its page shows it."""

    id: int
    words: tuple[str, ...]
    note: str
    active: bool
    updated_at: datetime
    updated_by: str
    row_version: int


@dataclass(frozen=True, kw_only=True)
class GroupEntry:
    """A group as its form asks for it: words as typed, a note, whether searches use it."""

    words: Sequence[str]
    note: str = ""
    active: bool = True


def groups_generation(session: Session) -> tuple[int, int]:
    """Differs after every change of a group: groups are never deleted, versions only grow."""
    row = session.execute(select(func.count(), func.sum(SynonymGroup.row_version))).one()
    return int(row[0]), int(row[1] or 0)


def list_active_words(session: Session) -> list[tuple[str, ...]]:
    """The words of every group that is switched on."""
    groups = select(SynonymGroup.words).where(SynonymGroup.active).order_by(SynonymGroup.id)
    return [tuple(words) for words in session.scalars(groups)]


def list_groups(session: Session) -> list[GroupRow]:
    """Every group, the last changed first."""
    order = (SynonymGroup.updated_at.desc(), SynonymGroup.id.desc())
    return [_row(group) for group in session.scalars(select(SynonymGroup).order_by(*order))]


def get_group(session: Session, group_id: int) -> GroupRow:
    """The group. Raises NotFound."""
    return _row(_get(session, group_id))


def add_group(session: Session, *, actor: Actor, entry: GroupEntry, now: datetime) -> int:
    """Register the group; its number. Raises Refused."""
    _require_operator(actor)
    group = SynonymGroup(words=_checked(entry), updated_at=now)
    _write(group, actor, entry, now)
    session.add(group)
    session.flush()
    record(session, actor, "register_synonyms", "synonym_group", group.id, _facts(group), now)
    return group.id


def change_group(
    session: Session,
    *,
    actor: Actor,
    group_id: int,
    seen_version: int,
    entry: GroupEntry,
    now: datetime,
) -> None:
    """Change or switch off the group. Raises Refused, and Conflict when it was changed since."""
    _require_operator(actor)
    group = _get(session, group_id)
    if group.row_version != seen_version:
        raise Conflict("ほかの人が先に変更しました。今の内容を確かめてください。")
    group.words = _checked(entry)
    _write(group, actor, entry, now)
    session.flush()
    record(session, actor, "change_synonyms", "synonym_group", group.id, _facts(group), now)
    session.flush()


def _require_operator(actor: Actor) -> None:
    if not may(actor, Action.MANAGE_REFERENCE):
        raise refuse("not_permitted", "同義語を登録・変更できるのは運営者だけです。")


def _write(group: SynonymGroup, actor: Actor, entry: GroupEntry, now: datetime) -> None:
    group.note, group.active = normalize(entry.note), entry.active
    group.updated_at, group.updated_by = now, actor.label


def _checked(entry: GroupEntry) -> list[str]:
    """The words, each once, as the table keeps them. Raises Refused with every reason."""
    words = {fold_for_match(word): normalize(word) for word in entry.words if normalize(word)}
    blockers = []
    if not FEWEST_WORDS <= len(words) <= MOST_WORDS:
        message = f"異なる語を{FEWEST_WORDS}語以上{MOST_WORDS}語以内で入力してください。"
        blockers.append(Blocker(code="word_count", message=message, field="words"))
    for word in words.values():
        if len(word) > MOST_CHARACTERS:
            message = f"「{word[:20]}…」が長すぎます。1語は{MOST_CHARACTERS}文字以内です。"
            blockers.append(Blocker(code="long_word", message=message, field="words"))
        elif not any(character.isalnum() for character in word):
            message = f"「{word}」は記号だけのため、検索の語になりません。"
            blockers.append(Blocker(code="no_word", message=message, field="words"))
    if blockers:
        raise Refused(blockers)
    return list(words.values())


def _get(session: Session, group_id: int) -> SynonymGroup:
    group = session.get(SynonymGroup, group_id)
    if group is None:
        raise NotFound("synonym_group")
    return group


def _facts(group: SynonymGroup) -> dict[str, object]:
    return {"words": "、".join(group.words), "note": group.note, "active": group.active}


def _row(group: SynonymGroup) -> GroupRow:
    return GroupRow(
        id=group.id,
        words=tuple(group.words),
        note=group.note,
        active=group.active,
        updated_at=group.updated_at,
        updated_by=group.updated_by,
        row_version=group.row_version,
    )
