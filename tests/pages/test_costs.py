"""/projects/<id>/costs: alone, together and paid, by year and body; who reads what."""

import csv
import io
import re
import zipfile

import pytest
from docx import Document
from openpyxl import load_workbook
from sqlalchemy import select

from procurement.domain.costs import COSTS_ARE_PUBLIC
from procurement.models import Project
from tests.harness.client import StrictClient
from tests.harness.example_projects import (
    ASKED_STAFF,
    AUDITOR,
    COORDINATOR,
    LEAD_STAFF,
    OPERATED,
    STANDARD,
    STRANGER,
    project_path,
    signed_in,
)

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
    captions = {caption.get_text() for caption in page.soup.select("caption")}
    captions.remove("国の資料にある条件")  # what the state says of its own programs is real
    assert captions
    assert all("【架空】" in caption and "税込" in caption for caption in captions)


def test_the_page_asks_little_of_the_database(app, count_queries):
    client, address = signed_in(app, COORDINATOR), path(app)
    with count_queries() as log:
        client.page(address)
    log.at_most(15)


def test_budgets_and_settlements_are_lines_of_their_own(app):
    page = StrictClient(app).page(path(app))
    found = cells(page, "entered")
    assert [row[:2] for row in found] == [
        ["2025年度", "決算"],
        ["2026年度", "当初予算"],
        ["2026年度", "補正後予算"],
    ]
    assert "独自目標" in page.text
    assert [row[-1] for row in cells(page, "goal")] == ["未達成"]
    other = StrictClient(app).page(path(app) + "?body=992020")
    assert not cells(other, "goal")


def test_a_body_reports_on_its_page_and_reads_it_at_once(fresh_app):
    client = signed_in(fresh_app, ASKED_STAFF)
    form = client.page(path(fresh_app, "costs/own")).form("/costs/own/amounts")
    typed = {"costs-fiscal_year": "2024", "costs-operating": "１,２００,０００円"}
    assert form.submit(client, typed).status_code == 302
    page = client.page(path(fresh_app, "costs/own"))
    assert ["2024年度", "決算", "1,200,000円"] in [row[:3] for row in own_rows(page)]
    again = form.submit(client, typed | {"costs-operating": "5"})
    assert again.status_code == 409
    assert "ほかの担当者が先に" in again.text
    filled = client.page(path(fresh_app, "costs/own") + "?year=2024&basis=settlement")
    assert filled.form("/costs/own/amounts").values["costs-operating"] == "1200000"
    shown = StrictClient(fresh_app).page(path(fresh_app))
    assert ["2024年度", "決算", "1,200,000"] in [row[:3] for row in cells(shown, "entered")]


def own_rows(page):
    return [
        [cell.get_text(strip=True) for cell in row.select("th,td")]
        for row in page.soup.select("#own-costs tbody tr")
    ]


@pytest.mark.parametrize("email", [STRANGER, AUDITOR, COORDINATOR])
def test_nobody_else_has_a_page_to_report_on(app, email):
    answer = signed_in(app, email).get(path(app, "costs/own"))
    assert answer.status_code in (403, 404)


def test_a_file_of_figures_is_taken_in_whole_or_not_at_all(fresh_app):
    client = signed_in(fresh_app, ASKED_STAFF)
    number = path(fresh_app).split("/")[2]
    head = "案件番号,年度,決算・予算の別,費目,金額（税込・円）,出典\r\n"
    good = f"{number},2023,決算,運用等経費,1000,決算書\r\n{number},2023,決算,その他,20,\r\n"
    bad = f"{number},2030,決算,運用等経費,1,\r\n999999,2023,決算,運用等経費,1,\r\n"
    place = send(client, (head + good + bad).encode())
    page = client.page(place)
    assert "2018年度から2027年度まで" in page.text
    assert "案件の番号ではありません" in page.text
    assert not page.soup.select("form[action$='/take']")
    place = send(client, (head + good).encode())
    form = client.page(place).form("/take")
    assert client.post(form.action, data=form.values.to_dict()).status_code == 302
    rows = own_rows(client.page(path(fresh_app, "costs/own")))
    assert ["2023年度", "決算", "1,000円", "未報告", "未報告", "20円"] in [row[:6] for row in rows]
    book = client.get("/imports/now/project-costs.xlsx").data
    sheet, codes = (list(each.values) for each in load_workbook(io.BytesIO(book)))
    assert (int(number), 2023, "決算", "運用等経費", 1000, "決算書") in sheet
    assert number in [line[4] for line in codes if line[0] == "案件番号"]
    again = client.page(send(client, book))
    assert {row.td.get_text(strip=True) for row in again.soup.select("#preview tbody tr")} == {
        "変更なし"
    }


