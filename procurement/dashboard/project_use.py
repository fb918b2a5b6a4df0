"""Users and begun on time, beside a project's costs (F17)."""

from collections.abc import Sequence
from datetime import date

from catalog.plan_units import Unit
from foundation.clock import era_date
from procurement.dashboard import parts
from procurement.dashboard.cost_figures import BODIES_SHOWN, Paper
from procurement.dashboard.figures import Cell, Column, Figure
from procurement.dashboard.project_costs import ProjectCosts
from procurement.domain.in_use import BodyUse, OnTime, count_on_time, sum_users
from procurement.queries.ledger import LedgerScope

NOT_RECORDED = "未記録"
NOT_SHOWN = "未記録・非表示"  # a member reads of its own use only


def use_figure(unit: str, costs: ProjectCosts, scope: LedgerScope | None) -> Figure | None:
    """None for who is no member, and before use can have begun: quantities are members' (§8)."""
    if costs.paper is None or costs.use is None:
        return None
    rows = costs.use.list_bodies(min(version.term.start for version in costs.versions))
    if not rows:
        return None
    unknown = NOT_RECORDED if scope and scope.everything else NOT_SHOWN
    return draw_use(rows, Unit(unit), costs.paper, unknown)


def draw_use(rows: Sequence[BodyUse], unit: Unit, paper: Paper, unknown: str) -> Figure:
    """One row a body; what is not recorded says so. unknown: where there is no use to show."""
    counted = count_on_time(rows)
    users = sum_users(rows)
    total = unknown if users is None else f"{users:,}{unit.label}"
    what = "利用者" if unit is Unit.ACCOUNT else "利用"
    title = f"{what}の合計は{total}、予定どおりに利用を始めた割合は{_rate(counted)}"
    cells = tuple(_cells(row, unknown) for row in rows)
    many = len(cells) > BODIES_SHOWN
    return Figure(
        key="use",
        title=parts.marked(title, fictional=paper.fictional),
        columns=_columns(unit, unknown),
        rows=cells,
        shown=cells[:BODIES_SHOWN] if many else None,
        source="参加の申込み、利用開始の記録、請求・支払の利用の記録",
        as_of=paper.as_of,
        fictional=paper.fictional,
        note=_note(counted, unit) + (f"表は先頭{BODIES_SHOWN}団体です。" if many else ""),
    )


def _columns(unit: Unit, unknown: str) -> tuple[Column, ...]:
    used = "利用者数（直近）" if unit is Unit.ACCOUNT else "使った数量（直近）"
    return (
        Column(key="body_code", label="団体コード"),
        Column(key="body", label="団体"),
        _count("contracted", "申し込んだ数量", unit, NOT_RECORDED),
        _count("used", used, unit, unknown),
        Column(key="month", label="直近の月"),
        Column(key="planned_on", label="利用開始の予定"),
        Column(key="began_on", label="利用開始"),
        Column(key="on_time", label="予定どおりか"),
    )


def _count(key: str, label: str, unit: Unit, absent: str) -> Column:
    return Column(key=key, label=label, type="integer", unit=unit.label, absent=absent)


def _cells(row: BodyUse, unknown: str) -> tuple[Cell, ...]:
    month = f"{row.month:%Y-%m}" if row.month else unknown
    days = (_day(row.planned_on), _day(row.began_on), _on_time(row.days_late))
    return (row.code, row.name, row.contracted, row.used, month, *days)


def _day(day: date | None) -> str:
    return era_date(day) if day else NOT_RECORDED


def _on_time(days_late: int | None) -> str:
    if days_late is None:
        return NOT_RECORDED
    return "予定どおり" if days_late <= 0 else f"{days_late}日おくれ"


def _rate(counted: OnTime) -> str:
    """「80.0 %（5団体のうち4団体）」."""
    tenths = counted.tenths
    if tenths is None:
        return NOT_RECORDED
    return f"{tenths // 10}.{tenths % 10} %（{counted.known}団体のうち{counted.on_time}団体）"


def _note(counted: OnTime, unit: Unit) -> str:
    texts = ["参加団体と幹事団体だけに表示しています。この表に金額（税込・税抜）はありません。"]
    if unit is not Unit.ACCOUNT:
        texts.append(
            f"この案件の数量は{unit.label}で数えるため、利用者の人数は{NOT_RECORDED}です。"
        )
    texts.append(
        "予定は、合意した共同利用の期間の初日です。第2期以後の団体と途中で参加した団体は、予定が"
        f"{NOT_RECORDED}のため割合に入れていません。"
    )
    if counted.unknown:
        texts.append(f"割合がわからない団体は{counted.unknown}団体です。")
    texts.append("使った数量は、自団体の分と、幹事団体にはすべての団体の分を表示します。")
    return "".join(texts)
