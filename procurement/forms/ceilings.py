"""Lines of 団体コード・費目・金額: the ceilings of a notice, the amounts of a proposal."""

from collections.abc import Sequence

from foundation.text import parse_yen
from procurement.domain.ceilings import Ceiling, CostKind, key_of
from procurement.forms.lines import read_lines
from procurement.queries.project_page import CeilingRow
from procurement.services.proposal_ceilings import CeilingDraft

EXAMPLE = "「団体コード、費目、金額」"
KINDS_SAID = "・".join(kind.label for kind in CostKind)
_MOST_SAID = 10  # of wrong lines: a reader mends these and comes back
_KINDS = {kind.label: kind for kind in CostKind}


def read_ceilings(text: str) -> tuple[CeilingDraft, ...]:
    """Pasted or typed lines. Raises ValueError naming every wrong line and what is wrong."""
    found, problems = [], []
    for number, cells in enumerate(read_lines(text, 3, EXAMPLE), start=1):
        try:
            found.append(_read_line(*cells))
        except ValueError as problem:
            problems.append(f"{number}行目：{problem}")
    if problems:
        raise ValueError(" ".join([*problems[:_MOST_SAID], *_others(problems)]))
    return tuple(found)


def _others(problems: Sequence[str]) -> list[str]:
    more = len(problems) - _MOST_SAID
    return [f"ほかにも{more}行に直すところがあります。"] if more > 0 else []


def _read_line(code: str, label: str, amount: str) -> CeilingDraft:
    if not (len(code) == 6 and code.isascii() and code.isdigit()):
        raise ValueError("団体コードは6桁の数字です。")
    if label not in _KINDS:
        raise ValueError(f"費目は{KINDS_SAID}のどれかにしてください。")
    return CeilingDraft(body_code=code, kind=_KINDS[label], amount_yen=parse_yen(amount))


def read_offers(text: str) -> dict[str, int]:
    """The same lines of a proposal: key → yen, 0 where nothing is asked for. Raises ValueError."""
    offered: dict[str, int] = {}
    for number, each in enumerate(read_ceilings(text), start=1):
        key = key_of(each.body_code, each.kind.value)
        if key in offered:
            raise ValueError(f"{number}行目：同じ団体・費目の行が2つあります。")
        if each.amount_yen < 0:
            raise ValueError(f"{number}行目：金額は0円以上で入力してください。")
        offered[key] = each.amount_yen
    return offered


def ceiling_lines(rows: Sequence[CeilingRow]) -> str:
    """Stored ceilings as the form shows them."""
    return "\n".join(
        f"{row.body_code}、{CostKind(row.cost_kind).label}、{row.amount_yen}" for row in rows
    )


def lines_to_fill_in(measures: Sequence[Ceiling]) -> str:
    """A line for every amount that a proposal must name, without the amount."""
    pairs = (each.key.split("/") for each in measures)
    return "\n".join(f"{code}、{CostKind(kind).label}、" for code, kind in pairs)
