"""Who pays how much in which fiscal year, alone and together: the preview of a sharing (§3).

All amounts are tax-included whole yen. Σ bodies + parts + a shortfall nobody of them bears
= total, per fiscal year and over the term.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from catalog.pricing import Kind, Period
from foundation.errors import refuse
from foundation.labels import LabelledEnum
from foundation.money import yen
from procurement.domain.allocation import MemberShare, sha256_of
from procurement.domain.apportion import (
    CapImpossible,
    Weights,
    apply_cap,
    split_by_largest_remainder,
)
from procurement.domain.award_bills import list_award_bills
from procurement.domain.billing import BillKind, Timeline, require_quantities
from procurement.domain.periods import (
    PartLine,
    PartsTaken,
    SplitBill,
    Splitter,
    take_parts,
)
from procurement.domain.pricing import Costs, FixedCost, FixedCosts, PlanCosts
from procurement.domain.sharing_members import (
    Burden,
    DeclaredStandalone,
    SharingMember,
    StandaloneSource,
    in_order,
)
from procurement.domain.standalone import Standalone, standalone_of, timeline_alone
from procurement.domain.terms import SharingTerms

__all__ = [
    "BodyShare",
    "Burden",
    "DeclaredStandalone",
    "FixedCost",
    "FixedCosts",
    "LineCategory",
    "PlanCosts",
    "SharePreview",
    "ShareRow",
    "ShareTable",
    "SharingMember",
    "SharingTerms",
    "StandaloneSource",
    "preview",
]


class LineCategory(LabelledEnum):
    """What a line of a body's share is for."""

    INITIAL = "initial", "初期費用"
    RECURRING = "recurring", "運用費"
    OPTION = "option", "オプション"
    CAP_ADJUSTMENT = "cap_adjustment", "単独額上限による調整"
    SHORTFALL = "shortfall", "切捨て不足分（幹事団体）"


@dataclass(frozen=True, kw_only=True)
class ShareRow:
    """One body × fiscal year × category. standalone_yen: the same line alone, where it exists."""

    fiscal_year: int
    category: LineCategory
    amount_yen: int
    standalone_yen: int | None


@dataclass(frozen=True, kw_only=True)
class BodyShare:
    """What one body pays over the term, and what it would pay alone."""

    code: str
    name: str
    burden: Burden
    rows: tuple[ShareRow, ...]
    total_yen: int
    by_year: dict[int, int]
    standalone_yen: int | None
    standalone_by_year: dict[int, int]
    standalone_source: StandaloneSource | None
    capped: bool

    @property
    def saving_yen(self) -> int | None:
        """Alone less share: negative where it pays more than alone, None where that is unknown."""
        return None if self.standalone_yen is None else self.standalone_yen - self.total_yen


@dataclass(frozen=True, kw_only=True)
class ShareTable:
    """Equal billing periods of one category, shared once: everything to compute it again.

    due: first days of the months it falls due in. net_yen: tax-excluded, per billing period.
    members is empty where the bill is no plain sharing (settlements of late joiners, leavers).
    """

    category: Kind
    period: Period
    reason: BillKind
    rule_label: str
    due: tuple[date, ...]
    by_year: dict[int, int]
    net_yen: int
    total_yen: int
    part_yen: int
    shared_yen: int
    shortfall_yen: int
    members: tuple[MemberShare, ...]
    shares_yen: dict[str, int]


@dataclass(frozen=True, kw_only=True)
class SharePreview:
    """A whole sharing as frozen data. unassigned_shortfall_yen: the lead is no sharing member."""

    terms: SharingTerms
    years: tuple[int, ...]
    bodies: tuple[BodyShare, ...]
    parts: tuple[PartLine, ...]
    unused_part_yen: int
    tables: tuple[ShareTable, ...]
    total_yen: int
    shortfall_yen: int
    unassigned_shortfall_yen: int
    basis_label: str
    inputs: dict[str, Any]
    sha256: str

    def body(self, code: str) -> BodyShare | None:
        """The share of one body."""
        return next((body for body in self.bodies if body.code == code), None)

    @property
    def part_yen(self) -> int:
        """What prefecture and grants bear."""
        return sum(line.amount_yen for line in self.parts)

    @property
    def borne_yen(self) -> int:
        """What the bodies bear together."""
        return sum(body.total_yen for body in self.bodies)

    @property
    def standalone_yen(self) -> int | None:
        """Σ stand-alone, or None as soon as one figure is missing: no sum of a part is shown."""
        figures = [body.standalone_yen for body in self.bodies]
        known = [figure for figure in figures if figure is not None]
        return sum(known) if len(known) == len(figures) else None

    def result(self) -> dict[str, Any]:
        """The stored result of a share version."""
        return {
            "total_yen": self.total_yen,
            "part_yen": self.part_yen,
            "shortfall_yen": self.shortfall_yen,
            "bodies": [
                {
                    "code": body.code,
                    "name": body.name,
                    "total_yen": body.total_yen,
                    "by_year": {str(year): amount for year, amount in body.by_year.items()},
                    "standalone_yen": body.standalone_yen,
                    "standalone_source": body.standalone_source,
                }
                for body in self.bodies
            ],
        }


