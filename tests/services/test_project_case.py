"""A project's case: there from its contracts on, filled in without typing, kept up to date."""

from datetime import timedelta
from decimal import Decimal

import pytest
from sqlalchemy import select

from accounts.roles import Actor
from catalog.case_drafting.becoming import list_draft_faults
from catalog.case_drafting.contents import sha256_of
from catalog.case_drafting.models import CaseDraft
from catalog.case_drafting.services import save_case, submit_case
from foundation.audit import AuditEvent
from foundation.clock import jst_today
from foundation.errors import Refused
from procurement.cost_models import ProjectCase
from procurement.domain.states import State
from procurement.models import Project
from procurement.services import project_case
from procurement.services.benefits import EffectFields, save_effect
from procurement.services.introduction import write_know_how
from tests.harness.builders import NOW
from tests.harness.contracts import (
    DRAFT,
    WITHOUT_AMOUNT,
    make_contracting_project,
    qualify,
    sign_all,
    sign_for,
)
from tests.harness.projects import make_project, make_world, move

project_case.register()


def draft_of(session, project):
    row = session.get_one(ProjectCase, project.id)
    return session.get_one(CaseDraft, row.draft_id, populate_existing=True)


def introduce(session, world, project):
    sign_all(session, world, project, WITHOUT_AMOUNT)
    for body in world.bodies:
        qualify(session, world.manager(body), project)
        sign_for(session, world, project, body, DRAFT)
    move(session, world.lead, project, "start_introduction")


def test_entering_the_contracts_begins_the_case_from_the_project(database):
    with database.transaction() as session:
        world = make_world(session)
        early = make_project(session, world, joined=2)
        project, _, _ = make_contracting_project(session, world, "basic_and_individual")
        assert session.get(ProjectCase, early.id) is None
        draft = draft_of(session, project)
        content = draft.content
        assert draft.organization_id == project.lead_organization_id
        assert (content["title"], content["status"]) == (project.title, "selected")
        assert content["participants"] == sorted(body.code for body in world.bodies)
        assert content["participant_count"] == len(world.bodies)
        assert content["vendor_text"] == ""  # chosen after it
        assert content["procurement_method"] == "negotiated_contract"
        assert content["contract_model"] == "basic_and_individual"
        assert content["annual_operating_cost_yen"] > 0
        assert (content["cost_basis"], content["tax_included"]) == ("estimate", True)
        assert "契約" in content["process_steps"]
        events = session.scalars(select(AuditEvent.action).order_by(AuditEvent.seq)).all()
        assert "start_case" not in events


def test_it_is_handed_in_from_the_introduction_on(database):
    with database.transaction() as session:
        world = make_world(session)
        project, vendor, _ = make_contracting_project(session, world, "basic_and_individual")
        draft = draft_of(session, project)
        with pytest.raises(Refused) as refused:
            hand_in(session, world.lead, draft)
        assert "too_early" in [blocker.code for blocker in refused.value.blockers]
        introduce(session, world, project)
        draft = draft_of(session, project)
        content = draft.content
        assert (content["status"], content["cost_basis"]) == ("awarded", "contract")
        assert content["vendor_text"] == vendor.name
        assert content["contract_amount_yen"] == 1_100_000 * len(world.bodies)
        assert list_draft_faults(session, draft, NOW) == []
        hand_in(session, world.lead, draft)
        assert draft.status == "submitted"


def hand_in(session, actor: Actor, draft: CaseDraft) -> None:
    submit_case(
        session,
        actor=actor,
        now=NOW,
        draft_id=draft.id,
        seen_sha256=sha256_of(draft.content),
    )


def test_what_a_person_wrote_stays_and_the_rest_follows_the_project(database):
    with database.transaction() as session:
        world = make_world(session)
        project, _, _ = make_contracting_project(session, world, "basic_and_individual")
        draft = draft_of(session, project)
        save_case(
            session,
            actor=world.lead,
            now=NOW,
            draft_id=draft.id,
            content=dict(draft.content) | {"background": "人の書いた経緯。"},
            seen_sha256=sha256_of(draft.content),
        )
        introduce(session, world, project)
        learn(session, world.lead, project)
        a_year_later = jst_today(NOW) + timedelta(days=365)
        due = project_case.fill_due_cases(session, a_year_later - timedelta(days=1), NOW)
        assert due == 0
        assert project_case.fill_due_cases(session, a_year_later, NOW) == 1
        content = draft_of(session, project).content
        assert content["background"] == "人の書いた経緯。"
        assert content["know_how"] == "分類を先にそろえる。"
        assert content["measured_effects"] == [
            "検索：52.4 → 18.1 時間/月（−34.3, −65.5 %）（実測、2026年度）"
        ]
        found = session.scalars(select(AuditEvent.action)).all()
        assert found.count("fill_project_case") == 1


def learn(session, lead: Actor, project: Project) -> None:
    """Something to tell others, and something measured."""
    write_know_how(
        session,
        actor=lead,
        now=NOW,
        project_id=project.id,
        know_how="分類を先にそろえる。",
        no_know_how_reason="",
        seen_version=0,
    )
    wanted = EffectFields(
        label="検索",
        technology="",
        metric="作業時間",
        unit="h_per_month",
        before=Decimal("52.4"),
        after=Decimal("18.1"),
        scope="",
        measured_by="",
        fiscal_year=2026,
        source="",
        evidence="measured",
    )
    save_effect(
        session,
        actor=lead,
        now=NOW,
        project_id=project.id,
        effect_id=None,
        wanted=wanted,
        seen_version=0,
    )


def test_the_end_of_the_project_is_the_end_of_its_case(sqlite_database):
    with sqlite_database.transaction() as session:
        world = make_world(session)
        project, _, _ = make_contracting_project(session, world, "basic_and_individual")
        introduce(session, world, project)
        project.state, project.state_since = State.CLOSED.value, NOW + timedelta(days=800)
        session.flush()
        later = jst_today(NOW) + timedelta(days=800)
        assert project_case.fill_due_cases(session, later, NOW + timedelta(days=800)) == 1
        assert draft_of(session, project).content["status"] == "ended"
        much_later = later + timedelta(days=800)
        assert project_case.fill_due_cases(session, much_later, NOW + timedelta(days=1600)) == 0