def send(client, content):
    token = client.page("/imports").form("/imports").values["csrf_token"]
    file = (io.BytesIO(content), "costs.csv")
    data = {"kind": "project-costs", "file": file, "csrf_token": token}
    answer = client.post("/imports", data=data, content_type="multipart/form-data")
    assert answer.status_code == 302, answer.text[:2000]
    return str(answer.headers["Location"])


def test_effects_and_net_costs_stand_beside_the_costs(app):
    page = StrictClient(app).page(path(app))
    assert "52.4 → 18.1 時間/月（−34.3, −65.5 %）" in [row[2] for row in cells(page, "effects")]
    assert "3.1 日間（所要期間）" in page.text
    first, *_, planned = [row for row in cells(page, "net") if row[3:5] != ["0", "0"]]
    gross, granted, _, net, _ = (int(cell.replace(",", "")) for cell in first[2:])
    assert gross - granted == net
    assert planned[1].startswith("帆結市")
    assert planned[3:5] == ["0", "500,000"]


def test_the_sheet_is_a_page_and_two_files(app):
    client = StrictClient(app)
    page = client.page(path(app, "costs/sheet"))
    assert "起案から決裁までの日数" in page.text
    assert len(page.soup.select("#sheet-costs tbody tr")) == YEARS
    answer = client.get(path(app, "costs/sheet.xlsx"))
    rows = list(load_workbook(io.BytesIO(answer.data)).active.values)
    assert ("架空",) in [row[:1] for row in rows]
    years = [row for row in rows if isinstance(row[1], int)]
    total = values(data(client, app, "by-year"), "gross_yen")[-1]
    assert sum(row[1] for row in years) == total
    text = client.get(path(app, "costs/sheet.docx")).data
    assert "（架空）" in Document(io.BytesIO(text)).paragraphs[0].text
    assert client.get(path(app, "costs/sheet.pdf")).status_code == 404


def test_the_lead_records_changes_and_takes_back(fresh_app):
    lead, address = signed_in(fresh_app, COORDINATOR), path(fresh_app, "costs/entries")
    new = {
        "effect-label": "通知の発送",
        "effect-metric": "作業時間",
        "effect-before": "１０．５",
        "effect-after": "0",
        "effect-fiscal_year": "2026",
    }
    form = lead.page(address).form("/costs/entries/effects")
    assert form.submit(lead, new).status_code == 302
    page = lead.page(address)
    assert "10.5 → 0 分/日（−10.5, −100 %）" in page.text
    (link,) = [a for a in page.soup.select("#effects a") if "通知の発送" in a.get_text()]
    number = link["href"].split("effect=")[1].split("#")[0]
    changing = lead.page(f"{address}?effect={number}").form("/costs/entries/effects")
    assert changing.submit(lead, {"effect-after": "1"}).status_code == 302
    assert changing.submit(lead, {"effect-after": "2"}).status_code == 409
    gone = lead.page(f"{address}?effect={number}").form("/costs/entries/effects")
    assert gone.submit(lead, {"effect-remove": "y"}).status_code == 302
    assert "通知の発送" not in lead.page(address).text


@pytest.mark.parametrize("email", [ASKED_STAFF, STRANGER])
def test_nobody_but_the_lead_records_what_stands_beside(app, email):
    assert signed_in(app, email).get(path(app, "costs/entries")).status_code == 404


def test_the_line_of_the_state_shows_in_the_example_of_the_standard_tasks(app):
    page = signed_in(app, LEAD_STAFF).page(project_path(app, STANDARD, "costs"))
    rows = cells(page, "goal")
    assert [row[0] for row in rows] == ["2018年度", "2024年度", "2025年度"]
    assert [row[4] for row in rows] == ["基準", "達成", "達成"]
    before, goal = (int(rows[0][n].rstrip("円").replace(",", "")) for n in (1, 2))
    assert goal == before * 7 // 10
    assert "国の削減目標（2018年度比30％以上）" in page.text
    assert any("国の削減目標" in drawing.get_text() for drawing in page.soup.select("svg"))
    years = cells(page, "by-year")
    assert [row[0] for row in years if row[-1] != "未報告"][:2] == ["2024年度", "2025年度"]


