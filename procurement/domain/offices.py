"""A body's office in a few words: its staff band, who is in charge, the next 1 April (F23)."""

from dataclasses import dataclass
from datetime import date

from foundation.labels import LabelledEnum


class StaffBand(LabelledEnum):
    """Cut so that both figures of the papers, 「1人以下」 and 「3人以下」, can be rebuilt."""

    UNKNOWN = "unknown", "未入力"
    UP_TO_ONE = "0-1", "0〜1人"
    TWO_OR_THREE = "2-3", "2〜3人"
    FOUR_OR_MORE = "4+", "4人以上"


@dataclass(frozen=True, kw_only=True)
class Office:
    """What a body said of its office. All fields may be unsaid."""

    dx_staff: int | None = None
    contact_name: str = ""
    hands_over_on: date | None = None
    successor_name: str = ""
    handover_note: str = ""


def staff_band(dx_staff: int | None) -> StaffBand:
    """The band of a number of people."""
    if dx_staff is None:
        return StaffBand.UNKNOWN
    if dx_staff <= 1:
        return StaffBand.UP_TO_ONE
    return StaffBand.TWO_OR_THREE if dx_staff <= 3 else StaffBand.FOUR_OR_MORE


def in_charge(office: Office, today: date) -> str:
    """The name of who is in charge today; '' where nobody is, or nobody was named."""
    if office.hands_over_on is not None and today >= office.hands_over_on:
        return office.successor_name
    return office.contact_name


def is_vacant(office: Office | None, has_users: bool, today: date) -> bool:
    """担当者不在: nobody can sign in, or the one in charge has left and nobody follows."""
    if not has_users:
        return True
    if office is None or office.hands_over_on is None or today < office.hands_over_on:
        return False
    return not office.successor_name


def next_first_of_april(today: date) -> date:
    """When people in offices change: the first of April after today."""
    this_year = date(today.year, 4, 1)
    return this_year if today < this_year else date(today.year + 1, 4, 1)
