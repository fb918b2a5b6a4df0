"""What the queries of joint procurements give, on both databases, to whom."""

from dataclasses import replace

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from accounts.roles import VISITOR, Actor, Role
from foundation.db import Database
from foundation.errors import NotFound
from procurement.models import Participation
from procurement.queries import desk, own_figures
from procurement.queries.dossier import load_dossier
from procurement.queries.history import get_history_page
from procurement.queries.home import get_home_page
from procurement.queries.members import ROWS_A_PAGE, get_members_page
from procurement.queries.own_page import get_leave_effect, get_own_page
from procurement.queries.plan_choices import list_lead_bases, list_plan_choices
from procurement.queries.previews import get_previews
from procurement.queries.project_page import get_project_head
from procurement.queries.project_rows import (
    ProjectFilter,
    list_closing_soon,
    list_prefecture_names,
    list_projects_of_organization,
    list_public_projects,
)
from procurement.queries.secrets import find_own_ceiling, list_ceilings_shown, list_declared
from procurement.queries.sharing_page import get_sharing_page
from procurement.queries.standing import find_standing
from procurement.services.ceilings import set_internal_ceiling
from procurement.services.invitations import invite_bodies
from procurement.services.joining import JoinAnswers, decline, join_project
from procurement.services.projects import open_project
from procurement.services.terms import set_sharing_terms
from tests.harness.builders import (
    NOW,
    make_actor,
    make_body,
    make_case,
    make_offering,
    make_organization,
    organization_of,
)
from tests.harness.projects import (
    APPROVED,
    TERMS,
    fix,
    make_fields,
    make_project,
    make_world,
    move,
)

DECLARED = 8_765_432


def join_declaring(session, world, project, body):
    join_project(
        session,
        actor=world.manager(body),
        now=NOW,
        project_id=project.id,
        body_code=body.code,
        answers=JoinAnswers(quantity=world.quantities[body.code], standalone_yen=DECLARED),
        approval_date=APPROVED,
        approval_number="第1号",
    )


def test_the_home_page_counts_real_and_fictional_apart(database: Database):
    with database.transaction() as session:
        world = make_world(session)
        make_case(session, fictional=False)
        make_case(session)
        make_offering(session)
        make_project(session, world)
        open_project(session, actor=world.lead, now=NOW, wanted=make_fields(title="見えない"))
    with database.read_session() as session:
        page = get_home_page(session, NOW)
    counted = {counter.kind: (counter.real, counter.fictional) for counter in page.counters}
    assert counted == {"vendor": (0, 2), "offering": (0, 2), "case": (1, 1), "project": (0, 1)}
    assert [row.title for row in page.closing] == ["生成AIの共同調達"]
    assert "見えない" not in [row.title for row in page.news]
    assert {row.kind for row in page.news} == {"offering", "case", "project"}


def test_lists_of_projects(database: Database):
    with database.transaction() as session:
        world = make_world(session)
        project = make_project(session, world)
        hidden = open_project(session, actor=world.lead, now=NOW, wanted=make_fields())
        ids = (project.id, hidden.id)
    with database.read_session() as session:
        past = list_public_projects(session, narrowed=ProjectFilter(), page=7, now=NOW)
        assert (list(past.rows), past.page, past.pages) == ([], 7, 1)
        page = list_public_projects(session, narrowed=ProjectFilter(), page=1, now=NOW)
        assert ([row.id for row in page.rows], page.page) == ([ids[0]], 1)
        assert (page.total, page.total_fictional) == (1, 1)
        assert page.rows[0].body_count == 3
        assert [row.id for row in list_closing_soon(session, now=NOW, limit=5)] == [ids[0]]
        led = list_projects_of_organization(session, world.lead.organization_id, roles=["lead"])
        assert {row.id for row in led} == set(ids)
        assert "99" in list_prefecture_names(session)


