"""A project's calendar in words: the steps, what does not fit, the dates of each body, waves."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from foundation.clock import add_months, count_working_days, fiscal_year_label, fiscal_year_of
from foundation.filters import jst
from procurement.dashboard.gantt import ChartSpan, gantt_chart
from procurement.domain.assemblies import (
    BodyCalendar,
    Gate,
    budget_gate,
    budget_vote,
    contract_gates,
    property_gates,
    shortest_limit,
)
from procurement.domain.schedule import MONTHS, VOTE, Outlook, Plan, Span, Step, count_back
from procurement.domain.states import MAIN_ROAD
from procurement.domain.waves import Ending, Wave, meet, propose_waves
from procurement.queries.project_page import ProjectHead
from procurement.queries.schedule_page import SchedulePage

PLANNED = "逆算した予定"
ENTERED = "実際の期間"
PERIODS = "契約の切替え"
FINE = "問題なし"
LATEST_WAVE_MONTHS = 36  # a later wave would be another procurement


@dataclass(frozen=True, kw_only=True)
class StepRow:
    """One step: its length, the days counted back, and when its state was really entered."""

    label: str
    length: str
    starts_on: str
    ends_on: str
    entered: str
    late: bool


@dataclass(frozen=True, kw_only=True)
class GateCell:
    """One date of one body. fine: nothing to do."""

    on: str
    text: str
    fine: bool


@dataclass(frozen=True, kw_only=True)
class GateTable:
    """A row per body, a column per kind of date."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str, tuple[GateCell | None, ...]], ...]


@dataclass(frozen=True, kw_only=True)
class WaveLine:
    """A body in a wave, in words."""

    wave: str
    starts_on: str
    body: str
    ends_on: str
    meeting: str
    cost: str


def day_text(day: date | None) -> str:
    """「2027年4月1日」; a dash for none."""
    return f"{day.year}年{day.month}月{day.day}日" if day else "—"


def length_text(plan: Plan, step: Step) -> str:
    """「20開庁日」 or 「3か月」."""
    return f"{plan.length(step)}{'か月' if step.unit == MONTHS else '開庁日'}"


def step_rows(page: SchedulePage, spans: Sequence[Span], today: date) -> list[StepRow]:
    """The steps in order. Late: should have begun by today, and its state has not."""
    if page.plan is None:
        return []
    at = MAIN_ROAD.index(page.plan.state) if page.plan.state in MAIN_ROAD else len(MAIN_ROAD)
    entered = {each.state: each.on for each in page.entered}
    return [
        StepRow(
            label=span.step.label,
            length=length_text(page.plan, span.step),
            starts_on=day_text(span.starts_on),
            ends_on=day_text(span.ends_on),
            entered=day_text(entered.get(span.step.state)) if span.step.key != VOTE else "—",
            late=span.starts_on < today and MAIN_ROAD.index(span.step.state) > at,
        )
        for span in spans
    ]


def outlook_text(plan: Plan, outlook: Outlook) -> str:
    """How the wished start looks from today, in one sentence."""
    wished = day_text(plan.starts_on)
    if outlook.present is None:
        return f"共同利用の開始日は{wished}です。これより前の工程は残っていません。"
    if not outlook.late_working_days:
        return (
            f"今の段階「{outlook.present.label}」から予定の長さで進めば、"
            f"{wished}の開始に間に合います。"
        )
    return (
        f"{wished}の開始には{outlook.late_working_days}開庁日足りません。"
        f"予定の長さで進めると、開始は早くて{day_text(outlook.earliest)}です。"
        "工程を短くするか、開始日を見直してください。"
    )


def notice_problem(page: SchedulePage, head: ProjectHead, spans: Sequence[Span]) -> str:
    """Whether the notice stands as long as the lead's own rules want; '' when it does."""
    if page.shortest_notice is None:
        return ""
    planned = next((s for s in spans if s.step.key == "notice"), None)
    opened = next((each.on for each in page.entered if each.state == "solicitation"), None)
    closes = head.row.proposals_close_at
    if opened and closes:
        days = count_working_days(opened, closes.date())
    elif planned:
        days = count_working_days(planned.starts_on, planned.ends_on)
    else:
        return ""
    if days >= page.shortest_notice:
        return ""
    return (
        f"公告期間が{days}開庁日で、設定した下限{page.shortest_notice}開庁日より短くなっています。"
    )


def list_gates(page: SchedulePage, own_code: str | None) -> list[Gate]:
    """The dates of every body, or of the reader's own. own_code: None for the lead."""
    if page.plan is None:
        return []
    spans = {span.step.key: span for span in count_back(page.plan)}
    shown = [c for c in page.calendars if own_code is None or c.code == own_code]
    return [gate for calendar in shown for gate in _gates(page, calendar, spans)]


