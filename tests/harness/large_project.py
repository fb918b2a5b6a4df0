"""What 200 bodies leave behind beside the ledger: contracts, consents, answers, checks (架空)."""

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from accounts.models import Organization
from catalog.models import Vendor
from procurement.contract_models import Contract, IntroductionCheck
from procurement.domain.introduction import IntroductionStep
from procurement.models import Consent, Participation, Project, ShareVersion
from procurement.requirement_models import Requirement, RequirementColumn
from procurement.survey_models import Survey, SurveyQuestion, SurveyResponse

BY = "計測（架空）"
QUESTIONS = 10
WISHES = ("must", "wanted", "not_needed")


def fill_in(session: Session, project_id: int, now: datetime) -> None:
    """Rows of every body where a page reads one per body."""
    project = session.get_one(Project, project_id)
    members = session.scalars(
        select(Participation).where(Participation.project_id == project_id)
    ).all()
    _sign(session, project, _organizations(session, [row.body_code for row in members]), now)
    _consent(session, project_id, members, now)
    _answer(session, project_id, [row.body_code for row in members], now)
    checks = [
        {"participation_id": row.id, "step": step.value, "done_on": date(2021, 4, 1)}
        | {"note": "", "entered_at": now, "entered_by": BY}
        for row in members
        for step in IntroductionStep
    ]
    session.execute(insert(IntroductionCheck), checks)


def _organizations(session: Session, codes: Sequence[str]) -> dict[str, int]:
    """Body → its organisation; those that have one keep it."""
    found = select(Organization.body_code, Organization.id).where(Organization.body_code.in_(codes))
    known = {code for code, _ in session.execute(found)}
    rows = [
        {"kind": "municipality", "name": f"架空計測{code}", "body_code": code, "fictional": True}
        | {"prefecture_code": "99"}
        for code in codes
        if code not in known
    ]
    session.execute(insert(Organization), rows)
    return {str(code): id for code, id in session.execute(found)}


def _sign(session: Session, project: Project, parties: dict[str, int], now: datetime) -> None:
    """The contract of the delegate, and the rules of every body with it."""
    vendor_id = session.scalars(select(Vendor.id).where(Vendor.fictional).limit(1)).one()
    usual: dict[str, Any] = {
        "project_id": project.id,
        "wave": 1,
        "term": 1,
        "number": "架空第1号",
        "signed_on": date(2021, 3, 20),
        "starts_on": date(2021, 4, 1),
        "ends_on": date(2026, 3, 31),
        "tax_percent": Decimal(10),
        "membership": "",
        "signatory": "",
        "clause": "",
        "reason": "",
        "guarantee": "exempt",
        "guarantee_note": "",
        "approval_date": date(2021, 3, 1),
        "approval_number": "架空第1号",
        "recorded_at": now,
        "recorded_by": BY,
    }
    whole = {"kind": "representative", "buyer_organization_id": project.lead_organization_id}
    whole |= {"body_code": None, "vendor_id": vendor_id, "amount_yen": 120_000_000}
    whole |= {"amount_with_tax_yen": 132_000_000, "vote_on": None}
    rules = [
        {"kind": "delegation", "buyer_organization_id": party, "body_code": code}
        | {"vendor_id": None, "amount_yen": None, "amount_with_tax_yen": None}
        | {"vote_on": date(2021, 3, 15)}
        for code, party in parties.items()
    ]
    session.execute(insert(Contract), [usual | each for each in (whole, *rules)])


def _consent(
    session: Session, project_id: int, members: Sequence[Participation], now: datetime
) -> None:
    version = session.scalars(
        select(ShareVersion.id).where(ShareVersion.project_id == project_id)
    ).one()
    rows = [
        {"share_version_id": version, "participation_id": row.id, "status": "given"}
        | {"maximum_yen": {str(year): 130_000 for year in range(2021, 2026)}}
        | {"approval_date": date(2021, 3, 1), "approval_number": "架空第1号"}
        | {"asked_at": now, "answered_at": now, "answered_by": BY}
        for row in members
    ]
    session.execute(insert(Consent), rows)


def _answer(session: Session, project_id: int, codes: Sequence[str], now: datetime) -> None:
    """Ten questions answered by every body, and each a requirement with every body's wish."""
    session.add(Survey(project_id=project_id, opened_at=now))
    session.flush()
    asked = [
        SurveyQuestion(project_id=project_id, text=f"架空の質問 {n}", kind="requirement")
        for n in range(QUESTIONS)
    ]
    session.add_all(asked)
    session.flush()
    lines = [
        Requirement(
            project_id=project_id,
            text=each.text,
            origin="survey",
            survey_question_id=each.id,
            updated_at=now,
        )
        for each in asked
    ]
    session.add_all(lines)
    session.flush()
    trace = {"project_id": project_id, "answered_by": BY, "answered_at": now}
    sheets, columns = [], []
    for place, code in enumerate(codes):
        wishes = [WISHES[(place + n) % len(WISHES)] for n in range(QUESTIONS)]
        of_body = trace | {"body_code": code}
        answers = {str(each.id): wish for each, wish in zip(asked, wishes, strict=True)}
        sheets.append(of_body | {"status": "given", "answers": answers})
        named = {str(each.id): wish for each, wish in zip(lines, wishes, strict=True)}
        columns.append(of_body | {"wishes": named})
    session.execute(insert(SurveyResponse), sheets)
    session.execute(insert(RequirementColumn), columns)
