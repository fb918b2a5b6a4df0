"""The door through which a search learns of joint procurements forming now.

procurement registers its source when the application is put together (app.py); nothing
here knows who it is. The source gives public projects only.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from catalog.chance import chance


@dataclass(frozen=True, kw_only=True)
class Opening:
    """A public joint procurement one can still join. prefecture_code None: wide-area.

    closes_at: until when bodies may join, None when no day is set; bodies: joined so far.
    """

    id: int
    title: str
    url: str
    system_type_code: str
    system_type_name: str
    lead_name: str
    prefecture_code: str | None
    closes_at: datetime | None
    bodies: int
    fictional: bool


@dataclass(frozen=True, kw_only=True)
class OpeningsWanted:
    """Of these kinds of systems, in these prefectures or wide-area, open at this moment."""

    system_types: tuple[str, ...]
    prefectures: tuple[str, ...]
    now: datetime


OpeningSource = Callable[[Session, OpeningsWanted], Sequence[Opening]]
_source: OpeningSource | None = None


def register_openings(source: OpeningSource) -> None:
    """Take openings from this source, in place of any other."""
    global _source
    _source = source


def list_openings(session: Session, wanted: OpeningsWanted, month: str) -> tuple[Opening, ...]:
    """The earliest deadline first, none last; equal ones in the month's chance order (§6)."""
    if _source is None or not wanted.system_types:
        return ()
    return tuple(
        sorted(
            _source(session, wanted),
            key=lambda one: (
                one.closes_at is None,
                one.closes_at or wanted.now,
                chance(f"project:{one.id}", month),
            ),
        )
    )
