"""Text as people in Japanese offices type it, made comparable without losing what they meant."""

import re
import unicodedata

_DASHES = dict.fromkeys(map(ord, "‐‑‒–—―−﹘﹣－"), "-")
_WHOLE_NUMBER = re.compile(r"-?\d{1,15}")
_GROUPED = re.compile(r"-?\d{1,3}(,\d{3}){1,5}")


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
        raise ValueError(f"「{text}」は整数として読めません。")
    return int(plain)


def parse_yen(text: str) -> int:
    """A non-negative amount in whole yen; 「円」 at the end is allowed."""
    amount = parse_whole_number(normalize(text).removesuffix("円"))
    if amount < 0:
        raise ValueError("金額は0円以上で入力してください。")
    return amount
