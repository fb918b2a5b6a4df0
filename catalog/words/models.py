"""Tables of the words people search with: groups of synonyms, searches that led nowhere."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, Date, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from foundation.db import Base, UTCDateTime


class SynonymGroup(Base):
    """Words an operator declared to mean the same; beside those of the repository's table."""

    __tablename__ = "synonym_group"

    id: Mapped[int] = mapped_column(primary_key=True)
    words: Mapped[list[Any]] = mapped_column(JSON)  # as typed, two or more
    note: Mapped[str] = mapped_column(default="")
    active: Mapped[bool] = mapped_column(default=True)
    updated_at: Mapped[datetime] = mapped_column(UTCDateTime)
    updated_by: Mapped[str] = mapped_column(default="")
    row_version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": row_version}


class MissedSearch(Base):
    """How often a text found nothing on a day. Who searched is not kept."""

    __tablename__ = "missed_search"
    __table_args__ = (UniqueConstraint("day", "text"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    day: Mapped[date] = mapped_column(Date, index=True)
    text: Mapped[str] = mapped_column(String(200))
    # nothing: no entry at all; filtered: only the chosen conditions left nothing;
    # substituted: found by reading or by one changed character only.
    outcome: Mapped[str] = mapped_column(String(20))
    times: Mapped[int] = mapped_column(default=0)
