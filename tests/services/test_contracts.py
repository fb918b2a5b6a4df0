"""From the award to the introduction by every contract model, through the real services."""

from dataclasses import replace
from datetime import date

import pytest
from sqlalchemy import select

from foundation.audit import AuditEvent
from foundation.db import Database
from foundation.errors import Conflict, NotFound, Refused
from foundation.mail import Notice
from procurement.contract_models import Contract
from procurement.domain.contracts import Membership
from procurement.models import Participation
from procurement.queries.contracts import list_contracts, list_readable
from procurement.queries.standing import find_standing
from procurement.services.contract_partners import (
    choose_vendor,
    give_requote,
    record_qualification,
    refuse_contract,
)
from tests.harness.builders import NOW, make_vendor
from tests.harness.contracts import (
    APPROVAL,
    AWARDED_YEN,
    DRAFT,
    WITHOUT_AMOUNT,
    certify,
    make_contracting_project,
    qualify,
    requote,
    requote_all,
    sign_all,
    sign_for,
)
from tests.harness.ledger import TERM_START, bill, invoice_draft
from tests.harness.projects import make_world, move
from tests.harness.tender import make_bidder

SHARE = AWARDED_YEN // 3


def scene(session, model):
    world = make_world(session)
    project, vendor, manager = make_contracting_project(session, world, model)
    for actor in (world.lead, *world.managers.values()):
        qualify(session, actor, project)
    return world, project, vendor, manager


def codes(refused):
    return [blocker.code for blocker in refused.value.blockers]


def parties(session, project):
    return [
        (row.kind.value, row.body_code, row.vendor_name)
        for row in list_contracts(session, project.id)
    ]


def status(session, project, body):
    return session.scalar(
        select(Participation.status).where(
            Participation.project_id == project.id, Participation.body_code == body.code
        )
    )


def test_basic_contract_then_one_per_body_of_the_wave(database: Database):
    """おうみ: the basic contract by the lead, individual ones by each body, Σ ≤ award."""
    with database.transaction() as session:
        world, project, vendor, _ = scene(session, "basic_and_individual")
        first, second, third = world.bodies
        with pytest.raises(Refused) as early:
            sign_for(session, world, project, first)
        assert codes(early) == ["overall_first"]
        sign_all(session, world, project, WITHOUT_AMOUNT)
        with pytest.raises(Refused) as unfinished:
            move(session, world.lead, project, "start_introduction")
        assert codes(unfinished) == ["contracts"]
        for body in (first, second):
            sign_for(session, world, project, body, replace(DRAFT, amount_yen=SHARE))
        with pytest.raises(Refused) as above:
            sign_for(session, world, project, third, replace(DRAFT, amount_yen=SHARE + 1))
        assert codes(above) == ["over_award"]
        sign_for(session, world, project, third, replace(DRAFT, amount_yen=SHARE))
        assert parties(session, project) == [
            ("basic", "", vendor.name),
            *[("individual", body.code, vendor.name) for body in (first, second, third)],
        ]
        assert status(session, project, third) == "contracted"
        move(session, world.lead, project, "start_introduction")
        assert project.state == "introduction"


def test_a_refusal_after_the_requote_leaves_the_others_their_prices(database: Database):
    """群馬: one body says no; the others keep version, consent and price."""
    with database.transaction() as session:
        world, project, _, manager = scene(session, "selection_and_requote")
        first, second, third = world.bodies
        requote_all(session, manager, world, project)
        with pytest.raises(Refused) as above:
            sign_for(session, world, project, first, replace(DRAFT, amount_yen=2_000_001))
        assert codes(above) == ["over_requote"]
        sign_for(session, world, project, first, replace(DRAFT, amount_yen=2_000_000))
        refuse_contract(
            session,
            actor=world.manager(third),
            now=NOW,
            project_id=project.id,
            body_code=third.code,
            reason="予算を超えるため",
            approval=APPROVAL,
        )
        sign_for(session, world, project, second, replace(DRAFT, amount_yen=2_000_000))
        assert [code for _, code, _ in parties(session, project)] == [first.code, second.code]
        assert status(session, project, third) == "left"
        with pytest.raises(Refused) as gone:
            sign_for(session, world, project, third)
        assert codes(gone) == ["refused"]
        move(session, world.lead, project, "start_introduction")


