"""A vendor's own workbook: taken out, changed, brought in again, and handed in in one step."""

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from openpyxl import load_workbook
from sqlalchemy import select

from accounts.models import Membership
from catalog.desk.models import OfferingDraft, OfferingReview, OfferingSubmission
from catalog.importing import sheets
from catalog.models import Offering, OfferingVersion, Vendor
from tests.harness.client import as_page
from tests.harness.queries import counted_queries
from tests.pages.test_import_pages import OPERATOR, VENDOR, Desk, own_number, row

OUT = "/imports/now/own-offerings.xlsx"
HAND_IN = "/desk/vendor/submit"


class Maker(Desk):
    """A vendor's staff with the workbook of its own entries."""

    def take_out(self) -> Any:
        answer = self.client.get(OUT)
        assert answer.status_code == 200, answer.text[:500]
        return load_workbook(io.BytesIO(answer.data))

    def bring_in(self, change: Callable[[Any], None] | None = None) -> str:
        book = self.take_out()
        if change:
            change(book)
        content = io.BytesIO()
        book.save(content)
        return self.send_bytes("own-offerings", content.getvalue(), name="own.xlsx")

    def mine(self) -> list[Offering]:
        with self.database.read_session() as session:
            organization = Vendor.organization_id == self.organization_id
            return list(
                session.scalars(
                    select(Offering).join(Vendor).where(organization).order_by(Offering.id)
                )
            )

    @property
    def organization_id(self) -> int:
        with self.database.read_session() as session:
            return session.scalars(
                select(Membership.organization_id).where(Membership.user_id == self.user.id)
            ).one()

    def foreign_key(self) -> str:
        own = {offering.id for offering in self.mine()}
        with self.database.read_session() as session:
            found = select(Offering.key).where(Offering.id.not_in(own)).order_by(Offering.id)
            return session.scalars(found.limit(1)).one()

    def outcome_words(self, **boxes: Any) -> list[str]:
        form = self.client.page(HAND_IN).form(HAND_IN)
        values = form.values.to_dict(flat=False) | boxes
        answer = self.client.post(HAND_IN, data=values)
        assert answer.status_code == 200, answer.text[:2000]
        cells = as_page(answer).soup.select("#outcomes tbody td")
        return [cell.get_text(" ", strip=True) for cell in cells]


@pytest.fixture
def maker(fresh_app: Flask, tmp_path: Path) -> Maker:
    return Maker(fresh_app, VENDOR, tmp_path)


def column(sheet: Any, heading: str) -> int:
    return [cell.value for cell in sheet[1]].index(heading) + 1


def test_what_is_taken_out_comes_in_without_a_change(maker: Maker) -> None:
    book = maker.take_out()
    own = [offering.key for offering in maker.mine()]
    keys = [line[0].value for line in book[sheets.MAIN].iter_rows(min_row=2)]
    assert keys == own and len(own) >= 2
    assert maker.foreign_key() not in keys
    assert "コード表" in book.sheetnames and sheets.TIERS in book.sheetnames
    path = maker.bring_in()
    assert {outcome for outcome, _said in maker.outcomes(path)} == {"変更なし"}


