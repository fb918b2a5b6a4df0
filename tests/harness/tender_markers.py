"""Sealed things of a tender, planted: proposals, a question, a judge's sheet."""

from dataclasses import replace
from datetime import UTC, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from accounts.models import Membership, Organization, User
from accounts.roles import Actor, OrganizationKind, Role
from foundation.filters import jst
from procurement.domain.ceilings import CostKind, key_of
from procurement.domain.participation import TAKING_PART
from procurement.domain.planned_price import Disclosure
from procurement.domain.states import BEFORE_NOTICE, State
from procurement.example_actors import actor_of
from procurement.lot_models import ProjectLot
from procurement.models import Participation, Project, ProjectRole, ProposalCeiling
from procurement.queries.standing import MEMBER_ROLES
from procurement.services.judging import declare_no_conflict, hand_in_scores, invite_judge
from procurement.services.notice import set_notice
from procurement.services.planned_price import set_planned_price
from procurement.services.proposal_ceilings import CeilingDraft
from procurement.services.proposals import hand_in
from procurement.services.questions import ask
from procurement.services.stages import record_first_stage
from procurement.tender_models import TenderNotice
from tests.harness.builders import NOW
from tests.harness.marker import Marker, figure, word
from tests.harness.projects import World, make_world
from tests.harness.stages import TRIED
from tests.harness.tender import (
    AFTER_CLOSING,
    CONTENT,
    NOTICE,
    RULE,
    make_bidder,
    make_judge,
    make_noticed_project,
    open_for_evaluation,
)

PROPOSED_YEN = 4_937_261_003
OFFERED_YEN = 2_846_157_013
DRAFT_CEILING_YEN = 3_295_871_411
PLANNED_YEN = 5_726_413_009
TRIAL_YEN = 7_318_264_005
TRIAL_RESULT = "ヒミツノ検証結果ミズスマシ"
UNIT_PRICE = "73.94{:02d}"  # yen, as a bidder writes its table of unit prices
SUMMARY = "ヒミツノ提案トノサマバッタ"
DRAFT_NOTICE = "ヒミツノ公告案タガメ"
DRAFT_CRITERION = "ヒミツノ評価項目ゲンゴロウ"
DRAFT_ADDRESS = "https://koukoku.example/himitsu-mizusumashi"
# A minute of its own: nothing else of the example closes then.
DRAFT_CLOSING = datetime(2027, 3, 3, 4, 17, tzinfo=UTC)
QUESTION = "ヒミツノ質問アメンボ"
POINTS = "211.37"  # of 300: nothing else of the example is written like it
AUDITOR = frozenset({Role.AUDITOR})


def plant_tender(session: Session) -> list[Marker]:
    """A project whose proposals are sealed, and one whose judges have not all handed in."""
    world = make_world(session)
    project = make_noticed_project(session, world)
    return [
        *_plant_proposals(session, world, project),
        _plant_question(session, world, project),
        _plant_sheet(session),
        *_plant_planned(session, world, project),
        *_plant_stages(session),
        *_plant_draft_notice(session),
    ]


def _plant_planned(session: Session, world: World, noticed: Project) -> list[Marker]:
    """Set by one person of the lead, before the opening: read by nobody else of it either.

    One of the example's own projects too, whose lead's other people are among the readers.
    """
    second = session.scalars(select(User).where(User.email == "pref-second@moyai.example")).one()
    actor = _actor(session, second)
    example = session.scalars(
        select(Project)
        .where(
            Project.lead_organization_id == actor.organization_id,
            Project.state.in_([state.value for state in BEFORE_NOTICE]),
        )
        .order_by(Project.id)
    ).first()
    assert example is not None
    markers = []
    for n, (person, project) in enumerate(((world.lead, noticed), (actor, example))):
        yen = PLANNED_YEN + n * 1_117
        set_planned_price(
            session,
            actor=person,
            now=NOW,
            project_id=project.id,
            amount_yen=yen,
            tax_included=True,
            disclosure=Disclosure.AFTER,
            seen_at="",
        )
        markers.append(Marker(f"planned price of project {n}", figure(yen), frozenset()))
    return markers


