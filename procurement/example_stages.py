"""Two stages of fictional purchases (F13): one that was tried and decided, one that runs (架空)."""

from datetime import date, datetime, timedelta

from sqlalchemy.orm import Session

from accounts.roles import Actor
from procurement.domain.two_stages import StageDecision, StagePattern, Stages
from procurement.models import Project
from procurement.services.stages import decide_second_stage, record_first_stage

RESULT = (
    "3つの市と町の会議12回で試し、議事録の作成が1回あたり平均で3.1時間から1.2時間に減りました。"
    "固有名詞の聞き取りには、単語の登録が要ります（架空）。"
)
REASON = "見込んだ効果（作成の時間を半分にする）を上回ったため（架空）"


def try_and_decide(
    session: Session, project: Project, lead: Actor, now: datetime, until: date
) -> None:
    """広島県's way: tried for two months, the result written down, gone on by the day `until`."""
    record_first_stage(
        session,
        actor=lead,
        now=now,
        project_id=project.id,
        wanted=Stages(
            pattern=StagePattern.HIROSHIMA,
            stage1_starts_on=until - timedelta(days=90),
            stage1_ends_on=until - timedelta(days=30),
            stage1_amount_yen=864_600,
            stage1_result=RESULT,
            stage1_result_on=until - timedelta(days=14),
        ),
        seen_number=0,
    )
    decide_second_stage(
        session,
        actor=lead,
        now=now,
        project_id=project.id,
        decision=StageDecision.PROCEED,
        reason=REASON,
        decided_on=until,
        seen_number=1,
    )


def begin_trial(session: Session, project: Project, lead: Actor, now: datetime, base: date) -> None:
    """A first stage of one's own pattern, begun ten days ago and without a result so far."""
    record_first_stage(
        session,
        actor=lead,
        now=now,
        project_id=project.id,
        wanted=Stages(
            pattern=StagePattern.OWN,
            stage1_cap_yen=500_000,
            stage1_starts_on=base - timedelta(days=10),
            stage1_ends_on=base + timedelta(days=50),
        ),
        seen_number=0,
    )
