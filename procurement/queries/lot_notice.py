"""The notices (公告) of all lots of a purchase on one page, each with its own facts."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from accounts.roles import Actor
from procurement.domain.lots import Division, is_announced
from procurement.domain.states import ContractModel, ProcurementMethod, State
from procurement.domain.tender import Moments
from procurement.lot_models import ProjectLot
from procurement.models import Project, StateChange
from procurement.queries.lots import list_lots, list_standings
from procurement.queries.project_rows import count_bodies
from procurement.queries.standing import is_public
from procurement.queries.tender import NoticePage
from procurement.tender_models import TenderNotice


@dataclass(frozen=True, kw_only=True)
class LotNoticeRow:
    """One lot. notice None: not announced, and the reader does not lead it.

    announced_at: of its newest notice, None before the first. rounds: how often it was announced;
    more than once only after a tender that failed (不調).
    """

    project_id: int
    number: int
    name: str
    title: str
    state: State
    bodies: int
    method: ProcurementMethod | None
    contract_model: ContractModel | None
    term_start: date | None
    term_months: int | None
    announced: bool
    announced_at: datetime | None
    rounds: int
    notice: NoticePage | None
    notice_url: str
    notice_number: str
    here: bool


@dataclass(frozen=True, kw_only=True)
class LotsNotice:
    """The lots the reader may know of, in their order. leads: the reader may announce them."""

    title: str
    divided_by: Division
    fictional: bool
    rows: tuple[LotNoticeRow, ...]


def find_lots_notice(session: Session, project: Project, actor: Actor) -> LotsNotice | None:
    """None for an undivided project, and for others before the first. Five queries."""
    every = list_lots(session, project.id)
    standings = list_standings(session, actor, [lot.project_id for lot in every])
    known = [
        lot for lot in every if is_public(lot.project) or standings[lot.project_id].knows_of_it
    ]
    leading = {id_ for id_, standing in standings.items() if standing.leads}
    rows = _list_rows(session, known, leading, project.id)
    if not leading and not any(row.announced for row in rows):
        return None
    group = every[0].group
    return LotsNotice(
        title=group.title,
        divided_by=Division(group.divided_by),
        fictional=project.fictional,
        rows=rows,
    )


def _list_rows(
    session: Session, lots: Sequence[ProjectLot], leading: set[int], here: int
) -> tuple[LotNoticeRow, ...]:
    ids = [lot.project_id for lot in lots]
    counts = count_bodies(session, ids)
    notices = {
        row.project_id: row
        for row in session.scalars(select(TenderNotice).where(TenderNotice.project_id.in_(ids)))
    }
    announced = {
        id_: (at, count)
        for id_, at, count in session.execute(
            select(StateChange.project_id, func.max(StateChange.at), func.count())
            .where(StateChange.project_id.in_(ids))
            .where(StateChange.to_state == State.SOLICITATION.value)
            .where(StateChange.from_state != StateChange.to_state)
            .group_by(StateChange.project_id)
        )
    }
    return tuple(
        _row(
            lot,
            notices.get(lot.project_id),
            counts.get(lot.project_id, 0),
            announced.get(lot.project_id, (None, 0)),
            leads=lot.project_id in leading,
            here=lot.project_id == here,
        )
        for lot in lots
    )


def _row(
    lot: ProjectLot,
    notice: TenderNotice | None,
    bodies: int,
    announced: tuple[datetime | None, int],
    *,
    leads: bool,
    here: bool,
) -> LotNoticeRow:
    project, state = lot.project, State(lot.project.state)
    published = is_announced(state) or (state is State.CANCELLED and announced[1] > 0)
    reads = notice is not None and (published or leads)
    return LotNoticeRow(
        project_id=lot.project_id,
        number=lot.number,
        name=lot.name,
        title=project.title,
        state=state,
        bodies=bodies,
        method=ProcurementMethod(project.procurement_method)
        if project.procurement_method
        else None,
        contract_model=ContractModel(project.contract_model) if project.contract_model else None,
        term_start=project.term_start,
        term_months=project.term_months,
        announced=published,
        announced_at=announced[0] if published else None,
        rounds=announced[1],
        notice=_page(notice, project) if reads and notice else None,
        notice_url=project.notice_url if reads else "",
        notice_number=project.notice_number if reads else "",
        here=here,
    )


def _page(notice: TenderNotice, project: Project) -> NoticePage:
    return NoticePage(
        rule=dict(notice.evaluation_rule),
        moments=Moments(
            questions_close_at=notice.questions_close_at,
            answers_due_at=notice.answers_due_at,
            proposals_close_at=project.proposals_close_at,
        ),
        conditional_on_budget=notice.conditional_on_budget,
        unanswered_reason=notice.unanswered_reason,
        quorum=notice.quorum,
        row_version=notice.row_version,
    )
