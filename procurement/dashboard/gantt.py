"""A calendar of work as bars on one time axis (docs/decisions/0005-charts.md)."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from procurement.dashboard.charts import (
    ACCENT,
    BLUES,
    CHART_WIDTH,
    GRID,
    INK,
    finished,
    label_axis,
    render,
)

STEP = 30
# The renderer has no month names in Japanese; these two are all an axis of months needs.
_MONTHS = (
    "month(datum.value) == 0 ? timeFormat(datum.value, '%Y年1月')"
    " : timeFormat(datum.value, '%-m月')"
)


@dataclass(frozen=True, kw_only=True)
class ChartSpan:
    """One bar, both days counted. series: what kind of time it is, told by colour and words."""

    label: str
    starts_on: date
    ends_on: date
    series: str


def gantt_chart(key: str, description: str, spans: Sequence[ChartSpan], today: date) -> str:
    """The spans from top to bottom in the order given, with a line at today.

    key, description: as of the other charts; the table beside it has every date.
    """
    if not spans:
        return ""
    rows = tuple((s.label, s.starts_on, s.ends_on, s.series) for s in spans)
    return render(key, description, json.dumps(_spec(rows, today), ensure_ascii=False))


def _spec(rows: Sequence[tuple[str, date, date, str]], today: date) -> dict[str, Any]:
    import altair as alt

    series = list(dict.fromkeys(row[3] for row in rows))
    data = alt.Data(  # type: ignore[no-untyped-call]
        values=[
            {
                "label": label,
                "from": _moment(start),
                "to": _moment(end + timedelta(days=1)),
                "series": kind,
                "text": f"{start.month}/{start.day}–{end.month}/{end.day}",
            }
            for label, start, end, kind in rows
        ]
    )
    base = alt.Chart(data).encode(
        y=alt.Y("label:N", sort=None, title=None, axis=label_axis()),
        x=alt.X("from:T", title=None, axis=_month_axis(rows)),
    )
    scale = alt.Scale(domain=series, range=list(BLUES[: len(series)]))
    legend = alt.Legend(title=None, orient="top") if len(series) > 1 else None
    bars = base.mark_bar(height=14, stroke=INK, strokeWidth=0.5).encode(
        x2="to:T", color=alt.Color("series:N", scale=scale, legend=legend)
    )
    text = base.mark_text(align="left", dx=4, fontSize=11, color=INK).encode(
        x="to:T", text="text:N"
    )
    chart = bars + text + _today_line(today)
    return finished(chart.properties(width=CHART_WIDTH, height={"step": STEP}))


def _today_line(today: date) -> Any:
    import altair as alt

    data = alt.Data(values=[{"on": _moment(today), "text": "今日"}])  # type: ignore[no-untyped-call]
    base = alt.Chart(data).encode(x="on:T")
    rule = base.mark_rule(color=ACCENT, strokeWidth=2, strokeDash=[4, 3])
    word = base.mark_text(dy=-6, fontSize=12, color=INK, baseline="bottom").encode(
        y=alt.value(0), text="text:N"
    )
    return rule + word


def _month_axis(rows: Sequence[tuple[str, date, date, str]]) -> Any:
    import altair as alt

    days = (max(row[2] for row in rows) - min(row[1] for row in rows)).days
    step = 1 if days < 300 else 2 if days < 600 else 3 if days < 1200 else 6
    return alt.Axis(
        labelExpr=_MONTHS,
        gridColor=GRID,
        domain=False,
        labelOverlap=True,
        tickCount={"interval": "month", "step": step},
    )


def _moment(day: date) -> str:
    return f"{day.isoformat()}T00:00:00"
