"""Gross, funding and net of a project (F22): what is decided is taken off, what is planned is told.

Whole yen, tax-included.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from foundation.labels import LabelledEnum


class FundingStatus(LabelledEnum):
    """How sure the money is."""

    PLANNED = "planned", "予定（申請中・見込み）"
    DECIDED = "decided", "決定"


@dataclass(frozen=True, kw_only=True)
class Grant:
    """body_code None: for the project as a whole."""

    fiscal_year: int
    body_code: str | None
    status: FundingStatus
    amount_yen: int


@dataclass(frozen=True, kw_only=True)
class NetLine:
    """One year of all bodies (body_code None) or of one."""

    fiscal_year: int
    body_code: str | None
    gross_yen: int | None
    decided_yen: int
    planned_yen: int

    @property
    def net_yen(self) -> int | None:
        """After what is decided."""
        return None if self.gross_yen is None else self.gross_yen - self.decided_yen

    @property
    def net_if_granted_yen(self) -> int | None:
        """After what is planned too."""
        return None if self.net_yen is None else self.net_yen - self.planned_yen


def net_lines(
    grants: Iterable[Grant],
    gross_of_all: Mapping[int, int | None],
    share_of: Mapping[tuple[str, int], int],
) -> tuple[NetLine, ...]:
    """Each year for all, then the bodies with a grant of their own in it.

    gross_of_all: fiscal year → yen; share_of: (body, fiscal year) → what it bears.
    """
    listed = list(grants)
    years = sorted(set(gross_of_all) | {grant.fiscal_year for grant in listed})
    lines = []
    for year in years:
        of_year = [grant for grant in listed if grant.fiscal_year == year]
        lines.append(_line(year, None, gross_of_all.get(year), of_year))
        for code in sorted({grant.body_code for grant in of_year if grant.body_code}):
            own = [grant for grant in of_year if grant.body_code == code]
            lines.append(_line(year, code, share_of.get((code, year)), own))
    return tuple(lines)


def _line(year: int, code: str | None, gross: int | None, grants: list[Grant]) -> NetLine:
    sums = {
        status: sum(grant.amount_yen for grant in grants if grant.status is status)
        for status in FundingStatus
    }
    return NetLine(
        fiscal_year=year,
        body_code=code,
        gross_yen=gross,
        decided_yen=sums[FundingStatus.DECIDED],
        planned_yen=sums[FundingStatus.PLANNED],
    )
