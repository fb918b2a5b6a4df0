"""Charts as SVG whose text stays text, drawn on the server (docs/decisions/0005-charts.md).

Rendered lazily in each worker and never before a fork: the renderer hangs in a forked
child that inherits a used one. No chart carries a style attribute, so a strict CSP holds.
"""

import json
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from xml.etree import ElementTree

from foundation.money import number

SVG = "http://www.w3.org/2000/svg"
FONT = "Noto Sans JP, BIZ UDPGothic, Yu Gothic UI, Hiragino Sans, Meiryo, sans-serif"
# Of this family the renderer only estimates how wide a text is, Japanese too wide; for any other
# it looks through the machine's fonts, 150 ms a chart instead of 20. For charts with short labels.
ESTIMATED = "Arial"
# One hue in steps and one accent (Digital Agency dashboard theme: blue, with red for alarm).
BLUES = ("#0017C1", "#7096F8", "#C5D7FB", "#3460FB", "#E8F1FE")
ACCENT = "#EC0000"
INK = "#333333"
GRID = "#CCCCCC"
CHART_WIDTH = 520
BAR_STEP = 26
TICKS = 4
# Names under which a specification finds its data.
ROWS, GOAL = "rows", "goal"

# Axis numbers as Japanese readers group them: 万 and 億, not k and M.
_MYRIADS = (
    "abs(datum.value) >= 1e8 ? format(datum.value / 1e8, ',~r') + '億'"
    " : abs(datum.value) >= 1e4 ? format(datum.value / 1e4, ',~r') + '万'"
    " : format(datum.value, ',~r')"
)

_render_lock = threading.Lock()


@dataclass(frozen=True, kw_only=True)
class Bar:
    """One bar. series: which of the compared groups it belongs to ('' when there is one)."""

    label: str
    value: int
    series: str = ""


def bar_chart(key: str, description: str, bars: Sequence[Bar], unit: str) -> str:
    """Horizontal bars, labelled with their values, in the order given.

    key: prefix of every id inside, unique on the page. description: what a reader who
    does not see the chart is told; the table beside it has every number.
    """
    if not bars:
        return ""
    spec = _bar_spec(_series_of(bars), _ticks([bar.value for bar in bars]), unit)
    return render(key, description, with_data(spec, {ROWS: _rows(bars)}))


def line_chart(key: str, description: str, bars: Sequence[Bar], unit: str) -> str:
    """A line per series over ordered labels (fiscal years).

    Settlements (決算) have full points, budgets and all else hollow ones (F17).
    """
    if not bars:
        return ""
    spec = _line_spec(_series_of(bars), _ticks([bar.value for bar in bars]), unit)
    return render(key, description, with_data(spec, {ROWS: _rows(bars)}))


def goal_chart(
    key: str, description: str, bars: Sequence[Bar], goal: tuple[str, int, bool], unit: str
) -> str:
    """Bars upright over the years, and the goal as a line across them.

    goal: (words, value, is the state's); the state's line is solid, one's own is dashed.
    """
    if not bars:
        return ""
    words, value, is_state = goal
    spec = _goal_spec(is_state, _ticks([*(bar.value for bar in bars), value]), unit)
    line = [{"value": value, "text": words}]
    return render(key, description, with_data(spec, {ROWS: _rows(bars), GOAL: line}))


def with_data(spec: Mapping[str, Any], datasets: Mapping[str, Sequence[Any]]) -> str:
    """A specification with the rows its named data stand for, as JSON."""
    return json.dumps({**spec, "datasets": datasets}, ensure_ascii=False)


# To put a specification together takes ten times as long as to draw it: it is made once for all
# charts of a form, and the numbers are put in as data. What is kept is never changed.
@lru_cache(maxsize=64)
def _goal_spec(is_state: bool, ticks: int, unit: str) -> dict[str, Any]:
    import altair as alt

    base = alt.Chart(alt.NamedData(name=ROWS)).encode(
        x=alt.X("label:O", sort=None, title=None, axis=alt.Axis(labelAngle=0)),
        y=alt.Y("value:Q", title=f"単位：{unit}", axis=_value_axis(ticks)),
    )
    bars = base.mark_bar(color=BLUES[1], stroke=INK, strokeWidth=0.5, width=48)
    amounts = base.mark_text(dy=-6, fontSize=12, color=INK).encode(text="text:N")
    line_data = alt.NamedData(name=GOAL)
    color, dash = (ACCENT, [1, 0]) if is_state else (INK, [6, 4])
    line = (
        alt.Chart(line_data)
        .mark_rule(color=color, strokeWidth=2.5, strokeDash=dash)
        .encode(y="value:Q")
    )
    name = (
        alt.Chart(line_data)
        .mark_text(align="left", dx=4, dy=-8, fontSize=12, color=INK)
        .encode(y="value:Q", text="text:N", x=alt.value(0))
    )
    return finished((bars + amounts + line + name).properties(width=CHART_WIDTH, height=220))