def test_the_delegate_contracts_after_the_last_vote(database: Database):
    """鳥取: rules with vote dates first, then one contract in the delegate's name."""
    with database.transaction() as session:
        world, project, vendor, _ = scene(session, "delegation")
        rules = replace(WITHOUT_AMOUNT, starts_on=None, ends_on=None)
        votes = (date(2026, 9, 30), date(2026, 10, 5), date(2026, 11, 10))
        for body, vote in list(zip(world.bodies, votes, strict=True))[:2]:
            sign_for(session, world, project, body, replace(rules, vote_on=vote))
        whole = replace(DRAFT, amount_yen=AWARDED_YEN)
        with pytest.raises(Refused) as missing:
            sign_all(session, world, project, whole)
        assert codes(missing) == ["votes_missing"]
        last = world.bodies[2]
        sign_for(session, world, project, last, replace(rules, vote_on=votes[2]))
        with pytest.raises(Refused) as early:
            sign_all(session, world, project, replace(whole, signed_on=date(2026, 11, 9)))
        assert codes(early) == ["before_vote"]
        sign_all(session, world, project, replace(whole, signed_on=date(2026, 11, 10)))
        assert [row for row in parties(session, project) if row[2]] == [
            ("representative", "", vendor.name)
        ]
        move(session, world.lead, project, "start_introduction")


def test_members_of_the_association_and_others_are_charged_differently(database: Database):
    with database.transaction() as session:
        world, project, vendor, _ = scene(session, "intermediary")
        sign_all(session, world, project, replace(DRAFT, amount_yen=AWARDED_YEN))
        charge = replace(DRAFT, number="", starts_on=None, ends_on=None)
        member, *others = world.bodies
        sign_for(session, world, project, member, replace(charge, membership=Membership.MEMBER))
        for body in others:
            other = replace(charge, membership=Membership.OTHER)
            with pytest.raises(Refused) as unnumbered:
                sign_for(session, world, project, body, other)
            assert codes(unnumbered) == ["agreement_number"]
            sign_for(session, world, project, body, replace(other, number="協定第1号"))
        rows = list_contracts(session, project.id)
        assert [row.membership for row in rows] == ["", "member", "other", "other"]
        assert [row.vendor_name for row in rows] == [vendor.name, "", "", ""]
        move(session, world.lead, project, "start_introduction")


def test_cities_contract_in_operation_with_a_recommended_product(database: Database):
    """福岡: certification with its term and no amount; contracts are added in operation."""
    with database.transaction() as session:
        world, project, vendor, _ = scene(session, "recommended_product")
        body = world.bodies[0]
        product = certify(session, world, project, vendor, "架空チャット")
        chosen = replace(DRAFT, certification_id=product.id)
        with pytest.raises(Refused) as early:
            sign_for(session, world, project, body, chosen)
        assert codes(early) == ["not_in_operation"]
        move(session, world.lead, project, "start_introduction")
        move(session, world.lead, project, "start_operation")
        above = replace(chosen, amount_yen=AWARDED_YEN + 1)
        sign_for(session, world, project, body, above)
        assert status(session, project, body) == "contracted"
        bill(session, world.manager(body), project, invoice_draft(TERM_START))
        with pytest.raises(Refused) as uncontracted:
            bill(session, world.manager(world.bodies[1]), project, invoice_draft(TERM_START), 1)
        assert codes(uncontracted) == ["not_own"]


def test_a_signed_contract_is_never_changed_and_signed_once(database: Database):
    with database.transaction() as session:
        world, project, _, _ = scene(session, "basic_and_individual")
        contract_id = sign_all(session, world, project, WITHOUT_AMOUNT).id
        with pytest.raises(Refused) as twice:
            sign_all(session, world, project, WITHOUT_AMOUNT)
        assert codes(twice) == ["signed"]
        for action in ("fail_to_solicitation", "turn_to_runner_up"):
            with pytest.raises(Refused) as bound:
                move(session, world.lead, project, action, reason="やり直すため")
            assert "vendor_is_bound" in codes(bound) or "wrong_method" in codes(bound)
    with pytest.raises(Exception, match="append-only"), database.transaction() as session:
        session.get_one(Contract, contract_id).number = "別の番号"


