"""Enums whose members carry the word the office uses."""

from enum import StrEnum
from typing import Self


class LabelledEnum(StrEnum):
    """Write members as `MONTH = "month", "月額"`: the value is stored, the label is shown."""

    label: str

    def __new__(cls, value: str, label: str = "") -> Self:
        member = str.__new__(cls, value)
        member._value_ = value
        member.label = label
        return member
