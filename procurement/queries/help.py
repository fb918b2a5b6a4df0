"""Requests for help as those read them who asked, and those who were asked."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session, aliased

from accounts.models import Organization
from accounts.roles import Actor, Role
from catalog.models import Vendor
from foundation.errors import NotFound
from procurement.domain.help import OPEN, HelpAction, HelpKind, HelpStatus
from procurement.help_models import HelpRequest, HelpStep
from procurement.models import Project

MAX_SHOWN = 200
_PREFECTURE, _MINISTRY, _VENDOR = "prefecture", "ministry", "vendor"


@dataclass(frozen=True, kw_only=True)
class HelpRow:
    """One request. mine: the reader's organisation asked; to_me: it is to answer now."""

    id: int
    id_of_asker: int
    kind: HelpKind
    status: HelpStatus
    subject: str
    text: str
    initial_yen: int | None
    annual_yen: int | None
    from_name: str
    to_name: str
    to_kind: str
    project_id: int | None
    project_title: str
    asked_by: str
    asked_at: datetime
    reply: str
    replied_by: str
    replied_at: datetime | None
    row_version: int
    fictional: bool
    mine: bool
    to_me: bool


@dataclass(frozen=True, kw_only=True)
class StepRow:
    """One step of a request's way."""

    action: HelpAction
    to_name: str
    note: str
    at: datetime
    by: str


def list_requests(session: Session, actor: Actor) -> tuple[HelpRow, ...]:
    """What the actor's organisation asked or was asked, the open ones first. One query."""
    return _list(session, actor, _readable(actor))


def get_request(session: Session, actor: Actor, request_id: int) -> HelpRow:
    """Raises NotFound where the actor may not know of it. One query."""
    rows = _list(session, actor, _readable(actor) & (HelpRequest.id == request_id))
    if not rows:
        raise NotFound("help request")
    return rows[0]


def _readable(actor: Actor) -> ColumnElement[bool]:
    """Who asked, who is asked, and who was asked before; auditors read all."""
    if Role.AUDITOR in actor.roles:
        return HelpRequest.id.is_not(None)
    own = actor.organization_id or 0
    passed = select(HelpStep.request_id).where(HelpStep.to_organization_id == own)
    return or_(
        HelpRequest.from_organization_id == own,
        HelpRequest.to_organization_id == own,
        HelpRequest.id.in_(passed),
    )


def _list(session: Session, actor: Actor, wanted: ColumnElement[bool]) -> tuple[HelpRow, ...]:
    asker, asked = aliased(Organization), aliased(Organization)
    rows = session.execute(
        select(HelpRequest, asker, asked, Project.title)
        .join(asker, asker.id == HelpRequest.from_organization_id)
        .join(asked, asked.id == HelpRequest.to_organization_id)
        .outerjoin(Project, Project.id == HelpRequest.project_id)
        .where(wanted)
        .order_by(HelpRequest.status.not_in(OPEN), HelpRequest.asked_at.desc(), HelpRequest.id)
        .limit(MAX_SHOWN)
    )
    own = actor.organization_id
    return tuple(
        HelpRow(
            id=row.id,
            id_of_asker=row.from_organization_id,
            kind=HelpKind(row.kind),
            status=HelpStatus(row.status),
            subject=row.subject,
            text=row.text,
            initial_yen=row.initial_yen,
            annual_yen=row.annual_yen,
            from_name=from_.name,
            to_name=to.name,
            to_kind=to.kind,
            project_id=row.project_id,
            project_title=title or "",
            asked_by=row.asked_by,
            asked_at=row.asked_at,
            reply=row.reply,
            replied_by=row.replied_by,
            replied_at=row.replied_at,
            row_version=row.row_version,
            fictional=from_.fictional,
            mine=row.from_organization_id == own,
            to_me=row.to_organization_id == own,
        )
        for row, from_, to, title in rows
    )


def list_steps(session: Session, request_id: int) -> tuple[StepRow, ...]:
    """From the first on. One query."""
    rows = session.execute(
        select(HelpStep, Organization.name)
        .outerjoin(Organization, Organization.id == HelpStep.to_organization_id)
        .where(HelpStep.request_id == request_id)
        .order_by(HelpStep.number)
    )
    return tuple(
        StepRow(
            action=HelpAction(row.action), to_name=name or "", note=row.note, at=row.at, by=row.by
        )
        for row, name in rows
    )


def list_addressees(
    session: Session, actor: Actor, kinds: Sequence[str]
) -> tuple[tuple[int, str, str], ...]:
    """(id, name, kind) of whom the actor may ask: its own prefecture, ministries, vendors.

    Real ask real ones, made-up ask made-up ones. Coordinator, ministries, vendors; by name. One
    query.
    """
    published = select(Vendor.organization_id).where(Vendor.publication_status == "published")
    rows = session.execute(
        select(Organization.id, Organization.name, Organization.kind)
        .where(
            Organization.fictional == actor.fictional,
            Organization.id != (actor.organization_id or 0),
            Organization.kind.in_(kinds),
            or_(
                (Organization.kind == _PREFECTURE)
                & (Organization.prefecture_code == actor.prefecture_code),
                Organization.kind == _MINISTRY,
                (Organization.kind == _VENDOR) & Organization.id.in_(published),
            ),
        )
        .order_by(Organization.name, Organization.id)
    )
    order = (_PREFECTURE, _MINISTRY, _VENDOR)
    found = [(id_, name, kind) for id_, name, kind in rows]
    return tuple(sorted(found, key=lambda each: order.index(each[2])))
