"""The number a vendor is known by is nobody else's, also where two take one at the same instant."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from accounts.codes import read_corporate_number
from accounts.models import Organization
from foundation.db import is_duplicate
from foundation.errors import Blocker, Refused

# Column of an organisation and field of a form alike. One of the two is given.
NUMBERS: Mapping[str, str] = {
    "corporate_number": "法人番号",
    "alternate_key": "法人番号のない方の識別番号",
}


def stored_number(typed: str | None) -> str | None:
    """A corporate number as it is kept; None where nothing readable was typed."""
    try:
        return read_corporate_number(typed) if typed else None
    except ValueError:
        return None


def list_taken_numbers(
    session: Session, numbers: Mapping[str, str | None], own_id: int | None = None
) -> list[Blocker]:
    """Which of these stored numbers another organisation than own_id has."""
    blockers = []
    for name in NUMBERS:
        number = numbers.get(name)
        if number is None:
            continue
        taken = select(Organization.id).where(getattr(Organization, name) == number)
        if any(found != own_id for found in session.scalars(taken)):
            message = f"「{number}」はすでに登録されています。"
            blockers.append(Blocker(code="vendor_known", message=message, field=name))
    return blockers


@contextmanager
def taking_numbers(session: Session, numbers: Mapping[str, str | None]) -> Iterator[None]:
    """Write the numbers in the block. Raises Refused where somebody took one since they were asked.

    PostgreSQL lets two look at once and tells the second when it writes; SQLite lets no two write.
    """
    try:
        with session.begin_nested():
            yield
            session.flush()
    except IntegrityError as error:
        taken = list_taken_numbers(session, numbers) if is_duplicate(error) else []
        if not taken:
            raise
        raise Refused(taken) from error
