"""The lead's list, each body's own column, versions and corrections, on both databases."""

import pytest
from sqlalchemy import select
from sqlalchemy.exc import DatabaseError

from foundation.audit import AuditEvent
from foundation.db import Database
from foundation.errors import Conflict, NotFound, Refused
from procurement.domain.survey import Wish
from procurement.queries.requirements import get_matrix, get_specification, list_columns, list_lines
from procurement.queries.standing import find_standing
from procurement.requirement_models import SpecVersion
from procurement.services import requirements as service
from procurement.services import specification
from procurement.services.requirements import RequirementFields
from procurement.services.surveys import answer_survey
from tests.harness.builders import NOW
from tests.harness.projects import make_project, make_world
from tests.harness.surveys import ask


def who(world, project):
    return {"actor": world.lead, "now": NOW, "project_id": project.id}


def make_listed(session, *texts, joined=3):
    world = make_world(session)
    project = make_project(session, world, joined=joined)
    rows = [
        service.add_requirement(session, wanted=RequirementFields(text=text), **who(world, project))
        for text in texts
    ]
    return world, project, rows


def say(session, world, project, place, wishes, seen=0):
    return service.answer_column(
        session,
        actor=world.staff[world.bodies[place].code],
        now=NOW,
        project_id=project.id,
        wishes=wishes,
        seen_version=seen,
    )


def test_survey_answers_are_counted_without_typing_them_again(database: Database):
    with database.transaction() as session:
        world = make_world(session)
        project = make_project(session, world, joined=0)
        codes = [body.code for body in world.bodies]
        ids = ask(session, world, project, *codes)
        questions = {row.text: row.id for row in session.scalars(_questions(project.id))}
        wanted = questions["質問 必須・希望・不要"]
        answer_survey(
            session,
            actor=world.staff[codes[0]],
            now=NOW,
            project_id=project.id,
            body_code=codes[0],
            answers={wanted: "must"},
            seen_version=0,
        )
        # What a coordinator answered for a body counts once the body stands by it.
        answer_survey(
            session,
            actor=world.lead,
            now=NOW,
            project_id=project.id,
            body_code=codes[1],
            answers={wanted: "must"},
            seen_version=0,
        )
        assert len(ids) > 1
        assert service.adopt_survey(session, **who(world, project)) == 1
        with pytest.raises(Refused, match="取り込んでいない"):
            service.adopt_survey(session, **who(world, project))
        (line,) = list_lines(session, project.id)
        first, second, _ = list_columns(session, project.id, [line])
        assert first.wishes == {line.line.id: Wish.MUST}
        assert line.line.id in first.from_survey
        assert second.wishes == {}
        say(session, world, project, 0, {line.line.id: "not_needed"})
        first, *_ = list_columns(session, project.id, [line])
        assert first.wishes == {line.line.id: Wish.NOT_NEEDED}
        assert first.from_survey == frozenset()


def _questions(project_id):
    from procurement.survey_models import SurveyQuestion

    return select(SurveyQuestion).where(SurveyQuestion.project_id == project_id)


def test_a_body_changes_its_own_column_and_no_other(database: Database):
    with database.transaction() as session:
        world, project, (row,) = make_listed(session, "LGWANから使えること", joined=2)
        column = say(session, world, project, 0, {row.id: "must"})
        say(session, world, project, 1, {row.id: "not_needed"})
        with pytest.raises(Conflict):
            say(session, world, project, 0, {row.id: "wanted"})
        say(session, world, project, 0, {row.id: ""}, seen=column.row_version)
        with pytest.raises(NotFound):  # the third town is not in it
            say(session, world, project, 2, {row.id: "must"})
        with pytest.raises(NotFound):  # the lead has a list and no column
            service.answer_column(session, wishes={}, seen_version=0, **who(world, project))
        with pytest.raises(Refused, match="選び直して"):
            say(session, world, project, 1, {row.id: "perhaps"}, seen=1)
        lead = get_matrix(session, project.id, find_standing(session, world.lead, project.id), 1)
        assert lead.columns is not None and len(lead.columns.rows) == 2
        assert (lead.comparisons[0].not_needed, lead.comparisons[0].unanswered) == (1, 1)
        actor = world.staff[world.bodies[1].code]
        own = get_matrix(session, project.id, find_standing(session, actor, project.id), 1)
        assert own.columns is None
        assert own.own is not None and own.own.body_code == actor.body_code
        kept = [str(e.changes) for e in session.scalars(select(AuditEvent))]
        assert not [text for text in kept if "not_needed" in text]


