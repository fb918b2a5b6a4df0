"""Builders of joint procurements: they walk the real services to where a test begins."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from accounts.models import LocalBody
from accounts.roles import Actor, Role
from catalog.models import Offer, PricePlan
from procurement.domain.consent import default_maximum
from procurement.models import Consent, Participation, Project, ShareLine, ShareVersion
from procurement.queries.consents import find_latest_version, lines_by_year
from procurement.queries.previews import get_previews
from procurement.queries.standing import find_standing
from procurement.services import consents, shares
from procurement.services.estimates import add_estimate_basis
from procurement.services.joining import JoinAnswers, join_project
from procurement.services.moves import move_project
from procurement.services.projects import ProjectFields, open_project
from procurement.services.terms import set_sharing_terms
from tests.harness.builders import (
    NOW,
    list_free_codes,
    make_actor,
    make_body,
    make_offering,
    make_system_type,
    organization_of,
)

JOIN_CLOSES = datetime(2026, 12, 15, 8, 0, tzinfo=UTC)
CONSENT_CLOSES = datetime(2027, 1, 29, 8, 0, tzinfo=UTC)
APPROVED = date(2026, 11, 19)

# 100,000 yen once per body, 1,000 yen a month per account, cheaper from 301 accounts together.
PLAN: dict[str, Any] = {
    "name": "標準",
    "components": [
        {
            "key": "setup",
            "name": "初期設定",
            "kind": "initial",
            "unit": "body",
            "unit_price": "100000",
            "period": "once",
            "quantity_basis": "joint",
        },
        {
            "key": "usage",
            "name": "利用料",
            "kind": "recurring",
            "unit": "account",
            "tiers": [
                {"from_qty": 1, "unit_price": "1000"},
                {"from_qty": 301, "unit_price": "800"},
            ],
            "mode": "all_units",
            "quantity_basis": "joint",
            "period": "month",
        },
    ],
}
TERMS: dict[str, Any] = {
    "rules": {"initial": "equal", "recurring": "mixed:equal=30,population=70", "option": "own_use"},
    "population_source": "register_2025",
}


@dataclass
class World:
    """A fictional prefecture that leads, its municipalities, and who acts for each."""

    lead: Actor
    bodies: list[LocalBody]
    managers: dict[str, Actor]
    staff: dict[str, Actor]
    plan_id: int
    quantities: dict[str, int] = field(default_factory=dict)

    def manager(self, body: LocalBody) -> Actor:
        return self.managers[body.code]


POPULATIONS = (52_310, 17_845, 8_021)
QUANTITIES = (200, 100, 60)


def make_world(session: Session, populations: tuple[int, ...] = POPULATIONS) -> World:
    """A coordinator and municipalities of these populations, in the order of their codes."""
    make_system_type(session, "generative_ai", name="生成AI")
    first = make_body(session, name="架空県", kind="prefecture")
    lead = make_actor(session, organization_of(session, first), Role.PREFECTURE_COORDINATOR)
    codes = list_free_codes(session, len(populations))
    bodies = [
        make_body(session, code=code, population_register_2025=p, population_census_2020=p + 100)
        for code, p in zip(codes, populations, strict=True)
    ]
    managers, staff = {}, {}
    for body in bodies:
        organization = organization_of(session, body)
        managers[body.code] = make_actor(session, organization, Role.MUNICIPAL_MANAGER)
        staff[body.code] = make_actor(session, organization, Role.MUNICIPAL_STAFF)
    return World(
        lead=lead,
        bodies=bodies,
        managers=managers,
        staff=staff,
        plan_id=make_plan(session),
        quantities=dict(zip([b.code for b in bodies], QUANTITIES, strict=False)),
    )


def make_plan(session: Session, definition: dict[str, Any] | None = None) -> int:
    """The id of a published plan."""
    offering = make_offering(session, plan=definition or PLAN)
    plan_id = session.scalar(
        select(PricePlan.id)
        .join(Offer, Offer.id == PricePlan.offer_id)
        .where(Offer.offering_id == offering.id)
    )
    assert plan_id is not None
    return plan_id


def make_fields(**changes: Any) -> ProjectFields:
    """Valid fields of a project."""
    values: dict[str, Any] = {
        "title": "生成AIの共同調達",
        "system_type_code": "generative_ai",
        "purpose": "文書作成の時間を減らす。",
        "prefecture_code": "99",
        "contract_model": "basic_and_individual",
        "agreement_basis": "project_agreement",
        "main_unit": "account",
        "join_closes_at": JOIN_CLOSES,
        "consent_closes_at": CONSENT_CLOSES,
        "term_start": date(2027, 4, 1),
        "term_months": 24,
    }
    return ProjectFields(**(values | changes))


def make_project(session: Session, world: World, *, joined: int = 3, **changes: Any) -> Project:
    """A project at 参加団体募集 with a basis, terms, and the first bodies joined."""
    project = open_project(session, actor=world.lead, now=NOW, wanted=make_fields(**changes))
    add_estimate_basis(
        session, actor=world.lead, now=NOW, project_id=project.id, price_plan_id=world.plan_id
    )
    set_sharing_terms(
        session,
        actor=world.lead,
        now=NOW,
        project_id=project.id,
        wanted=TERMS,
        seen_version=project.row_version,
    )
    move(session, world.lead, project, "open_recruitment")
    for body in world.bodies[:joined]:
        join(session, world, project, body)
    return project


def join(
    session: Session, world: World, project: Project, body: LocalBody, quantity: int | None = None
) -> None:
    """The body's manager joins with its usual quantity."""
    join_project(
        session,
        actor=world.manager(body),
        now=NOW,
        project_id=project.id,
        body_code=body.code,
        answers=JoinAnswers(quantity=quantity or world.quantities[body.code]),
        approval_date=APPROVED,
        approval_number="情政第123号",
    )


