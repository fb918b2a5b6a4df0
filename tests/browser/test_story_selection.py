"""From a search to a locked selection record in a browser, with and without JavaScript."""

import pytest

from accounts.examples import EXAMPLE_PASSWORD
from tests.harness.browser import DESKTOP, PHONE, screenshot
from tests.harness.story import Person

STAFF = "hoyui-staff@moyai.example"


def begin(reader, **options):
    someone = reader(**options)
    someone.sign_in(STAFF, EXAMPLE_PASSWORD)
    return Person(someone.open("/search?q=議事録&kind=offering"))


def make_draft(person):
    person.click("link", "選定記録を作る")
    person.fill("表題", "議事録作成サービスの選定")
    for box in person.page.locator("input[name=chosen]").all()[3:]:
        box.uncheck()
    person.click("button", "下書きを保存する")
    person.sees("下書き", "1番「", "3番「", "候補にする")


def exclude_the_first(person, reason):
    person.page.get_by_label("除外にする").first.check()
    person.fill("1番を除外する理由", reason)
    person.click("button", "下書きを保存する")


@pytest.mark.parametrize("width", [DESKTOP, PHONE])
def test_every_page_of_a_record_looks_well(reader, width):
    person = begin(reader, width=width)
    person.click("link", "選定記録を作る")
    person.looks_well()
    person.page.go_back()
    make_draft(person)
    person.looks_well()
    screenshot(person.page, f"story-selection-draft-{width}")
    exclude_the_first(person, "")
    person.sees("入力内容を確認してください", "を除外する理由を入力してください")
    person.looks_well()
    exclude_the_first(person, "費用が合わない")
    person.click("link", "確定の画面へ進む")
    person.looks_well()
    person.click("button", "確定する")
    person.sees("チェックを入れてください")
    person.tick("条件・候補・除外の理由を確かめました。")
    person.click("button", "確定する")
    person.sees("確定済み", "費用が合わない", "第", "まだ書き出していません")
    person.looks_well()
    screenshot(person.page, f"story-selection-locked-{width}")
    person.click("button", "印刷用の画面")
    person.sees("選定記録：議事録作成サービスの選定", "確認のための値")
    person.looks_well()
    person.page.goto(person.page.url.removesuffix("/downloads"))
    person.click("link", "選定記録と保存した検索")
    person.looks_well()


def test_without_javascript_and_a_file_at_the_end(reader):
    person = begin(reader, java_script_enabled=False)
    make_draft(person)
    exclude_the_first(person, "費用が合わない")
    person.click("link", "確定の画面へ進む")
    person.tick("条件・候補・除外の理由を確かめました。")
    person.click("button", "確定する")
    with person.page.expect_download() as download:
        person.page.get_by_role("button", name="CSV").click()
    assert download.value.suggested_filename.startswith("selection-record-")
    assert download.value.suggested_filename.endswith(".csv")
    person.page.get_by_label("この中から選んだ").check()
    person.page.locator("select[name=result]").select_option(index=1)
    person.click("button", "結論を登録する")
    person.sees("選んだもの", "この中から選んだ")
