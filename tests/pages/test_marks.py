"""Recommended marks: the operator's facts with issuer, reason, date and source."""

import csv
import io
import re
import zipfile
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func, select

from catalog.desk.models import OfferingDraft
from catalog.mark_models import MarkWithdrawal, RecommendedMark
from catalog.models import Offering, SearchOutbox
from catalog.search.sources import list_documents
from foundation.audit import AuditEvent
from foundation.db import Database
from tests.harness.bad_input import JAPANESE, TEXTS
from tests.harness.client import StrictClient, as_page
from tests.harness.example import sign_in
from tests.pages.test_import_pages import VENDOR, Desk, row

SAID = {
    "issuer": "架空市会議",
    "reason": "試験で確かめた",
    "marked_on": "令和8年4月1日",
    "source": "架空市の報告書 2頁",
    "url": "https://example.jp/report",
}


class Marks:
    """The operator at the marks of one published entry."""

    def __init__(self, app: Flask) -> None:
        self.app = app
        self.client, self.visitor = StrictClient(app), StrictClient(app)
        sign_in(self.client, "operator@moyai.example")
        self.database: Database = app.extensions["moyai_database"]
        with self.database.read_session() as session:
            marked = select(RecommendedMark.offering_id)
            statement = select(Offering.id).where(Offering.publication_status == "published")
            statement = statement.where(Offering.id.not_in(marked)).order_by(Offering.id)
            self.offering_id = session.scalars(statement.limit(1)).one()
        self.path = f"/admin/offerings/{self.offering_id}/marks"

    def send(self, path: str = "", status: int = 302, **changes: str) -> str:
        path = path or self.path
        form = self.client.page(path).form(path)
        answer = self.client.post(path, data={**form.values.to_dict(), **changes})
        assert answer.status_code == status, answer.text[:3000]
        return answer.text

    def page(self) -> str:
        return self.visitor.page(f"/offerings/{self.offering_id}").soup.get_text(" ", strip=True)

    def shown(self) -> list[dict[str, str]]:
        answer = self.visitor.get(f"/api/v1/offerings/{self.offering_id}").json
        return answer["recommended_marks"]

    def exported(self) -> list[str]:
        content = self.visitor.get("/open-data/offerings.zip").data
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            text = archive.read("data.csv").decode("utf-8-sig")
        lines = csv.reader(io.StringIO(text))
        return [",".join(line) for line in lines if "recommended_mark" in line]

    def document(self) -> object:
        with self.database.read_session() as session:
            return list_documents(session, "offering", [self.offering_id])

    def actions(self) -> list[str]:
        with self.database.read_session() as session:
            statement = select(AuditEvent.action).order_by(AuditEvent.seq.desc()).limit(2)
            return list(session.scalars(statement))


@pytest.fixture
def marks(fresh_app: Flask) -> Marks:
    return Marks(fresh_app)


def test_a_mark_is_shown_everywhere_as_a_fact_and_ends_with_a_reason(marks: Marks) -> None:
    before, others = marks.document(), len(marks.exported())
    marks.send(**SAID)
    for words in ("架空市会議", "試験で確かめた", "架空市の報告書 2頁"):
        assert words in marks.page()
    assert marks.shown() == [
        {
            "issuer": "架空市会議",
            "reason": "試験で確かめた",
            "marked_on": "2026-04-01",
            "source": "架空市の報告書 2頁",
            "source_url": "https://example.jp/report",
        }
    ]
    assert len(marks.exported()) == others + 1
    compared = marks.visitor.page(f"/offerings/compare?ids={marks.offering_id},1")
    [row] = [r for r in compared.soup.select("tr") if "推奨の表示" in r.get_text()]
    assert "架空市会議" in row.get_text()
    assert "違いあり" not in row.get_text()
    file = marks.visitor.get(f"/offerings/compare.csv?ids={marks.offering_id}").text
    assert "試験で確かめた" in file
    # No word of it and no place by it: what is searched and ordered by is as it was.
    assert marks.document() == before
    with marks.database.read_session() as session:
        assert session.scalar(select(func.count()).select_from(SearchOutbox)) == 0
        number = session.scalars(
            select(RecommendedMark.id).where(RecommendedMark.offering_id == marks.offering_id)
        ).one()
    assert marks.actions()[0] == "set_recommended_mark"
    withdraw = f"/admin/marks/{number}/withdraw"
    assert "入力してください" in marks.send(withdraw, 422, reason=" ")
    marks.send(withdraw, reason="報告書が改められた")
    assert "架空市会議" not in marks.page()
    assert marks.shown() == []
    assert len(marks.exported()) == others
    assert marks.actions()[0] == "withdraw_recommended_mark"
    history = marks.client.page(marks.path).soup.select_one("#marks")
    assert "報告書が改められた" in history.get_text()
    marks.send(withdraw, 422, reason="もう一度")
    marks.send(**SAID)
    assert len(marks.shown()) == 1


