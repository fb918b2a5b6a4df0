"""A calendar of work as bars on one time axis (docs/decisions/0005-charts.md)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from typing import Any

from procurement.dashboard.charts import (
    ACCENT,
    BLUES,
    CHART_WIDTH,
    GRID,
    INK,
    ROWS,
    finished,
    label_axis,
    render,
    with_data,
)

STEP = 30
TODAY = "today"
_SIZE: dict[str, Any] = {"width": CHART_WIDTH, "height": {"step": STEP}}
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
    series = tuple(dict.fromkeys(span.series for span in spans))
    datasets = {ROWS: [_row(span) for span in spans], TODAY: [_today(today)]}
    return render(key, description, with_data(_spec(series, _month_step(spans)), datasets))


def _row(span: ChartSpan) -> dict[str, str]:
    start, end = span.starts_on, span.ends_on
    return {
        "label": span.label,
        "from": _moment(start),
        "to": _moment(end + timedelta(days=1)),
        "series": span.series,
        "text": f"{start.month}/{start.day}–{end.month}/{end.day}",
    }


def _today(today: date) -> dict[str, str]:
    return {"on": _moment(today), "text": "今日"}


@lru_cache(maxsize=64)
def _spec(series: tuple[str, ...], month_step: int) -> dict[str, Any]:
    """Made once for all charts of the form, as in charts; never changed."""
    import altair as alt

    base = alt.Chart(alt.NamedData(name=ROWS)).encode(
        y=alt.Y("label:N", sort=None, title=None, axis=label_axis()),
        x=alt.X("from:T", title=None, axis=_month_axis(month_step)),
    )
    scale = alt.Scale(domain=list(series), range=list(BLUES[: len(series)]))
    legend = alt.Legend(title=None, orient="top") if len(series) > 1 else None
    bars = base.mark_bar(height=14, stroke=INK, strokeWidth=0.5).encode(
        x2="to:T", color=alt.Color("series:N", scale=scale, legend=legend)
    )
    text = base.mark_text(align="left", dx=4, fontSize=11, color=INK).encode(
        x="to:T", text="text:N"
    )
    return finished((bars + text + _today_line()).properties(**_SIZE))


def _today_line() -> Any:
    import altair as alt

    base = alt.Chart(alt.NamedData(name=TODAY)).encode(x="on:T")
    rule = base.mark_rule(color=ACCENT, strokeWidth=2, strokeDash=[4, 3])
    word = base.mark_text(dy=-6, fontSize=12, color=INK, baseline="bottom").encode(
        y=alt.value(0), text="text:N"
    )
    return rule + word


def _month_step(spans: Sequence[ChartSpan]) -> int:
    """Months between two ticks."""
    days = (max(s.ends_on for s in spans) - min(s.starts_on for s in spans)).days
    return 1 if days < 300 else 2 if days < 600 else 3 if days < 1200 else 6


def _month_axis(step: int) -> Any:
    import altair as alt

    return alt.Axis(
        labelExpr=_MONTHS,
        gridColor=GRID,
        domain=False,
        labelOverlap=True,
        tickCount={"interval": "month", "step": step},
    )


def _moment(day: date) -> str:
    return f"{day.isoformat()}T00:00:00"
