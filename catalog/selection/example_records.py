"""Two selection records of the example: one locked and waiting for its outcome, one a draft."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from accounts.models import User
from accounts.queries import actor_of, find_user_by_token
from accounts.roles import Actor
from catalog.search.documents import Viewer
from catalog.search.query import SearchQuery
from catalog.search.service import SearchService
from catalog.selection.looking import Looked, look
from catalog.selection.record_content import Decision, DraftResult, Origin
from catalog.selection.record_models import SelectionRecord
from catalog.selection.records import Texts, create_record, lock_record
from foundation.db import Database

_MAKER = "hoyui-staff@moyai.example"
_LOCKED_QUERY = SearchQuery(text="議事録", filters={"kind": ("offering",)})
_LOCKED = Texts(
    title="議事録作成サービスの選定（見本）",
    purpose="会議録を作る時間を減らすため、候補を比べます。",
)
_DRAFT_QUERY = SearchQuery(text="電子申請")
_DRAFT = Texts(title="電子申請の調査（見本）", purpose="更新の時期に合わせて調べています。")
_REASON = "外字を扱えるかどうかの記載がなく、問い合わせの期限に間に合わないため。（見本）"


def load_example_records(database: Database, service: SearchService, now: datetime) -> int:
    """Make both, once; how many. The search's index must be there."""
    with database.read_session() as session:
        maker = _find_maker(session)
        if maker is None or session.scalar(select(SelectionRecord.id).limit(1)) is not None:
            return 0
    found, wider = (
        look(service, query, viewer=Viewer.GOVERNMENT, now=now)
        for query in (_LOCKED_QUERY, _DRAFT_QUERY)
    )
    if len(found.results) < 3 or not wider.results:
        return 0
    with database.transaction() as session:
        _lock(session, maker, found, now)
        _create(session, maker, _DRAFT, _DRAFT_QUERY, wider.results[:4], now)
    return 2


def _lock(session: Session, maker: Actor, found: Looked, now: datetime) -> None:
    first, second, third, *_rest = found.results
    excluded = replace(third, decision=Decision.EXCLUDED, reason=_REASON)
    results = [first, second, excluded]
    record_id = _create(session, maker, _LOCKED, _LOCKED_QUERY, results, now)
    lock_record(
        session,
        actor=maker,
        now=now,
        record_id=record_id,
        seen_version=1,
        confirmed=True,
        searched=found.searched,
    )


def _create(
    session: Session,
    maker: Actor,
    texts: Texts,
    query: SearchQuery,
    results: Sequence[DraftResult],
    now: datetime,
) -> int:
    return create_record(
        session,
        actor=maker,
        now=now,
        texts=texts,
        origin=Origin.SEARCH,
        parameters=query.parameters(),
        results=results,
    )


def _find_maker(session: Session) -> Actor | None:
    """The example user, acting for its town; None where the example is not loaded."""
    token = session.scalar(select(User.session_token).where(User.email == _MAKER, User.example))
    user = find_user_by_token(session, token) if token else None
    return actor_of(user, user.memberships[0].organization_id) if user else None
