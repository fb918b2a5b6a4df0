"""What many bodies require, brought to one specification. Unanswered is not 「不要」."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from foundation.labels import LabelledEnum
from procurement.domain.survey import Wish

MAX_REQUIREMENTS = 80
MAX_TEXT = 200
MAX_DETAIL = 2000
UNANSWERED = "未回答"


class Settled(LabelledEnum):
    """What the lead decided for the common specification."""

    OPEN = "open", "未決定"
    MUST = "must", "必須"
    WANTED = "wanted", "加点"
    LEFT_OUT = "left_out", "仕様に入れない"


class Origin(LabelledEnum):
    """Where a line of the list came from."""

    LEAD = "lead", "幹事団体"
    SURVEY = "survey", "意向調査"
    TEMPLATE = "template", "ひな形"


IN_THE_SPECIFICATION = (Settled.MUST, Settled.WANTED)


@dataclass(frozen=True, kw_only=True)
class Line:
    """One line of the common list. customization_yen: tax-excluded, once; None = not priced."""

    id: int
    text: str
    detail: str = ""
    origin: Origin = Origin.LEAD
    settled: Settled = Settled.OPEN
    customization: bool = False
    customization_yen: int | None = None
    customization_reason: str = ""


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """One line over all bodies asked. Every body is in exactly one of the four counts."""

    line: Line
    must: int
    wanted: int
    not_needed: int
    unanswered: int

    @property
    def is_conflict(self) -> bool:
        """One body cannot do without what another does not want."""
        return self.must > 0 and self.not_needed > 0

    @property
    def leaves_somebody_without(self) -> bool:
        """Somebody needs what is not, or only as a wish, in the specification."""
        return self.must > 0 and self.line.settled in (Settled.WANTED, Settled.LEFT_OUT)


@dataclass(frozen=True, kw_only=True)
class Summary:
    """The whole list in figures. customization_yen: of the priced ones that are kept."""

    lines: int
    undecided: int
    conflicts: int
    customizations: int
    unpriced: int
    customization_yen: int


Wishes = Mapping[int, Wish]


def compare(line: Line, columns: Iterable[Wishes], asked: int) -> Comparison:
    """What the bodies want of one line. columns: of those that said anything; asked: all."""
    said = [column[line.id] for column in columns if line.id in column]
    counts = {wish: sum(each is wish for each in said) for wish in Wish}
    return Comparison(
        line=line,
        must=counts[Wish.MUST],
        wanted=counts[Wish.WANTED],
        not_needed=counts[Wish.NOT_NEEDED],
        unanswered=asked - len(said),
    )


def summarize(comparisons: Sequence[Comparison]) -> Summary:
    """Conflicts, customising and what is still to be decided. What is left out costs nothing."""
    kept = [
        each.line
        for each in comparisons
        if each.line.customization and each.line.settled is not Settled.LEFT_OUT
    ]
    return Summary(
        lines=len(comparisons),
        undecided=sum(each.line.settled is Settled.OPEN for each in comparisons),
        conflicts=sum(each.is_conflict for each in comparisons),
        customizations=len(kept),
        unpriced=sum(line.customization_yen is None for line in kept),
        customization_yen=sum(line.customization_yen or 0 for line in kept),
    )


@dataclass(frozen=True, kw_only=True)
class Clause:
    """A line as a version of the specification holds it. number: in the version, from 1."""

    number: int
    requirement_id: int
    text: str
    detail: str
    settled: Settled
    customization: bool

    def to_dict(self) -> dict[str, Any]:
        """The JSON that is stored and hashed."""
        return {
            "number": self.number,
            "requirement_id": self.requirement_id,
            "text": self.text,
            "detail": self.detail,
            "settled": self.settled.value,
            "customization": self.customization,
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> "Clause":
        """What to_dict wrote."""
        return cls(**{**data, "settled": Settled(data["settled"])})


def clauses_of(lines: Sequence[Line]) -> tuple[Clause, ...]:
    """The specification the settled lines make: what must be first, then what earns points."""
    kept = [line for wish in IN_THE_SPECIFICATION for line in lines if line.settled is wish]
    return tuple(
        Clause(
            number=number,
            requirement_id=line.id,
            text=line.text,
            detail=line.detail,
            settled=line.settled,
            customization=line.customization,
        )
        for number, line in enumerate(kept, start=1)
    )


@dataclass(frozen=True, kw_only=True)
class SpecChange:
    """One entry of the change log, in words."""

    what: str
    text: str


def changes_between(old: Sequence[Clause], new: Sequence[Clause]) -> tuple[SpecChange, ...]:
    """What the newer version adds, changes and takes away; moving a clause alone is no change."""
    before = {clause.requirement_id: clause for clause in old}
    after = {clause.requirement_id: clause for clause in new}
    changes = []
    for key, clause in after.items():
        was = before.get(key)
        if was is None:
            changes.append(SpecChange(what="追加", text=clause.text))
        elif parts := _changed_parts(was, clause):
            changes.append(SpecChange(what="変更", text=f"{clause.text}：{'、'.join(parts)}"))
    changes += [
        SpecChange(what="削除", text=c.text) for key, c in before.items() if key not in after
    ]
    return tuple(changes)


def _changed_parts(was: Clause, now: Clause) -> list[str]:
    parts = []
    if was.text != now.text:
        parts.append(f"要件の文（前は「{was.text}」）")
    if was.detail != now.detail:
        parts.append("説明")
    if was.settled is not now.settled:
        parts.append(f"{was.settled.label}から{now.settled.label}へ")
    if was.customization != now.customization:
        parts.append("改修を伴う" if now.customization else "改修なし")
    return parts


@dataclass(frozen=True, kw_only=True)
class Correction:
    """What was corrected after the notice. requirement_id None: the specification as a whole."""

    requirement_id: int | None
    text: str


@dataclass(frozen=True, kw_only=True)
class EffectiveClause:
    """A clause as it holds: the version's words and every correction of them, the oldest first."""

    clause: Clause
    corrections: tuple[str, ...]


def effective(
    clauses: Sequence[Clause], corrections: Sequence[Correction]
) -> tuple[EffectiveClause, ...]:
    """The clauses with their corrections; the published answers stand beside them."""
    return tuple(
        EffectiveClause(
            clause=clause,
            corrections=tuple(
                each.text for each in corrections if each.requirement_id == clause.requirement_id
            ),
        )
        for clause in clauses
    )
