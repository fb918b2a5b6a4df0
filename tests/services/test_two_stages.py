"""Both stages of a procurement as its lead records them, on both databases (F13)."""

import json
from dataclasses import replace
from datetime import date
from types import SimpleNamespace

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DatabaseError

from catalog.case_drafting.models import CaseDraft
from foundation.db import Database
from foundation.errors import Conflict, NotFound, Refused
from procurement.cost_models import ProjectCase
from procurement.domain.lifecycle import State, get_move
from procurement.domain.lots import Division, DivisionDraft
from procurement.domain.two_stages import StageDecision, StagePattern, Stages
from procurement.queries.dossier import load_dossier
from procurement.queries.stages import list_stage_entries
from procurement.queries.standing import find_standing
from procurement.services.lots import add_lot
from procurement.services.moves import list_move_blockers
from procurement.services.stages import decide_second_stage, record_first_stage
from tests.harness.builders import NOW
from tests.harness.contracts import bring_to_contracts
from tests.harness.projects import agree, make_project, make_world
from tests.harness.stages import TRIED
from tests.services.test_every_triple import make_cast


def record(session, actor, project, wanted=TRIED, seen=0):
    return record_first_stage(
        session, actor=actor, now=NOW, project_id=project.id, wanted=wanted, seen_number=seen
    )


def decide(session, actor, project, decision=StageDecision.PROCEED, seen=1):
    return decide_second_stage(
        session,
        actor=actor,
        now=NOW,
        project_id=project.id,
        decision=decision,
        reason="結果が目標を超えたため",
        decided_on=date(2026, 11, 18),
        seen_number=seen,
    )


def codes_of(refused):
    return [each.code for each in refused.value.blockers]


def test_a_stage_is_recorded_decided_and_kept_with_its_history(database: Database):
    with database.transaction() as session:
        world = make_world(session)
        project = make_project(session, world)
        assert load_dossier(session, project).stages == Stages()
        planned = Stages(pattern=StagePattern.HIROSHIMA)
        assert record(session, world.lead, project, planned).stage1_cap_yen == 1_000_000
        record(session, world.lead, project, seen=1)
        decide(session, world.lead, project, seen=2)
        entries = list_stage_entries(session, project.id)
        assert [each.number for each in entries] == [3, 2, 1]
        assert entries[0].stages.stage2_decision is StageDecision.PROCEED
        assert entries[0].stages.stage1_result == TRIED.stage1_result
        assert entries[2].stages.stage1_result == ""
        assert load_dossier(session, project).stages == entries[0].stages
        with pytest.raises(Refused) as refused:
            record(session, world.lead, project, replace(TRIED, stage1_result="別"), seen=3)
        assert codes_of(refused) == ["decided"]
        decide(session, world.lead, project, StageDecision.OPEN, seen=3)
        record(session, world.lead, project, replace(TRIED, stage1_amount_yen=1), seen=4)
        newest = list_stage_entries(session, project.id)[0].stages
        assert (newest.stage1_amount_yen, newest.stage2_decided_on) == (1, None)


def test_the_second_stage_waits_for_the_first(database: Database):
    with database.transaction() as session:
        world = make_world(session)
        project = make_project(
            session,
            world,
            procurement_method="negotiated_contract",
            procurement_method_reason="試行",
        )
        record(session, world.lead, project, Stages(pattern=StagePattern.HIROSHIMA))
        agree(session, world, project, world.bodies)
        standing = find_standing(session, world.lead, project.id)
        forward = get_move(State.AGREEMENT, "start_contracting")

        def waiting():
            found = list_move_blockers(load_dossier(session, project), forward, standing, NOW)
            return {each.code for each in found} & {
                "stage1_result",
                "stage2_open",
                "stage2_stopped",
            }

        with pytest.raises(Refused) as refused:
            decide(session, world.lead, project)
        assert "no_result" in codes_of(refused)
        assert waiting() == {"stage1_result"}
        record(session, world.lead, project, seen=1)
        assert waiting() == {"stage2_open"}
        decide(session, world.lead, project, StageDecision.STOP, seen=2)
        assert waiting() == {"stage2_stopped"}
        decide(session, world.lead, project, seen=3)
        assert waiting() == set()
        project.state = "contracting"
        session.flush()
        with pytest.raises(Refused) as refused:
            decide(session, world.lead, project, StageDecision.OPEN, seen=4)
        assert codes_of(refused) == ["too_late"]


