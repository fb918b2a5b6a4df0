"""Our own downloads keep the rules; anybody signed in checks a table of its own by a page."""

import io
import json
import zipfile
from pathlib import Path

import pytest
from flask import Flask

from catalog import open_data
from catalog.table_check.check import check_table
from catalog.table_check.reading import Given
from catalog.table_check.rules import Mark, Verdict
from catalog.views.table_check import LARGEST_ON_PAGE, MOST_CELLS_ON_PAGE
from tests.harness.client import StrictClient, as_page
from tests.harness.example import sign_in
from tests.harness.page import Page

PAGE = "/open-data/check-table"
SHORT = "名称,値\r\n a,1\r\n"


def downloads(client: StrictClient) -> list[str]:
    """Every zip that a page of open data or of the dashboard offers."""
    found = []
    for address in ("/open-data", "/dashboard", "/dashboard/prefectures/25"):
        found += [link for link in client.page(address).links if link.endswith(".zip")]
    return sorted(set(found))


def test_every_download_of_ours_keeps_every_automatic_rule(app: Flask) -> None:
    client = StrictClient(app)
    found = downloads(client)
    assert {f"/open-data/{name}.zip" for name in open_data.TITLES} < set(found)
    problems = []
    for address in found:
        content = client.get(address).data
        given = Given(name=address, content=content, previous=content)
        report = check_table(given)
        problems += [
            (address, each.rule.id, each.total, each.findings[:2])
            for each in report.results
            if each.rule.mark is Mark.AUTO and each.verdict is not Verdict.MET
        ]
    assert not problems, "\n".join(map(str, problems))


def test_a_table_is_checked_by_a_page_and_not_kept(app: Flask) -> None:
    client = StrictClient(app)
    sign_in(client, "hoyui-staff@moyai.example")
    page = client.page(client.page("/open-data").link("手元の表が規則に合っているか"))
    assert len(page.table("30の規則")) == 30
    page = checked(client, (io.BytesIO(SHORT.encode()), "表.csv"))
    assert page.status == 200
    rows = {row["規則"]: row for row in page.table("規則ごとの結果")}
    assert rows["L1-06"]["結果"] == "不適合"
    assert "2行目A列：前か後ろに空白" in rows["L1-06"]["見つかった箇所と理由"]
    assert rows["L1-09"]["結果"] == "人が確認"
    assert "表.csv" in page.text
    page = checked(client, (io.BytesIO(b"PK\x03\x04"), "表.xlsx"))
    assert page.status == 422
    assert page.soup.select_one("#file-error")
    page = checked(client, (io.BytesIO(b"a" * (LARGEST_ON_PAGE + 1)), "表.csv"))
    assert page.status == 422
    assert "2MB" in page.soup.select_one("#file-error").text
    page = checked(client, (io.BytesIO(b"a\n" * (MOST_CELLS_ON_PAGE + 1)), "表.csv"))
    assert page.status == 422
    assert "200,000まで" in page.soup.select_one("#file-error").text
    assert StrictClient(app).get(PAGE).status_code == 302


def test_what_a_person_looked_at_itself_is_said_and_counted(app: Flask) -> None:
    client = StrictClient(app)
    sign_in(client, "hoyui-staff@moyai.example")
    text = "名称,値\r\nその他（詳細）,1\r\n"
    plain = checked(client, (io.BytesIO(text.encode()), "表.csv"))
    rows = {row["規則"]: row for row in plain.table("規則ごとの結果")}
    assert (rows["L1-09"]["結果"], rows["L2-05"]["結果"]) == ("人が確認", "要確認")
    ticks = ("L1-09", "L2-05", "L3-08", "L9-99")
    page = checked(client, (io.BytesIO(text.encode()), "表.csv"), ticks)
    rows = {row["規則"]: row for row in page.table("規則ごとの結果")}
    for number in ("L1-09", "L2-05"):
        assert rows[number]["結果"] == "適合"
        assert "人が確認して、適合としました。" in rows[number]["見つかった箇所と理由"]
    assert "別の列に分けて" in rows["L2-05"]["見つかった箇所と理由"]
    assert rows["L3-08"]["結果"] == "不適合"
    assert "人が確認した規則：L1-09、L2-05" in page.text
    assert ticked(page) == {"L1-09", "L2-05"}


def test_ticks_stay_where_the_file_cannot_be_read(app: Flask) -> None:
    client = StrictClient(app)
    sign_in(client, "hoyui-staff@moyai.example")
    page = checked(client, (io.BytesIO(b"PK\x03\x04"), "表.xlsx"), ("L1-14",))
    assert page.status == 422
    assert ticked(page) == {"L1-14"}
    assert "ファイルを選び直してください" in page.text


def ticked(page: Page) -> set[str]:
    return {str(each["value"]) for each in page.soup.select("input[name=confirmed][checked]")}


def checked(
    client: StrictClient, file: tuple[io.BytesIO, str], ticks: tuple[str, ...] = ()
) -> Page:
    token = client.page(PAGE).form(PAGE).values["csrf_token"]
    answer = client.post(PAGE, data={"csrf_token": token, "file": file, "confirmed": list(ticks)})
    return as_page(answer, status=answer.status_code)


@pytest.mark.parametrize(("text", "code"), [(SHORT, 1), ("名称,値\r\na,b\r\n", 1)])
def test_the_command_says_which_rules_are_broken(
    app: Flask, tmp_path: Path, text: str, code: int
) -> None:
    file = tmp_path / "data.csv"
    file.write_text(text, encoding="utf-8")
    run = app.test_cli_runner().invoke(args=["catalog", "check-table", str(file)])
    assert run.exit_code == code
    assert "L3-08\t不適合" in run.output
    run = app.test_cli_runner().invoke(
        args=["catalog", "check-table", str(file), "--format", "json"]
    )
    assert len(json.loads(run.output)["rules"]) == 30


def test_the_command_passes_what_keeps_them_and_reads_what_is_beside(
    app: Flask, tmp_path: Path
) -> None:
    content = StrictClient(app).get("/open-data/price-plans.zip").data
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        archive.extractall(tmp_path)
    args = ["catalog", "check-table", str(tmp_path / "data.csv"), "--confirmed", "L1-09"]
    run = app.test_cli_runner().invoke(args=args)
    assert run.exit_code == 0, run.output
    assert "人が確認した規則：L1-09" in run.output
    wrong = app.test_cli_runner().invoke(args=[*args, "--confirmed", "L9-99"])
    assert wrong.exit_code == 2
    unread = tmp_path / "broken.xlsx"
    unread.write_bytes(b"PK\x03\x04")
    run = app.test_cli_runner().invoke(args=["catalog", "check-table", str(unread)])
    assert run.exit_code == 1
