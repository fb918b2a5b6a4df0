"""A body that agreed and records no contract: walked to a way out for the others (§3, §4)."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from foundation.audit import AuditEvent, verify
from foundation.db import Database
from foundation.errors import Conflict, NotFound, Refused
from foundation.mail import Notice
from procurement.domain.lifecycle import State, get_move
from procurement.models import Consent, Participation
from procurement.queries.consents import find_latest_version, lines_by_year
from procurement.queries.dossier import load_dossier
from procurement.queries.signing_facts import Around
from procurement.queries.signing_requests import list_unsigned
from procurement.queries.standing import find_standing
from procurement.services.moves import list_move_blockers
from procurement.services.signing_requests import (
    ask_to_sign,
    record_not_signing,
    remind_to_sign,
)
from tests.harness.builders import NOW
from tests.harness.contracts import (
    WITHOUT_AMOUNT,
    make_contracting_project,
    qualify,
    requote_all,
    sign_all,
    sign_for,
)
from tests.harness.projects import fix, give, make_world, move

CLOSES = NOW + timedelta(days=14)
LATE = CLOSES + timedelta(seconds=1)
REASON = "担当課から返答がないため（架空）"


class Scene:
    """Two of three bodies have signed under the basic contract; the third says nothing."""

    def __init__(self, session, model="basic_and_individual"):
        self.session, self.world = session, make_world(session)
        self.project, self.vendor, manager = make_contracting_project(session, self.world, model)
        if model == "basic_and_individual":
            sign_all(session, self.world, self.project, WITHOUT_AMOUNT)
        else:
            requote_all(session, manager, self.world, self.project)
        for body in self.world.bodies[:2]:
            qualify(session, self.world.manager(body), self.project)
            sign_for(session, self.world, self.project, body)
        self.silent = self.world.bodies[2]

    def ask(self, closes_at=CLOSES, **changes):
        values = {"actor": self.world.lead, "now": NOW} | changes
        return ask_to_sign(self.session, project_id=self.project.id, closes_at=closes_at, **values)

    def remind(self, days, body=None):
        return remind_to_sign(
            self.session,
            actor=self.world.lead,
            now=NOW + timedelta(days=days),
            project_id=self.project.id,
            body_code=(body or self.silent).code,
        )

    def record(self, **changes):
        version = find_latest_version(self.session, self.project.id)
        values = {
            "actor": self.world.lead,
            "now": LATE,
            "reason": REASON,
            "body_code": self.silent.code,
            "seen_version": version.number,
        }
        return record_not_signing(self.session, project_id=self.project.id, **(values | changes))

    def waiting(self):
        standing = find_standing(self.session, self.world.lead, self.project.id)
        step = get_move(State.CONTRACTING, "start_introduction")
        dossier = load_dossier(self.session, self.project)
        return [each.code for each in list_move_blockers(dossier, step, standing, LATE)]

    def shares(self):
        return lines_by_year(self.session, find_latest_version(self.session, self.project.id).id)


def codes(refused):
    return {blocker.code for blocker in refused.value.blockers}


def test_silence_is_walked_past_its_deadline_and_nobodys_share_rises_unasked(database: Database):
    with database.transaction() as session:
        scene = Scene(session)
        assert scene.waiting() == ["contracts"]
        with pytest.raises(Refused) as unasked:
            scene.record()
        assert codes(unasked) == {"not_asked", "reminders"}
        assert scene.ask() == 1
        with pytest.raises(Refused) as early:
            scene.record(now=NOW)
        assert codes(early) == {"before_deadline", "reminders"}
        scene.remind(1)
        with pytest.raises(Refused) as often:
            scene.remind(1)
        assert codes(often) == {"too_soon"}
        scene.remind(2)
        before = scene.shares()
        place = scene.record()
        assert (place.status, place.leave_reason) == ("lapsed", REASON)
        assert scene.shares() == before  # a fixed version is never changed
        assert scene.waiting() == ["stale_version"]
        fix(session, scene.world, scene.project, LATE, closes_at=LATE + timedelta(days=30))
        after = scene.shares()
        assert set(after) == {body.code for body in scene.world.bodies[:2]}
        risen = {c for c in after if any(after[c][y] > before[c][y] for y in after[c])}
        asked = set(
            session.scalars(
                select(Participation.body_code)
                .join(Consent, Consent.participation_id == Participation.id)
                .where(Consent.status == "asked")
            )
        )
        assert risen == asked == set(after)  # with the award unchanged, both pay more
        assert scene.waiting() == ["consent_missing"]
        for body in scene.world.bodies[:2]:
            give(session, scene.world, scene.project, body, now=LATE)
        assert scene.waiting() == []
        move(session, scene.world.lead, scene.project, "start_introduction")
        assert not verify(session).problems


def test_after_a_requote_the_others_keep_their_prices(database: Database):
    with database.transaction() as session:
        scene = Scene(session, "selection_and_requote")
        before = scene.shares()
        scene.ask()
        scene.remind(1)
        scene.remind(2)
        scene.record()
        fix(session, scene.world, scene.project, LATE)
        after = scene.shares()
        assert after == {code: before[code] for code in after} and len(after) == 2
        assert scene.waiting() == []


def test_who_could_not_sign_is_not_called_silent(database: Database):
    with database.transaction() as session:
        world = make_world(session)
        project, _, _ = make_contracting_project(session, world, "basic_and_individual")
        with pytest.raises(Refused) as refused:  # the lead has not signed the basic contract
            ask_to_sign(session, actor=world.lead, now=NOW, project_id=project.id, closes_at=CLOSES)
        assert codes(refused) == {"nobody"}
        assert all(
            each.closes_at is None for each in list_unsigned(session, Around(session, project))
        )


def test_who_asks_when_and_only_of_whom_it_waits_for(database: Database):
    with database.transaction() as session:
        scene = Scene(session)
        with pytest.raises(Refused) as past:
            scene.ask(NOW)
        assert codes(past) == {"closes_on"}
        for actor in (
            scene.world.manager(scene.silent),
            scene.world.manager(scene.world.bodies[0]),
        ):
            with pytest.raises(Refused) as stranger:
                scene.ask(actor=actor)
            assert codes(stranger) == {"not_lead"}
        scene.ask()
        with pytest.raises(Refused) as earlier:
            scene.ask(CLOSES - timedelta(days=1))
        assert codes(earlier) == {"earlier"}
        with pytest.raises(NotFound):
            scene.remind(1, scene.world.bodies[0])  # it has signed
        scene.remind(1)
        scene.ask(CLOSES + timedelta(days=7))  # later, and the reminder still counts
        scene.remind(3)
        with pytest.raises(Refused) as waited:
            scene.record()
        assert codes(waited) == {"before_deadline"}
        later = CLOSES + timedelta(days=8)
        with pytest.raises(Refused) as unsaid:
            scene.record(now=later, reason=" ")
        assert codes(unsaid) == {"reason"}
        with pytest.raises(Conflict):
            scene.record(now=later, seen_version=1_000)
        # Signing in time, or late, ends the matter.
        qualify(session, scene.world.manager(scene.silent), scene.project)
        sign_for(session, scene.world, scene.project, scene.silent)
        with pytest.raises(NotFound):
            scene.record(now=later)
        assert scene.waiting() == []


def test_members_are_told_without_the_reason(database: Database):
    with database.transaction() as session:
        scene = Scene(session)
        scene.ask()
        scene.remind(1)
        scene.remind(2)
        scene.record()
        organizations = [scene.world.manager(b).organization_id for b in scene.world.bodies]
        notices = session.scalars(select(Notice)).all()
        for organization_id in organizations:
            told = [n.body for n in notices if n.organization_id == organization_id]
            assert any("契約しないものとして" in text for text in told)
        assert not [n for n in notices if REASON in n.body]
        asked = [n for n in notices if "お待ちしています" in n.title and "契約の記録" in n.title]
        assert {n.organization_id for n in asked} == {organizations[2]} and len(asked) == 3
        events = {
            each.action: each.changes
            for each in session.scalars(select(AuditEvent))
            if "sign" in each.action
        }
        assert events["ask_to_sign"]["body_codes"] == [scene.silent.code]
        assert events["record_not_signing"]["reminders_sent"] == 2
        assert REASON not in str(events)
