"""The figures beside the costs: effects by metric and unit, gross and net by year (F20, F22)."""

from collections.abc import Mapping, Sequence

from procurement.dashboard import parts
from procurement.dashboard.cost_figures import Paper, money_column
from procurement.dashboard.figures import Column, Figure
from procurement.domain.effects import plain, saved_by_unit
from procurement.domain.funding import NetLine
from procurement.queries.benefits import EffectRow

NO_EFFECT = "効果未登録"
_UNKNOWN = "算出不可"


def effects(rows: Sequence[EffectRow], paper: Paper) -> Figure | None:
    """One row an effect; the sums of each unit by itself stand in the title's note."""
    if not rows:
        return None
    saved = saved_by_unit(row.change for row in rows)
    sums = "、".join(f"{plain(value)} {unit.label}" for unit, value in saved.items())
    return Figure(
        key="effects",
        title=parts.marked(f"効果：{rows[0].label}など{len(rows)}件", fictional=paper.fictional),
        columns=(
            Column(key="label", label="効果"),
            Column(key="metric", label="指標"),
            Column(key="change", label="前 → 後（差、率）"),
            Column(key="fiscal_year", label="年度"),
            Column(key="evidence", label="根拠"),
            Column(key="technology", label="手段"),
            Column(key="scope", label="範囲"),
            Column(key="measured_by", label="測った者"),
            Column(key="source", label="出典"),
            Column(key="unit", label="単位", type="code"),
            Column(key="before", label="前", type="code"),
            Column(key="after", label="後", type="code"),
        ),
        rows=tuple(
            (
                *(row.label, row.metric, row.change.text, f"{row.fiscal_year}年度"),
                *(row.evidence_label, row.technology, row.scope, row.measured_by),
                *(row.source or "記載なし", row.unit, str(row.before), str(row.after)),
            )
            for row in rows
        ),
        source="幹事団体の記録",
        as_of=paper.as_of,
        fictional=paper.fictional,
        note=f"単位ごとの削減の合計：{sums}。単位の違う効果は足し合わせません。"
        "この表に金額（税込・税抜）はありません。",
    )


def net_costs(
    lines: Sequence[NetLine],
    names: Mapping[str, str],
    *,
    programs: Sequence[str],
    shares_net: bool,
    paper: Paper,
) -> Figure | None:
    """Gross, decided, planned and net; None where nobody gives anything. programs: names."""
    if not any(line.decided_yen or line.planned_yen for line in lines):
        return None
    how = (
        "都道府県・交付金等の負担分を差し引いた額（純額）を分けています"
        if shares_net
        else "総額を分けています"
    )
    return Figure(
        key="net",
        title=parts.marked("総額、補助金等、差引の額", fictional=paper.fictional),
        columns=(
            Column(key="fiscal_year", label="年度"),
            Column(key="body", label="団体"),
            money_column("gross_yen", "総額", absent=_UNKNOWN),
            money_column("decided_yen", "補助金等（決定）", absent="—"),
            money_column("planned_yen", "補助金等（予定）", absent="—"),
            money_column("net_yen", "差引（決定分だけ）", absent=_UNKNOWN),
            money_column("net_if_granted_yen", "差引（予定も含む）", absent=_UNKNOWN),
        ),
        rows=tuple(
            (
                f"{line.fiscal_year}年度",
                names.get(line.body_code, line.body_code) if line.body_code else "案件全体",
                line.gross_yen,
                line.decided_yen,
                line.planned_yen,
                line.net_yen,
                line.net_if_granted_yen,
            )
            for line in lines
        ),
        source=f"{paper.source}、幹事団体の記録（補助金等）",
        as_of=paper.as_of,
        fictional=paper.fictional,
        note=f"金額は税込です。負担案は、{how}。予定は決まった額ではありません。"
        "団体の行は、案件全体の行の内数です。"
        f"補助金等：{'、'.join(programs)}（条件と出典は「補助・交付金の条件」の表にあります）。",
    )
