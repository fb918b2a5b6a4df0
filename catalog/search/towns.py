"""The size of what is found: of the municipality that leads, or of those that use an offering."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import case, select, union
from sqlalchemy.orm import Session

from accounts.codes import BodyKind
from accounts.models import LocalBody
from catalog.entries import PublicationStatus
from catalog.models import Case, CaseParticipant, case_offering
from catalog.search.bands import band_of
from catalog.search.nearness import Near
from foundation.text import normalize

# A prefecture leads for its towns: its own population says nothing about their size.
MUNICIPAL_POPULATION = case(
    (LocalBody.kind != BodyKind.PREFECTURE.value, LocalBody.population_census_2020)
)


@dataclass(frozen=True, kw_only=True)
class Town:
    """A municipality's size: census population, 0 when unknown, and 類似団体 group."""

    population: int = 0
    peer_group: str = ""


def make_town(population: int | None, peer_group: str | None) -> Town:
    """The size from what the database has; nothing is known of a prefecture's towns."""
    return Town(population=population, peer_group=peer_group or "") if population else Town()


def find_towns(session: Session, codes: Collection[str | None]) -> Mapping[str | None, Town]:
    """The sizes of these bodies; one that is no municipality has none. One query."""
    statement = select(LocalBody.code, MUNICIPAL_POPULATION, LocalBody.peer_group).where(
        LocalBody.code.in_([code for code in codes if code])
    )
    towns: dict[str | None, Town] = defaultdict(Town)
    towns |= {code: make_town(*size) for code, *size in session.execute(statement)}
    return towns


def list_towns(session: Session, offering_ids: Sequence[int]) -> Mapping[int, list[Town]]:
    """The municipalities of each offering's published cases, each once. One query."""
    uses = (
        select(case_offering.c.offering_id, Case.lead_body_code.label("code"))
        .join(Case, Case.id == case_offering.c.case_id)
        .where(Case.publication_status == PublicationStatus.PUBLISHED.value)
        .where(case_offering.c.offering_id.in_(offering_ids))
    )
    joins = (
        select(case_offering.c.offering_id, CaseParticipant.body_code)
        .join(Case, Case.id == case_offering.c.case_id)
        .join(CaseParticipant, CaseParticipant.case_id == Case.id)
        .where(Case.publication_status == PublicationStatus.PUBLISHED.value)
        .where(case_offering.c.offering_id.in_(offering_ids))
    )
    used = union(uses, joins).subquery()
    statement = (
        select(used.c.offering_id, MUNICIPAL_POPULATION, LocalBody.peer_group)
        .join(LocalBody, LocalBody.code == used.c.code)
        .order_by(used.c.offering_id, LocalBody.code)
    )
    towns: dict[int, list[Town]] = defaultdict(list)
    for offering_id, *size in session.execute(statement):
        towns[offering_id].append(make_town(*size))
    return towns


def middle_town(towns: Iterable[Town]) -> Town:
    """The town in the middle by population, the smaller of two; no size when none is known."""
    known = sorted((t for t in towns if t.population), key=lambda t: (t.population, t.peer_group))
    return known[(len(known) - 1) // 2] if known else Town()


def population_bands(towns: Iterable[Town]) -> tuple[str, ...]:
    """The bands of the towns whose size is known, each once."""
    bands = (band_of("population_band", town.population or None) for town in towns)
    return tuple(dict.fromkeys(value for band in bands for value in band))


def find_near(session: Session, size: str, own_code: str | None) -> Near | None:
    """The size that is meant: a municipality's code, else a population; "" is one's own body.

    Six digits that are a municipality's code are that municipality: 「252,018」 is a population.
    None when the text is neither, or the body has no published size. At most one query.
    """
    text = normalize(size).removesuffix("人").strip()
    code = own_code if not text else text if len(text) == 6 and text.isascii() else None
    town = session.get(LocalBody, code) if code else None
    if town and town.kind != BodyKind.PREFECTURE.value and town.population_census_2020:
        population = town.population_census_2020
        return Near(
            population=population,
            peer_group=town.peer_group or "",
            words=f"{town.name}（人口{population:,}人）",
        )
    digits = text.replace(",", "")
    if not (digits.isascii() and digits.isdigit() and len(digits) <= 8) or int(digits) < 1:
        return None
    return Near(population=int(digits), words=f"人口{int(digits):,}人")
