"""Tables of saved searches: what was asked, and what it had found when it was last looked at."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, Date, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from foundation.db import Base, UTCDateTime


class SavedSearch(Base):
    """A search one person kept, for oneself or for everybody in the organisation."""

    __tablename__ = "saved_search"
    __table_args__ = (UniqueConstraint("organization_id", "user_id", "name"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    organization_id: Mapped[int] = mapped_column(ForeignKey("organization.id"), index=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"), index=True)
    name: Mapped[str] = mapped_column(String(100))
    parameters: Mapped[list[Any]] = mapped_column(JSON)  # [[name, value], …] of the address
    shared: Mapped[bool] = mapped_column(default=False)
    notify: Mapped[bool] = mapped_column(default=False, index=True)
    # Whoever holds it may stop the notices, without signing in: it stands in each mail.
    stop_token: Mapped[str] = mapped_column(String(64), unique=True)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    checked_on: Mapped[date] = mapped_column(Date)  # day (Japan) of the last look
    row_version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": row_version}


class SavedSearchMatch(Base):
    """An entry that a search with notices is known to find: no news any more."""

    __tablename__ = "saved_search_match"

    saved_search_id: Mapped[int] = mapped_column(
        ForeignKey("saved_search.id", ondelete="CASCADE"), primary_key=True
    )
    document_key: Mapped[str] = mapped_column(String(60), primary_key=True)
