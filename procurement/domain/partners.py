"""Who could buy together: groups of bodies whose needs fit into one purchase.

Bodies fit when they need the same system type, from compatible networks, without must-haves
that exclude each other, and can begin within `reach` months of one another. Each need lies in
at most one group of a scope: the largest group is taken out first, then the largest of what is
left. The order in which needs come in changes nothing.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import product

from catalog.chance import chance
from foundation.labels import LabelledEnum
from procurement.domain.needs import CONFLICTS, MustHave, Network

REACH_MONTHS = 12
MIN_BODIES = 2


class PartnerScope(LabelledEnum):
    """Within one prefecture, or across prefectures (広域)."""

    PREFECTURE = "prefecture", "県内"
    WIDE_AREA = "wide_area", "広域（都道府県を問わない）"


@dataclass(frozen=True, kw_only=True)
class NeedFacts:
    """One body's need, as far as it decides with whom it fits. ready: month index.

    A body has one need per system type. quantity None: not said.
    """

    body_code: str
    population: int
    system_type_code: str
    fictional: bool
    ready: int
    network: Network = Network.ANY
    must_haves: frozenset[MustHave] = frozenset()
    quantity: int | None = None

    @property
    def prefecture_code(self) -> str:
        """The first two digits of a body's code are its prefecture's."""
        return self.body_code[:2]


@dataclass(frozen=True, kw_only=True)
class PartnerGroup:
    """Needs that fit together, by body code. network: what all of them can use."""

    system_type_code: str
    fictional: bool
    scope: PartnerScope
    network: Network
    needs: tuple[NeedFacts, ...]

    @property
    def bodies(self) -> int:
        return len(self.needs)

    @cached_property
    def codes(self) -> tuple[str, ...]:
        return tuple(need.body_code for need in self.needs)

    @cached_property
    def population(self) -> int:
        return sum(need.population for need in self.needs)

    @cached_property
    def prefecture_codes(self) -> tuple[str, ...]:
        return tuple(sorted({need.prefecture_code for need in self.needs}))

    @property
    def first_ready(self) -> int:
        return min(need.ready for need in self.needs)

    @property
    def last_ready(self) -> int:
        """The month from which all can begin; the others bridge the time until then."""
        return max(need.ready for need in self.needs)

    @property
    def must_haves(self) -> frozenset[MustHave]:
        """Everything any of them cannot do without; never a contradiction."""
        return frozenset[MustHave]().union(*(need.must_haves for need in self.needs))

    @property
    def key(self) -> str:
        """What the order among equals is drawn from."""
        return f"{self.system_type_code}:{'+'.join(self.codes)}"


def propose_groups(
    needs: Iterable[NeedFacts], *, reach_months: int = REACH_MONTHS
) -> tuple[PartnerGroup, ...]:
    """Every group inside a prefecture, and those across prefectures; by key, not yet ranked."""
    known = list(needs)
    inside = find_groups(known, scope=PartnerScope.PREFECTURE, reach_months=reach_months)
    across = find_groups(known, scope=PartnerScope.WIDE_AREA, reach_months=reach_months)
    wide = [group for group in across if len(group.prefecture_codes) > 1]
    return (*inside, *wide)


def find_groups(
    needs: Iterable[NeedFacts], *, scope: PartnerScope, reach_months: int = REACH_MONTHS
) -> tuple[PartnerGroup, ...]:
    """The groups of one scope, by key. Real and fictional bodies are never put together."""
    buckets: dict[tuple[bool, str, str], list[NeedFacts]] = defaultdict(list)
    for need in needs:
        place = need.prefecture_code if scope is PartnerScope.PREFECTURE else ""
        buckets[need.fictional, need.system_type_code, place].append(need)
    found = [
        PartnerGroup(
            system_type_code=system_type,
            fictional=fictional,
            scope=scope,
            network=network,
            needs=tuple(sorted(members, key=lambda need: need.body_code)),
        )
        for (fictional, system_type, _), bucket in buckets.items()
        for network, members in _take_apart(bucket, reach_months)
    ]
    return tuple(sorted(found, key=lambda group: group.key))


def rank_groups(
    groups: Iterable[PartnerGroup],
    saving_of: Callable[[PartnerGroup], int | None],
    month: str,
) -> tuple[PartnerGroup, ...]:
    """Most bodies first, then population, then estimated saving; equals by lot of the month.

    saving_of: yen, None for unknown; asked only where bodies and population are equal.
    """
    by_size: dict[tuple[int, int], list[PartnerGroup]] = defaultdict(list)
    for group in groups:
        by_size[group.bodies, group.population].append(group)
    ranked: list[PartnerGroup] = []
    for size in sorted(by_size, reverse=True):
        ranked += _order_equals(by_size[size], saving_of, month)
    return tuple(ranked)


def _order_equals(
    groups: list[PartnerGroup], saving_of: Callable[[PartnerGroup], int | None], month: str
) -> list[PartnerGroup]:
    if len(groups) == 1:
        return groups
    savings = {group.key: saving_of(group) for group in groups}

    def order(group: PartnerGroup) -> tuple[bool, int, bytes]:
        saving = savings[group.key]
        return saving is None, -(saving or 0), chance(f"partners:{group.key}", month)

    return sorted(groups, key=order)


# Needs that are alike in all that decides: (network, side of each conflict, ready month).
_Sides = tuple[MustHave | None, ...]
_Cell = tuple[Network, _Sides, int]
_Size = tuple[int, int]  # bodies, population


def _take_apart(
    needs: Sequence[NeedFacts], reach_months: int
) -> Iterator[tuple[Network, list[NeedFacts]]]:
    """The largest group first, then the largest of the rest, until none has two bodies."""
    cells: dict[_Cell, list[NeedFacts]] = defaultdict(list)
    for need in needs:
        cells[need.network, _sides_of(need), need.ready].append(need)
    sizes = {cell: (len(own), sum(need.population for need in own)) for cell, own in cells.items()}
    while sizes:
        best = max(_candidates(sizes, reach_months), key=lambda candidate: candidate.order)
        if best.bodies < MIN_BODIES:
            return
        taken = [cell for cell in sizes if best.holds(cell, reach_months)]
        yield best.network, [need for cell in taken for need in cells[cell]]
        for cell in taken:
            del sizes[cell]


def _sides_of(need: NeedFacts) -> _Sides:
    return tuple(
        one if one in need.must_haves else other if other in need.must_haves else None
        for one, other in CONFLICTS
    )


@dataclass(frozen=True, kw_only=True)
class _Candidate:
    """A choice of network, side of each conflict and first month, with what it would gather."""

    network: Network
    sides: _Sides
    first: int
    bodies: int
    population: int

    @property
    def order(self) -> tuple[int, int, int, str, tuple[str, ...]]:
        """The largest, then the earliest; the names only keep the choice the same each time."""
        sides = tuple(side or "" for side in self.sides)
        return self.bodies, self.population, -self.first, self.network, sides

    def holds(self, cell: _Cell, reach_months: int) -> bool:
        network, sides, ready = cell
        within = self.first <= ready < self.first + reach_months
        return within and _fits(network, sides, self.network, self.sides)


def _fits(network: Network, sides: _Sides, chosen: Network, chosen_sides: _Sides) -> bool:
    if network not in (chosen, Network.ANY):
        return False
    return all(own in (None, taken) for own, taken in zip(sides, chosen_sides, strict=True))


def _candidates(sizes: Mapping[_Cell, _Size], reach_months: int) -> Iterator[_Candidate]:
    """The best window of each choice of network and sides."""
    alike: dict[tuple[Network, _Sides], list[tuple[int, _Size]]] = defaultdict(list)
    for (network, sides, ready), size in sizes.items():
        alike[network, sides].append((ready, size))
    networks = sorted({network for network, _ in alike} - {Network.ANY}) or [Network.ANY]
    named = [{sides[place] for _, sides in alike} - {None} for place in range(len(CONFLICTS))]
    for network in networks:
        for chosen in product(*(sorted(own, key=str) or [None] for own in named)):
            fitting = [
                part
                for (own, own_sides), parts in alike.items()
                if _fits(own, own_sides, network, chosen)
                for part in parts
            ]
            if fitting:
                first, (bodies, population) = _best_window(fitting, reach_months)
                yield _Candidate(
                    network=network,
                    sides=chosen,
                    first=first,
                    bodies=bodies,
                    population=population,
                )


def _best_window(parts: list[tuple[int, _Size]], reach_months: int) -> tuple[int, _Size]:
    """The first month of the window that gathers most; the earliest of equals."""
    parts.sort()
    best: tuple[int, int, int] = (-1, -1, 0)
    bodies = population = end = 0
    for month, size in parts:
        while end < len(parts) and parts[end][0] < month + reach_months:
            bodies, population = bodies + parts[end][1][0], population + parts[end][1][1]
            end += 1
        best = max(best, (bodies, population, -month))
        bodies, population = bodies - size[0], population - size[1]
    return -best[2], (best[0], best[1])