def test_a_stranger_cannot_tell_a_hidden_project_from_none(database: Database):
    with database.transaction() as session:
        world = make_world(session)
        hidden = open_project(session, actor=world.lead, now=NOW, wanted=make_fields())
        stranger = world.manager(world.bodies[0])
        for actor in (VISITOR, stranger):
            for project_id in (hidden.id, hidden.id + 1000):
                with pytest.raises(NotFound):
                    get_project_head(session, actor, project_id)
        assert get_project_head(session, world.lead, hidden.id).standing.leads


def test_declared_figures_reach_their_body_the_lead_and_an_auditor(database: Database):
    with database.transaction() as session:
        world = make_world(session)
        project = make_project(session, world, joined=0)
        first, second, _ = world.bodies
        join_declaring(session, world, project, first)
        join_declaring(session, world, project, second)
        auditor = make_actor(session, make_organization(session, "operator"), Role.AUDITOR)
        operator = make_actor(session, make_organization(session, "operator"), Role.OPERATOR)

        def seen_by(actor):
            standing = find_standing(session, actor, project.id)
            return set(list_declared(session, standing, project.id))

        assert seen_by(world.lead) == seen_by(auditor) == {first.code, second.code}
        assert seen_by(world.manager(first)) == {first.code}
        assert seen_by(world.manager(world.bodies[2])) == set()
        assert seen_by(operator) == seen_by(VISITOR) == set()


def test_declared_figures_do_not_come_through_a_preview_or_a_version(database: Database):
    with database.transaction() as session:
        world = make_world(session)
        project = make_project(session, world, joined=0)
        for body in world.bodies:
            join_declaring(session, world, project, body)
        set_sharing_terms(
            session,
            actor=world.lead,
            now=NOW,
            project_id=project.id,
            wanted=TERMS | {"standalone_basis": "declared"},
            seen_version=project.row_version,
        )
        first = world.bodies[0]
        member = find_standing(session, world.manager(first), project.id)
        lead = find_standing(session, world.lead, project.id)
        for standing, codes in ((member, {first.code}), (lead, {b.code for b in world.bodies})):
            chosen = get_previews(session, project, standing).find(None)
            shown = {b.code for b in chosen.preview.bodies if b.standalone_yen is not None}
            assert shown == codes
        page = get_sharing_page(session, project, member, None)
        assert page.saving is None
        assert str(DECLARED) not in str(page.chosen.preview.inputs)


def test_ceilings_reach_their_body_and_a_secretariat_it_was_shown_to(database: Database):
    with database.transaction() as session:
        world = make_world(session)
        project = make_project(session, world)
        first, second, _ = world.bodies
        for body, shown in ((first, False), (second, True)):
            set_internal_ceiling(
                session,
                actor=world.manager(body),
                now=NOW,
                project_id=project.id,
                body_code=body.code,
                amount_yen=1_111_111,
                shown_to_secretariat=shown,
            )
        lead = find_standing(session, world.lead, project.id)
        assert set(list_ceilings_shown(session, lead, project.id)) == {second.code}
        member = find_standing(session, world.manager(first), project.id)
        assert list_ceilings_shown(session, member, project.id) == {}
        assert find_own_ceiling(session, member, project.id).amount_yen == 1_111_111
        auditor = make_actor(session, make_organization(session, "operator"), Role.AUDITOR)
        standing = find_standing(session, auditor, project.id)
        assert list_ceilings_shown(session, standing, project.id) == {}
        assert find_own_ceiling(session, standing, project.id) is None


def test_members_page_by_reader(database: Database):
    with database.transaction() as session:
        world = make_world(session)
        project = make_project(session, world, joined=2)
        member = find_standing(session, world.manager(world.bodies[0]), project.id)
        stranger = find_standing(session, world.manager(world.bodies[2]), project.id)
        lead = find_standing(session, world.lead, project.id)
        assert get_members_page(session, project, stranger).members.rows == []
        seen = get_members_page(session, project, member)
        assert {row.quantity for row in seen.members.rows} == {200, 100}
        assert seen.lead_rows.rows == []
        assert len(get_members_page(session, project, lead).lead_rows.rows) == 2