def test_of_two_who_record_at_once_the_second_is_told(database: Database):
    with database.transaction() as session:
        world = make_world(session)
        project = SimpleNamespace(id=make_project(session, world).id)
        record(session, world.lead, project)
    with pytest.raises(Conflict, match="先に2段階の記録"), database.transaction() as session:
        record(session, world.lead, project, replace(TRIED, stage1_amount_yen=1))
    with pytest.raises(Conflict, match="先に2段階の記録"), database.transaction() as session:
        decide(session, world.lead, project, seen=0)
    with database.transaction() as session:
        assert list_stage_entries(session, project.id)[0].stages.stage1_amount_yen == 987_654


def test_only_the_lead_records_and_only_its_manager_decides(database: Database):
    with database.transaction() as session:
        world = make_world(session)
        project = make_project(session, world, joined=2)
        cast = make_cast(session, world, project)
        seen = 0
        for name, actor in cast.items():
            if name in ("lead_staff", "lead_manager", "secretariat_staff", "secretariat_manager"):
                seen = record(session, actor, project, seen=seen).number
                continue
            with pytest.raises((Refused, NotFound)) as refused:
                record(session, actor, project, seen=seen)
            if isinstance(refused.value, Refused):
                assert codes_of(refused) == ["not_lead"]
        for name, actor in cast.items():
            if name in ("lead_manager", "secretariat_manager"):
                seen = decide(session, actor, project, seen=seen).number
                continue
            with pytest.raises((Refused, NotFound)):
                decide(session, actor, project, seen=seen)
        assert len(list_stage_entries(session, project.id)) == seen == 6


def test_wrong_figures_leave_nothing(database: Database):
    with database.transaction() as session:
        world = make_world(session)
        project = make_project(session, world)
        with pytest.raises(Refused) as refused:
            record(session, world.lead, project, replace(TRIED, stage1_amount_yen=1_000_001))
        assert codes_of(refused) == ["over_cap"]
        with pytest.raises(Refused) as refused:
            record(session, world.lead, project, Stages())
        assert codes_of(refused) == ["nothing"]
        assert list_stage_entries(session, project.id) == ()


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE stage_entry SET stage1_amount_yen = 1",
        "DELETE FROM stage_entry",
        "INSERT INTO stage_entry (project_id, number, pattern, stage1_result, stage2_decision,"
        " stage2_reason, entered_at, entered_by)"
        " SELECT id, 9, 'own', '', 'proceed', '', created_at, 'x' FROM project",
        "INSERT INTO stage_entry (project_id, number, pattern, stage1_cap_yen, stage1_amount_yen,"
        " stage1_result, stage2_decision, stage2_reason, entered_at, entered_by)"
        " SELECT id, 9, 'own', 5, 6, '', 'open', '', created_at, 'x' FROM project",
    ],
)
def test_the_database_itself_keeps_the_rules(database: Database, statement):
    with database.transaction() as session:
        world = make_world(session)
        record(session, world.lead, make_project(session, world))
    with pytest.raises(DatabaseError), database.transaction() as session:
        session.execute(text(statement))


def test_a_lot_goes_by_the_stages_of_the_whole(database: Database):
    with database.transaction() as session:
        world = make_world(session)
        project = make_project(session, world)
        record(session, world.lead, project)
        lot = add_lot(
            session,
            actor=world.lead,
            now=NOW,
            project_id=project.id,
            draft=DivisionDraft(divided_by=Division.SYSTEM_PART, own_name="製品", name="保守"),
            seen_count=0,
        )
        [entry] = list_stage_entries(session, lot.id)
        assert entry.stages.stage1_result == TRIED.stage1_result


def test_the_case_drafted_at_the_contracts_says_what_the_first_stage_came_to(database: Database):
    with database.transaction() as session:
        world = make_world(session)
        project = make_project(
            session,
            world,
            procurement_method="negotiated_contract",
            procurement_method_reason="試行",
        )
        record(session, world.lead, project)
        decide(session, world.lead, project)
        bring_to_contracts(session, world, project, world.bodies)
        row = session.get_one(ProjectCase, project.id)
        steps = session.get_one(CaseDraft, row.draft_id).content["process_steps"]
        assert steps.endswith(
            "第1段階（検証） 2026年9月、上限1,000,000円、かかった額987,654円（税込）\n"
            "第1段階の結果（2026年11月） 議事録の作成が月18時間短くなった。\n"
            "2026年11月 第2段階（契約の手続）に進むことを決定"
        )
        # The reason is the lead's own, for members: it is not public with the case.
        assert "結果が目標を超えたため" not in json.dumps(row.filled, ensure_ascii=False)