def preview(terms: SharingTerms, members: Sequence[SharingMember], costs: Costs) -> SharePreview:
    """The sharing of these costs among these members over the whole term.

    Raises Refused: nobody, a quantity the plan counts but a body has not (both named), a
    missing or zero base (body and figure named), a cap that cannot hold (and what is missing).
    """
    if not members:
        raise refuse("no_members", "参加団体がまだありません。")
    ordered = in_order(members)
    timeline = Timeline(terms=terms, members=ordered, costs=costs)
    require_quantities(timeline)
    bills = list_award_bills(timeline)
    parts = take_parts(bills, terms.parts)
    splitter = Splitter(timeline=timeline)
    splits = [
        splitter.split(bill, part_yen)
        for bill, part_yen in zip(bills, parts.by_bill_yen, strict=True)
    ]
    ledger = _Ledger(timeline=timeline, splits=splits)
    by_plan = timeline_alone(timeline)
    standalone = {member.code: standalone_of(by_plan, member) for member in ordered}
    capped = ledger.cap(standalone) if timeline.has_cap else frozenset()
    return _assemble(ledger, splitter, parts, standalone, capped)


class _Ledger:
    """Every body's yen per fiscal year and category, while they are brought together."""

    def __init__(self, *, timeline: Timeline, splits: Sequence[SplitBill]) -> None:
        self.timeline = timeline
        self.splits = splits
        self.lines: dict[str, dict[tuple[int, LineCategory], int]] = {
            member.code: {} for member in timeline.members
        }
        self.years = tuple(sorted({split.bill.fiscal_year for split in splits}))
        self.unassigned_yen = 0
        for split in splits:
            self._post(split)

    def _post(self, split: SplitBill) -> None:
        key = (split.bill.fiscal_year, LineCategory(split.bill.kind.value))
        for code, amount_yen in split.shares_yen.items():
            self._add(code, key, amount_yen)
        lead = self.timeline.terms.lead_code
        if not split.shortfall_yen:
            return
        if lead in self.lines:
            shortfall_key = (split.bill.fiscal_year, LineCategory.SHORTFALL)
            self._add(lead, shortfall_key, split.shortfall_yen)
        else:
            self.unassigned_yen += split.shortfall_yen

    def _add(self, code: str, key: tuple[int, LineCategory], amount_yen: int) -> None:
        lines = self.lines[code]
        lines[key] = lines.get(key, 0) + amount_yen

    def total_of(self, code: str) -> int:
        """A body's yen over the term."""
        return sum(self.lines[code].values())

    def cap(self, standalone: dict[str, Standalone | None]) -> frozenset[str]:
        """Bring everybody to its stand-alone figure at most; the excess goes to the others."""
        sharing = [m for m in self.timeline.members if m.burden is Burden.SHARED]
        missing = [member.name for member in sharing if standalone[member.code] is None]
        if missing:
            message = f"単独額を上限にするには単独額が必要です：{'、'.join(missing)}"
            raise refuse("standalone_missing", message, "cap")
        caps = {m.code: figure.total_yen for m in sharing if (figure := standalone[m.code])}
        paid = {member.code: self.total_of(member.code) for member in sharing}
        targets, capped = _capped_totals(paid, caps)
        self._adjust({code: targets[code] - paid[code] for code in paid})
        return capped

    def _adjust(self, change_yen: dict[str, int]) -> None:
        """Spread each change over the years so that every year still sums to its bills."""
        receivers = {code: change for code, change in change_yen.items() if change > 0}
        givers = {code: -change for code, change in change_yen.items() if change < 0}
        freed = {code: self._by_years_paid(code, amount) for code, amount in givers.items()}
        for year in self.years:
            excess_yen = sum(by_year[year] for by_year in freed.values())
            weights = Weights(units=dict(sorted(receivers.items())), total=sum(receivers.values()))
            for code, part in split_by_largest_remainder(excess_yen, weights).items():
                self._post_adjustment(code, year, part.share_yen)
                receivers[code] -= part.share_yen
        for code, by_year in freed.items():
            for year, amount_yen in by_year.items():
                self._post_adjustment(code, year, -amount_yen)

    def _post_adjustment(self, code: str, year: int, amount_yen: int) -> None:
        if amount_yen:
            self._add(code, (year, LineCategory.CAP_ADJUSTMENT), amount_yen)

    def _by_years_paid(self, code: str, amount_yen: int) -> dict[int, int]:
        paid = dict.fromkeys(self.years, 0)
        for (year, _), yen_of_line in self.lines[code].items():
            paid[year] += yen_of_line
        keys = {str(year): max(yen_of_year, 0) for year, yen_of_year in paid.items()}
        weights = Weights(units=keys, total=sum(keys.values()))
        portions = split_by_largest_remainder(amount_yen, weights)
        return {int(year): portion.share_yen for year, portion in portions.items()}


