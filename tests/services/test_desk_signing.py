"""A contract a body was asked for waits on its desk, and with whom leads, until it is settled."""

from datetime import timedelta

from foundation.db import Database
from procurement.presenters.rows import waiting_item
from procurement.queries.desk import get_body_desk, list_waiting
from procurement.services.contract_partners import refuse_contract
from procurement.tender_models import Award
from tests.harness.builders import NOW
from tests.harness.contracts import APPROVAL, qualify, sign_for
from tests.harness.projects import make_world
from tests.services.test_silent_signing import CLOSES, LATE, Scene

OWN = "契約の締結と記録（決裁日・決裁番号の入力）"


def on_desk(scene, actor):
    path = f"/projects/{scene.project.id}/contracts"
    return [row for row in list_waiting(scene.session, actor) if row.path == path]


def test_the_body_asked_and_its_lead_see_it_with_its_deadline(database: Database):
    with database.transaction() as session:
        scene = Scene(session)
        manager = scene.world.manager(scene.silent)
        assert on_desk(scene, manager) == on_desk(scene, scene.world.lead) == []
        scene.ask()
        for person in (manager, scene.world.staff[scene.silent.code]):
            [row] = get_body_desk(session, person).waiting
            assert (row.what, row.who, row.closes_at) == (OWN, "決裁者", CLOSES)
            assert row.path == f"/projects/{scene.project.id}/contracts"
        [led] = on_desk(scene, scene.world.lead)
        assert (led.what[:4], led.who, led.closes_at) == ("1団体の", "幹事団体", CLOSES)
        assert ("期限超過", "error") in waiting_item(row, LATE).chips
        for body in scene.world.bodies[:2]:
            assert on_desk(scene, scene.world.manager(body)) == []  # they have signed
        other = make_world(session)
        assert on_desk(scene, other.lead) == on_desk(scene, other.manager(other.bodies[0])) == []
        scene.ask(CLOSES + timedelta(days=1))
        [later] = on_desk(scene, manager)
        assert later.closes_at == CLOSES + timedelta(days=1)


def test_it_is_gone_once_signed(database: Database):
    with database.transaction() as session:
        scene = Scene(session)
        manager = scene.world.manager(scene.silent)
        scene.ask()
        qualify(session, manager, scene.project)
        sign_for(session, scene.world, scene.project, scene.silent)
        assert on_desk(scene, manager) == on_desk(scene, scene.world.lead) == []


def test_it_is_gone_once_refused_after_a_requote(database: Database):
    with database.transaction() as session:
        scene = Scene(session, "selection_and_requote")
        manager = scene.world.manager(scene.silent)
        scene.ask()
        assert len(on_desk(scene, manager)) == 1
        refuse_contract(
            session,
            actor=manager,
            now=NOW,
            project_id=scene.project.id,
            body_code=scene.silent.code,
            reason="予算が付かなかったため（架空）",
            approval=APPROVAL,
        )
        assert on_desk(scene, manager) == on_desk(scene, scene.world.lead) == []


def test_it_is_gone_once_the_lead_goes_on_without_the_body(database: Database):
    with database.transaction() as session:
        scene = Scene(session)
        scene.ask()
        scene.remind(1)
        scene.remind(2)
        scene.record()
        assert on_desk(scene, scene.world.manager(scene.silent)) == []
        assert on_desk(scene, scene.world.lead) == []


def test_under_another_award_the_body_is_not_asked_yet(database: Database):
    with database.transaction() as session:
        scene = Scene(session)
        scene.ask()
        last = session.query(Award).filter_by(project_id=scene.project.id).one()
        session.add(
            Award(
                project_id=last.project_id,
                round=last.round,
                number=last.number + 1,
                vendor_id=last.vendor_id,
                price_yen=last.price_yen,
                sheet=last.sheet,
                sha256=last.sha256,
                decided_at=last.decided_at,
                decided_by=last.decided_by,
            )
        )
        session.flush()
        assert on_desk(scene, scene.world.manager(scene.silent)) == []
        assert on_desk(scene, scene.world.lead) == []
