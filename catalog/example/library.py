"""The library's files as rows of its tables."""

from collections.abc import Mapping
from typing import Any

from catalog.example.tables import catalog_table
from catalog.library.models import FundingProgram, RelatedCatalog, SpecDocument
from foundation.db import Base

# The file in catalog/data → its table.
LIBRARY_TABLES: Mapping[str, type[Base]] = {
    "spec_documents": SpecDocument,
    "funding_programs": FundingProgram,
    "related_catalogs": RelatedCatalog,
}
_YEARS = ("next_revision_fy", "started_fy")


def library_rows(name: str) -> list[dict[str, Any]]:
    """The rows of a file; a year that is not stated is None."""
    return [
        {
            column: (int(text) if text else None) if column in _YEARS else text
            for column, text in row.items()
        }
        for row in catalog_table(name)
    ]
