"""Certificates of an entry that run out soon, or have: derived from the day, never stored."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from catalog.criteria import criteria_by_key

# A registration takes its holder some months to renew.
EXPIRES_SOON = timedelta(days=90)
TABLE = "certificates"
HELD = "certifications"
ENDS = "valid_to"


@dataclass(frozen=True, kw_only=True)
class Expiry:
    """A certificate whose last day is near or past. row: its key, ends: the last day it holds."""

    row: str
    label: str
    ends: date
    expired: bool

    @property
    def mark(self) -> str:
        """「有効期限切れ（2026年11月1日まで）」"""
        said = "有効期限切れ" if self.expired else "有効期限が近い"
        return f"{said}（{self.ends.year}年{self.ends.month}月{self.ends.day}日まで）"

    @property
    def words(self) -> str:
        """The mark with the certificate's name before it."""
        return f"{self.label}：{self.mark}"


def list_expiries(answers: Mapping[str, Any], today: date) -> tuple[Expiry, ...]:
    """Those that end within EXPIRES_SOON or did; one without a last day is none of them."""
    labels = criteria_by_key()[TABLE].choice_labels
    table = answers.get(TABLE)
    rows: Mapping[str, Any] = table if isinstance(table, Mapping) else {}
    found = [
        Expiry(row=key, label=labels.get(key, key), ends=ends, expired=ends < today)
        for key, row in rows.items()
        if row.get(ENDS)
        for ends in [date.fromisoformat(row[ENDS])]
    ]
    return tuple(one for one in found if one.ends <= today + EXPIRES_SOON)


def expiries_by_criterion(
    answers: Mapping[str, Any], criteria: Iterable[str], today: date
) -> dict[str, tuple[Expiry, ...]]:
    """Beside the table all of them, beside what is held the expired ones that it names.

    criteria: what the reader may read; of others nothing is said.
    """
    asked = frozenset(criteria)
    near = list_expiries(answers, today)
    held = answers.get(HELD) or ()
    found = {
        HELD: tuple(one for one in near if one.expired and one.row in held),
        TABLE: near,
    }
    return {key: ones for key, ones in found.items() if ones and key in asked}
