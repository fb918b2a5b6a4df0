"""The example's survey: fixed questions, some answers (架空), one entered by the coordinator."""

from collections.abc import Sequence
from datetime import datetime
from random import Random

from sqlalchemy.orm import Session

from accounts.roles import Actor
from procurement.domain.survey import Answer, AnswerKind, Wish, YesNo
from procurement.example_actors import actor_of
from procurement.models import Project
from procurement.services.surveys import add_question, answer_survey, open_survey

QUESTIONS = (
    ("1か月の会議の数", AnswerKind.NUMBER),
    ("LGWAN端末から使えること", AnswerKind.REQUIREMENT),
    ("話す人を分けて記録できること", AnswerKind.REQUIREMENT),
    ("今、文字起こしのサービスを使っていますか", AnswerKind.YES_NO),
    ("使い始めたい月", AnswerKind.MONTH),
    ("困っていること", AnswerKind.TEXT),
)
ON_BEHALF = "994014"


def run_example_survey(
    session: Session,
    project: Project,
    *,
    lead: Actor,
    answering: Sequence[str],
    closes_at: datetime,
    now: datetime,
) -> None:
    """Draft, open and partly answer the survey of one project."""
    numbers = [
        add_question(
            session, actor=lead, now=now, project_id=project.id, text=text, kind=kind.value
        ).id
        for text, kind in QUESTIONS
    ]
    open_survey(session, actor=lead, now=now, project_id=project.id, closes_at=closes_at)
    random = Random(f"survey/{project.title}")
    speakers = [(actor_of(session, code), code) for code in answering]
    for actor, code in [*speakers, (lead, ON_BEHALF)]:
        answer_survey(
            session,
            actor=actor,
            now=now,
            project_id=project.id,
            body_code=code,
            answers=_answers(numbers, random, closes_at.year + 1),
            seen_version=0,
        )


def _answers(numbers: Sequence[int], random: Random, year: int) -> dict[int, Answer]:
    """One body's sheet; now and then a question stays unanswered."""
    wishes = [each.value for each in Wish]
    drawn: list[Answer] = [
        random.randint(4, 60),
        random.choice(wishes),
        random.choice(wishes),
        random.choice([each.value for each in YesNo]),
        f"{year}-{random.choice((4, 7, 10)):02d}",
        "会議のあとの文字起こしに時間がかかる（架空）",
    ]
    pairs = zip(numbers, drawn, strict=True)
    return {number: answer for number, answer in pairs if random.random() < 0.85}
