"""Every case of the example goes out as a file and comes in again without a change."""

from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func, select

from accounts.roles import SYSTEM
from catalog.importing.case_pages import cases_csv, cases_workbook
from catalog.importing.runs import CASES, run_import
from catalog.models import Case
from foundation.db import Database
from tests.harness.builders import NOW


@pytest.mark.parametrize("ending", ["csv", "xlsx"])
def test_cases_go_out_and_come_in_to_the_letter(
    fresh_app: Flask, tmp_path: Path, ending: str
) -> None:
    database: Database = fresh_app.extensions["moyai_database"]
    path = tmp_path / f"cases.{ending}"
    odd = ["手間が（約3割）減った", "＝1+1"]
    with database.transaction() as session:
        session.scalars(select(Case).order_by(Case.id)).first().measured_effects = odd
    with database.read_session() as session:
        published = Case.publication_status == "published"
        count = session.scalar(select(func.count()).select_from(Case).where(published)) or 0
        text = cases_csv(session).encode("utf-8-sig") if ending == "csv" else b""
        path.write_bytes(text or cases_workbook(session))
    assert count > 20
    taken = run_import(database, path, CASES, actor=SYSTEM, now=NOW, progress=lambda _rows: None)
    assert taken.staged.problems == ()
    assert (taken.added, taken.changed, taken.unchanged) == (0, 0, count)
