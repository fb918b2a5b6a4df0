"""What the guards of a project's life ask of its notice and its proposals, in one query."""

from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    ScalarSelect,
    Select,
    and_,
    bindparam,
    func,
    select,
)
from sqlalchemy.orm import Session

from procurement.domain.judging import next_in_rank
from procurement.domain.states import State
from procurement.domain.two_stages import Stages
from procurement.models import EstimateBasis, Project, StageEntry, StateChange
from procurement.queries.stages import STAGE_COLUMNS, newest_stage_number, read_stages
from procurement.tender_models import (
    Award,
    JudgeSeat,
    ProposalReceipt,
    ProposalWithdrawal,
    TenderNotice,
    TenderOpening,
    TenderQuestion,
)

# A project's number, or where it will stand in a statement.
Number = int | BindParameter[int]


@dataclass(frozen=True, kw_only=True)
class TenderFacts:
    """valid_proposals: 0 before the opening, whatever was handed in. opened: of this round."""

    rule_fixed: bool
    conditional_on_budget: bool
    questions_close_at: datetime | None
    answers_due_at: datetime | None
    unanswered: int
    unanswered_reason: str
    opened: bool
    valid_proposals: int
    scores_complete: bool
    awarded: bool
    award_id: int | None
    runner_up: str
    estimate_bases: int
    stages: Stages


def load_tender_facts(session: Session, project_id: int) -> TenderFacts:
    """One query. The round is the project's newest notice."""
    row = session.execute(_facts(), {"project_id": project_id}).one()
    opened = row.opened_at is not None
    return TenderFacts(
        rule_fixed=bool(row.evaluation_rule),
        conditional_on_budget=bool(row.conditional_on_budget),
        questions_close_at=row.questions_close_at,
        answers_due_at=row.answers_due_at,
        unanswered=row.unanswered,
        unanswered_reason=row.unanswered_reason or "",
        opened=opened,
        valid_proposals=row.valid if opened else 0,
        scores_complete=_is_complete(row),
        awarded=row.award_number is not None,
        award_id=row.award_id,
        runner_up=next_in_rank(row.sheet, row.award_number + 1) if row.sheet else "",
        estimate_bases=row.bases,
        stages=read_stages(row),
    )


@cache
def _facts() -> Select[*tuple[Any, ...]]:
    """Put together once: its many parts take longer than the database needs to answer."""
    project_id: BindParameter[int] = bindparam("project_id")
    return (
        select(
            TenderNotice.evaluation_rule,
            TenderNotice.conditional_on_budget,
            TenderNotice.questions_close_at,
            TenderNotice.answers_due_at,
            TenderNotice.unanswered_reason,
            TenderNotice.quorum,
            _count_unanswered(project_id).label("unanswered"),
            _opened_at(project_id).label("opened_at"),
            _count_valid(project_id).label("valid"),
            _count_seats(project_id, JudgeSeat.submitted_at.is_(None)).label("waiting"),
            _count_seats(project_id, JudgeSeat.submitted_at.is_not(None)).label("heard"),
            _newest_award(project_id, Award.number).label("award_number"),
            _newest_award(project_id, Award.id).label("award_id"),
            _newest_award(project_id, Award.sheet).label("sheet"),
            _count_bases(project_id).label("bases"),
            *STAGE_COLUMNS,
        )
        .select_from(Project)
        .outerjoin(TenderNotice, TenderNotice.project_id == Project.id)
        .outerjoin(StageEntry, _is_newest_entry(project_id))
        .where(Project.id == project_id)
    )


def _is_newest_entry(project_id: BindParameter[int]) -> ColumnElement[bool]:
    newest = StageEntry.number == newest_stage_number(project_id)
    return and_(StageEntry.project_id == Project.id, newest)


def _is_complete(row: Any) -> bool:
    """As procurement.domain.judging.scores_are_complete says it of the seats themselves."""
    if not row.evaluation_rule:
        return False
    if not row.evaluation_rule.get("criteria"):
        return True
    return not row.waiting and row.heard >= (row.quorum or 1)


def round_of(project_id: Number) -> ScalarSelect[Any]:
    """How many notices the project has had, as a subquery."""
    return (
        select(func.count())
        .where(
            StateChange.project_id == project_id,
            StateChange.to_state == State.SOLICITATION.value,
            StateChange.from_state != State.SOLICITATION.value,
        )
        .scalar_subquery()
    )


def _count_unanswered(project_id: Number) -> ScalarSelect[Any]:
    return (
        select(func.count())
        .where(
            TenderQuestion.project_id == project_id,
            TenderQuestion.round == round_of(project_id),
            TenderQuestion.published_at.is_(None),
        )
        .scalar_subquery()
    )


def _opened_at(project_id: Number) -> ScalarSelect[Any]:
    return (
        select(TenderOpening.opened_at)
        .where(
            TenderOpening.project_id == project_id,
            TenderOpening.round == round_of(project_id),
        )
        .scalar_subquery()
    )


def _count_valid(project_id: Number) -> ScalarSelect[Any]:
    """Vendors whose newest proposal of this round was not taken back."""
    taken_back = (
        select(func.max(ProposalWithdrawal.up_to_number))
        .where(
            ProposalWithdrawal.project_id == ProposalReceipt.project_id,
            ProposalWithdrawal.round == ProposalReceipt.round,
            ProposalWithdrawal.vendor_id == ProposalReceipt.vendor_id,
        )
        .correlate(ProposalReceipt)
        .scalar_subquery()
    )
    return (
        select(func.count(ProposalReceipt.vendor_id.distinct()))
        .where(
            ProposalReceipt.project_id == project_id,
            ProposalReceipt.round == round_of(project_id),
            ProposalReceipt.number > func.coalesce(taken_back, 0),
        )
        .scalar_subquery()
    )


def _count_seats(project_id: Number, *conditions: Any) -> ScalarSelect[Any]:
    return (
        select(func.count())
        .where(
            JudgeSeat.project_id == project_id,
            JudgeSeat.round == round_of(project_id),
            JudgeSeat.absent_reason == "",
            *conditions,
        )
        .scalar_subquery()
    )


def _newest_award(project_id: Number, column: Any) -> ScalarSelect[Any]:
    return (
        select(column)
        .where(Award.project_id == project_id, Award.round == round_of(project_id))
        .order_by(Award.number.desc())
        .limit(1)
        .scalar_subquery()
    )


def _count_bases(project_id: Number) -> ScalarSelect[Any]:
    return select(func.count()).where(EstimateBasis.project_id == project_id).scalar_subquery()