def move(session: Session, actor: Actor, project: Project, action: str, reason: str = "") -> None:
    """One move of the lead."""
    move_project(
        session,
        actor=actor,
        now=NOW,
        project_id=project.id,
        action=action,
        reason=reason,
        seen_state=project.state,
    )


def fix(
    session: Session,
    world: World,
    project: Project,
    now: datetime = NOW,
    closes_at: datetime | None = None,
) -> ShareVersion:
    """The lead fixes what the first basis gives now."""
    standing = find_standing(session, world.lead, project.id)
    chosen = get_previews(session, project, standing).find(None)
    assert chosen is not None and chosen.preview is not None, chosen
    return shares.fix_share_version(
        session,
        actor=world.lead,
        now=now,
        project_id=project.id,
        basis_id=chosen.basis.id,
        preview_sha256=chosen.preview.sha256,
        closes_at=closes_at,
    )


def settle_award(session: Session, world: World, project: Project, now: datetime = NOW) -> None:
    """The final version is fixed, and whoever it asks anew consents."""
    version = fix(session, world, project, now)
    asked = session.scalars(
        select(Participation.body_code)
        .join(Consent, Consent.participation_id == Participation.id)
        .where(Consent.share_version_id == version.id, Consent.status == "asked")
    ).all()
    for body in world.bodies:
        if body.code in asked:
            give(session, world, project, body, now=now)


def give(
    session: Session,
    world: World,
    project: Project,
    body: LocalBody,
    *,
    maximum: dict[int, int] | None = None,
    now: datetime = NOW,
) -> Consent:
    """The body's manager consents, to exactly its share unless a maximum is given."""
    version = find_latest_version(session, project.id)
    assert version is not None
    lines = {
        year: amount
        for year, amount in session.execute(
            select(ShareLine.fiscal_year, func.sum(ShareLine.amount_yen))
            .where(ShareLine.share_version_id == version.id, ShareLine.body_code == body.code)
            .group_by(ShareLine.fiscal_year)
        )
    }
    return consents.consent(
        session,
        actor=world.manager(body),
        now=now,
        project_id=project.id,
        body_code=body.code,
        version_number=version.number,
        maximum_yen=maximum or {year: int(amount) for year, amount in lines.items()},
        approval_date=APPROVED,
        approval_number="第1号",
    )


def agree(
    session: Session,
    world: World,
    project: Project,
    bodies: Sequence[LocalBody],
    tolerance: Decimal = Decimal(0),
) -> None:
    """From 募集 to 負担合意: each has its budget, and agrees to so many percent more."""
    move(session, world.lead, project, "start_agreement")
    lines = lines_by_year(session, fix(session, world, project).id)
    for body in bodies:
        maximum = default_maximum(lines[body.code], tolerance) if tolerance else None
        give(session, world, project, body, maximum=maximum)
    for row in session.query(Participation).filter_by(project_id=project.id):
        row.budget_status = "appropriated"
    session.flush()
