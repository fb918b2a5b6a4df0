"""Reading single cells of import files: each reader gives a value or says why not, in Japanese."""

from collections.abc import Callable, Iterable, Mapping
from datetime import date
from typing import Any

from accounts.codes import read_body_code
from catalog.case_fields import CaseField, FieldType
from foundation.labels import LabelledEnum
from foundation.text import (
    bare_cell,
    fold_for_match,
    normalize,
    parse_date,
    parse_whole_number,
    parse_yen,
)

SEPARATOR = "|"
_TRUE = ("true", "1", "はい", "有", "架空", "税込")
_FALSE = ("false", "0", "いいえ", "無", "実データ", "税抜")

Problems = list[tuple[str, str]]


def read_cell(field: CaseField, text: str) -> Any:
    """The value of a cell of this field; None for an empty one. Raises ValueError."""
    if not normalize(text):
        return None
    if field.codes is not None:
        return read_code(text, field.codes)
    return _READERS[field.type](text)


def read_code(text: str, codes: type[LabelledEnum]) -> Any:
    """The member whose code or label this is. Raises ValueError listing what may be written."""
    wanted = fold_for_match(text)
    for member in codes:
        if wanted in (member.value, fold_for_match(member.label)):
            return member
    permitted = "、".join(member.label for member in codes)
    raise ValueError(f"「{normalize(text)}」という区分はありません（{permitted}）。")


def read_flag(text: str) -> bool | None:
    """True, False, or None for an empty cell. Raises ValueError."""
    plain = normalize(text).casefold()
    if not plain:
        return None
    if plain in _TRUE or plain in _FALSE:
        return plain in _TRUE
    raise ValueError(f"「{normalize(text)}」は true か false で書いてください。")


def read_list(text: str) -> tuple[str, ...]:
    """The parts between 「|」, without empty ones and repetitions."""
    parts = (normalize(part) for part in normalize(text).split(SEPARATOR))
    return tuple(dict.fromkeys(part for part in parts if part))


def read_day(text: str) -> date | None:
    """The day, or None for an empty cell. Raises ValueError."""
    return parse_date(text) if normalize(text) else None


def collect(column: str, text: str, read: Callable[[str], Any], problems: Problems) -> Any:
    """The value read, or None and a line in `problems`."""
    try:
        return read(text)
    except ValueError as error:
        problems.append((column, str(error)))
        return None


def unknown_columns(cells: Mapping[str, str], known: Iterable[str]) -> list[str]:
    """Columns nobody reads: most likely misspelt, so never passed over in silence."""
    permitted = set(known)
    return [name for name in cells if name not in permitted]


def _whole(text: str) -> int:
    value = parse_whole_number(text)
    if value < 0:
        raise ValueError(f"「{normalize(text)}」は0以上の整数にしてください。")
    return value


def _texts(text: str) -> tuple[str, ...]:
    """The parts between 「|」 as they were written: their signs are part of what they say."""
    parts = (part.strip() for part in bare_cell(text).replace("｜", SEPARATOR).split(SEPARATOR))
    return tuple(dict.fromkeys(part for part in parts if part))


def _body_codes(text: str) -> tuple[str, ...]:
    return tuple(read_body_code(part) for part in read_list(text))


_READERS: dict[FieldType, Callable[[str], Any]] = {
    FieldType.TEXT: lambda text: bare_cell(text).strip(),
    FieldType.WHOLE: _whole,
    FieldType.YEN: parse_yen,
    FieldType.DAY: parse_date,
    FieldType.FLAG: read_flag,
    FieldType.BODY: read_body_code,
    FieldType.BODY_LIST: _body_codes,
    FieldType.TEXT_LIST: _texts,
}
