"""What is looked for, once a text has been understood."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

from catalog.search.value_words import is_value

# An atom is a term of the text fields or, with a space inside, a pair of neighbouring units.
# All atoms of an alternative must match; a group matches by any of its alternatives.
Alternative = tuple[str, ...]
Group = tuple[Alternative, ...]
# What an excluded word finds by itself: all of its groups.
Exclusion = tuple[Group, ...]


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What is looked for. A document matches when every group of `required` does and no whole
    exclusion; without a required group everything visible does.

    ranking: terms that only rank. pairs: neighbouring units, rank too. exact: a whole title.
    weights: what an atom counts beside the others; 1 where nothing is said.
    first: what matches all of these groups too stands before the rest; none where it is empty.
    """

    required: tuple[Group, ...] = ()
    excluded: tuple[Exclusion, ...] = ()
    ranking: tuple[str, ...] = ()
    pairs: tuple[str, ...] = ()
    exact: str = ""
    weights: Mapping[str, float] = field(default_factory=dict)
    first: tuple[Group, ...] = ()

    @property
    def atoms(self) -> tuple[str, ...]:
        """Every atom that can make a document match, each once."""
        return tuple(
            dict.fromkeys(
                atom for group in self.required for alternative in group for atom in alternative
            )
        )

    @cached_property
    def values(self) -> tuple[str, ...]:
        """Those of the atoms that stand for facet values."""
        found = dict.fromkeys(
            [a for group in self.required for alternative in group for a in alternative]
        )
        return tuple([atom for atom in found if is_value(atom)])

    @property
    def is_empty(self) -> bool:
        """Whether no word is looked for, so that nothing ranks above anything else."""
        return not (self.required or self.ranking or self.pairs or self.exact)

    @property
    def everything(self) -> set[str]:
        """Everything that is looked up, but for the whole title."""
        groups = (group for exclusion in self.excluded for group in exclusion)
        excluded = (atom for group in groups for alternative in group for atom in alternative)
        return {*self.atoms, *excluded, *self.ranking, *self.pairs}
