"""A project's notice, questions and proposals, each as far as the reader may know it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session, joinedload

from accounts.roles import Action, Actor, may
from catalog.models import Vendor
from procurement.domain.tender import Moments
from procurement.models import Project
from procurement.queries.standing import Standing
from procurement.queries.tender_facts import round_of
from procurement.tender_models import (
    ProposalReceipt,
    ProposalWithdrawal,
    TenderNotice,
    TenderOpening,
    TenderQuestion,
)


@dataclass(frozen=True, kw_only=True)
class NoticePage:
    """What is fixed for the notice. row_version: 0 where nothing was saved yet."""

    rule: dict[str, Any]
    moments: Moments
    conditional_on_budget: bool
    unanswered_reason: str
    quorum: int
    row_version: int


@dataclass(frozen=True, kw_only=True)
class QuestionRow:
    """A question. The asker's name is nowhere in it; own: the reader's vendor asked it."""

    id: int
    text: str
    asked_at: datetime
    answer: str
    answered_at: datetime | None
    published: bool
    own: bool
    row_version: int


@dataclass(frozen=True, kw_only=True)
class ReceiptRow:
    """What a vendor handed in, for its own people. content: as it was sealed."""

    number: int
    content: dict[str, Any]
    sha256: str
    received_at: datetime
    submitted_by: str
    stands: bool


@dataclass(frozen=True, kw_only=True)
class OpenedRow:
    """An opened proposal."""

    vendor_id: int
    vendor_name: str
    content: dict[str, Any]
    sha256: str
    received_at: datetime


@dataclass(frozen=True, kw_only=True)
class OpeningRow:
    """Who opened, and when; opened_at None while the second person is waited for."""

    first_user_id: int
    first_name: str
    first_at: datetime
    second_name: str
    opened_at: datetime | None
    row_version: int


def find_round(session: Session, project_id: int) -> int:
    """Which notice of the project this is, from 1; 0 before the first."""
    return session.scalar(select(round_of(project_id))) or 0


def get_notice(session: Session, project: Project) -> NoticePage:
    """The notice as far as it is fixed. One query."""
    notice = session.get(TenderNotice, project.id)
    return NoticePage(
        rule=dict(notice.evaluation_rule) if notice else {},
        moments=Moments(
            questions_close_at=notice.questions_close_at if notice else None,
            answers_due_at=notice.answers_due_at if notice else None,
            proposals_close_at=project.proposals_close_at,
        ),
        conditional_on_budget=notice.conditional_on_budget if notice else False,
        unanswered_reason=notice.unanswered_reason if notice else "",
        quorum=notice.quorum if notice else 1,
        row_version=notice.row_version if notice else 0,
    )


def find_own_vendor(session: Session, actor: Actor) -> Vendor | None:
    """The published vendor the actor works for."""
    if actor.organization_id is None or not may(actor, Action.ASK_QUESTION):
        return None
    return session.scalar(
        select(Vendor).where(
            Vendor.organization_id == actor.organization_id,
            Vendor.publication_status == "published",
        )
    )


def list_questions(
    session: Session, project_id: int, standing: Standing, vendor: Vendor | None
) -> tuple[QuestionRow, ...]:
    """Published ones for everybody, the rest for the lead; a vendor sees its own too. One query."""
    rows = session.scalars(
        select(TenderQuestion)
        .where(TenderQuestion.project_id == project_id)
        .order_by(TenderQuestion.round.desc(), TenderQuestion.id)
    )
    return tuple(
        QuestionRow(
            id=row.id,
            text=row.text,
            asked_at=row.asked_at,
            # Unpublished answers are the lead's drafts.
            answer=row.answer if row.published_at or standing.leads else "",
            answered_at=row.answered_at if row.published_at or standing.leads else None,
            published=row.published_at is not None,
            own=vendor is not None and row.vendor_id == vendor.id,
            row_version=row.row_version,
        )
        for row in rows
        if row.published_at or standing.leads or (vendor and row.vendor_id == vendor.id)
    )


def list_own_receipts(
    session: Session, project_id: int, round_number: int, vendor_id: int
) -> tuple[ReceiptRow, ...]:
    """What this vendor handed in this round, newest first. Two queries."""
    withdrawn = _withdrawn(session, project_id, round_number).get(vendor_id, 0)
    rows = session.scalars(
        select(ProposalReceipt)
        .where(
            ProposalReceipt.project_id == project_id,
            ProposalReceipt.round == round_number,
            ProposalReceipt.vendor_id == vendor_id,
        )
        .order_by(ProposalReceipt.number.desc())
    ).all()
    newest = rows[0].number if rows else 0
    return tuple(
        ReceiptRow(
            number=row.number,
            content=dict(row.content),
            sha256=row.sha256,
            received_at=row.received_at,
            submitted_by=row.submitted_by,
            stands=row.number == newest > withdrawn,
        )
        for row in rows
    )


def find_opening(session: Session, project_id: int, round_number: int) -> OpeningRow | None:
    """The opening of this round, asked for or done. One query."""
    opening = session.scalar(
        select(TenderOpening)
        .where(TenderOpening.project_id == project_id, TenderOpening.round == round_number)
        .options(joinedload(TenderOpening.first), joinedload(TenderOpening.second))
    )
    if opening is None:
        return None
    return OpeningRow(
        first_user_id=opening.first_user_id,
        first_name=opening.first.name,
        first_at=opening.first_at,
        second_name=opening.second.name if opening.second else "",
        opened_at=opening.opened_at,
        row_version=opening.row_version,
    )


def list_opened(session: Session, project_id: int, round_number: int) -> tuple[OpenedRow, ...]:
    """The proposals that stand, by order of receipt; none before the opening. Three queries."""
    opening = find_opening(session, project_id, round_number)
    if opening is None or opening.opened_at is None:
        return ()
    withdrawn = _withdrawn(session, project_id, round_number)
    rows = session.scalars(
        select(ProposalReceipt)
        .where(ProposalReceipt.project_id == project_id, ProposalReceipt.round == round_number)
        .options(joinedload(ProposalReceipt.vendor))
        .order_by(ProposalReceipt.number)
    )
    newest = {row.vendor_id: row for row in rows}
    standing = [row for row in newest.values() if row.number > withdrawn.get(row.vendor_id, 0)]
    return tuple(
        OpenedRow(
            vendor_id=row.vendor_id,
            vendor_name=row.vendor.name,
            content=dict(row.content),
            sha256=row.sha256,
            received_at=row.received_at,
        )
        for row in sorted(standing, key=lambda row: (row.received_at, row.id))
    )


def list_bidders(session: Session, project_id: int) -> tuple[int, ...]:
    """Organisations of the vendors that handed something in, for notices to them. One query."""
    statement = (
        select(Vendor.organization_id)
        .join(ProposalReceipt, ProposalReceipt.vendor_id == Vendor.id)
        .where(ProposalReceipt.project_id == project_id)
        .distinct()
        .order_by(Vendor.organization_id)
    )
    return tuple(session.scalars(statement))


def _withdrawn(session: Session, project_id: int, round_number: int) -> dict[int, int]:
    """Vendor → the highest number it took back."""
    rows = session.execute(
        select(ProposalWithdrawal.vendor_id, func.max(ProposalWithdrawal.up_to_number))
        .where(
            ProposalWithdrawal.project_id == project_id,
            ProposalWithdrawal.round == round_number,
        )
        .group_by(ProposalWithdrawal.vendor_id)
    )
    return {vendor_id: number for vendor_id, number in rows}
