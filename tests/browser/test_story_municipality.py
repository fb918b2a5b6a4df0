"""A town: own figures before joining, staff prepare, the manager joins, the sheet is printed."""

import re

from accounts.examples import EXAMPLE_PASSWORD
from tests.harness.browser import PHONE, screenshot
from tests.harness.example_projects import (
    ASKED_MANAGER,
    JOINING_MANAGER,
    JOINING_STAFF,
)
from tests.harness.story import Person, Typist

TITLE = "電子申請サービスの共同調達"


def test_staff_prepare_and_the_manager_joins_within_eight_inputs_and_three_clicks(reader):
    staff = reader()
    staff.sign_in(JOINING_STAFF, EXAMPLE_PASSWORD)
    person = Person(staff.open("/"))
    person.click("link", TITLE)
    person.click("link", "自団体の負担を確かめて参加する")
    person.sees("縄手浦町ならいくらか", "単独で調達した場合", "差額")
    person.sees("特定の製品を選ぶものではありません", "7,723人")
    person.looks_well()
    screenshot(person.page, "story-municipality-figures")
    person.fill("数量※必須", "８，０００")
    person.choose("予算の状況", "議決前")
    person.fill("単独で調達した場合の年額", "1,300,000円")
    person.click("button", "保存して決裁者に渡す")
    assert (person.clicks, person.inputs) == (3, 3)
    person.sees("決裁者に知らせました", "参加の準備中")

    manager = reader(width=PHONE)
    manager.sign_in(JOINING_MANAGER, EXAMPLE_PASSWORD)
    person = Person(manager.open("/"))
    person.sees("縄手浦町で待っていること")
    person.click("link", "参加の決裁")
    person.looks_well()
    assert person.page.get_by_label("数量※必須").input_value() == "8000"
    person.fill("決裁日", "令和8年11月20日")
    person.fill("決裁番号", "縄総第45号")
    person.click("button", "参加する", exact=True)
    assert person.clicks <= 3 and person.inputs <= 8
    person.sees("参加しました", "自団体の状況：参加")
    person.click("link", "起案用資料")
    person.sees("目的", "負担ルール", "途中離脱", "出典", "縄総第45号")
    person.looks_well()


def test_the_sheet_is_one_printed_page(reader):
    manager = reader()
    manager.sign_in(ASKED_MANAGER, EXAMPLE_PASSWORD)
    person = Person(manager.open("/desk/body"))
    person.sees("待っていること", "負担案 第1版への同意")
    person.page.get_by_role("link", name=re.compile("起案用資料.*文書管理")).click()
    person.page.wait_for_load_state()
    person.sees("綱ノ江市", "帆結市", "合計")
    printed = person.page.pdf(format="A4", prefer_css_page_size=True)
    assert len(re.findall(rb"/Type\s*/Page[^s]", printed)) == 1


def test_consent_by_keyboard_only(reader):
    manager = reader()
    manager.sign_in(ASKED_MANAGER, EXAMPLE_PASSWORD)
    typist = Typist(manager.open("/"))
    typist.tab_to("負担案 第1版への同意")
    typist.enter()
    Person(typist.page).looks_well()
    typist.tab_to("決裁日")
    typist.type("2026-11-19")
    typist.tab_to("決裁番号")
    typist.type("綱情第300号")
    typist.tab_to("同意する")
    typist.enter()
    Person(typist.page).sees("負担案に同意しました", "綱情第300号")
