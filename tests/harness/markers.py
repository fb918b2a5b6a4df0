"""Figures and words that must reach only a few: planted, then looked for everywhere."""

from dataclasses import replace

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session

from accounts.models import LocalBody, Organization
from accounts.roles import Role
from catalog.models import Vendor
from procurement.example_actors import actor_of
from procurement.ledger_models import Invoice
from procurement.models import InternalCeiling, Participation, Project, ProjectRole
from procurement.need_models import Need
from procurement.rfi_models import RfiAnswer
from procurement.services.ceilings import set_internal_ceiling
from procurement.services.contract_partners import refuse_contract
from procurement.services.ledger_money import record_receipt
from procurement.survey_models import SurveyQuestion, SurveyResponse
from tests.harness.builders import NOW, make_case, make_offering, make_organization
from tests.harness.contracts import (
    APPROVAL,
    DRAFT,
    make_contracting_project,
    qualify,
    requote_all,
    sign_for,
)
from tests.harness.ledger import bill, invoice_draft, make_collected_project
from tests.harness.marker import Marker, figure, word
from tests.harness.projects import make_world
from tests.harness.tender_markers import plant_tender

# Nothing in the example data comes near these figures or words.
CEILING_BASE = 7_391_800_000
STANDALONE_BASE = 6_284_700_000
NEED_BASE = 5_173_600_000
STEP = 1_117
LEAVING = "ヒミツノ辞退ハリセンボン"
QUOTE_BASE = 8_462_500_000
CONTRACT_YEN = 8_351_490_007  # under the re-quote it answers
LEDGER_YEN = 41_273_590_000
RECEIPT_BASE = 3_916_274_000
OBSTACLE = "ヒミツノ理由ハリネズミ"
SHEET = "ヒミツノ回答ハリセンボン"
CLAUSE = "ヒミツノ条項カブトムシ"
QUOTED_YEN = 6_173_500_009  # a vendor's answer to a request for information
QUOTE_NOTE = "ヒミツノ見積カマキリ"
REFUSAL = "ヒミツノ拒絶理由クワガタ"
DRAFT_OFFERING = "ヒミツノ下書製品ゾウリムシ"
DRAFT_CASE = "ヒミツノ下書事例ミドリムシ"
DRAFT_PROJECT = "ヒミツノ下書案件ツリガネムシ"


def plant(session: Session) -> list[Marker]:
    """Put a marked secret of every kind into the example data."""
    return [
        *_plant_figures(session),
        *_plant_needs(session),
        *_plant_sheets(session),
        *_plant_drafts(session),
        *_plant_contracts(session),
        *_plant_quotes(session),
        *_plant_ledger(session),
        *plant_tender(session),
    ]


def _plant_figures(session: Session) -> list[Marker]:
    markers = []
    for n, row in enumerate(session.scalars(select(Participation).order_by(Participation.id))):
        own = session.scalars(
            select(Organization.id).where(Organization.body_code == row.body_code)
        ).one()
        leads = _leads_of(session, row.project_id)
        ceiling, standalone = CEILING_BASE + n * STEP, STANDALONE_BASE + n * STEP
        kept = session.get(InternalCeiling, row.id)
        set_internal_ceiling(
            session,
            actor=actor_of(session, row.body_code),
            now=NOW,
            project_id=row.project_id,
            body_code=row.body_code,
            amount_yen=ceiling,
            shown_to_secretariat=False,
            seen=f"{kept.amount_yen} {kept.shown_to_secretariat:d}" if kept else "",
        )
        row.declared_standalone_yen = standalone
        row.declared_standalone_source = "own_quote"
        row.leave_reason = f"{LEAVING}{n:04d}"
        where = f"of {row.body_code} in project {row.project_id}"
        markers.append(Marker(f"ceiling {where}", figure(ceiling), frozenset({own})))
        auditor = frozenset({Role.AUDITOR})
        readers = frozenset({own, *leads})
        markers.append(Marker(f"stand-alone {where}", figure(standalone), readers, auditor))
        reason = word(row.leave_reason)
        markers.append(Marker(f"reason for leaving {where}", reason, readers, auditor))
    session.flush()
    return markers


def _plant_needs(session: Session) -> list[Marker]:
    """What a need says of money and of reasons: for the body and its prefecture only."""
    markers = []
    for n, row in enumerate(session.scalars(select(Need).order_by(Need.id))):
        readers = frozenset(
            session.scalars(
                select(Organization.id)
                .join(LocalBody, LocalBody.code == Organization.body_code)
                .where(
                    or_(
                        LocalBody.code == row.body_code,
                        and_(
                            LocalBody.kind == "prefecture",
                            LocalBody.prefecture_code == row.body_code[:2],
                        ),
                    )
                )
            )
        )
        cost, reason = NEED_BASE + n * STEP, f"{OBSTACLE}{n:04d}"
        row.annual_cost_yen, row.obstacles = cost, reason
        where = f"of {row.body_code} for {row.system_type_code}"
        markers.append(Marker(f"need's cost {where}", figure(cost), readers))
        markers.append(Marker(f"need's obstacle {where}", word(reason), readers))
    session.flush()
    return markers


def _plant_sheets(session: Session) -> list[Marker]:
    """What a body wrote in a survey: for itself and the lead."""
    markers = []
    for n, row in enumerate(session.scalars(select(SurveyResponse).order_by(SurveyResponse.id))):
        own = session.scalars(
            select(Organization.id).where(Organization.body_code == row.body_code)
        ).one()
        question = session.scalars(
            select(SurveyQuestion.id).where(
                SurveyQuestion.project_id == row.project_id, SurveyQuestion.kind == "text"
            )
        ).one()
        written = f"{SHEET}{n:04d}"
        row.answers = row.answers | {str(question): written}
        readers = frozenset({own, *_leads_of(session, row.project_id)})
        markers.append(Marker(f"sheet of {row.body_code}", word(written), readers))
    session.flush()
    return markers


