"""The empty import file: filled in as its code list says, it is taken in."""

import io
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from openpyxl import load_workbook

from catalog.criteria import CRITERIA
from catalog.importing.runs import OFFERINGS, check_import
from catalog.importing.workbooks import child_sheets
from foundation.db import Database
from tests.harness.builders import NOW, corporate_number
from tests.harness.catalog import ANSWERS, SmallCatalog, open_catalog
from tests.harness.client import StrictClient


@pytest.fixture
def opened(empty_sqlite: Path, tmp_path: Path) -> Iterator[tuple[Flask, SmallCatalog]]:
    with open_catalog(empty_sqlite, tmp_path) as opened:
        yield opened


def test_a_filled_template_is_accepted(opened: tuple[Flask, SmallCatalog], tmp_path: Path) -> None:
    client = StrictClient(opened[0])
    assert "/open-data/templates/cases.xlsx" in client.page("/open-data").links
    answer = client.get("/open-data/templates/offerings.xlsx")
    workbook = load_workbook(io.BytesIO(answer.data))
    rows, codes, *children = workbook.worksheets
    assert [sheet.title for sheet in children] == list(child_sheets())
    heads = [cell.value for cell in rows[1]]
    listed = {(row[0].value, row[4].value): row[3].value for row in codes.iter_rows(min_row=2)}
    assert {c.csv_column for c in CRITERIA} <= set(heads)
    by_column = {
        "キー": "template-1",
        "名称": "ひな形から",
        "概要": "概要です。",
        "システム種別": listed["システム種別", "generative_ai"],
        "開発元": corporate_number("999900000901"),
        "架空": "true",
    }
    for criterion in CRITERIA:
        value = ANSWERS.get(criterion.key)
        if criterion.choices and value is not None:
            keys = value if isinstance(value, list) else [value]
            by_column[criterion.csv_column] = "|".join(
                listed[criterion.csv_column, k] for k in keys
            )
        elif value is not None:
            by_column[criterion.csv_column] = str(value)
    rows.append([by_column.get(head, "") for head in heads])
    path = tmp_path / "filled.xlsx"
    workbook.save(path)
    database: Database = opened[0].extensions["moyai_database"]
    staged = check_import(database, path, OFFERINGS, now=NOW, progress=lambda *_: None)
    assert [str(problem) for problem in staged.problems] == []
    assert staged.rows == 1


def test_the_case_template_names_what_must_be_written(opened: tuple[Flask, SmallCatalog]) -> None:
    answer = StrictClient(opened[0]).get("/open-data/templates/cases.xlsx")
    _rows, codes = load_workbook(io.BytesIO(answer.data)).worksheets
    needed = {row[0].value for row in codes.iter_rows(min_row=2) if row[1].value}
    assert {"キー", "件名"} <= needed
    assert StrictClient(opened[0]).get("/open-data/templates/x.xlsx").status_code == 404