def _gates(page: SchedulePage, calendar: BodyCalendar, spans: dict[str, Span]) -> list[Gate]:
    assert page.plan is not None
    contract = spans.get(VOTE) or spans["contracting"]
    gates = [
        budget_gate(
            calendar,
            starts_on=page.plan.starts_on,
            estimate_ends_on=spans["estimate"].ends_on,
        )
    ]
    gates += contract_gates(
        calendar,
        contract_on=contract.ends_on,
        starts_on=page.plan.starts_on,
        term_months=page.term_months,
    )
    if page.plan.buys_property:
        gates.append(property_gates(calendar, vote_on=contract.ends_on, share_yen=None))
    return gates


def gate_table(gates: Sequence[Gate]) -> GateTable:
    """The gates as a table; a body without one of a kind has nothing there."""
    columns = tuple(dict.fromkeys(gate.what for gate in gates))
    names = {gate.code: gate.body for gate in gates}
    cells = {
        (gate.code, gate.what): GateCell(
            on=day_text(gate.on), text=gate.problem or FINE, fine=not gate.problem
        )
        for gate in gates
    }
    return GateTable(
        columns=columns,
        rows=tuple(
            (name, tuple(cells.get((code, what)) for what in columns))
            for code, name in names.items()
        ),
    )


def limit_text(page: SchedulePage) -> str:
    """Which body's long-term contracts end first, and whether the joint term fits."""
    found = shortest_limit(page.calendars)
    if found is None or page.term_months is None:
        return ""
    limit = found.long_term_limit_months
    assert limit is not None
    fits = "収まっています" if page.term_months <= limit else "超えています"
    return (
        f"長期継続契約の上限がいちばん短いのは{found.name}の{limit}か月です。"
        f"共同利用の期間{page.term_months}か月は{fits}。"
    )


def first_year_text(plan: Plan) -> str:
    """The first fiscal year of use, and by when its first budget is commonly voted."""
    year = fiscal_year_of(plan.starts_on)
    vote = day_text(budget_vote(year))
    return f"最初の年度は{fiscal_year_label(year)}です。当初予算の議決の見込みは{vote}までです。"


def propose(page: SchedulePage) -> tuple[Wave, ...]:
    """Waves by the ends of present contracts; none where no body stated an end."""
    if page.plan is None or not any(row.contract_ends_on for row in page.waves):
        return ()
    first = page.plan.starts_on
    endings = [
        Ending(
            code=row.code,
            name=row.name,
            ends_on=row.contract_ends_on,
            annual_cost_yen=row.annual_cost_yen,
        )
        for row in page.waves
    ]
    return propose_waves(endings, first, page.wave_months, add_months(first, LATEST_WAVE_MONTHS))


def all_at_once_text(page: SchedulePage) -> str:
    """What it would be if all began on the first day: months paid twice, months without."""
    if page.plan is None:
        return ""
    met = [
        meet(
            Ending(code=row.code, name=row.name, ends_on=row.contract_ends_on), page.plan.starts_on
        )
        for row in page.waves
    ]
    double, gap = sum(m.double_months for m in met), sum(m.gap_months for m in met)
    return f"全団体が同じ日に始めると、二重払いは延べ{double}か月、空白は延べ{gap}か月です。"


def wave_lines(waves: Sequence[Wave]) -> list[WaveLine]:
    """The proposed waves, a line per body."""
    return [
        WaveLine(
            wave=f"第{wave.number}陣",
            starts_on=day_text(meeting.starts_on),
            body=meeting.name,
            ends_on=day_text(meeting.ends_on) if meeting.ends_on else "未入力",
            meeting=_meeting_text(meeting.double_months, meeting.gap_months),
            cost=f"{meeting.double_yen:,}円" if meeting.double_yen is not None else "—",
        )
        for wave in waves
        for meeting in wave.meetings
    ]


def _meeting_text(double_months: int, gap_months: int) -> str:
    if double_months:
        return f"二重払い {double_months}か月"
    return f"空白 {gap_months}か月" if gap_months else "切れ目なし"


def deadline_rows(head: ProjectHead) -> list[tuple[str, str]]:
    """The project's own deadlines, to the minute."""
    named = (
        ("意向調査の回答期限", head.survey_closes_at),
        ("参加の回答期限", head.row.join_closes_at),
        ("負担案への同意期限", head.consent_closes_at),
        ("提案の締切", head.row.proposals_close_at),
    )
    return [(label, jst(moment)) for label, moment in named if moment]


def draw(page: SchedulePage, spans: Sequence[Span], today: date) -> str:
    """The calendar as a drawing; everything in it is in the table too."""
    if page.plan is None:
        return ""
    bars = [
        ChartSpan(
            label=span.step.label,
            starts_on=span.starts_on,
            ends_on=span.ends_on,
            series=PLANNED,
        )
        for span in spans
    ]
    description = (
        f"{day_text(page.plan.starts_on)}の利用開始から逆算した{len(bars)}つの工程の期間。"
        "数値は下の表にあります。"
    )
    return gantt_chart("schedule", description, bars, today)
