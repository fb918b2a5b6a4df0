"""People who act at the same moment on a real server with two processes."""

import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from random import Random

import pytest
from sqlalchemy import select

from accounts.models import Organization
from accounts.roles import Actor, Role
from foundation.audit import AuditEvent, verify
from foundation.db import Database
from procurement.domain.lifecycle import State, get_move
from procurement.models import Consent, Participation, Project, ShareVersion
from tests.harness.builders import make_actor, organization_of
from tests.harness.processes import Place, assert_index_is_the_database
from tests.harness.projects import make_project, make_world, move
from tests.harness.served import Answer, Visitor, all_at_once, give_passwords, serving

ROUNDS = [1, pytest.param(20, marks=pytest.mark.long)]
BODIES = 20
APPROVAL = {"approval_date": "2026-11-19", "approval_number": "情政第123号"}
LEAVING = {"reason": "予算が付かなかったため", "confirmed": "y", **APPROVAL}


class Town:
    """A served world: a lead with two coordinators, towns with two managers each."""

    def __init__(self, database: Database, folder: Path) -> None:
        self.database = database
        self.instance = folder / "instance"
        with database.transaction() as session:
            self.world = make_world(session, populations=tuple(range(9_000, 9_000 + BODIES)))
            self.lead = self.world.lead
            prefecture = session.get_one(Organization, self.lead.organization_id)
            self.second = make_actor(session, prefecture, Role.PREFECTURE_COORDINATOR)
            self.managers = list(self.world.managers.values())
            self.deputy = make_actor(
                session, organization_of(session, self.world.bodies[0]), Role.MUNICIPAL_MANAGER
            )
            everybody = [self.lead, self.second, self.deputy, *self.managers]
            self.emails = give_passwords(session, everybody)
            for body in self.world.bodies:
                self.world.quantities[body.code] = 50
            session.expunge_all()  # they are read after this transaction too

    def new_project(self, *, joined: int, state: str = "forming") -> int:
        with self.database.transaction() as session:
            project = make_project(session, self.world, joined=joined)
            if state == "agreement":
                move(session, self.lead, project, "start_agreement")
            return project.id

    def person(self, port: int, actor: Actor) -> Visitor:
        return Visitor(port).sign_in(self.emails[actor.user_id or 0])

    def events(self, action: str, project_id: int) -> list[AuditEvent]:
        """Those events of the project in their order; the whole chain is intact."""
        with self.database.read_session() as session:
            assert verify(session).problems == ()
            return list(
                session.scalars(
                    select(AuditEvent)
                    .where(
                        AuditEvent.action == action,
                        AuditEvent.subject_type == "project",
                        AuditEvent.subject_id == str(project_id),
                    )
                    .order_by(AuditEvent.seq)
                )
            )

    def joined(self, project_id: int) -> list[str]:
        with self.database.read_session() as session:
            return list(
                session.scalars(
                    select(Participation.body_code)
                    .where(Participation.project_id == project_id, Participation.status == "joined")
                    .order_by(Participation.body_code)
                )
            )


@pytest.fixture
def town(database: Database, tmp_path: Path) -> Town:
    return Town(database, tmp_path)


@pytest.fixture
def port(town: Town) -> Iterator[int]:
    with serving(town.database.url, town.instance) as port:
        yield port


def statuses(answers: list[Answer]) -> list[int]:
    return sorted(answer.status_code for answer in answers)


def join_form(person: Visitor, project_id: int, quantity: str = "50") -> partial[Answer]:
    """The join page read and filled in, ready to be sent."""
    form = person.page(f"/projects/{project_id}/join").form(
        f"/projects/{project_id}/join", button="参加する"
    )
    return partial(form.submit, person, {"quantity": quantity, **APPROVAL})


@pytest.mark.parametrize("rounds", ROUNDS)
def test_people_at_once(town: Town, port: int, rounds: int) -> None:
    """One server for all of them: starting it costs more than what it is asked."""
    for _ in range(rounds):
        two_coordinators_save(town, port)
        two_managers_join_for_one_body(town, port)
        bodies_join_while_recruitment_ends(town, port)
        a_body_leaves_while_the_version_is_fixed(town, port)
    everybody_joins_at_once(town, port)
    assert_index_is_the_database(Place(url=town.database.url, instance=town.instance))


def two_coordinators_save(town: Town, port: int) -> None:
    project_id = town.new_project(joined=0)
    address = f"/projects/{project_id}/edit"
    people = [town.person(port, actor) for actor in (town.lead, town.second)]
    typed = [
        {"title": "一人目の案件名", "purpose": "一人目の目的"},
        {"title": "二人目の案件名", "purpose": "二人目の目的"},
    ]
    forms = [person.page(address).form(address) for person in people]
    answers = all_at_once(
        [
            partial(form.submit, person, words)
            for form, person, words in zip(forms, people, typed, strict=True)
        ]
    )
    assert statuses(answers) == [302, 409]
    second = 0 if answers[0].status_code == 409 else 1
    page = answers[second].page
    assert "ほかの担当者が先に保存しました" in page.text
    assert {(row["項目"], row["保存済み"], row["あなたの入力"]) for row in page.table("違い")} == {
        ("案件名", typed[1 - second]["title"], typed[second]["title"]),
        ("目的", typed[1 - second]["purpose"], typed[second]["purpose"]),
    }
    again = page.form(address)
    assert again.values["title"] == typed[second]["title"]
    assert again.values["purpose"] == typed[second]["purpose"]
    assert len(town.events("edit_project", project_id)) == 1
    assert again.submit(people[second]).status_code == 302
    with town.database.read_session() as session:
        assert session.get_one(Project, project_id).title == typed[second]["title"]
    assert len(town.events("edit_project", project_id)) == 2


