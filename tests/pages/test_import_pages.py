"""Files sent in on a page: previewed row by row, then taken in wholly or not at all."""

import io
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from bs4 import BeautifulSoup
from flask import Flask
from openpyxl import load_workbook
from sqlalchemy import delete, func, select, update

from accounts.models import Membership, Organization
from catalog.answers import format_answer
from catalog.criteria import CRITERIA
from catalog.desk.models import OfferingDraft
from catalog.importing import incoming, incoming_work
from catalog.importing.models import IncomingFile, IncomingRow
from catalog.models import Offering, OfferingVersion, Vendor
from foundation.audit import AuditEvent
from foundation.db import Database
from foundation.staging import ImportBatch, ImportRow
from procurement.need_models import PresentContract
from tests.harness.builders import NOW
from tests.harness.catalog import ANSWERS
from tests.harness.client import StrictClient, as_page
from tests.harness.example import sign_in
from tests.pages.test_catalog_imports import case_row, write_csv
from tests.services.test_spec_files import NAMED, spec_row

OPERATOR = "operator@moyai.example"
VENDOR = "vendor-staff@moyai.example"
BODY = "hoyui-staff@moyai.example"
PREFECTURE = "pref@moyai.example"
Row = dict[str, str]


class Desk:
    """One person who sends files in."""

    def __init__(self, app: Flask, email: str, folder: Path) -> None:
        self.app, self.folder = app, folder
        self.client = StrictClient(app)
        self.user = sign_in(self.client, email)
        self.database: Database = app.extensions["moyai_database"]

    def send(self, kind: str, rows: list[Row], status: int = 302) -> str:
        content = write_csv(self.folder / "rows.csv", rows).read_bytes()
        return self.send_bytes(kind, content, status)

    def send_bytes(self, kind: str, content: bytes, status: int = 302, name: str = "a.csv") -> str:
        token = self.client.page("/imports").form("/imports").values["csrf_token"]
        data = {"kind": kind, "file": (io.BytesIO(content), name), "csrf_token": token}
        answer = self.client.post("/imports", data=data, content_type="multipart/form-data")
        assert answer.status_code == status, answer.text[:3000]
        return str(answer.headers.get("Location", "")) or answer.text

    def press(self, path: str, action: str, status: int = 302, **changes: str) -> str:
        form = self.client.page(path).form(f"/{action}")
        answer = self.client.post(form.action, data={**form.values.to_dict(), **changes})
        assert answer.status_code == status, answer.text[:3000]
        return answer.text

    def outcomes(self, path: str) -> list[tuple[str, str]]:
        """(outcome, everything said) of each row of the preview."""
        table = self.client.page(path).soup.select("#preview tbody tr")
        cells = [row.select("td") for row in table]
        return [(each[0].get_text(strip=True), each[2].get_text(" ", strip=True)) for each in cells]

    def count(self, model: Any) -> int:
        with self.database.read_session() as session:
            return session.scalar(select(func.count()).select_from(model)) or 0

    def number_of(self) -> str:
        """The corporate number of a fictional vendor."""
        with self.database.read_session() as session:
            found = session.scalar(
                select(Organization.corporate_number)
                .join(Vendor, Vendor.organization_id == Organization.id)
                .where(Vendor.fictional.is_(True), Organization.corporate_number.is_not(None))
                .order_by(Vendor.id)
            )
        return str(found)


@pytest.fixture
def operator(fresh_app: Flask, tmp_path: Path) -> Desk:
    desk = Desk(fresh_app, OPERATOR, tmp_path)
    # What the example has waiting is taken in by nobody: it is cleared as such.
    incoming_work.work_off(desk.database, lambda: NOW + timedelta(days=30))
    return desk


def row(number: str, n: int = 1, **cells: str) -> Row:
    answers = {c.csv_column: format_answer(c, ANSWERS.get(c.key)) for c in CRITERIA}
    own = {
        "キー": f"page-{n}",
        "名称": f"画面からの掲載{n}",
        "概要": "画面から取り込む掲載。",
        "システム種別": "生成AI",
        "開発元": number,
        "架空": "true",
        "料金プラン名": "標準",
        "月額単価（税抜・円）": "1000",
        "月額の単位": "アカウント",
    }
    return own | answers | cells


