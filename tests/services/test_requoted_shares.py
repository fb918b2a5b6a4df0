"""群馬: the final shares are each body's own re-quote; who refuses leaves the others alone (§3)."""

from dataclasses import replace
from datetime import timedelta

import pytest

from foundation.db import Database
from foundation.errors import Refused
from foundation.money import with_tax
from procurement.domain.terms import SharingTerms
from procurement.queries.consents import find_latest_version, lines_by_year, list_consents
from procurement.queries.ledger_facts import find_agreed
from procurement.queries.sharing_page import get_sharing_page
from procurement.queries.standing import find_standing
from procurement.services import consents
from procurement.services.contract_partners import give_requote, refuse_contract
from tests.harness.builders import NOW
from tests.harness.contracts import (
    APPROVAL,
    DRAFT,
    make_contracting_project,
    qualify,
    requote,
    sign_for,
)
from tests.harness.projects import CONSENT_CLOSES, fix, give, make_world, move

LOW_YEN, HIGH_YEN = 300_000, 90_000_000
LATER = CONSENT_CLOSES + timedelta(days=40)


def scene(session, *amounts_yen):
    """A project of 群馬's model with a re-quote for the first bodies, in their order."""
    world = make_world(session)
    project, _, manager = make_contracting_project(session, world, "selection_and_requote")
    for body, yen in zip(world.bodies, amounts_yen, strict=False):
        requote(session, manager, project, body, yen)
        qualify(session, world.manager(body), project)
    return world, project, manager


def codes(refused):
    return [blocker.code for blocker in refused.value.blockers]


def page_of(session, project, actor):
    return get_sharing_page(session, project, find_standing(session, actor, project.id), None)


def statuses(session, project):
    version = find_latest_version(session, project.id)
    return {row.code: row.status.value for row in list_consents(session, version.id)}


def sign(session, world, project, body, yen):
    sign_for(session, world, project, body, replace(DRAFT, amount_yen=yen))


def totals(session, version):
    lines = lines_by_year(session, version.id)
    return {code: sum(years.values()) for code, years in lines.items()}


def test_all_are_quoted_to_before_anybody_signs(database: Database):
    with database.transaction() as session:
        world, project, manager = scene(session, LOW_YEN, LOW_YEN)
        third = world.bodies[2]
        (blocker,) = page_of(session, project, world.lead).previews.blockers
        assert blocker.code == "requotes_missing" and third.name in blocker.message
        with pytest.raises(Refused) as early:
            sign(session, world, project, world.bodies[0], LOW_YEN)
        assert codes(early) == ["final_version"]
        with pytest.raises(Refused) as unquoted:
            sign(session, world, project, third, LOW_YEN)
        assert "no_requote" in codes(unquoted)
        requote(session, manager, project, third, LOW_YEN)
        assert page_of(session, project, world.lead).chosen.preview is not None


def test_only_the_lead_reads_the_requotes_together_before_they_are_fixed(database: Database):
    with database.transaction() as session:
        world, project, _ = scene(session, LOW_YEN, LOW_YEN + 10, HIGH_YEN)
        by_lead = page_of(session, project, world.lead)
        assert [row.above for row in by_lead.final.rows] == [False, False, True]
        member = world.manager(world.bodies[0])
        hidden = page_of(session, project, member)
        assert hidden.final is None and hidden.chosen is None
        assert [each.code for each in hidden.previews.blockers] == ["requotes_hidden"]
        fix(session, world, project)
        assert set(page_of(session, project, member).version.by_year) == {
            body.code for body in world.bodies
        }


def test_each_share_is_its_requote_and_only_who_is_above_is_asked(database: Database):
    with database.transaction() as session:
        world, project, _ = scene(session, LOW_YEN, LOW_YEN + 10, HIGH_YEN)
        first, second, third = world.bodies
        version = fix(session, world, project)
        assert version.basis == "requotes"
        carried = {first.code: "carried", second.code: "carried"}
        assert statuses(session, project) == carried | {third.code: "asked"}
        paid = totals(session, version)
        tax = SharingTerms.from_dict(version.terms).tax_rate
        for body, yen in zip(world.bodies, (LOW_YEN, LOW_YEN + 10, HIGH_YEN), strict=True):
            exact = with_tax(yen, tax)
            bills = version.terms["term_months"] + 1
            assert exact - bills < paid[body.code] <= exact  # each invoice is floored once
        assert sum(paid.values()) == version.result["total_yen"]
        agreed = find_agreed(session, project.id, project.term_start)
        assert agreed.agreed.costs.to_dict() == version.inputs["costs"]
        sign(session, world, project, first, LOW_YEN)
        with pytest.raises(Refused) as silent:
            sign(session, world, project, third, HIGH_YEN)
        assert codes(silent) == ["consent_missing"]
        give(session, world, project, third)
        sign(session, world, project, third, HIGH_YEN)
        sign(session, world, project, second, LOW_YEN + 10)
        move(session, world.lead, project, "start_introduction")


def test_a_refusing_body_goes_and_the_others_keep_version_and_price(database: Database):
    with database.transaction() as session:
        world, project, _ = scene(session, LOW_YEN, LOW_YEN + 10, HIGH_YEN)
        first, second, third = world.bodies
        version = fix(session, world, project)
        before = totals(session, version)
        refuse_contract(
            session,
            actor=world.manager(third),
            now=NOW,
            project_id=project.id,
            body_code=third.code,
            reason="予算を超えるため",
            approval=APPROVAL,
        )
        sign(session, world, project, first, LOW_YEN)
        sign(session, world, project, second, LOW_YEN + 10)
        assert find_latest_version(session, project.id).id == version.id
        assert totals(session, version) == before
        move(session, world.lead, project, "start_introduction")


def test_a_newer_requote_makes_the_next_version_due(database: Database):
    with database.transaction() as session:
        world, project, manager = scene(session, LOW_YEN, LOW_YEN, LOW_YEN)
        first, second, _ = world.bodies
        before = totals(session, fix(session, world, project))
        sign(session, world, project, first, LOW_YEN)
        give_requote(
            session,
            actor=manager,
            now=NOW,
            project_id=project.id,
            body_code=second.code,
            amount_yen=LOW_YEN - 100_000,
            note="",
            seen_number=1,
        )
        with pytest.raises(Refused) as older:
            sign(session, world, project, second, LOW_YEN - 100_000)
        assert codes(older) == ["final_version"]
        after = totals(session, fix(session, world, project))
        changed = {code for code in after if after[code] != before[code]}
        assert changed == {second.code}
        assert set(statuses(session, project).values()) == {"carried"}
        sign(session, world, project, second, LOW_YEN - 100_000)


def test_a_silent_body_lapses_and_the_next_version_is_for_the_rest(database: Database):
    with database.transaction() as session:
        world, project, _ = scene(session, LOW_YEN, LOW_YEN, HIGH_YEN)
        third = world.bodies[2]
        before = totals(session, fix(session, world, project))
        given = {"actor": world.lead, "project_id": project.id, "body_code": third.code}
        for day in (1, 2):
            consents.remind(session, now=NOW + timedelta(days=day), **given)
        consents.lapse_consent(session, now=CONSENT_CLOSES + timedelta(seconds=1), **given)
        after = totals(session, fix(session, world, project, LATER))
        assert after == {code: yen for code, yen in before.items() if code != third.code}
        assert set(statuses(session, project).values()) == {"carried"}
