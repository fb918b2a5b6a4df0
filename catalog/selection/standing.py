"""What became of a record's results since they were taken in: can they still be read?"""

from collections import defaultdict
from collections.abc import Iterable

from sqlalchemy import select
from sqlalchemy.orm import Session

from catalog.entries import PublicationStatus
from catalog.models import Offering
from catalog.search import sources
from catalog.search.documents import document_key
from foundation.labels import LabelledEnum


class Standing(LabelledEnum):
    """Where a result stands now. Of WITHDRAWN the page can still be read, of the next two not."""

    FOUND = "found", ""
    WITHDRAWN = "withdrawn", "掲載終了"
    SUSPENDED = "suspended", "公開停止中"
    GONE = "gone", "今は公開されていません"

    @property
    def readable(self) -> bool:
        """Whether its page can be opened."""
        return self in (Standing.FOUND, Standing.WITHDRAWN)


# An entry's state says it all; its document would take several queries more.
_OFFERING = "offering"
_OF_STATUS = {
    PublicationStatus.PUBLISHED.value: Standing.FOUND,
    PublicationStatus.WITHDRAWN.value: Standing.WITHDRAWN,
    PublicationStatus.SUSPENDED.value: Standing.SUSPENDED,
}


def list_standings(session: Session, found: Iterable[tuple[str, int]]) -> dict[str, Standing]:
    """Key → standing of each of the (kind, id) pairs that were taken in once. A query a kind.

    Whoever took one in might find it: that is not asked again here, but by the lock.
    """
    ids: dict[str, set[int]] = defaultdict(set)
    for kind, object_id in found:
        ids[kind].add(object_id)
    standings = {
        document_key(kind, object_id): Standing.GONE
        for kind, wanted in ids.items()
        for object_id in wanted
    }
    statement = select(Offering.id, Offering.publication_status).where(
        Offering.id.in_(ids.pop(_OFFERING, ())), Offering.current_version > 0
    )
    for object_id, status in session.execute(statement):
        standings[document_key(_OFFERING, object_id)] = _OF_STATUS.get(status, Standing.GONE)
    for kind, wanted in sorted(ids.items()):
        for object_id in wanted.intersection(sources.list_ids(session, kind)):
            standings[document_key(kind, object_id)] = Standing.FOUND
    return standings
