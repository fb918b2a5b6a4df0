"""Builders of a project at its notice: rule and moments fixed, every body agreed."""

from datetime import UTC, datetime, timedelta

from sqlalchemy.orm import Session

from accounts.models import Organization
from accounts.roles import Actor, Role
from catalog.models import Vendor
from procurement.domain.tender import ProposalContent
from procurement.models import Project
from procurement.services.moves import move_project
from procurement.services.notice import NoticeFields, set_notice
from procurement.services.proposals import hand_in, open_proposals
from tests.harness.builders import NOW, make_actor, make_organization, make_vendor
from tests.harness.projects import World, agree, make_project, move

QUESTIONS_CLOSE = datetime(2027, 2, 10, 8, 0, tzinfo=UTC)
ANSWERS_DUE = datetime(2027, 2, 17, 8, 0, tzinfo=UTC)
PROPOSALS_CLOSE = datetime(2027, 2, 26, 8, 0, tzinfo=UTC)
AFTER_CLOSING = PROPOSALS_CLOSE + timedelta(seconds=1)
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
    agree(session, world, project, world.bodies)
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


def make_second(session: Session, world: World) -> Actor:
    """A colleague of the lead."""
    organization = session.get_one(Organization, world.lead.organization_id)
    return make_actor(session, organization, Role.PREFECTURE_COORDINATOR)


def make_judge(session: Session) -> Actor:
    """A person who judges, of an organisation of its own."""
    organization = make_organization(session, "ministry")
    return make_actor(session, organization, Role.JUDGE)


def open_for_evaluation(
    session: Session, world: World, project: Project, contents: list[ProposalContent]
) -> list[tuple[Vendor, Actor]]:
    """Bidders with these proposals, opened, and the project at 審査."""
    bidders = []
    for n, content in enumerate(contents):
        vendor, manager = make_bidder(session, f"架空入札{n}株式会社")
        given = {"actor": manager, "project_id": project.id, "content": content}
        hand_in(session, now=NOW + timedelta(minutes=n), **given)
        bidders.append((vendor, manager))
    for person in (world.lead, make_second(session, world)):
        open_proposals(session, actor=person, now=AFTER_CLOSING, project_id=project.id)
    move_project(
        session,
        actor=world.lead,
        now=AFTER_CLOSING,
        project_id=project.id,
        action="start_evaluation",
        seen_state="solicitation",
    )
    return bidders
