"""Fixing the ceilings of a notice (提案上限額), with the rest of its draft."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from foundation.errors import Blocker
from procurement.domain.ceilings import MAX_YEN, MOST_CEILINGS, CostKind
from procurement.models import Participation, Project, ProposalCeiling


@dataclass(frozen=True, kw_only=True)
class CeilingDraft:
    """What a proposal may ask of one body for one kind of cost."""

    body_code: str
    kind: CostKind
    amount_yen: int

    def __str__(self) -> str:
        """As the audit chain writes it."""
        return f"{self.body_code}/{self.kind.value}={self.amount_yen}"


def list_ceiling_blockers(
    session: Session, project: Project, wanted: Sequence[CeilingDraft]
) -> list[Blocker]:
    """Bodies that are not in the project, lines said twice, amounts nobody means. One query."""
    known = set(
        session.scalars(
            select(Participation.body_code).where(Participation.project_id == project.id)
        )
    )
    strange = sorted({each.body_code for each in wanted} - known)
    said = Counter(f"{each.body_code} {each.kind.label}" for each in wanted)
    twice = sorted(pair for pair, times in said.items() if times > 1)
    messages = []
    if len(wanted) > MOST_CEILINGS:
        messages.append(f"提案上限額は{MOST_CEILINGS:,}行までです。")
    elif twice:
        messages.append(f"同じ団体・費目の行が2つあります：{'、'.join(twice[:3])}")
    if strange:
        messages.append(f"この案件にない団体のコードです：{'、'.join(strange[:3])}")
    if any(not 1 <= each.amount_yen <= MAX_YEN for each in wanted):
        messages.append("提案上限額を1円以上1兆円以下で入力してください。")
    return [Blocker(code="ceilings", message=text, field="ceilings") for text in messages]


def keep_ceilings(
    session: Session, project: Project, wanted: Sequence[CeilingDraft], *, tax_included: bool
) -> None:
    """These and no others; where a line stays as it was, so does its published source."""
    rows = session.scalars(select(ProposalCeiling).where(ProposalCeiling.project_id == project.id))
    sources = {
        (row.body_code, row.cost_kind, row.amount_yen, row.tax_included): row.source_url
        for row in rows
    }
    session.execute(delete(ProposalCeiling).where(ProposalCeiling.project_id == project.id))
    session.add_all(
        ProposalCeiling(
            project_id=project.id,
            body_code=each.body_code,
            cost_kind=each.kind.value,
            amount_yen=each.amount_yen,
            tax_included=tax_included,
            source_url=sources.get(
                (each.body_code, each.kind.value, each.amount_yen, tax_included), ""
            ),
        )
        for each in wanted
    )
    session.flush()
