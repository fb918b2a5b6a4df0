"""Saved searches: keep one, change it, forget it, stop its notices."""

import secrets
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, func, insert, select
from sqlalchemy.orm import Session

from accounts.audit import record
from accounts.roles import Action, Actor, may
from catalog.search.query import SearchQuery, read_query
from catalog.selection.saved_models import SavedSearch, SavedSearchMatch
from foundation.clock import to_jst
from foundation.errors import Blocker, Conflict, NotFound, Refused
from foundation.text import without_directions

MOST_PER_PERSON = 100
MOST_NAME = 100
# A digest of everything tells nobody anything: notices need a search that narrows.
MOST_NOTIFIED = 1_000

TOO_MANY = Blocker(
    code="too_many_saved",
    message=f"保存できる検索は1人{MOST_PER_PERSON}件までです。使わないものを削除してください。",
    field="name",
)
NAME_TAKEN = Blocker(code="name_taken", message="同じ名前の保存した検索があります。", field="name")
NO_NAME = Blocker(code="required", message="入力してください。", field="name")
TOO_WIDE = Blocker(
    code="too_wide",
    message=f"結果が{MOST_NOTIFIED:,}件を超える検索には通知を付けられません。条件を絞ってください。",
    field="notify",
)


@dataclass(frozen=True, kw_only=True)
class SavedSearchRow:
    """A saved search as a page shows it. own: the reader made it and may change it."""

    id: int
    name: str
    query: SearchQuery
    shared: bool
    notify: bool
    own: bool
    owner_id: int
    created_at: datetime
    row_version: int


def save_search(
    session: Session,
    *,
    actor: Actor,
    name: str,
    query: SearchQuery,
    shared: bool,
    notify: bool,
    known: Sequence[str],
    now: datetime,
) -> int:
    """Keep the search; its number. `known`: keys of what it finds now (for notices only)."""
    organization_id, user_id = _place_of(actor)
    name = _tidy(name)
    blockers = _blockers(session, actor, name, notify, known, own_id=None)
    if _count_own(session, actor) >= MOST_PER_PERSON:
        blockers.append(TOO_MANY)
    if blockers:
        raise Refused(blockers)
    saved = SavedSearch(
        organization_id=organization_id,
        user_id=user_id,
        name=name,
        parameters=[list(pair) for pair in query.parameters()],
        shared=shared,
        notify=notify,
        stop_token=secrets.token_urlsafe(32),
        created_at=now,
        checked_on=to_jst(now).date(),
    )
    session.add(saved)
    session.flush()
    if notify:
        remember_matches(session, saved.id, known)
    record(session, actor, "save_search", "saved_search", saved.id, _facts(saved), now)
    return saved.id


def change_saved_search(
    session: Session,
    *,
    actor: Actor,
    saved_id: int,
    seen_version: int,
    name: str,
    shared: bool,
    notify: bool,
    known: Sequence[str],
    now: datetime,
) -> None:
    """Rename, share or have notices. Raises Conflict when it was changed since it was shown."""
    saved = _get_own(session, actor, saved_id)
    if saved.row_version != seen_version:
        raise Conflict("ほかの画面で先に変更されています。今の内容を確かめてください。")
    name = _tidy(name)
    blockers = _blockers(session, actor, name, notify, known, own_id=saved.id)
    if blockers:
        raise Refused(blockers)
    if notify and not saved.notify:
        saved.checked_on = to_jst(now).date()
        forget_matches(session, saved.id)
        remember_matches(session, saved.id, known)
    saved.name, saved.shared, saved.notify = name, shared, notify
    record(session, actor, "change_saved_search", "saved_search", saved.id, _facts(saved), now)
    session.flush()


def delete_saved_search(session: Session, *, actor: Actor, saved_id: int, now: datetime) -> None:
    """Forget the search and what it had found."""
    saved = _get_own(session, actor, saved_id)
    record(session, actor, "delete_saved_search", "saved_search", saved.id, {}, now)
    forget_matches(session, saved.id)
    session.delete(saved)
    session.flush()


