"""Text as people in Japanese offices type it, made comparable without losing what they meant."""

import re
import unicodedata
from datetime import date
from decimal import Decimal

# Control characters but white space, lone surrogates, and U+FFFE and U+FFFF of every plane:
# no page may hold them, and PostgreSQL does not take the first.
_NEVER_PRINTED = re.compile(
    "[\x00-\x08\x0b\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufdd0-\ufdef"
    + "".join(chr(plane * 0x10000 + last) for plane in range(17) for last in (0xFFFE, 0xFFFF))
    + "]"
)
_DASHES = dict.fromkeys(map(ord, "‐‑‒–—―−﹘﹣－"), "-")
_WHOLE_NUMBER = re.compile(r"-?[0-9]{1,15}")
_DECIMAL = re.compile(r"-?[0-9]{1,15}(\.[0-9]{1,40})?")
_DATE = re.compile(
    r"(令和|平成|昭和|[RHSrhs])?(元|\d{1,4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?",
)
# Long before the first of these days no era names a year; no contract, plan or vote reaches
# past the last one.
EARLIEST_DAY, LATEST_DAY = date(1900, 1, 1), date(2099, 12, 31)
# Year 0 of each era: 令和1年 is 2019.
_ERA_OFFSETS = {"令和": 2018, "R": 2018, "平成": 1988, "H": 1988, "昭和": 1925, "S": 1925}
_DIRECTIONS = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_PERCENT = re.compile(r"[0-9]{1,3}(\.[0-9]{1,4})?")
_LONG_NUMBER = re.compile(r"-?[0-9]+")
_GROUPED = re.compile(r"-?[0-9]{1,3}(,[0-9]{3}){1,5}(\.[0-9]+)?")


def without_directions(text: str) -> str:
    """The text without characters that turn round what follows them."""
    return _DIRECTIONS.sub("", text)


def printable(text: str) -> str:
    """The text with a space for each character that no page may hold."""
    return _NEVER_PRINTED.sub(" ", text)


def can_be_seen(text: str) -> bool:
    """Whether a reader sees anything of it: not of spaces, joiners and marks of direction."""
    return any(unicodedata.category(sign)[0] in "LNPS" for sign in text)


def normalize(text: str) -> str:
    """NFKC, one kind of dash, single spaces, no surrounding space."""
    folded = unicodedata.normalize("NFKC", text).translate(_DASHES)
    return " ".join(folded.split())


def fold_for_match(text: str) -> str:
    """Normalised, case folded and without spaces: equal for strings a clerk would call the same."""
    return normalize(text).casefold().replace(" ", "")


def parse_whole_number(text: str) -> int:
    """The whole number typed, full-width digits and thousands commas allowed.

    Raises ValueError with a Japanese message for anything else: a part of a number is never read.
    """
    plain = normalize(text)
    if _GROUPED.fullmatch(plain):
        plain = plain.replace(",", "")
    if not _WHOLE_NUMBER.fullmatch(plain):
        reason = "桁が多すぎます" if _LONG_NUMBER.fullmatch(plain) else "整数として読めません"
        raise ValueError(f"「{text}」は{reason}。")
    return int(plain)


def parse_decimal(text: str) -> Decimal:
    """The number typed, full-width digits and thousands commas allowed.

    Raises ValueError with a Japanese message for anything else: Python's own Decimal would read
    「1_0」 as 10, 「1e3」 as 1,000 and 「NaN」 too. Bounds and places are the caller's.
    """
    plain = text if _DECIMAL.fullmatch(text) else normalize(text)
    if _GROUPED.fullmatch(plain):
        plain = plain.replace(",", "")
    if not _DECIMAL.fullmatch(plain):
        raise ValueError(f"「{text}」は数として読めません。")
    return Decimal(plain)


