"""Builders of a project at its contracts, by any contract model, without a tender before it."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy.orm import Session

from accounts.models import LocalBody
from accounts.roles import Actor
from catalog.models import Vendor
from procurement.contract_models import Contract
from procurement.domain.contracts import ContractKind, Guarantee
from procurement.domain.signing import ContractDraft
from procurement.models import Project
from procurement.services.contract_partners import (
    choose_vendor,
    give_requote,
    record_qualification,
)
from procurement.services.contracts import Approval, sign_overall, sign_own
from tests.harness.builders import NOW
from tests.harness.projects import (
    APPROVED,
    World,
    agree,
    make_project,
    move,
    settle_award,
)
from tests.harness.tender import make_bidder

AWARDED_YEN = 30_000_000
# One sum is awarded for all: the final shares follow from it.
LUMP_SUMS = ("basic_and_individual", "delegation", "intermediary")
WITHOUT_PRICE = ("recommended_product",)
APPROVAL = Approval(day=APPROVED, number="契第1号")
# What buys has everything a checklist asks for; a test takes away what it is about.
DRAFT = ContractDraft(
    kind=ContractKind.INDIVIDUAL,
    number="第1号",
    signed_on=date(2026, 11, 20),
    starts_on=date(2027, 4, 1),
    ends_on=date(2029, 3, 31),
    amount_yen=1_000_000,
    tax_percent=Decimal(10),
    clause="地方自治法施行令第167条の2第1項第2号",
    reason="比べて最も適した提案だったため",
    guarantee=Guarantee.EXEMPT,
    guarantee_note="財務規則による",
)
WITHOUT_AMOUNT = replace(DRAFT, amount_yen=None)


def make_contracting_project(
    session: Session, world: World, model: str, **changes: Any
) -> tuple[Project, Vendor, Actor]:
    """A project at 契約 by 随意契約 with its vendor named, everybody agreed and in wave 1."""
    project = make_project(
        session,
        world,
        procurement_method="negotiated_contract",
        procurement_method_reason="1者だけが提供できるため",
        contract_model=model,
        **changes,
    )
    bring_to_contracts(session, world, project, world.bodies)
    vendor, manager = make_bidder(session, "架空契約株式会社")
    choose(session, world, project, vendor, None if model in WITHOUT_PRICE else AWARDED_YEN)
    if model in LUMP_SUMS:
        settle_award(session, world, project)
    return project, vendor, manager


def bring_to_contracts(
    session: Session,
    world: World,
    project: Project,
    bodies: Sequence[LocalBody],
    tolerance: Decimal = Decimal(0),
) -> None:
    """From 募集 straight to 契約, by a method without a notice."""
    agree(session, world, project, bodies, tolerance)
    move(session, world.lead, project, "start_contracting")


def choose(
    session: Session,
    world: World,
    project: Project,
    vendor: Vendor,
    price_yen: int | None,
    seen: int = 0,
) -> None:
    """The lead names the vendor, of a method without a notice. seen: of the award before it."""
    choose_vendor(
        session,
        actor=world.lead,
        now=NOW,
        project_id=project.id,
        vendor_id=vendor.id,
        price_yen=price_yen,
        quotes_taken=1,
        reason="1者だけが提供できるため",
        seen_number=seen,
    )


def qualify(
    session: Session, actor: Actor, project: Project, until: date = date(2028, 3, 31)
) -> None:
    """The actor's organisation has the vendor on its list until then."""
    record_qualification(
        session,
        actor=actor,
        now=NOW,
        project_id=project.id,
        number="A-1",
        valid_until=until,
        seen_version=0,
    )


def sign_all(session: Session, world: World, project: Project, draft: ContractDraft) -> Contract:
    """The lead signs the document for all."""
    return sign_overall(
        session,
        actor=world.lead,
        now=NOW,
        project_id=project.id,
        draft=draft,
        approval=APPROVAL,
    )


def certify(
    session: Session, world: World, project: Project, vendor: Vendor, product: str, **changes: Any
) -> Contract:
    """The lead certifies a product of the vendor for the term of DRAFT."""
    draft = replace(WITHOUT_AMOUNT, guarantee=None, vendor_id=vendor.id, product=product)
    return sign_all(session, world, project, replace(draft, **changes))


def sign_for(
    session: Session, world: World, project: Project, body: LocalBody, draft: ContractDraft = DRAFT
) -> Contract:
    """The body's manager signs its own document."""
    return sign_own(
        session,
        actor=world.manager(body),
        now=NOW,
        project_id=project.id,
        body_code=body.code,
        draft=draft,
        approval=APPROVAL,
    )


def requote(session: Session, manager: Actor, project: Project, body: LocalBody, yen: int) -> None:
    """The vendor's first re-quote to the body."""
    give_requote(
        session,
        actor=manager,
        now=NOW,
        project_id=project.id,
        body_code=body.code,
        amount_yen=yen,
        note="",
        seen_number=0,
    )


def requote_all(
    session: Session,
    manager: Actor,
    world: World,
    project: Project,
    yen_of: Callable[[int], int] = lambda _place: 2_000_000,
) -> None:
    """A re-quote to every body, by its place; the version of them is fixed and agreed."""
    for place, body in enumerate(world.bodies):
        requote(session, manager, project, body, yen_of(place))
    settle_award(session, world, project)


def make_introduced_project(session: Session, world: World) -> Project:
    """A project at 導入: the basic contract and one of 1,000,000 yen for each body."""
    project, _, _ = make_contracting_project(session, world, "basic_and_individual")
    sign_all(session, world, project, WITHOUT_AMOUNT)
    for body in world.bodies:
        qualify(session, world.manager(body), project)
        sign_for(session, world, project, body)
    move(session, world.lead, project, "start_introduction")
    return project