def two_managers_join_for_one_body(town: Town, port: int) -> None:
    project_id = town.new_project(joined=0)
    people = [town.person(port, actor) for actor in (town.managers[0], town.deputy)]
    answers = all_at_once(
        [
            join_form(each, project_id, quantity)
            for each, quantity in zip(people, ("41", "42"), strict=True)
        ]
    )
    assert statuses(answers) == [302, 409]
    refused = next(answer for answer in answers if answer.status_code == 409)
    assert "この団体はすでに参加しています。" in refused.page.text
    assert town.joined(project_id) == [town.managers[0].body_code]
    [event] = town.events("join_project", project_id)
    with town.database.read_session() as session:
        [row] = session.scalars(select(Participation).where(Participation.project_id == project_id))
        assert row.quantities == {"account": event.changes["quantity"]}


def everybody_joins_at_once(town: Town, port: int) -> None:
    project_id = town.new_project(joined=0)
    people = [town.person(port, actor) for actor in town.managers]
    answers = all_at_once([join_form(person, project_id) for person in people])
    assert statuses(answers) == [302] * BODIES
    assert town.joined(project_id) == sorted(town.world.managers)
    told = [event.changes["body_code"] for event in town.events("join_project", project_id)]
    assert sorted(told) == sorted(town.world.managers)


def bodies_join_while_recruitment_ends(town: Town, port: int) -> None:
    """The lead ends recruitment and fixes version 1 while four bodies press 「参加する」."""
    project_id = town.new_project(joined=3)
    lead = town.person(port, town.lead)
    late = [town.person(port, actor) for actor in town.managers[3:7]]
    label = get_move(State.FORMING, "start_agreement").label
    next_step = lead.page(f"/projects/{project_id}").form("/move", button=label)
    pause = Random(project_id).random() / 4

    def end_and_fix() -> Answer:
        time.sleep(pause)
        moved = next_step.submit(lead, {})
        assert moved.status_code == 302, moved.text[:2000]
        page = lead.page(f"/projects/{project_id}/sharing")
        return page.form("/sharing/fix").submit(lead, {"confirmed": "y"})

    fixed, *joins = all_at_once([end_and_fix, *(join_form(each, project_id) for each in late)])
    assert fixed.status_code == 302, fixed.page.text
    assert set(statuses(joins)) <= {302, 409}
    members = town.joined(project_id)
    assert len(members) == 3 + statuses(joins).count(302)
    assert members_of_version(town, project_id) == members
    assert asked(town, project_id) == members


def a_body_leaves_while_the_version_is_fixed(town: Town, port: int) -> None:
    """Either the version still counts the body, or the lead is told to look again."""
    project_id = town.new_project(joined=4, state="agreement")
    lead, leaver = town.person(port, town.lead), town.person(port, town.managers[0])
    fix = lead.page(f"/projects/{project_id}/sharing").form("/sharing/fix")
    leave = leaver.page(f"/projects/{project_id}/own").form("/own/leave")
    fixed, left = all_at_once(
        [
            partial(fix.submit, lead, {"confirmed": "y"}),
            partial(leave.submit, leaver, LEAVING),
        ]
    )
    assert left.status_code == 302, left.page.text
    everybody = sorted(actor.body_code or "" for actor in town.managers[:4])
    if fixed.status_code == 409:
        assert "新しい試算を確かめてから" in fixed.page.text
        anew = lead.page(f"/projects/{project_id}/sharing").form("/sharing/fix")
        assert anew.submit(lead, {"confirmed": "y"}).status_code == 302
        assert members_of_version(town, project_id) == everybody[1:] == asked(town, project_id)
        return
    assert fixed.status_code == 302
    assert members_of_version(town, project_id) == everybody == asked(town, project_id)
    [fixing] = town.events("fix_share_version", project_id)
    [leaving] = town.events("leave_project", project_id)
    assert fixing.seq < leaving.seq


def members_of_version(town: Town, project_id: int) -> list[str]:
    """The bodies in the inputs of the one version there is."""
    with town.database.read_session() as session:
        [version] = session.scalars(
            select(ShareVersion).where(ShareVersion.project_id == project_id)
        )
        return sorted(body["code"] for body in version.inputs["members"])


def asked(town: Town, project_id: int) -> list[str]:
    """The bodies with a consent row of that version."""
    with town.database.read_session() as session:
        return sorted(
            session.scalars(
                select(Participation.body_code)
                .join(Consent, Consent.participation_id == Participation.id)
                .where(Participation.project_id == project_id)
            )
        )