def test_the_list_is_the_leads_and_two_do_not_overwrite(database: Database):
    with database.transaction() as session:
        world, project, (row,) = make_listed(session, "要件")
        changed = RequirementFields(text="要件", settled="must")
        member = world.staff[world.bodies[0].code]
        with pytest.raises(Refused, match="幹事団体"):
            service.add_requirement(
                session, actor=member, now=NOW, project_id=project.id, wanted=changed
            )
        key = {"requirement_id": row.id, **who(world, project)}
        service.change_requirement(session, wanted=changed, seen_version=1, **key)
        with pytest.raises(Conflict):
            service.change_requirement(session, wanted=changed, seen_version=1, **key)
        with pytest.raises(Refused, match="改修する理由"):
            service.change_requirement(
                session,
                wanted=RequirementFields(text="要件", settled="must", customization=True),
                seen_version=2,
                **key,
            )
        with pytest.raises(Refused, match="改修を伴う"):
            service.add_requirement(
                session,
                wanted=RequirementFields(text="別", customization_yen=5),
                **who(world, project),
            )
        with pytest.raises(Conflict):
            service.remove_requirement(session, seen_version=1, **key)
        service.remove_requirement(session, seen_version=2, **key)
        assert list_lines(session, project.id) == ()


def test_versions_are_fixed_and_never_changed(database: Database):
    with database.transaction() as session:
        world, project, (row, _) = make_listed(session, "要件A", "要件B")
        with pytest.raises(Refused, match="1件もありません"):
            specification.fix_specification(session, **who(world, project))
        service.change_requirement(
            session,
            requirement_id=row.id,
            wanted=RequirementFields(text="要件A", settled="must"),
            seen_version=1,
            **who(world, project),
        )
        specification.fix_specification(session, **who(world, project))
        with pytest.raises(Refused, match="変わったところがありません"):
            specification.fix_specification(session, **who(world, project))
        service.remove_requirement(
            session, requirement_id=row.id, seen_version=2, **who(world, project)
        )
        found = get_specification(session, project.id)
        assert found.newest is not None and [c.text for c in found.newest.clauses] == ["要件A"]
        assert [change.what for change in found.drafted_changes] == ["削除"]
        with pytest.raises(Refused, match="公告の前"):
            specification.correct_specification(
                session, requirement_id=None, text="訂正", reason="誤記", **who(world, project)
            )
    with pytest.raises(DatabaseError), database.transaction() as session:
        session.scalars(select(SpecVersion)).one().note = "あとから"


def test_after_the_notice_only_corrections(database: Database):
    with database.transaction() as session:
        world, project, (row,) = make_listed(session, "要件A")
        service.change_requirement(
            session,
            requirement_id=row.id,
            wanted=RequirementFields(text="要件A", settled="must"),
            seen_version=1,
            **who(world, project),
        )
        specification.fix_specification(session, **who(world, project))
        project.state = "solicitation"
        session.flush()
        with pytest.raises(Refused, match="公告した後"):
            service.add_requirement(
                session, wanted=RequirementFields(text="遅い要件"), **who(world, project)
            )
        with pytest.raises(Refused, match="公告した後"):
            say(session, world, project, 0, {row.id: "must"})
        with pytest.raises(Refused, match="要件を選び直して"):
            specification.correct_specification(
                session, requirement_id=999, text="訂正", reason="誤記", **who(world, project)
            )
        specification.correct_specification(
            session,
            requirement_id=row.id,
            text="要件Aの数値は10",
            reason="誤記",
            **who(world, project),
        )
        (clause,) = get_specification(session, project.id).effective
        assert clause.corrections == ("要件Aの数値は10",)
