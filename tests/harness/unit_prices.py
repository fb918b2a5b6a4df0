"""Builders of a unit-price contract: the award's table, and a project that is billed by it."""

from dataclasses import replace
from datetime import date

from sqlalchemy.orm import Session

from procurement.domain.contract_changes import ExtensionKind
from procurement.domain.unit_prices import UnitPrice
from procurement.models import Project
from procurement.services.contract_changes import extend_award
from procurement.services.unit_prices import record_unit_prices
from tests.harness.builders import NOW
from tests.harness.contracts import (
    APPROVAL,
    DRAFT,
    WITHOUT_AMOUNT,
    make_contracting_project,
    qualify,
    sign_all,
    sign_for,
)
from tests.harness.ledger import TERM_START
from tests.harness.projects import World, move

# 12.5 × 2,000,000 + 0.5 × 2,000,000 + 2,000,000 × 2 = 30,000,000, the award.
TABLE = """文字起こし、分、運用、12.5、2000000
翻訳、字、運用、0.5、2000000
設定、回、初期、2000000、2"""


def record_table(
    session: Session, world: World, project: Project, text: str = TABLE
) -> tuple[UnitPrice, ...]:
    """The lead records the table."""
    return record_unit_prices(session, actor=world.lead, now=NOW, project_id=project.id, text=text)


def approve_rise(
    session: Session, world: World, project: Project, amount_yen: int, seen: int = 0, code: str = ""
) -> None:
    """The lead approves more than the award, as a change. seen: approvals before it."""
    extend_award(
        session,
        actor=world.lead,
        now=NOW,
        project_id=project.id,
        kind=ExtensionKind.CHANGE,
        body_code=code or world.bodies[0].code,
        amount_yen=amount_yen,
        quantity=None,
        reason="単価の引上げ",
        approval=APPROVAL,
        seen_number=seen,
    )


def make_priced_project(
    session: Session, world: World, own: str = "", starts_on: date | None = DRAFT.starts_on
) -> Project:
    """A project at 導入 whose bodies contract and pay by themselves, by the table.

    own: unit prices of the first body's contract alone, an item a line. starts_on: of contracts.
    """
    project, _, _ = make_contracting_project(
        session, world, "basic_and_individual", term_start=TERM_START
    )
    record_table(session, world, project)
    sign_all(session, world, project, WITHOUT_AMOUNT)
    for body in world.bodies:
        qualify(session, world.manager(body), project)
        given = own if body is world.bodies[0] else ""
        sign_for(
            session, world, project, body, replace(DRAFT, own_prices=given, starts_on=starts_on)
        )
    move(session, world.lead, project, "start_introduction")
    return project
