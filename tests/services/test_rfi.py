"""Asking vendors, their answers and who reads them, on both databases."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from accounts.models import Organization
from accounts.roles import Role
from catalog.entries import PlanEntry
from foundation.audit import AuditEvent
from foundation.db import Database
from foundation.errors import Conflict, NotFound, Refused
from foundation.mail import Notice
from procurement.domain.scrutiny import Place
from procurement.queries.rfi import find_last_closing, list_answers, list_requests, reads_answers
from procurement.queries.standing import find_standing
from procurement.rfi_models import RfiAnswer
from procurement.services.rfi import answer_request, request_information
from tests.harness.builders import NOW, make_actor, make_offering, make_vendor
from tests.harness.projects import PLAN, make_project, make_world

CLOSES = NOW + timedelta(days=20)
ENTRY = PlanEntry(name="参考見積", definition=PLAN)


def make_asked(session, vendors=1, **changes):
    world = make_world(session)
    project = make_project(session, world, **changes)
    people = []
    for _ in range(vendors):
        vendor = make_vendor(session)
        make_offering(session, vendor)
        organization = session.get_one(Organization, vendor.organization_id)
        people.append((vendor, make_actor(session, organization, Role.VENDOR_STAFF)))
    request_information(
        session,
        actor=world.lead,
        now=NOW,
        project_id=project.id,
        vendor_ids=[vendor.id for vendor, _ in people],
        message="情報の提供をお願いします。",
        closes_at=CLOSES,
    )
    return world, project, people


def give_answer(session, actor, project, *, seen=0, now=NOW, entry=ENTRY, coverage=None):
    return answer_request(
        session,
        actor=actor,
        now=now,
        project_id=project.id,
        entry=entry,
        coverage=coverage or {"migration": "separate"},
        seen_version=seen,
    )


def test_the_lead_reads_at_once_and_members_after_the_deadline(database: Database):
    with database.transaction() as session:
        world, project, [(vendor, staff)] = make_asked(session)
        row = give_answer(session, staff, project)
        (answer,) = list_answers(session, project, 5)
        # 360 accounts together reach the second tier: 360 × 800 × 12.
        assert answer.quote is not None and answer.quote.annual_yen == 3_456_000
        assert row.annual_yen == 3_456_000
        assert row.residents == 52_310 + 17_845 + 8_021
        assert answer.scrutiny is not None and answer.scrutiny.place is Place.TOO_FEW
        (sent,) = list_requests(session, project.id)
        assert (sent.vendor_id, sent.answered_at) == (vendor.id, NOW)
        closing = find_last_closing(session, project.id)
        lead = find_standing(session, world.lead, project.id)
        member = find_standing(session, world.staff[world.bodies[0].code], project.id)
        seller = find_standing(session, staff, project.id)
        assert reads_answers(lead, closing, NOW)
        assert not reads_answers(member, closing, CLOSES)
        late = CLOSES + timedelta(seconds=1)
        assert reads_answers(member, closing, late)
        assert not reads_answers(seller, closing, late)
        told = session.scalars(select(Notice.title)).all()
        assert any("情報提供依頼への回答" in title for title in told)
        kept = " ".join(str(e.changes) for e in session.scalars(select(AuditEvent)))
        assert "3456000" not in kept and "1000" not in kept.replace("100000", "")


def test_an_answer_is_replaced_by_its_own_vendor_until_the_deadline(database: Database):
    with database.transaction() as session:
        _world, project, [(_, staff), (_, other)] = make_asked(session, vendors=2)
        row = give_answer(session, staff, project)
        with pytest.raises(Conflict):
            give_answer(session, staff, project)
        later = NOW + timedelta(minutes=1)
        give_answer(session, staff, project, seen=row.row_version, now=later)
        give_answer(session, other, project)
        assert len(session.scalars(select(RfiAnswer)).all()) == 2
        give_answer(session, staff, project, seen=2, now=CLOSES)
        with pytest.raises(Refused, match="を過ぎたため"):
            give_answer(session, staff, project, seen=3, now=CLOSES + timedelta(seconds=1))
        with pytest.raises(Refused, match="選び直して"):
            give_answer(session, staff, project, seen=3, coverage={"migration": "perhaps"})


def test_only_who_was_asked_answers(database: Database):
    with database.transaction() as session:
        world, project, _ = make_asked(session)
        stranger = make_vendor(session)
        organization = session.get_one(Organization, stranger.organization_id)
        with pytest.raises(NotFound):
            give_answer(session, make_actor(session, organization, Role.VENDOR_STAFF), project)
        with pytest.raises(NotFound):
            give_answer(session, world.lead, project)
        who = {"actor": world.lead, "now": NOW, "project_id": project.id, "message": "依頼"}
        with pytest.raises(Refused, match="選び直して"):  # it offers nothing of the kind
            request_information(session, vendor_ids=[stranger.id], closes_at=CLOSES, **who)
        with pytest.raises(Refused, match="これからの日"):
            request_information(session, vendor_ids=[], closes_at=NOW, **who)
        project.state = "solicitation"
        with pytest.raises(Refused, match="公告した後"):
            request_information(session, vendor_ids=[], closes_at=CLOSES, **who)


def test_five_answers_to_other_projects_make_a_comparison(sqlite_database: Database):
    with sqlite_database.transaction() as session:
        for _ in range(5):
            _world, other, [(_, staff)] = make_asked(session)
            give_answer(session, staff, other)
        _world, project, [(_, staff), (_, dear)] = make_asked(session, vendors=2)
        give_answer(session, staff, project)
        tenfold = PLAN | {"components": [PLAN["components"][0], _dearer(PLAN["components"][1])]}
        give_answer(session, dear, project, entry=PlanEntry(name="高", definition=tenfold))
        places = [row.scrutiny for row in list_answers(session, project, 5)]
        assert [each and (each.place, each.count) for each in places] == [
            (Place.WITHIN, 5),
            (Place.HIGH, 5),
        ]


def _dearer(component):
    tiers = [
        {**tier, "unit_price": str(int(tier["unit_price"]) * 10)} for tier in component["tiers"]
    ]
    return component | {"tiers": tiers}
