"""The example's offices (架空): how many people each has, who hands over, who asks for help.

And where the prefecture lends people.
"""

from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from accounts.models import Organization
from procurement.domain.help import HelpKind
from procurement.domain.offices import Office, next_first_of_april
from procurement.domain.staff_pool import PoolContact
from procurement.example_actors import actor_of
from procurement.models import Project
from procurement.services.help import ask_help
from procurement.services.offices import set_office
from procurement.services.staff_pool import set_staff_pool

ASKER, COORDINATED_BY, ABOUT = "992011", "990001", "document_management"


def load_example_offices(session: Session, base: date, now: datetime) -> None:
    """A town with four people, one with two, one with one whose successor is not known yet."""
    april = next_first_of_april(base)
    offices = {
        "992011": Office(dx_staff=5, contact_name="情報政策課 主査（架空）"),
        "992020": Office(dx_staff=2, contact_name="総務課 主任（架空）"),
        "994014": Office(
            dx_staff=1,
            contact_name="企画財政課 主事（架空）",
            hands_over_on=april,
            handover_note="意向調査の回答の控えは総務課の共有フォルダにあります（架空）。",
        ),
    }
    for code, office in offices.items():
        set_office(session, actor=actor_of(session, code), now=now, wanted=office, seen_version=0)
    coordinator = actor_of(session, COORDINATED_BY)
    pool = PoolContact(office="デジタル推進課 市町村支援担当（架空）", phone="0000-00-0000")
    set_staff_pool(session, actor=coordinator, now=now, wanted=pool, seen_version=0)


def load_example_help(session: Session, now: datetime) -> None:
    """One request for scrutiny of a quote (架空), from a leading town to its coordinator."""
    coordinator = session.scalars(
        select(Organization.id).where(
            Organization.body_code == COORDINATED_BY, Organization.kind == "prefecture"
        )
    ).one()
    project_id = session.scalars(
        select(Project.id)
        .where(Project.system_type_code == ABOUT, Project.fictional)
        .order_by(Project.id)
    ).first()
    ask_help(
        session,
        actor=actor_of(session, ASKER),
        now=now,
        kind=HelpKind.SCRUTINY,
        to_organization_id=coordinator,
        subject="文書管理の見積の精査のお願い（架空）",
        text="事業者の見積の年額が妥当か、ほかの事例と比べて見てください（架空）。",
        initial_yen=9_800_000,
        annual_yen=21_600_000,
        project_id=project_id,
    )
