"""The library's facts and the conditions of programs."""

import csv
from itertools import product
from pathlib import Path

import pytest

from catalog.library.conditions import Condition, Fit, find_fit, read_conditions
from catalog.library.words import CostKind, ProgramStatus, SpecKind, split

DATA = Path(__file__).resolve().parents[2] / "catalog" / "data"
TABLES = ("spec_documents", "funding_programs", "related_catalogs")


def rows(name):
    with (DATA / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.mark.parametrize("name", TABLES)
def test_every_row_names_its_document_lines_and_date(name):
    found = rows(name)
    assert len({row["key"] for row in found}) == len(found) >= 7
    for row in found:
        assert row["source_doc"], row["key"]
        assert row["source_lines"].startswith("S"), row["key"]
        assert len(row["source_as_of"]) == 10, row["key"]


@pytest.mark.parametrize("name", TABLES)
def test_no_address_is_known_to_the_documents(name):
    assert {row["url"] for row in rows(name)} == {""}


def test_codes_are_known():
    types = {row["code"] for row in rows("system_types")}
    for row in rows("spec_documents"):
        assert row["kind"] in list(SpecKind)
        assert set(split(row["system_types"])) <= types
    for row in rows("funding_programs"):
        assert row["status"] in list(ProgramStatus)
        assert set(split(row["system_types"])) <= types
        assert set(split(row["eligible_costs"])) <= set(CostKind)
        read_conditions(row["conditions"])


def test_all_of_them_are_needed():
    conditions = read_conditions("joint_procurement&joint_use&prefecture_wide")
    joint, use, wide = conditions.items
    assert find_fit(conditions, dict.fromkeys(conditions.items, True)).fit is Fit.POSSIBLE
    finding = find_fit(conditions, {joint: True, wide: False})
    assert (finding.fit, finding.unmet, finding.unknown) == (Fit.UNMET, (wide,), (use,))
    finding = find_fit(conditions, {joint: True})
    assert (finding.fit, finding.unmet, finding.unknown) == (Fit.TO_BE_CHECKED, (), (use, wide))


def test_any_of_them_will_do():
    conditions = read_conditions("joint_use_or_procurement|conforms_to_model_spec")
    joint, spec = conditions.items
    assert find_fit(conditions, {joint: False, spec: True}).fit is Fit.POSSIBLE
    assert find_fit(conditions, {joint: False}).fit is Fit.TO_BE_CHECKED
    assert find_fit(conditions, {joint: False, spec: False}).fit is Fit.UNMET


def test_more_yes_never_makes_it_worse():
    order = [Fit.UNMET, Fit.TO_BE_CHECKED, Fit.POSSIBLE]
    for sign in "&|":
        conditions = read_conditions(f"joint_use{sign}standard_20")
        for answers in product((False, None, True), repeat=2):
            typed = {c: a for c, a in zip(conditions.items, answers, strict=True) if a is not None}
            before = find_fit(conditions, typed).fit
            after = find_fit(conditions, typed | {conditions.items[0]: True}).fit
            assert order.index(after) >= order.index(before)


def test_nothing_to_test_is_said():
    assert find_fit(read_conditions(""), {}).fit is Fit.NOT_TESTABLE


@pytest.mark.parametrize("text", ["a", "joint_use&standard_20|prefecture_wide"])
def test_a_wrong_table_is_a_mistake(text):
    with pytest.raises(ValueError, match=r"a|mix"):
        read_conditions(text)


def test_conditions_are_questions():
    assert all(condition.label for condition in Condition)
