"""Tables of specifications, funding programs and related catalogs: facts with their source.

'' = 記載なし: what the source documents do not say is never guessed.
"""

from sqlalchemy import String, false
from sqlalchemy.orm import Mapped, mapped_column

from foundation.db import Base


class SpecDocument(Base):
    """A specification or guide that several bodies can build on (F07).

    supersedes: key of the one it takes the place of, '' for none. row_version: of its content.
    """

    __tablename__ = "spec_document"

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(60), unique=True)
    title: Mapped[str]
    kind: Mapped[str] = mapped_column(String(30))  # catalog.library.words.SpecKind
    domain: Mapped[str]
    issuer: Mapped[str]
    version: Mapped[str]
    issued_on: Mapped[str] = mapped_column(String(10))  # as the source says: 2025-03
    next_revision_fy: Mapped[int | None]
    system_types: Mapped[str]  # codes, separated by |
    summary: Mapped[str]
    supersedes: Mapped[str] = mapped_column(String(60), default="", server_default="")
    fictional: Mapped[bool] = mapped_column(default=False, server_default=false())
    source_doc: Mapped[str]
    source_lines: Mapped[str]
    source_as_of: Mapped[str] = mapped_column(String(10))
    url: Mapped[str]
    row_version: Mapped[int] = mapped_column(default=1, server_default="1")


class FundingProgram(Base):
    """A funding program of the state (F22)."""

    __tablename__ = "funding_program"

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(60), unique=True)
    name: Mapped[str]
    ministry: Mapped[str]
    started_fy: Mapped[int | None]
    status: Mapped[str] = mapped_column(String(20))  # catalog.library.words.ProgramStatus
    system_types: Mapped[str]  # codes, separated by |; '' = none is named
    eligible_costs: Mapped[str]  # catalog.library.words.CostKind, separated by |
    summary: Mapped[str]
    conditions: Mapped[str]  # catalog.library.conditions: a & b, or a | b
    source_doc: Mapped[str]
    source_lines: Mapped[str]
    source_as_of: Mapped[str] = mapped_column(String(10))
    url: Mapped[str]


class RelatedCatalog(Base):
    """A catalog or dashboard of others (F06)."""

    __tablename__ = "related_catalog"

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(60), unique=True)
    name: Mapped[str]
    owner: Mapped[str]
    opened: Mapped[str] = mapped_column(String(20))  # as the source says
    lists: Mapped[str]
    search_by: Mapped[str]
    update_rule: Mapped[str]
    source_doc: Mapped[str]
    source_lines: Mapped[str]
    source_as_of: Mapped[str] = mapped_column(String(10))
    url: Mapped[str]
