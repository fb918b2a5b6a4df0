"""Which funding programs an entry has to do with, by what the sources say of each program.

Two different things, never mixed for one kind of entry: a case has the programs its record
names; an offering or a project has those whose source names its kind of system, or a condition
that is known to be met. Whether anybody gets the money is not for this to say.
"""

import csv
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from foundation.text import fold_for_match

_PROGRAMS = Path(__file__).resolve().parent / "data" / "funding_programs.csv"
_OPEN = "open"
_ALL, _ANY = "&", "|"
# Conditions of the table (catalog.library.conditions) that an entry itself tells to be met.
CONFORMS_TO_MODEL_SPEC = "conforms_to_model_spec"
# Fields of a case in which a program may be named.
RECORD_TEXTS = (
    "background",
    "process_steps",
    "know_how",
    "issues_met",
    "cost_facts",
    "cost_sharing_method",
    "prefecture_borne_cost",
)
BOUGHT_JOINTLY = ("joint_procurement", "joint_use_or_procurement")


@dataclass(frozen=True, kw_only=True)
class Program:
    """A program as far as entries are matched with it."""

    key: str
    name: str
    is_open: bool
    system_types: tuple[str, ...]
    conditions: str

    @property
    def written_name(self) -> str:
        """The name as a record would write it, comparable: without what stands in brackets."""
        return fold_for_match(self.name.split("（")[0])


@cache
def list_programs() -> tuple[Program, ...]:
    """Every program of catalog/data/funding_programs.csv, in its order."""
    with _PROGRAMS.open(encoding="utf-8", newline="") as file:
        return tuple(
            Program(
                key=row["key"],
                name=row["name"],
                is_open=row["status"] == _OPEN,
                system_types=tuple(filter(None, row["system_types"].split("|"))),
                conditions=row["conditions"],
            )
            for row in csv.DictReader(file)
        )


def programs_about(system_type: str, met: Collection[str] = ()) -> tuple[str, ...]:
    """Keys of the programs not ended whose source names the kind, or asks for what is met."""
    return tuple(
        program.key
        for program in list_programs()
        if program.is_open
        and (system_type in program.system_types or _is_met(program.conditions, met))
    )


def programs_named(texts: Iterable[str]) -> tuple[str, ...]:
    """Keys of the programs that these texts name in full."""
    written = fold_for_match("\n".join(texts))
    return tuple(p.key for p in list_programs() if p.written_name in written)


def _is_met(conditions: str, met: Collection[str]) -> bool:
    if not conditions:
        return False
    if _ANY in conditions:
        return any(condition in met for condition in conditions.split(_ANY))
    return all(condition in met for condition in conditions.split(_ALL))
