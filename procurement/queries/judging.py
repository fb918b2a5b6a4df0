"""The evaluation of a round: seats, sheet and award, sealed until all present judges are in."""

import json
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from procurement.domain.evaluation import Evaluation
from procurement.domain.evaluation_report import evaluation_json
from procurement.domain.evaluation_rule import EvaluationRule, read_rule
from procurement.domain.judging import (
    Opened,
    Seat,
    is_still_to_score,
    make_sheet,
    scores_are_complete,
    sheet_sha256,
)
from procurement.domain.states import State
from procurement.models import Project
from procurement.queries.ceilings import list_measures
from procurement.queries.planned_price import find_limit
from procurement.queries.tender import OpenedRow, find_round, list_opened
from procurement.tender_models import Award, JudgeSeat, TenderNotice


@dataclass(frozen=True, kw_only=True)
class AwardRow:
    """The newest award of the round."""

    number: int
    vendor_id: int
    vendor_name: str
    price_yen: int
    sheet: dict[str, Any]
    sha256: str


@dataclass(frozen=True, kw_only=True)
class JudgingPage:
    """sheet: None until complete. seats carry scores: only for those who may read them."""

    round: int
    rule: EvaluationRule | None
    quorum: int
    seats: tuple[Seat, ...]
    opened: tuple[OpenedRow, ...]
    complete: bool
    sheet: Evaluation | None
    sha256: str
    award: AwardRow | None

    @property
    def names(self) -> dict[str, str]:
        """Vendor id as text → name."""
        return {str(row.vendor_id): row.vendor_name for row in self.opened}


def get_judging_page(session: Session, project: Project) -> JudgingPage:
    """Everything of the round; the caller decides who may read what. Ten queries."""
    round_number = find_round(session, project.id)
    notice = session.get(TenderNotice, project.id)
    rule = find_rule(notice)
    seats = list_seats(session, project.id, round_number)
    opened = list_opened(session, project.id, round_number)
    quorum = notice.quorum if notice else 1
    complete = bool(opened) and rule is not None and scores_are_complete(rule, seats, quorum)
    limit = find_limit(session, project.id) if complete else None
    ceilings = list_measures(session, project.id) if complete else ()
    sheet = (
        make_sheet(replace(rule, planned=limit, ceilings=ceilings), seats, opened_for(opened))
        if complete and rule
        else None
    )
    return JudgingPage(
        round=round_number,
        rule=rule,
        quorum=quorum,
        seats=seats,
        opened=opened,
        complete=complete,
        sheet=sheet,
        sha256=sheet_sha256(sheet_json(sheet)) if sheet else "",
        award=find_award(session, project.id, round_number),
    )


# The states in which judges are invited and heard.
JUDGING = (State.SOLICITATION.value, State.EVALUATION.value)


def is_kept_from_prices(
    session: Session, project: Project, round_number: int, user_id: int | None
) -> bool:
    """Whether the reader still has a sheet of its own to hand in. At most two queries."""
    if user_id is None or project.state not in JUDGING:
        return False
    seats = list_seats(session, project.id, round_number)
    if all(seat.user_id != user_id for seat in seats):
        return False
    return is_still_to_score(find_rule(session.get(TenderNotice, project.id)), seats, user_id)


def find_rule(notice: TenderNotice | None) -> EvaluationRule | None:
    """The rule that was fixed for the notice."""
    if notice is None or not notice.evaluation_rule:
        return None
    return read_rule(json.dumps(notice.evaluation_rule).encode())


def sheet_json(sheet: Evaluation) -> dict[str, Any]:
    """The sheet as it is kept with an award."""
    kept: dict[str, Any] = json.loads(evaluation_json(sheet))
    return kept


def opened_for(rows: tuple[OpenedRow, ...]) -> list[Opened]:
    """Opened proposals as the evaluation takes them."""
    return [
        Opened(
            vendor_id=row.vendor_id,
            price_yen=row.content["price_yen"],
            mandatory_met=row.content["mandatory_met"],
            lot_digits=row.content["lot_digits"],
            offered=row.content.get("offered", {}),
        )
        for row in rows
    ]


def list_seats(session: Session, project_id: int, round_number: int) -> tuple[Seat, ...]:
    """The judges of the round in the order they were invited. One query."""
    rows = session.scalars(
        select(JudgeSeat)
        .where(JudgeSeat.project_id == project_id, JudgeSeat.round == round_number)
        .options(joinedload(JudgeSeat.user))
        .order_by(JudgeSeat.id)
    )
    return tuple(
        Seat(
            user_id=row.user_id,
            name=row.user.name,
            declared_at=row.declared_at,
            absent_reason=row.absent_reason,
            submitted_at=row.submitted_at,
            scores=dict(row.scores),
        )
        for row in rows
    )


def find_award(session: Session, project_id: int, round_number: int) -> AwardRow | None:
    """The newest award of the round. One query."""
    award = session.scalar(
        select(Award)
        .where(Award.project_id == project_id, Award.round == round_number)
        .options(joinedload(Award.vendor))
        .order_by(Award.number.desc())
        .limit(1)
    )
    if award is None:
        return None
    return AwardRow(
        number=award.number,
        vendor_id=award.vendor_id,
        vendor_name=award.vendor.name,
        price_yen=award.price_yen,
        sheet=dict(award.sheet),
        sha256=award.sha256,
    )
