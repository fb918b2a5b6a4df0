"""After the signature: late joiners, changes within what was approved, ends, a renewed term."""

from dataclasses import replace
from datetime import date

import pytest

from accounts.roles import Role
from foundation.db import Database
from foundation.errors import Conflict, Refused
from procurement.domain.contract_changes import ChangeDraft, ChangeKind, ExtensionKind
from procurement.models import Participation
from procurement.queries.contracts import list_contracts, list_extensions
from procurement.queries.signing_facts import find_term
from procurement.services.contract_changes import change_contract, extend_award
from tests.harness.builders import NOW, make_actor, make_body, organization_of
from tests.harness.contracts import (
    APPROVAL,
    AWARDED_YEN,
    DRAFT,
    WITHOUT_AMOUNT,
    make_introduced_project,
    qualify,
    sign_all,
    sign_for,
)
from tests.harness.projects import fix, give, make_world, move

MORE = ChangeDraft(kind=ChangeKind.CHANGE, amount_yen=AWARDED_YEN, reason="数量が増えたため")
END = ChangeDraft(kind=ChangeKind.END, ends_on=date(2028, 3, 31), reason="合併のため")


def codes(refused):
    return [blocker.code for blocker in refused.value.blockers]


def extend(session, world, project, kind, body, **changes):
    values = {"amount_yen": 5_000_000, "quantity": 50, "seen_number": 0, "approval": APPROVAL}
    return extend_award(
        session,
        actor=world.lead,
        now=NOW,
        project_id=project.id,
        kind=kind,
        body_code=body.code,
        reason="承認のため",
        **(values | changes),
    )


def change(session, world, project, body, draft, seen=0):
    return change_contract(
        session,
        actor=world.manager(body),
        now=NOW,
        project_id=project.id,
        body_code=body.code,
        draft=draft,
        approval=APPROVAL,
        seen_number=seen,
    )


def status(session, project, body):
    row = session.query(Participation).filter_by(project_id=project.id, body_code=body.code).one()
    return row.status, row.wave


def test_a_late_joiner_signs_by_its_extension(database: Database):
    """Its own wave, its own line: the award of the others is not touched."""
    with database.transaction() as session:
        world = make_world(session)
        project = make_introduced_project(session, world)
        late = make_body(session, "架空遅参市")
        manager = make_actor(session, organization_of(session, late), Role.MUNICIPAL_MANAGER)
        world = replace(world, managers=world.managers | {late.code: manager})
        with pytest.raises(Refused) as uninvited:
            sign_for(session, world, project, late)
        assert codes(uninvited) == ["not_joined"]
        extend(session, world, project, ExtensionKind.LATE_JOINER, late)
        assert status(session, project, late) == ("requested", 2)
        qualify(session, manager, project)
        contract = sign_for(session, world, project, late, replace(DRAFT, amount_yen=5_000_000))
        assert (contract.wave, status(session, project, late)) == (2, ("contracted", 2))
        assert [row.body_name for row in list_extensions(session, project.id)] == [late.name]
        assert project.state == "introduction"


def test_who_is_approved_together_is_one_wave(database: Database):
    with database.transaction() as session:
        world = make_world(session)
        project = make_introduced_project(session, world)
        bodies = [make_body(session, f"架空遅参{n}市") for n in (1, 2, 3)]
        for body in bodies:
            make_actor(session, organization_of(session, body), Role.MUNICIPAL_MANAGER)
        other = replace(APPROVAL, number=f"{APPROVAL.number}の2")
        for seen, (body, by) in enumerate(zip(bodies, (APPROVAL, APPROVAL, other), strict=True)):
            late = {"seen_number": seen, "approval": by}
            extend(session, world, project, ExtensionKind.LATE_JOINER, body, **late)
        assert [status(session, project, body)[1] for body in bodies] == [2, 2, 3]


def test_a_change_stays_within_what_was_approved(database: Database):
    with database.transaction() as session:
        world = make_world(session)
        project = make_introduced_project(session, world)
        body = world.bodies[0]
        with pytest.raises(Refused) as above:
            change(session, world, project, body, MORE)
        assert codes(above) == ["over_award"]
        extend(session, world, project, ExtensionKind.CHANGE, body)
        # 3,000,000 of 30,000,000 are contracted; 5,000,000 more are approved.
        change(session, world, project, body, replace(MORE, amount_yen=32_000_000))
        with pytest.raises(Refused) as nothing_left:
            change(session, world, project, body, replace(MORE, amount_yen=1), seen=1)
        assert codes(nothing_left) == ["over_award"]
        with pytest.raises(Conflict):
            change(session, world, project, body, replace(MORE, amount_yen=-1))
        (row,) = [r for r in list_contracts(session, project.id) if r.body_code == body.code]
        assert (row.amount_yen, row.current_yen) == (1_000_000, 33_000_000)


def test_a_body_ends_its_contract_and_the_last_one_may_not(database: Database):
    with database.transaction() as session:
        world = make_world(session)
        project = make_introduced_project(session, world)
        first, second, third = world.bodies
        for body in (first, second):
            change(session, world, project, body, END)
            assert status(session, project, body)[0] == "left"
        with pytest.raises(Refused) as last:
            change(session, world, project, third, END)
        assert codes(last) == ["last_contract"]
        with pytest.raises(Refused) as again:
            change(session, world, project, first, END, seen=1)
        assert codes(again) == ["no_contract"]


def test_a_renewed_term_has_its_own_version_consents_and_contracts(database: Database):
    with database.transaction() as session:
        world = make_world(session)
        project = make_introduced_project(session, world)
        for row in session.query(Participation).filter_by(project_id=project.id):
            row.status = "in_use"
        session.flush()
        move(session, world.lead, project, "start_operation")
        project.term_start, project.term_months = date(2029, 4, 1), 24
        session.flush()
        fix(session, world, project)
        with pytest.raises(Refused) as waiting:
            move(session, world.lead, project, "renew")
        assert codes(waiting) == ["consent_missing"]
        for body in world.bodies:
            give(session, world, project, body)
        move(session, world.lead, project, "renew")
        assert find_term(session, project.id) == 2
        sign_all(session, world, project, WITHOUT_AMOUNT)
        for body in world.bodies:
            sign_for(session, world, project, body, replace(DRAFT, amount_yen=AWARDED_YEN // 3))
        assert [row.term for row in list_contracts(session, project.id)].count(2) == 4
