"""The dashboards of nation, prefecture and body; a project has its own (project_costs)."""

import csv
from functools import lru_cache
from pathlib import Path

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import InstrumentedAttribute, Session

import catalog
from accounts.models import LocalBody
from catalog.policy import get_policy_text
from procurement.dashboard import parts, sums
from procurement.dashboard.charts import Bar, bar_chart
from procurement.dashboard.effect_figures import effects_by_metric
from procurement.dashboard.figures import Column, DashboardPage, Figure, Stat, Tile
from procurement.dashboard.sums import Counters, Scope
from procurement.domain.cost_goals import (
    STATE_BASE_OKU,
    STATE_BASE_YEAR,
    STATE_GOAL_YEAR,
    goal_of,
)
from procurement.domain.lifecycle import STATE_LABELS, State

BODIES_SHOWN = 20
TILE_LEVELS = 5


@lru_cache(maxsize=1)
def tile_grid() -> tuple[tuple[str, str, int, int], ...]:
    """(two-digit code, name, column, row) of the 47 prefectures on the tile map."""
    path = Path(catalog.__path__[0]) / "data" / "pref_tilegrid.csv"
    with path.open(encoding="utf-8") as file:
        return tuple(
            (row["pref_code"], row["prefecture"], int(row["col"]), int(row["row"]))
            for row in csv.DictReader(file)
        )


def find_prefecture(session: Session, code: str) -> tuple[str, bool] | None:
    """(name, fictional) of a two-digit prefecture code."""
    return _name(session, LocalBody.prefecture_name, LocalBody.prefecture_code == code)


def find_body(session: Session, code: str) -> tuple[str, bool] | None:
    """(name, fictional) of a six-digit body code."""
    return _name(session, LocalBody.name, LocalBody.code == code)


def _name(
    session: Session, column: InstrumentedAttribute[str], condition: ColumnElement[bool]
) -> tuple[str, bool] | None:
    row = session.execute(select(column, LocalBody.fictional).where(condition).limit(1)).first()
    return (row[0], row[1]) if row else None


def nation(session: Session, *, fictional: bool) -> DashboardPage:
    """Everything in the register on one side of the line between real and 架空."""
    scope = Scope(fictional=fictional)
    figures = [
        None if fictional else _map(sums.cases_by_prefecture(session, scope)),
        parts.by_system_type(
            "cases-by-type", sums.cases_by_system_type(session, scope), fictional=fictional
        ),
        _by_participants(session, scope),
        _linked(session, scope),
        _projects(session, scope),
        parts.costs("costs", sums.cost_sums(session, fictional=fictional), fictional=fictional),
        effects_by_metric(sums.effect_sums(session, scope), fictional=fictional),
        None if fictional else _state_goal(),
    ]
    return DashboardPage(
        title="費用ダッシュボード（全国）",
        lead="共同調達の広がりと費用を、合計から内訳へ順に示します。",
        fictional=fictional,
        stats=_stats(sums.counters(session, scope), fictional=fictional),
        figures=tuple(figure for figure in figures if figure),
    )


def prefecture(session: Session, code: str, name: str, *, fictional: bool) -> DashboardPage:
    """One prefecture: its cases, its bodies, its projects, its costs."""
    scope = Scope(fictional=fictional, prefecture_code=code)
    counted = sums.counters(session, scope)
    cost = sums.cost_sums(session, fictional=fictional, prefecture_code=code)
    figures = [
        parts.by_system_type(
            "cases-by-type", sums.cases_by_system_type(session, scope), fictional=fictional
        ),
        _by_participants(session, scope) if counted.cases else None,
        _bodies(session, scope),
        _projects(session, scope),
        parts.costs("costs", cost, fictional=fictional),
        effects_by_metric(sums.effect_sums(session, scope), fictional=fictional),
    ]
    return DashboardPage(
        title=f"費用ダッシュボード（{name}）",
        lead=f"{name}の共同調達の事例・募集中の案件・費用です。",
        fictional=fictional,
        stats=_stats(counted, fictional=fictional)[2:],
        figures=tuple(figure for figure in figures if figure),
    )


def body(session: Session, code: str, name: str, *, fictional: bool) -> DashboardPage:
    """One local body: the cases it takes part in, and its recorded costs."""
    cases = sums.cases_of_body(session, code)
    total = sum(count for _, count in cases)
    cost = sums.cost_sums_of_body(session, code, fictional=fictional)
    figures = [
        _own_cases(name, cases, fictional=fictional) if cases else None,
        parts.costs("costs", cost, fictional=fictional),
    ]
    return DashboardPage(
        title=f"費用ダッシュボード（{name}）",
        lead=f"{name}が参加する共同調達の事例と、登録された費用です。",
        fictional=fictional,
        stats=(Stat(label="参加事例", value=total, unit="件", fictional=fictional),),
        figures=tuple(figure for figure in figures if figure),
    )


def _stats(counted: Counters, *, fictional: bool) -> tuple[Stat, ...]:
    rows = (
        ("登録事業者", counted.vendors, "者"),
        ("掲載サービス", counted.offerings, "件"),
        ("事例", counted.cases, "件"),
        ("進行中の共同調達", counted.open_projects, "件"),
    )
    return tuple(
        Stat(label=label, value=value, unit=unit, fictional=fictional)
        for label, value, unit in rows
    )


