"""What the guards of a project's life ask of its notice and its proposals, in one query."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ScalarSelect, func, select
from sqlalchemy.orm import Session

from procurement.domain.states import State
from procurement.models import EstimateBasis, Project, StateChange
from procurement.tender_models import (
    ProposalReceipt,
    ProposalWithdrawal,
    TenderNotice,
    TenderOpening,
    TenderQuestion,
)


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
    estimate_bases: int


def load_tender_facts(session: Session, project_id: int) -> TenderFacts:
    """One query. The round is the project's newest notice."""
    row = session.execute(
        select(
            TenderNotice.evaluation_rule,
            TenderNotice.conditional_on_budget,
            TenderNotice.questions_close_at,
            TenderNotice.answers_due_at,
            TenderNotice.unanswered_reason,
            _count_unanswered(project_id).label("unanswered"),
            _opened_at(project_id).label("opened_at"),
            _count_valid(project_id).label("valid"),
            _count_bases(project_id).label("bases"),
        )
        .select_from(Project)
        .outerjoin(TenderNotice, TenderNotice.project_id == Project.id)
        .where(Project.id == project_id)
    ).one()
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
        estimate_bases=row.bases,
    )


def round_of(project_id: int) -> ScalarSelect[Any]:
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


def _count_unanswered(project_id: int) -> ScalarSelect[Any]:
    return (
        select(func.count())
        .where(
            TenderQuestion.project_id == project_id,
            TenderQuestion.round == round_of(project_id),
            TenderQuestion.published_at.is_(None),
        )
        .scalar_subquery()
    )


def _opened_at(project_id: int) -> ScalarSelect[Any]:
    return (
        select(TenderOpening.opened_at)
        .where(
            TenderOpening.project_id == project_id,
            TenderOpening.round == round_of(project_id),
        )
        .scalar_subquery()
    )


def _count_valid(project_id: int) -> ScalarSelect[Any]:
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


def _count_bases(project_id: int) -> ScalarSelect[Any]:
    return select(func.count()).where(EstimateBasis.project_id == project_id).scalar_subquery()
