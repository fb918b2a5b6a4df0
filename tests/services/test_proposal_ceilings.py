"""提案上限額: fixed with the notice, per body and cost kind; above one a proposal is out (§3)."""

from dataclasses import replace

import pytest
from sqlalchemy import select

from accounts.models import User
from foundation.audit import AuditEvent
from foundation.db import Database
from foundation.errors import Refused
from procurement.domain.ceilings import CostKind, key_of
from procurement.models import ProposalCeiling
from procurement.queries.ceilings import list_measures
from procurement.queries.judging import get_judging_page
from procurement.queries.project_page import get_project_head, list_ceilings
from procurement.services.judging import declare_no_conflict, hand_in_scores, invite_judge
from procurement.services.notice import set_notice
from procurement.services.proposal_ceilings import CeilingDraft
from procurement.services.proposals import hand_in
from tests.harness.builders import NOW
from tests.harness.projects import agree, make_project, make_world, move
from tests.harness.tender import (
    AFTER_CLOSING,
    CONTENT,
    NOTICE,
    make_bidder,
    make_judge,
    open_for_evaluation,
)

MONTHLY, SETUP = CostKind.MONTHLY, CostKind.INITIAL_SETUP


def drafted(session, world, **changes):
    """A project before its notice, and a way to save it."""
    project = make_project(
        session,
        world,
        procurement_method="open_proposal",
        procurement_method_reason="企画の内容で比べるため",
    )
    agree(session, world, project, world.bodies)
    save(session, world, project, 0, **changes)
    return project


def save(session, world, project, seen, **changes):
    return set_notice(
        session,
        actor=world.lead,
        now=NOW,
        project_id=project.id,
        wanted=replace(NOTICE, **changes),
        seen_version=seen,
    )


def ceilings(world, yen=105_600, kind=MONTHLY):
    return tuple(CeilingDraft(body_code=b.code, kind=kind, amount_yen=yen) for b in world.bodies)


def codes(refused):
    return [(each.code, each.field) for each in refused.value.blockers]


def test_only_the_lead_reads_them_before_the_notice_and_everybody_after(database: Database):
    with database.transaction() as session:
        world = make_world(session)
        project = drafted(session, world, ceilings=ceilings(world))
        member, lead = world.manager(world.bodies[0]), world.lead
        assert list_ceilings(session, get_project_head(session, member, project.id)) == ()
        rows = list_ceilings(session, get_project_head(session, lead, project.id))
        assert [row.amount_yen for row in rows] == [105_600] * 3
        drafted_events = session.scalars(
            select(AuditEvent.changes).where(AuditEvent.action == "set_notice")
        )
        assert all("105600" not in str(changes) for changes in drafted_events)
        move(session, lead, project, "publish_notice")
        rows = list_ceilings(session, get_project_head(session, member, project.id))
        assert {(row.body_code, row.cost_kind) for row in rows} == {
            (body.code, "monthly") for body in world.bodies
        }
        told = [str(changes) for changes in session.scalars(select(AuditEvent.changes))]
        assert any(f"'{key_of(world.bodies[0].code, 'monthly')}': 105600" in each for each in told)


def test_saving_again_replaces_them_and_keeps_the_source_of_what_stayed(sqlite_database: Database):
    with sqlite_database.transaction() as session:
        world = make_world(session)
        project = drafted(session, world, ceilings=ceilings(world))
        first = session.scalars(select(ProposalCeiling).order_by(ProposalCeiling.id)).first()
        first.source_url, code = "https://example.jp/kokuji", first.body_code
        session.flush()
        changed = (*ceilings(world)[:1], *ceilings(world, 90_000)[1:2])
        save(session, world, project, 1, ceilings=changed)
        kept = {
            row.body_code: (row.amount_yen, row.source_url)
            for row in session.scalars(select(ProposalCeiling))
        }
        assert kept == {
            code: (105_600, "https://example.jp/kokuji"),
            world.bodies[1].code: (90_000, ""),
        }


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"body_code": "131016"}, "この案件にない団体のコードです：131016"),
        ({"amount_yen": 0}, "1円以上1兆円以下"),
        ({}, "同じ団体・費目の行が2つあります"),
    ],
)
def test_what_cannot_be_a_ceiling_is_refused_beside_its_field(sqlite_database, change, said):
    with sqlite_database.transaction() as session:
        world = make_world(session)
        wrong = replace(ceilings(world)[0], **change)
        with pytest.raises(Refused, match=said) as refused:
            drafted(session, world, ceilings=(ceilings(world)[0], wrong))
        assert set(codes(refused)) == {("ceilings", "ceilings")}


