"""A body says what it needs; a coordinator prepares; nobody else reads what it costs."""

from dataclasses import replace
from datetime import date

import pytest
from sqlalchemy import select

from accounts.roles import Role
from foundation.audit import AuditEvent
from foundation.db import Database
from foundation.errors import NotFound, Refused
from foundation.mail import Notice
from procurement.domain.needs import ALERT_AT, MustHave, NeedStatus
from procurement.need_models import Need
from procurement.queries.needs import (
    get_own_need,
    list_demands,
    list_own_needs,
    list_stated_needs,
)
from procurement.services.needs import (
    NeedConflict,
    change_need,
    confirm_need,
    state_need,
    withdraw_need,
)
from tests.harness.builders import (
    NOW,
    make_actor,
    make_body,
    make_system_type,
    organization_of,
)
from tests.harness.needs import make_answers, state
from tests.harness.projects import make_world
from tests.services.test_project_at_once import at_once

SECRETS = {"annual_cost_yen": 7_654_321, "obstacles": "途中解約に費用がかかる"}


def change(session, actor, row, seen=None, **answers):
    return change_need(
        session,
        actor=actor,
        now=NOW,
        need_id=row.id,
        answers=make_answers(**answers),
        seen_version=row.row_version if seen is None else seen,
    )


def staff_of(world, place=0):
    return world.staff[world.bodies[place].code]


def notices(session, path):
    return session.scalars(select(Notice).where(Notice.url.startswith(path))).all()


def test_a_body_states_changes_and_withdraws(database: Database):
    with database.transaction() as session:
        world = make_world(session)
        staff = staff_of(world)
        musts = (MustHave.DATA_RETURN.value, MustHave.AS_IT_IS.value, MustHave.AS_IT_IS.value)
        row = state(session, staff, must_haves=musts, **SECRETS)
        assert (row.status, row.unit, row.entered_by) == ("stated", "account", "")
        assert row.must_haves == ["as_it_is", "data_return"]
        change(session, staff, row, quantity=120, contract_ends_on=date(2028, 3, 31), **SECRETS)
        (own,) = list_own_needs(session, staff)
        assert (own.need.quantity, own.annual_cost_yen) == (120, SECRETS["annual_cost_yen"])
        (demand,) = list_demands(session, worlds=[True])
        assert (demand.bodies, demand.quantity, demand.ends) == (1, 120, {2027: 1})
        assert demand.population == world.bodies[0].population_register_2025
        withdraw_need(session, actor=staff, now=NOW, need_id=row.id)
        assert list_demands(session, worlds=[True]) == ()
        assert list_own_needs(session, staff) == ()
        again = state(session, staff)
        assert (again.id, again.status, again.obstacles) == (row.id, "stated", "")
        actions = session.scalars(
            select(AuditEvent.action).where(AuditEvent.subject_type == "need")
        )
        assert list(actions) == ["state_need", "change_need", "withdraw_need", "state_need"]


def test_what_it_costs_and_why_it_waits_are_in_no_trace(sqlite_database: Database):
    with sqlite_database.transaction() as session:
        world = make_world(session)
        state(session, staff_of(world), **SECRETS)
        change(session, staff_of(world), session.scalars(select(Need)).one(), annual_cost_yen=1)
        written = [str(event.changes) for event in session.scalars(select(AuditEvent))]
        written += [str(vars(notice)) for notice in session.scalars(select(Notice))]
        assert not [text for text in written if "7654321" in text or "途中解約" in text]
        rows = str(list_stated_needs(session, fictional=True))
        assert "7654321" not in rows
        assert "途中解約" not in rows


def test_a_need_by_the_coordinator_counts_once_confirmed(database: Database):
    with database.transaction() as session:
        world = make_world(session)
        body, staff = world.bodies[0], staff_of(world)
        row = state(session, world.lead, body.code)
        assert row.status == NeedStatus.REQUESTED
        assert row.entered_by == world.lead.label
        assert list_stated_needs(session, fictional=True) == ()
        assert [n.organization_id for n in notices(session, "/interests/")] == [
            staff.organization_id
        ]
        with pytest.raises(Refused, match="その団体の担当者だけ"):
            confirm_need(
                session, actor=world.lead, now=NOW, need_id=row.id, seen_version=row.row_version
            )
        change(session, world.lead, row, quantity=90)
        assert row.status == NeedStatus.REQUESTED
        with pytest.raises(NeedConflict):
            confirm_need(session, actor=staff, now=NOW, need_id=row.id, seen_version=1)
        confirm_need(session, actor=staff, now=NOW, need_id=row.id, seen_version=row.row_version)
        (counted,) = list_stated_needs(session, fictional=True)
        assert counted.quantity == 90
        with pytest.raises(Refused, match="団体が登録した内容"):
            change(session, world.lead, row)
        with pytest.raises(Refused, match="団体が登録した内容"):
            withdraw_need(session, actor=world.lead, now=NOW, need_id=row.id)


def test_saving_by_the_body_confirms_too(sqlite_database: Database):
    with sqlite_database.transaction() as session:
        world = make_world(session)
        row = state(session, world.lead, world.bodies[0].code)
        change(session, staff_of(world), row, quantity=5)
        assert (row.status, row.quantity) == ("stated", 5)


