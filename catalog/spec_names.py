"""The specifications of the database, for whatever speaks of them by key or title."""

from sqlalchemy import Boolean, String, column, select, table
from sqlalchemy.orm import Session

from catalog.conformance import SpecName, SpecNames

# Its model lives with the library, above the search and the queries that need the names.
_SPECS = table(
    "spec_document",
    column("id"),
    column("key", String),
    column("title", String),
    column("kind", String),
    column("fictional", Boolean),
)


def load_spec_names(session: Session) -> SpecNames:
    """By key, in the order they came in. One query."""
    spec = _SPECS.c
    rows = session.execute(
        select(spec.key, spec.title, spec.kind, spec.fictional).order_by(spec.id)
    )
    return {
        key: SpecName(title=title, model=kind == "model", fictional=bool(fictional))
        for key, title, kind, fictional in rows
    }
