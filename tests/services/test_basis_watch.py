"""A plan an estimate rests on changes or goes: who runs the project is told, and nobody else."""

from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass
from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from catalog.models import Offer, Offering, PricePlan
from foundation.db import Database
from foundation.mail import Notice
from procurement.domain.basis_standing import BasisStanding, basis_standing
from procurement.models import Project
from procurement.queries.plan_choices import list_lead_bases
from procurement.services.basis_watch import tell_of_changed_bases
from tests.harness.builders import NOW
from tests.harness.projects import PLAN, World, make_project, make_world


@dataclass
class Estimated:
    """A project before its notice with one basis."""

    database: Database
    world: World
    project_id: int

    def change(self, act: Callable[[PricePlan, Offering], None]) -> None:
        with self.database.transaction() as session:
            plan = session.get_one(PricePlan, self.world.plan_id)
            offer = session.get_one(Offer, plan.offer_id)
            act(plan, session.get_one(Offering, offer.offering_id))

    def tell(self, days: int) -> int:
        return tell_of_changed_bases(self.database, NOW + timedelta(days=days))

    def notices(self) -> list[Notice]:
        with self.database.read_session() as session:
            found = session.scalars(select(Notice).where(Notice.title.contains("試算の前提 A：")))
            return list(found)


@pytest.fixture
def estimated(database: Database) -> Estimated:
    with database.transaction() as session:
        world = make_world(session)
        return Estimated(database, world, make_project(session, world).id)


def dearer(plan: PricePlan, _offering: Offering) -> None:
    changed = deepcopy(PLAN)
    changed["components"][0]["unit_price"] = "123456"
    plan.definition = changed


def called_otherwise(plan: PricePlan, offering: Offering) -> None:
    plan.definition = deepcopy(PLAN) | {"name": "ほかの名前"}
    offering.name = "ほかの名称"


def put(status: str) -> Callable[[PricePlan, Offering], None]:
    def act(_plan: PricePlan, offering: Offering) -> None:
        offering.publication_status = status

    return act


def no_longer_offered(plan: PricePlan, _offering: Offering) -> None:
    plan.offered = False


CHANGES = {
    "price": (dearer, BasisStanding.CHANGED),
    "plan": (no_longer_offered, BasisStanding.PLAN_GONE),
    "suspended": (put("suspended"), BasisStanding.SUSPENDED),
    "withdrawn": (put("withdrawn"), BasisStanding.WITHDRAWN),
}


@pytest.mark.parametrize("kind", CHANGES)
def test_the_lead_alone_is_told_once_and_reads_it_beside_the_basis(
    estimated: Estimated, kind: str
) -> None:
    act, standing = CHANGES[kind]
    assert estimated.tell(1) == 0
    estimated.change(act)
    assert [estimated.tell(days) for days in (2, 3, 3)] == [1, 0, 0]
    [notice] = estimated.notices()
    assert notice.organization_id == estimated.world.lead.organization_id
    assert notice.title.endswith(standing.label)
    assert notice.url == f"/projects/{estimated.project_id}/terms"
    with estimated.database.read_session() as session:
        [basis] = list_lead_bases(session, estimated.project_id)
        name = basis.offering_name
    assert basis.standing is standing
    assert bool(basis.url) == (kind != "suspended")  # a suspended entry has no page
    assert name not in notice.title + notice.body


def test_the_next_price_is_told_again_with_its_yen(estimated: Estimated) -> None:
    estimated.change(dearer)
    assert estimated.tell(1) == 1

    def dearer_still(plan: PricePlan, offering: Offering) -> None:
        dearer(plan, offering)
        components = deepcopy(plan.definition["components"])
        components[0]["unit_price"] = "234567"
        plan.definition = plan.definition | {"components": components}

    estimated.change(dearer_still)
    assert estimated.tell(2) == 1
    first, second = estimated.notices()
    assert "123,456円" in first.body
    assert "234,567円" in second.body


def test_another_name_is_no_other_price(estimated: Estimated) -> None:
    estimated.change(called_otherwise)
    assert estimated.tell(1) == 0
    with estimated.database.read_session() as session:
        [basis] = list_lead_bases(session, estimated.project_id)
    assert basis.standing is BasisStanding.OFFERED


def test_after_the_notice_it_concerns_nobody_any_more(estimated: Estimated) -> None:
    def announced(session: Session) -> None:
        session.get_one(Project, estimated.project_id).state = "solicitation"

    with estimated.database.transaction() as session:
        announced(session)
    estimated.change(put("withdrawn"))
    assert estimated.tell(1) == 0


def test_the_gravest_is_said() -> None:
    said = [
        basis_standing(status=status, offered=offered, same_price=same)
        for status, offered, same in (
            ("published", True, True),
            ("published", True, False),
            ("published", False, False),
            ("suspended", False, False),
            ("withdrawn", False, False),
        )
    ]
    assert said == list(BasisStanding)