def _plant_contracts(session: Session) -> list[Marker]:
    """A project at its contracts: what was re-quoted, signed and refused, and why."""
    world = make_world(session)
    project, vendor, manager = make_contracting_project(session, world, "selection_and_requote")
    signing, refusing, _ = world.bodies
    lead = world.lead.organization_id or 0
    orgs = {body.code: world.manager(body).organization_id or 0 for body in world.bodies}
    requote_all(session, manager, world, project, lambda place: QUOTE_BASE + place * STEP)
    qualify(session, world.manager(signing), project)
    draft = replace(DRAFT, amount_yen=CONTRACT_YEN, clause=CLAUSE, reason=CLAUSE)
    sign_for(session, world, project, signing, draft)
    refuse_contract(
        session,
        actor=world.manager(refusing),
        now=NOW,
        project_id=project.id,
        body_code=refusing.code,
        reason=REFUSAL,
        approval=APPROVAL,
    )
    parties = frozenset({orgs[signing.code], lead, vendor.organization_id})
    auditor = frozenset({Role.AUDITOR})
    quotes = [
        Marker(
            f"re-quote to {body.code}",
            figure(QUOTE_BASE + n * STEP),
            frozenset({orgs[body.code], lead, vendor.organization_id}),
            auditor,
        )
        for n, body in enumerate(world.bodies)
    ]
    own = frozenset({orgs[signing.code], lead})
    return [
        *quotes,
        Marker("contract's amount", figure(CONTRACT_YEN), parties, auditor),
        Marker("contract's clause", word(CLAUSE), own, auditor),
        Marker("refusal's reason", word(REFUSAL), frozenset({orgs[refusing.code], lead})),
    ]


def _plant_quotes(session: Session) -> list[Marker]:
    """What a vendor answered a lead: for itself and the lead while others may still answer."""
    markers = []
    auditor = frozenset({Role.AUDITOR})
    for n, row in enumerate(session.scalars(select(RfiAnswer).order_by(RfiAnswer.id))):
        yen, note = QUOTED_YEN + n * STEP, f"{QUOTE_NOTE}{n:04d}"
        component = {
            "key": "c1",
            "name": "一式",
            "kind": "initial",
            "unit": "flat",
            "period": "once",
            "unit_price": str(yen),
            "quantity_basis": "joint",
        }
        row.definition = {"name": "見積", "components": [component]}
        row.price_basis = note
        readers = frozenset({row.vendor.organization_id, *_leads_of(session, row.project_id)})
        markers.append(Marker(f"quote of {row.vendor.name}", figure(yen), readers, auditor))
        markers.append(Marker(f"quote's note of {row.vendor.name}", word(note), readers, auditor))
    session.flush()
    return markers


def _plant_ledger(session: Session) -> list[Marker]:
    """A ledger: each body's line and what came in for it; the vendor knows the whole only."""
    world = make_world(session)
    project, vendor, _ = make_collected_project(session, world)
    entry = bill(session, world.lead, project, invoice_draft(net_yen=LEDGER_YEN))
    lead = world.lead.organization_id or 0
    orgs = {body.code: world.manager(body).organization_id or 0 for body in world.bodies}
    auditor = frozenset({Role.AUDITOR})
    members = frozenset({lead, vendor.organization_id, *orgs.values()})
    markers = [Marker("ledger's whole", figure(entry.amount_yen), members, auditor)]
    for n, line in enumerate(session.scalars(select(Invoice).order_by(Invoice.id.desc()).limit(3))):
        readers = frozenset({lead, orgs[line.body_code or ""]})
        received = RECEIPT_BASE + n * STEP
        record_receipt(
            session,
            actor=world.lead,
            now=NOW,
            project_id=project.id,
            invoice_id=line.id,
            amount_yen=received,
            received_on=entry.invoiced_on,
            note="",
            seen_yen=0,
        )
        for name, yen in (
            ("invoice", line.amount_yen),
            ("receipt", received),
            ("arrears", line.amount_yen - received),
        ):
            name = f"ledger {name} of {line.body_code}"
            markers.append(Marker(name, figure(yen), readers, auditor))
    return markers


def _leads_of(session: Session, project_id: int) -> list[int]:
    return list(
        session.scalars(
            select(ProjectRole.organization_id).where(
                ProjectRole.project_id == project_id,
                ProjectRole.role.in_(("lead", "secretariat")),
            )
        )
    )


def _plant_drafts(session: Session) -> list[Marker]:
    desk = frozenset({Role.OPERATOR, Role.AUDITOR})
    vendor = session.scalars(select(Vendor).order_by(Vendor.id)).first()
    assert vendor is not None
    make_offering(
        session, vendor, name=DRAFT_OFFERING, publication_status="draft", current_version=0
    )
    make_case(session, title=DRAFT_CASE, publication_status="draft")
    owner = make_organization(session, "council", name="下書きの協議会", alternate_key="drafts")
    session.add(
        Project(
            title=DRAFT_PROJECT,
            system_type_code="generative_ai",
            lead_organization_id=owner.id,
            state="forming",
            state_since=NOW,
            published=False,
            created_at=NOW,
            updated_at=NOW,
            fictional=True,
        )
    )
    session.flush()
    return [
        Marker("draft offering", word(DRAFT_OFFERING), frozenset({vendor.organization_id}), desk),
        Marker("draft case", word(DRAFT_CASE), frozenset(), desk),
        Marker("draft project", word(DRAFT_PROJECT), frozenset({owner.id}), desk),
    ]