def test_changes_become_drafts_by_the_rules_of_hand_edits(maker: Maker) -> None:
    operator = Desk(maker.app, OPERATOR, maker.folder)
    operator.press(operator.send("offerings", [row(own_number(maker), 1)]), "take")
    second = maker.mine()[0]
    first = next(each for each in maker.mine()[1:] if each.publication_status == "published")
    with maker.database.read_session() as session:
        versions = session.scalars(select(OfferingVersion.id)).all()

    def change(book: Any) -> None:
        main, plans = book[sheets.MAIN], book[sheets.COMPONENTS]
        [line] = [n for n in range(2, main.max_row + 1) if main.cell(n, 1).value == first.key]
        main.cell(line, column(main, "概要"), "表計算で改めた概要。")
        where, price = column(plans, "キー"), column(plans, "単価")
        line = next(
            n
            for n in range(2, plans.max_row + 1)
            if plans.cell(n, where).value == second.key and plans.cell(n, price).value
        )
        plans.cell(line, price, "7777")

    path = maker.bring_in(change)
    outcomes = [outcome for outcome, _said in maker.outcomes(path)]
    assert outcomes.count("変更") == 2
    maker.press(path, "take")
    assert maker.client.page(path).soup.select_one(f'a[href="{HAND_IN}"]') is not None
    with maker.database.read_session() as session:
        assert session.scalars(select(OfferingVersion.id)).all() == versions
        assert session.get_one(OfferingDraft, first.id).content["summary"] == "表計算で改めた概要。"
    boxes = [
        str(box["value"]) for box in maker.client.page(HAND_IN).soup.select("input[name=draft]")
    ]
    chosen = [box for box in boxes if int(box.split(".")[0]) in (first.id, second.id)]
    words = maker.outcome_words(draft=chosen, change_note="表計算から")
    assert len(words) == 2
    assert sum("公開しました" in each for each in words) == 1
    assert sum("審査を待ちます" in each for each in words) == 1
    with maker.database.read_session() as session:
        waiting = (
            select(OfferingSubmission.offering_id)
            .outerjoin(OfferingReview, OfferingReview.submission_id == OfferingSubmission.id)
            .where(OfferingReview.submission_id.is_(None), OfferingSubmission.review == "before")
        )
        assert second.id in session.scalars(waiting).all()
        assert first.id not in session.scalars(waiting).all()
        draft = session.get(OfferingDraft, second.id)
        assert draft is not None and "7777" in str(draft.content["offers"])


def test_anothers_key_is_answered_as_one_that_never_was(maker: Maker) -> None:
    """Neither the refusal nor an answer to the question tells whether the entry exists."""
    foreign = maker.foreign_key()
    refusals = set()
    for key in (foreign, "never-existed"):
        path = maker.send("own-offerings", [row("", 1, キー=key)])
        [(outcome, said)] = maker.outcomes(path)
        assert outcome == "取り込めない"
        refusals.add(said.replace(key, "…"))
        path = maker.send("own-offerings", [row("", 1, キー="", 同じ掲載=key)])
        refusals.add(maker.outcomes(path)[0][1].replace(key, "…"))
        for file in (path,):
            maker.press(file, "discard")
    assert len(refusals) == 2
    assert not any("別の事業者" in said for said in refusals)


def test_what_is_missing_may_come_later_but_is_not_handed_in(maker: Maker) -> None:
    bare = {"キー": "new-1", "名称": "これから書く掲載", "概要": "まだ途中。"}
    path = maker.send("own-offerings", [bare | {"システム種別": "生成AI"}])
    assert maker.outcomes(path) == [("新規", "新しく登録します")]
    maker.press(path, "take")
    [draft] = [each for each in maker.mine() if each.name == "これから書く掲載"]
    assert draft.publication_status == "draft"
    assert not draft.key.startswith("new-")
    page = maker.client.page(HAND_IN)
    line = page.soup.find("a", string="これから書く掲載").find_parent("tr")
    assert "まだ提出できません" in line.get_text()
    assert line.select("input") == []
    # A box that was ticked by other means is refused all the same, and keeps no other back.
    words = maker.outcome_words(draft=[f"{draft.id}.0.x"])
    assert words and "提出できませんでした" in words[0]


def test_a_previewed_row_of_a_draft_thrown_away_since_is_not_written(maker: Maker) -> None:
    bare = {"キー": "new-1", "名称": "捨てる掲載", "概要": "途中。", "システム種別": "生成AI"}
    maker.press(maker.send("own-offerings", [bare]), "take")
    [draft] = [each for each in maker.mine() if each.name == "捨てる掲載"]
    path = maker.send("own-offerings", [bare | {"キー": draft.key, "概要": "改めた概要。"}])
    assert maker.outcomes(path)[0][0] == "変更"
    base = f"/desk/vendor/offerings/{draft.id}"
    page = maker.client.page(f"{base}/throw-away")
    assert page.form("/throw-away").submit(maker.client).status_code == 302
    told = maker.press(path, "take", status=409)
    assert "プレビューの後に登録内容が変わりました" in told
    assert "捨てる掲載" not in [each.name for each in maker.mine()]
    path = maker.send("own-offerings", [bare | {"キー": draft.key}])
    [(outcome, said)] = maker.outcomes(path)
    assert outcome == "取り込めない" and "キー" in said


