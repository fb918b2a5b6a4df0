"""What the catalog proposes while one types: published names, vendors, bodies, and its words."""

from collections.abc import Iterable, Iterator

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from accounts.models import LocalBody
from catalog.entries import PublicationStatus
from catalog.models import Case, Offering, OfferingVersion, SystemType, Vendor
from catalog.search.analyzer import read_aloud
from catalog.search.suggestions import Suggestion, SuggestionKind
from catalog.search.synonyms import list_table_groups

_PUBLISHED = PublicationStatus.PUBLISHED.value


def list_catalog_suggestions(session: Session) -> Iterable[Suggestion]:
    """Everything the catalog may propose to anybody. Five queries."""
    yield from _words(session)
    yield from _bodies(session)
    yield from _vendors(session)
    yield from _entries(session)


def vendors_state(session: Session) -> tuple[object, ...]:
    """Changes with the published vendors, who are no entries of the index. One query."""
    statement = select(func.count(), func.max(Vendor.updated_at)).where(
        Vendor.publication_status == _PUBLISHED
    )
    return tuple(session.execute(statement).one())


def _words(session: Session) -> Iterator[Suggestion]:
    types = session.execute(select(SystemType.name, SystemType.keywords)).all()
    categories = [row.name for row in types]
    words = [word for row in types for word in row.keywords.split("|")]
    words += [word for group in list_table_groups() for word in group]
    for name in categories:
        yield Suggestion(text=name, kind=SuggestionKind.CATEGORY, reading=read_aloud(name))
    for word in dict.fromkeys(word for word in words if word and word not in categories):
        yield Suggestion(text=word, kind=SuggestionKind.WORD, reading=read_aloud(word))


def _bodies(session: Session) -> Iterator[Suggestion]:
    statement = select(LocalBody.name, LocalBody.kana, LocalBody.fictional).where(
        LocalBody.valid_to.is_(None)
    )
    for name, kana, fictional in session.execute(statement):
        yield Suggestion(text=name, kind=SuggestionKind.BODY, reading=kana, fictional=fictional)


def _vendors(session: Session) -> Iterator[Suggestion]:
    statement = select(Vendor.name, Vendor.kana, Vendor.fictional).where(
        Vendor.publication_status == _PUBLISHED
    )
    for name, kana, fictional in session.execute(statement):
        yield Suggestion(text=name, kind=SuggestionKind.VENDOR, reading=kana, fictional=fictional)


def _entries(session: Session) -> Iterator[Suggestion]:
    offerings = (
        select(OfferingVersion.name, Offering.fictional)
        .join(Offering, Offering.id == OfferingVersion.offering_id)
        .where(OfferingVersion.number == Offering.current_version)
        .where(Offering.publication_status == _PUBLISHED, Offering.current_version > 0)
    )
    cases = select(Case.title, Case.fictional).where(Case.publication_status == _PUBLISHED)
    for kind, statement in ((SuggestionKind.OFFERING, offerings), (SuggestionKind.CASE, cases)):
        for text, fictional in session.execute(statement):
            yield Suggestion(text=text, kind=kind, fictional=fictional)
