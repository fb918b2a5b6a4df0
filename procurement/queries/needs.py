"""Needs as rows: what government may read of each, and what only its own people may."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Row, Select, func, select
from sqlalchemy.orm import Session

from accounts.models import LocalBody
from accounts.roles import Action, Actor, may, may_for_body
from catalog.models import SystemType
from foundation.clock import fiscal_year_of
from foundation.errors import NotFound
from procurement.domain.needs import Demand, MustHave, NeedStatus, Network, ready_month
from procurement.domain.partners import NeedFacts
from procurement.need_models import Need, PresentContract

LIVE = (NeedStatus.REQUESTED, NeedStatus.STATED)


@dataclass(frozen=True, kw_only=True)
class NeedRow:
    """A need as government reads it. Neither its cost nor what blocks it are in here."""

    id: int
    body_code: str
    body_name: str
    prefecture_name: str
    population: int | None
    households: int | None
    fictional: bool
    system_type_code: str
    system_type_name: str
    status: NeedStatus
    wanted_from: date
    contract_ends_on: date | None
    quantity: int | None
    unit: str
    network: Network
    must_haves: tuple[MustHave, ...]

    @property
    def facts(self) -> NeedFacts:
        """What decides with whom it fits."""
        return NeedFacts(
            body_code=self.body_code,
            population=self.population or 0,
            system_type_code=self.system_type_code,
            fictional=self.fictional,
            ready=ready_month(self.wanted_from, self.contract_ends_on),
            network=self.network,
            must_haves=frozenset(self.must_haves),
            quantity=self.quantity,
        )


@dataclass(frozen=True, kw_only=True)
class OwnNeedRow:
    """A need with what only the body and its prefecture's coordinator read."""

    need: NeedRow
    annual_cost_yen: int | None
    obstacles: str
    entered_by: str
    updated_at: datetime
    row_version: int


def list_own_needs(session: Session, actor: Actor) -> tuple[OwnNeedRow, ...]:
    """The body's needs; a coordinator's whole prefecture, those to be confirmed first."""
    if not may(actor, Action.STATE_INTEREST) or actor.body_code is None:
        return ()
    statement = _own_rows().where(Need.status.in_(LIVE), LocalBody.fictional.is_(actor.fictional))
    if coordinates(actor):
        statement = statement.where(LocalBody.prefecture_code == actor.prefecture_code)
    else:
        statement = statement.where(Need.body_code == actor.body_code)
    statement = statement.order_by(Need.status, SystemType.position, Need.body_code)
    return tuple(_own(found) for found in session.execute(statement))


def get_own_need(session: Session, actor: Actor, need_id: int) -> OwnNeedRow:
    """One need of those the actor may speak for. Raises NotFound for any other."""
    found = session.execute(_own_rows().where(Need.id == need_id)).one_or_none()
    if found is None or not may_for_body(actor, Action.STATE_INTEREST, found.body_code):
        raise NotFound("need")
    return _own(found)


def coordinates(actor: Actor) -> bool:
    """Whether the actor speaks for the municipalities of a prefecture."""
    return may(actor, Action.READ_PREFECTURE_DESK)


def list_stated_needs(
    session: Session, *, fictional: bool, system_type_code: str = ""
) -> tuple[NeedRow, ...]:
    """What counts, of one world, by body code; of all system types unless one is named.

    For government readers only. One query.
    """
    # Columns, not objects: all bodies with several needs each are some nine thousand rows.
    statement = (
        select(*_COLUMNS)
        .join(LocalBody, LocalBody.code == Need.body_code)
        .join(SystemType, SystemType.code == Need.system_type_code)
        .where(Need.status == NeedStatus.STATED, LocalBody.fictional.is_(fictional))
    )
    if system_type_code:
        statement = statement.where(Need.system_type_code == system_type_code)
    found = session.execute(statement.order_by(Need.body_code, Need.system_type_code))
    return tuple(_row(each) for each in found)


