"""Two projects put together, a body split off, an end foreseen: on both databases."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from accounts.models import Organization
from foundation.audit import AuditEvent, verify
from foundation.db import Database
from foundation.errors import Conflict, NotFound, Refused
from foundation.mail import Notice
from procurement.domain.lifecycle import State, get_move
from procurement.ledger_models import Invoice
from procurement.models import Consent, Participation, Project, StateChange
from procurement.queries.merge_preview import get_merge_preview
from procurement.queries.reshaping import (
    get_end_page,
    list_candidates,
    list_merges,
    list_moving,
    list_told_names,
)
from procurement.requirement_models import Requirement, RequirementColumn
from procurement.services.ledger_money import record_receipt
from procurement.services.merging import agree_merge, ask_to_merge, decline_merge
from procurement.services.moves import list_told
from procurement.services.requirements import RequirementFields, add_requirement
from procurement.services.splitting import split_off
from procurement.services.terms import set_sharing_terms
from tests.harness.builders import NOW, make_system_type
from tests.harness.contracts import make_introduced_project
from tests.harness.ledger import bill, invoice_draft, make_collected_project
from tests.harness.projects import (
    APPROVED,
    JOIN_CLOSES,
    QUANTITIES,
    World,
    fix,
    give,
    join,
    make_project,
    make_world,
    move,
)


def codes(refused):
    return [blocker.code for blocker in refused.value.blockers]


def two(session, **changes) -> tuple[World, Project, World, Project]:
    """A project that would take, and another lead's whose bodies would come."""
    here, there = make_world(session), make_world(session)
    into = make_project(session, here, title="受け入れる案件")
    other = make_project(session, there, title="統合される案件", **changes)
    return here, into, there, other


def ask(session, here, into, other, now=NOW):
    return ask_to_merge(
        session,
        actor=here.lead,
        now=now,
        project_id=into.id,
        other_project_id=other.id,
        reason="同じ時期に同じ種別を調達するため",
    )


def answer(session, act, actor, other, row, now=NOW, seen=1):
    return act(
        session,
        actor=actor,
        now=now,
        project_id=other.id,
        merge_id=row.id,
        seen_version=seen,
    )


def status(session, project, body):
    return session.scalar(
        select(Participation.status).where(
            Participation.project_id == project.id, Participation.body_code == body.code
        )
    )


def told(session, actor):
    return [
        notice.title
        for notice in session.scalars(
            select(Notice).where(Notice.organization_id == actor.organization_id)
        )
    ]


def test_both_leads_agree_and_each_body_confirms(database: Database):
    with database.transaction() as session:
        here, into, there, other = two(session)
        assert [row.id for row in list_candidates(session, into)] == [other.id]
        row = ask(session, here, into, other)
        assert "「統合される案件」：案件の統合" in told(session, there.lead)
        with pytest.raises(Refused) as twice:
            ask(session, here, into, other)
        assert codes(twice) == ["open", "open"]
        assert [row.code for row in list_moving(session, other)] == [b.code for b in there.bodies]
        answer(session, agree_merge, there.lead, other, row)
        assert (into.state, other.state) == ("forming", "cancelled")
        assert [status(session, into, body) for body in there.bodies] == ["requested"] * 3
        assert [status(session, into, body) for body in here.bodies] == ["joined"] * 3
        for body in there.bodies:
            assert "「受け入れる案件」への統合" in told(session, there.manager(body))
            join(session, there, into, body, 10)
        assert status(session, into, there.bodies[0]) == "joined"
        history = session.execute(
            select(StateChange.project_id, StateChange.action, StateChange.reason).where(
                StateChange.action.in_(("merged_in", "merged_away"))
            )
        ).all()
        assert {tuple(each) for each in history} == {
            (other.id, "merged_away", "「受け入れる案件」に統合"),
            (into.id, "merged_in", "「統合される案件」から3団体"),
        }
        with pytest.raises(Conflict):
            answer(session, agree_merge, there.lead, other, row, seen=2)
        events = session.scalars(
            select(AuditEvent).where(AuditEvent.action == "merge_projects")
        ).all()
        moved = sorted(body.code for body in there.bodies)
        assert [
            (int(event.subject_id), event.changes["other_project"], event.changes["body_codes"])
            for event in events
        ] == [(into.id, other.id, moved), (other.id, into.id, moved)]
        assert verify(session).problems == ()


