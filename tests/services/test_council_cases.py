"""A council has no body's code: its office is asked, and it is reminded, all the same."""

from datetime import date, timedelta

import pytest
from sqlalchemy import select

from accounts.models import Organization
from accounts.roles import Actor, Role
from catalog.case_desk import list_own_cases, tell_of_old_cases
from catalog.case_drafting.contents import sha256_of
from catalog.case_drafting.leads import get_lead_page, list_leads, name_lead
from catalog.case_drafting.services import (
    get_own_draft,
    list_written,
    start_change,
    submit_case,
)
from catalog.case_inquiries import NOT_HERE, ask_contact_office, find_contact, list_inquiries
from catalog.example.reference import OUMI_COUNCIL_KEY, OUMI_COUNCIL_NAME, load_reference
from catalog.models import Case
from catalog.publishing import write_case
from foundation.audit import AuditEvent
from foundation.clock import jst_today
from foundation.db import Database
from foundation.errors import Conflict, NotFound, Refused
from foundation.mail import Notice, OutboxMail
from tests.harness.builders import (
    NOW,
    make_actor,
    make_body,
    make_organization,
    make_system_type,
    organization_of,
)
from tests.harness.catalog import case_entry


class Council:
    """A council that leads one published case a year old, another council, somebody who asks."""

    def __init__(self, database: Database) -> None:
        self.database = database
        with database.transaction() as session:
            make_system_type(session, "generative_ai", name="生成AI")
            own, other = (
                make_organization(session, "council", alternate_key=key) for key in ("a", "b")
            )
            self.own = make_actor(session, own, Role.MUNICIPAL_STAFF)
            self.other = make_actor(session, other, Role.MUNICIPAL_STAFF)
            body = organization_of(session, make_body(session))
            self.asker = make_actor(session, body, Role.MUNICIPAL_STAFF)
            entry = case_entry(
                lead_body_code=None,
                lead_body_name=own.name,
                last_confirmed_on=date(2025, 10, 1),
                fictional=body.fictional,
            )
            case = write_case(session, entry, now=NOW)
            case.lead_organization_id = own.id
            self.case = case.id


@pytest.fixture
def council(database: Database) -> Council:
    return Council(database)


def test_its_office_is_asked_and_reads_the_question(council: Council) -> None:
    with council.database.read_session() as session:
        contact = find_contact(session, council.asker, council.case)
        assert (contact.refusal, contact.organization_id) == ("", council.own.organization_id)
        assert find_contact(session, council.own, council.case).refusal == "自団体の事例です。"
    with council.database.transaction() as session:
        ask_contact_office(
            session, actor=council.asker, now=NOW, case_id=council.case, message="仕様書は？"
        )
    with council.database.read_session() as session:
        [row] = list_inquiries(session, council.own)
        assert (row.message, row.may_reply) == ("仕様書は？", True)
        assert list_inquiries(session, council.other) == ()
        [mail] = session.scalars(select(OutboxMail)).all()
        assert "仕様書は？" in mail.body


def test_it_is_reminded_once_a_year(council: Council) -> None:
    assert tell_of_old_cases(council.database, NOW) == 1
    assert tell_of_old_cases(council.database, NOW + timedelta(days=1)) == 0
    with council.database.read_session() as session:
        [notice] = session.scalars(select(Notice)).all()
        assert notice.organization_id == council.own.organization_id
        assert notice.url == f"/cases/{council.case}/refresh"


@pytest.mark.parametrize("who", ["own", "other", "asker"])
def test_only_its_own_people_keep_it(council: Council, who: str) -> None:
    actor: Actor = getattr(council, who)
    with council.database.read_session() as session:
        written = list_written(session, actor)
        rows = list_own_cases(session, actor, jst_today(NOW), written=written)
    assert [row.id for row in rows] == ([council.case] if who == "own" else [])


def test_a_case_of_nobody_here_reaches_nobody(council: Council) -> None:
    with council.database.transaction() as session:
        session.get_one(Case, council.case).lead_organization_id = None
    with council.database.read_session() as session:
        assert find_contact(session, council.asker, council.case).refusal == NOT_HERE
    with pytest.raises(Refused), council.database.transaction() as session:
        ask_contact_office(
            session, actor=council.asker, now=NOW, case_id=council.case, message="仕様書は？"
        )
    assert tell_of_old_cases(council.database, NOW) == 0


def test_the_real_council_leads_the_cases_whose_source_names_it(database: Database) -> None:
    with database.transaction() as session:
        load_reference(session, NOW)
    with database.read_session() as session:
        council = session.scalars(
            select(Organization).where(Organization.alternate_key == OUMI_COUNCIL_KEY)
        ).one()
        led = session.scalars(select(Case).where(Case.lead_organization_id.is_not(None))).all()
        assert {case.key for case in led} == {"oumi-rpa-2020", "oumi-ai-2026"}
        for case in led:
            assert (case.lead_body_name, case.lead_organization_id) == (
                OUMI_COUNCIL_NAME,
                council.id,
            )


CHANGES = {"body": {}, "renamed": {"lead_body_code": None, "lead_body_name": "架空の別協議会"}}


