"""Builders of a project whose ledger is kept: by the lead, or by each body."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

from sqlalchemy.orm import Session

from accounts.roles import Actor
from catalog.models import Vendor
from catalog.pricing import Kind
from procurement.domain.contracts import ContractKind
from procurement.domain.ledger import Billed
from procurement.ledger_models import VendorInvoice
from procurement.models import Participation, Project
from procurement.services.ledger import InvoiceDraft, record_vendor_invoice
from tests.harness.builders import NOW
from tests.harness.contracts import (
    DRAFT,
    make_contracting_project,
    make_introduced_project,
    qualify,
    sign_all,
    sign_for,
)
from tests.harness.projects import World, move

TERM_START = date(2026, 4, 1)
FIRST, SECOND = date(2026, 4, 1), date(2026, 5, 1)


def make_collected_project(session: Session, world: World) -> tuple[Project, Vendor, Actor]:
    """A project at 導入 whose lead contracts for all (事務委託) and collects: the vendor too."""
    project, vendor, manager = make_contracting_project(
        session, world, "delegation", term_start=TERM_START
    )
    voted = replace(
        DRAFT,
        kind=ContractKind.DELEGATION,
        vote_on=DRAFT.signed_on,
        amount_yen=None,
        starts_on=None,
        ends_on=None,
    )
    for body in world.bodies:
        sign_for(session, world, project, body, voted)
    qualify(session, world.lead, project)
    sign_all(session, world, project, DRAFT)
    move(session, world.lead, project, "start_introduction")
    return project, vendor, manager


def make_individual_project(session: Session, world: World) -> Project:
    """A project at 導入 whose bodies contract and pay by themselves."""
    return make_introduced_project(session, world)


def invoice_draft(
    period: date = FIRST, net_yen: int = 100_000, category: Kind = Kind.RECURRING
) -> InvoiceDraft:
    """An invoice of that month as the vendor sent it."""
    return InvoiceDraft(
        billed=Billed(period=period, category=category, net_yen=net_yen, tax_percent=Decimal(10)),
        vendor_number=f"V-{period:%y%m}",
        invoiced_on=date(2026, 11, 1),
        due_on=date(2026, 11, 10),
    )


def bill(
    session: Session, actor: Actor, project: Project, draft: InvoiceDraft, seen: int = 0
) -> VendorInvoice:
    """The lead (or a body) books the invoice."""
    return record_vendor_invoice(
        session, actor=actor, now=NOW, project_id=project.id, draft=draft, seen_number=seen
    )


def leave(session: Session, project: Project, code: str, last: date) -> None:
    """The body's last day, as leaving would have stored it."""
    row = session.query(Participation).filter_by(project_id=project.id, body_code=code).one()
    row.status, row.ends_on = "left", last
    session.flush()
