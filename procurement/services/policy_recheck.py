"""The policy check of every running project, again when the table changed (F03)."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from accounts.models import Organization
from catalog.policy import ClassedKind
from catalog.policy_history import Subject, look_at, note_classes
from foundation.clock import jst_today
from foundation.db import Database
from foundation.settings import put_setting
from procurement.domain.participation import TAKING_PART
from procurement.domain.states import ENDED
from procurement.models import Participation, Project
from procurement.queries.policy_scope import (
    PolicyTables,
    find_policy_scope,
    load_policy_tables,
)

PROJECT = ClassedKind.PROJECT.value
_CHECKED = "policy_checked_projects"
_OVER = tuple(state.value for state in ENDED)


def recheck_projects(database: Database, now: datetime) -> int:
    """Once a day and when the table changed; how many projects have another class than before.

    Its lead and who takes part are told; moves are not stopped. Harmless to run again.
    """
    with database.read_session() as session:
        today = jst_today(now)
        look = look_at(session, _CHECKED, today)
        if look is None:
            return 0
        subjects = list_project_subjects(session, load_policy_tables(session, today))
    changed = note_classes(database, PROJECT, subjects, look, now)
    with database.transaction() as session:
        put_setting(session, _CHECKED, look.mark)
    return changed


def list_project_subjects(session: Session, tables: PolicyTables) -> list[Subject]:
    """Every running project with what the tables make of it. Two queries, however many."""
    members = defaultdict(list)
    for project_id, organization_id in session.execute(_select_members()):
        members[project_id].append(organization_id)
    running = select(Project).where(Project.state.not_in(_OVER)).order_by(Project.id)
    return [_subject(project, members[project.id], tables) for project in session.scalars(running)]


def make_project_subject(session: Session, project: Project, today: date) -> Subject:
    """One project with what it counts as now. Three queries."""
    rows = session.execute(_select_members().where(Participation.project_id == project.id))
    members = [organization_id for _, organization_id in rows]
    return _subject(project, members, load_policy_tables(session, today))


def _select_members() -> Select[int, int]:
    return (
        select(Participation.project_id, Organization.id)
        .join(Organization, Organization.body_code == Participation.body_code)
        .where(Participation.status.in_(TAKING_PART))
        .order_by(Organization.id)
    )


def _subject(project: Project, members: Sequence[int], tables: PolicyTables) -> Subject:
    finding = find_policy_scope(
        tables, project.system_type_code, project.title, project.purpose or ""
    )
    return Subject(
        id=project.id,
        name=project.title,
        organization_ids=tuple(dict.fromkeys((project.lead_organization_id, *members))),
        scope=finding.scope,
        items=tuple(item.name for item in finding.items),
        url=f"/projects/{project.id}/policy",
        sources=finding.sources,
    )