def _plant_stages(session: Session) -> list[Marker]:
    """What a trial of one of the example's projects cost and showed: for its members alone."""
    project = session.scalars(
        select(Project).where(Project.state == State.AGREEMENT.value).order_by(Project.id)
    ).first()
    assert project is not None
    tried = replace(
        TRIED,
        stage1_cap_yen=TRIAL_YEN + 1_117,
        stage1_amount_yen=TRIAL_YEN,
        stage1_result=TRIAL_RESULT,
    )
    lead = session.get_one(Organization, project.lead_organization_id)
    record_first_stage(
        session,
        actor=actor_of(session, lead.body_code or lead.alternate_key or ""),
        now=NOW,
        project_id=project.id,
        wanted=tried,
        seen_number=0,
    )
    inside = select(ProjectRole.organization_id).where(
        ProjectRole.project_id == project.id, ProjectRole.role.in_(MEMBER_ROLES)
    )
    bodies = (
        select(Organization.id)
        .join(Participation, Participation.body_code == Organization.body_code)
        .where(Participation.project_id == project.id, Participation.status.in_(TAKING_PART))
    )
    readers = frozenset([*session.scalars(inside), *session.scalars(bodies)])
    return [
        Marker("trial's cap", figure(TRIAL_YEN + 1_117), readers, AUDITOR),
        Marker("trial's amount", figure(TRIAL_YEN), readers, AUDITOR),
        Marker("trial's result", word(TRIAL_RESULT), readers, AUDITOR),
    ]


def _plant_proposals(session: Session, world: World, project: Project) -> list[Marker]:
    """One of the example's own vendor, one of a rival: nobody else reads either, ever so high."""
    _, rival = make_bidder(session, "架空封緘株式会社")
    code = world.bodies[0].code
    ceiling = {"project_id": project.id, "body_code": code, "cost_kind": "monthly"}
    session.add(ProposalCeiling(**ceiling, amount_yen=10**11))
    session.flush()
    markers = []
    for n, actor in enumerate((_example_vendor(session), rival)):
        yen, summary = PROPOSED_YEN + n * 1_117, f"{SUMMARY}{n:04d}"
        unit_price = UNIT_PRICE.format(n)
        table = f"{summary}\n文字起こし、分、{unit_price}円"
        offered = OFFERED_YEN + n * 1_117
        parts = {key_of(code, "monthly"): offered}
        content = replace(CONTENT, price_yen=yen, summary=table, offered=parts)
        hand_in(session, actor=actor, now=NOW, project_id=project.id, content=content)
        own = frozenset({actor.organization_id or 0})
        markers.append(Marker(f"proposal's price of bidder {n}", figure(yen), own))
        markers.append(Marker(f"proposal's summary of bidder {n}", word(summary), own))
        markers.append(Marker(f"proposal's unit price of bidder {n}", word(unit_price), own))
        markers.append(Marker(f"proposal's part of bidder {n}", figure(offered), own))
    return markers