def _map(counts: dict[str, int]) -> Figure | None:
    if not counts:
        return None
    largest = max(counts.values())
    tiles = tuple(
        Tile(
            code=code,
            name=name,
            column=column,
            row=row,
            value=counts.get(code, 0),
            step=-(-counts.get(code, 0) * TILE_LEVELS // largest) or None,
            url=f"/dashboard/prefectures/{code}",
        )
        for code, name, column, row in tile_grid()
    )
    top = max(tiles, key=lambda tile: (tile.value, -int(tile.code)))
    found = sum(1 for tile in tiles if tile.value)
    return Figure(
        key="cases-by-prefecture",
        title=f"事例は{found}都道府県にあり、最多は{top.name}の{top.value}件",
        columns=(
            Column(key="prefecture_code", label="都道府県コード"),
            Column(key="prefecture", label="都道府県"),
            parts.CASES,
        ),
        rows=tuple((tile.code, tile.name, tile.value or None) for tile in tiles),
        tiles=tiles,
        source=parts.REAL_SOURCE,
        as_of=parts.REAL_AS_OF,
        fictional=False,
        note="「データなし」は、このカタログに登録がないことを示し、実施していないことではありません。",
    )


def _state_goal() -> Figure:
    """The state's own goal, beside nothing else: another base year and scope than a body's."""
    said = get_policy_text("state_cost_goal")
    scope = "国の運用等経費と、整備経費のうちシステム改修経費"
    return Figure(
        key="state-goal",
        title=f"参考：{said.title}は「{said.text}」",
        columns=(
            Column(key="item", label="区分"),
            Column(key="fiscal_year", label="年度"),
            Column(key="scope", label="範囲"),
            Column(key="about_oku_yen", label="およその額", type="integer", unit="億円"),
        ),
        rows=(
            ("基準", f"{STATE_BASE_YEAR}年度", scope, STATE_BASE_OKU),
            (
                "目標（基準の0.70倍の計算値）",
                f"{STATE_GOAL_YEAR}年度",
                scope,
                goal_of(STATE_BASE_OKU),
            ),
        ),
        source=f"{said.source_doc}（{said.source_lines}）",
        as_of=said.as_of,
        fictional=False,
        note=f"{said.note}。このサイトに登録された費用とは足し合わせません。",
    )


def _by_participants(session: Session, scope: Scope) -> Figure:
    rows = sums.cases_by_participants(session, scope)
    stated = [row for row in rows if row[0] != sums.NOT_STATED]
    top = max(stated, key=lambda row: row[1])
    title = f"参加団体数が分かる事例では「{top[0]}」が最も多く{top[1]:,}件"
    return parts.by_band(
        "cases-by-participants", title, "参加団体数", rows, fictional=scope.fictional
    )


def _linked(session: Session, scope: Scope) -> Figure:
    linked_cases, cases, linked_offerings, offerings = sums.linked_counts(session, scope)
    title = f"事例{cases:,}件のうち{linked_cases:,}件が掲載サービスとつながっている"
    return Figure(
        key="linked",
        title=parts.marked(title, fictional=scope.fictional),
        columns=(
            Column(key="entry", label="掲載の種類"),
            Column(key="linked", label="つながりあり", type="integer", unit="件"),
            Column(key="all", label="全件", type="integer", unit="件"),
        ),
        rows=(("事例", linked_cases, cases), ("掲載サービス", linked_offerings, offerings)),
        source=parts.source_of(fictional=scope.fictional),
        as_of=parts.as_of(fictional=scope.fictional),
        fictional=scope.fictional,
    )


def _projects(session: Session, scope: Scope) -> Figure | None:
    found = {
        state: (count, joined) for state, count, joined in sums.projects_by_state(session, scope)
    }
    if not found:
        return None
    rows = tuple(
        (STATE_LABELS[state], *found[state.value]) for state in State if state.value in found
    )
    total = sum(row[1] for row in rows)
    title = f"共同調達の案件は{total:,}件"
    return Figure(
        key="projects-by-state",
        title=parts.marked(title, fictional=scope.fictional),
        columns=(
            Column(key="state", label="段階"),
            Column(key="projects", label="案件", type="integer", unit="件"),
            Column(key="joined", label="参加団体（延べ）", type="integer", unit="団体"),
        ),
        rows=rows,
        source="このカタログの共同調達案件",
        as_of=parts.as_of(fictional=scope.fictional),
        fictional=scope.fictional,
    )


def _bodies(session: Session, scope: Scope) -> Figure | None:
    rows = sums.bodies_by_cases(session, scope, BODIES_SHOWN)
    if not rows:
        return None
    title = f"参加事例が最も多い団体は{rows[0][1]}（{rows[0][2]:,}件）"
    bars = [Bar(label=name, value=count) for _, name, count in rows[: parts.CHARTED_TYPES]]
    return Figure(
        key="bodies",
        title=parts.marked(title, fictional=scope.fictional),
        columns=(
            Column(key="body_code", label="団体コード"),
            Column(key="body", label="団体"),
            parts.CASES,
        ),
        rows=tuple(rows),
        svg=bar_chart("bodies", f"{title}。数値は表にあります。", bars, "件"),
        source=parts.source_of(fictional=scope.fictional),
        as_of=parts.as_of(fictional=scope.fictional),
        fictional=scope.fictional,
        note=f"団体名が明記された事例だけを数えた上位{BODIES_SHOWN}団体です。",
    )


def _own_cases(name: str, rows: list[tuple[str, int]], *, fictional: bool) -> Figure:
    title = f"{name}の参加事例は{len(rows):,}種別"
    bars = [Bar(label=label, value=count) for label, count in rows[: parts.CHARTED_TYPES]]
    return Figure(
        key="own-cases",
        title=parts.marked(title, fictional=fictional),
        columns=(parts.SYSTEM_TYPE, parts.CASES),
        rows=tuple(rows),
        svg=bar_chart("own-cases", f"{title}。数値は表にあります。", bars, "件"),
        source=parts.source_of(fictional=fictional),
        as_of=parts.as_of(fictional=fictional),
        fictional=fictional,
    )
