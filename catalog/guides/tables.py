"""The guides' own texts: facts with their source, read once from the carried tables."""

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from foundation.labels import LabelledEnum

_DATA = Path(__file__).resolve().parent.parent / "data"


class GuideGroup(LabelledEnum):
    """What a guide describes."""

    METHOD = "method", "契約の相手を選ぶ方式"
    PATTERN = "pattern", "進め方の工夫"
    MODEL = "model", "共同調達の契約の形"


@dataclass(frozen=True, kw_only=True)
class Guide:
    """A method, pattern or model. source_doc '' = the policy documents do not name it."""

    key: str
    group: GuideGroup
    name: str
    what: str
    fits: str
    steps: tuple[str, ...]
    check_points: tuple[str, ...]
    source_doc: str
    source_lines: str
    as_of: str
    note: str


@dataclass(frozen=True, kw_only=True)
class Precedent:
    """Somebody who did it, as a source document tells."""

    guide: str
    who: str
    facts: str
    source_doc: str
    source_lines: str
    as_of: str


@dataclass(frozen=True, kw_only=True)
class Clause:
    """A clause to think of. asked_when: always, or the answer that calls for it."""

    key: str
    topic: str
    asked_when: str
    clause: str
    why: str


@cache
def list_guides() -> tuple[Guide, ...]:
    """All guides in the order of their table."""
    return tuple(_guide(row) for row in _rows("contract_guides.csv"))


@cache
def list_precedents() -> tuple[Precedent, ...]:
    """All precedents that source documents tell of."""
    return tuple(Precedent(**row) for row in _rows("contract_precedents.csv"))


@cache
def list_clauses() -> tuple[Clause, ...]:
    """All clauses in the order of their table."""
    return tuple(Clause(**row) for row in _rows("saas_clauses.csv"))


def _guide(row: Mapping[str, str]) -> Guide:
    return Guide(
        key=row["key"],
        group=GuideGroup(row["group"]),
        name=row["name"],
        what=row["what"],
        fits=row["fits"],
        steps=_parts(row["steps"]),
        check_points=_parts(row["check_points"]),
        source_doc=row["source_doc"],
        source_lines=row["source_lines"],
        as_of=row["as_of"],
        note=row["note"],
    )


def _parts(text: str) -> tuple[str, ...]:
    return tuple(part for part in text.split("|") if part)


def _rows(name: str) -> list[Mapping[str, str]]:
    with (_DATA / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))
