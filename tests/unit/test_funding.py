"""Which programs an entry has to do with: what is named, what is met, and nothing guessed."""

import csv
from pathlib import Path

import pytest

from catalog.funding import (
    BOUGHT_JOINTLY,
    CONFORMS_TO_MODEL_SPEC,
    list_programs,
    programs_about,
    programs_named,
)
from catalog.library.conditions import Condition

DATA = Path(__file__).resolve().parents[2] / "catalog" / "data"


def test_the_conditions_are_those_of_the_table() -> None:
    assert Condition(CONFORMS_TO_MODEL_SPEC) is Condition.CONFORMS_TO_MODEL_SPEC
    assert {Condition(name) for name in BOUGHT_JOINTLY} == {
        Condition.JOINT_PROCUREMENT,
        Condition.JOINT_USE_OR_PROCUREMENT,
    }


@pytest.mark.parametrize(
    ("system_type", "met", "about"),
    [
        ("giga_device", (), {"giga-fund"}),
        ("gis", (), set()),
        ("disaster_response", (CONFORMS_TO_MODEL_SPEC,), {"new-local-grant"}),
        ("gis", BOUGHT_JOINTLY, {"new-local-grant"}),
        # Joint procurement alone is one of three conditions that all have to be met.
        ("school_administration", BOUGHT_JOINTLY, {"school-dx-subsidy", "new-local-grant"}),
    ],
)
def test_programs_by_kind_and_by_what_is_met(
    system_type: str, met: tuple[str, ...], about: set[str]
) -> None:
    assert set(programs_about(system_type, met)) == about


def test_an_ended_or_replaced_program_is_about_nothing_anybody_plans() -> None:
    assert not [p for p in list_programs() if p.key == "digital-garden-types" and p.is_open]


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("財源は新しい地方経済・生活環境創生交付金です", ("new-local-grant",)),
        ("デジタル田園都市国家構想交付金　ＴＹＰＥＳ", ("digital-garden-types",)),
        ("デジタル田園都市国家構想交付金", ()),  # another part of it than TYPES
        ("国の交付金", ()),
        ("", ()),
    ],
)
def test_a_record_names_a_program_in_full(text: str, named: tuple[str, ...]) -> None:
    assert programs_named([text]) == named


def test_no_real_case_names_a_program_that_its_source_does_not() -> None:
    with (DATA / "real_cases.csv").open(encoding="utf-8", newline="") as file:
        named = {row["key"]: programs_named(row.values()) for row in csv.DictReader(file)}
    assert not any(named.values())