def test_the_asked_lead_sees_the_shares_before_and_after(database: Database):
    with database.transaction() as session:
        here, into, there, other = two(session)
        set_sharing_terms(
            session,
            actor=here.lead,
            now=NOW,
            project_id=into.id,
            wanted={"rules": {"initial": "equal", "recurring": "quantity"}},
            seen_version=into.row_version,
        )
        page = get_merge_preview(session, other, into)
        assert page.why == ""
        # By hand: 6 bodies, 720 accounts × 800 yen × 24 months, 10 % tax; set-up 100,000 each.
        quantities = dict(zip([body.code for body in there.bodies], QUANTITIES, strict=True))
        for row in page.rows:
            usage = quantities[row.code] * 880 * 24
            assert row.after_yen == 110_000 + usage
            assert row.before_yen != row.after_yen
            assert row.change_yen == row.after_yen - row.before_yen
        # Theirs are a sum: 360 accounts at the same unit price before as after.
        assert page.others.before_yen == page.others.after_yen == 330_000 + 360 * 880 * 24
        other.main_unit = "resident"
        session.flush()
        unknown = get_merge_preview(session, other, into)
        assert {row.after_yen for row in unknown.rows} == {None}
        assert "単位が違う" in unknown.why


def test_the_other_lead_may_say_no_or_nothing(database: Database):
    with database.transaction() as session:
        here, into, there, other = two(session)
        row = ask(session, here, into, other)
        with pytest.raises(NotFound):
            answer(session, decline_merge, here.lead, into, row)
        with pytest.raises(Refused) as stranger:
            answer(session, agree_merge, here.lead, other, row)
        assert codes(stranger) == ["not_lead"]
        answer(session, decline_merge, there.lead, other, row)
        assert [each.status for each in list_merges(session, into.id)] == ["declined"]
        second = ask(session, here, into, other)
        late = NOW + timedelta(days=15)
        with pytest.raises(Refused) as too_late:
            answer(session, agree_merge, there.lead, other, second, now=late)
        assert "too_late" in codes(too_late)
        assert (into.state, other.state) == ("forming", "forming")
        # Who never answered stands in nobody's way.
        into.join_closes_at = other.join_closes_at = JOIN_CLOSES + timedelta(days=30)
        ask(session, here, into, other, now=late)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"system_type_code": "document_management"}, "system_type"),
        ({"fictional": False}, "mixed_kinds"),
        ({"state": "agreement"}, "after_agreement"),
    ],
)
def test_only_alike_and_before_agreement(sqlite_database: Database, change, code):
    with sqlite_database.transaction() as session:
        make_system_type(session, "document_management")
        here, into, _there, other = two(session)
        for name, value in change.items():
            setattr(other, name, value)
        session.flush()
        assert list_candidates(session, into) == ()
        with pytest.raises(Refused) as refused:
            ask(session, here, into, other)
        assert codes(refused) == [code]


def test_a_draft_is_no_candidate_and_not_told_from_nothing(sqlite_database: Database):
    with sqlite_database.transaction() as session:
        here, into, _there, other = two(session)
        other.state = "intention_survey"
        session.flush()
        answers = []
        for id_ in (other.id, 987_654):
            with pytest.raises(Refused) as refused:
                ask_to_merge(
                    session,
                    actor=here.lead,
                    now=NOW,
                    project_id=into.id,
                    other_project_id=id_,
                    reason="統合",
                )
            answers.append(refused.value.blockers)
        assert answers[0] == answers[1]


def split(session, world, project, body, **changes):
    values = {
        "title": "自団体の案件",
        "reason": "時期が合わないため",
        "approval_date": APPROVED,
        "approval_number": "第9号",
    }
    return split_off(
        session, actor=world.manager(body), now=NOW, project_id=project.id, **(values | changes)
    )


