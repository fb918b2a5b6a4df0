"""Builders of surveys: they walk the real services."""

from datetime import timedelta

from sqlalchemy.orm import Session

from procurement.domain.survey import AnswerKind
from procurement.models import Project
from procurement.services.invitations import invite_bodies
from procurement.services.surveys import add_question, open_survey
from tests.harness.builders import NOW
from tests.harness.projects import World


def ask(session: Session, world: World, project: Project, *body_codes: str) -> list[int]:
    """An open survey with one question of every kind; their ids."""
    who = {"actor": world.lead, "now": NOW, "project_id": project.id}
    invite_bodies(session, body_codes=body_codes, **who)  # type: ignore[arg-type]
    ids = [
        add_question(session, text=f"質問 {kind.label}", kind=kind.value, **who).id  # type: ignore[arg-type]
        for kind in AnswerKind
    ]
    open_survey(session, closes_at=NOW + timedelta(days=14), **who)  # type: ignore[arg-type]
    return ids
