"""Files sent in, in the browser: a price list for some readers only, and a table of entries."""

import csv
import re
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Page

from tests.harness.browser import PHONE, Reader, screenshot
from tests.harness.evil_files import EVIL, xlsx
from tests.harness.story import Person
from tests.pages.test_import_pages import row

PASSWORD = "moyai-example-2026"
VENDOR = "vendor-manager@moyai.example"
OPERATOR = "operator@moyai.example"
BODY = "hoyui-staff@moyai.example"
ENTRY = "いそぶえ電子決裁ボード"
TITLE = "自治体向けの料金表 2027年度"
MACROS = "料金表.xlsm"
Newcomer = Callable[..., Reader]


def seat(reader: Newcomer, email: str, path: str, width: int = 1280) -> Person:
    """That user, signed in, at that page."""
    window = reader(width=width)
    window.sign_in(email, PASSWORD)
    return Person(window.open(path))


def upload(person: Person, name: str, content: bytes) -> None:
    """Choose a file from one's disk."""
    person.inputs += 1
    person.page.locator("main input[type=file]").set_input_files(
        {"name": name, "mimeType": "application/octet-stream", "buffer": content}
    )


def give(person: Person, name: str, content: bytes) -> None:
    person.fill("件名", TITLE)
    person.choose("用途", "料金表")
    person.page.get_by_label("行政機関のみ", exact=True).check()
    upload(person, name, content)
    person.click("button", "このファイルを加える")


def test_a_price_list_reaches_those_it_is_for_and_a_macro_file_nobody(reader: Newcomer) -> None:
    vendor = seat(reader, VENDOR, "/desk/vendor", PHONE)
    vendor.click("link", ENTRY)
    public = vendor.page.url.replace("/desk/vendor", "")
    vendor.page.goto(f"{vendor.page.url}/files")
    vendor.looks_well()
    give(vendor, MACROS, EVIL["macros"][0]())
    vendor.sees("マクロを含むファイルは受け取れません")
    assert vendor.page.get_by_label("件名").first.input_value() == TITLE
    vendor.looks_well()
    screenshot(vendor.page, "story-files-refused")
    give(vendor, "料金表.xlsx", xlsx())
    vendor.sees(TITLE, "行政機関のみ", "料金表.xlsx")
    vendor.looks_well()

    visitor = Person(reader().open("/"))
    clerk = seat(reader, BODY, "/")
    for person in (visitor, clerk):
        person.page.goto(public)
        person.sees_not(TITLE)
    vendor.click("link", "内容を確かめて提出する")
    vendor.sees("運営者が確認してから公開されます")
    vendor.fill("変更の内容", "料金表を添付")
    vendor.click("button", "提出する")

    operator = seat(reader, OPERATOR, "/admin/reviews")
    operator.click("link", ENTRY)
    operator.sees(TITLE)
    operator.click("button", "承認して公開する")
    operator.sees("承認しました")

    visitor.page.goto(public)
    visitor.sees_not(TITLE, "料金表.xlsx")
    clerk.page.goto(public)
    clerk.sees(TITLE, "行政機関のみ")
    clerk.looks_well()
    assert received(clerk.page, "「料金表.xlsx」を受け取る") == xlsx()
    token = clerk.page.locator("form[action*='/files/']").get_attribute("action")
    assert visitor.page.goto(f"{re.sub('/offerings/.*', '', public)}{token}").status == 404


def received(page: Page, button: str) -> bytes:
    """What is saved on one's disk."""
    with page.expect_download() as download:
        page.get_by_role("button", name=button).click()
    return Path(download.value.path()).read_bytes()


def table(folder: Path, *rows: dict[str, str]) -> bytes:
    path = folder / "entries.csv"
    with path.open("w", encoding="cp932", errors="replace", newline="") as file:
        writer = csv.DictWriter(file, list(rows[-1]))
        writer.writeheader()
        writer.writerows(rows)
    return path.read_bytes()


def test_a_table_is_previewed_mended_taken_in_and_handed_in(
    reader: Newcomer, tmp_path: Path
) -> None:
    vendor = seat(reader, VENDOR, "/desk/vendor")
    vendor.click("link", "ファイルから取り込む")
    vendor.looks_well()
    good = [row("", n, キー=f"new-{n}", 名称=f"表から書いた掲載{n}") for n in (1, 2)]
    wrong = good[1] | {"月額の単位": "台数", "登録日": "きのう"}

    def send(*rows: dict[str, str]) -> None:
        vendor.choose("取り込むもの", "自社の掲載サービス")
        upload(vendor, "掲載.csv", table(tmp_path, *rows))
        vendor.click("button", "送って確かめる")

    send(good[0], wrong)
    vendor.sees("まだ取り込めません", "3行目", "「月額の単位」", "「登録日」", "新しく登録します")
    assert vendor.page.get_by_role("button", name="全行を取り込む").count() == 0
    vendor.looks_well()
    screenshot(vendor.page, "story-import-preview")
    vendor.click("button", "取り込まずに破棄する")
    vendor.sees("何も取り込んでいません")

    send(*good)
    vendor.sees("全行を取り込めます", "新規 2件")
    vendor.click("button", "全行を取り込む")
    vendor.sees("新規 2件")
    vendor.click("link", "下書きをまとめて提出する")
    vendor.sees("表から書いた掲載1", "表から書いた掲載2", "はじめての公開なので")
    vendor.looks_well()
    screenshot(vendor.page, "story-hand-in")
    vendor.click("button", "選んだ下書きを提出する")
    vendor.sees("提出の結果", "運営者の審査を待ちます")
    vendor.looks_well()

    operator = seat(reader, OPERATOR, "/admin/reviews")
    operator.sees("表から書いた掲載1", "表から書いた掲載2")
    operator.click("link", "表から書いた掲載1")
    operator.click("button", "承認して公開する")
    visitor = Person(reader().open("/search?q=表から書いた掲載1"))
    visitor.sees("表から書いた掲載1")
    visitor.sees_not("表から書いた掲載2")


def test_the_pages_of_files_fit_a_phone(reader: Newcomer) -> None:
    vendor = seat(reader, VENDOR, "/imports", PHONE)
    vendor.looks_well()
    vendor.page.goto(vendor.page.url.replace("/imports", "/desk/vendor/submit"))
    vendor.looks_well()
    operator = seat(reader, OPERATOR, "/admin/offerings/1/marks", PHONE)
    operator.looks_well()
    screenshot(operator.page, "story-marks-phone")
    operator.click("link", "取り下げる")
    operator.looks_well()
