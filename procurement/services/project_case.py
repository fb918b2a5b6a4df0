"""The case of a project (F01): begun at its contracts, filled in without typing, kept up to date.

The lead hands it in through the catalog's own review, from the introduction on.
"""

from datetime import date, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from accounts.audit import record
from accounts.notices import tell_organization
from accounts.roles import SYSTEM
from catalog.case_drafting.filling import fill_case, register_draft_check, start_filled_case
from foundation.clock import jst_today
from foundation.db import Database
from foundation.errors import Blocker
from foundation.settings import run_once_a_day
from procurement.cost_models import ProjectCase
from procurement.domain.costs import COSTS_ARE_PUBLIC
from procurement.domain.states import State
from procurement.models import Project
from procurement.queries.case_facts import get_case_facts

WITH_CASE = (State.CONTRACTING, *COSTS_ARE_PUBLIC)
AFTER = timedelta(days=365)
_CHECKED = "project_cases_filled"


def register() -> None:
    """Called once when the application is made."""
    register_draft_check(list_early_faults)


def list_early_faults(session: Session, draft_id: int) -> list[Blocker]:
    """A case of a project is not handed in before its introduction. One query."""
    state = session.scalar(
        select(Project.state)
        .join(ProjectCase, ProjectCase.project_id == Project.id)
        .where(ProjectCase.draft_id == draft_id)
    )
    if state is None or state in COSTS_ARE_PUBLIC:
        return []
    message = "案件から作った事例は、案件が導入の段階に進んでから提出できます。"
    return [Blocker(code="too_early", message=message)]


def fill_project_case(session: Session, project: Project, now: datetime, by: str) -> int | None:
    """Begin the project's case, or bring it up to date; the draft's number, None if unchanged.

    Records nothing: whoever brings it about does, with its own event.
    """
    if project.state not in WITH_CASE:
        return None
    facts, today = get_case_facts(session, project), jst_today(now)
    row = session.get(ProjectCase, project.id)
    if row is None:
        draft = start_filled_case(
            session, organization_id=project.lead_organization_id, content=facts, now=now, by=by
        )
        session.add(
            ProjectCase(project_id=project.id, draft_id=draft.id, filled_on=today, filled=facts)
        )
        session.flush()
        return draft.id
    changed = fill_case(
        session, draft_id=row.draft_id, before=row.filled, after=facts, now=now, by=by
    )
    row.filled_on, row.filled = today, facts
    session.flush()
    return row.draft_id if changed else None


def fill_cases(database: Database, now: datetime) -> int:
    """Once a day: cases that are missing, at another stage, or a year old. How many changed."""
    return run_once_a_day(
        database, _CHECKED, now, lambda session, today: fill_due_cases(session, today, now)
    )


def fill_due_cases(session: Session, today: date, now: datetime) -> int:
    """Every case that is due, its lead told. Harmless to run again."""
    due = session.execute(
        select(Project, ProjectCase)
        .outerjoin(ProjectCase, ProjectCase.project_id == Project.id)
        .where(Project.state.in_(sorted(WITH_CASE)))
        .order_by(Project.id)
    ).all()
    return sum(
        _fill_and_tell(session, project, now)
        for project, row in due
        if row is None or _is_due(project, row, today)
    )


def _is_due(project: Project, row: ProjectCase, today: date) -> bool:
    """At another stage than when it was filled in, or a year later while it runs."""
    if jst_today(project.state_since) > row.filled_on:
        return True
    return project.state != State.CLOSED and row.filled_on + AFTER <= today


def _fill_and_tell(session: Session, project: Project, now: datetime) -> int:
    number = fill_project_case(session, project, now, SYSTEM.label)
    if number is None:
        return 0
    record(session, SYSTEM, "fill_project_case", "case_draft", number, {"project": project.id}, now)
    tell_organization(
        session,
        project.lead_organization_id,
        title=f"「{project.title}」の事例の下書きを更新しました",
        body="案件の記録から、事例の下書きを作り、または更新しました。内容を確かめてください。",
        url=f"/cases/drafts/{number}",
        now=now,
    )
    return 1
