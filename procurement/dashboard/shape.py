"""Sums laid out as tables, with pandas. Imported lazily: pandas costs a worker a second.

Only this module of the product touches pandas.
"""

from collections.abc import Iterable, Sequence

from procurement.dashboard.figures import Cell
from procurement.dashboard.sums import CostSum
from procurement.domain.costs import CostBasis, CostCategory

CATEGORY_LABELS = {each.value: each.label for each in CostCategory}
BASIS_LABELS = {each.value: each.label for each in CostBasis}


def cost_table(sums: Sequence[CostSum]) -> tuple[tuple[Cell, ...], ...]:
    """One row per fiscal year × basis: year, basis, then operating, modification, build, other.

    Sorted by year, then basis in the order of BASIS_LABELS. A category without any amount
    is None (データなし), not 0. Amounts are whole yen, tax-included.
    """
    import pandas as pd

    if not sums:
        return ()
    frame = pd.DataFrame(
        [(item.fiscal_year, item.basis, item.category, item.amount_yen) for item in sums],
        columns=["year", "basis", "category", "yen"],
    )
    # min_count leaves an absent amount empty; Int64 keeps yen whole where a gap is.
    table = frame.pivot_table(
        index=["year", "basis"], columns="category", values="yen", aggfunc="sum"
    )
    table = table.reindex(columns=list(CATEGORY_LABELS)).astype("Int64")
    order = {basis: place for place, basis in enumerate(BASIS_LABELS)}
    table = table.sort_index(key=lambda level: level.map(lambda v: order.get(v, v)))
    return tuple(
        (f"{year}年度", BASIS_LABELS[basis], *_cells(row))
        for (year, basis), row in zip(table.index, table.to_numpy(object), strict=True)
    )


def _cells(row: Iterable[object]) -> list[Cell]:
    import pandas as pd

    return [None if pd.isna(value) else int(value) for value in row]  # type: ignore[call-overload]