def test_a_preview_says_what_each_row_would_do_and_one_button_does_it(operator: Desk) -> None:
    number = operator.number_of()
    before = operator.count(Offering)
    path = operator.send("offerings", [row(number, 1), row(number, 2)])
    assert operator.outcomes(path) == [("新規", "新しく登録します")] * 2
    assert operator.count(Offering) == before
    operator.press(path, "take")
    assert operator.count(Offering) == before + 2
    changed = [row(number, 1, 概要="改めた概要。"), row(number, 2), row(number, 3)]
    path = operator.send("offerings", changed)
    [first, second, third] = operator.outcomes(path)
    assert first == ("変更", "概要：画面から取り込む掲載。 → 改めた概要。")
    assert (second[0], third[0]) == ("変更なし", "新規")
    operator.press(path, "take")
    said = operator.client.page(path).soup.get_text()
    assert "新規 1件、変更 1件" in said
    with operator.database.read_session() as session:
        offering = session.scalars(select(Offering).where(Offering.key == "page-1")).one()
        events = session.scalars(
            select(AuditEvent).where(AuditEvent.action == "import_offerings")
        ).all()
    assert (offering.current_version, offering.summary) == (2, "改めた概要。")
    assert [event.changes["added"] for event in events] == [2, 1]
    assert events[-1].changes["changed"] == 1


def test_one_refused_row_holds_all_back_and_is_named(operator: Desk) -> None:
    number = operator.number_of()
    before = operator.count(OfferingVersion)
    rows = [row(number, 1), row(number, 2, システム種別="月面基地"), row(number, 1)]
    path = operator.send("offerings", rows)
    outcomes = operator.outcomes(path)
    assert [outcome for outcome, _said in outcomes] == ["新規", "取り込めない", "取り込めない"]
    assert "「システム種別」" in outcomes[1][1]
    assert "重複" in outcomes[2][1]
    page = operator.client.page(path)
    assert not page.soup.select("#take")
    answer = operator.client.post(
        f"{path}/take",
        data={"row_version": "2", "csrf_token": page.form("/again").values["csrf_token"]},
    )
    assert answer.status_code == 422
    assert operator.count(OfferingVersion) == before
    only = operator.client.page(f"{path}?show=refused")
    assert len(only.soup.select("#preview tbody tr")) == 2


def test_like_names_are_asked_about_and_answered(operator: Desk) -> None:
    number = operator.number_of()
    operator.press(operator.send("offerings", [row(number, 1), row(number, 2)]), "take")
    rows = [
        row(number, 1, キー="", 概要="改めた。"),
        row(number, 2, キー="page-9", 名称="画面からの 掲載２"),
    ]
    path = operator.send("offerings", rows)
    assert [each for each, _said in operator.outcomes(path)] == ["同じものですか"] * 2
    operator.press(path, "answers", 422, **{"row-1": "nowhere"})
    operator.press(path, "answers", **{"row-1": "page-1"})
    assert [each for each, _said in operator.outcomes(path)] == ["変更", "同じものですか"]
    operator.press(path, "answers", **{"row-2": "別"})
    assert [each for each, _said in operator.outcomes(path)] == ["変更", "新規"]
    operator.press(path, "take")
    with operator.database.read_session() as session:
        keys = session.scalars(select(Offering.key).where(Offering.key.like("page-%"))).all()
    assert sorted(keys) == ["page-1", "page-2", "page-9"]


@pytest.mark.parametrize("kind", ["offerings", "own-offerings", "cases", "contracts"])
def test_what_changed_since_the_preview_stops_it(
    fresh_app: Flask, tmp_path: Path, kind: str
) -> None:
    desk = Desk(
        fresh_app, {"own-offerings": VENDOR, "contracts": BODY}.get(kind, OPERATOR), tmp_path
    )
    rows = rows_of(desk, kind)
    desk.press(desk.send(kind, rows), "take")
    if kind == "own-offerings":
        rows = [each | {"キー": key_of(desk, each["名称"])} for each in rows]
    changed = [each | CHANGED[kind] for each in rows]
    path = desk.send(kind, changed)
    assert [each for each, _said in desk.outcomes(path)] == ["変更"]
    desk.press(desk.send(kind, [each | OTHERWISE[kind] for each in rows]), "take")
    with desk.database.read_session() as session:
        events = session.scalar(select(func.max(AuditEvent.seq)))
    text = desk.press(path, "take", 409)
    assert "変わりました" in text
    with desk.database.read_session() as session:
        assert session.scalar(select(func.max(AuditEvent.seq))) == events
    desk.press(path, "again")
    assert [each for each, _said in desk.outcomes(path)] == ["変更"]
    desk.press(path, "take")
    again = desk.send(kind, changed)
    assert [each for each, _said in desk.outcomes(again)] == ["変更なし"]


