"""What higher packages show on a body's page: panel id → function giving frozen rows.

`app.py` registers them; nothing here knows what a case or a project is.
"""

from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy.orm import Session

from accounts.roles import Actor


@dataclass(frozen=True, kw_only=True)
class PanelItem:
    """One thing a panel lists."""

    title: str
    url: str
    meta: tuple[str, ...] = ()
    description: str = ""
    fictional: bool = False


@dataclass(frozen=True, kw_only=True)
class Panel:
    """A headed list on a body's page. `more_url` leads to the whole list."""

    id: str
    title: str
    items: tuple[PanelItem, ...]
    empty_text: str = "該当するものはありません。"
    more_url: str = ""


PanelSource = Callable[[Session, str, Actor], Panel]

_sources: dict[str, PanelSource] = {}


def register_panel(panel_id: str, source: PanelSource) -> None:
    """Show this panel on every body's page, in the order of registration."""
    _sources[panel_id] = source


def list_panels(session: Session, body_code: str, actor: Actor) -> list[Panel]:
    """Every registered panel of one body."""
    return [source(session, body_code, actor) for source in _sources.values()]
