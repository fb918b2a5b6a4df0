"""Where nothing, or little, has all of the words: the entries that have the most of them.

Officers type what they need in a sentence; one word that no entry has must not hide the rest.
"""

from collections.abc import Callable, Iterable
from dataclasses import replace
from itertools import combinations, product

from catalog.search.plan import Alternative, Group, Plan

# As many as the first page's upper half shows: fewer that have all words of a sentence are
# followed by those that have most.
ENOUGH = 10
_MOST_GROUPS = 8
_MOST_ALTERNATIVES = 256


def find_partial(plan: Plan, count: Callable[[Plan], int]) -> Plan | None:
    """The plan for most of the words, or None where no entry has any of them.

    One word fewer at a time until ten entries are found, as the first page shows; what has
    all words comes first, and more words rank higher.
    count: entries of a plan that the reader finds; asked at most some 250 times.
    """
    groups = plan.required[:_MOST_GROUPS]
    found: list[tuple[Group, ...]] = []
    for size in range(len(plan.required) - 1, 0, -1):
        found += [
            part
            for part in combinations(groups, size)
            if any(map(_is_telling, part)) and count(replace(plan, required=part, exact=""))
        ]
        if found and count(_partial(plan, found)) >= ENOUGH:
            break
    return _partial(plan, found) if found else None


def _is_telling(group: Group) -> bool:
    """Whether the word says something alone: 8 of R8 and 人 of 三万人 do not."""
    return any(len(atom) > 1 and not atom.isdigit() for found in group for atom in found)


def _partial(plan: Plan, parts: Iterable[tuple[Group, ...]]) -> Plan:
    return replace(plan, required=(_any_of(parts),), first=plan.required, exact="")


def _any_of(parts: Iterable[tuple[Group, ...]]) -> Group:
    alternatives: dict[Alternative, None] = {}
    for groups in parts:
        size = 1
        for group in groups:
            size *= len(group)
        # Without their synonyms where these would multiply beyond measure.
        kept = groups if size <= _MOST_ALTERNATIVES else tuple(group[:1] for group in groups)
        for chosen in product(*kept):
            alternatives[tuple(dict.fromkeys(atom for part in chosen for atom in part))] = None
    return tuple(alternatives)