def test_a_body_splits_off_with_what_it_needs(database: Database):
    with database.transaction() as session:
        world = make_world(session)
        project = make_project(session, world)
        body = world.bodies[0]
        lines = [
            add_requirement(
                session,
                actor=world.lead,
                now=NOW,
                project_id=project.id,
                wanted=RequirementFields(text=text),
            ).id
            for text in ("LGWANから使える", "予備機がある", "夜間の窓口")
        ]
        session.add(
            RequirementColumn(
                project_id=project.id,
                body_code=body.code,
                wishes={
                    str(lines[0]): "must",
                    str(lines[1]): "not_needed",
                    str(lines[2]): "wanted",
                },
                answered_by="",
                answered_at=NOW,
            )
        )
        session.flush()
        new = split(session, world, project, body)
        assert (new.state, new.lead_organization_id) == (
            "intention_survey",
            world.manager(body).organization_id,
        )
        assert status(session, project, body) == "left"
        own = session.query(Participation).filter_by(project_id=new.id).one()
        assert (own.body_code, own.status, own.quantities) == (
            body.code,
            "interested",
            {"account": 200},
        )
        kept = session.execute(
            select(Requirement.text, Requirement.settled)
            .where(Requirement.project_id == new.id)
            .order_by(Requirement.id)
        ).all()
        assert [tuple(row) for row in kept] == [
            ("LGWANから使える", "must"),
            ("夜間の窓口", "wanted"),
        ]
        assert new.sharing_terms == {}
        change = session.query(StateChange).filter_by(action="split_off").one()
        assert (change.project_id, body.name in change.reason) == (project.id, False)
        assert any("離脱しました" in title for title in told(session, world.lead))
        with pytest.raises(Refused) as again:
            split(session, world, project, body)
        assert codes(again) == ["not_joined"]


def test_who_may_not_split_off(sqlite_database: Database):
    with sqlite_database.transaction() as session:
        world = make_world(session)
        project = make_project(session, world)
        first, second, _ = world.bodies
        with pytest.raises(Refused) as untitled:
            split(session, world, project, first, title=" ", reason="")
        assert codes(untitled) == ["title", "reason"]
        own = session.get_one(Organization, world.manager(second).organization_id)
        project.lead_organization_id = own.id
        session.flush()
        with pytest.raises(Refused) as leading:
            split(session, world, project, second)
        assert codes(leading) == ["leads"]
        introduced = make_introduced_project(session, world)
        with pytest.raises(Refused) as bound:
            split(session, world, introduced, first)
        assert codes(bound) == ["by_terms"]


def test_an_end_is_foreseen_body_by_body(database: Database):
    with database.transaction() as session:
        world = make_world(session)
        agreed = make_project(session, world)
        move(session, world.lead, agreed, "start_agreement")
        fix(session, world, agreed)
        give(session, world, agreed, world.bodies[0])
        end = get_end_page(session, agreed)
        assert (end.consents, end.contracts, end.open_yen) == (1, 0, 0)
        assert sorted(row.after for row in end.rows) == [
            "参加は終わります。負担は生じません。",
            "参加は終わります。負担は生じません。",
            "同意は効力を失います。負担は生じません。",
        ]
        introduced = make_introduced_project(session, world)
        end = get_end_page(session, introduced)
        assert (end.contracts, {row.contract_yen for row in end.rows}) == (4, {1_000_000})
        assert all("契約は残ります" in row.after for row in end.rows)
        move(session, world.lead, agreed, "cancel", reason="予算が付かなかったため")
        assert session.query(Consent).filter_by(status="given").count() > 0


def test_who_is_named_is_who_is_told(sqlite_database: Database):
    """The preview's names are those of the move itself, but for bidders."""
    with sqlite_database.transaction() as session:
        world = make_world(session)
        project = make_project(session, world, joined=2)
        move_ = get_move(State(project.state), "cancel")
        told_ = list_told(session, project, move_, world.lead)
        names = {session.get_one(Organization, id_).name for id_ in told_}
        own = world.lead.organization_id or 0
        assert set(list_told_names(session, project.id, own)) == names
        assert len(names) == 2
        assert move_.guards == ()


def test_what_was_owed_is_still_settled_after_an_end(database: Database):
    """The lead books what comes in for what was invoiced before; nobody is invoiced by mistake."""
    with database.transaction() as session:
        world = make_world(session)
        project, _, _ = make_collected_project(session, world)
        entry = bill(session, world.lead, project, invoice_draft())
        end = get_end_page(session, project)
        assert (end.open_yen, end.unpaid_yen) == (entry.amount_yen, entry.amount_yen)
        assert {row.after for row in end.rows} == {
            "事務委託の規約は残ります。解約・変更は、事務委託の規約に従って団体と幹事団体が行います。"
            "ここには新しく記録できません。"
        }
        move(session, world.lead, project, "cancel", reason="事業の見直しのため")
        line = session.scalars(select(Invoice).where(Invoice.project_id == project.id)).first()
        record_receipt(
            session,
            actor=world.lead,
            now=NOW,
            project_id=project.id,
            invoice_id=line.id,
            amount_yen=line.amount_yen,
            received_on=entry.invoiced_on,
            note="",
            seen_yen=0,
        )
        left = entry.amount_yen - line.amount_yen
        assert get_end_page(session, project).open_yen == left
