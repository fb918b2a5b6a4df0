"""The chart of the fairness view and its table: bodies, or how many lie how far off."""

from collections.abc import Callable
from dataclasses import dataclass

from foundation.filters import number, yen
from procurement.dashboard.charts import Bar, bar_chart
from procurement.domain.fairness import BodyFairness, Fairness
from procurement.presenters.sharing import TableView

CHARTED_BODIES = 12  # more bars than these are no picture any more


@dataclass(frozen=True, kw_only=True)
class ChartView:
    """A drawing (trusted SVG), what it finds, and the same numbers as a table."""

    title: str
    unit: str
    svg: str
    table: TableView


_SERIES: tuple[tuple[str, Callable[[BodyFairness], int]], ...] = (
    ("単独の場合", lambda body: body.standalone_yen),
    ("負担額", lambda body: body.share_yen),
    ("貢献の目安", lambda body: body.shapley_yen),
)
# From share over Shapley value in percent, up to and including.
_BANDS = (
    ("目安より20%を超えて少ない", -20),
    ("目安より5%を超えて少ない", -5),
    ("目安と5%以内", 5),
    ("目安より20%まで多い", 20),
    ("目安より20%を超えて多い", None),
)


def fairness_chart(fairness: Fairness) -> ChartView:
    """Bars per body; for many bodies how many pay how much off the Shapley value."""
    if len(fairness.bodies) > CHARTED_BODIES:
        return ChartView(
            title=_bands_title(fairness),
            unit="団体の数",
            svg=_bands_chart(fairness),
            table=_bands_table(fairness),
        )
    return ChartView(
        title=_bodies_title(fairness),
        unit="税抜・期間合計",
        svg=_bodies_chart(fairness),
        table=_bodies_table(fairness),
    )


def _bands_title(fairness: Fairness) -> str:
    near = dict(_bands(fairness))["目安と5%以内"]
    total = len(fairness.bodies)
    return f"負担額が貢献の目安と5%以内なのは{number(total)}団体のうち{number(near)}団体"


def _bodies_title(fairness: Fairness) -> str:
    saving = fairness.standalone_yen - sum(body.share_yen for body in fairness.bodies)
    if saving > 0:
        return f"いっしょに調達すると、単独の合計より{yen(saving)}安くなります"
    return "単独の場合・負担額・貢献の目安"


def _bodies_chart(fairness: Fairness) -> str:
    bars = [
        Bar(label=body.name, value=figure(body), series=series)
        for body in fairness.bodies
        for series, figure in _SERIES
    ]
    words = "団体ごとの単独の場合・負担額・貢献の目安。数値は表にあります。"
    return bar_chart("fairness", words, bars, "円")


def _bodies_table(fairness: Fairness) -> TableView:
    return TableView(
        id="chart-bodies",
        caption="グラフの数値（税抜・期間合計）",
        columns=(("団体コード", ""), ("団体", ""), *((series, "num") for series, _ in _SERIES)),
        rows=tuple(
            (body.code, body.name, *(yen(figure(body)) for _, figure in _SERIES))
            for body in fairness.bodies
        ),
    )


def _bands(fairness: Fairness) -> list[tuple[str, int]]:
    counts = dict.fromkeys((label for label, _ in _BANDS), 0)
    for body in fairness.bodies:
        counts[_band_of(body)] += 1
    return list(counts.items())


def _band_of(body: BodyFairness) -> str:
    """Percent of the Shapley value's size, so that a negative one sorts the right way round."""
    off = (body.share_yen - body.shapley_yen) * 100
    for label, upto in _BANDS:
        if upto is None or off <= upto * abs(body.shapley_yen):
            return label
    raise AssertionError("the last band has no end")


def _bands_chart(fairness: Fairness) -> str:
    bars = [Bar(label=label, value=count) for label, count in _bands(fairness)]
    return bar_chart("fairness", "負担額と貢献の目安のちがい。数値は表にあります。", bars, "団体")


def _bands_table(fairness: Fairness) -> TableView:
    return TableView(
        id="chart-bands",
        caption="負担額と貢献の目安のちがいごとの団体数",
        columns=(("番号", "num"), ("ちがい", ""), ("団体数", "num")),
        rows=tuple(
            (str(i), label, number(count)) for i, (label, count) in enumerate(_bands(fairness), 1)
        ),
    )
