"""The operator says which council leads a case that came in by a file (F01).

A body is known by the code that stands in its case. A council has none: where its case was not
written here, only a person can say whose it is. From then on the council keeps it and is asked.
"""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from accounts.audit import record
from accounts.models import Organization
from accounts.notices import tell_organization
from accounts.roles import Action, Actor, OrganizationKind, may
from catalog.entries import PublicationStatus
from catalog.models import Case
from foundation.errors import Conflict, NotFound, refuse
from foundation.paging import Page, paginate


@dataclass(frozen=True, kw_only=True)
class LeadRow:
    """A published case without a body's code. council: who leads it, '' while nobody is named."""

    id: int
    title: str
    lead_body_name: str
    council: str
    last_confirmed_on: date
    fictional: bool


@dataclass(frozen=True, kw_only=True)
class LeadPage:
    """A case with the councils that may lead it, by name: real ones a real case."""

    id: int
    title: str
    lead_body_name: str
    source_url: str
    fictional: bool
    organization_id: int | None
    row_version: int
    councils: tuple[tuple[int, str], ...]


def list_leads(session: Session, *, page: int, size: int) -> Page[LeadRow]:
    """Cases without a body's code, those nobody is named for first."""
    statement = (
        select(Case, Organization.name)
        .outerjoin(Organization, Organization.id == Case.lead_organization_id)
        .where(*_without_code())
        .order_by(Case.lead_organization_id.is_not(None), Case.last_confirmed_on, Case.id)
    )
    return paginate(
        session,
        statement,
        page=page,
        size=size,
        make_row=lambda found: LeadRow(
            id=found[0].id,
            title=found[0].title,
            lead_body_name=found[0].lead_body_name,
            council=found[1] or "",
            last_confirmed_on=found[0].last_confirmed_on,
            fictional=found[0].fictional,
        ),
    )


def get_lead_page(session: Session, case_id: int) -> LeadPage:
    """The case and whom it can be given to. Raises NotFound."""
    case = session.scalar(select(Case).where(Case.id == case_id, *_without_code()))
    if case is None:
        raise NotFound(f"case {case_id}")
    statement = (
        select(Organization.id, Organization.name)
        .where(Organization.kind == OrganizationKind.COUNCIL.value)
        .where(Organization.fictional == case.fictional)
        .order_by(Organization.name, Organization.id)
    )
    return LeadPage(
        id=case.id,
        title=case.title,
        lead_body_name=case.lead_body_name,
        source_url=case.source_url,
        fictional=case.fictional,
        organization_id=case.lead_organization_id,
        row_version=case.row_version,
        councils=tuple((row.id, row.name) for row in session.execute(statement)),
    )


def name_lead(
    session: Session,
    *,
    actor: Actor,
    now: datetime,
    case_id: int,
    organization_id: int | None,
    seen_version: int,
) -> None:
    """Give the case to that council, or to nobody. What readers see stays as it is, and what
    the council before wrote stays its own (services.start_change).

    Raises NotFound, Refused, Conflict where somebody changed the case since it was shown.
    """
    if not may(actor, Action.PUBLISH_OFFERING):
        raise NotFound(f"case {case_id}")
    page = get_lead_page(session, case_id)
    names = dict(page.councils)
    if organization_id is not None and organization_id not in names:
        raise refuse("council_unknown", "一覧から選んでください。", "organization_id")
    if page.row_version != seen_version:
        raise Conflict("ほかの人が先に変更しました。変更後の内容を確かめてください。")
    if organization_id == page.organization_id:
        raise refuse("no_change", "登録されている幹事団体と同じです。", "organization_id")
    case = session.get_one(Case, case_id)
    case.lead_organization_id = organization_id
    session.flush()
    council = names.get(organization_id or 0, "")
    changes = {"title": case.title, "council": council or "（なし）"}
    record(session, actor, "name_case_lead", "case", case.id, changes, now)
    if organization_id is not None:
        _tell(session, case, organization_id, now)


def _tell(session: Session, case: Case, organization_id: int, now: datetime) -> None:
    title = f"事例「{case.title}」の幹事団体として登録されました"
    body = "年に1回の確認と、問い合わせへの返信をお願いします。違うときは運営者に知らせてください。"
    url = f"/cases/{case.id}"
    tell_organization(session, organization_id, title=title, body=body, url=url, now=now)


def _without_code() -> tuple[ColumnElement[bool], ...]:
    published = Case.publication_status == PublicationStatus.PUBLISHED.value
    return (published, Case.lead_body_code.is_(None))