def test_what_was_sent_back_is_not_handed_in_again_by_the_way(maker: Maker) -> None:
    """The example's vendor has a draft that was sent back and is as it was."""
    rows = maker.client.page(HAND_IN).soup.select("#drafts tbody tr")
    [line] = [row for row in rows if "差し戻されたときの内容のまま" in row.get_text()]
    assert not line.select_one("input").has_attr("checked")


def test_child_rows_of_a_new_entry_are_joined_by_the_files_own_name(maker: Maker) -> None:
    def change(book: Any) -> None:
        main = book[sheets.MAIN]
        line = main.max_row + 1
        for heading, value in {
            "キー": "new-1",
            "名称": "シートからの新しい掲載",
            "概要": "新しい。",
            "システム種別": "生成AI",
        }.items():
            main.cell(line, column(main, heading), value)
        number = main.cell(2, column(main, "開発元")).value
        book[sheets.SELLERS].append(["new-1", number, "年度ごと"])
        book[sheets.PLANS].append(["new-1", number, "標準", "10", "", "", ""])
        part = dict.fromkeys(sheets.COLUMNS[sheets.COMPONENTS], None) | {
            "キー": "new-1", "販売元": number, "料金プラン名": "標準", "構成要素": "use",
            "名称": "利用料", "費用の種類": "運用費", "数える単位": "アカウント", "周期": "月額",
            "単価": "1200",
        }  # fmt: skip
        book[sheets.COMPONENTS].append(list(part.values()))

    path = maker.bring_in(change)
    said = [each for each in maker.outcomes(path) if each[0] != "変更なし"]
    assert said == [("新規", "新しく登録します")], said
    maker.press(path, "take")
    [made] = [each for each in maker.mine() if each.name == "シートからの新しい掲載"]
    with maker.database.read_session() as session:
        [offer] = session.get_one(OfferingDraft, made.id).content["offers"]
    assert offer["plans"][0]["definition"]["components"][0]["unit_price"] == "1200"


def test_two_rows_of_one_name_of_the_file_are_refused(maker: Maker) -> None:
    def change(book: Any) -> None:
        main = book[sheets.MAIN]
        for name in ("一つ目", "二つ目"):
            line = main.max_row + 1
            for heading, value in {"キー": "new-1", "名称": name, "概要": "新しい。"}.items():
                main.cell(line, column(main, heading), value)
            main.cell(line, column(main, "システム種別"), "生成AI")

    refused = [
        said
        for outcome, said in maker.outcomes(maker.bring_in(change))
        if outcome == "取り込めない"
    ]
    assert len(refused) == 1 and "前の行にもあります" in refused[0]


def test_whoever_may_not_send_a_kind_gets_no_workbook_of_it(
    fresh_app: Flask, tmp_path: Path, maker: Maker
) -> None:
    for kind in ("offerings", "specs", "cases", "nothing"):
        assert maker.client.get(f"/imports/now/{kind}.xlsx").status_code == 404
    operator = Desk(fresh_app, OPERATOR, tmp_path)
    assert operator.client.get(OUT).status_code == 404
    assert operator.client.get("/imports/now/offerings.xlsx").status_code == 200
    assert operator.client.get("/imports/now/specs.xlsx").status_code == 200
    body = Desk(fresh_app, "hoyui-staff@moyai.example", tmp_path)
    assert body.client.get(OUT).status_code == 404
    for kind in ("contracts", "project-costs"):
        assert operator.client.get(f"/imports/now/{kind}.xlsx").status_code == 404
        assert body.client.get(f"/imports/now/{kind}.xlsx").status_code == 200


def test_the_page_of_many_drafts_asks_few_questions(maker: Maker) -> None:
    rows = [row("", n, キー=f"new-{n}") for n in range(1, 13)]
    maker.press(maker.send("own-offerings", rows), "take")
    with counted_queries(maker.database.engine) as log:
        maker.client.page(HAND_IN)
    log.at_most(12)
