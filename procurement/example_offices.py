"""The example's offices (架空): how many people each town has, and one that hands over."""

from datetime import date, datetime

from sqlalchemy.orm import Session

from procurement.domain.offices import Office, next_first_of_april
from procurement.example_actors import actor_of
from procurement.services.offices import set_office


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
