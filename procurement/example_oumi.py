"""再現: おうみ自治体クラウド協議会 生成AI 2026 at its public call, from the published documents.

Real are the members, users, concurrency, characters, proposal ceilings and the contract model;
invented and said to be so are the internal ceilings, approvals and all dates.
"""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from random import Random

from sqlalchemy.orm import Session

from accounts.roles import Actor
from catalog.example.reference import OUMI_COUNCIL_KEY
from catalog.example.tables import Row, catalog_table
from catalog.example.world import SEED
from foundation.clock import fiscal_year_of, fiscal_year_start, jst_moment
from procurement.domain.lifecycle import State
from procurement.domain.participation import ParticipationStatus as Status
from procurement.example_actors import actor_of
from procurement.example_moves import enter
from procurement.models import (
    InternalCeiling,
    Participation,
    Project,
    ProjectRole,
    ProposalCeiling,
)
from procurement.services.projects import ProjectFields, open_project

SOURCE_URL = "https://www.city.omihachiman.lg.jp/soshiki/joho_seisaku/cloud/nyusatsu/41146.html"
TITLE = "おうみ自治体クラウド・生成AIサービス提供事業（再現）"
PURPOSE = (
    "公表された公募資料をもとにした再現です。参加団体、利用者数、同時利用数、提案上限額は"
    "公表された値です。自団体上限額・決裁番号・日程は架空の値で、実在の団体のものではありません。"
)
# Column of the table → cost kind of a proposal ceiling.
CEILINGS: Mapping[str, str] = {
    "monthly_ceiling_yen": "monthly",
    "initial_setup_ceiling_yen": "initial_setup",
    "lgwan_setup_ceiling_yen": "lgwan_setup",
}
LATER_NOTE = "令和9年度以降に利用を始める予定の団体です（公表資料）。"


def load_oumi(session: Session, base: date, now: datetime) -> Project:
    """The re-enactment: six cities in the first wave, two in the second, at 公告."""
    council = actor_of(session, OUMI_COUNCIL_KEY)
    project = open_project(session, actor=council, now=now, wanted=_fields(base))
    # It is no live project of real bodies: it never counts among the real ones.
    project.fictional = True
    project.reenactment_of = SOURCE_URL
    project.procurement_method = "open_proposal"
    project.procurement_method_reason = "公表資料による：公募型プロポーザル"
    project.agreement_basis = "council_rules"
    project.notice_url = SOURCE_URL
    project.proposals_close_at = jst_moment(base + timedelta(days=24))
    random = Random(f"{SEED}/oumi")
    for row in catalog_table("oumi_2026_members"):
        _take_in(session, project, row, base, now, random)
    for state in (State.FORMING, State.AGREEMENT, State.SOLICITATION):
        enter(session, project, state, council, now)
    session.flush()
    return project


def _fields(base: date) -> ProjectFields:
    return ProjectFields(
        title=TITLE,
        purpose=PURPOSE,
        system_type_code="generative_ai",
        prefecture_code="25",
        contract_model="basic_and_individual",
        main_unit="account",
        min_participants=2,
        term_start=fiscal_year_start(fiscal_year_of(base) + 1),
        term_months=12,
    )


def _take_in(
    session: Session, project: Project, row: Row, base: date, now: datetime, random: Random
) -> None:
    city = actor_of(session, row["body_code"])
    current = row["participation"] == "current"
    participation = (
        _participation(project, row, base, now) if current else _later(project, row, now)
    )
    session.add(participation)
    session.add(_role(project, city, now, "participant" if current else "observer"))
    session.flush()
    if not current:
        return
    session.add_all(_ceilings(project, row))
    session.add(
        InternalCeiling(
            participation_id=participation.id,
            amount_yen=_invented_ceiling(row, random),
            shown_to_secretariat=False,
            updated_at=now,
        )
    )


def _participation(project: Project, row: Row, base: date, now: datetime) -> Participation:
    return Participation(
        project_id=project.id,
        body_code=row["body_code"],
        status=Status.JOINED.value,
        wave=1,
        quantities={
            "account": int(row["expected_users"]),
            "character": int(row["monthly_characters"]),
        },
        note=f"同時利用 {row['concurrent_users']}（公表資料）。決裁日・決裁番号は架空です。",
        approval_date=base - timedelta(days=10),
        approval_number="架空第1号",
        joined_at=now,
        updated_at=now,
    )


def _later(project: Project, row: Row, now: datetime) -> Participation:
    return Participation(
        project_id=project.id,
        body_code=row["body_code"],
        status=Status.INTERESTED.value,
        wave=2,
        quantities={},
        note=LATER_NOTE,
        updated_at=now,
    )


def _role(project: Project, city: Actor, now: datetime, role: str) -> ProjectRole:
    return ProjectRole(
        project_id=project.id, organization_id=city.organization_id or 0, role=role, since=now
    )


def _ceilings(project: Project, row: Row) -> list[ProposalCeiling]:
    """The published ceilings; a cost kind a city did not publish has none."""
    return [
        ProposalCeiling(
            project_id=project.id,
            body_code=row["body_code"],
            cost_kind=kind,
            amount_yen=int(row[column]),
            tax_included=True,
            source_url=row["source_url"],
        )
        for column, kind in CEILINGS.items()
        if row[column]
    ]


def _invented_ceiling(row: Row, random: Random) -> int:
    """架空: something above a year of the published monthly ceiling."""
    return int(row["monthly_ceiling_yen"]) * 12 * random.randint(104, 130) // 100