@pytest.mark.parametrize(
    ("body", "judged"),
    [("992038", ["基準", "達成", "達成"]), ("993026", ["基準", "未達成", "未達成"])],
)
def test_a_body_that_saved_less_has_not_reached_it(app, body, judged):
    client = signed_in(app, COORDINATOR)
    page = client.page(project_path(app, STANDARD, f"costs?body={body}"))
    assert [row[4] for row in cells(page, "goal")] == judged


def test_no_other_example_shows_the_line_of_the_state(app):
    """Of the projects whose costs are public only that of the standard tasks has the scope."""
    with app.extensions["moyai_database"].read_session() as session:
        shown = select(Project.id, Project.title).where(
            Project.state.in_([each.value for each in COSTS_ARE_PUBLIC])
        )
        others = [row for row in session.execute(shown) if not row.title.startswith(STANDARD)]
    assert len(others) >= 3
    for project_id, _ in others:
        page = signed_in(app, COORDINATOR).page(f"/projects/{project_id}/costs")
        assert "国の削減目標（" not in page.text


def amounts_of(texts):
    return [int(re.sub(r"[＋円,]", "", text).replace("−", "-")) for text in texts]


def test_contract_amounts_stand_beside_the_shares_they_differ_from(app):
    """Each of the three contracted for a third of the price, whatever its share."""
    page = StrictClient(app).page(project_path(app, STANDARD, "costs"))
    assert "契約の額が負担案と異なる契約は3件のうち3件" in page.text
    rows = cells(page, "contracts")
    assert [row[0] for row in rows] == ["992011", "992038", "993026"]
    share, contract, difference = (
        [int(row[place].rstrip("円").replace(",", "").replace("−", "-")) for row in rows]
        for place in (3, 4, 5)
    )
    assert len(set(contract)) == 1
    assert [one - other for one, other in zip(contract, share, strict=True)] == difference
    assert [row[7] for row in rows] == ["33.3 %"] * 3
    assert len({row[6] for row in rows}) == 3
    answer = StrictClient(app).get(project_path(app, STANDARD, "costs/data/contracts.zip"))
    with zipfile.ZipFile(io.BytesIO(answer.data)) as archive:
        kept = list(csv.DictReader(io.StringIO(archive.read("data.csv").decode("utf-8"))))
    assert values(kept, "contract_yen") == contract
    fairness = signed_in(app, LEAD_STAFF).page(project_path(app, STANDARD, "fairness"))
    assert "団体ごとの契約の額や、契約だけの単価は、目安の計算に数えていません" in fairness.text
    beside = [
        [row[name] for name in ("負担案の額", "契約の額", "差（契約−負担案）")]
        for row in fairness.table("団体ごとの契約の額と負担案の額")
    ]
    assert [amounts_of(row) for row in beside] == [amounts_of(row[3:6]) for row in rows]
    assert "団体ごとの契約3件のうち、負担案の額と異なるものは3件です。" in fairness.text


def test_where_no_body_has_a_contract_of_its_own_there_is_no_such_table(app):
    page = signed_in(app, COORDINATOR).page(path(app))
    assert not cells(page, "contracts")


def test_users_and_use_begun_on_time_stand_beside_the_costs_for_members(app):
    everybody = cells(signed_in(app, COORDINATOR).page(path(app)), "use")
    assert len(everybody) == BODIES
    assert all(row[3].replace(",", "").isdigit() for row in everybody)
    assert {row[-1] for row in everybody} <= {"予定どおり", "未記録"}
    assert cells(signed_in(app, AUDITOR).page(path(app)), "use") == everybody
    member = signed_in(app, ASKED_STAFF)
    own = [row for row in cells(member.page(path(app)), "use") if row[3] != "未記録・非表示"]
    assert len(own) == 1
    assert own[0] in everybody
    used = values(data(member, app, "use"), "used")
    assert len([quantity for quantity in used if quantity is not None]) == 1


@pytest.mark.parametrize("email", ["", STRANGER])
def test_quantities_of_members_are_for_nobody_else(app, email):
    client = signed_in(app, email) if email else StrictClient(app)
    assert cells(client.page(path(app)), "use") == []
    assert client.get(path(app, "costs/data/use.zip")).status_code == 404
