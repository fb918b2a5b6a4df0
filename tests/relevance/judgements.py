"""The judged set: queries with what an officer wants by them, and how good each entry is for that.

A grade comes from the query's rules over the facts of an entry, or from judgements.csv where
somebody read the entry and thought otherwise. README.md says how it was made.
"""

import csv
import hashlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from tests.relevance.entries import Entry

FOLDER = Path(__file__).parent
CLASSES = (
    "variants", "width", "synonyms", "compounds", "two characters", "typos", "readings",
    "names", "sentences",
)  # fmt: skip
# A third of each class is kept out of all tuning.
HELD_OUT_ONE_IN = 3
ANSWERS, USEFUL = 2, 1

Condition = Callable[[Entry], bool]


@dataclass(frozen=True, kw_only=True)
class JudgedQuery:
    """A query. answers, useful: the rules for the grades 2 and 1. about: real or example data."""

    text: str
    kind: str
    about: str
    held_out: bool
    need: str
    answers: str
    useful: str


@lru_cache(maxsize=1)
def list_queries() -> tuple[JudgedQuery, ...]:
    """The judged queries in the order of the file."""
    return tuple(
        JudgedQuery(
            text=row["query"],
            kind=row["class"],
            about=row["about"],
            held_out=row["held_out"] == "yes",
            need=row["need"],
            answers=row["answers"],
            useful=row["useful"],
        )
        for row in _rows("queries.csv")
    )


@lru_cache(maxsize=1)
def list_read_by_hand() -> Mapping[tuple[str, str], int]:
    """(query, entry) → grade, where reading the entry gave another one than the rules."""
    return {(row["query"], row["entry"]): int(row["grade"]) for row in _rows("judgements.csv")}


def held_out_texts(texts: Iterable[str]) -> set[str]:
    """The third of a class that its queries' hashes choose: nobody picks what is easy."""
    ordered = sorted(texts, key=lambda text: hashlib.sha256(text.encode()).hexdigest())
    return set(ordered[::HELD_OUT_ONE_IN])


def grades(query: JudgedQuery, entries: Iterable[Entry]) -> dict[str, int]:
    """The entry's name → 2 or 1, of those that are relevant at all."""
    answers, useful = read_rule(query.answers), read_rule(query.useful)
    by_hand = list_read_by_hand()
    found: dict[str, int] = {}
    for entry in entries:
        by_rule = ANSWERS if answers(entry) else USEFUL if useful(entry) else 0
        grade = by_hand.get((query.text, entry.name), by_rule)
        if grade:
            found[entry.name] = grade
    return found


def read_rule(rule: str) -> Condition:
    """A rule as a predicate: conditions joined by &, those joined by OR; an empty rule is never.

    `name=a|b` asks for one of the values, `name~a|b` for one of the texts inside, `!` denies.
    """
    ways = [
        [_condition(part.strip()) for part in way.split("&")]
        for way in rule.split(" OR ")
        if way.strip()
    ]
    return lambda entry: any(all(holds(entry) for holds in way) for way in ways)


def _condition(part: str) -> Condition:
    denies, part = part.startswith("!"), part.removeprefix("!")
    place = min(at for at in (part.find("="), part.find("~")) if at > 0)
    read, wanted = _FACTS[part[:place]], part[place + 1 :].split("|")
    if part[place] == "=":
        return lambda entry: denies != any(value in read(entry) for value in wanted)
    return lambda entry: denies != any(text in "\n".join(read(entry)) for text in wanted)


_FACTS: Mapping[str, Callable[[Entry], tuple[str, ...]]] = {
    "key": lambda entry: (entry.name.partition(":")[2],),
    "kind": lambda entry: (entry.kind,),
    "real": lambda entry: ("yes" if entry.real else "no",),
    "type": lambda entry: entry.types,
    "prefecture": lambda entry: (entry.prefecture,),
    "title": lambda entry: (entry.title,),
    "vendor": lambda entry: (entry.vendor,),
    "text": lambda entry: (entry.text,),
}


def _rows(name: str) -> Iterable[dict[str, str]]:
    with (FOLDER / name).open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)