CHANGED = {
    "offerings": {"概要": "一度目"},
    "own-offerings": {"概要": "一度目"},
    "cases": {"件名": "一度目"},
    "contracts": {"事業者": "一度目"},
}
OTHERWISE = {kind: dict.fromkeys(cells, "二度目") for kind, cells in CHANGED.items()}


def rows_of(desk: Desk, kind: str) -> list[Row]:
    if kind == "cases":
        return [case_row(1) | {"掲載サービスのキー": ""}]
    if kind == "contracts":
        return [contract(body_of(desk))]
    if kind == "own-offerings":
        return [row("", 1, キー="new-1")]
    return [row(desk.number_of(), 1)]


def key_of(desk: Desk, name: str) -> str:
    with desk.database.read_session() as session:
        return session.scalars(select(Offering.key).where(Offering.name == name)).one()


def body_of(desk: Desk) -> str:
    with desk.database.read_session() as session:
        code = session.scalar(
            select(Organization.body_code)
            .join(Membership, Membership.organization_id == Organization.id)
            .where(Membership.user_id == desk.user.id)
        )
    return str(code)


def contract(code: str, **cells: str) -> Row:
    own = {"団体コード": code, "システム種別": "生成AI", "事業者": "架空事業者"}
    return own | {"契約の終わり": "2028-03-31", "年額（税込・円）": "１，２００，０００"} | cells


def test_a_vendor_writes_drafts_of_its_own_entries(fresh_app: Flask, tmp_path: Path) -> None:
    desk, operator = Desk(fresh_app, VENDOR, tmp_path), Desk(fresh_app, OPERATOR, tmp_path)
    versions = desk.count(OfferingVersion)
    path = desk.send("own-offerings", [row("", 1, キー="new-1")])
    desk.press(path, "take")
    with desk.database.read_session() as session:
        named = select(Offering).where(Offering.name == "画面からの掲載1")
        offering = session.scalars(named).one()
        draft = session.get_one(OfferingDraft, offering.id)
    assert (offering.publication_status, draft.content["name"]) == ("draft", "画面からの掲載1")
    assert desk.count(OfferingVersion) == versions
    page = desk.client.page(f"/desk/vendor/offerings/{offering.id}/submit")
    assert page.soup.select("form")
    # What is another's is none of its own, whatever the file says.
    others = [number for number in list_numbers(operator) if number != own_number(desk)]
    path = desk.send("own-offerings", [row(others[0], 2, キー="")])
    [(outcome, said)] = desk.outcomes(path)
    assert outcome == "取り込めない"
    assert "自社" in said
    desk.send("offerings", [row(others[0], 2)], status=422)


def list_numbers(desk: Desk) -> list[str]:
    with desk.database.read_session() as session:
        return [
            str(number)
            for number in session.scalars(
                select(Organization.corporate_number)
                .join(Vendor, Vendor.organization_id == Organization.id)
                .where(Organization.corporate_number.is_not(None), Vendor.fictional.is_(True))
            )
        ]


def own_number(desk: Desk) -> str:
    with desk.database.read_session() as session:
        return str(
            session.scalar(
                select(Organization.corporate_number)
                .join(Membership, Membership.organization_id == Organization.id)
                .where(Membership.user_id == desk.user.id)
            )
        )


def test_a_body_brings_its_own_contracts_and_a_coordinator_its_prefectures(
    fresh_app: Flask, tmp_path: Path
) -> None:
    body, prefecture = Desk(fresh_app, BODY, tmp_path), Desk(fresh_app, PREFECTURE, tmp_path)
    own, before = body_of(body), body.count(PresentContract)
    path = body.send("contracts", [contract(own, システム種別="文書管理"), contract("011002")])
    assert [each for each, _said in body.outcomes(path)][1] == "取り込めない"
    path = prefecture.send("contracts", [contract(own), contract("011002")])
    outcomes = prefecture.outcomes(path)
    assert outcomes[0][0] in ("新規", "変更")
    assert "自分の都道府県" in outcomes[1][1]
    path = prefecture.send("contracts", [contract(own, 事業者="都道府県からの登録")])
    prefecture.press(path, "take")
    with body.database.read_session() as session:
        names = session.scalars(
            select(PresentContract.vendor_name).where(PresentContract.body_code == own)
        ).all()
    assert "都道府県からの登録" in names
    assert body.count(PresentContract) in (before, before + 1)


