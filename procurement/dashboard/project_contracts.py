"""Contract amounts beside the shares, where they differ (F17)."""

from collections.abc import Sequence

from sqlalchemy.orm import Session

from procurement.dashboard import parts
from procurement.dashboard.cost_figures import Paper, money_column
from procurement.dashboard.figures import Cell, Column, Figure
from procurement.dashboard.project_costs import ProjectCosts
from procurement.queries.contracted import ContractedRow, list_contracted

_COLUMNS = (
    Column(key="body_code", label="団体コード"),
    Column(key="body", label="団体"),
    Column(key="term", label="契約の期間"),
    money_column("share_yen", "負担案の額", absent="負担案にない"),
    money_column("contract_yen", "契約の額"),
    money_column("difference_yen", "差（契約−負担案）", absent="—"),
    Column(key="share_percent", label="負担案での割合"),
    Column(key="contract_percent", label="契約での割合"),
)


def contract_figure(session: Session, project_id: int, costs: ProjectCosts) -> Figure | None:
    """None where every contract is what the versions say. For whoever may read contract amounts.

    One query.
    """
    if costs.paper is None:
        return None
    rows = list_contracted(session, project_id, costs.versions)
    return contracts_beside_shares(rows, costs.paper) if any(r.differs for r in rows) else None


def contracts_beside_shares(rows: Sequence[ContractedRow], paper: Paper) -> Figure:
    """One row a contract, with its part of all contracts of its term."""
    shares: dict[int, int] = {}
    contracts: dict[int, int] = {}
    for row in rows:
        shares[row.term] = shares.get(row.term, 0) + (row.share_yen or 0)
        contracts[row.term] = contracts.get(row.term, 0) + row.contract_yen
    differing = sum(row.differs for row in rows)
    title = f"契約の額が負担案と異なる契約は{len(rows)}件のうち{differing}件"
    return Figure(
        key="contracts",
        title=parts.marked(title, fictional=paper.fictional),
        columns=_COLUMNS,
        rows=tuple(_cells(row, shares[row.term], contracts[row.term]) for row in rows),
        source=f"{paper.source}、団体ごとの契約",
        as_of=paper.as_of,
        fictional=paper.fictional,
        note="金額は税込、その期間の合計です。契約の額は、変更を含みます。負担案の額は、都道府県や"
        "交付金等の負担を除いた額のことがあります。割合は、ここにある契約どうしの割合です。",
    )


def _cells(row: ContractedRow, share_total: int, contract_total: int) -> tuple[Cell, ...]:
    difference = None if row.share_yen is None else row.contract_yen - row.share_yen
    return (
        row.code,
        row.name,
        f"第{row.term}期",
        row.share_yen,
        row.contract_yen,
        difference,
        percent_text(row.share_yen, share_total),
        percent_text(row.contract_yen, contract_total),
    )


def percent_text(part: int | None, total: int) -> str:
    """「33.3 %」: whole tenths, rounded half up; 「—」 where there is nothing to divide."""
    if part is None or not total:
        return "—"
    tenths = (2_000 * part + total) // (2 * total)
    return f"{tenths // 10}.{tenths % 10} %"