def _capped_totals(
    paid: dict[str, int], caps: dict[str, int]
) -> tuple[dict[str, int], frozenset[str]]:
    weights = Weights(units=dict(sorted(paid.items())), total=sum(paid.values()))
    try:
        result = apply_cap(sum(paid.values()), weights, caps)
    except CapImpossible as impossible:
        message = (
            "単独額を上限にすると負担しきれません。単独額の合計が"
            f"{yen(impossible.missing_yen)}足りません。"
        )
        raise refuse("cap_impossible", message, "cap") from None
    rest = split_by_largest_remainder(result.rest_yen, result.open_weights)
    targets = {code: portion.share_yen for code, portion in rest.items()}
    return targets | {code: caps[code] for code in result.capped}, result.capped


def _assemble(
    ledger: _Ledger,
    splitter: Splitter,
    parts: PartsTaken,
    standalone: dict[str, Standalone | None],
    capped: frozenset[str],
) -> SharePreview:
    timeline = ledger.timeline
    inputs: dict[str, Any] = {
        "members": [member.to_dict() for member in timeline.members],
        "costs": timeline.costs.to_dict(),
    }
    return SharePreview(
        terms=timeline.terms,
        years=ledger.years,
        bodies=tuple(
            _body_share(ledger, member, standalone[member.code], member.code in capped)
            for member in timeline.members
        ),
        parts=parts.lines,
        unused_part_yen=parts.unused_yen,
        tables=_tables(ledger.splits, splitter),
        total_yen=sum(split.total_yen for split in ledger.splits),
        shortfall_yen=sum(split.shortfall_yen for split in ledger.splits),
        unassigned_shortfall_yen=ledger.unassigned_yen,
        basis_label=timeline.costs.label,
        inputs=inputs,
        sha256=sha256_of({"inputs": inputs, "terms": timeline.terms.to_dict()}),
    )


def _body_share(
    ledger: _Ledger, member: SharingMember, alone: Standalone | None, capped: bool
) -> BodyShare:
    lines = ledger.lines[member.code]
    alone_lines = {
        (year, LineCategory(kind.value)): amount_yen
        for (year, kind), amount_yen in (alone.by_line if alone else {}).items()
    }
    order = list(LineCategory)
    keys = sorted(lines.keys() | alone_lines.keys(), key=lambda key: (key[0], order.index(key[1])))
    rows = tuple(
        ShareRow(
            fiscal_year=year,
            category=category,
            amount_yen=lines.get((year, category), 0),
            standalone_yen=alone_lines.get((year, category)),
        )
        for year, category in keys
    )
    by_year = dict.fromkeys(ledger.years, 0)
    for row in rows:
        by_year[row.fiscal_year] = by_year.get(row.fiscal_year, 0) + row.amount_yen
    return BodyShare(
        code=member.code,
        name=member.name,
        burden=member.burden,
        rows=rows,
        total_yen=sum(lines.values()),
        by_year=by_year,
        standalone_yen=alone.total_yen if alone else None,
        standalone_by_year=alone.by_year if alone else {},
        standalone_source=alone.source if alone else None,
        capped=capped,
    )


def _tables(splits: Sequence[SplitBill], splitter: Splitter) -> tuple[ShareTable, ...]:
    """Bills that are shared alike, brought together; in the order they first fall due."""
    alike: dict[tuple[object, ...], list[SplitBill]] = {}
    for split in splits:
        bill = split.bill
        key = (bill.kind, bill.period, bill.reason, bill.sharers, bill.newcomers, bill.leavers)
        alike.setdefault((*key, split.total_yen, split.shared_yen), []).append(split)
    return tuple(_table(group, splitter) for group in alike.values())


def _table(group: Sequence[SplitBill], splitter: Splitter) -> ShareTable:
    first = group[0]
    bill = first.bill
    plain = bill.reason not in (BillKind.LATE_SETTLED, BillKind.AFTER_LEAVING)
    by_year: dict[int, int] = {}
    for split in group:
        by_year[split.bill.fiscal_year] = by_year.get(split.bill.fiscal_year, 0) + 1
    return ShareTable(
        category=bill.kind,
        period=bill.period,
        reason=bill.reason,
        rule_label=splitter.rule_of(bill).label,
        due=tuple(splitter.timeline.month_of(split.bill.month) for split in group),
        by_year=by_year,
        net_yen=bill.cost.total_net_yen,
        total_yen=first.total_yen,
        part_yen=first.part_yen,
        shared_yen=first.shared_yen,
        shortfall_yen=first.shortfall_yen,
        members=splitter.explain(bill, first.shared_yen) if plain else (),
        shares_yen=dict(first.shares_yen),
    )