def noticed(session, world, *ceiling, **changes):
    project = drafted(session, world, ceilings=ceiling, **changes)
    move(session, world.lead, project, "publish_notice")
    return project


def test_a_proposal_names_its_amount_of_every_ceiling_and_of_nothing_else(database: Database):
    with database.transaction() as session:
        world = make_world(session)
        project = noticed(session, world, *ceilings(world))
        _, manager = make_bidder(session)
        keys = [key_of(body.code, MONTHLY.value) for body in world.bodies]

        def propose(offered):
            given = {"actor": manager, "now": NOW, "project_id": project.id}
            return hand_in(session, content=replace(CONTENT, offered=offered), **given)

        with pytest.raises(Refused, match=f"{world.bodies[0].name}・月額") as refused:
            propose({})
        assert codes(refused) == [("offer_missing", "offered")]
        whole = dict.fromkeys(keys, 96_000)
        with pytest.raises(Refused, match="提案上限額のない") as refused:
            propose(whole | {key_of(world.bodies[0].code, SETUP.value): 1})
        assert codes(refused) == [("offer_unknown", "offered")]
        assert propose(whole).content["offered"] == whole


@pytest.mark.parametrize(
    ("tax_included", "yen", "stays"),
    [(True, 96_000, True), (True, 96_001, False), (False, 105_600, True), (False, 105_601, False)],
)
def test_one_yen_above_one_ceiling_of_one_body_is_out(
    sqlite_database: Database, tax_included: bool, yen: int, stays: bool
):
    """105,600 with tax is 96,000 before it; without tax it is compared as it stands."""
    with sqlite_database.transaction() as session:
        world = make_world(session)
        lines = (*ceilings(world), CeilingDraft(
            body_code=world.bodies[0].code, kind=SETUP, amount_yen=1_000))  # fmt: skip
        project = noticed(session, world, *lines, ceilings_tax_included=tax_included)
        offered = {each.key: 1 for each in list_measures(session, project.id)}
        last = key_of(world.bodies[2].code, MONTHLY.value)
        contents = [
            replace(CONTENT, price_yen=9_000_000, offered=offered),
            replace(CONTENT, price_yen=1_000_000, offered=offered | {last: yen}),
        ]
        bidders = open_for_evaluation(session, world, project, contents)
        judge(session, world, project, bidders)
        sheet = get_judging_page(session, project).sheet
        lines = {line.bidder: line for line in sheet.lines}
        low = lines[str(bidders[1][0].id)]
        assert (low.status == "ranked") is stays
        if not stays:
            (reason,) = low.reasons
            assert f"{world.bodies[2].name}・月額" in reason and "提案上限額 105,600円" in reason
            # Out before the prices: it is not the lowest, the other has all the points.
            assert lines[str(bidders[0][0].id)].price_points == 300


def judge(session, world, project, bidders):
    person = make_judge(session)
    user = session.get_one(User, person.user_id)
    given = {"now": AFTER_CLOSING, "project_id": project.id}
    invite_judge(session, actor=world.lead, email=user.email, **given)
    declare_no_conflict(session, actor=person, **given)
    points = {"実施体制": "300", "使いやすさ": "400"}
    scores = {str(vendor.id): points for vendor, _ in bidders}
    hand_in_scores(session, actor=person, given=scores, **given)
