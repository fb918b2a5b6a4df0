"""Asking for help: routed, taken, answered in writing; read by the two sides and nobody else."""

from dataclasses import replace

import pytest
from sqlalchemy import select

from accounts.roles import Role
from foundation.audit import AuditEvent, verify
from foundation.db import Database
from foundation.errors import Conflict, NotFound, Refused
from foundation.mail import Notice, OutboxMail
from procurement.domain.help import HelpKind
from procurement.queries.desk import list_waiting
from procurement.queries.help import get_request, list_addressees, list_requests, list_steps
from procurement.services.help import ask_help, reply_help, route_help, take_help, withdraw_help
from tests.harness.builders import (
    NOW,
    make_actor,
    make_body,
    make_organization,
    make_vendor,
    organization_of,
)

SECRET = "ヒミツノ相談ゲンゴロウ"


class Cast:
    """A town, its coordinator, another prefecture's, a ministry and a vendor."""

    def __init__(self, session):
        prefecture = make_body(session, kind="prefecture")
        town = make_body(session)
        far = make_body(session, kind="prefecture", prefecture_code="98")
        role = Role.PREFECTURE_COORDINATOR
        self.town = make_actor(session, organization_of(session, town), Role.MUNICIPAL_STAFF)
        self.coordinator = make_actor(session, organization_of(session, prefecture), role)
        self.far = make_actor(session, organization_of(session, far), role)
        ministry = make_organization(session, "ministry")
        self.ministry = make_actor(session, ministry, Role.MINISTRY_REPORTER)
        vendor = make_vendor(session)
        self.vendor = make_actor(session, vendor.organization, Role.VENDOR_STAFF)
        auditors = make_organization(session, "operator")
        self.auditor = make_actor(session, auditors, Role.AUDITOR)


def ask(session, cast, to, kind=HelpKind.QUESTION, **more):
    return ask_help(
        session,
        actor=cast.town,
        now=NOW,
        kind=kind,
        to_organization_id=to.organization_id,
        subject=SECRET,
        text=SECRET,
        **more,
    )


def codes(refused):
    return [blocker.code for blocker in refused.value.blockers]


def told(session, actor):
    return [
        notice.body
        for notice in session.scalars(
            select(Notice).where(Notice.organization_id == actor.organization_id)
        )
    ]


def test_a_question_goes_its_way_and_is_answered(database: Database):
    with database.transaction() as session:
        cast = Cast(session)
        row = ask(session, cast, cast.coordinator)
        assert [each.path for each in list_waiting(session, cast.coordinator)] == [
            f"/help/{row.id}"
        ]
        given = {"now": NOW, "request_id": row.id}
        take_help(session, actor=cast.coordinator, seen_version=1, **given)
        with pytest.raises(Conflict):
            take_help(session, actor=cast.coordinator, seen_version=1, **given)
        route_help(
            session,
            actor=cast.coordinator,
            to_organization_id=cast.vendor.organization_id,
            note="製品の仕様のため",
            seen_version=2,
            **given,
        )
        with pytest.raises(Refused) as passed:
            reply_help(session, actor=cast.coordinator, reply="回答", seen_version=3, **given)
        assert codes(passed) == ["not_asked"]
        reply_help(session, actor=cast.vendor, reply="使えます。", seen_version=3, **given)
        read = get_request(session, cast.town, row.id)
        assert (read.status, read.reply) == ("answered", "使えます。")
        assert [step.action for step in list_steps(session, row.id)] == [
            "asked",
            "taken",
            "routed",
            "answered",
        ]
        assert len(told(session, cast.town)) == 3
        assert len(told(session, cast.vendor)) == len(told(session, cast.coordinator)) == 1
        with pytest.raises(Refused) as done:
            withdraw_help(session, actor=cast.town, seen_version=4, **given)
        assert codes(done) == ["not_open"]
        assert verify(session).problems == ()


def test_nobody_else_reads_it_and_its_words_are_nowhere_else(database: Database):
    with database.transaction() as session:
        cast = Cast(session)
        row = ask(session, cast, cast.coordinator)
        for actor in (cast.far, cast.ministry, cast.vendor):
            assert list_requests(session, actor) == ()
            answers = []
            for id_ in (row.id, 987_654):
                with pytest.raises(NotFound) as nothing:
                    take_help(session, actor=actor, now=NOW, request_id=id_, seen_version=1)
                answers.append(str(nothing.value))
            assert answers[0] == answers[1]
        for actor in (cast.town, cast.coordinator, cast.auditor):
            assert [each.id for each in list_requests(session, actor)] == [row.id]
        written = [str(event.changes) for event in session.scalars(select(AuditEvent))]
        written += [f"{n.title} {n.body}" for n in session.scalars(select(Notice))]
        written += [f"{m.subject} {m.body}" for m in session.scalars(select(OutboxMail))]
        assert written
        assert not [text for text in written if SECRET in text]


def test_a_quote_is_looked_at_by_public_bodies_only(database: Database):
    """Other vendors' prices are no vendor's to see: neither asked nor routed."""
    with database.transaction() as session:
        cast = Cast(session)
        with pytest.raises(Refused) as vendor:
            ask(session, cast, cast.vendor, HelpKind.SCRUTINY, annual_yen=1_200_000)
        assert codes(vendor) == ["addressee"]
        with pytest.raises(Refused) as unnamed:
            ask(session, cast, cast.coordinator, HelpKind.SCRUTINY)
        assert codes(unnamed) == ["annual_yen"]
        row = ask(session, cast, cast.coordinator, HelpKind.SCRUTINY, annual_yen=1_200_000)
        given = {"actor": cast.coordinator, "now": NOW, "request_id": row.id, "note": ""}
        for to, code in ((cast.vendor, "addressee"), (cast.town, "addressee")):
            with pytest.raises(Refused) as refused:
                route_help(session, to_organization_id=to.organization_id, seen_version=1, **given)
            assert code in codes(refused)
        route_help(
            session, to_organization_id=cast.ministry.organization_id, seen_version=1, **given
        )
        assert [r.annual_yen for r in list_requests(session, cast.ministry)] == [1_200_000]


def test_whom_one_may_ask(sqlite_database: Database):
    """The own prefecture, ministries and published vendors of the same kind; never a stranger."""
    with sqlite_database.transaction() as session:
        cast = Cast(session)
        make_vendor(session, publication_status="draft")
        make_vendor(session, fictional=False)
        found = {
            id_
            for id_, _name, _kind in list_addressees(
                session, cast.town, ("prefecture", "ministry", "vendor")
            )
        }
        expected = {cast.coordinator, cast.ministry, cast.vendor}
        assert {actor.organization_id for actor in expected} <= found
        assert cast.far.organization_id not in found
        real = replace(cast.town, fictional=True)
        with pytest.raises(Refused) as far:
            ask(session, cast, cast.far)
        assert codes(far) == ["addressee"]
        with pytest.raises(Refused) as nobody:
            ask_help(
                session,
                actor=replace(real, roles=frozenset({Role.VENDOR_STAFF})),
                now=NOW,
                kind=HelpKind.QUESTION,
                to_organization_id=cast.ministry.organization_id,
                subject="件名",
                text="内容",
            )
        assert codes(nobody) == ["not_body"]


def test_who_asked_may_take_it_back(sqlite_database: Database):
    with sqlite_database.transaction() as session:
        cast = Cast(session)
        row = ask(session, cast, cast.ministry)
        withdraw_help(session, actor=cast.town, now=NOW, request_id=row.id, seen_version=1)
        assert row.status == "withdrawn"
        assert told(session, cast.ministry)[-1] == "依頼が取り下げられました。"
