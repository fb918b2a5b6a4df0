"""Checking a password, so that guessing is slow, counted and tells nothing.

An attempt is written down as failed before the password is looked at and struck out when
it was right: any number of processes guessing at once get five tries between them. The
slow hash runs outside every transaction, else one sign-in would hold up all writers.
"""

import hashlib
import secrets
import threading
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from functools import lru_cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from accounts.audit import record
from accounts.models import SignInAttempt, User
from accounts.queries import actor_of, find_user_by_token
from foundation.db import Database
from foundation.text import normalize

MAX_FAILURES = 5
WINDOW = timedelta(minutes=15)
LOCK = timedelta(minutes=15)
KEEP_ATTEMPTS = timedelta(days=1)
MAX_PASSWORD_LENGTH = 200

# One hash takes 64 MiB and a core: more at once would starve the pages of everybody else.
_hashing = threading.BoundedSemaphore(2)
_hasher = PasswordHasher()


class Accepted(StrEnum):
    """Which accounts an installation lets in."""

    ALL = "all"
    REAL_ONLY = "real_only"  # example users are refused outside the example mode


class SignInRefused(Exception):
    """The address or the password is wrong: which of them is never said."""


class SignInLocked(Exception):
    """Too many failures for this address, known or not. `retry_after`: seconds to wait."""

    def __init__(self, retry_after: int) -> None:
        self.retry_after = retry_after
        super().__init__(f"locked for {retry_after} seconds")


@dataclass(frozen=True, kw_only=True)
class _Candidate:
    token: str | None
    password_hash: str


def sign_in(
    database: Database, *, email: str, password: str, accepted: Accepted, now: datetime
) -> str:
    """The session token of the user whose password this is.

    Raises SignInRefused, or SignInLocked after five failures within 15 minutes. Takes the
    same time whether the address is known or not.
    """
    address = normalize_email(email)
    attempt_id = _begin_attempt(database, account_key(address), now)
    with database.read_session() as session:
        candidate = _find_candidate(session, address, accepted)
    matches = verify_password(candidate.password_hash, password)
    if not matches or candidate.token is None:
        raise SignInRefused
    with database.transaction() as session:
        _forgive(session, account_key(address), attempt_id)
        user = find_user_by_token(session, candidate.token)
        if user is None:  # switched off, or signed out everywhere, since it was read
            raise SignInRefused
        record(session, actor_of(user), "sign_in", "user", user.id, {}, now)
    return candidate.token


def hash_password(password: str) -> str:
    """The argon2id hash to keep. Slow on purpose: never call it inside a transaction."""
    with _hashing:
        return _hasher.hash(password)


def verify_password(password_hash: str, password: str) -> bool:
    """Whether the password belongs to the hash. Slow on purpose, as `hash_password`."""
    # A longer one is cut, not refused early: the answer must take the same time.
    with _hashing:
        try:
            return _hasher.verify(password_hash, password[: MAX_PASSWORD_LENGTH + 1])
        except (VerificationError, InvalidHashError):
            return False


def new_token() -> str:
    """A fresh session token."""
    return secrets.token_urlsafe(32)


def normalize_email(text: str) -> str:
    """The address as it is kept and compared."""
    return normalize(text).casefold()


def account_key(address: str) -> str:
    """What attempts are counted by: a hash, so that typed addresses are not collected."""
    return hashlib.sha256(f"sign-in:{address}".encode()).hexdigest()


def forget_attempts(database: Database, now: datetime) -> None:
    """Delete attempts that no longer count for anything."""
    old = SignInAttempt.failed_at < now - KEEP_ATTEMPTS
    with database.read_session() as session:
        if session.scalar(select(SignInAttempt.id).where(old).limit(1)) is None:
            return
    with database.transaction() as session:
        session.execute(delete(SignInAttempt).where(old))


def _begin_attempt(database: Database, key: str, now: datetime) -> int:
    """Write the attempt down, or raise SignInLocked. Counting and writing are one step."""
    with database.transaction() as session:
        _line_up(session, key)
        retry_after = _seconds_locked(session, key, now)
        if retry_after:
            raise SignInLocked(retry_after)
        attempt = SignInAttempt(account_key=key, failed_at=now)
        session.add(attempt)
        session.flush()
        return attempt.id


def _line_up(session: Session, key: str) -> None:
    # SQLite's writers stand in line already; on PostgreSQL those of one account do here.
    if session.get_bind().dialect.name == "postgresql":
        session.execute(select(func.pg_advisory_xact_lock(int(key[:15], 16))))


def _seconds_locked(session: Session, key: str, now: datetime) -> int:
    newest = (
        select(SignInAttempt.failed_at)
        .where(SignInAttempt.account_key == key)
        .order_by(SignInAttempt.failed_at.desc(), SignInAttempt.id.desc())
        .limit(MAX_FAILURES)
    )
    failures = list(session.scalars(newest))
    if len(failures) < MAX_FAILURES or failures[0] - failures[-1] > WINDOW:
        return 0
    left = (failures[0] + LOCK - now).total_seconds()
    return max(0, int(left) + (left > int(left)))


def _find_candidate(session: Session, address: str, accepted: Accepted) -> _Candidate:
    unknown = _Candidate(token=None, password_hash=_dummy_hash())
    user = session.scalar(select(User).where(User.email == address, User.active))
    if user is None or (user.example and accepted is Accepted.REAL_ONLY):
        return unknown
    return _Candidate(token=user.session_token, password_hash=user.password_hash)


@lru_cache(maxsize=1)
def _dummy_hash() -> str:
    return hash_password(secrets.token_urlsafe(16))


def _forgive(session: Session, key: str, attempt_id: int) -> None:
    """A right password strikes out the failures before it, not those begun since."""
    session.execute(
        delete(SignInAttempt).where(
            SignInAttempt.account_key == key, SignInAttempt.id <= attempt_id
        )
    )
