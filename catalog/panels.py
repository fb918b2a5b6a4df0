"""The door through which a higher package shows its things on catalog pages.

procurement registers its sources when the application is put together (app.py); nothing
here knows who they are. What a panel may show to this reader is the source's own care.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from sqlalchemy.orm import Session

from accounts.roles import Actor
from catalog.plan_units import Unit


class Place(StrEnum):
    """The page a panel stands on; its subject is that page's offering, case or vendor."""

    OFFERING = "offering"
    CASE = "case"
    VENDOR = "vendor"
    VENDOR_DESK = "vendor_desk"


@dataclass(frozen=True, kw_only=True)
class PanelItem:
    """One thing in a panel: what the list of resources shows of it."""

    title: str
    url: str
    description: str = ""
    meta: tuple[str, ...] = ()
    chips: tuple[str, ...] = ()
    fictional: bool = False


@dataclass(frozen=True, kw_only=True)
class Panel:
    """A titled list. total: how many there are, when `items` shows only the first.

    fictional: how many of `total` are fictional; the two kinds are counted apart.
    """

    key: str
    title: str
    items: tuple[PanelItem, ...] = ()
    empty: str = "該当するものはありません。"
    note: str = ""
    total: int | None = None
    fictional: int = 0
    more_url: str = ""


@dataclass(frozen=True, kw_only=True)
class PanelRequest:
    """For whom and about what a panel is asked."""

    actor: Actor
    subject_id: int
    now: datetime


PanelSource = Callable[[Session, PanelRequest], Panel | None]


_sources: dict[Place, dict[str, PanelSource]] = {}


def register(place: Place, key: str, source: PanelSource) -> None:
    """Show this source's panel at the place; registering the key again replaces it."""
    _sources.setdefault(place, {})[key] = source


def list_panels(session: Session, place: Place, request: PanelRequest) -> tuple[Panel, ...]:
    """The panels of the place in order of registration; a source with nothing to say has none."""
    found = (source(session, request) for source in _sources.get(place, {}).values())
    return tuple(panel for panel in found if panel is not None)


@dataclass(frozen=True, kw_only=True)
class PlanKey:
    """A price plan as a version of an entry names it."""

    offering_id: int
    seller_id: int
    plan_name: str


@dataclass(frozen=True, kw_only=True)
class OwnQuantity:
    """How much of a unit a body has said it uses. source: where and when, in words."""

    count: int
    source: str


@dataclass(frozen=True, kw_only=True)
class JointFacts:
    """What joint procurements say of entries that are put side by side, for this reader.

    named: per offering, the open projects that name it in public.
    own_quantities: what the reader's own body has said it uses of such systems.
    as_basis: per plan, what it costs in projects this reader runs and estimates with it. Who
    else looks must not be able to tell whether there is one (domain §5).
    """

    named: Mapping[int, Sequence[PanelItem]] = field(default_factory=dict)
    own_quantities: Mapping[Unit, OwnQuantity] = field(default_factory=dict)
    as_basis: Mapping[PlanKey, Sequence[PanelItem]] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class JointRequest:
    """For whom and about which entries joint facts are asked."""

    actor: Actor
    offering_ids: tuple[int, ...]
    system_types: tuple[str, ...]
    now: datetime


JointSource = Callable[[Session, JointRequest], JointFacts]

_joint_source: JointSource | None = None


def register_joint_facts(source: JointSource) -> None:
    """Let comparisons show this source's facts, in place of any other's."""
    global _joint_source
    _joint_source = source


def find_joint_facts(session: Session, request: JointRequest) -> JointFacts:
    """What the registered source says; nothing where there is none."""
    return _joint_source(session, request) if _joint_source else JointFacts()
