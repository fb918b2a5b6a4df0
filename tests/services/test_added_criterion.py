"""One more question is one more entry: every surface follows, no migration, a fresh index."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from catalog.answers import format_answer
from catalog.criteria import CRITERIA
from foundation.db import Database
from tests.harness.catalog import ANSWERS, open_catalog
from tests.harness.client import StrictClient

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def said(empty_sqlite: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What the program with the added question says over the data of the one without."""
    folder = tmp_path_factory.mktemp("added")
    with open_catalog(empty_sqlite, folder) as (app, catalog):
        assert "月面" not in StrictClient(app).page(f"/offerings/{catalog.offering}").text
        StrictClient(app).page("/search?q=架空")  # writes the index of the shorter declaration
        database: Database = app.extensions["moyai_database"]
        with database.read_session() as session:
            from accounts.models import Organization

            number = session.query(Organization).filter_by(kind="vendor").first()
            assert number
            maker = number.corporate_number
    row = {
        "キー": "moon-1",
        "名称": "架空の月面サービス",
        "概要": "概要",
        "システム種別": "generative_ai",
        "開発元": maker,
        "架空": "true",
        **{c.csv_column: format_answer(c, ANSWERS.get(c.key)) for c in CRITERIA},
    }
    known = {
        "vendor_email": catalog.vendor_email,
        "offering": catalog.offering,
        "second": catalog.second,
        "row": row,
    }
    (folder / "known.json").write_text(json.dumps(known, ensure_ascii=False), encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "tests.harness.added_criterion", str(folder)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=180,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    answer: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return answer


def test_the_form_asks_it_and_the_page_and_history_show_it(said: dict[str, Any]) -> None:
    assert said["form"] == [302, 302]
    assert said["change"]
    assert "月面での利用" in said["page"]
    assert "月面可" in said["page"]
    assert "月面での利用" in said["versions"]


def test_the_index_rebuilds_itself_and_the_facet_counts(said: dict[str, Any]) -> None:
    assert said["index_was_stale"]
    assert said["search_works"]
    assert "月面での利用" in said["facet"]
    assert said["facet_total"] == 1
    assert said["facet_values"] == [{"value": "lunar_yes", "label": "月面可", "count": 1}]
    assert said["found_by_word"] == 1


def test_comparison_import_export_and_api_have_it(said: dict[str, Any]) -> None:
    assert [row[1:] for row in said["comparison"]] == [["月面可", "記載なし"]]
    assert "月面での利用,月面可," in said["comparison_csv"]
    assert said["import"] == [[], "lunar_no"]
    assert "moon_base,月面での利用" in said["export"]
    heading, *words = said["template"]
    assert "月面での利用" in heading
    assert [line[3:] for line in words] == [["月面可", "lunar_yes"], ["月面不可", "lunar_no"]]
    assert any("月面での利用" in line for line in said["own_book"])
    assert any("月面可" in line for line in said["own_book"])
    assert "lunar_yes" in said["export"]
    assert said["api"]["text"] == "月面可"
    assert "answers.moon_base" in said["schema"]
