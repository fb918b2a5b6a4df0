"""The expected answers of a program that says no: refusals, absences, collisions."""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Blocker:
    """One reason why something may not be done, in words its reader can act on.

    `field` names the form field the reason belongs to, if there is one.
    """

    code: str
    message: str
    field: str | None = None


class Refused(Exception):
    """A rule says no. Carries every reason, not only the first."""

    def __init__(self, blockers: Iterable[Blocker]) -> None:
        self.blockers = tuple(blockers)
        super().__init__(" / ".join(blocker.message for blocker in self.blockers))


class NotFound(Exception):
    """There is no such thing, or not for this reader: the two are never told apart."""


class Conflict(Exception):
    """Somebody else changed the thing since this reader saw it."""

    def __init__(self, message: str = "ほかの人が先に変更しました。") -> None:
        super().__init__(message)


class BadSetting(Exception):
    """An environment variable asks for what there is not. The program does not start."""


def refuse(code: str, message: str, field: str | None = None) -> Refused:
    """A refusal with a single reason, ready to be raised."""
    return Refused([Blocker(code=code, message=message, field=field)])
