"""A joint procurement from its opening to consents, through the services."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy import func, select

from accounts.roles import Role
from foundation.audit import AuditEvent, count_events, verify
from foundation.db import Database
from foundation.errors import Conflict, NotFound, Refused
from foundation.mail import Notice, OutboxMail
from procurement.models import Consent, InternalCeiling, Participation, ShareLine, StateChange
from procurement.queries.consents import list_consents
from procurement.queries.standing import find_standing
from procurement.services import consents, joining, leaving, projects, shares
from procurement.services.ceilings import set_internal_ceiling
from procurement.services.invitations import invite_bodies, request_join, state_interest
from procurement.services.joining import JoinAnswers, join_project, prepare_join
from procurement.services.moves import extend_join_deadline, move_project
from tests.harness.builders import (
    NOW,
    make_actor,
    make_body,
    make_system_type,
    make_vendor,
    organization_of,
)
from tests.harness.projects import (
    APPROVED,
    CONSENT_CLOSES,
    JOIN_CLOSES,
    fix,
    give,
    join,
    make_fields,
    make_project,
    make_world,
    move,
)


def codes(refused):
    return [blocker.code for blocker in refused.value.blockers]


def in_agreement(session, world):
    project = make_project(session, world)
    move(session, world.lead, project, "start_agreement")
    return project


def test_opening_writes_lead_state_and_one_event(database: Database):
    with database.transaction() as session:
        world = make_world(session)
        before = count_events(session)
        project = projects.open_project(session, actor=world.lead, now=NOW, wanted=make_fields())
        assert count_events(session) == before + 1
        assert project.state == "intention_survey"
        assert find_standing(session, world.lead, project.id).leads
        change = session.scalars(select(StateChange)).one()
        assert (change.from_state, change.to_state) == ("", "intention_survey")


def test_vendors_and_visitors_cannot_open_one(sqlite_database: Database):
    with sqlite_database.transaction() as session:
        make_world(session)
        vendor = make_actor(session, make_vendor(session).organization, Role.VENDOR_MANAGER)
        with pytest.raises(Refused) as refused:
            projects.open_project(session, actor=vendor, now=NOW, wanted=make_fields())
        assert "not_government" in codes(refused)


def test_fields_are_refused_with_their_names(sqlite_database: Database):
    with sqlite_database.transaction() as session:
        world = make_world(session)
        wrong = make_fields(
            title="",
            system_type_code="none",
            min_participants=1,
            join_closes_at=NOW - timedelta(seconds=1),
            term_months=0,
            contract_model="handshake",
        )
        with pytest.raises(Refused) as refused:
            projects.open_project(session, actor=world.lead, now=NOW, wanted=wrong)
        assert {blocker.field for blocker in refused.value.blockers} == {
            "title",
            "system_type_code",
            "min_participants",
            "join_closes_at",
            "term_months",
            "contract_model",
        }


def test_a_policy_warning_asks_for_a_reason_and_does_not_forbid(sqlite_database: Database):
    with sqlite_database.transaction() as session:
        world = make_world(session)

        make_system_type(session, "resident_record", name="住民記録", policy_scope="standard_20")
        wanted = make_fields(system_type_code="resident_record")
        with pytest.raises(Refused) as refused:
            projects.open_project(session, actor=world.lead, now=NOW, wanted=wanted)
        assert codes(refused) == ["policy_reason"]
        project = projects.open_project(
            session, actor=world.lead, now=NOW, wanted=wanted, policy_reason="周辺機能のみ"
        )
        assert project.policy_check["warned"] and project.policy_check["reason"] == "周辺機能のみ"


def test_two_coordinators_saving_at_once_the_second_sees_what_changed(database: Database):
    with database.transaction() as session:
        world = make_world(session)
        project = projects.open_project(session, actor=world.lead, now=NOW, wanted=make_fields())
        project_id, seen = project.id, project.row_version
    with database.transaction() as session:
        projects.edit_project(
            session,
            actor=world.lead,
            now=NOW,
            project_id=project_id,
            wanted=make_fields(title="先に保存した名前"),
            seen_version=seen,
        )
    second = make_fields(title="あとの名前", min_participants=3)
    with database.transaction() as session, pytest.raises(projects.EditConflict) as conflict:
        projects.edit_project(
            session,
            actor=world.lead,
            now=NOW,
            project_id=project_id,
            wanted=second,
            seen_version=seen,
        )
    shown = {d.label: (d.stored, d.wanted) for d in conflict.value.differences}
    assert shown == {
        "案件名": ("先に保存した名前", "あとの名前"),
        "最少参加団体数": ("2", "3"),
    }
    with database.transaction() as session:
        saved = projects.edit_project(
            session,
            actor=world.lead,
            now=NOW,
            project_id=project_id,
            wanted=second,
            seen_version=conflict.value.row_version,
        )
        assert saved.title == "あとの名前"


def test_inviting_is_one_event_and_tells_each_body_once(database: Database):
    with database.transaction() as session:
        world = make_world(session)
        project = make_project(session, world, joined=0)
        before = count_events(session)
        body_codes = [body.code for body in world.bodies]
        assert invite_bodies(
            session, actor=world.lead, now=NOW, project_id=project.id, body_codes=body_codes
        ) == sorted(body_codes)
        assert count_events(session) == before + 1
        told = session.scalars(
            select(Notice.organization_id).where(Notice.title.contains("参加の案内"))
        ).all()
        assert sorted(told) == sorted(organization_of(session, b).id for b in world.bodies)
        again = invite_bodies(
            session, actor=world.lead, now=NOW, project_id=project.id, body_codes=body_codes
        )
        assert again == []
        with pytest.raises(Refused) as refused:
            invite_bodies(
                session, actor=world.lead, now=NOW, project_id=project.id, body_codes=["999999"]
            )
        assert codes(refused) == ["unknown_body"]


def test_joining_by_the_manager(database: Database):
    with database.transaction() as session:
        world = make_world(session)
        project = make_project(session, world, joined=0)
        body = world.bodies[0]
        before = count_events(session)
        join(session, world, project, body)
        row = session.scalars(select(Participation)).one()
        assert (row.status, row.quantities) == ("joined", {"account": 200})
        assert (row.approval_date, row.approval_number) == (APPROVED, "情政第123号")
        assert count_events(session) == before + 1
        standing = find_standing(session, world.staff[body.code], project.id)
        assert standing.takes_part and standing.is_member


@pytest.mark.parametrize(
    ("case", "code", "says"),
    [
        ("twice", "already_joined", "すでに参加しています"),
        ("late", "after_deadline", "2026-12-15 17:00 を過ぎた"),
        ("other", "other_body", "ほかの団体に代わって"),
        ("staff", "not_manager", "決裁者"),
        ("no_approval", "approval_number", "決裁番号"),
        ("future", "approval_date", "将来の日付"),
        ("zero", "quantity", "数量は1から"),
    ],
)
def test_a_join_is_refused_in_words(sqlite_database: Database, case, code, says):
    with sqlite_database.transaction() as session:
        world = make_world(session)
        project = make_project(session, world, joined=1 if case == "twice" else 0)
        body, other = world.bodies[:2]
        arguments = {
            "actor": world.manager(body),
            "now": NOW,
            "body_code": body.code,
            "answers": JoinAnswers(quantity=10),
            "approval_date": APPROVED,
            "approval_number": "第1号",
        }
        changes = {
            "twice": {},
            "late": {"now": JOIN_CLOSES + timedelta(seconds=1)},
            "other": {"body_code": other.code},
            "staff": {"actor": world.staff[body.code]},
            "no_approval": {"approval_number": ""},
            "future": {"approval_date": date(2026, 11, 21)},
            "zero": {"answers": JoinAnswers(quantity=0)},
        }[case]
        with pytest.raises(Refused) as refused:
            join_project(session, project_id=project.id, **(arguments | changes))
        assert code in codes(refused)
        assert says in str(refused.value)


def test_a_join_at_the_very_deadline_counts(sqlite_database: Database):
    with sqlite_database.transaction() as session:
        world = make_world(session)
        project = make_project(session, world, joined=0)
        body = world.bodies[0]
        row = join_project(
            session,
            actor=world.manager(body),
            now=JOIN_CLOSES,
            project_id=project.id,
            body_code=body.code,
            answers=JoinAnswers(quantity=10),
            approval_date=APPROVED,
            approval_number="第1号",
        )
        assert row.status == "joined"


def test_a_prepared_or_requested_join_counts_only_once_the_manager_confirms(
    sqlite_database: Database,
):
    with sqlite_database.transaction() as session:
        world = make_world(session)
        project = make_project(session, world, joined=0)
        first, second, _ = world.bodies
        prepare_join(
            session,
            actor=world.staff[first.code],
            now=NOW,
            project_id=project.id,
            body_code=first.code,
            answers=JoinAnswers(quantity=10),
        )
        request_join(
            session, actor=world.lead, now=NOW, project_id=project.id, body_code=second.code
        )
        statuses = session.scalars(
            select(Participation.status).order_by(Participation.body_code)
        ).all()
        assert sorted(statuses) == ["prepared", "requested"]
        assert not find_standing(session, world.manager(first), project.id).is_member
        join(session, world, project, first)
        assert find_standing(session, world.manager(first), project.id).is_member


def test_a_coordinator_enters_nothing_for_another_prefecture(sqlite_database: Database):
    with sqlite_database.transaction() as session:
        world = make_world(session)
        project = make_project(session, world, joined=0)
        far = make_body(session, code="252042", kind="city", prefecture_code="25")
        with pytest.raises(Refused) as refused:
            request_join(
                session, actor=world.lead, now=NOW, project_id=project.id, body_code=far.code
            )
        assert codes(refused) == ["other_prefecture"]
        with pytest.raises(Refused):
            state_interest(
                session, actor=world.lead, now=NOW, project_id=project.id, body_code=far.code
            )


def test_declining_is_told_to_the_lead_only(sqlite_database: Database):
    with sqlite_database.transaction() as session:
        world = make_world(session)
        project = make_project(session, world, joined=2)
        body = world.bodies[2]
        joining.decline(
            session,
            actor=world.staff[body.code],
            now=NOW,
            project_id=project.id,
            body_code=body.code,
            reason="ひみつの理由",
        )
        told = session.scalars(
            select(Notice.organization_id).where(Notice.body.contains("参加しない"))
        ).all()
        assert told == [world.lead.organization_id]
        assert not any("ひみつの理由" in text for text in session.scalars(select(Notice.body)))
        events = session.scalars(select(AuditEvent)).all()
        assert not any("ひみつの理由" in str(event.changes) for event in events)


def test_the_project_moves_only_as_the_table_says(database: Database):
    with database.transaction() as session:
        world = make_world(session)
        project = make_project(session, world, joined=1)
        with pytest.raises(Refused) as refused:
            move(session, world.lead, project, "start_agreement")
        assert "min_participants" in codes(refused)
        with pytest.raises(Refused) as refused:
            move(session, world.lead, project, "publish_notice")
        assert codes(refused) == ["no_such_move"]
        join(session, world, project, world.bodies[1])
        move(session, world.lead, project, "start_agreement")
        assert project.state == "agreement"
        with pytest.raises(Conflict):
            move_project(
                session,
                actor=world.lead,
                now=NOW,
                project_id=project.id,
                action="start_agreement",
                seen_state="forming",
            )


def test_participants_cannot_move_it_and_strangers_do_not_find_a_hidden_one(
    sqlite_database: Database,
):
    with sqlite_database.transaction() as session:
        world = make_world(session)
        project = make_project(session, world, joined=1)
        with pytest.raises(Refused) as refused:
            move(session, world.manager(world.bodies[0]), project, "start_specification")
        assert codes(refused) == ["not_lead"]
        hidden = projects.open_project(session, actor=world.lead, now=NOW, wanted=make_fields())
        with pytest.raises(NotFound):
            move(session, world.manager(world.bodies[0]), hidden, "open_recruitment")
        with pytest.raises(NotFound):
            join(session, world, hidden, world.bodies[0])


def test_cancelling_needs_a_reason_and_never_publishes_a_hidden_project(
    sqlite_database: Database,
):
    with sqlite_database.transaction() as session:
        world = make_world(session)
        hidden = projects.open_project(session, actor=world.lead, now=NOW, wanted=make_fields())
        with pytest.raises(Refused) as refused:
            move(session, world.lead, hidden, "cancel")
        assert codes(refused) == ["reason"]
        move(session, world.lead, hidden, "cancel", reason="必要がなくなった")
        assert hidden.state == "cancelled" and not hidden.published


def test_the_join_deadline_is_extended_once(sqlite_database: Database):
    later = JOIN_CLOSES + timedelta(days=14)
    with sqlite_database.transaction() as session:
        world = make_world(session)
        project = make_project(session, world, joined=1)
        extend_join_deadline(
            session, actor=world.lead, now=NOW, project_id=project.id, closes_at=later
        )
        assert project.join_closes_at == later
        with pytest.raises(Refused) as refused:
            extend_join_deadline(
                session,
                actor=world.lead,
                now=NOW,
                project_id=project.id,
                closes_at=later + timedelta(days=1),
            )
        assert "extended" in codes(refused)


def test_a_version_is_fixed_as_previewed_and_asks_everybody(database: Database):
    with database.transaction() as session:
        world = make_world(session)
        project = in_agreement(session, world)
        version = fix(session, world, project)
        assert version.number == 1
        total = session.scalar(select(func.sum(ShareLine.amount_yen)))
        assert total == version.result["total_yen"]
        rows = list_consents(session, version.id)
        assert [row.status for row in rows] == ["asked"] * 3
        with pytest.raises(Refused) as refused:
            move(session, world.lead, project, "start_specification")
        assert codes(refused) == ["consent_missing"]
        for body in world.bodies:
            assert body.name in str(refused.value)
            give(session, world, project, body)
        move(session, world.lead, project, "start_specification")
        assert project.state == "specification"


def test_a_version_is_not_fixed_from_a_stale_preview(sqlite_database: Database):
    with sqlite_database.transaction() as session:
        world = make_world(session)
        project = in_agreement(session, world)
        with pytest.raises(Conflict):
            shares.fix_share_version(
                session,
                actor=world.lead,
                now=NOW,
                project_id=project.id,
                basis_id=None,
                preview_sha256="0" * 64,
            )


def test_one_leaves_and_exactly_those_above_their_maximum_consent_again(database: Database):
    """Acceptance 7: names asserted."""
    with database.transaction() as session:
        world = make_world(session)
        large, middle, small = world.bodies
        project = in_agreement(session, world)
        fix(session, world, project)
        # The large town leaves itself no room, the small one plenty.
        give(session, world, project, large)
        give(session, world, project, middle)
        give(session, world, project, small, maximum={2027: 99_000_000, 2028: 99_000_000})
        leaving.leave_project(
            session,
            actor=world.manager(middle),
            now=NOW,
            project_id=project.id,
            body_code=middle.code,
            reason="予算がつかない",
            approval_date=APPROVED,
            approval_number="第9号",
        )
        second = fix(session, world, project)
        assert second.number == 2
        rows = {row.name: row.status for row in list_consents(session, second.id)}
        assert rows == {large.name: "asked", small.name: "carried"}
        told = session.scalars(
            select(Notice.organization_id).where(Notice.title.contains("第2版への同意"))
        ).all()
        assert told == [organization_of(session, large).id]
        with pytest.raises(Refused) as refused:
            move(session, world.lead, project, "start_specification")
        assert codes(refused) == ["consent_missing"]
        assert large.name in str(refused.value) and small.name not in str(refused.value)


def test_a_consent_below_the_share_or_to_an_older_version_is_refused(sqlite_database: Database):
    with sqlite_database.transaction() as session:
        world = make_world(session)
        project = in_agreement(session, world)
        fix(session, world, project)
        body = world.bodies[0]
        with pytest.raises(Refused) as refused:
            give(session, world, project, body, maximum={2027: 1, 2028: 1})
        assert codes(refused) == ["maximum", "maximum"]
        with pytest.raises(Refused) as refused:
            consents.consent(
                session,
                actor=world.manager(body),
                now=NOW,
                project_id=project.id,
                body_code=body.code,
                version_number=7,
                maximum_yen={2027: 99_000_000, 2028: 99_000_000},
                approval_date=APPROVED,
                approval_number="第1号",
            )
        assert codes(refused) == ["newer_version"]
        with pytest.raises(Refused) as refused:
            give(session, world, project, body, now=CONSENT_CLOSES + timedelta(seconds=1))
        assert codes(refused) == ["after_deadline"]


def test_a_consent_may_be_withdrawn_before_the_deadline(sqlite_database: Database):
    with sqlite_database.transaction() as session:
        world = make_world(session)
        project = in_agreement(session, world)
        fix(session, world, project)
        body = world.bodies[0]
        give(session, world, project, body)
        arguments = {
            "actor": world.manager(body),
            "project_id": project.id,
            "body_code": body.code,
        }
        with pytest.raises(Refused) as refused:
            consents.withdraw_consent(
                session, now=CONSENT_CLOSES + timedelta(seconds=1), **arguments
            )
        assert codes(refused) == ["after_deadline"]
        assert consents.withdraw_consent(session, now=NOW, **arguments).status == "withdrawn"
        assert give(session, world, project, body).status == "given"


def test_a_silent_body_lapses_after_deadline_and_two_reminders(sqlite_database: Database):
    late = CONSENT_CLOSES + timedelta(minutes=1)
    with sqlite_database.transaction() as session:
        world = make_world(session)
        project = in_agreement(session, world)
        fix(session, world, project)
        body = world.bodies[2]
        arguments = {"actor": world.lead, "project_id": project.id, "body_code": body.code}
        consents.remind(session, now=NOW, **arguments)
        with pytest.raises(Refused) as refused:
            consents.remind(session, now=NOW + timedelta(hours=1), **arguments)
        assert codes(refused) == ["too_soon"]
        with pytest.raises(Refused) as refused:
            consents.lapse_consent(session, now=late, **arguments)
        assert codes(refused) == ["reminders"]
        consents.remind(session, now=NOW + timedelta(days=2), **arguments)
        with pytest.raises(Refused) as refused:
            consents.lapse_consent(session, now=CONSENT_CLOSES, **arguments)
        assert codes(refused) == ["before_deadline"]
        consents.lapse_consent(session, now=late, **arguments)
        row = session.scalars(
            select(Participation).where(Participation.body_code == body.code)
        ).one()
        assert row.status == "lapsed"


def test_terms_changed_everybody_is_asked_again(sqlite_database: Database):
    from procurement.services.terms import set_sharing_terms
    from tests.harness.projects import TERMS

    with sqlite_database.transaction() as session:
        world = make_world(session)
        project = in_agreement(session, world)
        fix(session, world, project)
        for body in world.bodies:
            give(session, world, project, body, maximum={2027: 99_000_000, 2028: 99_000_000})
        set_sharing_terms(
            session,
            actor=world.lead,
            now=NOW,
            project_id=project.id,
            wanted=TERMS | {"rules": {"initial": "equal", "recurring": "equal"}},
            seen_version=project.row_version,
        )
        second = fix(session, world, project)
        assert [row.status for row in list_consents(session, second.id)] == ["asked"] * 3


def test_an_internal_ceiling_is_kept_by_its_body_and_told_to_nobody(database: Database):
    with database.transaction() as session:
        world = make_world(session)
        project = make_project(session, world, joined=1)
        body = world.bodies[0]
        mails = session.scalar(select(func.count()).select_from(OutboxMail))
        notices = session.scalar(select(func.count()).select_from(Notice))
        arguments = {
            "now": NOW,
            "project_id": project.id,
            "body_code": body.code,
            "amount_yen": 7_654_321,
            "shown_to_secretariat": False,
        }
        with pytest.raises(Refused):
            set_internal_ceiling(session, actor=world.lead, **arguments)
        with pytest.raises(Refused):
            set_internal_ceiling(session, actor=world.staff[body.code], **arguments)
        set_internal_ceiling(session, actor=world.manager(body), **arguments)
        assert session.scalars(select(InternalCeiling.amount_yen)).all() == [7_654_321]
        assert session.scalar(select(func.count()).select_from(OutboxMail)) == mails
        assert session.scalar(select(func.count()).select_from(Notice)) == notices
        events = session.scalars(select(AuditEvent)).all()
        assert not any("7654321" in str(event.changes) for event in events)
        assert not verify(session).problems
        none = arguments | {"amount_yen": None}
        with pytest.raises(Conflict):  # somebody who has not seen it takes nothing away
            set_internal_ceiling(session, actor=world.manager(body), **none)
        set_internal_ceiling(session, actor=world.manager(body), **none, seen="7654321 0")
        assert session.scalars(select(InternalCeiling)).all() == []


def test_leaving_closes_open_questions(sqlite_database: Database):
    with sqlite_database.transaction() as session:
        world = make_world(session)
        project = in_agreement(session, world)
        fix(session, world, project)
        body = world.bodies[1]
        arguments = {
            "now": NOW,
            "project_id": project.id,
            "body_code": body.code,
            "reason": "合併のため",
            "approval_date": APPROVED,
            "approval_number": "第9号",
        }
        with pytest.raises(Refused) as refused:
            leaving.leave_project(session, actor=world.manager(world.bodies[0]), **arguments)
        assert codes(refused) == ["not_manager"]
        leaving.leave_project(session, actor=world.manager(body), **arguments)
        statuses = session.execute(
            select(Participation.body_code, Consent.status).join(
                Consent, Consent.participation_id == Participation.id
            )
        )
        assert {code: status for code, status in statuses}[body.code] == "withdrawn"
        with pytest.raises(Refused) as refused:
            give(session, world, project, body, maximum={2027: 99_000_000, 2028: 99_000_000})
        assert "no_version" in codes(refused)


def test_an_actor_of_two_hats_is_only_what_it_acts_as(sqlite_database: Database):
    with sqlite_database.transaction() as session:
        world = make_world(session)
        project = make_project(session, world, joined=1)
        member = world.manager(world.bodies[0])
        as_vendor = replace(member, roles=frozenset({Role.VENDOR_MANAGER}))
        assert not find_standing(session, as_vendor, project.id).is_member
