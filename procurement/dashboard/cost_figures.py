"""The figures of a project's costs: each a finding with its drawing, its table and its file."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from catalog.policy import get_policy_text
from foundation.money import yen
from procurement.dashboard import parts
from procurement.dashboard.charts import Bar, bar_chart, goal_chart
from procurement.dashboard.figures import Cell, Column, Figure
from procurement.dashboard.sums import CostSum
from procurement.domain.cost_goals import (
    BASELINE_YEAR,
    LARGE_COST_YEN,
    Goal,
    GoalKind,
    reduction_text,
)
from procurement.domain.costs import Compared, CostBasis, CostCategory
from procurement.domain.terms import StandaloneBasis
from procurement.queries.costs import CostVersion, EnteredSum

YEN = "円"
BODIES_SHOWN = 50
BODIES_DRAWN = 20
HIDDEN = "非公開"
UNREPORTED = "未報告"
_UNKNOWN = "算出不可"


@dataclass(frozen=True, kw_only=True)
class Paper:
    """What every figure says of itself, and which columns its reader has."""

    source: str
    as_of: str
    fictional: bool
    alone_source: StandaloneBasis
    sees_alone: bool
    sees_paid: bool


@dataclass(frozen=True, kw_only=True)
class YearLine:
    """All bodies in one fiscal year; None: over all of them."""

    fiscal_year: int | None
    compared: Compared
    paid_yen: int | None
    settled_yen: int | None

    @property
    def label(self) -> str:
        return "期間の合計" if self.fiscal_year is None else f"{self.fiscal_year}年度"


@dataclass(frozen=True, kw_only=True)
class BodyLine:
    """One body over the term. borne_yen None: not for this reader."""

    code: str
    name: str
    compared: Compared
    borne_yen: int | None


@dataclass(frozen=True, kw_only=True)
class BodyYearLine:
    """One body in one year. entered: settlement, first and revised budget; None: not reported.

    on_behalf: which of these a coordinator entered for the body (代理入力).
    """

    code: str
    name: str
    fiscal_year: int
    compared: Compared
    borne_yen: int | None
    entered: tuple[int | None, ...]
    on_behalf: tuple[CostBasis, ...] = ()


@dataclass(frozen=True, kw_only=True)
class BodyYears:
    """name: of the one body these are of, '' for all of them."""

    lines: Sequence[BodyYearLine]
    name: str


def source_of(versions: Sequence[CostVersion]) -> str:
    """「負担案 第2版（SHA-256 …）」, the newest first."""
    return "、".join(f"負担案 第{v.number}版（SHA-256 {v.sha256[:12]}…）" for v in versions)


def money_column(key: str, label: str, *, absent: str = _UNKNOWN) -> Column:
    """A column of yen, tax-included. absent: what is said where there is none."""
    return Column(key=key, label=label, type="yen", unit=YEN, definition="税込", absent=absent)


_ALONE = money_column("standalone_yen", "単独")
_SAVING = money_column("saving_yen", "差額（単独−共同）")
_BODY = (Column(key="body_code", label="団体コード"), Column(key="body", label="団体"))
_PAID_NOTE = "収納・支払の額は、その団体・幹事団体・監査だけに示します。"


def by_year(rows: Sequence[YearLine], total: YearLine, paper: Paper) -> Figure:
    """Alone, together and paid, year by year, before and after what others bear."""
    columns = [
        Column(key="fiscal_year", label="年度"),
        *((_ALONE,) if paper.sees_alone else ()),
        money_column("gross_yen", "共同（事業者に払う額）"),
        money_column("parts_yen", "うち都道府県・交付金等"),
        money_column("joint_yen", "うち団体の負担"),
    ]
    if paper.sees_alone:
        columns.append(money_column("saving_before_grants_yen", "削減額（補助前）"))
        columns.append(money_column("saving_after_grants_yen", "削減額（補助後）"))
    if paper.sees_paid:
        columns.append(money_column("paid_yen", "事業者に支払済み", absent=HIDDEN))
    columns.append(money_column("settlement_yen", "決算（全団体）", absent=UNREPORTED))
    title = _year_title(total.compared)
    return Figure(
        key="by-year",
        title=parts.marked(title, fictional=paper.fictional),
        columns=tuple(columns),
        rows=tuple(_year_cells(row, paper) for row in (*rows, total)),
        svg=bar_chart("by-year", f"{title}。数値は表にあります。", _year_bars(rows, paper), YEN),
        source=paper.source,
        as_of=paper.as_of,
        fictional=paper.fictional,
        note=f"金額は税込です。{_alone_note(paper)}決算は、全団体が報告した年度だけ合計します。",
    )


def _year_title(compared: Compared) -> str:
    saving = compared.saving_before_grants_yen
    if saving is None:
        return f"団体の負担は期間の合計で{yen(compared.joint_yen)}"
    if saving < 0:
        return f"共同のほうが期間の合計で{yen(-saving)}高い見込み（補助前）"
    return f"共同で期間の合計{yen(saving)}を削減する見込み（補助前）"


def _alone_note(paper: Paper) -> str:
    if not paper.sees_alone:
        return "単独額は、この負担案では公開していません。"
    return f"単独額は「{paper.alone_source.label}」によります。"


def _year_cells(row: YearLine, paper: Paper) -> tuple[Cell, ...]:
    compared = row.compared
    cells: list[Cell] = [row.label]
    if paper.sees_alone:
        cells.append(compared.standalone_yen)
    cells += [compared.gross_yen, compared.parts_yen, compared.joint_yen]
    if paper.sees_alone:
        cells += [compared.saving_before_grants_yen, compared.saving_after_grants_yen]
    if paper.sees_paid:
        cells.append(row.paid_yen)
    return (*cells, row.settled_yen)


def _year_bars(rows: Sequence[YearLine], paper: Paper) -> list[Bar]:
    found = []
    for row in rows:
        figures = (
            ("単独", row.compared.standalone_yen if paper.sees_alone else None),
            ("共同", row.compared.gross_yen),
            ("支払済み", row.paid_yen if paper.sees_paid else None),
        )
        found += [
            Bar(label=row.label, value=value, series=series)
            for series, value in figures
            if value is not None
        ]
    return found


def by_category(rows: Sequence[tuple[int, str, int]], paper: Paper) -> Figure:
    """What the bodies bear for running and for building, apart."""
    large = get_policy_text("large_cost")
    found: dict[int, dict[str, int]] = {}
    for year, category, amount in rows:
        sums = found.setdefault(year, {})
        sums[category] = sums.get(category, 0) + amount
    return Figure(
        key="by-category",
        title=parts.marked("団体の負担の運用等経費と整備経費", fictional=paper.fictional),
        columns=(
            Column(key="fiscal_year", label="年度"),
            *(money_column(each.value, each.label, absent="—") for each in CostCategory),
            Column(key="large", label="運用等経費が年1億円以上"),
        ),
        rows=tuple(
            (f"{year}年度", *(sums.get(each.value) for each in CostCategory), _large(sums))
            for year, sums in sorted(found.items())
        ),
        source=paper.source,
        as_of=paper.as_of,
        fictional=paper.fictional,
        note="金額は税込です。初期費用は整備経費、運用費は運用等経費に置いています。"
        "年1億円以上は、国が優先して見る国のシステムの目安"
        f"（{large.source_doc}、{large.source_lines}）で、この案件への義務ではありません。",
    )


def _large(sums: Mapping[str, int]) -> str:
    return "該当" if sums.get(CostCategory.OPERATING.value, 0) >= LARGE_COST_YEN else "—"


def alone_and_joint(rows: Sequence[BodyLine], paper: Paper) -> Figure:
    """Each body over the whole term."""
    columns = [*_BODY]
    if paper.sees_alone:
        columns.append(_ALONE)
    columns.append(money_column("joint_yen", "共同"))
    if paper.sees_alone:
        columns.append(_SAVING)
    if paper.sees_paid:
        columns.append(money_column("borne_yen", "支払済み", absent=HIDDEN))
    cells = tuple(_body_cells(row, paper) for row in rows)
    title = _body_title(rows, paper)
    drawn = [
        Bar(label=row.name, value=value, series=series)
        for row in rows[:BODIES_DRAWN]
        for series, value in (
            ("単独", row.compared.standalone_yen if paper.sees_alone else None),
            ("共同", row.compared.joint_yen),
        )
        if value is not None
    ]
    more = f"図は先頭{BODIES_DRAWN}団体、表は先頭{BODIES_SHOWN}団体です。"
    return Figure(
        key="alone-and-joint",
        title=parts.marked(title, fictional=paper.fictional),
        columns=tuple(columns),
        rows=cells,
        shown=cells[:BODIES_SHOWN] if len(cells) > BODIES_SHOWN else None,
        svg=bar_chart("alone-and-joint", f"{title}。数値は表にあります。", drawn, YEN),
        source=paper.source,
        as_of=paper.as_of,
        fictional=paper.fictional,
        note="金額は税込、契約期間の合計です。差額がマイナスの団体は、単独のほうが安い見込みです。"
        + (_PAID_NOTE if paper.sees_paid else "")
        + (more if len(cells) > BODIES_SHOWN else ""),
    )


def _body_cells(row: BodyLine, paper: Paper) -> tuple[Cell, ...]:
    compared = row.compared
    cells: list[Cell] = [row.code, row.name]
    if paper.sees_alone:
        cells.append(compared.standalone_yen)
    cells.append(compared.joint_yen)
    if paper.sees_alone:
        cells.append(compared.saving_after_grants_yen)
    return (*cells, row.borne_yen) if paper.sees_paid else tuple(cells)


def _body_title(rows: Sequence[BodyLine], paper: Paper) -> str:
    if not paper.sees_alone:
        return f"{len(rows)}団体の負担額"
    savings = [row.compared.saving_after_grants_yen for row in rows]
    better = sum(1 for saving in savings if saving is not None and saving >= 0)
    return f"{len(rows)}団体のうち{better}団体は、共同のほうが高くならない"


def by_body_and_year(found: BodyYears, paper: Paper) -> Figure:
    """Alone, together, paid, budgeted and settled: one row a body and year."""
    columns = [*_BODY, Column(key="fiscal_year", label="年度")]
    if paper.sees_alone:
        columns.append(_ALONE)
    columns.append(money_column("joint_yen", "共同"))
    if paper.sees_alone:
        columns.append(_SAVING)
    if paper.sees_paid:
        columns.append(money_column("borne_yen", "支払済み", absent=HIDDEN))
    columns += [
        money_column("settlement_yen", "決算", absent=UNREPORTED),
        money_column("budget_initial_yen", "当初予算", absent=UNREPORTED),
        money_column("budget_revised_yen", "補正後予算", absent="—"),
        Column(key="on_behalf", label="代理入力", definition="都道府県などが代わりに記録した区分"),
    ]
    title = f"{found.name or '団体'}の年度別の負担・予算・決算"
    return Figure(
        key="bodies-by-year",
        title=parts.marked(title, fictional=paper.fictional),
        columns=tuple(columns),
        rows=tuple(_body_year_cells(row, paper) for row in found.lines),
        source=f"{paper.source}、各団体の報告（予算・決算）",
        as_of=paper.as_of,
        fictional=paper.fictional,
        note="金額は税込です。予算と決算は別の列で、足し合わせません。"
        "代理入力は、都道府県などが団体に代わって記録した額の区分です。",
    )


def _body_year_cells(row: BodyYearLine, paper: Paper) -> tuple[Cell, ...]:
    compared = row.compared
    cells: list[Cell] = [row.code, row.name, f"{row.fiscal_year}年度"]
    if paper.sees_alone:
        cells.append(compared.standalone_yen)
    cells.append(compared.joint_yen)
    if paper.sees_alone:
        cells.append(compared.saving_after_grants_yen)
    if paper.sees_paid:
        cells.append(row.borne_yen)
    behalf = "・".join(each.label for each in row.on_behalf) or "—"
    return (*cells, *row.entered, behalf)


def entered(rows: Sequence[EnteredSum], paper: Paper) -> Figure | None:
    """What the bodies reported, by year, basis and category: a line of its own for each basis."""
    found: dict[tuple[int, str, str], int] = {}
    for row in rows:
        key = (row.fiscal_year, row.basis, row.category)
        found[key] = found.get(key, 0) + row.amount_yen
    sums = [
        CostSum(fiscal_year=year, category=category, basis=basis, amount_yen=amount)
        for (year, basis, category), amount in found.items()
    ]
    figure = parts.costs("entered", sums, fictional=paper.fictional)
    if figure is None:
        return None
    return replace(
        figure,
        title=parts.marked("団体が報告した予算と決算の合計", fictional=paper.fictional),
        source="各団体の報告",
        as_of=paper.as_of,
        note=f"{figure.note}報告した団体の分だけの合計です。{_behalf_note(rows)}",
    )


def _behalf_note(rows: Sequence[EnteredSum]) -> str:
    found = sorted({(row.fiscal_year, CostBasis(row.basis).label) for row in rows if row.on_behalf})
    if not found:
        return ""
    names = "、".join(f"{year}年度 {label}" for year, label in found)
    return f"都道府県などが団体に代わって記録した額（代理入力）を含みます：{names}。"


def goal_line(body: str, goal: Goal, settled: Mapping[int, int], paper: Paper) -> Figure | None:
    """A body's goal beside its settlements; None where there is neither goal nor rule.

    settled: fiscal year → 運用等経費 of the settlement.
    """
    if goal.kind is GoalKind.NONE:
        return None
    words = goal.kind.label if goal.goal_yen is None else f"{goal.kind.label}：{yen(goal.goal_yen)}"
    title = f"{body}の運用等経費と目標（{words}）"
    drawing = ""
    if goal.goal_yen is not None:
        bars = [Bar(label=f"{year}年度", value=amount) for year, amount in sorted(settled.items())]
        is_state = goal.kind is GoalKind.STATE
        description = f"{title}。数値は表にあります。"
        drawing = goal_chart("goal", description, bars, (words, goal.goal_yen, is_state), YEN)
    return Figure(
        key="goal",
        title=parts.marked(title, fictional=paper.fictional),
        columns=(
            Column(key="fiscal_year", label="年度"),
            money_column("operating_yen", "運用等経費（決算）"),
            money_column("goal_yen", "目標", absent="—"),
            Column(key="change", label="2018年度と比べて"),
            Column(key="judged", label="目標との比較"),
        ),
        rows=tuple(_goal_cells(goal, year, amount) for year, amount in sorted(settled.items())),
        svg=drawing,
        source="自団体の報告（決算）",
        as_of=paper.as_of,
        fictional=paper.fictional,
        note=f"金額は税込です。{_GOAL_NOTES.get(goal.kind, '')}",
    )


_GOAL_NOTES = {
    GoalKind.STATE: "実線は国の削減目標（標準20業務の運用等経費、移行完了後、2018年度比）です。",
    GoalKind.BEFORE_MIGRATION: "国の削減目標は、移行が完了してから適用します。",
    GoalKind.NO_BASELINE: "2018年度の決算を記録すると、国の削減目標の線が出ます。",
    GoalKind.OWN: "破線は団体が自ら置いた独自目標です。国の削減目標ではありません。",
}


def _goal_cells(goal: Goal, year: int, amount: int) -> tuple[Cell, ...]:
    change = "" if goal.baseline_yen is None else reduction_text(goal.baseline_yen, amount)
    judged = (
        "基準"
        if year == BASELINE_YEAR and goal.baseline_yen is not None
        else goal.judged(year, amount)
    )
    return (f"{year}年度", amount, goal.goal_yen, change or "—", judged)
