"""/projects/<id>/costs: alone, together and paid, by year and body; who reads what."""

import csv
import io
import zipfile

import pytest

from tests.harness.client import StrictClient
from tests.harness.example_projects import (
    ASKED_STAFF,
    AUDITOR,
    COORDINATOR,
    STRANGER,
    project_path,
    signed_in,
)

OPERATED = "庁内文書と決裁"
BODIES, YEARS = 5, 5


def path(app, page="costs"):
    return project_path(app, OPERATED, page)


def data(client, app, key):
    answer = client.get(path(app, f"costs/data/{key}.zip"))
    with zipfile.ZipFile(io.BytesIO(answer.data)) as archive:
        return list(csv.DictReader(io.StringIO(archive.read("data.csv").decode("utf-8"))))


def values(rows, measure):
    return [
        int(row["value"]) if row["value"] else None for row in rows if row["measure"] == measure
    ]


def cells(page, name):
    return [
        [cell.get_text(strip=True) for cell in row.select("th,td")]
        for row in page.soup.select(f"#table-{name} tbody tr")
    ]


def test_the_years_of_the_bodies_sum_to_the_years_and_these_to_the_term(app):
    lead = signed_in(app, COORDINATOR)
    years, bodies = data(lead, app, "by-year"), data(lead, app, "bodies-by-year")
    assert len(values(bodies, "joint_yen")) == BODIES * YEARS
    for measure in ("joint_yen", "standalone_yen"):
        *each, term = values(years, measure)
        assert sum(each) == term == sum(values(bodies, measure)) > 0
    gross, parts, joint = (values(years, f"{m}_yen")[-1] for m in ("gross", "parts", "joint"))
    assert gross == parts + joint
    assert parts > 0
    alone = values(years, "standalone_yen")[-1]
    assert values(years, "saving_before_grants_yen")[-1] == alone - gross
    assert values(years, "saving_after_grants_yen")[-1] == alone - joint


def test_what_was_paid_is_the_ledgers(app):
    lead = signed_in(app, COORDINATOR)
    paid = sum(values(data(lead, app, "bodies-by-year"), "borne_yen"))
    assert paid == sum(values(data(lead, app, "alone-and-joint"), "borne_yen"))
    ledger = lead.page(path(app, "ledger"))
    (year,) = [row.select("td") for row in ledger.soup.select("#years tbody tr")]
    received, vendor = (year[place].get_text(strip=True) for place in (3, 6))
    assert paid == int(received.rstrip("円").replace(",", ""))
    assert values(data(lead, app, "by-year"), "paid_yen")[-1] == int(
        vendor.rstrip("円").replace(",", "")
    )


def test_a_member_reads_what_it_paid_itself_and_an_auditor_everybodys(app):
    own = data(signed_in(app, ASKED_STAFF), app, "alone-and-joint")
    paid = values(own, "borne_yen")
    assert sum(value is not None for value in paid) == 1
    everybody = values(data(signed_in(app, AUDITOR), app, "alone-and-joint"), "borne_yen")
    assert None not in everybody
    assert set(paid) - {None} <= set(everybody)


@pytest.mark.parametrize("email", ["", STRANGER])
def test_for_others_it_has_shares_and_nothing_of_the_ledger(app, email):
    client = signed_in(app, email) if email else StrictClient(app)
    page = client.page(path(app))
    assert "支払済み" not in page.text
    assert {row["measure"] for row in data(client, app, "alone-and-joint")} == {
        "standalone_yen",
        "joint_yen",
        "saving_yen",
    }


def test_operating_and_building_are_apart(app):
    rows = data(signed_in(app, COORDINATOR), app, "by-category")
    building = [v for v in values(rows, "build_other") if v is not None]
    operating = values(rows, "operating")
    assert len(building) == 1
    assert len(operating) == YEARS
    assert None not in operating


def test_missing_settlements_are_said_and_not_nought(app):
    page = StrictClient(app).page(path(app))
    assert {row[-1] for row in cells(page, "by-year")} == {"未報告"}
    assert set(values(data(StrictClient(app), app, "by-year"), "settlement_yen")) == {None}


def test_every_figure_is_marked_as_made_up(app):
    page = StrictClient(app).page(path(app))
    captions = [caption.get_text() for caption in page.soup.select("caption")]
    assert captions
    assert all("【架空】" in caption and "税込" in caption for caption in captions)


def test_the_page_asks_little_of_the_database(app, count_queries):
    client, address = signed_in(app, COORDINATOR), path(app)
    with count_queries() as log:
        client.page(address)
    log.at_most(15)
