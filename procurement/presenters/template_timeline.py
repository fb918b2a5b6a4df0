"""The years a template's conditions name, as a drawing and its table."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from foundation.clock import fiscal_year_label, fiscal_year_start
from procurement.dashboard.gantt import ChartSpan, gantt_chart
from procurement.domain.templates.shape import ProjectTemplate, TemplateCondition, TemplateSpan

DESCRIPTION = "政策の資料にある年度。数値は表にあります。"


@dataclass(frozen=True, kw_only=True)
class TimelineRow:
    """One line of the table, with where it is stated."""

    label: str
    kind: str
    first: str
    last: str
    source: str


@dataclass(frozen=True, kw_only=True)
class Timeline:
    """svg: the same as the rows, with a line at today."""

    rows: tuple[TimelineRow, ...]
    svg: str


def find_timeline(template: ProjectTemplate, today: date) -> Timeline | None:
    """None where no condition names years."""
    named = [(each, span) for each in template.conditions for span in each.spans]
    if not named:
        return None
    return Timeline(
        rows=tuple(_row(condition, span) for condition, span in named),
        svg=gantt_chart("timeline", DESCRIPTION, _spans([span for _, span in named]), today),
    )


def _row(condition: TemplateCondition, span: TemplateSpan) -> TimelineRow:
    return TimelineRow(
        label=span.label,
        kind=span.kind,
        first=fiscal_year_label(span.first_year),
        last=fiscal_year_label(span.last_year),
        source=f"{condition.source}（{condition.as_of}）{condition.lines}",
    )


def _spans(spans: Sequence[TemplateSpan]) -> list[ChartSpan]:
    """A fiscal year ends on 31 March."""
    return [
        ChartSpan(
            label=span.label,
            starts_on=fiscal_year_start(span.first_year),
            ends_on=date(span.last_year + 1, 3, 31),
            series=span.kind,
        )
        for span in spans
    ]
