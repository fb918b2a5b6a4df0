"""Effects over projects, by metric, unit and evidence, beside their costs (F20)."""

from collections.abc import Sequence
from decimal import Decimal

from procurement.dashboard import parts
from procurement.dashboard.figures import Column, Figure
from procurement.dashboard.sums import EffectSum
from procurement.domain.effects import EffectUnit, Evidence

NOT_ADDED = "足し合わせない単位"
_COLUMNS = (
    Column(key="metric", label="指標"),
    Column(key="unit", label="単位"),
    Column(key="evidence", label="根拠"),
    Column(key="projects", label="登録した案件", type="integer", unit="件"),
    Column(key="unrecorded", label="未登録の案件", type="integer", unit="件"),
    Column(key="before", label="前の合計"),
    Column(key="after", label="後の合計"),
    Column(key="saved", label="削減の合計"),
    Column(key="least_saved", label="効果ごとの削減の最小"),
    Column(key="most_saved", label="効果ごとの削減の最大"),
    Column(key="years", label="測った年度"),
)


def effects_by_metric(rows: Sequence[EffectSum], *, fictional: bool) -> Figure | None:
    """None where no project recorded any: not recorded is not nought."""
    if not rows:
        return None
    metrics = len({row.metric for row in rows})
    return Figure(
        key="effects-by-metric",
        title=parts.marked(f"効果：{metrics}つの指標", fictional=fictional),
        columns=_COLUMNS,
        rows=tuple(_cells(row) for row in rows),
        source="各案件の幹事団体の記録（測った者と出典は案件の費用のページ）",
        as_of=parts.as_of(fictional=fictional),
        fictional=fictional,
        note="費用を公開している案件の記録です。指標・単位・根拠の違う効果は足し合わせません。"
        "分/件と所要期間は、案件をまたいで足し合わせません。"
        "未登録の案件は、効果がないという意味ではありません。",
    )


def _cells(row: EffectSum) -> tuple[str | int, ...]:
    unit = EffectUnit(row.unit)
    sums = (row.before, row.after, row.before - row.after)
    years = f"{row.first_year}年度"
    if row.last_year != row.first_year:
        years = f"{years}〜{row.last_year}年度"
    return (
        *(row.metric, unit.label, Evidence(row.evidence).label),
        *(row.projects, row.shown - row.projects),
        *(_number(value) if unit.adds_up else NOT_ADDED for value in sums),
        *(_number(row.least_saved), _number(row.most_saved), years),
    )


def _number(value: Decimal) -> str:
    """As a machine reads it too: no commas, at most two decimals."""
    text = f"{value.quantize(Decimal('0.01')):f}"
    return text.rstrip("0").rstrip(".")
