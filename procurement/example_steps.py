"""Steps that example projects share: gathering bodies and agreeing, by the real services."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from accounts.roles import Actor
from catalog.example.bodies import ExampleBody, quantities_of
from catalog.models import Offer, Offering, PricePlan
from catalog.plan_units import Unit
from procurement.domain.consent import default_maximum
from procurement.domain.terms import DEFAULT_TOLERANCE_PERCENT
from procurement.example_actors import actor_of
from procurement.example_moves import fix_preview
from procurement.models import Project, ShareVersion
from procurement.queries.consents import lines_by_year
from procurement.services.consents import consent
from procurement.services.estimates import add_estimate_basis
from procurement.services.invitations import invite_bodies
from procurement.services.joining import JoinAnswers, join_project
from procurement.services.moves import move_project
from procurement.services.terms import set_sharing_terms

TICK = timedelta(milliseconds=1)


@dataclass(frozen=True, kw_only=True)
class Walk:
    """What every step needs. term_start: a first of April."""

    session: Session
    project: Project
    lead: Actor
    towns: Mapping[str, ExampleBody]
    base: date
    now: datetime
    term_start: date

    @property
    def later(self) -> datetime:
        """When the proposals have closed."""
        return self.now + 4 * TICK

    @property
    def prepared_on(self) -> date:
        """The day of papers made before the term, and never in the future."""
        return min(self.term_start - timedelta(days=30), self.base)

    @property
    def given(self) -> dict[str, Any]:
        """What every service of the lead is called with, before the proposals close."""
        return {"actor": self.lead, "now": self.now, "project_id": self.project.id}

    def move(self, action: str, now: datetime) -> None:
        """One row of the table of moves, by the lead."""
        move_project(
            self.session,
            actor=self.lead,
            now=now,
            project_id=self.project.id,
            action=action,
            seen_state=self.project.state,
        )


def open_for_bodies(walk: Walk, codes: Sequence[str], terms: dict[str, Any], plan_id: int) -> None:
    """Invitations, recruitment, terms and the basis of the estimate."""
    session, project = walk.session, walk.project
    invite_bodies(session, **walk.given, body_codes=list(codes))
    walk.move("open_recruitment", walk.now)
    set_conditions(walk, terms, plan_id)
    session.flush()
    assert project.state == "forming"


def set_conditions(walk: Walk, terms: dict[str, Any], plan_id: int) -> None:
    """How costs are shared, and what they are estimated by."""
    seen = walk.project.row_version
    set_sharing_terms(walk.session, **walk.given, wanted=terms, seen_version=seen)
    add_estimate_basis(walk.session, **walk.given, price_plan_id=plan_id)


def join_all(walk: Walk, codes: Sequence[str]) -> None:
    """Each body joins by its manager, with its budget."""
    for code in codes:
        town = walk.towns[code]
        join_project(
            walk.session,
            actor=actor_of(walk.session, code),
            now=walk.now,
            project_id=walk.project.id,
            body_code=code,
            answers=JoinAnswers(
                quantity=quantities_of(town).of(Unit(walk.project.main_unit)),
                budget_status="appropriated",
                contact_name=f"{town.name}情報担当（架空）",
            ),
            approval_date=walk.prepared_on,
            approval_number=f"{town.name[:-1]}情第12号",
        )


def agree(walk: Walk, codes: Sequence[str]) -> ShareVersion:
    """The first version is fixed, and these bodies consent to it."""
    walk.move("start_agreement", walk.now)
    note = "市町村長会議での説明を経て確定（架空）"
    version = fix_preview(walk.session, walk.project, walk.lead, walk.now, note)
    consent_all(walk, codes, version)
    return version


def consent_all(walk: Walk, codes: Sequence[str], version: ShareVersion) -> None:
    """These bodies consent to the version, each to its share and what is tolerated above it."""
    lines = lines_by_year(walk.session, version.id)
    for code in codes:
        consent(
            walk.session,
            actor=actor_of(walk.session, code),
            now=walk.now,
            project_id=walk.project.id,
            body_code=code,
            version_number=version.number,
            maximum_yen=default_maximum(lines[code], DEFAULT_TOLERANCE_PERCENT),
            approval_date=walk.prepared_on,
            approval_number="同意第1号（架空）",
        )


def plan_of_type(session: Session, system_type: str) -> int:
    """A fictional plan of the system type, one for joint use where there is one."""
    statement = (
        select(PricePlan.id)
        .join(Offer, Offer.id == PricePlan.offer_id)
        .join(Offering, Offering.id == Offer.offering_id)
        .where(Offering.system_type_code == system_type, Offering.fictional)
        .order_by(PricePlan.name != "共同利用プラン", Offering.key, PricePlan.id)
    )
    found = session.scalars(statement).first()
    if found is None:
        raise RuntimeError(f"the example has no plan of {system_type}")
    return found


def net_total(version: ShareVersion) -> int:
    """The estimate of the whole term without tax, to the thousand yen below."""
    return int(version.result["total_yen"] * 10 // 11) // 1000 * 1000
