"""What pages of lower packages show of joint procurements: offerings, vendor's desk, bodies.

Never a basis of an estimate, never a project that is not public.
"""

from collections.abc import Iterable

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from accounts import panels as body_panels
from accounts.roles import Action, Actor, may
from catalog import panels as catalog_panels
from catalog.models import Vendor
from catalog.openings import register_openings
from catalog.panels import Panel, PanelItem, PanelRequest, Place
from catalog.queries.files import register_lead_check
from foundation.filters import jst
from procurement.domain.participation import ParticipationStatus
from procurement.domain.states import State
from procurement.models import Participation, Project, ProjectOffering, VendorRequest
from procurement.plan_panels import RELATIONS, joint_facts
from procurement.queries.members import BODIES_ARE_PUBLIC
from procurement.queries.openings import list_openings
from procurement.queries.project_rows import IS_OPEN, IS_PUBLIC
from procurement.queries.rfi import RFI

SHOWN = 10
NOTICE_STATES = (State.SOLICITATION, State.EVALUATION)
_REQUESTS = {"rfi": "情報提供の依頼", "quotation": "見積の依頼"}


def register() -> None:
    """Put procurement's panels on the pages below; called once when the application is made."""
    catalog_panels.register(Place.OFFERING, "projects", offering_projects)
    catalog_panels.register(Place.VENDOR_DESK, "requests", vendor_requests)
    catalog_panels.register(Place.VENDOR_DESK, "notices", public_notices)
    catalog_panels.register_joint_facts(joint_facts)
    register_openings(list_openings)
    register_lead_check(leads_such_a_purchase)
    body_panels.register_panel("projects", body_projects)
    body_panels.register_panel("costs", body_costs)


def leads_such_a_purchase(session: Session, actor: Actor, system_type_code: str) -> bool:
    """Whether the actor's organisation leads a public, running purchase of that kind."""
    if actor.organization_id is None or not may(actor, Action.EDIT_PROJECT):
        return False
    statement = select(Project.id).where(
        Project.lead_organization_id == actor.organization_id,
        Project.system_type_code == system_type_code,
        IS_OPEN,
    )
    return session.scalar(statement.limit(1)) is not None


def offering_projects(session: Session, request: PanelRequest) -> Panel | None:
    """「募集中の共同調達」: open public projects that name the offering (F05)."""
    rows = session.execute(
        select(Project, ProjectOffering.relation)
        .join(ProjectOffering, ProjectOffering.project_id == Project.id)
        .where(ProjectOffering.offering_id == request.subject_id, IS_OPEN)
        .options(joinedload(Project.lead_organization))
        .order_by(Project.updated_at.desc(), Project.id.desc())
    )
    items = tuple(
        _project_item(project, chips=(RELATIONS.get(relation, relation),))
        for project, relation in rows
    )
    return Panel(
        key="projects",
        title="この製品に関係する進行中の共同調達",
        items=items[:SHOWN],
        empty="この製品を公表している進行中の共同調達はありません。",
        total=len(items),
        fictional=sum(item.fictional for item in items),
        more_url="/projects",
    )


def vendor_requests(session: Session, request: PanelRequest) -> Panel | None:
    """Requests a lead sent to this very vendor; for its own people only."""
    if not _is_own_desk(session, request):
        return None
    rows = session.execute(
        select(VendorRequest, Project)
        .join(Project, Project.id == VendorRequest.project_id)
        .where(VendorRequest.vendor_id == request.subject_id)
        .order_by(VendorRequest.sent_at.desc(), VendorRequest.id.desc())
    )
    items = tuple(
        PanelItem(
            title=f"{_REQUESTS.get(sent.kind, sent.kind)}：{project.title}",
            url=f"/projects/{project.id}/rfi" if sent.kind == RFI else f"/projects/{project.id}",
            description=sent.message,
            meta=_moments(sent),
            fictional=project.fictional,
        )
        for sent, project in rows
    )
    return Panel(
        key="requests",
        title="自社に届いた依頼",
        items=items[:SHOWN],
        empty="届いた依頼はありません。",
        total=len(items),
        fictional=sum(item.fictional for item in items),
    )


def public_notices(session: Session, request: PanelRequest) -> Panel | None:
    """Projects at their notice, which everybody may answer."""
    if not may(request.actor, Action.READ_VENDOR_DESK):
        return None
    rows = session.scalars(
        select(Project)
        .where(IS_PUBLIC, Project.state.in_(NOTICE_STATES))
        .options(joinedload(Project.lead_organization))
        .order_by(Project.proposals_close_at)
    )
    items = tuple(_project_item(project, meta=_closing(project)) for project in rows)
    return Panel(
        key="notices",
        title="公告中の共同調達",
        items=items[:SHOWN],
        empty="公告中の案件はありません。",
        total=len(items),
        fictional=sum(item.fictional for item in items),
        more_url="/projects?state=solicitation",
    )


def body_projects(session: Session, body_code: str, actor: Actor) -> body_panels.Panel:
    """A body's participations, public only after contracting (domain §8)."""
    rows = session.execute(
        select(Project, Participation.status)
        .join(Participation, Participation.project_id == Project.id)
        .where(
            Participation.body_code == body_code,
            Participation.status.in_(
                (
                    ParticipationStatus.JOINED,
                    ParticipationStatus.CONTRACTED,
                    ParticipationStatus.IN_USE,
                )
            ),
            IS_PUBLIC,
            Project.state.in_(BODIES_ARE_PUBLIC),
        )
        .order_by(Project.updated_at.desc(), Project.id.desc())
    )
    return body_panels.Panel(
        id="projects",
        title="参加している共同調達",
        items=tuple(
            body_panels.PanelItem(
                title=project.title,
                url=f"/projects/{project.id}",
                meta=(State(project.state).label, ParticipationStatus(status).label),
                fictional=project.fictional,
            )
            for project, status in rows
        ),
        empty_text="公開されている参加はありません（参加は契約後に公開されます）。",
        more_url="/projects",
    )


def body_costs(_session: Session, body_code: str, _actor: Actor) -> body_panels.Panel:
    """The way to the body's dashboard: costs are shown there, with their bases."""
    return body_panels.Panel(
        id="costs",
        title="費用と進捗",
        items=(
            body_panels.PanelItem(
                title="費用のダッシュボード",
                url=f"/dashboard/bodies/{body_code}",
                description="年度別の費用と、共同調達による差額を、根拠とあわせて示します。",
            ),
        ),
    )


def _is_own_desk(session: Session, request: PanelRequest) -> bool:
    vendor = session.get(Vendor, request.subject_id)
    own = vendor is not None and vendor.organization_id == request.actor.organization_id
    return own and may(request.actor, Action.READ_VENDOR_DESK)


def _project_item(
    project: Project, *, chips: tuple[str, ...] = (), meta: Iterable[str] = ()
) -> PanelItem:
    return PanelItem(
        title=project.title,
        url=f"/projects/{project.id}",
        description=f"幹事：{project.lead_organization.name}",
        meta=(State(project.state).label, *meta),
        chips=chips,
        fictional=project.fictional,
    )


def _closing(project: Project) -> tuple[str, ...]:
    closes = project.proposals_close_at
    return (f"提案の締切 {jst(closes)}",) if closes else ()


def _moments(sent: VendorRequest) -> tuple[str, ...]:
    meta = [f"届いた日時 {jst(sent.sent_at)}"]
    if sent.closes_at:
        meta.append(f"回答期限 {jst(sent.closes_at)}")
    return tuple(meta)
