"""Previews side by side: a range over several plans, with one body more, before and after."""

from collections.abc import Sequence
from dataclasses import dataclass

from foundation.errors import refuse
from procurement.domain.pricing import Costs
from procurement.domain.sharing import BodyShare, SharePreview, SharingMember, SharingTerms, preview

NO_PRODUCT_CHOSEN = "特定の製品を選ぶものではありません"


@dataclass(frozen=True, kw_only=True)
class YenRange:
    """The lowest and highest of several estimates."""

    low_yen: int
    high_yen: int

    @property
    def is_single(self) -> bool:
        """Whether every estimate says the same."""
        return self.low_yen == self.high_yen


@dataclass(frozen=True, kw_only=True)
class BodyRange:
    """One body over all bases of the estimate. None: some basis has no figure of that kind.

    years: the same per fiscal year.
    """

    code: str
    name: str
    total: YenRange
    years: tuple["YearRange", ...]
    standalone: YenRange | None
    saving: YenRange | None


@dataclass(frozen=True, kw_only=True)
class YearRange:
    """One fiscal year of one body over all bases; saving is alone less joint, basis by basis."""

    fiscal_year: int
    joint: YenRange
    standalone: YenRange | None
    saving: YenRange | None


@dataclass(frozen=True, kw_only=True)
class RangePreview:
    """The same terms and members under each basis of the estimate."""

    previews: tuple[SharePreview, ...]
    bodies: tuple[BodyRange, ...]
    total: YenRange

    def body(self, code: str) -> BodyRange | None:
        """The range of one body."""
        return next((body for body in self.bodies if body.code == code), None)


def preview_range(
    terms: SharingTerms, members: Sequence[SharingMember], costs: Sequence[Costs]
) -> RangePreview:
    """Low and high per body over the bases of an estimate. Raises Refused as `preview` does."""
    if not costs:
        raise refuse("no_basis", "試算の前提となる料金プランを1つ以上選んでください。", "plans")
    previews = tuple(preview(terms, members, basis) for basis in costs)
    by_body = zip(*(one.bodies for one in previews), strict=True)
    return RangePreview(
        previews=previews,
        bodies=tuple(
            BodyRange(
                code=shares[0].code,
                name=shares[0].name,
                total=_range([share.total_yen for share in shares]),
                years=tuple(
                    _year_range(year, shares)
                    for year in sorted({y for share in shares for y in share.by_year})
                ),
                standalone=_range_if_known([share.standalone_yen for share in shares]),
                saving=_range_if_known([share.saving_yen for share in shares]),
            )
            for shares in by_body
        ),
        total=_range([one.total_yen for one in previews]),
    )


def preview_with(
    terms: SharingTerms,
    members: Sequence[SharingMember],
    candidate: SharingMember,
    costs: Sequence[Costs],
) -> RangePreview:
    """「自分の団体ならいくら」: the range as if the candidate took part (again, if it does)."""
    others = [member for member in members if member.code != candidate.code]
    return preview_range(terms, [*others, candidate], costs)


def _year_range(year: int, shares: Sequence[BodyShare]) -> YearRange:
    joint = [share.by_year.get(year, 0) for share in shares]
    alone = [
        None if share.standalone_yen is None else share.standalone_by_year.get(year, 0)
        for share in shares
    ]
    pairs = zip(alone, joint, strict=True)
    return YearRange(
        fiscal_year=year,
        joint=_range(joint),
        standalone=_range_if_known(alone),
        saving=_range_if_known([None if a is None else a - j for a, j in pairs]),
    )


def _range(figures: Sequence[int]) -> YenRange:
    return YenRange(low_yen=min(figures), high_yen=max(figures))


def _range_if_known(figures: Sequence[int | None]) -> YenRange | None:
    known = [figure for figure in figures if figure is not None]
    return _range(known) if len(known) == len(figures) else None


@dataclass(frozen=True, kw_only=True)
class ChangeRow:
    """One body before and after. None: it is no member there."""

    code: str
    name: str
    old_yen: int | None
    new_yen: int | None
    old_by_year: dict[int, int]
    new_by_year: dict[int, int]

    @property
    def difference_yen(self) -> int:
        """New less old; a body that comes or goes counts as 0 on the other side."""
        return (self.new_yen or 0) - (self.old_yen or 0)


@dataclass(frozen=True, kw_only=True)
class ShareChange:
    """Old and new table side by side, every body of either, by code."""

    rows: tuple[ChangeRow, ...]
    old_total_yen: int
    new_total_yen: int

    @property
    def is_change(self) -> bool:
        """Whether anybody pays anything else than before."""
        return any(row.old_by_year != row.new_by_year for row in self.rows)


def changed(old: SharePreview, new: SharePreview) -> ShareChange:
    """What a change of members, terms or costs does to each body."""
    before = {body.code: body for body in old.bodies}
    after = {body.code: body for body in new.bodies}
    rows = []
    for code in sorted(before.keys() | after.keys()):
        was, now = before.get(code), after.get(code)
        named = now or was
        assert named is not None
        rows.append(
            ChangeRow(
                code=code,
                name=named.name,
                old_yen=was.total_yen if was else None,
                new_yen=now.total_yen if now else None,
                old_by_year=was.by_year if was else {},
                new_by_year=now.by_year if now else {},
            )
        )
    return ShareChange(rows=tuple(rows), old_total_yen=old.total_yen, new_total_yen=new.total_yen)