@pytest.mark.parametrize("change", CHANGES)
def test_a_council_that_leads_it_no_longer_neither_keeps_it_nor_is_asked(
    council: Council, change: str
) -> None:
    """A file says that another leads the case now; what the council wrote stays its own."""
    with council.database.transaction() as session:
        draft = start_change(session, actor=council.own, now=NOW, case_id=council.case)
        draft.content = draft.content | {"background": "協議会の下書き"}
        draft_id, sha256 = draft.id, sha256_of(draft.content)
    with council.database.transaction() as session:
        case = session.get_one(Case, council.case)
        body = make_body(session)
        successor = make_actor(session, organization_of(session, body), Role.MUNICIPAL_STAFF)
        said = {"lead_body_code": body.code, "lead_body_name": body.name} | CHANGES[change]
        write_case(session, case_entry(**said, key=case.key, fictional=case.fictional), now=NOW)
        assert case.lead_organization_id is None
        case.lead_organization_id = council.own.organization_id if change == "body" else None
    with council.database.read_session() as session:
        assert list_written(session, council.own) == frozenset()
    with pytest.raises(NotFound), council.database.transaction() as session:
        start_change(session, actor=council.own, now=NOW, case_id=council.case)
    with (
        pytest.raises(Refused, match="幹事団体が変わった"),
        council.database.transaction() as session,
    ):
        submit_case(session, actor=council.own, now=NOW, draft_id=draft_id, seen_sha256=sha256)
    if change == "renamed":
        return
    with council.database.transaction() as session:
        begun = start_change(session, actor=successor, now=NOW, case_id=council.case)
        case = session.get_one(Case, council.case)
        assert (begun.case_id, begun.content["background"]) == (case.id, case.background)
        assert get_own_draft(session, successor, begun.id) is begun
        kept = get_own_draft(session, council.own, draft_id)
        assert (kept.case_id, kept.content["background"]) == (None, "協議会の下書き")
        assert kept.key != begun.key == case.key


class Unnamed(Council):
    """The case as a file brought it: nobody is named."""

    def __init__(self, database: Database) -> None:
        super().__init__(database)
        with database.transaction() as session:
            session.get_one(Case, self.case).lead_organization_id = None
            office = make_organization(session, "operator", alternate_key="office")
            self.operator = make_actor(session, office, Role.OPERATOR)

    def name(
        self, organization_id: int | None, *, seen: int = 0, actor: Actor | None = None
    ) -> None:
        with self.database.transaction() as session:
            name_lead(
                session,
                actor=actor or self.operator,
                now=NOW,
                case_id=self.case,
                organization_id=organization_id,
                seen_version=seen or get_lead_page(session, self.case).row_version,
            )

    def named(self) -> list[str]:
        with self.database.read_session() as session:
            return [row.council for row in list_leads(session, page=1, size=9).rows]


@pytest.fixture
def unnamed(database: Database) -> Unnamed:
    return Unnamed(database)


def test_the_operator_names_it_and_it_keeps_the_case_from_then_on(unnamed: Unnamed) -> None:
    own = unnamed.own.organization_id
    assert unnamed.named() == [""]
    unnamed.name(own)
    assert unnamed.named() != [""]
    with unnamed.database.read_session() as session:
        assert list_written(session, unnamed.own) == {unnamed.case}
        contact = find_contact(session, unnamed.asker, unnamed.case)
        assert (contact.refusal, contact.organization_id) == ("", own)
        [notice] = session.scalars(select(Notice)).all()
        assert (notice.organization_id, notice.url) == (own, f"/cases/{unnamed.case}")
        event = session.scalars(
            select(AuditEvent).where(AuditEvent.action == "name_case_lead")
        ).one()
        assert event.subject_id == str(unnamed.case)
    unnamed.name(None)
    with unnamed.database.read_session() as session:
        assert list_written(session, unnamed.own) == frozenset()


def test_only_the_operator_names_only_councils_and_only_what_it_saw(unnamed: Unnamed) -> None:
    own, body = unnamed.own.organization_id, unnamed.asker.organization_id
    with pytest.raises(NotFound):
        unnamed.name(own, actor=unnamed.own)
    for wrong in (body, 999_999):
        with pytest.raises(Refused):
            unnamed.name(wrong)
    with pytest.raises(Conflict):
        unnamed.name(own, seen=99)
    with pytest.raises(Refused):
        unnamed.name(None)  # nobody is named already
    with unnamed.database.transaction() as session:
        session.get_one(Organization, own).fictional = False
    with pytest.raises(Refused):
        unnamed.name(own)  # a real council does not lead a fictional case
    assert unnamed.named() == [""]


def test_what_one_council_writes_stays_its_own_when_another_is_named(unnamed: Unnamed) -> None:
    unnamed.name(unnamed.own.organization_id)
    with unnamed.database.transaction() as session:
        begun = start_change(session, actor=unnamed.own, now=NOW, case_id=unnamed.case).id
    unnamed.name(unnamed.other.organization_id)
    with unnamed.database.transaction() as session:
        again = start_change(session, actor=unnamed.other, now=NOW, case_id=unnamed.case)
        assert again.id != begun
        assert get_own_draft(session, unnamed.own, begun).case_id is None