def test_own_figures_count_the_reader_in_and_name_nobody(database: Database):
    with database.transaction() as session:
        world = make_world(session)
        project = make_project(session, world, joined=2)
        small = world.bodies[2]
        figures = own_figures.own_figures(session, project, small, None, quantity=60)
        assert figures.member_count == 3
        assert figures.figures.total.is_single
        row = session.scalars(select(Participation).limit(1)).one()
        again = own_figures.own_figures(session, project, row.body, row)
        assert (again.member_count, again.quantity) == (2, 200)
        # 301 accounts together reach the cheaper tier: the saving is what the plan says.
        assert figures.figures.saving.low_yen > 0


@pytest.mark.parametrize("joined", [1, 2])
def test_one_single_members_quantity_cannot_be_worked_out(sqlite_database: Database, joined: int):
    def totals_of(typed: int) -> list[int]:
        with sqlite_database.transaction() as session:
            world = make_world(session)
            project = make_project(session, world, joined=joined)
            row = session.scalars(
                select(Participation).where(Participation.project_id == project.id).limit(1)
            ).one()
            row.quantities = row.quantities | {project.main_unit: typed}
            session.flush()
            found = [
                own_figures.own_figures(session, project, world.bodies[2], None, quantity=tried)
                for tried in (1, 60, 5_000)
            ]
            assert all(each.figures for each in found)
            assert [each.others_estimated for each in found] == [joined == 1] * 3
            return [each.figures.total.low_yen for each in found if each.figures]

    same = totals_of(200) == totals_of(700)
    assert same is (joined == 1)


def test_a_quantity_is_estimated_from_published_facts(database: Database):
    with database.transaction() as session:
        body = make_body(
            session,
            population_register_2025=12_345,
            households_2020=5_000,
            staff_general_2024=None,
        )
        estimate = own_figures.estimate_quantity
        assert estimate(body, "resident", None).amount == 12_345
        assert "、2025年1月1日の想定" in estimate(body, "resident", None).source
        body.fictional = False
        registered = estimate(body, "resident", None).source
        assert registered == "住民基本台帳（2025年1月1日）の人口"
        body.population_register_2025 = None
        counted = estimate(body, "resident", None).source
        assert counted == "令和2年国勢調査（2020年10月1日）の人口"
        assert estimate(body, "household", None).amount == 5_000
        body.population_register_2025 = 12_345
        assert estimate(body, "account", None).amount == 123
        assert estimate(body, "school", None).amount is None


def test_desks_list_what_waits_for_whom(database: Database):
    with database.transaction() as session:
        world = make_world(session)
        project = make_project(session, world, joined=2)
        move(session, world.lead, project, "start_agreement")
        fix(session, world, project)
        waiting = desk.list_waiting(session, world.manager(world.bodies[0]))
        assert [row.path for row in waiting] == [f"/projects/{project.id}/consent"]
        assert desk.list_waiting(session, world.manager(world.bodies[2])) == ()
        led = desk.list_waiting(session, world.lead)
        assert [row.what[:3] for row in led] == ["2団体"]
        page = desk.get_body_desk(session, world.staff[world.bodies[1].code])
        assert [row.status for row in page.projects] == ["joined"]
        rows = {row.code: row for row in _municipalities(session, world.lead)}
        assert rows[world.bodies[0].code].joined == 1
        assert rows[world.bodies[2].code].joined == 0
        assert rows[world.bodies[0].code].has_users


def test_a_prefectures_desk_counts_invitations_nobody_answered(database: Database):
    with database.transaction() as session:
        world = make_world(session)
        town = world.bodies[2]
        for _ in range(2):
            project = make_project(session, world, joined=0)
            invite_bodies(
                session, actor=world.lead, now=NOW, project_id=project.id, body_codes=[town.code]
            )

        def waiting() -> dict[str, int | None]:
            return {row.code: row.in_progress for row in _municipalities(session, world.lead)}

        assert waiting() == {world.bodies[0].code: 0, world.bodies[1].code: 0, town.code: 2}
        manager = world.manager(town)
        decline(session, actor=manager, now=NOW, project_id=project.id, body_code=town.code)
        assert waiting()[town.code] == 1


