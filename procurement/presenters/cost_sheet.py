"""The cost-effect sheet (F21), after the review sheets of the state: words, costs, effects."""

import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from openpyxl import Workbook
from openpyxl.styles import Font

from foundation.clock import era_date, fiscal_year_label, jst_today
from foundation.filters import yen
from foundation.text import printable
from procurement.dashboard.cost_figures import YearLine
from procurement.domain.cost_goals import LARGE_COST_YEN
from procurement.presenters.paper_files import begin_paper, fill_table, list_texts, save_paper, say
from procurement.queries.benefits import EffectRow, SheetRow
from procurement.queries.project_page import ProjectHead

COLUMNS = ("年度", "共同の総額（税込・円）", "団体の負担（税込・円）", "決算（税込・円）")
NO_EFFECT = "効果未登録"
_NOT_WRITTEN = "記載なし"
_NO_KPI = (
    "費用が大きい（年1億円以上、国の情報システムの優先度の基準による）のに、"
    "KPIがありません。成果を測る指標と目標年度を決めてください。"
)


@dataclass(frozen=True, kw_only=True)
class CostSheet:
    """One sheet. costs: year, gross, borne, settled; None is 未報告. warning: '' for none."""

    title: str
    made_on: str
    before: Sequence[tuple[str, str]]
    costs: Sequence[tuple[str, int | None, int, int | None]]
    after: Sequence[tuple[str, str]]
    effects: Sequence[str]
    warning: str
    fictional: bool

    @property
    def cost_texts(self) -> list[tuple[str, str, str, str]]:
        """The costs as a reader sees them."""
        return [
            (year, yen(gross), yen(borne), "未報告" if settled is None else yen(settled))
            for year, gross, borne, settled in self.costs
        ]


def cost_sheet(
    head: ProjectHead,
    words: SheetRow,
    years: Sequence[YearLine],
    effects: Sequence[EffectRow],
    now: datetime,
) -> CostSheet:
    """The sheet of a project; years: without their sum."""
    large = any((line.compared.gross_yen or 0) >= LARGE_COST_YEN for line in years)
    return CostSheet(
        title=head.row.title,
        made_on=era_date(jst_today(now)),
        before=_written(
            ("目的", head.purpose),
            ("対象", words.target),
            ("システム種別", head.row.system_type_name),
            ("幹事団体", head.row.lead_name),
        ),
        costs=[
            (
                fiscal_year_label(line.fiscal_year) if line.fiscal_year else line.label,
                line.compared.gross_yen,
                line.compared.joint_yen,
                line.settled_yen,
            )
            for line in years
        ],
        after=_written(
            ("活動", words.activities),
            ("活動の実績（アウトプット）", words.outputs),
            ("成果（アウトカム）", words.outcomes),
            ("KPI", words.kpi),
            ("KPIの目標値", words.kpi_target),
            ("KPIの目標年度", fiscal_year_label(words.kpi_year) if words.kpi_year else ""),
            ("結果", words.result),
            ("改善", words.improvement),
        ),
        effects=[f"{row.label}：{row.change.text}（{row.evidence_label}）" for row in effects],
        warning=_NO_KPI if large and not (words.kpi and words.kpi_year) else "",
        fictional=head.fictional,
    )


def _written(*pairs: tuple[str, str]) -> list[tuple[str, str]]:
    return [(label, text or _NOT_WRITTEN) for label, text in pairs]


def sheet_docx(sheet: CostSheet) -> bytes:
    """The sheet as a Word file."""
    paper = begin_paper(f"費用対効果シート：{sheet.title}", sheet.fictional)
    say(paper, f"{sheet.made_on}現在")
    if sheet.warning:
        say(paper, sheet.warning)
    fill_table(paper, sheet.before)
    paper.add_heading("年度別の費用", 2)
    fill_table(paper, [COLUMNS, *sheet.cost_texts])
    paper.add_heading("活動・成果・改善", 2)
    fill_table(paper, sheet.after)
    paper.add_heading("測った効果", 2)
    list_texts(paper, sheet.effects or [NO_EFFECT])
    return save_paper(paper)


def sheet_xlsx(sheet: CostSheet) -> bytes:
    """The sheet as a workbook: amounts are numbers, texts stay texts."""
    workbook = Workbook()
    page = workbook.active
    page.title = "費用対効果"
    rows: list[Sequence[str | int | None]] = [
        (f"費用対効果シート：{sheet.title}",),
        *([("架空",)] if sheet.fictional else []),
        (f"{sheet.made_on}現在",),
        *([(sheet.warning,)] if sheet.warning else []),
        *sheet.before,
        (),
        COLUMNS,
        *sheet.costs,
        (),
        *sheet.after,
        (),
        ("測った効果",),
        *((text,) for text in sheet.effects or [NO_EFFECT]),
    ]
    for line, row in enumerate(rows, start=1):
        for place, value in enumerate(row, start=1):
            cell = page.cell(line, place, _cell(value))
            cell.data_type = "n" if isinstance(value, int) else "s"
            cell.font = Font(bold=line == 1 or row is COLUMNS)
            if isinstance(value, int):
                cell.number_format = "#,##0"
    for column, width in zip("ABCD", (28, 30, 26, 22), strict=True):
        page.column_dimensions[column].width = width
    buffer = io.BytesIO()
    workbook.save(buffer)
    return buffer.getvalue()


def _cell(value: str | int | None) -> str | int:
    if value is None:
        return "未報告"
    return value if isinstance(value, int) else printable(value)