def stop_notices(session: Session, *, token: str, actor: Actor, now: datetime) -> str:
    """Stop the notices of the search with this token; its name. Raises NotFound."""
    saved = session.scalar(
        select(SavedSearch).where(SavedSearch.stop_token == token).with_for_update()
    )
    if saved is None:
        raise NotFound("saved_search")
    if saved.notify:
        saved.notify = False
        record(session, actor, "stop_saved_search", "saved_search", saved.id, {}, now)
        session.flush()
    return saved.name


def list_saved_searches(session: Session, actor: Actor) -> list[SavedSearchRow]:
    """The actor's own, then what colleagues share; each by name."""
    organization_id, user_id = _place_of(actor)
    own = SavedSearch.user_id == user_id
    statement = (
        select(SavedSearch)
        .where(SavedSearch.organization_id == organization_id, own | SavedSearch.shared)
        .order_by(own.desc(), SavedSearch.name, SavedSearch.id)
    )
    return [_row(saved, user_id) for saved in session.scalars(statement)]


def get_saved_search(session: Session, actor: Actor, saved_id: int) -> SavedSearchRow:
    """One the actor made. Raises NotFound, for another's too."""
    return _row(_get_own(session, actor, saved_id), actor.user_id or 0)


def find_name_by_token(session: Session, token: str) -> str | None:
    """The name of the search whose notices the token stops."""
    return session.scalar(select(SavedSearch.name).where(SavedSearch.stop_token == token))


def remember_matches(session: Session, saved_id: int, keys: Collection[str]) -> None:
    """These entries are no news any more."""
    rows = [{"saved_search_id": saved_id, "document_key": key} for key in sorted(set(keys))]
    if rows:
        session.execute(insert(SavedSearchMatch), rows)


def forget_matches(session: Session, saved_id: int) -> None:
    """Nothing is known of this search any more."""
    session.execute(delete(SavedSearchMatch).where(SavedSearchMatch.saved_search_id == saved_id))


def _blockers(
    session: Session,
    actor: Actor,
    name: str,
    notify: bool,
    known: Sequence[str],
    own_id: int | None,
) -> list[Blocker]:
    organization_id, user_id = _place_of(actor)
    taken = session.scalar(
        select(SavedSearch.id).where(
            SavedSearch.organization_id == organization_id,
            SavedSearch.user_id == user_id,
            SavedSearch.name == name,
        )
    )
    blockers = [NAME_TAKEN] if taken is not None and taken != own_id else []
    if not name:
        blockers.append(NO_NAME)
    if notify and len(known) > MOST_NOTIFIED:
        blockers.append(TOO_WIDE)
    return blockers


def _tidy(name: str) -> str:
    """The name without what turns round the texts beside it, in a list and in a mail."""
    return without_directions(name).strip()


def _place_of(actor: Actor) -> tuple[int, int]:
    if actor.organization_id is None or actor.user_id is None:
        raise NotFound("saved_search")
    if not may(actor, Action.SAVE_SEARCH):
        raise NotFound("saved_search")
    return actor.organization_id, actor.user_id


def _get_own(session: Session, actor: Actor, saved_id: int) -> SavedSearch:
    organization_id, user_id = _place_of(actor)
    saved = session.scalar(
        select(SavedSearch).where(
            SavedSearch.id == saved_id,
            SavedSearch.organization_id == organization_id,
            SavedSearch.user_id == user_id,
        )
    )
    if saved is None:
        raise NotFound("saved_search")
    return saved


def _count_own(session: Session, actor: Actor) -> int:
    organization_id, user_id = _place_of(actor)
    own = (SavedSearch.organization_id == organization_id, SavedSearch.user_id == user_id)
    return session.scalar(select(func.count()).select_from(SavedSearch).where(*own)) or 0


def _row(saved: SavedSearch, reader_id: int) -> SavedSearchRow:
    return SavedSearchRow(
        id=saved.id,
        name=saved.name,
        query=query_of(saved),
        shared=saved.shared,
        notify=saved.notify,
        own=saved.user_id == reader_id,
        owner_id=saved.user_id,
        created_at=saved.created_at,
        row_version=saved.row_version,
    )


def query_of(saved: SavedSearch) -> SearchQuery:
    """What the search asks for today; a condition that no longer exists is passed over."""
    return read_query((str(name), str(value)) for name, value in saved.parameters).query


def _facts(saved: SavedSearch) -> dict[str, object]:
    return {"name": saved.name, "shared": saved.shared, "notify": saved.notify}
