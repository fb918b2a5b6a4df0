"""A coordinator gathers towns: opens, chooses bases and terms, invites, previews, fixes."""

import re

from accounts.examples import EXAMPLE_PASSWORD
from tests.harness.browser import screenshot
from tests.harness.example_projects import (
    ASKED_MANAGER,
    COORDINATOR,
    JOINING_MANAGER,
    LEAD_MANAGER,
)
from tests.harness.story import Person

TITLE = "庁内チャットの共同調達（物語）"
TOWNS = {
    LEAD_MANAGER: ("帆結市", "300"),
    ASKED_MANAGER: ("綱ノ江市", "120"),
    JOINING_MANAGER: ("縄手浦町", "80"),
}


def join(reader, address, email, quantity):
    manager = reader()
    manager.sign_in(email, EXAMPLE_PASSWORD)
    person = Person(manager.open(address + "/join"))
    person.fill("数量※必須", quantity)
    person.fill("決裁日", "2026-11-20")
    person.fill("決裁番号", "決第1号")
    person.click("button", "参加する", exact=True)
    person.sees("参加しました")
    return person


def first_share(person, town):
    row = person.page.locator("#by-year tr", has_text=town)
    return row.locator("td").last.inner_text(), row.inner_text()


def test_from_opening_to_a_second_version(reader):
    desk = reader()
    desk.sign_in(COORDINATOR, EXAMPLE_PASSWORD)
    lead = Person(desk.open("/desk/prefecture"))
    lead.click("link", "案件を作る")
    lead.fill("案件名", TITLE)
    lead.choose_value("システム種別", "generative_ai")
    lead.fill("目的", "連絡の手間を減らす。")
    lead.fill("最少参加団体数", "2")
    lead.fill("参加の回答期限", "2026-12-18")
    lead.fill("共同利用の開始日", "2027-04-01")
    lead.fill("期間（月）", "36")
    lead.fill("負担案への同意期限", "2027-01-29")
    lead.choose("共同の根拠", "協定")
    lead.choose("契約の形", "基本契約＋個別契約")
    lead.looks_well()
    lead.click("button", "案件を作る")
    lead.sees("試算の前提", "特定の製品を選ぶものではありません")
    for index in (1, 2):
        options = lead.page.locator("#price_plan_id option")
        lead.choose_value("料金プラン", options.nth(index).get_attribute("value") or "")
        lead.click("button", "前提に加える")
    lead.sees("試算の前提 A", "試算の前提 B")
    lead.choose("運用費の負担ルール", "均等割＋人口割（混合）")
    lead.looks_well()
    lead.click("button", "条件を保存して試算を見る")
    lead.sees("参加団体がまだありません")
    lead.click("link", "概要", exact=True)
    address = re.sub(r"^https?://[^/]+", "", lead.page.url)
    lead.click("link", "団体を案内する")
    for town, _ in TOWNS.values():
        lead.tick(town)
    lead.fill("案内文", "ご検討をお願いします。")
    lead.click("button", "案内する", exact=True)
    lead.sees("3団体に案内しました")
    lead.page.goto(lead.page.url.replace("/members", ""))
    lead.click("button", "参加団体の募集を始める")
    lead.sees("参加団体募集")

    join(reader, address, LEAD_MANAGER, TOWNS[LEAD_MANAGER][1])
    join(reader, address, ASKED_MANAGER, TOWNS[ASKED_MANAGER][1])
    lead.page.goto(lead.page.url + "/sharing")
    _, alone_with_two = first_share(lead, "帆結市")
    lead.sees("帆結市", "綱ノ江市", "計算の根拠", "検証値")
    joined = join(reader, address, JOINING_MANAGER, TOWNS[JOINING_MANAGER][1])
    lead.page.reload()
    _, with_three = first_share(lead, "帆結市")
    assert with_three != alone_with_two  # the preview follows the members
    lead.looks_well()
    screenshot(lead.page, "story-coordinator-preview")

    lead.page.goto(lead.page.url.replace("/sharing", ""))
    lead.click("button", "負担合意に進む（合意を先に行う）")
    lead.sees("負担合意")
    lead.page.goto(lead.page.url + "/sharing")
    lead.fill("版の説明", "首長会議のとおり")
    lead.tick("この内容で確定し、同意を求める")
    lead.click("button", "第1版として確定する")
    lead.sees("負担案 第1版を確定しました", "回答待ち")

    joined.page.goto(joined.page.url.replace("/join", "/own"))
    joined.sees("縄手浦町が離脱すると")
    joined.looks_well()
    joined.fill("離脱の理由", "合併の協議のため")
    joined.fill("決裁日", "2026-11-20")
    joined.fill("決裁番号", "決第2号")
    joined.tick("ほかの団体の負担が変わることを確かめ、離脱します")
    joined.click("button", "離脱する")
    joined.sees("離脱しました")
    lead.page.reload()
    lead.sees("参加していません", "あらためて同意が要る団体：帆結市、綱ノ江市")
    lead.tick("この内容で確定し、同意を求める")
    lead.click("button", "第2版として確定する")
    lead.sees("負担案 第2版を確定しました")
    lead.looks_well()
    screenshot(lead.page, "story-coordinator-version-2")
