"""The fairness view of a sharing: who gains, who would rather leave (domain §3). Advice only.

Every amount is in whole yen over the term. The game and the shares must be on one tax basis:
the plan view is tax-excluded and before grants, the declared view tax-included.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from math import ceil

import numpy as np

from catalog.pricing import Plan
from procurement.domain.allocation import Cap
from procurement.domain.coalition_game import CoalitionGame, make_game, untaxed
from procurement.domain.coalitions import Coalition, best_found, best_of_all
from procurement.domain.core_check import CoreFinding, find_core, search_empty_core
from procurement.domain.price_arrays import Amounts
from procurement.domain.pricing import PlanCosts
from procurement.domain.shapley import (
    EXACT_BODIES,
    ShapleyValues,
    costs_of_all_sets,
    sampled_shapley,
    shapley_from_costs,
)
from procurement.domain.sharing import SharePreview, preview
from procurement.domain.sharing_members import SharingMember
from procurement.domain.terms import SharingTerms, StandaloneBasis


@dataclass(frozen=True, kw_only=True)
class BodyFairness:
    """One body. leaving_yen: what all others would pay more, together, if it left.

    shapley: exact or sampled; shapley_yen: the same in whole yen, Σ = joint price;
    shapley_error_yen: its standard error, 0 where exact.
    is_rounding: a difference to buying alone that cutting to whole yen explains.
    """

    code: str
    name: str
    standalone_yen: int
    share_yen: int
    leaving_yen: int
    shapley: Fraction
    shapley_yen: int
    shapley_error_yen: int
    is_rounding: bool

    @property
    def saving_yen(self) -> int:
        """Alone less share: negative where it pays more than alone."""
        return self.standalone_yen - self.share_yen

    @property
    def is_worse_off(self) -> bool:
        """Whether it would pay less alone."""
        return self.saving_yen < 0 and not self.is_rounding


@dataclass(frozen=True, kw_only=True)
class Stability:
    """Whether some bodies would be better off without the others.

    best: the set that gains most, None where there is one body only. is_exhaustive: whether
    every set was looked at. allowance_yen: up to this much, a gain of `best` is rounding.
    """

    best: Coalition | None
    is_exhaustive: bool
    allowance_yen: int

    @property
    def gains(self) -> bool:
        """Whether `best` would really gain."""
        return self.best is not None and self.best.gain_yen > self.allowance_yen

    @property
    def is_in_core(self) -> bool | None:
        """Nobody gains by leaving; None: none was found by searching, which proves nothing."""
        if self.gains:
            return False
        return True if self.is_exhaustive else None


@dataclass(frozen=True, kw_only=True)
class Fairness:
    """The whole view.

    shapley_sharing: sharing by the Shapley value; core: whether any sharing would hold. Both
    are known up to 20 bodies only: above that a sampled value is not sharp enough.
    """

    bodies: tuple[BodyFairness, ...]
    joint_yen: int
    standalone_yen: int
    shapley: ShapleyValues
    sharing: Stability
    shapley_sharing: Stability | None
    core: CoreFinding | None

    def body(self, code: str) -> BodyFairness | None:
        """One body of it."""
        return next((body for body in self.bodies if body.code == code), None)

    @property
    def worse_off(self) -> tuple[BodyFairness, ...]:
        """The bodies that would pay less alone."""
        return tuple(body for body in self.bodies if body.is_worse_off)


def fairness_terms(terms: SharingTerms) -> SharingTerms:
    """The terms as the fairness view counts: before grants, by the plan.

    A cap at declared figures is left out: declared and plan figures are never mixed.
    """
    if terms.cap is Cap.STANDALONE and terms.standalone_basis is StandaloneBasis.PLAN:
        return replace(terms, parts=())
    # Without a cap the sharing needs no stand-alone figures; those by the plan are the game's.
    return replace(terms, parts=(), standalone_basis=StandaloneBasis.DECLARED, cap=Cap.NONE)


def share_before_tax_and_grants(
    terms: SharingTerms, members: Sequence[SharingMember], costs: PlanCosts
) -> SharePreview:
    """The sharing by the same rules, tax-excluded and before grants. Raises Refused."""
    return preview(fairness_terms(terms), members, replace(costs, plan=untaxed(costs.plan)))


def assess(
    terms: SharingTerms, members: Sequence[SharingMember], plan: Plan, share: SharePreview
) -> Fairness:
    """The view of this sharing. share: of the same members, tax-excluded, before grants."""
    game = make_game(terms, members, untaxed(plan))
    shares = {body.code: body.total_yen for body in share.bodies}
    return assess_game(game, shares, game.billings)


def assess_game(
    game: CoalitionGame, shares_yen: Mapping[str, int], share_roundings: int = 0
) -> Fairness:
    """The view of any shares. share_roundings: how often each share was cut to whole yen."""
    shares = np.array([shares_yen[code] for code in game.codes], dtype=game.measures.dtype)
    if game.size <= EXACT_BODIES:
        costs = costs_of_all_sets(game)
        shapley = shapley_from_costs(costs, game.size)
        core = find_core(game, costs, int(costs[-1]), rounding_yen=game.rounding_yen)
    else:
        costs, core = None, None
        shapley = sampled_shapley(game)
    return Fairness(
        bodies=_bodies(game, shares, shapley, share_roundings),
        joint_yen=game.joint(),
        standalone_yen=int(game.alone().sum()),
        shapley=shapley,
        sharing=_stability(game, shares, costs, share_roundings),
        shapley_sharing=None if costs is None else _stability(game, _floats(shapley), costs, 0),
        core=core,
    )


def assess_declared(game: CoalitionGame, declared_yen: Mapping[str, int]) -> CoreFinding:
    """Whether any sharing holds where each body's own figure counts for it alone.

    game: tax-included, as the declared figures are. Two bodies and more buy by the plan.
    """
    figures = [declared_yen[code] for code in game.codes]
    if game.size > EXACT_BODIES:
        return search_empty_core(game, figures, rounding_yen=game.rounding_yen)
    costs = costs_of_all_sets(game)
    joint_yen = int(costs[-1])
    for body, figure in enumerate(figures):
        costs[1 << body] = figure
    return find_core(game, costs, joint_yen, rounding_yen=game.rounding_yen)


def _floats(shapley: ShapleyValues) -> Amounts:
    return np.array([float(value) for value in shapley.values])


def _stability(
    game: CoalitionGame, shares: Amounts, costs: Amounts | None, share_roundings: int
) -> Stability:
    """Shares are looked at less what rounding may have added to each."""
    certain = shares - share_roundings
    best = best_found(game, certain) if costs is None else best_of_all(game, certain, costs)
    if best is None:
        return Stability(best=None, is_exhaustive=True, allowance_yen=0)
    cut = share_roundings * len(best.codes)
    return Stability(
        best=replace(best, share_yen=best.share_yen + cut),
        is_exhaustive=costs is not None,
        allowance_yen=cut + game.rounding_yen,
    )


def _bodies(
    game: CoalitionGame, shares: Amounts, shapley: ShapleyValues, share_roundings: int
) -> tuple[BodyFairness, ...]:
    added = game.joint() - game.without_each()
    allowance = share_roundings + game.rounding_yen
    whole = _whole_yen(shapley.values)
    errors = shapley.errors or (0.0,) * game.size
    return tuple(
        BodyFairness(
            code=game.codes[place],
            name=game.names[place],
            standalone_yen=int(alone),
            share_yen=int(shares[place]),
            leaving_yen=int(shares[place] - added[place]),
            shapley=shapley.values[place],
            shapley_yen=whole[place],
            shapley_error_yen=ceil(errors[place]),
            is_rounding=abs(int(shares[place] - alone)) <= allowance,
        )
        for place, alone in enumerate(game.alone())
    )


def _whole_yen(values: Sequence[Fraction]) -> list[int]:
    """Largest remainder, negative values too: Σ stays; equal remainders favour the first."""
    floors = [value.numerator // value.denominator for value in values]
    left = int(sum(values, Fraction()) - sum(floors))
    ranked = sorted(range(len(values)), key=lambda i: (floors[i] - values[i], i))
    lucky = frozenset(ranked[:left])
    return [floor + (i in lucky) for i, floor in enumerate(floors)]
