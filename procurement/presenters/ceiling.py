"""The warning a body gets, and nobody else, when it would pay over its own limit."""

from collections.abc import Mapping

from foundation.clock import fiscal_year_label
from foundation.filters import yen
from procurement.queries.own_figures import OwnFigures
from procurement.queries.own_page import OwnPage
from procurement.queries.secrets import OwnCeiling


def shares_of(page: OwnPage) -> dict[int, int]:
    """Fiscal year → what the body pays by the fixed version; empty without one."""
    return {row.fiscal_year: row.amount_yen for row in page.own_years}


def highest_of(own: OwnFigures) -> dict[int, int]:
    """Fiscal year → the most the body would pay over the bases of the estimate."""
    return {
        row.fiscal_year: row.joint.high_yen for row in (own.figures.years if own.figures else ())
    }


def over_ceiling_text(shares: Mapping[int, int], ceiling: OwnCeiling | None) -> str:
    """The fiscal years over the body's own limit in words; '' where none is.

    For pages of the body itself only: the caller has read the ceiling as the body's own.
    """
    if ceiling is None:
        return ""
    over = [year for year, amount_yen in sorted(shares.items()) if amount_yen > ceiling.amount_yen]
    if not over:
        return ""
    years = "、".join(
        f"{fiscal_year_label(year)} {yen(shares[year] - ceiling.amount_yen)}超過" for year in over
    )
    return (
        f"自団体上限額（年額 {yen(ceiling.amount_yen)}）を超える年度：{years}。"
        "この注意は自団体だけに表示されます。"
    )
