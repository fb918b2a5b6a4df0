"""The first step of every write: the project's row, locked, and the actor's place in it."""

from collections.abc import Iterable

from sqlalchemy import select
from sqlalchemy.orm import Session

from accounts.models import LocalBody
from accounts.roles import Action, Actor, may
from foundation.errors import Blocker, NotFound, Refused
from procurement.domain.participation import TAKING_PART
from procurement.models import Participation, Project
from procurement.queries.standing import Standing, find_standing, is_public


def lock_project(session: Session, actor: Actor, project_id: int) -> tuple[Project, Standing]:
    """The project's row, held until the transaction ends, and the actor's standing.

    Raises NotFound for a project the actor may not know of: never told apart from none.
    """
    project = session.get(Project, project_id, with_for_update=True, populate_existing=True)
    if project is None:
        raise NotFound("project")
    standing = find_standing(session, actor, project_id)
    if not (is_public(project) or standing.knows_of_it):
        raise NotFound("project")
    return project, standing


def lock_led_project(
    session: Session, actor: Actor, project_id: int, action: Action
) -> tuple[Project, Standing]:
    """As `lock_project`, for what only lead and secretariat may do.

    A reader who knows the project is refused in words; a stranger finds nothing.
    """
    project, standing = lock_project(session, actor, project_id)
    blockers = list_leading_blockers(standing, action)
    if blockers:
        raise Refused(blockers)
    return project, standing


def list_leading_blockers(standing: Standing, action: Action) -> list[Blocker]:
    """Why the actor may not run this project; empty for its lead and secretariat."""
    if standing.leads and may(standing.actor, action):
        return []
    if standing.leads:
        message = "この操作は幹事団体の決裁者だけが行えます。決裁者に依頼してください。"
        return [Blocker(code="not_manager", message=message)]
    message = "この操作は幹事団体・事務局だけが行えます。必要なときは幹事団体に連絡してください。"
    return [Blocker(code="not_lead", message=message)]


def find_participation(session: Session, project_id: int, body_code: str) -> Participation | None:
    """The body's row in the project, if it ever had one."""
    found: Participation | None = session.scalar(
        select(Participation).where(
            Participation.project_id == project_id, Participation.body_code == body_code
        )
    )
    return found


def get_body(session: Session, body_code: str) -> LocalBody:
    """The local body. Raises NotFound for a code that is none."""
    body = session.get(LocalBody, body_code)
    if body is None:
        raise NotFound("local body")
    return body


def list_mixing_blockers(project: Project, bodies: Iterable[LocalBody]) -> list[Blocker]:
    """Each body that is not of the project's kind: real and made-up ones are never added up.

    A marked re-enactment (再現) plays a real purchase with its real bodies.
    """
    if project.reenactment_of:
        return []
    kind, other = ("架空", "実在") if project.fictional else ("実在", "架空")
    return [
        Blocker(
            code="mixed_kinds",
            message=f"{body.name}（{body.code}）は{other}の団体のため、{kind}の案件には加えられません。",
            field="bodies",
        )
        for body in bodies
        if body.fictional != project.fictional
    ]


def count_taking_part(session: Session, project_id: int) -> int:
    """How many bodies have joined and not left."""
    rows = session.scalars(
        select(Participation.id).where(
            Participation.project_id == project_id, Participation.status.in_(TAKING_PART)
        )
    )
    return len(rows.all())
