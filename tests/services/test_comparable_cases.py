"""Beside a request for scrutiny: published cases of the same kind and size, and no verdict."""

from datetime import date
from fractions import Fraction

from accounts.models import LocalBody
from catalog.entries import CaseParticipantEntry
from catalog.publishing import write_case
from foundation.db import Database
from procurement.domain.help import HelpKind
from procurement.domain.scrutiny import Place
from procurement.queries.comparable_cases import find_comparison
from procurement.queries.help import get_request
from procurement.services.help import ask_help
from procurement.services.invitations import state_interest
from tests.harness.builders import NOW, make_system_type
from tests.harness.catalog import case_entry
from tests.harness.projects import POPULATIONS, join, make_project, make_world

PEOPLE = 78_176  # of the three bodies: 5万人以上20万人未満


def ask(session, world, project, annual_yen=1_000_000, initial_yen=None, actor=None):
    row = ask_help(
        session,
        actor=actor or world.staff[world.bodies[0].code],
        now=NOW,
        kind=HelpKind.SCRUTINY,
        to_organization_id=world.lead.organization_id,
        subject="見積の精査",
        text="高いでしょうか。",
        annual_yen=annual_yen,
        initial_yen=initial_yen,
        project_id=project.id if project else None,
    )
    return get_request(session, world.lead, row.id)


def publish(session, world, number, **changes):
    bodies = changes.pop("bodies", world.bodies)
    values = {
        "key": f"case-{number}",
        "system_type_code": "generative_ai",
        "annual_operating_cost_yen": 1_100_000 * (number + 1),
        "tax_included": True,
        "participants": tuple(CaseParticipantEntry(body_code=body.code) for body in bodies),
        "fictional": True,
    }
    return write_case(session, case_entry(**values | changes), now=NOW)


def test_under_five_nothing_is_said_and_from_five_on_its_place(database: Database):
    with database.transaction() as session:
        world = make_world(session)
        project = make_project(session, world)
        assert session.get_one(LocalBody, world.bodies[0].code).fictional == project.fictional
        row = ask(session, world, project, 9_000_000)
        for number in range(4):
            publish(session, world, number)
        few = find_comparison(session, row)
        assert (few.enough, len(few.cases), few.scrutiny.place) == (False, 4, Place.TOO_FEW)
        publish(session, world, 4)
        make_system_type(session, "minutes", name="議事録")
        publish(session, world, 5, system_type_code="minutes")
        publish(session, world, 6, fictional=not project.fictional)
        publish(session, world, 7, bodies=world.bodies[2:])  # another size band
        publish(session, world, 8, annual_operating_cost_yen=None)
        five = find_comparison(session, row)
        assert (five.residents, five.band, five.enough) == (PEOPLE, "5万人以上20万人未満", True)
        assert sorted(case.annual_yen for case in five.cases) == [
            n * 1_000_000 for n in range(1, 6)
        ]
        assert five.scrutiny.median == Fraction(3_000_000, PEOPLE)
        assert five.scrutiny.place is Place.HIGH
        assert all(isinstance(case.confirmed_on, date) for case in five.cases)
        unpriced = ask(session, world, project, None, 500_000)
        assert find_comparison(session, unpriced).scrutiny is None
        assert find_comparison(session, ask(session, world, None)) is None


def test_only_who_may_know_the_members_is_compared_with_their_size(database: Database):
    with database.transaction() as session:
        world = make_world(session)
        project = make_project(session, world, joined=2)
        stranger = world.staff[world.bodies[2].code]
        together, alone = sum(POPULATIONS[:2]), POPULATIONS[2]
        publish(session, world, 0)
        of_stranger = ask(session, world, project, actor=stranger)
        assert find_comparison(session, of_stranger).residents == alone
        of_member = ask(session, world, project)
        assert find_comparison(session, of_member).residents == together
        state_interest(
            session,
            actor=stranger,
            now=NOW,
            project_id=project.id,
            body_code=world.bodies[2].code,
        )
        assert find_comparison(session, of_stranger).residents == alone
        project.state = "introduction"  # the bodies are public
        session.flush()
        assert find_comparison(session, of_stranger).residents == together
        project.state = "forming"
        join(session, world, project, world.bodies[2])
        assert find_comparison(session, of_stranger).residents == PEOPLE
