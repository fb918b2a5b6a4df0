"""Codes that carry their own check: local government codes and corporate numbers (domain §1)."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from foundation.text import normalize


def body_check_digit(first_five: str) -> int:
    """The sixth digit of a local government code, from its first five."""
    total = sum(
        int(digit) * weight for digit, weight in zip(first_five, (6, 5, 4, 3, 2), strict=True)
    )
    return (11 - total % 11) % 10


def is_body_code(code: str) -> bool:
    """Six digits whose last one checks. Some wrong codes check too: also look the code up."""
    if len(code) != 6 or not (code.isascii() and code.isdigit()):
        return False
    return body_check_digit(code[:5]) == int(code[5])


def read_body_code(text: str) -> str:
    """The six digits typed. Raises ValueError in Japanese for a wrong form or check digit."""
    code = normalize(text)
    if len(code) != 6 or not (code.isascii() and code.isdigit()):
        raise ValueError("団体コードは数字6桁で入力してください。")
    if not is_body_code(code):
        raise ValueError(f"団体コード「{code}」の検査数字（6桁目）が合いません。")
    return code


def corporate_check_digit(last_twelve: str) -> int:
    """The first digit of a corporate number, from the other twelve."""
    total = sum(
        int(digit) * (1 if n % 2 else 2) for n, digit in enumerate(reversed(last_twelve), start=1)
    )
    return 9 - total % 9


def is_corporate_number(number: str) -> bool:
    """Thirteen digits whose first one checks."""
    if len(number) != 13 or not (number.isascii() and number.isdigit()):
        return False
    return corporate_check_digit(number[1:]) == int(number[0])


def read_corporate_number(text: str) -> str:
    """The thirteen digits typed. Raises ValueError in Japanese for a wrong form or check digit."""
    number = normalize(text).replace("-", "").replace(" ", "")
    if len(number) != 13 or not (number.isascii() and number.isdigit()):
        raise ValueError("法人番号は数字13桁で入力してください。")
    if not is_corporate_number(number):
        raise ValueError(f"法人番号「{number}」の検査数字（1桁目）が合いません。")
    return number


def corporate_number_of_body(code: str) -> str:
    """A local body's corporate number: check digit, 000020, its code."""
    rest = f"000020{code}"
    return f"{corporate_check_digit(rest)}{rest}"


class BodyKind(StrEnum):
    """The kinds of local body in the code list."""

    PREFECTURE = "prefecture"
    DESIGNATED_CITY = "designated_city"
    CITY = "city"
    SPECIAL_WARD = "special_ward"
    TOWN = "town"
    VILLAGE = "village"


BODY_KIND_LABELS: dict[BodyKind, str] = {
    BodyKind.PREFECTURE: "都道府県",
    BodyKind.DESIGNATED_CITY: "指定都市",
    BodyKind.CITY: "市",
    BodyKind.SPECIAL_WARD: "特別区",
    BodyKind.TOWN: "町",
    BodyKind.VILLAGE: "村",
}


class PopulationSource(StrEnum):
    """Which count of people a share is computed from: the two give different shares."""

    CENSUS_2020 = "census_2020"
    REGISTER_2025 = "register_2025"


@dataclass(frozen=True, kw_only=True)
class FactSource:
    """Where a figure comes from and which day it describes."""

    label: str
    as_of: date


POPULATION_SOURCES: dict[PopulationSource, FactSource] = {
    PopulationSource.CENSUS_2020: FactSource(label="令和2年国勢調査", as_of=date(2020, 10, 1)),
    PopulationSource.REGISTER_2025: FactSource(label="住民基本台帳", as_of=date(2025, 1, 1)),
}

# 架空の都道府県: no real prefecture has this number.
FICTIONAL_PREFECTURE_CODE = "99"


def is_fictional_code(code: str) -> bool:
    """Whether a body's code lies in the made-up prefecture; no real body has such a code."""
    return len(code) == 6 and code.startswith(FICTIONAL_PREFECTURE_CODE)