def test_only_those_who_may_sign_do(sqlite_database: Database):
    with sqlite_database.transaction() as session:
        world, project, _, manager = scene(session, "basic_and_individual")
        first, second, _ = world.bodies
        sign_all(session, world, project, WITHOUT_AMOUNT)
        for actor in (world.staff[first.code], world.manager(second), world.lead):
            stranger = replace_manager(world, first, actor)
            with pytest.raises(Refused) as refused:
                sign_for(session, stranger, project, first)
            assert codes(refused) == ["not_manager"]
        _, rival = make_bidder(session, "架空他社株式会社")
        with pytest.raises(NotFound):
            requote(session, rival, project, first, 1)
        with pytest.raises(Refused) as no_model:
            requote(session, manager, project, first, 1)
        assert codes(no_model) == ["no_requote_model"]


def replace_manager(world, body, actor):
    return replace(world, managers=world.managers | {body.code: actor})


def test_the_second_of_two_sees_what_the_first_did(sqlite_database: Database):
    with sqlite_database.transaction() as session:
        world, project, vendor, manager = scene(session, "selection_and_requote")
        given = {"now": NOW, "project_id": project.id}
        with pytest.raises(Conflict):
            choose_vendor(
                session,
                actor=world.lead,
                vendor_id=vendor.id,
                price_yen=1,
                quotes_taken=1,
                reason="同時",
                seen_number=0,
                **given,
            )
        body = world.bodies[0]
        quote = {"actor": manager, "body_code": body.code, "amount_yen": 5, "note": ""}
        give_requote(session, seen_number=0, **quote, **given)
        with pytest.raises(Conflict):
            give_requote(session, seen_number=0, **quote, **given)
        with pytest.raises(Conflict):
            record_qualification(
                session,
                actor=world.lead,
                number="B",
                valid_until=date(2029, 1, 1),
                seen_version=0,
                **given,
            )


def test_real_and_made_up_are_never_mixed_in_a_contract(sqlite_database: Database):
    with sqlite_database.transaction() as session:
        world, project, _, _ = scene(session, "basic_and_individual")
        with pytest.raises(Refused) as mixed:
            choose_vendor(
                session,
                actor=world.lead,
                now=NOW,
                project_id=project.id,
                vendor_id=make_vendor(session, fictional=False).id,
                price_yen=1,
                quotes_taken=1,
                reason="実在の事業者",
                seen_number=1,
            )
        assert codes(mixed) == ["vendor"]


def test_amounts_are_for_the_parties_until_contracting_is_over(sqlite_database: Database):
    with sqlite_database.transaction() as session:
        world, project, vendor, manager = scene(session, "basic_and_individual")
        sign_all(session, world, project, WITHOUT_AMOUNT)
        for body in world.bodies:
            sign_for(session, world, project, body, replace(DRAFT, amount_yen=7_654_321))

        def read(actor, vendor_id=None):
            rows = list_contracts(session, project.id)
            standing = find_standing(session, actor, project.id)
            return list_readable(rows, project, standing, vendor_id)

        _, rival = make_bidder(session, "架空他社株式会社")
        own = world.manager(world.bodies[0])
        assert [row.body_code for row in read(own)] == ["", world.bodies[0].code]
        assert [row.clause != "" for row in read(own)] == [False, True]
        assert len(read(world.lead)) == len(read(manager, vendor.id)) == 4
        assert [row.clause for row in read(manager, vendor.id)] == [""] * 4
        assert read(rival) == ()
        move(session, world.lead, project, "start_introduction")
        assert [row.amount_yen for row in read(rival)] == [None, *[7_654_321] * 3]
        assert {row.clause + row.guarantee_note + row.approval_number for row in read(rival)} == {
            ""
        }
        written = [str(event.changes) for event in session.scalars(select(AuditEvent))]
        written += [notice.body for notice in session.scalars(select(Notice))]
        assert not [text for text in written if "7654321" in text or "7,654,321" in text]
