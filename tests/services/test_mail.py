"""Mail leaves after the commit, once, and is tried again; a real SMTP server takes it."""

import socket
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.header import decode_header, make_header

import pytest
from aiosmtpd.controller import Controller
from sqlalchemy import select

from accounts.notices import tell_organization
from accounts.roles import Role
from foundation.jobs import JobRunner, JobSettings
from foundation.mail import (
    MAX_ATTEMPTS,
    MailSettings,
    Notice,
    OutboxMail,
    count_by_state,
    deliver_pending,
    notify,
    queue_mail,
)
from tests.harness.builders import make_organization, make_user

NOW = datetime(2026, 11, 20, 1, 0, tzinfo=UTC)


class Inbox:
    """Keeps what arrives; refuses while `refusing`."""

    def __init__(self):
        self.messages = []
        self.refusing = False

    async def handle_DATA(self, _server, _session, envelope):
        if self.refusing:
            return "451 try again later"
        self.messages.append(message_from_bytes(envelope.content))
        return "250 OK"


@pytest.fixture
def smtp():
    inbox = Inbox()
    controller = Controller(inbox, hostname="127.0.0.1", port=free_port())
    controller.start()
    inbox.settings = MailSettings(
        host="127.0.0.1", port=controller.port, sender="moyai@moyai.example"
    )
    yield inbox
    controller.stop()


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def queue(database, subject="参加のお願い"):
    with database.transaction() as session:
        queue_mail(session, to="a@shiomi.example", subject=subject, body="本文です。", now=NOW)


def test_japanese_mail_arrives_readable(database, smtp):
    queue(database)
    assert deliver_pending(database, smtp.settings, NOW).sent == 1
    (message,) = smtp.messages
    assert str(make_header(decode_header(message["Subject"]))) == "参加のお願い"
    assert message.get_payload(decode=True).decode().splitlines() == ["本文です。"]
    assert (message["From"], message["To"]) == ("moyai@moyai.example", "a@shiomi.example")


def test_mail_is_sent_once_however_often_one_asks(database, smtp):
    queue(database)
    for _ in range(3):
        deliver_pending(database, smtp.settings, NOW)
    assert len(smtp.messages) == 1


def test_nothing_is_sent_of_what_was_rolled_back(database, smtp):
    with pytest.raises(RuntimeError), database.transaction() as session:
        queue_mail(session, to="a@shiomi.example", subject="x", body="y", now=NOW)
        raise RuntimeError
    deliver_pending(database, smtp.settings, NOW)
    assert smtp.messages == []


def test_refused_mail_is_tried_again_later_and_later(database, smtp):
    queue(database)
    smtp.refusing = True
    assert deliver_pending(database, smtp.settings, NOW).put_off == 1
    assert deliver_pending(database, smtp.settings, NOW + timedelta(seconds=59)).put_off == 0
    assert deliver_pending(database, smtp.settings, NOW + timedelta(seconds=60)).put_off == 1
    assert deliver_pending(database, smtp.settings, NOW + timedelta(seconds=179)).put_off == 0
    smtp.refusing = False
    assert deliver_pending(database, smtp.settings, NOW + timedelta(seconds=180)).sent == 1


def test_mail_is_given_up_after_eight_tries_and_says_so(database):
    queue(database)
    nobody = MailSettings(host="127.0.0.1", port=free_port(), sender="moyai@moyai.example")
    for n in range(MAX_ATTEMPTS + 2):
        deliver_pending(database, nobody, NOW + timedelta(days=n))
    with database.read_session() as session:
        mail = session.scalars(select(OutboxMail)).one()
        assert (mail.state, mail.attempts) == ("failed", MAX_ATTEMPTS)
        assert mail.last_error == "ConnectionRefusedError"


def test_mail_of_a_worker_killed_while_sending_is_taken_up_again(database, smtp):
    queue(database)
    with database.transaction() as session:
        mail = session.scalars(select(OutboxMail)).one()
        mail.state, mail.next_try_at = "sending", NOW + timedelta(minutes=5)
    assert deliver_pending(database, smtp.settings, NOW + timedelta(minutes=4)).sent == 0
    assert deliver_pending(database, smtp.settings, NOW + timedelta(minutes=5)).sent == 1


def test_without_a_server_mail_waits(database):
    queue(database)
    deliver_pending(database, MailSettings(host="", port=0, sender=""), NOW)
    with database.read_session() as session:
        assert count_by_state(session) == {"queued": 1}


def test_a_subject_cannot_smuggle_in_a_header(database, smtp):
    queue(database, subject="件名\r\nBcc: evil@evil.example")
    assert deliver_pending(database, smtp.settings, NOW).sent == 1
    assert smtp.messages[0]["Bcc"] is None


def test_telling_an_organisation_reaches_its_active_people_and_its_inbox(database, smtp):
    with database.transaction() as session:
        town = make_organization(session, "operator")
        make_user(session, town, Role.OPERATOR, Role.AUDITOR, email="b@shiomi.example")
        make_user(session, town, Role.OPERATOR, email="a@shiomi.example")
        make_user(session, town, Role.OPERATOR, email="gone@shiomi.example", active=False)
        tell_organization(session, town.id, title="締切が近づいています", body="本文", now=NOW)
    deliver_pending(database, smtp.settings, NOW)
    assert [message["To"] for message in smtp.messages] == ["a@shiomi.example", "b@shiomi.example"]
    with database.read_session() as session:
        assert session.scalars(select(Notice.title)).all() == ["締切が近づいています"]


def test_a_notice_needs_a_reader(database):
    with pytest.raises(ValueError, match="somebody"), database.transaction() as session:
        notify(session, title="x", body="y", now=NOW)


@pytest.fixture
def runner(sqlite_database, smtp, tmp_path):
    settings = JobSettings(folder=tmp_path, secret="s")
    return JobRunner(sqlite_database, settings=settings, mail=smtp.settings, clock=lambda: NOW)


def test_a_commit_that_queued_mail_wakes_the_worker(runner, smtp):
    queue(runner.database)
    assert runner.status() == {"mail_queued": 1, "jobs_waiting": 1}
    runner.queue.execute(runner.queue.dequeue())
    assert len(smtp.messages) == 1
    assert runner.status() == {"mail_sent": 1, "jobs_waiting": 0}


def test_a_commit_without_mail_wakes_nobody(runner):
    with runner.database.transaction() as session:
        make_organization(session, "operator")
    assert runner.status() == {"jobs_waiting": 0}


def test_the_sweep_sends_what_no_job_was_made_for(runner, smtp):
    queue(runner.database)
    runner.queue.flush()
    runner.sweep()
    assert len(smtp.messages) == 1


def test_a_sweep_that_fails_does_not_stop_the_others(runner, smtp):
    def broken(_database, _now):
        raise RuntimeError("broken")

    runner.sweeps = {"broken": broken, **runner.sweeps}
    queue(runner.database)
    runner.sweep()
    assert len(smtp.messages) == 1