@lru_cache(maxsize=256)
def _bar_spec(series: tuple[str, ...], ticks: int, unit: str) -> dict[str, Any]:
    import altair as alt

    base = alt.Chart(alt.NamedData(name=ROWS)).encode(
        y=alt.Y("label:N", sort=None, title=None, axis=label_axis()),
        x=alt.X("value:Q", title=f"単位：{unit}", axis=_value_axis(ticks)),
    )
    if len(series) > 1:
        base = base.encode(yOffset=alt.YOffset("series:N", sort=list(series)))
    bars = base.mark_bar(stroke=INK, strokeWidth=0.5).encode(color=_series_color(series))
    text = base.mark_text(align="left", dx=4, fontSize=12, color=INK).encode(text="text:N")
    step = BAR_STEP if len(series) == 1 else BAR_STEP // 2 + 6
    height: Any = {"step": step, "for": "position" if len(series) == 1 else "offset"}
    return finished((bars + text).properties(width=CHART_WIDTH, height=height))


@lru_cache(maxsize=256)
def _line_spec(series: tuple[str, ...], ticks: int, unit: str) -> dict[str, Any]:
    import altair as alt

    base = alt.Chart(alt.NamedData(name=ROWS)).encode(
        x=alt.X("label:O", sort=None, title=None, axis=alt.Axis(labelAngle=0, labelOverlap=True)),
        y=alt.Y(
            "value:Q", title=f"単位：{unit}", axis=_value_axis(ticks), scale=alt.Scale(zero=True)
        ),
        color=_series_color(series),
    )
    dash = alt.StrokeDash("series:N", sort=list(series), legend=None)
    lines = base.mark_line(strokeWidth=2.5).encode(strokeDash=dash)
    settled = alt.condition("datum.series === '決算'", alt.value(INK), alt.value("white"))
    points = base.mark_point(size=70, strokeWidth=2.5).encode(fill=settled)
    # The last point says its series in words: colour and dash alone must not carry it.
    text = base.mark_text(align="left", dx=10, dy=-8, fontSize=12).encode(
        text="text:N", color=alt.value(INK)
    )
    ends = text.transform_filter("datum.last")
    chart = (lines + points + ends).properties(width=CHART_WIDTH, height=260)
    return finished(chart, measured_as=ESTIMATED)


def _series_of(bars: Sequence[Bar]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(bar.series for bar in bars))


def _rows(bars: Sequence[Bar]) -> list[dict[str, Any]]:
    last = {bar.series: place for place, bar in enumerate(bars)}
    return [
        {
            "label": bar.label,
            "series": bar.series,
            "value": bar.value,
            "text": f"{bar.series} {number(bar.value)}".strip(),
            "last": last[bar.series] == place,
        }
        for place, bar in enumerate(bars)
    ]


def _ticks(values: Sequence[int]) -> int:
    """Every figure is a whole number, so no tick may stand between two of them."""
    return min(TICKS, max((abs(value) for value in values), default=0)) or 1


def _series_color(series: Sequence[str]) -> Any:
    import altair as alt

    scale = alt.Scale(domain=list(series), range=list(BLUES[: len(series)]))
    legend = alt.Legend(title=None, orient="top") if len(series) > 1 else None
    return alt.Color("series:N", scale=scale, legend=legend)


def label_axis() -> Any:
    """The axis of what each bar is called."""
    import altair as alt

    return alt.Axis(labelLimit=220, ticks=False, domain=False)


def _value_axis(ticks: int) -> Any:
    import altair as alt

    return alt.Axis(
        labelExpr=_MYRIADS, tickCount=ticks, tickMinStep=1, gridColor=GRID, domain=False
    )


def finished(chart: Any, measured_as: str = FONT) -> dict[str, Any]:
    """The chart with the type and lines that all charts share."""
    # Some room at the right: the reader's font may be wider than the one that was measured.
    room = {"left": 5, "top": 5, "bottom": 5, "right": 20}
    configured = chart.configure(font=measured_as, padding=room).configure_view(stroke=None)
    spec: dict[str, Any] = (
        configured.configure_axis(labelFontSize=12, titleFontSize=12, labelColor=INK)
        .configure_legend(labelFontSize=13, labelColor=INK, symbolStrokeColor=INK)
        .to_dict()
    )
    return spec


@lru_cache(maxsize=256)
def render(key: str, description: str, spec: str) -> str:
    """The drawing of a Vega-Lite specification (JSON text), made once a process."""
    import vl_convert

    with _render_lock:
        svg = vl_convert.vegalite_to_svg(json.loads(spec), format_locale=_japanese_numbers())
    return _for_page(key, description, svg)


def _japanese_numbers() -> dict[str, Any]:
    return {"decimal": ".", "thousands": ",", "grouping": [3], "currency": ["", "円"]}


def _for_page(key: str, description: str, svg: str) -> str:
    """The drawing with a Japanese name, ids of its own, and no English role phrases inside."""
    ElementTree.register_namespace("", SVG)
    root = ElementTree.fromstring(svg)
    for element in root.iter():
        for name in [name for name in element.attrib if name.startswith("aria-")]:
            del element.attrib[name]
        element.attrib.pop("role", None)
        if "font-family" in element.attrib:
            element.set("font-family", FONT)
        _own_ids(element, key)
    root.set("role", "img")
    root.set("aria-label", description)
    root.set("class", "moyai-chart__svg")
    return ElementTree.tostring(root, encoding="unicode")


def _own_ids(element: ElementTree.Element, key: str) -> None:
    for name, value in element.attrib.items():
        if name == "id":
            element.attrib[name] = f"{key}-{value}"
        elif "url(#" in value:
            element.attrib[name] = value.replace("url(#", f"url(#{key}-")
