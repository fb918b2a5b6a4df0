"""A renewal and a body in use that says nothing: it stays to the end of its term (§4, §7)."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from time import sleep

import pytest
from sqlalchemy import func, select

from accounts.models import Organization
from foundation.audit import AuditEvent, verify
from foundation.db import Database
from foundation.errors import Conflict, NotFound, Refused
from foundation.mail import Notice, OutboxMail
from procurement.domain.lifecycle import State, get_move
from procurement.models import Consent, Participation, Project
from procurement.queries.contracts import list_parties
from procurement.queries.dossier import load_dossier
from procurement.queries.ledger_facts import find_agreed
from procurement.queries.standing import find_standing
from procurement.services import consents
from procurement.services.ledger import record_vendor_invoice
from procurement.services.ledger_upkeep import next_to_close
from procurement.services.moves import list_move_blockers
from procurement.services.renewals import end_stays, end_with_term
from tests.harness.builders import NOW, make_body
from tests.harness.contracts import make_introduced_project
from tests.harness.ledger import bill, invoice_draft, make_collected_project
from tests.harness.projects import CONSENT_CLOSES, fix, give, make_world, move

LATE = CONSENT_CLOSES + timedelta(seconds=1)
NEXT_START = date(2029, 4, 1)
LAST_DAY = date(2029, 3, 31)
RENEW = get_move(State.OPERATION, "renew")


def in_operation(session, project, lead):
    """Everybody uses the system, and the next term is put to them."""
    for row in session.query(Participation).filter_by(project_id=project.id):
        row.status = "in_use"
    session.flush()
    if project.state == "introduction":
        move(session, lead, project, "start_operation")


def make_renewal(session):
    """Two of three bodies in use have agreed to the next term: (world, project, the silent one)."""
    world = make_world(session)
    project = make_introduced_project(session, world)
    in_operation(session, project, world.lead)
    project.term_start, project.term_months = NEXT_START, 24
    session.flush()
    fix(session, world, project)
    for body in world.bodies[:2]:
        give(session, world, project, body)
    return world, project, world.bodies[2]


def remind_twice(session, world, project, body):
    for days in (3, 2):
        consents.remind(
            session,
            actor=world.lead,
            now=CONSENT_CLOSES - timedelta(days=days),
            project_id=project.id,
            body_code=body.code,
        )


def end(session, world, project, body, *, now=LATE, actor=None, seen=None):
    number = load_dossier(session, project).version.number
    return end_with_term(
        session,
        actor=actor or world.lead,
        now=now,
        project_id=project.id,
        body_code=body.code,
        seen_version=number if seen is None else seen,
    )


def place_of(session, project, body):
    return session.query(Participation).filter_by(project_id=project.id, body_code=body.code).one()


def codes(refused):
    return {blocker.code for blocker in refused.value.blockers}


def waiting(session, world, project, now=LATE):
    standing = find_standing(session, world.lead, project.id)
    blockers = list_move_blockers(load_dossier(session, project), RENEW, standing, now)
    return [blocker.code for blocker in blockers]


def test_the_silence_of_a_body_in_use_is_walked_to_the_renewal(database):
    with database.transaction() as session:
        world, project, silent = make_renewal(session)
        assert waiting(session, world, project) == ["consent_missing"]
        with pytest.raises(Refused) as early:
            end(session, world, project, silent, now=NOW)
        assert codes(early) == {"before_deadline", "reminders"}
        remind_twice(session, world, project, silent)
        with pytest.raises(Refused) as bound:
            consents.lapse_consent(
                session,
                actor=world.lead,
                now=LATE,
                project_id=project.id,
                body_code=silent.code,
            )
        assert codes(bound) == {"has_contract"}
        end(session, world, project, silent)
        place = place_of(session, project, silent)
        assert (place.status, place.ends_on) == ("in_use", LAST_DAY)
        # The version still names it: the next one is about the others, who agreed to less.
        assert waiting(session, world, project) == ["stale_version"]
        fix(session, world, project, LATE, closes_at=LATE + timedelta(days=30))
        asked = session.scalars(
            select(Participation.body_code)
            .join(Consent, Consent.participation_id == Participation.id)
            .where(Consent.status == "asked")
        ).all()
        assert silent.code not in asked
        for body in world.bodies[:2]:
            if body.code in asked:
                give(session, world, project, body, now=LATE)
        assert waiting(session, world, project) == []
        move(session, world.lead, project, "renew")
        assert [party.code for party in list_parties(session, project.id)] == [
            body.code for body in world.bodies[:2]
        ]


def test_it_stays_to_its_last_day_and_has_left_the_day_after(database):
    with database.transaction() as session:
        world, project, silent = make_renewal(session)
        remind_twice(session, world, project, silent)
        end(session, world, project, silent)
        project_id, code = project.id, silent.code
        assert find_standing(session, world.manager(silent), project.id).is_member
    assert end_stays(database, datetime(2029, 3, 31, 14, 59, tzinfo=UTC)) == 0
    after = datetime(2029, 3, 31, 15, 0, tzinfo=UTC)  # 0:00 of 1 April in Japan
    assert end_stays(database, after) == 1
    assert end_stays(database, after) == 0
    with database.read_session() as session:
        row = session.query(Participation).filter_by(project_id=project_id, body_code=code).one()
        assert (row.status, row.left_at, row.ends_on) == ("left", after, LAST_DAY)
        others = session.query(Participation).filter_by(project_id=project_id, status="in_use")
        assert others.count() == 2
        events = select(func.count(AuditEvent.seq)).where(AuditEvent.action == "end_stays")
        assert session.scalar(events) == 1
        assert not verify(session).problems


def test_two_workers_at_once_end_a_stay_once(database):
    """Both have seen that it is over before either may write."""
    after = datetime(2029, 3, 31, 15, 0, tzinfo=UTC)
    with database.transaction() as session:
        world, project, silent = make_renewal(session)
        remind_twice(session, world, project, silent)
        end(session, world, project, silent)
        project_id = project.id
    databases = [Database(database.url) for _ in range(2)]
    with ThreadPoolExecutor(2) as pool:
        with database.transaction() as session:
            session.get_one(Project, project_id, with_for_update=True)
            answers = [pool.submit(end_stays, each, after) for each in databases]
            sleep(1)  # long enough to list, and to wait for the project
            assert not any(each.done() for each in answers)
        assert sorted(each.result(timeout=60) for each in answers) == [0, 1]
    for each in databases:
        each.dispose()
    with database.read_session() as session:
        events = select(func.count(AuditEvent.seq)).where(AuditEvent.action == "end_stays")
        assert session.scalar(events) == 1
        told = select(func.count(Notice.id)).where(Notice.title.contains("利用の期間の終わり"))
        assert session.scalar(told) == 2  # the body and the lead
        assert not verify(session).problems


def test_the_body_is_told_once_by_inbox_and_mail(database):
    with database.transaction() as session:
        world, project, silent = make_renewal(session)
        remind_twice(session, world, project, silent)
        end(session, world, project, silent)
        organization = session.scalars(
            select(Organization.id).where(Organization.body_code == silent.code)
        ).one()
        notices = session.scalars(
            select(Notice).where(
                Notice.organization_id == organization,
                Notice.title.contains("次の期間に参加"),
            )
        ).all()
        assert len(notices) == 1 and "令和11年3月31日" in notices[0].body
        mails = session.scalars(
            select(OutboxMail.to).where(OutboxMail.subject.contains("次の期間に参加しない"))
        ).all()
        assert len(mails) == 2 == len(set(mails))  # its staff and its manager
        recorded = select(AuditEvent).where(AuditEvent.action == "end_with_term")
        event = session.scalars(recorded).one()
        assert event.changes["body_code"] == silent.code


def test_only_the_leads_manager_and_only_what_was_seen(database):
    with database.transaction() as session:
        world, project, silent = make_renewal(session)
        remind_twice(session, world, project, silent)
        for actor in (world.manager(world.bodies[0]), world.manager(silent)):
            with pytest.raises(Refused) as refused:
                end(session, world, project, silent, actor=actor)
            assert codes(refused) == {"not_lead"}
        with pytest.raises(Conflict):
            end(session, world, project, silent, seen=1)
        with pytest.raises(Refused) as answered:
            end(session, world, project, world.bodies[0])
        assert codes(answered) == {"not_asked", "reminders"}
        with pytest.raises(NotFound):
            end(session, world, project, make_body(session))  # not in the version
        end(session, world, project, silent)
        with pytest.raises(Refused) as again:
            end(session, world, project, silent)
        assert "not_asked" in codes(again)


def test_without_a_next_term_nothing_ends(database):
    """A version of the same term, or of a term inside it, ends nobody's use."""
    with database.transaction() as session:
        world = make_world(session)
        project = make_introduced_project(session, world)
        in_operation(session, project, world.lead)
        project.term_months = 36
        session.flush()
        fix(session, world, project)
        silent = world.bodies[2]
        remind_twice(session, world, project, silent)
        with pytest.raises(Refused) as refused:
            end(session, world, project, silent)
        assert codes(refused) == {"no_next_term"}


