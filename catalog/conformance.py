"""What an entry says of the specifications it was built to (F07): per document and version.

Stored in a version's answers as JSON objects with the keys spec, version, status,
verified_by, gaps. In forms and files it is one line per document:
「仕様書｜版｜状況｜確認した者｜満たさない点；満たさない点」. Not conforming is an answer;
saying nothing of a specification is none.
"""

import csv
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import asdict, dataclass, fields
from functools import cache
from pathlib import Path
from typing import Any

from foundation.labels import LabelledEnum
from foundation.text import fold_for_match, normalize

_SPECS = Path(__file__).resolve().parent / "data" / "spec_documents.csv"
CRITERION = "spec_conformance"  # the question's key
_MODEL = "model"  # catalog.library.words.SpecKind
FIELD_SEPARATOR = "|"
GAP_SEPARATOR = ";"
# Typed with full width too; the words between them stay as they are.
_BETWEEN_CELLS, _BETWEEN_GAPS = re.compile("[|｜]"), re.compile("[;；]")
MOST_SPECS = 20
MOST_GAPS = 20
MOST_TEXT = 200
NO_VERSION = "版の記載なし"


class ConformanceStatus(LabelledEnum):
    """What is said, and by whom."""

    SELF_DECLARED = "self_declared", "適合（事業者の申告）"
    VERIFIED = "verified", "適合（第三者が確認）"
    NOT_CONFORMING = "not_conforming", "適合していない"


CONFORMING = (ConformanceStatus.SELF_DECLARED, ConformanceStatus.VERIFIED)


@dataclass(frozen=True, kw_only=True)
class Conformance:
    """One specification in one version. gaps: points not met, in the vendor's words."""

    spec: str
    version: str
    status: ConformanceStatus
    verified_by: str
    gaps: tuple[str, ...]

    @property
    def title(self) -> str:
        """The specification's name."""
        return spec_titles().get(self.spec, self.spec)

    @property
    def conforms(self) -> bool:
        return self.status in CONFORMING

    @property
    def words(self) -> str:
        """What is said, without the name of the specification."""
        version = f"{self.version}に" if self.version else f"（{NO_VERSION}）"
        by = f"：{self.verified_by}" if self.verified_by else ""
        gaps = f"、満たさない点：{'；'.join(self.gaps)}" if self.gaps else ""
        return f"{version}{self.status.label}{by}{gaps}"

    def to_dict(self) -> dict[str, Any]:
        """The stored JSON object."""
        return asdict(self) | {"status": self.status.value, "gaps": list(self.gaps)}


@dataclass(frozen=True, kw_only=True)
class SpecName:
    """What must be known of a specification to speak of it. model: a モデル仕様書."""

    title: str
    model: bool
    fictional: bool


SpecNames = Mapping[str, SpecName]
_named: ContextVar[Callable[[], SpecNames] | None] = ContextVar("spec_names", default=None)


@contextmanager
def naming_specs(load: Callable[[], SpecNames]) -> Iterator[None]:
    """Speak of these specifications, too, within the block; asked once, and only if need be.

    What was sent in after the product's own table lies in a database, which nothing here knows.
    """
    token = _named.set(cache(lambda: {**own_specs(), **load()}))
    try:
        yield
    finally:
        _named.reset(token)


def spec_names() -> SpecNames:
    """By key: those of the product's own table in its order, then those the block names."""
    return (_named.get() or own_specs)()


def spec_titles() -> dict[str, str]:
    """Key → name of every specification that can be spoken of."""
    return {key: spec.title for key, spec in spec_names().items()}


def model_specs() -> frozenset[str]:
    """Keys of the specifications that are model ones (モデル仕様書)."""
    return frozenset(key for key, spec in spec_names().items() if spec.model)


def fictional_specs() -> frozenset[str]:
    """Keys of the specifications that are invented: only invented entries may speak of them."""
    return frozenset(key for key, spec in spec_names().items() if spec.fictional)


@cache
def own_specs() -> SpecNames:
    """The specifications of catalog/data/spec_documents.csv, in its order."""
    with _SPECS.open(encoding="utf-8", newline="") as file:
        return {
            row["key"]: SpecName(title=row["title"], model=row["kind"] == _MODEL, fictional=False)
            for row in csv.DictReader(file)
        }


def read_stored(value: Any) -> tuple[Conformance, ...]:
    """The conformances of a stored answer; none for one that was not given."""
    return tuple(
        Conformance(
            spec=each["spec"],
            version=each["version"],
            status=ConformanceStatus(each["status"]),
            verified_by=each["verified_by"],
            gaps=tuple(each["gaps"]),
        )
        for each in value or ()
    )


def conforming_specs(answers: Mapping[str, Any]) -> tuple[str, ...]:
    """Keys of the specifications an entry's answers say it conforms to, in any version."""
    said = read_stored(answers.get(CRITERION))
    return tuple(dict.fromkeys(one.spec for one in said if one.conforms))


