"""Every (state, action, role): as the table says, or refused with what to do; no dead end (§4)."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from accounts.models import Organization
from accounts.roles import VISITOR, Role
from foundation.db import Database
from foundation.errors import Conflict, NotFound, Refused
from procurement.domain.lead_change import ANSWER_TIME, TAKING_TIME
from procurement.domain.lifecycle import MOVES, Mover, State, get_move, list_moves
from procurement.domain.states import ENDED
from procurement.domain.waits import WAITS, Party
from procurement.models import Consent, ProjectRole
from procurement.queries.dossier import load_dossier
from procurement.queries.standing import find_standing
from procurement.services import consents, lead_change
from procurement.services.moves import list_move_blockers, move_project
from tests.harness.builders import (
    NOW,
    make_actor,
    make_organization,
    make_vendor,
)
from tests.harness.projects import (
    CONSENT_CLOSES,
    JOIN_CLOSES,
    fix,
    give,
    make_project,
    make_world,
    move,
)
from tests.harness.refusals import says_what_to_do

ACTIONS = sorted({move.action for move in MOVES})
WHO_MAY = {"not_lead", "not_manager"}


def make_cast(session, world, project):
    """Role in the project → actor. The lead is a town here, so that it has staff and manager."""
    town = world.bodies[0]
    session.scalars(
        select(ProjectRole).where(ProjectRole.project_id == project.id, ProjectRole.role == "lead")
    ).one().organization_id = world.manager(town).organization_id
    project.lead_organization_id = world.manager(town).organization_id
    secretariat = make_organization(session, "council", alternate_key="sec", name="事務局")
    session.add(
        ProjectRole(
            project_id=project.id, organization_id=secretariat.id, role="secretariat", since=NOW
        )
    )
    vendor = make_vendor(session)
    operator = make_organization(session, "operator", alternate_key="op", name="運営者")
    session.flush()
    member = world.bodies[1]
    seller = session.get_one(Organization, vendor.organization_id)
    return {
        "lead_staff": world.staff[town.code],
        "lead_manager": world.manager(town),
        "secretariat_staff": make_actor(session, secretariat, Role.MUNICIPAL_STAFF),
        "secretariat_manager": make_actor(session, secretariat, Role.MUNICIPAL_MANAGER),
        "participant_staff": world.staff[member.code],
        "participant_manager": world.manager(member),
        "stranger_manager": world.manager(world.bodies[2]),
        "vendor_manager": make_actor(session, seller, Role.VENDOR_MANAGER),
        "operator": make_actor(session, operator, Role.OPERATOR),
        "auditor": make_actor(session, operator, Role.AUDITOR),
        "judge": make_actor(session, operator, Role.JUDGE),
        "visitor": VISITOR,
    }


MAY = {
    Mover.LEAD_STAFF: {"lead_staff", "lead_manager", "secretariat_staff", "secretariat_manager"},
    Mover.LEAD_MANAGER: {"lead_manager", "secretariat_manager"},
}


def test_every_state_action_and_role(sqlite_database: Database):
    checked = 0
    with sqlite_database.transaction() as session:
        world = make_world(session)
        project = make_project(session, world, joined=2)
        cast = make_cast(session, world, project)
        standings = {name: find_standing(session, a, project.id) for name, a in cast.items()}
        for state in State:
            project.state = state.value
            session.flush()
            dossier = load_dossier(session, project)
            for action in ACTIONS:
                rows = [each for each in list_moves(state) if each.action == action]
                if not rows:
                    with pytest.raises(Refused, match="画面を開き直して"):
                        get_move(state, action)
                    checked += len(cast)
                    continue
                for name, standing in standings.items():
                    blockers = list_move_blockers(dossier, rows[0], standing, NOW)
                    refused_for_role = bool({b.code for b in blockers} & WHO_MAY)
                    assert refused_for_role == (name not in MAY[rows[0].who]), (state, action, name)
                    assert all(says_what_to_do(b.message) for b in blockers)
                    checked += 1
    assert checked == len(State) * len(ACTIONS) * 12


@pytest.mark.parametrize("state", [state for state in State if state not in ENDED])
def test_the_service_refuses_everybody_else(sqlite_database: Database, state):
    """What the page shows as blocked is blocked: the service asks the same."""
    with sqlite_database.transaction() as session:
        world = make_world(session)
        project = make_project(session, world, joined=2)
        cast = make_cast(session, world, project)
        project.state = state.value
        session.flush()
        for name, actor in cast.items():
            if name in MAY[Mover.LEAD_STAFF]:
                continue
            with pytest.raises((Refused, NotFound)) as refused:
                move_project(
                    session,
                    actor=actor,
                    now=NOW,
                    project_id=project.id,
                    action="cancel",
                    seen_state=state.value,
                    reason="中止",
                )
            if isinstance(refused.value, Refused):
                assert all(says_what_to_do(b.message) for b in refused.value.blockers)
        assert project.state == state.value


def test_every_wait_has_a_way_out_by_somebody_else():
    assert {wait.state for wait in WAITS} == set(State) - ENDED
    assert all(wait.by is not wait.silent and wait.way_out for wait in WAITS)
    silent_lead = {wait.state for wait in WAITS if wait.silent is Party.LEAD}
    assert silent_lead == set(State) - ENDED


def claim(session, world, project, moment, place=1):
    actor = world.manager(world.bodies[place])
    return lead_change.claim_lead(
        session, actor=actor, now=moment, project_id=project.id, reason="返答がないため"
    )


def take(session, actor, project, row, moment):
    return lead_change.take_lead(
        session,
        actor=actor,
        now=moment,
        project_id=project.id,
        change_id=row.id,
        seen_version=row.row_version,
    )


@pytest.mark.parametrize("state", [state for state in State if state not in ENDED])
def test_a_silent_lead_is_replaced_in_every_state(sqlite_database: Database, state):
    with sqlite_database.transaction() as session:
        world = make_world(session)
        project = make_project(session, world)
        project.state = state.value
        session.flush()
        member = world.manager(world.bodies[1])
        with pytest.raises(Refused, match="幹事団体に連絡して"):
            claim(session, world, project, NOW)
        # Every deadline a state can have is over by then, and the silence after it too.
        late = CONSENT_CLOSES + timedelta(days=31)
        row = claim(session, world, project, late)
        with pytest.raises(Refused, match="まで待ってください"):
            take(session, member, project, row, late + timedelta(days=14))
        with pytest.raises(Refused, match="返答を待っています"):
            claim(session, world, project, late, place=2)
        done = late + timedelta(days=14, seconds=1)
        with pytest.raises(Refused, match="新しい幹事団体の決裁者だけ"):
            take(session, world.manager(world.bodies[2]), project, row, done)
        take(session, member, project, row, done)
        assert project.lead_organization_id == member.organization_id
        standing = find_standing(session, member, project.id)
        assert standing.leads
        dossier = load_dossier(session, project)
        assert [role.organization_id for role in dossier.leads] == [member.organization_id]
        cancel = get_move(state, "cancel")
        assert list_move_blockers(dossier, cancel, standing, done) == []
        assert not find_standing(session, world.lead, project.id).leads
        assert find_standing(session, world.lead, project.id).is_member
        with pytest.raises(Conflict):
            take(session, member, project, row, done)


def test_a_silent_claimant_keeps_nobody_from_claiming(database: Database):
    """Lead and claimant say nothing: the next member claims, and the first claim is over."""
    with database.transaction() as session:
        world = make_world(session)
        project = make_project(session, world)
        late = JOIN_CLOSES + timedelta(days=31)
        row = claim(session, world, project, late)
        over = late + ANSWER_TIME + TAKING_TIME
        with pytest.raises(Refused, match="返答を待っています"):
            claim(session, world, project, over, place=2)
        moment = over + timedelta(seconds=1)
        other = claim(session, world, project, moment, place=2)
        with pytest.raises(Refused, match="もう一度申し出て"):
            take(session, world.manager(world.bodies[1]), project, row, moment)
        successor = world.manager(world.bodies[2])
        take(session, successor, project, other, moment + ANSWER_TIME + timedelta(seconds=1))
        assert project.lead_organization_id == successor.organization_id


def test_a_lead_keeps_its_place_by_a_word_and_hands_it_over_by_another(database: Database):
    with database.transaction() as session:
        world = make_world(session)
        project = make_project(session, world)
        late = JOIN_CLOSES + timedelta(days=31)
        row = claim(session, world, project, late)
        key = {"project_id": project.id, "change_id": row.id, "seen_version": row.row_version}
        with pytest.raises(Refused, match="申し出を受けた団体だけ"):
            lead_change.keep_lead(session, actor=world.manager(world.bodies[2]), now=late, **key)
        lead_change.keep_lead(session, actor=world.lead, now=late, **key)
        with pytest.raises(Refused, match="幹事団体に連絡して"):
            claim(session, world, project, late + timedelta(days=89))
        claim(session, world, project, late + timedelta(days=90))

        other = make_project(session, world, title="引き継ぐ案件")
        successor = world.manager(world.bodies[0])
        with pytest.raises(Refused, match="参加団体か事務局"):
            offer(session, world, other, world.lead.organization_id)
        offered = offer(session, world, other, successor.organization_id)
        with pytest.raises(Refused, match="返答期限"):
            take(session, successor, other, offered, NOW + timedelta(days=14, seconds=1))
        take(session, successor, other, offered, NOW + timedelta(days=14))
        assert find_standing(session, successor, other.id).leads


def offer(session, world, project, organization_id):
    return lead_change.offer_lead(
        session,
        actor=world.lead,
        now=NOW,
        project_id=project.id,
        to_organization_id=organization_id,
        reason="担当の交代のため",
    )


def test_bodies_that_say_nothing_hold_up_nobody(sqlite_database: Database):
    """Survey, recruiting and consent, each walked past its deadline to the way out."""
    with sqlite_database.transaction() as session:
        world = make_world(session)
        project = make_project(session, world, min_participants=2)
        move(session, world.lead, project, "start_agreement")
        fix(session, world, project)
        give(session, world, project, world.bodies[0])
        give(session, world, project, world.bodies[1])
        silent = world.bodies[2]
        late = remind_twice(session, world, project, silent)
        dossier = load_dossier(session, project)
        standing = find_standing(session, world.lead, project.id)
        forward = get_move(State.AGREEMENT, "start_specification")
        [blocker] = list_move_blockers(dossier, forward, standing, late)
        assert silent.name in blocker.message and "期限切れにできます" in blocker.message
        consents.lapse_consent(
            session, actor=world.lead, now=late, project_id=project.id, body_code=silent.code
        )
        fix(session, world, project, late)
        for row in session.scalars(select(Consent).where(Consent.status == "asked")):
            body = next(b for b in world.bodies if b.code == row.participation.body_code)
            give(session, world, project, body)
        dossier = load_dossier(session, project)
        assert list_move_blockers(dossier, forward, standing, late) == []


def remind_twice(session, world, project, body) -> datetime:
    """Two reminders to the silent body; the moment after its deadline."""
    moment = CONSENT_CLOSES - timedelta(days=3)
    for day in range(2):
        consents.remind(
            session,
            actor=world.lead,
            now=moment + timedelta(days=day),
            project_id=project.id,
            body_code=body.code,
        )
    return CONSENT_CLOSES + timedelta(seconds=1)