def book_of(desk: Desk, kind: str) -> tuple[bytes, dict[str, list[tuple[Any, ...]]]]:
    """The workbook of what is there now, and its sheets."""
    content = desk.client.get(f"/imports/now/{kind}.xlsx").data
    book = load_workbook(io.BytesIO(content))
    return content, {sheet.title: list(sheet.values) for sheet in book}


def test_present_contracts_come_out_as_they_go_in(fresh_app: Flask, tmp_path: Path) -> None:
    body, prefecture = Desk(fresh_app, BODY, tmp_path), Desk(fresh_app, PREFECTURE, tmp_path)
    own = body_of(body)
    body.press(body.send("contracts", [contract(own, 契約の終わり="")]), "take")
    neighbour = body_of(Desk(fresh_app, "tsunanoe-staff@moyai.example", tmp_path))
    prefecture.press(prefecture.send("contracts", [contract(neighbour)]), "take")
    content, sheets = book_of(body, "contracts")
    rows = sheets["記入欄"][1:]
    assert {line[0] for line in rows} == {own}
    assert [line[3:] for line in rows if line[2] == "生成AI"] == [("架空事業者", None, 1200000)]
    assert ("システム種別", "必須", None, "生成AI", "generative_ai") in sheets["コード表"]
    path = body.send_bytes("contracts", content, name="now.xlsx")
    assert {outcome for outcome, _said in body.outcomes(path)} == {"変更なし"}
    whole = {line[0] for line in book_of(prefecture, "contracts")[1]["記入欄"][1:]}
    assert {own, neighbour} <= whole
    assert {str(code)[:2] for code in whole} == {own[:2]}


def test_a_body_without_contracts_gets_the_headings_and_the_words(
    fresh_app: Flask, tmp_path: Path
) -> None:
    body = Desk(fresh_app, BODY, tmp_path)
    with body.database.transaction() as session:
        session.execute(delete(PresentContract).where(PresentContract.body_code == body_of(body)))
    _content, sheets = book_of(body, "contracts")
    assert len(sheets["記入欄"]) == 1
    assert "団体コード" in sheets["記入欄"][0]
    page = body.client.page("/imports")
    assert {"/imports/now/contracts.xlsx", "/imports/now/project-costs.xlsx"} <= set(page.links)


def test_anothers_file_is_not_there(operator: Desk, fresh_app: Flask, tmp_path: Path) -> None:
    path = operator.send("offerings", [row(operator.number_of(), 1)])
    other = Desk(fresh_app, VENDOR, tmp_path)
    assert other.client.get(path).status_code == 404
    token = other.client.page("/imports").form("/imports").values["csrf_token"]
    for action in ("take", "again", "discard", "answers"):
        answer = other.client.post(f"{path}/{action}", data={"csrf_token": token, "row-1": "別"})
        assert answer.status_code == 404, action
    assert StrictClient(fresh_app).get(path).status_code == 302


def test_what_is_no_table_is_said_to_be_none(operator: Desk) -> None:
    assert "空です" in operator.send_bytes("offerings", b"", 422)
    for content, words in NO_TABLES.items():
        path = operator.send_bytes("offerings", content)
        assert words in operator.client.page(path).soup.get_text()
        operator.press(path, "discard")
    assert operator.count(IncomingFile) == operator.count(ImportRow) == 0


def test_a_document_renamed_is_refused_beside_the_field(operator: Desk) -> None:
    said = operator.send_bytes("specs", b"%PDF-1.7\n%\xe2\xe3", 422, name="specs.xlsx")
    page = BeautifulSoup(said, "html.parser")
    [error] = page.select(".dads-form-control:has([name=file]) .dads-form-control__error")
    assert "中身はPDFです" in error.get_text()
    assert page.select_one("[name=kind] [selected]")["value"] == "specs"
    assert operator.count(IncomingFile) == 0


NO_TABLES = {
    b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1": "パスワード",
    "名称,概要\r\na,b\r\n".encode(): "次の列がありません",
    "キー,名称,概要,システム種別,開発元\r\n".encode(): "行がありません",
    b"\xff\xfe\x00": "UTF-16",
}