def list_demands(session: Session, *, worlds: Iterable[bool]) -> tuple[Demand, ...]:
    """What counts, added up per system type and world, in the order of the types. One query.

    worlds: False for real bodies, True for fictional ones; they are never added together.
    """
    population = func.coalesce(
        LocalBody.population_register_2025, LocalBody.population_census_2020, 0
    )
    statement = (
        select(
            Need.system_type_code,
            LocalBody.fictional,
            Need.unit,
            Need.contract_ends_on,
            func.count(),
            func.sum(population),
            func.sum(func.coalesce(Need.quantity, 0)),
        )
        .join(LocalBody, LocalBody.code == Need.body_code)
        .join(SystemType, SystemType.code == Need.system_type_code)
        .where(Need.status == NeedStatus.STATED, LocalBody.fictional.in_(list(worlds)))
        .group_by(
            SystemType.position,
            Need.system_type_code,
            LocalBody.fictional,
            Need.unit,
            Need.contract_ends_on,
        )
        .order_by(SystemType.position, Need.system_type_code, LocalBody.fictional)
    )
    return _add_up(session.execute(statement))


def _add_up(parts: Iterable[Any]) -> tuple[Demand, ...]:
    sums: dict[tuple[str, bool, str], list[int]] = {}
    ends: dict[tuple[str, bool, str], dict[int, int]] = {}
    for code, fictional, unit, ends_on, bodies, population, quantity in parts:
        key = (code, fictional, unit)
        total = sums.setdefault(key, [0, 0, 0])
        for place, figure in enumerate((bodies, population, quantity)):
            total[place] += int(figure)
        if ends_on is not None:
            years = ends.setdefault(key, {})
            year = fiscal_year_of(ends_on)
            years[year] = years.get(year, 0) + bodies
    return tuple(
        Demand(
            system_type_code=code,
            fictional=fictional,
            unit=unit,
            bodies=total[0],
            population=total[1],
            quantity=total[2],
            ends=dict(sorted(ends.get((code, fictional, unit), {}).items())),
        )
        for (code, fictional, unit), total in sums.items()
    )


def find_contract(
    session: Session, body_code: str, system_type_code: str
) -> PresentContract | None:
    """What the body uses today, if it was imported. For those who may speak for the body."""
    found: PresentContract | None = session.scalar(
        select(PresentContract).where(
            PresentContract.body_code == body_code,
            PresentContract.system_type_code == system_type_code,
        )
    )
    return found


def list_declared_costs(
    session: Session, actor: Actor, system_type_codes: Iterable[str]
) -> dict[tuple[str, str], int]:
    """(body, system type) → declared yearly cost, of the actor's own prefecture. One query.

    Empty for everybody but its coordinator.
    """
    if not coordinates(actor):
        return {}
    found = session.execute(
        select(Need.body_code, Need.system_type_code, Need.annual_cost_yen)
        .join(LocalBody, LocalBody.code == Need.body_code)
        .where(
            LocalBody.prefecture_code == actor.prefecture_code,
            Need.status == NeedStatus.STATED,
            Need.system_type_code.in_(list(system_type_codes)),
            Need.annual_cost_yen.is_not(None),
        )
    )
    return {(body, system_type): yen or 0 for body, system_type, yen in found}


_COLUMNS: tuple[Any, ...] = (
    Need.id,
    Need.body_code,
    LocalBody.name.label("body_name"),
    LocalBody.prefecture_name,
    func.coalesce(LocalBody.population_register_2025, LocalBody.population_census_2020).label(
        "population"
    ),
    LocalBody.households_2020.label("households"),
    LocalBody.fictional,
    Need.system_type_code,
    SystemType.name.label("system_type_name"),
    Need.status,
    Need.wanted_from,
    Need.contract_ends_on,
    Need.quantity,
    Need.unit,
    Need.network,
    Need.must_haves,
)
_SECRET_COLUMNS: tuple[Any, ...] = (
    Need.annual_cost_yen,
    Need.obstacles,
    Need.entered_by,
    Need.updated_at,
    Need.row_version,
)


def _own_rows() -> Select[Any]:
    return (
        select(*_COLUMNS, *_SECRET_COLUMNS)
        .join(LocalBody, LocalBody.code == Need.body_code)
        .join(SystemType, SystemType.code == Need.system_type_code)
    )


def _row(found: Row[Any]) -> NeedRow:
    values = dict(zip(_PLAIN, found, strict=False))
    values["status"] = NeedStatus(values["status"])
    values["network"] = Network(values["network"])
    values["must_haves"] = tuple(MustHave(each) for each in values["must_haves"])
    return NeedRow(**values)


_PLAIN = tuple(NeedRow.__dataclass_fields__)


def _own(found: Row[Any]) -> OwnNeedRow:
    return OwnNeedRow(
        need=_row(found),
        annual_cost_yen=found.annual_cost_yen,
        obstacles=found.obstacles,
        entered_by=found.entered_by,
        updated_at=found.updated_at,
        row_version=found.row_version,
    )