@pytest.mark.parametrize("name", ["issuer", "reason", "marked_on", "source"])
def test_without_issuer_reason_date_or_source_there_is_no_mark(marks: Marks, name: str) -> None:
    said = marks.send(status=422, **(SAID | {name: " "}))
    assert "入力してください" in said
    assert marks.shown() == []


def test_what_cannot_be_a_mark_is_refused_beside_its_field(marks: Marks) -> None:
    for change in (
        {"marked_on": "2199-01-01"},
        {"marked_on": "2026-02-30"},
        {"url": "javascript:alert(1)"},
        {"issuer": "長" * 201},
    ):
        marks.send(status=422, **(SAID | change))
    assert marks.shown() == []
    marks.send(**SAID)
    assert "取り下げてください" in marks.send(status=422, **SAID)


@pytest.mark.parametrize("name", ["issuer", "reason", "marked_on", "source", "url"])
def test_whatever_is_typed_is_answered_in_words(marks: Marks, name: str) -> None:
    for value in TEXTS:
        form = marks.client.page(marks.path).form(marks.path)
        answer = marks.client.post(marks.path, data={**form.values.to_dict(), **SAID, name: value})
        assert answer.status_code in (302, 422), value[:20]
        if answer.status_code == 422:
            errors = as_page(answer).soup.select(".dads-form-control__error")
            assert errors and all(JAPANESE.search(error.get_text()) for error in errors)


def test_nobody_but_the_operator_sets_or_ends_one(marks: Marks) -> None:
    for who in ("vendor-manager@", "hoyui-manager@", "auditor@", "ministry@"):
        client = StrictClient(marks.app)
        sign_in(client, f"{who}moyai.example")
        for path in (marks.path, "/admin/marks/1/withdraw"):
            assert client.get(path).status_code in (403, 404)
            assert client.post(path, data=SAID).status_code in (302, 400, 403, 404)
    with marks.database.read_session() as session:
        assert session.scalar(select(func.count()).select_from(RecommendedMark)) == 1
        assert session.scalar(select(func.count()).select_from(MarkWithdrawal)) == 0


def test_a_vendor_has_no_way_to_one_by_form_file_or_api(fresh_app: Flask, tmp_path: Path) -> None:
    desk = Desk(fresh_app, VENDOR, tmp_path)
    extra = {"推奨の表示": "架空市", "recommended_mark": "架空市"}
    path = desk.send("own-offerings", [row("", 1, キー="", 開発元="", **extra)])
    [(outcome, said)] = desk.outcomes(path)
    assert outcome == "取り込めない"
    assert "「推奨の表示」" in said and "「recommended_mark」" in said
    links = [str(link["href"]) for link in desk.client.page("/desk/vendor").soup.select("a[href]")]
    basic = next(f"{link}/basic" for link in links if re.fullmatch(r".*/offerings/\d+", link))
    form = desk.client.page(basic).form(basic)
    changed = {"name": "改めた名", "recommended_mark": "架空市", "issuer": "架空市"}
    assert desk.client.post(basic, data={**form.values.to_dict(), **changed}).status_code == 302
    for method in ("post", "put", "patch"):
        answer = getattr(desk.client, method)("/api/v1/offerings/1", json={"recommended_marks": []})
        assert answer.status_code in (400, 405)
    with desk.database.read_session() as session:
        drafts = session.scalars(select(OfferingDraft.content)).all()
        assert any(content["name"] == "改めた名" for content in drafts)
        assert not any("架空市" in str(content) for content in drafts)
        assert session.scalar(select(func.count()).select_from(RecommendedMark)) == 1
