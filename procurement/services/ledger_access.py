"""Who keeps a ledger, and from when on."""

from sqlalchemy.orm import Session

from accounts.roles import Action, Actor, may
from foundation.errors import Blocker, NotFound
from procurement.domain.ledger import PaymentRoute
from procurement.domain.participation import ParticipationStatus as Status
from procurement.domain.states import State
from procurement.models import Project
from procurement.queries.standing import Standing, find_last_use
from procurement.services.access import list_leading_blockers, lock_project

LEDGER_STATES = (State.INTRODUCTION, State.OPERATION, State.CLOSED)
# What was owed until a project was cancelled is still settled.
KEPT_STATES = (*LEDGER_STATES, State.CANCELLED)
SAVED_FIRST = "ほかの担当者が先に記録しました。今の内容を確かめて、もう一度記録してください。"


def lock_ledger(session: Session, actor: Actor, project_id: int) -> tuple[Project, Standing]:
    """The project, locked. Raises NotFound for who is neither lead nor member, nor was one."""
    project, standing = lock_project(session, actor, project_id)
    inside = standing.leads or standing.is_member
    if not inside and find_last_use(session, standing, project_id) is None:
        raise NotFound("ledger")
    return project, standing


def list_stage_blockers(project: Project) -> list[Blocker]:
    """A ledger is kept from the introduction on."""
    if State(project.state) in KEPT_STATES:
        return []
    message = "請求・支払は、導入の段階から記録します。"
    return [Blocker(code="wrong_state", message=message)]


def list_posting_blockers(
    project: Project, standing: Standing, route: PaymentRoute | None, for_body: str
) -> list[Blocker]:
    """Who books: the lead what it collects, each body what it pays by itself."""
    blockers = list_stage_blockers(project)
    if route is PaymentRoute.INDIVIDUAL:
        # Under a recommended product a body takes part before it contracts, or never does.
        # Who has left after its contract still settles what is open.
        contracted = standing.participation in (Status.CONTRACTED, Status.IN_USE, Status.LEFT)
        own = contracted and standing.actor.body_code == for_body
        if not own or not may(standing.actor, Action.EDIT_PROJECT):
            message = "各団体が支払う案件では、契約した団体の担当者が自団体の分を記録します。"
            blockers.append(Blocker(code="not_own", message=message))
        return blockers
    return blockers + list_leading_blockers(standing, Action.EDIT_PROJECT)
