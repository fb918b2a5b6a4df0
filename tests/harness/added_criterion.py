"""A program with one question more: run by test_added_criterion in an interpreter of its own.

    python -m tests.harness.added_criterion INSTANCE_FOLDER

Nothing but the declaration is changed; the database and the index in the folder are those of
the program without the question.
"""

import json
import sys
from pathlib import Path
from typing import Any

from catalog.criterion import AnswerType, Carry, Criterion, Group, Review, choices
from catalog.questions import trust

ADDED = Criterion(
    key="moon_base",
    label="月面での利用",
    help="月面の基地から使えるかです。",
    type=AnswerType.CHOICE,
    group=Group.OPERATION,
    choices=choices(("lunar_yes", "月面可"), ("lunar_no", "月面不可")),
    facet=True,
    indexed=True,
    review=Review.AFTER,
    carry=Carry.COPY,
    since=trust.TRUST[0].since,
)


def main(folder: Path) -> dict[str, Any]:
    """What each surface says of the added question."""
    trust.TRUST = (*trust.TRUST, ADDED)
    from app import create_app
    from tests.harness.client import StrictClient
    from tests.harness.example import example_config, sign_in

    app = create_app(example_config(folder))
    known = json.loads((folder / "known.json").read_text(encoding="utf-8"))
    vendor, visitor = StrictClient(app), StrictClient(app)
    sign_in(vendor, known["vendor_email"])
    search = app.extensions["moyai_search"]
    stale = not search.is_whole()
    before = visitor.page("/search").text  # rebuilds the index whose schema is another one
    base = f"/desk/vendor/offerings/{known['offering']}"
    form = vendor.page(f"{base}/operation").form("/operation")
    saved = form.submit(vendor, moon_base="lunar_yes", do="save").status_code
    handed = vendor.page(f"{base}/submit")
    sent = handed.form("/submit").submit(vendor).status_code
    found = visitor.page("/search?moon_base=lunar_yes")
    api = visitor.get(f"/api/v1/offerings/{known['offering']}").get_json()
    facets = visitor.get("/api/v1/search?moon_base=lunar_yes").get_json()
    public = f"/offerings/{known['offering']}"
    pair = f"ids={known['offering']},{known['second']}"
    return {
        "index_was_stale": stale,
        "search_works": "架空アシスト" in before,
        "form": [saved, sent],
        "change": "月面での利用" in handed.text,
        "page": visitor.page(public).text,
        "facet": found.text,
        "facet_total": facets["total"],
        "facet_values": facets["facets"].get("moon_base"),
        "found_by_word": visitor.get("/api/v1/search?q=月面可").get_json()["total"],
        "comparison": _row_of(visitor, f"/offerings/compare?{pair}"),
        "comparison_csv": visitor.get(f"/offerings/compare.csv?{pair}").data.decode(),
        "template": _lines(visitor, "/open-data/templates/offerings.xlsx"),
        "own_book": _lines(vendor, "/imports/now/own-offerings.xlsx"),
        "import": _import(app, known),
        "export": _export(visitor),
        "api": api["answers"].get("moon_base"),
        "schema": json.dumps(visitor.get("/api/v1/openapi.json").get_json(), ensure_ascii=False),
        "versions": visitor.page(f"{public}/versions/3/changes").text,
    }


def _row_of(visitor: Any, address: str) -> list[list[str]]:
    """The cells of every row of a page's tables that begins with the added question."""
    rows = visitor.page(address).soup.select("table tr")
    cells = [[cell.get_text(" ", strip=True) for cell in row.select("th,td")] for row in rows]
    return [row for row in cells if row and row[0].startswith(ADDED.label)]


def _lines(client: Any, address: str) -> list[list[str]]:
    """Every line of every sheet of a workbook that speaks of the added question or its words."""
    import io

    from openpyxl import load_workbook

    book = load_workbook(io.BytesIO(client.get(address).data))
    lines = ([str(cell or "") for cell in line] for sheet in book for line in sheet.values)
    return [line for line in lines if ADDED.label in line or {"月面可", "月面不可"} & set(line)]


def _import(app: Any, known: dict[str, Any]) -> list[Any]:
    from catalog.importing.known import load_known
    from catalog.importing.offering_rows import read_offering
    from foundation.tables import TableRow
    from tests.harness.builders import TODAY

    with app.extensions["moyai_database"].read_session() as session:
        facts = load_known(session)
    cells = known["row"] | {"月面での利用": "月面不可"}
    read = read_offering(TableRow(sheet="", line=2, cells=cells), facts, TODAY)
    return [read.problems, read.entry.answers.get("moon_base") if read.entry else None]


def _export(visitor: Any) -> str:
    import io
    import zipfile

    page = visitor.page("/open-data")
    address = next(link for link in page.links if "offerings" in link and link.endswith(".zip"))
    with zipfile.ZipFile(io.BytesIO(visitor.get(address).data)) as archive:
        return "\n".join(archive.read(name).decode() for name in archive.namelist())


if __name__ == "__main__":
    print(json.dumps(main(Path(sys.argv[1])), ensure_ascii=False))
