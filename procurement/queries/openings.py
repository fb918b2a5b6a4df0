"""Public projects one can still join, for the box above a search's results."""

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from catalog.openings import Opening, OpeningsWanted
from procurement.models import Project
from procurement.queries.project_rows import IS_PUBLIC, ProjectRow, load_rows


def list_openings(session: Session, wanted: OpeningsWanted) -> tuple[Opening, ...]:
    """Forming projects before their deadline, in no order. Two queries, one for none."""
    statement = select(Project).where(
        IS_PUBLIC,
        Project.state == "forming",
        or_(Project.join_closes_at.is_(None), Project.join_closes_at >= wanted.now),
        Project.system_type_code.in_(wanted.system_types),
        or_(
            Project.prefecture_code.is_(None),
            Project.prefecture_code.in_(wanted.prefectures),
        ),
    )
    return tuple(_opening(row) for row in load_rows(session, statement))


def _opening(row: ProjectRow) -> Opening:
    return Opening(
        id=row.id,
        title=row.title,
        url=f"/projects/{row.id}",
        system_type_code=row.system_type_code,
        system_type_name=row.system_type_name,
        lead_name=row.lead_name,
        prefecture_code=row.prefecture_code,
        closes_at=row.join_closes_at,
        bodies=row.body_count,
        fictional=row.fictional,
    )