def read_decimal(value: object) -> Decimal:
    """A number of a JSON file: itself, or its text as parse_decimal reads it. Raises ValueError."""
    if isinstance(value, str):
        return parse_decimal(value)
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        raise ValueError(f"「{value}」は数として読めません。")
    number = Decimal(str(value))
    if not number.is_finite():
        raise ValueError(f"「{value}」は数として読めません。")
    return number


def read_whole_number(value: object) -> int:
    """A whole number of a JSON file, as read_decimal reads it. Raises ValueError."""
    number = read_decimal(value)
    if number != number.to_integral_value():
        raise ValueError(f"「{value}」は整数として読めません。")
    return int(number)


def find_number(text: str | None, digits: int = 9) -> int | None:
    """The number a page wrote into its own hidden field; None for anything else that came back.

    digits: how many there may be; the default is that of ids, which every database holds.
    """
    plain = text or ""
    return int(plain) if plain.isascii() and plain.isdigit() and len(plain) <= digits else None


def parse_percent(text: str) -> Decimal:
    """A percentage from 0 to 100 with at most four decimals; 「%」 at the end is allowed."""
    plain = normalize(text).removesuffix("%").strip()
    if not _PERCENT.fullmatch(plain) or Decimal(plain) > 100:
        raise ValueError(f"「{text}」は0から100までの割合として読めません。")
    return Decimal(plain)


def parse_yen(text: str) -> int:
    """A non-negative amount in whole yen; 「円」 at the end is allowed."""
    amount = parse_whole_number(normalize(text).removesuffix("円"))
    if amount < 0:
        raise ValueError("金額は0円以上で入力してください。")
    return amount


class OutOfBoundsError(ValueError):
    """A day of the calendar that nobody in an office means."""


def parse_date(text: str) -> date:
    """The day typed: 2026-11-20, 2026/11/20, 2026年11月20日, 令和8年11月20日 or R8.11.20.

    Raises ValueError with a Japanese message for anything else: impossible days, and days
    outside 1900 to 2099 (令和99年 would be 2117), which are slips of the finger.
    """
    return _read_day(normalize(text).replace(" ", ""), text)


def parse_month(text: str) -> date:
    """The first day of the month typed: 2027-04, 2027年4月, 令和9年4月, or any day of it.

    Raises ValueError as parse_date does.
    """
    plain = normalize(text).replace(" ", "")
    for day in (f"{plain.removesuffix('月')}-1", plain):
        try:
            return _read_day(day, text).replace(day=1)
        except OutOfBoundsError:
            raise
        except ValueError:
            continue
    raise ValueError(f"「{text}」は年月として読めません。例：2027-04")


def _read_day(plain: str, typed: str) -> date:
    found = _DATE.fullmatch(plain)
    # A year of one to three digits without an era could mean anything.
    if not found or not (found[1] or len(found[2]) == 4):
        raise ValueError(f"「{typed}」は日付として読めません。例：2026-11-20")
    era, year_text, month, day = found.groups()
    year = 1 if year_text == "元" else int(year_text)
    if era:
        year += _ERA_OFFSETS[era.upper()]
    try:
        read = date(year, int(month), int(day))
    except ValueError as error:
        raise ValueError(f"「{typed}」という日付はありません。") from error
    if not EARLIEST_DAY <= read <= LATEST_DAY:
        raise OutOfBoundsError(
            f"「{typed}」は西暦{read.year}年です。"
            f"{EARLIEST_DAY.year}年から{LATEST_DAY.year}年までの日付を入力してください。"
        )
    return read


# Also the full-width signs: a spreadsheet set to Japanese reads them as the plain ones.
_FORMULA_SIGNS = frozenset("=+-@\t\r\n＝＋－＠")


def harmless_cell(text: str) -> str:
    """The text as a cell that no spreadsheet runs as a formula: a leading quote goes before it."""
    return f"'{text}" if text[:1] in _FORMULA_SIGNS and text else text


def bare_cell(text: str) -> str:
    """The text of a cell that `harmless_cell` wrote."""
    bare = text.removeprefix("'")
    return bare if harmless_cell(bare) != bare else text
