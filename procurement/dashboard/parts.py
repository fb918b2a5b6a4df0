"""The figures several dashboards share, each made from sums."""

from collections.abc import Sequence

from procurement.dashboard.charts import Bar, bar_chart, line_chart
from procurement.dashboard.figures import Column, Figure
from procurement.dashboard.shape import CATEGORY_LABELS, cost_table
from procurement.dashboard.sums import CostSum

CODE = Column(key="system_type_code", label="コード", type="code")
CASES = Column(key="cases", label="事例数", type="integer", unit="件", definition="公開中の事例")
SYSTEM_TYPE = Column(key="system_type", label="システム種別")
REAL_SOURCE = "各団体・報道等の公表資料（事例ごとに出典を表示）"
FICTIONAL_SOURCE = "試用のための架空データ"
REAL_AS_OF = "2026-11-20"
FICTIONAL_AS_OF = "架空"
CHARTED_TYPES = 12


def source_of(*, fictional: bool) -> str:
    """The source line of a figure on one side of the line between real and 架空."""
    return FICTIONAL_SOURCE if fictional else REAL_SOURCE


def as_of(*, fictional: bool) -> str:
    """The day the figure describes."""
    return FICTIONAL_AS_OF if fictional else REAL_AS_OF


def marked(title: str, *, fictional: bool) -> str:
    """The title, saying 架空 where the numbers are: a figure may be copied away alone."""
    return f"【架空】{title}" if fictional else title


def by_system_type(
    key: str, rows: Sequence[tuple[str, str, int]], *, fictional: bool
) -> Figure | None:
    """Cases by system type; None when there are none."""
    if not rows:
        return None
    total = sum(count for _, _, count in rows)
    top = rows[0]
    title = f"事例が最も多いのは「{top[1]}」（{total:,}件中{top[2]:,}件）"
    bars = [Bar(label=name, value=count) for _, name, count in rows[:CHARTED_TYPES]]
    note = f"図は上位{CHARTED_TYPES}種別、表は全種別です。" if len(rows) > CHARTED_TYPES else ""
    return Figure(
        key=key,
        title=marked(title, fictional=fictional),
        columns=(CODE, SYSTEM_TYPE, CASES),
        rows=tuple(rows),
        svg=bar_chart(key, f"{title}。数値は表にあります。", bars, "件"),
        source=source_of(fictional=fictional),
        as_of=as_of(fictional=fictional),
        fictional=fictional,
        note=note,
    )


def by_band(
    key: str, title: str, label: str, rows: Sequence[tuple[str, int]], *, fictional: bool
) -> Figure:
    """Cases by a band of something, in the bands' own order."""
    bars = [Bar(label=band, value=count) for band, count in rows]
    return Figure(
        key=key,
        title=marked(title, fictional=fictional),
        columns=(Column(key="band", label=label), CASES),
        rows=tuple(rows),
        svg=bar_chart(key, f"{title}。数値は表にあります。", bars, "件"),
        source=source_of(fictional=fictional),
        as_of=as_of(fictional=fictional),
        fictional=fictional,
    )


def costs(key: str, sums: Sequence[CostSum], *, fictional: bool) -> Figure | None:
    """Costs by fiscal year with operating and build apart; None when nothing is recorded.

    Each basis is its own line: a settlement and a budget are never joined (domain §7).
    """
    rows = cost_table(sums)
    if not rows:
        return None
    columns = (
        Column(key="fiscal_year", label="年度"),
        Column(key="basis", label="決算・予算の別"),
        *(
            Column(key=category, label=label, type="yen", unit="円", definition="税込")
            for category, label in CATEGORY_LABELS.items()
        ),
    )
    bars = [
        Bar(label=str(row[0]), value=row[2], series=str(row[1]))
        for row in rows
        if isinstance(row[2], int)
    ]
    title = _cost_title(rows)
    return Figure(
        key=key,
        title=marked(title, fictional=fictional),
        columns=columns,
        rows=rows,
        svg=line_chart(key, f"{title}。数値は表にあります。", bars, "円（税込・運用等経費）"),
        source=source_of(fictional=fictional),
        as_of=as_of(fictional=fictional),
        fictional=fictional,
        note="図は運用等経費です。決算・予算・契約額は別の線で示し、つなげません。金額は税込です。",
    )


def _cost_title(rows: Sequence[tuple[object, ...]]) -> str:
    operating = [(row[0], row[1], row[2]) for row in rows if isinstance(row[2], int)]
    if not operating:
        return "年度別の経費"
    year, basis, amount = operating[-1]
    return f"運用等経費は{year}（{basis}）で{amount:,}円"
