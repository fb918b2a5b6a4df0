"""Builders of surveys: they walk the real services."""

from datetime import timedelta
from functools import partial

from sqlalchemy.orm import Session

from procurement.domain.survey import AnswerKind
from procurement.models import Project
from procurement.services.invitations import invite_bodies
from procurement.services.surveys import add_question, open_survey
from tests.harness.builders import NOW
from tests.harness.projects import World


def ask(session: Session, world: World, project: Project, *body_codes: str) -> list[int]:
    """An open survey with one question of every kind; their ids."""
    invite_bodies(session, actor=world.lead, now=NOW, project_id=project.id, body_codes=body_codes)
    add = partial(add_question, session, actor=world.lead, now=NOW, project_id=project.id)
    ids = [add(text=f"質問 {kind.label}", kind=kind.value).id for kind in AnswerKind]
    closes_at = NOW + timedelta(days=14)
    open_survey(session, actor=world.lead, now=NOW, project_id=project.id, closes_at=closes_at)
    return ids
