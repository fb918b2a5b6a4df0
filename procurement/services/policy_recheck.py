"""The policy check of every running project, again when the table changed (F03)."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from accounts.models import Organization
from catalog.policy_history import Subject, note_classes, table_sha256
from foundation.clock import jst_today
from foundation.db import Database
from foundation.settings import find_setting, put_setting
from procurement.domain.participation import TAKING_PART
from procurement.domain.states import ENDED
from procurement.models import Participation, Project
from procurement.queries.policy_scope import (
    PolicyTables,
    find_policy_scope,
    load_policy_tables,
)

PROJECT = "project"
_CHECKED = "policy_checked_projects"
_OVER = tuple(state.value for state in ENDED)


def recheck_projects(database: Database, now: datetime) -> int:
    """Once a day and when the table changed; how many projects have another class than before.

    Its lead and who takes part are told; moves are not stopped. Harmless to run again.
    """
    with database.read_session() as session:
        sha256 = table_sha256(session)
        mark = f"{jst_today(now)} {sha256}"
        if find_setting(session, _CHECKED) == mark:
            return 0
        subjects = _list_subjects(session)
    changed = note_classes(database, PROJECT, subjects, sha256, now)
    with database.transaction() as session:
        put_setting(session, _CHECKED, mark)
    return changed


def _list_subjects(session: Session) -> list[Subject]:
    """Every running project with what it counts as now. Four queries, however many there are."""
    tables = load_policy_tables(session)
    members = defaultdict(list)
    taking_part = (
        select(Participation.project_id, Organization.id)
        .join(Organization, Organization.body_code == Participation.body_code)
        .where(Participation.status.in_(TAKING_PART))
        .order_by(Organization.id)
    )
    for project_id, organization_id in session.execute(taking_part):
        members[project_id].append(organization_id)
    running = select(Project).where(Project.state.not_in(_OVER)).order_by(Project.id)
    return [_subject(project, members[project.id], tables) for project in session.scalars(running)]


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
        url=f"/projects/{project.id}",
    )
