"""The example's requirements (架空): one list being answered, one fixed as a specification."""

from collections.abc import Sequence
from datetime import datetime
from random import Random

from sqlalchemy.orm import Session

from accounts.roles import Actor
from procurement.domain.survey import Wish
from procurement.example_actors import actor_of
from procurement.models import Project
from procurement.queries.requirements import list_lines
from procurement.services.requirements import (
    RequirementFields,
    add_requirement,
    adopt_survey,
    answer_column,
)
from procurement.services.specification import fix_specification

DOCUMENTS = (
    RequirementFields(
        text="起案から決裁・保存・廃棄まで電子で行えること",
        settled="must",
        detail="紙の回議は例外だけ",
    ),
    RequirementFields(text="文書分類表を団体ごとに設定できること", settled="must"),
    RequirementFields(text="LGWAN端末から使えること", settled="must"),
    RequirementFields(text="財務会計システムと支出命令を連携できること", settled="wanted"),
    RequirementFields(
        text="公印の押印記録を電子で残せること",
        settled="wanted",
        customization=True,
        customization_yen=1_800_000,
        customization_reason="公印規程の改正が次の年度になるため（架空）",
    ),
    RequirementFields(text="旧システムの文書をすべて移行できること", settled="open"),
)


def run_example_matrix(session: Session, project: Project, lead: Actor, now: datetime) -> None:
    """The survey's questions as the first lines; nothing is decided yet."""
    who = {"actor": lead, "now": now, "project_id": project.id}
    adopt_survey(session, **who)  # type: ignore[arg-type]
    for text in ("会議の音声を国内のデータセンターに保存すること", "要約を自動で作れること"):
        add_requirement(session, wanted=RequirementFields(text=text), **who)  # type: ignore[arg-type]


def run_example_specification(
    session: Session, project: Project, lead: Actor, answering: Sequence[str], now: datetime
) -> None:
    """A list with conflicts and one customisation, fixed as version 1."""
    who = {"actor": lead, "now": now, "project_id": project.id}
    for wanted in DOCUMENTS:
        add_requirement(session, wanted=wanted, **who)  # type: ignore[arg-type]
    keys = [row.line.id for row in list_lines(session, project.id)]
    random = Random(f"requirements/{project.title}")
    wishes = [*(wish.value for wish in Wish), ""]
    for code in answering:
        answer_column(
            session,
            actor=actor_of(session, code),
            now=now,
            project_id=project.id,
            wishes={key: random.choice(wishes) for key in keys},
            seen_version=0,
        )
    fix_specification(session, note="首長会議の前の案（架空）", **who)  # type: ignore[arg-type]
