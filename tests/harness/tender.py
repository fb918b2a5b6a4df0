"""Builders of a project at its notice: rule and moments fixed, every body agreed."""

from datetime import UTC, datetime

from sqlalchemy.orm import Session

from accounts.roles import Actor, Role
from catalog.models import Vendor
from procurement.domain.tender import ProposalContent
from procurement.models import Participation, Project
from procurement.services.notice import NoticeFields, set_notice
from tests.harness.builders import NOW, make_actor, make_vendor
from tests.harness.projects import World, fix, give, make_project, move

QUESTIONS_CLOSE = datetime(2027, 2, 10, 8, 0, tzinfo=UTC)
ANSWERS_DUE = datetime(2027, 2, 17, 8, 0, tzinfo=UTC)
PROPOSALS_CLOSE = datetime(2027, 2, 26, 8, 0, tzinfo=UTC)
RULE = {
    "full_score": 1000,
    "criteria": [
        {"group": "企画", "key": "実施体制", "max_points": 300},
        {"group": "機能", "key": "使いやすさ", "max_points": 400},
    ],
    "price": {"formula": "ratio_to_lowest", "max_points": 300},
    "minimums": [{"of": "group:企画+機能", "at_least": 420}],
    "tie_break": ["lot"],
}
NOTICE = NoticeFields(
    rule=RULE,
    questions_close_at=QUESTIONS_CLOSE,
    answers_due_at=ANSWERS_DUE,
    proposals_close_at=PROPOSALS_CLOSE,
    notice_number="架空第1号",
)
CONTENT = ProposalContent(
    price_yen=12_345_678, summary="提案の要旨", lot_digits="042", mandatory_met=True
)


def make_noticed_project(session: Session, world: World) -> Project:
    """A project at 公告 by 公募型プロポーザル, all members agreed and with their budgets."""
    project = make_project(
        session,
        world,
        procurement_method="open_proposal",
        procurement_method_reason="企画の内容で比べるため",
    )
    move(session, world.lead, project, "start_agreement")
    fix(session, world, project)
    for body in world.bodies:
        give(session, world, project, body)
    for row in session.query(Participation).filter_by(project_id=project.id):
        row.budget_status = "appropriated"
    session.flush()
    set_notice(
        session,
        actor=world.lead,
        now=NOW,
        project_id=project.id,
        wanted=NOTICE,
        seen_version=0,
    )
    move(session, world.lead, project, "publish_notice")
    return project


def make_bidder(session: Session, name: str = "") -> tuple[Vendor, Actor]:
    """A published vendor and its manager."""
    vendor = make_vendor(session, name)
    return vendor, make_actor(session, vendor.organization, Role.VENDOR_MANAGER)