def _plant_draft_notice(session: Session) -> list[Marker]:
    """What a lot's notice will say, while only the other lot has its own: for its lead."""
    lot = session.scalars(
        select(Project)
        .join(ProjectLot, ProjectLot.project_id == Project.id)
        .where(Project.state.in_([state.value for state in BEFORE_NOTICE]))
        .order_by(Project.id)
    ).first()
    assert lot is not None
    rule = RULE | {
        "criteria": [
            {"group": "企画", "key": DRAFT_CRITERION, "max_points": 300},
            *RULE["criteria"][1:],
        ]
    }
    notice = session.get(TenderNotice, lot.id)
    lead = session.get_one(Organization, lot.lead_organization_id)
    set_notice(
        session,
        actor=actor_of(session, lead.body_code or lead.alternate_key or ""),
        now=NOW,
        project_id=lot.id,
        wanted=replace(
            NOTICE,
            rule=rule,
            notice_number=DRAFT_NOTICE,
            notice_url=DRAFT_ADDRESS,
            proposals_close_at=DRAFT_CLOSING,
            ceilings=(
                CeilingDraft(
                    body_code=_a_body(session, lot.id),
                    kind=CostKind.MONTHLY,
                    amount_yen=DRAFT_CEILING_YEN,
                ),
            ),
        ),
        seen_version=notice.row_version if notice else 0,
    )
    leads = frozenset(
        session.scalars(
            select(ProjectRole.organization_id).where(
                ProjectRole.project_id == lot.id, ProjectRole.role.in_(("lead", "secretariat"))
            )
        )
    )
    closing = (
        DRAFT_CLOSING.isoformat().encode(),
        DRAFT_CLOSING.strftime("%Y%m%dT%H%M%SZ").encode(),  # of a calendar file
        jst(DRAFT_CLOSING).encode(),
    )
    return [
        Marker("drafted notice's number", word(DRAFT_NOTICE), leads, AUDITOR),
        Marker("drafted notice's criterion", word(DRAFT_CRITERION), leads, AUDITOR),
        Marker("drafted notice's address", word(DRAFT_ADDRESS), leads, AUDITOR),
        Marker("drafted notice's closing", closing, leads, AUDITOR),
        Marker("drafted notice's ceiling", figure(DRAFT_CEILING_YEN), leads, AUDITOR),
    ]


def _a_body(session: Session, project_id: int) -> str:
    codes = select(Participation.body_code).where(Participation.project_id == project_id)
    return min(session.scalars(codes))


def _plant_question(session: Session, world: World, project: Project) -> Marker:
    """Read by who asked and by the lead until it is published with its answer."""
    actor = _example_vendor(session)
    ask(session, actor=actor, now=NOW, project_id=project.id, text=QUESTION)
    readers = frozenset({actor.organization_id or 0, world.lead.organization_id or 0})
    return Marker("question not yet answered", word(QUESTION), readers, AUDITOR)


def _plant_sheet(session: Session) -> Marker:
    """One judge is in, the other not: nobody reads the points but who gave them."""
    world = make_world(session)
    project = make_noticed_project(session, world)
    contents = [replace(CONTENT, price_yen=yen, lot_digits="001") for yen in (9_000_000, 9_500_000)]
    bidders = open_for_evaluation(session, world, project, contents)
    example = session.scalars(select(User).where(User.email == "judge@moyai.example")).one()
    for email in (example.email, session.get_one(User, make_judge(session).user_id).email):
        invite_judge(
            session, actor=world.lead, now=AFTER_CLOSING, project_id=project.id, email=email
        )
    given = {"actor": _actor(session, example), "now": AFTER_CLOSING, "project_id": project.id}
    declare_no_conflict(session, **given)
    points = {"実施体制": POINTS, "使いやすさ": POINTS}
    hand_in_scores(session, given={str(vendor.id): points for vendor, _ in bidders}, **given)
    own = frozenset({example.memberships[0].organization_id})
    return Marker("judge's points", word(POINTS), own)


def _example_vendor(session: Session) -> Actor:
    email = "vendor-manager@moyai.example"
    return _actor(session, session.scalars(select(User).where(User.email == email)).one())


def _actor(session: Session, user: User) -> Actor:
    places = session.scalars(select(Membership).where(Membership.user_id == user.id)).all()
    organization = session.get_one(Organization, places[0].organization_id)
    return Actor(
        user_id=user.id,
        name=user.name,
        organization_id=organization.id,
        organization_kind=OrganizationKind(organization.kind),
        organization_name=organization.name,
        roles=frozenset(Role(place.role) for place in places),
        body_code=organization.body_code,
        prefecture_code=organization.prefecture_code,
        fictional=organization.fictional,
    )