def test_nobody_left_for_the_next_term_is_the_end_of_the_project(database):
    with database.transaction() as session:
        world, project, silent = make_renewal(session)
        for body in world.bodies[:2]:
            place_of(session, project, body).status = "left"
        session.flush()
        remind_twice(session, world, project, silent)
        with pytest.raises(Refused) as refused:
            end(session, world, project, silent)
        assert codes(refused) == {"nobody_left"}


def test_a_renewal_is_asked_with_a_deadline_ahead(database):
    """Else a body could be marked silent that never had a day to answer."""
    with database.transaction() as session:
        world = make_world(session)
        project = make_introduced_project(session, world)
        in_operation(session, project, world.lead)
        project.term_start = NEXT_START
        session.flush()
        with pytest.raises(Refused) as refused:
            fix(session, world, project, LATE)
        assert codes(refused) == {"consent_deadline"}


def test_the_present_term_is_billed_by_its_own_version_while_the_next_is_agreed(database):
    """It goes on to its last day, and the silent body pays its share of it until then."""
    with database.transaction() as session:
        world = make_world(session)
        project, _vendor, _ = make_collected_project(session, world)
        in_operation(session, project, world.lead)
        first = project.term_start
        before = find_agreed(session, project.id, first)
        project.term_start, project.term_months = date(2028, 4, 1), 12
        session.flush()
        fix(session, world, project)
        silent = world.bodies[2]
        for body in world.bodies[:2]:
            give(session, world, project, body)
        remind_twice(session, world, project, silent)
        end(session, world, project, silent)
        assert place_of(session, project, silent).ends_on == date(2028, 3, 31)
        assert find_agreed(session, project.id, first) == before
        assert find_agreed(session, project.id, date(2028, 4, 1)).number == before.number + 1
        entry = bill(session, world.lead, project, invoice_draft(first))
        assert entry.share_version_id == before.id
        assert next_to_close(session, project) == first
        late = replace(
            invoice_draft(date(2028, 3, 1)),
            invoiced_on=date(2028, 4, 3),
            due_on=date(2028, 4, 30),
        )
        record_vendor_invoice(
            session,
            actor=world.lead,
            now=datetime(2028, 4, 5, tzinfo=UTC),
            project_id=project.id,
            draft=late,
            seen_number=1,
        )
