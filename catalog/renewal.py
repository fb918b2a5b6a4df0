"""The yearly renewal of an entry: until when what it says counts as confirmed.

Derived from the day and never stored. An entry that is not renewed stays readable; it is marked.
"""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from catalog.staleness import whole_years
from foundation.labels import LabelledEnum

# A content begun as a renewal says since when. Versions do not hold it: readers see no difference.
RENEWED_ON = "renewed_on"
REMIND_BEFORE = timedelta(days=30)


class Renewal(LabelledEnum):
    """Whether an entry is to be renewed."""

    CONFIRMED = "confirmed", ""
    DUE = "due", "年次更新の時期"
    OVERDUE = "overdue", "要更新確認"


def renewal_of(confirmed_on: date, today: date) -> Renewal:
    """Due in the last REMIND_BEFORE of the year after the day, overdue once that is full."""
    if whole_years(confirmed_on, today):
        return Renewal.OVERDUE
    return Renewal.DUE if whole_years(confirmed_on, today + REMIND_BEFORE) else Renewal.CONFIRMED


def is_renewing(content: Mapping[str, Any]) -> bool:
    """Whether the content was begun as a renewal and not handed in since."""
    return bool(content.get(RENEWED_ON))