def test_a_large_file_is_read_by_the_worker_and_goes_on_after_a_crash(
    operator: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Killed while it compares: the next worker goes on where it stopped, nothing is lost."""
    monkeypatch.setattr(incoming, "SMALL_BYTES", 0)
    monkeypatch.setattr(incoming_work, "ROWS_A_STEP", 4)
    number, clock = operator.number_of(), datetime(2026, 11, 21, 3, tzinfo=UTC)
    path = operator.send("offerings", [row(number, n) for n in range(10)])
    answer = operator.client.get(path)
    assert answer.headers["Refresh"] == "5"
    assert as_page(answer).soup.select(f'a[href="{path}"]')
    kept = incoming_work._found

    def fail(file_id: int, position: int, *rest: Any) -> dict[str, Any]:
        if position == 7:
            raise KeyboardInterrupt
        return kept(file_id, position, *rest)

    monkeypatch.setattr(incoming_work, "_found", fail)
    with pytest.raises(KeyboardInterrupt):
        incoming_work.work_off(operator.database, lambda: clock)
    monkeypatch.setattr(incoming_work, "_found", kept)
    assert operator.count(IncomingRow) == 4
    assert incoming_work.work_off(operator.database, lambda: clock) == 0
    later = clock + timedelta(minutes=3)
    assert incoming_work.work_off(operator.database, lambda: later) == 1
    assert operator.count(IncomingRow) == 10
    assert "Refresh" not in operator.client.get(path).headers
    operator.press(path, "take")
    assert incoming_work.work_off(operator.database, lambda: later) == 0
    assert operator.count(IncomingRow) == operator.count(ImportRow) == 0
    assert "取り込みました" in operator.client.page(path).soup.get_text()


def test_what_nobody_takes_in_is_cleared(operator: Desk) -> None:
    path = operator.send("offerings", [row(operator.number_of(), 1)])
    with operator.database.transaction() as session:
        now = session.scalars(select(IncomingFile.changed_at)).one()
    incoming_work.work_off(operator.database, lambda: now + timedelta(days=2))
    assert operator.client.get(path).status_code == 200
    incoming_work.work_off(operator.database, lambda: now + timedelta(days=4))
    assert operator.client.get(path).status_code == 404
    assert operator.count(IncomingRow) == operator.count(ImportRow) == 0
    with operator.database.read_session() as session:
        states = session.scalars(select(ImportBatch.state).order_by(ImportBatch.id)).all()
    assert states[-1] == "abandoned"


def test_a_role_lost_meanwhile_stops_it(operator: Desk) -> None:
    path = operator.send("offerings", [row(operator.number_of(), 1)])
    with operator.database.transaction() as session:
        session.execute(update(IncomingFile).values(limits={"vendor_id": 1}))
    operator.press(path, "take", 409)


def test_specifications_are_sent_in_shown_with_their_version_and_named_by_entries(
    operator: Desk,
) -> None:
    path = operator.send("specs", [spec_row(1), spec_row(2, 前の版="sent-1")])
    assert operator.outcomes(path) == [("新規", "新しく登録します")] * 2
    operator.press(path, "take")
    page = operator.client.page("/specs")
    link = page.soup.find("a", string=f"{NAMED} 第2版")
    assert "架空" in link.find_parent("tr").get_text()
    page = operator.client.page(link["href"])
    assert page.soup.find("a", string=f"{NAMED} 第1版") is not None
    said = page.soup.get_text(" ", strip=True)
    assert "架空県" in said and "第2版" in said and "架空の資料" in said
    line = f"{NAMED} 第2版|第2版|self_declared||避難所"
    operator.press(
        operator.send("offerings", [row(operator.number_of(), 仕様書への適合=line)]), "take"
    )
    found = operator.client.page(link["href"])
    assert found.soup.find("a", string="画面からの掲載1") is not None
    entry = operator.client.page(found.soup.find("a", string="画面からの掲載1")["href"])
    assert f"{NAMED} 第2版" in entry.soup.get_text()
    names = [each["title"] for each in operator.client.get("/api/v1/specs").json["results"]]
    assert f"{NAMED} 第1版" in names
    changed = operator.send("specs", [spec_row(1, 内容="改めた。", 種類="なにか")])
    [(outcome, said)] = operator.outcomes(changed)
    assert (outcome, "種類" in said) == ("取り込めない", True)


def test_a_vendor_cannot_send_specifications_in(fresh_app: Flask, tmp_path: Path) -> None:
    vendor = Desk(fresh_app, VENDOR, tmp_path)
    assert vendor.client.page("/imports").soup.select('option[value="specs"]') == []
    vendor.send("specs", [spec_row()], 422)
    assert vendor.client.get("/open-data/specs.csv").status_code == 200
