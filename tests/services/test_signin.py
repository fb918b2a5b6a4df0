"""Signing in: guessing is slow, counted across processes, and tells nothing."""

import threading
import time
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select

from accounts import signin
from accounts.models import SignInAttempt, User
from accounts.roles import Role
from accounts.signin import (
    Accepted,
    SignInLocked,
    SignInRefused,
    forget_attempts,
    hash_password,
    sign_in,
    verify_password,
)
from foundation.audit import AuditEvent
from tests.harness.builders import make_organization, make_user

NOW = datetime(2026, 11, 20, 1, 0, tzinfo=UTC)
PASSWORD = "長い合い言葉 2026"
EMAIL = "kanri@shiomi.example"


@pytest.fixture(scope="module")
def password_hash():
    return hash_password(PASSWORD)


@pytest.fixture
def users(database, password_hash):
    with database.transaction() as session:
        operator = make_organization(session, "operator")
        make_user(session, operator, Role.OPERATOR, email=EMAIL, password_hash=password_hash)
        make_user(
            session,
            operator,
            Role.AUDITOR,
            email="example@moyai.example",
            password_hash=password_hash,
            example=True,
        )
    return database


def attempt(database, password, *, email=EMAIL, at=NOW, accepted=Accepted.ALL):
    return sign_in(database, email=email, password=password, accepted=accepted, now=at)


def fail(database, times, *, email=EMAIL, at=NOW):
    for n in range(times):
        with pytest.raises(SignInRefused):
            attempt(database, "違う", email=email, at=at + timedelta(seconds=n))


def test_the_right_password_gives_the_users_token_and_one_event(users):
    token = attempt(users, PASSWORD, email="  ＫＡＮＲＩ@shiomi.example ")
    with users.read_session() as session:
        user = session.scalars(select(User).where(User.session_token == token)).one()
        assert user.email == EMAIL
        actions = session.scalars(select(AuditEvent.action)).all()
    assert actions == ["sign_in"]


@pytest.mark.parametrize("email", [EMAIL, "nobody@shiomi.example"])
def test_five_failures_lock_the_address_known_or_not(users, email):
    fail(users, 5, email=email)
    with pytest.raises(SignInLocked) as locked:
        attempt(users, PASSWORD, email=email, at=NOW + timedelta(minutes=1))
    assert locked.value.retry_after == 14 * 60 + 4


def test_the_lock_opens_fifteen_minutes_after_the_fifth_failure(users):
    fail(users, 5)
    fifth = NOW + timedelta(seconds=4)
    with pytest.raises(SignInLocked) as locked:
        attempt(users, PASSWORD, at=fifth + timedelta(minutes=15) - timedelta(milliseconds=1))
    assert locked.value.retry_after == 1
    assert attempt(users, PASSWORD, at=fifth + timedelta(minutes=15))


def test_being_locked_does_not_make_the_lock_longer(users):
    fail(users, 5)
    for minute in range(1, 15):
        with pytest.raises(SignInLocked):
            attempt(users, "違う", at=NOW + timedelta(minutes=minute))
    assert attempt(users, PASSWORD, at=NOW + timedelta(minutes=15, seconds=4))


def test_failures_spread_over_more_than_fifteen_minutes_do_not_lock(users):
    for n in range(8):
        fail(users, 1, at=NOW + timedelta(minutes=4 * n))
    assert attempt(users, PASSWORD, at=NOW + timedelta(minutes=29))


def test_a_right_password_forgives_the_failures_before_it(users):
    fail(users, 4)
    attempt(users, PASSWORD, at=NOW + timedelta(minutes=1))
    fail(users, 4, at=NOW + timedelta(minutes=2))
    assert attempt(users, PASSWORD, at=NOW + timedelta(minutes=3))


def test_another_address_is_not_locked_along(users):
    fail(users, 5)
    assert attempt(users, PASSWORD, email="example@moyai.example")


def test_guessing_at_once_gets_no_more_than_five_tries(users):
    outcomes = []

    def guess():
        try:
            attempt(users, "違う")
        except (SignInRefused, SignInLocked) as error:
            outcomes.append(type(error))

    guessers = [threading.Thread(target=guess) for _ in range(9)]
    for guesser in guessers:
        guesser.start()
    for guesser in guessers:
        guesser.join()
    assert outcomes.count(SignInRefused) == 5
    assert outcomes.count(SignInLocked) == 4


def test_unknown_addresses_take_as_long_as_known_ones(users):
    def took(email):
        started = time.process_time()
        with pytest.raises(SignInRefused):
            attempt(users, "違う", email=email, at=NOW + timedelta(hours=took.calls))
        took.calls += 1
        return time.process_time() - started

    took.calls = 0
    took("warm@shiomi.example")
    known = min(took(EMAIL) for _ in range(3))
    unknown = min(took("nobody@shiomi.example") for _ in range(3))
    assert unknown == pytest.approx(known, rel=0.5)


def test_example_users_are_refused_where_only_real_ones_are_accepted(users):
    with pytest.raises(SignInRefused):
        attempt(users, PASSWORD, email="example@moyai.example", accepted=Accepted.REAL_ONLY)
    assert attempt(users, PASSWORD, email="example@moyai.example")


def test_a_user_switched_off_is_refused_like_an_unknown_one(users):
    with users.transaction() as session:
        session.scalars(select(User).where(User.email == EMAIL)).one().active = False
    with pytest.raises(SignInRefused):
        attempt(users, PASSWORD)


def test_no_writer_waits_while_a_password_is_checked(users, monkeypatch):
    """The slow hash holds no transaction: another writer gets through in the meantime."""
    started = threading.Event()
    original = signin._hasher

    class SlowHasher:
        def verify(self, *args):
            started.set()
            time.sleep(1.0)
            return original.verify(*args)

    monkeypatch.setattr(signin, "_hasher", SlowHasher())
    signing_in = threading.Thread(target=attempt, args=(users, PASSWORD))
    signing_in.start()
    started.wait(timeout=10)
    before = time.perf_counter()
    with users.transaction() as session:
        make_organization(session, "operator")
    waited = time.perf_counter() - before
    signing_in.join()
    assert waited < 0.8


def test_old_attempts_are_forgotten(users):
    fail(users, 2)
    forget_attempts(users, NOW + timedelta(hours=23))
    with users.read_session() as session:
        assert session.scalar(select(func.count()).select_from(SignInAttempt)) == 2
    forget_attempts(users, NOW + timedelta(hours=25))
    with users.read_session() as session:
        assert session.scalar(select(func.count()).select_from(SignInAttempt)) == 0


def test_addresses_typed_are_not_collected(users):
    fail(users, 1, email="secret.person@shiomi.example")
    with users.read_session() as session:
        keys = session.scalars(select(SignInAttempt.account_key)).all()
    assert len(keys) == 1
    assert "secret" not in keys[0]


def test_a_hash_that_is_none_matches_nothing():
    assert not verify_password("!", PASSWORD)