def conformance_text(value: Sequence[Mapping[str, Any]]) -> str:
    """The answer in words: one sentence per specification."""
    return "。".join(f"{each.title}：{each.words}" for each in read_stored(value))


def format_conformance(value: Sequence[Mapping[str, Any]]) -> str:
    """The answer as forms and files hold it."""
    return "\n".join(
        FIELD_SEPARATOR.join(
            (
                each.title,
                each.version,
                each.status.label,
                each.verified_by,
                GAP_SEPARATOR.join(each.gaps),
            )
        )
        for each in read_stored(value)
    )


def parse_conformance(text: str) -> list[dict[str, Any]]:
    """The stored value of typed lines. Raises ValueError in Japanese naming the lines."""
    lines = [
        (number, _split_line(number, line))
        for number, line in enumerate(text.splitlines(), start=1)
        if line.strip()
    ]
    unknown = [
        f"{number}行目の仕様書「{cells[0][:MOST_TEXT]}」"
        for number, cells in lines
        if _find_spec(cells[0]) is None
    ]
    if unknown:
        raise ValueError(f"{'、'.join(unknown)}は、仕様書・手引きの一覧にありません。")
    return [_read_line(number, cells).to_dict() for number, cells in lines]


def find_conformance_fault(value: Any) -> str | None:
    """What is wrong with a stored value, as the end of a sentence; None when it is well."""
    if not isinstance(value, list) or not all(_has_shape(each) for each in value):
        return "は仕様書・版・状況・確認した者・満たさない点の組で入力してください。"
    if len(value) > MOST_SPECS:
        return f"は{MOST_SPECS}件までにしてください。"
    said = [(each["spec"], each["version"]) for each in value]
    doubled = next((one for one in said if said.count(one) > 1), None)
    if doubled:
        return f"に「{spec_titles().get(doubled[0], doubled[0])}」の同じ版が2度あります。"
    return next((fault for each in read_stored(value) if (fault := _find_fault(each))), None)


def _has_shape(value: Any) -> bool:
    if not isinstance(value, Mapping) or set(value) != {f.name for f in fields(Conformance)}:
        return False
    texts = [value["spec"], value["version"], value["verified_by"]]
    gaps = value["gaps"]
    if not isinstance(gaps, list) or value["status"] not in set(ConformanceStatus):
        return False
    return all(isinstance(text, str) for text in (*texts, *gaps))


def _find_fault(one: Conformance) -> str | None:
    name = one.title
    if one.spec not in spec_titles():
        return f"に仕様書「{one.spec}」はありません（仕様書・手引きの一覧にあるものだけです）。"
    if (one.status is ConformanceStatus.VERIFIED) != bool(one.verified_by):
        return f"の「{name}」は、第三者が確認したときだけ、確認した者を書いてください。"
    if len(one.gaps) > MOST_GAPS:
        return f"の「{name}」の満たさない点は{MOST_GAPS}件までにしてください。"
    return _find_text_fault(one)


def _find_text_fault(one: Conformance) -> str | None:
    name, texts = one.title, (one.version, one.verified_by, *one.gaps)
    if any(len(text) > MOST_TEXT for text in texts):
        return (
            f"の「{name}」の版・確認した者・満たさない点は、各{MOST_TEXT}文字以内で書いてください。"
        )
    # What a line is parted at cannot stand in a cell of it: it could never be read again.
    if any(map(_is_parted, texts)):
        return f"の「{name}」の版・確認した者・満たさない点に、「｜」と改行は使えません。"
    if any(map(_BETWEEN_GAPS.search, one.gaps)):
        return f"の「{name}」の満たさない点に「；」は使えません。別の点として書いてください。"
    return None


def _is_parted(text: str) -> bool:
    return bool(_BETWEEN_CELLS.search(text)) or len(text.splitlines()) > 1


def _split_line(number: int, line: str) -> list[str]:
    cells = [cell.strip() for cell in _BETWEEN_CELLS.split(line)]
    if not 3 <= len(cells) <= 5:
        raise ValueError(
            f"{number}行目は「仕様書｜版｜状況｜確認した者｜満たさない点」の順に書いてください。"
        )
    return [*cells, "", ""][:5]


def _read_line(number: int, cells: Sequence[str]) -> Conformance:
    spec, version, status, verified_by, gaps = cells
    return Conformance(
        spec=_find_spec(spec) or "",
        version=normalize(version),
        status=_read_status(number, status),
        verified_by=verified_by,
        gaps=tuple(gap.strip() for gap in _BETWEEN_GAPS.split(gaps) if gap.strip()),
    )


def _find_spec(text: str) -> str | None:
    wanted = fold_for_match(text)
    titles = spec_titles().items()
    return next((key for key, title in titles if wanted in (key, fold_for_match(title))), None)


def _read_status(number: int, text: str) -> ConformanceStatus:
    wanted = fold_for_match(text)
    for status in ConformanceStatus:
        if wanted in (status.value, fold_for_match(status.label)):
            return status
    permitted = "、".join(status.label for status in ConformanceStatus)
    raise ValueError(f"{number}行目の状況「{text}」はありません（{permitted}）。")
