"""A secret that was planted: every form it could be printed in, and who may read it."""

import re
from dataclasses import dataclass

from accounts.roles import Role


@dataclass(frozen=True)
class Marker:
    """A secret in every form it could be printed in, and the organisations that may read it.

    readers: organization ids. roles: roles that may read it wherever they belong.
    """

    name: str
    forms: tuple[bytes, ...]
    readers: frozenset[int]
    roles: frozenset[Role] = frozenset()

    @property
    def kind(self) -> str:
        """What it is a secret of, without whose: 「ledger invoice」."""
        return re.split(r" (?:of|to) ", self.name)[0]

    def is_in(self, *texts: bytes) -> bool:
        return any(form in text for form in self.forms for text in texts)

    def may_read(self, organization_id: int | None, roles: frozenset[Role]) -> bool:
        return organization_id in self.readers or bool(self.roles & roles)


def figure(yen: int) -> tuple[bytes, ...]:
    """An amount as pages, files and programs write it."""
    return (f"{yen}".encode(), f"{yen:,}".encode())


def word(text: str) -> tuple[bytes, ...]:
    """A word, as itself and as JSON may write it."""
    return (text.encode(), text.encode("unicode_escape"))
