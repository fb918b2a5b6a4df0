"""Several rules side by side before anybody agrees (F10): the same bodies, costs and terms."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from catalog.pricing import Kind
from foundation.errors import Blocker, Refused
from procurement.domain.pricing import Costs
from procurement.domain.rules import parse_rule
from procurement.domain.sharing import SharePreview, SharingMember, SharingTerms, preview

# What clerks propose first; the rule in force is shown beside them.
USUAL_RULES = (
    "equal",
    "population",
    "quantity",
    "mixed:equal=30,population=70",
    "degressive",
    "fiscal_capacity",
)
MAX_RULES = 8


@dataclass(frozen=True, kw_only=True)
class RuleColumn:
    """One rule applied to everything that is shared. preview None: see blockers.

    present: the rules the terms name now, which may differ by category.
    """

    text: str
    label: str
    present: bool
    preview: SharePreview | None
    blockers: tuple[Blocker, ...] = ()

    @property
    def totals(self) -> Mapping[str, int]:
        """Body code → yen over the term."""
        return {b.code: b.total_yen for b in self.preview.bodies} if self.preview else {}

    @property
    def worse_off(self) -> int | None:
        """How many pay more than alone; None where a stand-alone figure is unknown."""
        if self.preview is None:
            return None
        savings = [body.saving_yen for body in self.preview.bodies]
        if any(saving is None for saving in savings):
            return None
        return sum(saving < 0 for saving in savings if saving is not None)


def compare_rules(
    terms: SharingTerms,
    members: Sequence[SharingMember],
    costs: Costs,
    rules: Sequence[str] = USUAL_RULES,
) -> tuple[RuleColumn, ...]:
    """The terms as they are, then each rule for initial and recurring cost alike.

    Options stay with those that chose them. A rule a body has no base for says so in its column.
    """
    columns = [_column("", terms, members, costs)]
    for text in dict.fromkeys(rules):
        rule = parse_rule(text)
        changed = {**terms.rules, Kind.INITIAL: rule, Kind.RECURRING: rule}
        columns.append(_column(text, replace(terms, rules=changed), members, costs))
    return tuple(columns[: MAX_RULES + 1])


def _column(
    text: str, terms: SharingTerms, members: Sequence[SharingMember], costs: Costs
) -> RuleColumn:
    label = parse_rule(text).label if text else "今の条件"
    made: SharePreview | None = None
    blockers: tuple[Blocker, ...] = ()
    try:
        made = preview(terms, members, costs)
    except Refused as refused:
        blockers = refused.blockers
    return RuleColumn(text=text, label=label, present=not text, preview=made, blockers=blockers)
