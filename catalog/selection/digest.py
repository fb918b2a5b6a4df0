"""The day's notice about saved searches: once a day, one per person, only when there is news."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from accounts.models import User
from accounts.notices import tell_user
from accounts.queries import actor_of, find_user_by_token
from accounts.roles import Action, may, sees_government
from catalog.search.documents import Viewer
from catalog.search.query import SearchQuery
from catalog.search.service import SearchService
from catalog.selection.matches import Match, list_matches
from catalog.selection.saved import MOST_NOTIFIED, query_of, remember_matches
from catalog.selection.saved_models import SavedSearch, SavedSearchMatch
from foundation.clock import to_jst
from foundation.db import Database
from foundation.settings import MORNING

log = logging.getLogger("moyai.selection")

_MOST_NAMED = 10


@dataclass(frozen=True, kw_only=True)
class _Due:
    saved_id: int
    name: str
    query: SearchQuery
    known: frozenset[str]
    stop_token: str


@dataclass(frozen=True, kw_only=True)
class _News:
    due: _Due
    matches: Sequence[Match]


class Digest:
    """The sweep of the job runner. stop_url: makes the address that stops a search's notices."""

    def __init__(self, service: SearchService, base_url: str = "") -> None:
        self.service = service
        self.base_url = base_url.rstrip("/")

    def __call__(self, database: Database, now: datetime) -> int:
        """Look at everything due today; how many people were told. Harmless to run again."""
        today = to_jst(now)
        if today.time() < MORNING:
            return 0
        with database.read_session() as session:
            people = _list_people(session, today.date())
        return sum(self._tell(database, user_id, now) for user_id in people)

    def _tell(self, database: Database, user_id: int, now: datetime) -> bool:
        today = to_jst(now).date()
        with database.read_session() as session:
            viewers = _viewers_of(session, user_id)
            due = [
                (viewers[saved.organization_id], _due(session, saved))
                for saved in session.scalars(_due_rows(user_id, today))
                if saved.organization_id in viewers
            ]
        # Looked for outside the transaction: nobody waits for it to write.
        news = [_News(due=one, matches=self._find_new(viewer, one, now)) for viewer, one in due]
        with database.transaction() as session:
            locked = list(session.scalars(_due_rows(user_id, today).with_for_update()))
            fresh = [item for item in news if item.due.saved_id in {saved.id for saved in locked}]
            for saved in locked:
                saved.checked_on = today
            return self._write(session, user_id, [n for n in fresh if n.matches], now)

    def _find_new(self, viewer: Viewer, due: _Due, now: datetime) -> list[Match]:
        found = list_matches(self.service, due.query, viewer=viewer, now=now, most=MOST_NOTIFIED)
        return [match for match in found if match.key not in due.known]

    def _write(self, session: Session, user_id: int, news: list[_News], now: datetime) -> bool:
        if not news:
            return False
        for item in news:
            remember_matches(session, item.due.saved_id, [match.key for match in item.matches])
        total = sum(len(item.matches) for item in news)
        tell_user(
            session,
            user_id,
            title=f"保存した検索に新しく当てはまったもの {total:,}件",
            body="\n\n".join(self._paragraph(item) for item in news),
            url="/searches",
            now=now,
        )
        return True

    def _paragraph(self, news: _News) -> str:
        lines = [f"■ {news.due.name}（{_counts(news.matches)}）"]
        for match in news.matches[:_MOST_NAMED]:
            mark = "［架空］" if match.fictional else ""
            lines.append(f"・{mark}{match.kind_label}「{match.title}」 {self.base_url}{match.url}")
        if len(news.matches) > _MOST_NAMED:
            lines.append(f"・ほか {len(news.matches) - _MOST_NAMED:,}件")
        lines.append(f"この検索の通知を止める：{self.base_url}/searches/stop/{news.due.stop_token}")
        return "\n".join(lines)


def _counts(matches: Sequence[Match]) -> str:
    fictional = sum(match.fictional for match in matches)
    return f"実データ {len(matches) - fictional:,}件・架空データ {fictional:,}件"


def _due_rows(user_id: int, today: date):  # type: ignore[no-untyped-def]
    return (
        select(SavedSearch)
        .where(SavedSearch.user_id == user_id, SavedSearch.notify, SavedSearch.checked_on < today)
        .order_by(SavedSearch.name, SavedSearch.id)
    )


def _list_people(session: Session, today: date) -> list[int]:
    statement = (
        select(SavedSearch.user_id)
        .where(SavedSearch.notify, SavedSearch.checked_on < today)
        .distinct()
        .order_by(SavedSearch.user_id)
    )
    return list(session.scalars(statement))


def _viewers_of(session: Session, user_id: int) -> dict[int, Viewer]:
    """Organisation → what the person may find there today; one that was left is not in it."""
    token = session.scalar(select(User.session_token).where(User.id == user_id, User.active))
    user = find_user_by_token(session, token) if token else None
    if user is None:
        return {}
    actors = [actor_of(user, row.organization_id) for row in user.memberships]
    return {
        actor.organization_id: Viewer.GOVERNMENT if sees_government(actor) else Viewer.PUBLIC
        for actor in actors
        if actor.organization_id is not None and may(actor, Action.SAVE_SEARCH)
    }


def _due(session: Session, saved: SavedSearch) -> _Due:
    known = select(SavedSearchMatch.document_key).where(
        SavedSearchMatch.saved_search_id == saved.id
    )
    return _Due(
        saved_id=saved.id,
        name=saved.name,
        query=query_of(saved),
        known=frozenset(session.scalars(known)),
        stop_token=saved.stop_token,
    )
