"""Cases before they are public, on both databases: people at once, and no row too early."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from threading import Barrier
from typing import Any

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import DatabaseError

from accounts.roles import Actor, Role
from catalog.case_desk import find_own_case, list_own_cases
from catalog.case_drafting import queries, services
from catalog.case_drafting.contents import new_content, sha256_of
from catalog.case_drafting.models import CaseDraft, CaseReview
from catalog.models import Case, SearchOutbox
from foundation.audit import verify
from foundation.db import Database
from foundation.errors import Conflict, NotFound, Refused
from tests.harness.builders import (
    NOW,
    make_actor,
    make_body,
    make_organization,
    make_system_type,
    organization_of,
)


@dataclass
class Office:
    """A lead with a draft, a colleague, a stranger and an operator."""

    database: Database
    lead: Actor
    colleague: Actor
    stranger: Actor
    operator: Actor
    draft_id: int = 0

    def sha256(self) -> str:
        with self.database.read_session() as session:
            return sha256_of(session.get_one(CaseDraft, self.draft_id).content)

    def save(self, seen: str = "", actor: Actor | None = None, **typed: Any) -> None:
        with self.database.transaction() as session:
            content = dict(session.get_one(CaseDraft, self.draft_id).content)
            services.save_case(
                session,
                actor=actor or self.lead,
                now=NOW,
                draft_id=self.draft_id,
                content=content | typed,
                seen_sha256=seen or sha256_of(content),
            )

    def submit(self, actor: Actor | None = None) -> services.Step:
        with self.database.transaction() as session:
            submission = services.submit_case(
                session,
                actor=actor or self.lead,
                now=NOW,
                draft_id=self.draft_id,
                seen_sha256=self.sha256(),
            )
            return services.Step(
                actor=self.operator,
                now=NOW,
                submission_id=submission.id,
                seen_sha256=submission.content_sha256,
                reply="見ました。",
            )

    def decide(self, act: Callable[..., Any], step: services.Step) -> None:
        with self.database.transaction() as session:
            act(session, step)


@pytest.fixture
def office(database: Database) -> Office:
    with database.transaction() as session:
        make_system_type(session, "generative_ai", name="生成AI")
        own = organization_of(session, make_body(session))
        other = organization_of(session, make_body(session))
        operator = make_organization(session, "operator", alternate_key="operator")
        made = Office(
            database,
            lead=make_actor(session, own, Role.MUNICIPAL_STAFF),
            colleague=make_actor(session, own, Role.MUNICIPAL_MANAGER),
            stranger=make_actor(session, other, Role.MUNICIPAL_MANAGER),
            operator=make_actor(session, operator, Role.OPERATOR),
        )
        made.draft_id = services.start_case(session, actor=made.lead, now=NOW).id
    made.save(title="架空の共同調達", system_type_code="generative_ai")
    return made


def at_once(*acts: Callable[[], Any]) -> list[str]:
    """What became of acts begun at the same moment, in words."""
    start = Barrier(len(acts))

    def run(act: Callable[[], Any]) -> str:
        start.wait()
        try:
            act()
        except (Conflict, Refused) as problem:
            return type(problem).__name__
        return "done"

    with ThreadPoolExecutor(len(acts)) as pool:
        return sorted(pool.map(run, acts))


def test_no_row_among_the_cases_before_approval(office: Office) -> None:
    step = office.submit()
    with office.database.read_session() as session:
        assert session.scalar(select(func.count()).select_from(Case)) == 0
        assert session.scalar(select(func.count()).select_from(SearchOutbox)) == 0
        assert [row.id for row in queries.list_case_queue(session)] == [step.submission_id]
    office.decide(services.approve_case, step)
    with office.database.read_session() as session:
        case = session.scalars(select(Case)).one()
        assert (case.title, case.first_published_on) == ("架空の共同調達", NOW.date())
        assert session.scalars(select(SearchOutbox.kind)).all() == ["case"]
        assert queries.list_case_queue(session) == ()
        review = session.scalars(select(CaseReview)).one()
        assert "ノウハウ" in [finding["check"] for finding in review.findings]
        assert verify(session).problems == ()


def test_two_operators_at_once_decide_once(office: Office) -> None:
    step = office.submit()
    said = at_once(
        lambda: office.decide(services.approve_case, step),
        lambda: office.decide(services.send_back_case, step),
    )
    assert said == ["Conflict", "done"]
    with office.database.read_session() as session:
        assert len(session.scalars(select(CaseReview)).all()) == 1


def test_two_writers_at_once_lose_nothing_silently(office: Office) -> None:
    seen = office.sha256()
    said = at_once(
        lambda: office.save(seen, background="わたし"),
        lambda: office.save(seen, office.colleague, background="同僚"),
    )
    assert said == ["Conflict", "done"]


def test_approval_and_a_newer_submission_at_once(office: Office) -> None:
    step = office.submit()
    office.save(background="あとから書いた背景")
    said = at_once(lambda: office.decide(services.approve_case, step), office.submit)
    with office.database.read_session() as session:
        published = session.scalars(select(Case.background)).all()
    assert published in ([""], []), "what was not seen is never public"
    assert said in (["Conflict", "done"], ["done", "done"])


def test_others_drafts_are_not_there_and_a_wrong_hash_approves_nothing(office: Office) -> None:
    for act in (services.recall_case, services.submit_case):
        more = {} if act is services.recall_case else {"seen_sha256": office.sha256()}
        with pytest.raises(NotFound), office.database.transaction() as session:
            act(session, actor=office.stranger, now=NOW, draft_id=office.draft_id, **more)
    with pytest.raises(NotFound), office.database.transaction() as session:
        services.start_case(session, actor=office.operator, now=NOW)
    step = office.submit()
    with pytest.raises(Conflict, match="一致しません"):
        office.decide(services.approve_case, replace(step, seen_sha256="0" * 64))
    with pytest.raises(Refused, match="権限"):
        office.decide(services.approve_case, replace(step, actor=office.lead))


def test_a_council_changes_and_confirms_its_own_published_case(office: Office) -> None:
    """It has no body's code: its case is the one it wrote here. Another council's is none."""
    with office.database.transaction() as session:
        councils = [make_organization(session, "council", alternate_key=key) for key in "ab"]
        own, other = (make_actor(session, each, Role.MUNICIPAL_STAFF) for each in councils)
        office.draft_id = services.start_case(session, actor=own, now=NOW).id
    office.lead = own
    office.save(title="協議会の共同調達", system_type_code="generative_ai")
    office.decide(services.approve_case, office.submit())
    with office.database.read_session() as session:
        case = session.scalars(select(Case).where(Case.title == "協議会の共同調達")).one()
        assert case.lead_body_code is None
        written = services.list_written(session, own)
        assert written == {case.id}
        [row] = list_own_cases(session, own, NOW.date(), written=written)
        assert row.id == case.id
        assert find_own_case(session, own, case.id, written=written).id == case.id
        assert case.lead_organization_id == own.organization_id
        for stranger in (other, office.stranger, office.operator):
            mine = services.list_written(session, stranger)
            with pytest.raises(NotFound):
                find_own_case(session, stranger, case.id, written=mine)
    for stranger in (other, office.stranger):
        with pytest.raises(NotFound), office.database.transaction() as session:
            services.start_change(session, actor=stranger, now=NOW, case_id=case.id)
    with office.database.transaction() as session:
        again = services.start_change(session, actor=own, now=NOW, case_id=case.id)
        assert again.id == office.draft_id
    office.save(know_how="先に仕様を合わせた。")
    office.decide(services.approve_case, office.submit())
    with office.database.read_session() as session:
        assert session.get_one(Case, case.id).know_how == "先に仕様を合わせた。"


def test_what_was_handed_in_is_never_written_again(office: Office) -> None:
    step = office.submit()
    office.decide(services.approve_case, step)
    for statement in (
        "UPDATE case_submission SET content_sha256 = 'x'",
        "DELETE FROM case_review",
    ):
        with pytest.raises(DatabaseError), office.database.transaction() as session:
            session.execute(text(statement))


def test_every_field_of_a_new_case_says_nothing() -> None:
    content = new_content()
    assert {value for value in content.values() if not isinstance(value, list)} == {
        *("", None, "joint")
    }