def test_only_the_own_coordinator_is_told_in_how_much_a_town_takes_part(database: Database):
    with database.transaction() as session:
        world = make_world(session)
        make_project(session, world, joined=2)
        as_city = _municipalities(session, world.manager(world.bodies[0]))
        assert {(row.joined, row.in_progress) for row in as_city} == {(None, None)}
        assert [row.code for row in as_city] == sorted(row.code for row in as_city)
        elsewhere = replace(world.lead, prefecture_code="98")
        assert {row.joined for row in _municipalities(session, elsewhere)} == {None}


def _municipalities(session: Session, actor: Actor) -> tuple[desk.MunicipalityRow, ...]:
    return desk.list_municipalities(session, actor, "99")


def test_sharing_own_page_history_and_dossier_read_on_both_databases(database: Database):
    with database.transaction() as session:
        world = make_world(session)
        project = make_project(session, world)
        move(session, world.lead, project, "start_agreement")
        fix(session, world, project)
        standing = find_standing(session, world.manager(world.bodies[0]), project.id)
        page = get_sharing_page(session, project, standing, None)
        assert page.version.number == 1 and len(page.waiting) == 3
        assert all(row.difference_yen == 0 for row in page.changes)
        own = get_own_page(session, project, standing)
        assert own.version_number == 1 and own.estimate is None
        assert own.total_yen == page.version.total_of(world.bodies[0].code)
        effect = get_leave_effect(session, project, standing)
        assert effect.is_change
        history = get_history_page(session, project.id, standing)
        assert [v.number for v in history.versions] == [1]
        assert (
            get_history_page(session, project.id, replace(standing, participation=None)).versions
            == ()
        )
        head = get_project_head(session, standing.actor, project.id)
        assert head.visited == {"intention_survey", "forming", "agreement"}
        assert head.row.body_count == 3
        dossier = load_dossier(session, project)
        assert len(dossier.taking_part) == 3 and len(dossier.consents) == 3


def test_only_the_lead_learns_the_product_behind_a_basis(database: Database):
    with database.transaction() as session:
        world = make_world(session)
        project = make_project(session, world)
        (basis,) = list_lead_bases(session, project.id)
        assert basis.label == "試算の前提 A"
        standing = find_standing(session, world.manager(world.bodies[0]), project.id)
        inputs = get_previews(session, project, standing).find(None).preview.inputs
        assert basis.offering_name not in str(inputs)
        choices = list_plan_choices(session, "generative_ai", fictional=True)
        assert any(basis.offering_name in choice.label for choice in choices)
        assert list_plan_choices(session, "generative_ai", fictional=False) == ()


def test_the_lead_is_found_by_its_organisation(database: Database):
    with database.transaction() as session:
        world = make_world(session)
        project = make_project(session, world)
        same = make_actor(
            session,
            organization_of(session, world.bodies[0]),
            Role.MUNICIPAL_STAFF,
        )
        assert not find_standing(session, same, project.id).leads
        assert find_standing(session, world.lead, project.id).leads_as_manager


def test_members_of_a_large_project_come_in_pages(database: Database):
    with database.transaction() as session:
        world = make_world(session, populations=tuple(range(9_000, 9_000 + ROWS_A_PAGE + 2)))
        world.quantities |= dict.fromkeys((body.code for body in world.bodies), 10)
        project = make_project(session, world, joined=ROWS_A_PAGE + 2)
        lead = find_standing(session, world.lead, project.id)
        first = get_members_page(session, project, lead)
        assert (first.count, first.members.pages) == (ROWS_A_PAGE + 2, 2)
        assert len(first.members.rows) == ROWS_A_PAGE
        second = get_members_page(session, project, lead, page=2, lead_page=2)
        met = [row.code for page in (first, second) for row in page.members.rows]
        assert met == [body.code for body in world.bodies]
        assert len(second.lead_rows.rows) == 2
        for wrong in ({"page": 3}, {"lead_page": 3}):
            with pytest.raises(NotFound):
                get_members_page(session, project, lead, **wrong)
