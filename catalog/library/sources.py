"""Specifications and programs as entries of the search."""

from collections.abc import Iterator, Sequence
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from catalog.library.models import FundingProgram, SpecDocument
from catalog.library.queries import ProgramRow, SpecRow, list_programs, list_specs
from catalog.library.words import ProgramStatus, SpecKind
from catalog.queries.conformances import list_offerings_naming
from catalog.search import sources
from catalog.search.documents import SearchDocument
from catalog.search.facets import system_type_facets
from catalog.search.suggestions import Suggestion, SuggestionKind
from foundation.clock import jst_moment


def register_library_sources() -> None:
    """Let specifications and programs be found."""
    sources.register("spec", SpecSource())
    sources.register("program", ProgramSource())
    sources.register_labels("library", load_labels)
    sources.register_suggestions("library", list_suggestions)
    sources.register_followers("spec", "library", list_naming)


def list_naming(session: Session, spec_id: int) -> Iterator[tuple[str, int]]:
    """The entries that name the specification: they are found by its title, too."""
    key = session.scalar(select(SpecDocument.key).where(SpecDocument.id == spec_id))
    if key is not None:
        for offering_id in list_offerings_naming(session, key):
            yield ("offering", offering_id)


def list_suggestions(session: Session) -> Iterator[Suggestion]:
    """The titles of all specifications and programs."""
    for title in session.scalars(select(SpecDocument.title)):
        yield Suggestion(text=title, kind=SuggestionKind.SPEC)
    for name in session.scalars(select(FundingProgram.name)):
        yield Suggestion(text=name, kind=SuggestionKind.PROGRAM)


def load_labels(session: Session) -> dict[str, dict[str, str]]:
    """The words for specifications and programs, in the order of their tables."""
    specs = session.execute(select(SpecDocument.key, SpecDocument.title).order_by(SpecDocument.id))
    programs = session.execute(
        select(FundingProgram.key, FundingProgram.name).order_by(FundingProgram.id)
    )
    return {
        "spec": {key: title for key, title in specs},
        "funding_program": {key: name for key, name in programs},
    }


class SpecSource:
    """Every specification is public, those sent in as well."""

    def list_ids(self, session: Session) -> Sequence[int]:
        """All ids."""
        return session.scalars(select(SpecDocument.id).order_by(SpecDocument.id)).all()

    def documents(self, session: Session, ids: Sequence[int]) -> Sequence[SearchDocument]:
        """Two queries for any number."""
        return [_spec_document(row) for row in list_specs(session, ids)]


class ProgramSource:
    """Every program is public."""

    def list_ids(self, session: Session) -> Sequence[int]:
        """All ids."""
        return session.scalars(select(FundingProgram.id).order_by(FundingProgram.id)).all()

    def documents(self, session: Session, ids: Sequence[int]) -> Sequence[SearchDocument]:
        """Two queries for any number."""
        return [_program_document(row) for row in list_programs(session, ids)]


def _facets(row: SpecRow | ProgramRow) -> dict[str, tuple[str, ...]]:
    """What is known of the kinds of systems it is about; nothing where none is named."""
    of_types = [system_type_facets(t.code, t.area, t.policy_scope) for t in row.system_types]
    return {
        name: tuple(dict.fromkeys(value for facets in of_types for value in facets[name]))
        for name in ("category", "area", "policy_scope")
    }


def _spec_document(row: SpecRow) -> SearchDocument:
    return SearchDocument(
        kind="spec",
        object_id=row.id,
        title=row.title,
        url=f"/specs/{row.id}",
        summary=row.summary,
        vendor=row.issuer,
        category="・".join(each.name for each in row.system_types),
        body="。".join((SpecKind(row.kind).label, row.domain, row.summary)),
        facets=_facets(row),
        updated_at=jst_moment(date.fromisoformat(row.source_as_of)),
        fictional=row.fictional,
    )


def _program_document(row: ProgramRow) -> SearchDocument:
    return SearchDocument(
        kind="program",
        object_id=row.id,
        title=row.name,
        url=f"/programs/{row.id}",
        summary=row.summary,
        vendor=row.ministry,
        category="・".join(each.name for each in row.system_types),
        body="。".join(("支援制度 補助金 財源", ProgramStatus(row.status).label, row.summary)),
        facets=_facets(row),
        updated_at=jst_moment(date.fromisoformat(row.source_as_of)),
        fictional=False,
    )