def test_the_second_of_two_sees_what_changed(database: Database):
    with database.transaction() as session:
        world = make_world(session)
        staff = staff_of(world)
        row = state(session, staff)
        seen = row.row_version
        change(session, world.manager(world.bodies[0]), row, quantity=200, network="lgwan")
        with pytest.raises(NeedConflict) as conflict:
            change(session, staff, row, seen=seen, quantity=300)
        shown = [(d.label, d.stored, d.wanted) for d in conflict.value.differences]
        assert shown == [
            ("主な数量", "200", "300"),
            ("利用するネットワーク", "LGWAN接続系", "どちらでもよい"),
        ]
        change(session, staff, row, seen=conflict.value.row_version, quantity=300)
        assert row.quantity == 300


def test_a_need_is_said_once(database: Database):
    with database.transaction() as session:
        world = make_world(session)
        body = world.bodies[0].code
    people = [world.staff[body], world.managers[body], world.lead]

    def stating(actor):
        return lambda session: state(session, actor, body)

    answers = at_once(database, [stating(actor) for actor in people])
    assert [type(answer) for answer in answers if answer] == [Refused, Refused]
    with database.read_session() as session:
        assert len(session.scalars(select(Need)).all()) == 1


@pytest.mark.parametrize(
    ("field", "answers"),
    [
        ("wanted_from", {"wanted_from": None}),
        ("wanted_from", {"wanted_from": date(2037, 12, 1)}),
        ("wanted_from", {"wanted_from": date(2025, 10, 1)}),
        ("contract_ends_on", {"contract_ends_on": date(2060, 1, 1)}),
        ("quantity", {"quantity": 0}),
        ("annual_cost_yen", {"annual_cost_yen": -1}),
        ("network", {"network": "satellite"}),
        ("must_haves", {"must_haves": ("everything",)}),
        ("must_haves", {"must_haves": ("as_it_is", "own_forms")}),
        ("obstacles", {"obstacles": "あ" * 1001}),
    ],
)
def test_what_cannot_be_is_said_beside_its_field(sqlite_database: Database, field, answers):
    with sqlite_database.transaction() as session:
        world = make_world(session)
        with pytest.raises(Refused) as refused:
            state(session, staff_of(world), **answers)
        assert [blocker.field for blocker in refused.value.blockers] == [field]


def test_another_bodys_need_is_not_there(sqlite_database: Database):
    with sqlite_database.transaction() as session:
        world, other = make_world(session), make_world(session)
        row = state(session, staff_of(world))
        strangers = [staff_of(world, 1), make_stranger(session)]
        for actor in strangers:
            with pytest.raises(NotFound):
                get_own_need(session, actor, row.id)
            with pytest.raises(NotFound):
                change(session, actor, row)
            with pytest.raises(NotFound):
                withdraw_need(session, actor=actor, now=NOW, need_id=row.id)
            with pytest.raises(NotFound):
                state(session, actor, world.bodies[2].code)
        with pytest.raises(NotFound):
            confirm_need(session, actor=strangers[0], now=NOW, need_id=9999, seen_version=1)
        assert get_own_need(session, other.lead, row.id).need.body_code == row.body_code


def make_stranger(session):
    """The coordinator of another prefecture."""
    body = make_body(
        session, code="010006", name="北海道", kind="prefecture", prefecture_code="01",
        prefecture_name="北海道", fictional=False,
    )  # fmt: skip
    return make_actor(session, organization_of(session, body), Role.PREFECTURE_COORDINATOR)


def test_an_unknown_system_type_is_refused(sqlite_database: Database):
    with sqlite_database.transaction() as session:
        world = make_world(session)
        with pytest.raises(Refused, match="システム種別"):
            state_need(
                session,
                actor=staff_of(world),
                now=NOW,
                body_code=world.bodies[0].code,
                system_type_code="nothing",
                answers=make_answers(),
            )


def test_the_coordinator_hears_once_of_a_shared_need(database: Database):
    with database.transaction() as session:
        world = make_world(session, populations=(10_000, 20_000, 30_000, 40_000))
        make_system_type(session, "gis")
        for body in world.bodies[: ALERT_AT - 1]:
            state(session, world.staff[body.code])
        assert notices(session, "/interests/partners") == []
        for body in world.bodies[ALERT_AT - 1 :]:
            state(session, world.staff[body.code])
        state(session, staff_of(world), system_type_code="gis")
        (told,) = notices(session, "/interests/partners")
        assert told.organization_id == world.lead.organization_id
        assert told.title.startswith(f"県内の{ALERT_AT}団体が")


def test_two_that_reach_the_number_together_tell_once(database: Database):
    with database.transaction() as session:
        world = make_world(session, populations=tuple(range(10_000, 10_006)))
        for body in world.bodies[: ALERT_AT - 2]:
            state(session, world.staff[body.code])
        rest = [body.code for body in world.bodies[ALERT_AT - 2 :]]

    def stating(code):
        return lambda session: state(session, world.staff[code])

    assert at_once(database, [stating(code) for code in rest]) == [None] * len(rest)
    with database.read_session() as session:
        assert len(notices(session, "/interests/partners")) == 1
        assert len(list_stated_needs(session, fictional=True)) == 6


def test_real_and_fictional_needs_are_counted_apart(sqlite_database: Database):
    with sqlite_database.transaction() as session:
        world = make_world(session)
        state(session, staff_of(world))
        real = make_body(
            session, code="011002", name="札幌市", prefecture_code="01",
            prefecture_name="北海道", fictional=False,
        )  # fmt: skip
        staff = make_actor(session, organization_of(session, real), Role.MUNICIPAL_STAFF)
        state(session, replace(staff, fictional=False))
        both = list_demands(session, worlds=[False, True])
        assert [(d.fictional, d.bodies) for d in both] == [(False, 1), (True, 1)]
        assert [r.body_code for r in list_stated_needs(session, fictional=False)] == ["011002"]
