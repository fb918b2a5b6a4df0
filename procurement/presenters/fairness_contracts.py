"""Contract amounts beside shares in words: named apart from the advice, which rests on plans."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from accounts.codes import is_fictional_code
from foundation.filters import number, yen
from foundation.paging import Page, cut
from procurement.dashboard.project_contracts import percent_text
from procurement.queries.contracted import ContractedRow

PAGE_ROWS = 50


@dataclass(frozen=True, kw_only=True)
class ContractLine:
    """One contract beside its share. own_prices: it has unit prices of its own."""

    name: str
    fictional: bool
    term: str
    share: str
    contract: str
    difference: str
    share_part: str
    contract_part: str
    own: bool
    own_prices: bool


def contract_words(rows: Sequence[ContractedRow]) -> str:
    """What the table comes to, in one sentence or two; '' where no body has its own contract."""
    if not rows:
        return ""
    differing = sum(row.differs for row in rows)
    own = sum(row.own_prices for row in rows)
    words = (
        f"団体ごとの契約{number(len(rows))}件のうち、負担案の額と異なるものは{number(differing)}件です。"
        if differing
        else f"団体ごとの契約{number(len(rows))}件の額は、どれも負担案の額と同じです。"
    )
    if own:
        words += f"契約だけの単価がある契約は{number(own)}件です。"
    return words


def contract_rows(rows: Sequence[ContractedRow], at: int, own: str) -> Page[ContractLine]:
    """By term and code. at: which page; own: code of the reader's body, or ''."""
    shares: Counter[int] = Counter()
    contracts: Counter[int] = Counter()
    for row in rows:
        shares[row.term] += row.share_yen or 0
        contracts[row.term] += row.contract_yen
    lines = [_line(row, shares[row.term], contracts[row.term], own) for row in rows]
    return cut(lines, at, PAGE_ROWS)


def _line(row: ContractedRow, share_total: int, contract_total: int, own: str) -> ContractLine:
    return ContractLine(
        name=row.name,
        fictional=is_fictional_code(row.code),
        term=f"第{row.term}期",
        share="負担案にない" if row.share_yen is None else yen(row.share_yen),
        contract=yen(row.contract_yen),
        difference=_difference(row),
        share_part=percent_text(row.share_yen, share_total),
        contract_part=percent_text(row.contract_yen, contract_total),
        own=row.code == own,
        own_prices=row.own_prices,
    )


def _difference(row: ContractedRow) -> str:
    if row.share_yen is None:
        return "—"
    amount = row.contract_yen - row.share_yen
    return f"＋{yen(amount)}" if amount > 0 else yen(amount)
