"""Two towns say they need the same; the coordinator finds them and asks both in."""

from accounts.examples import EXAMPLE_PASSWORD
from tests.harness.browser import screenshot
from tests.harness.example_projects import ASKED_MANAGER, COORDINATOR, LEAD_STAFF
from tests.harness.story import Person

OBSTACLE = "今の契約の途中解約に費用がかかる（物語）"


def state_need(reader, email, quantity, ends_on):
    desk = reader()
    desk.sign_in(email, EXAMPLE_PASSWORD)
    person = Person(desk.open("/desk/body"))
    person.click("link", "関心を登録する")
    person.choose("システム種別", "図書館")
    person.click("button", "登録に進む")
    person.fill("いつから必要か", "令和9年4月")
    person.fill("今の契約の終わり", ends_on)
    person.fill("今の年額（税込）", "2,345,678円")
    person.fill("主な数量", quantity)
    person.tick("終了時のデータ返還")
    person.fill("進められない理由", OBSTACLE)
    person.looks_well()
    person.click("button", "登録する", exact=True)
    person.sees("ニーズを登録しました", "2,345,678円", OBSTACLE)
    return person


def test_from_two_needs_to_a_draft_project(reader):
    first = state_need(reader, LEAD_STAFF, "１２０", "2027-03-31")
    first.sees("条件と時期の合う団体はまだありません")
    second = state_need(reader, ASKED_MANAGER, "80", "令和9年6月30日")
    # The second sees the first at once, but neither what it pays nor why it waits.
    second.sees("県内：2団体", "帆結市と、2027年7月から一緒に始められます")
    row = second.page.locator("#others tr", has_text="帆結市").inner_text()
    assert "120アカウント" in row
    assert "2,345,678" not in row
    second.looks_well()
    screenshot(second.page, "need")
    assert second.clicks <= 5

    desk = reader()
    desk.sign_in(COORDINATOR, EXAMPLE_PASSWORD)
    lead = Person(desk.open("/interests"))
    lead.looks_well()
    lead.click("link", "共同調達の相手をさがす")
    lead.choose("システム種別", "図書館")
    lead.click("button", "絞り込む")
    lead.sees(
        "図書館：2団体",
        "数量の合計は200アカウントです",
        "先に契約が終わる団体のつなぎは最長3か月です",
        "すべて架空県内の団体です",
    )
    lead.looks_well()
    screenshot(lead.page, "partners")
    lead.click("button", "案件の案を作って案内する")
    lead.sees("案件の案を作り、団体に案内しました", "図書館の共同調達（2団体への意向調査）")

    first.page.goto(first.page.url.split("/interests")[0] + "/inbox")
    first.sees("共同調達「図書館の共同調達（2団体への意向調査）」への参加の案内")
    second.page.goto(second.page.url.split("/interests")[0] + "/desk/body")
    second.sees("参加の案内への回答", "図書館の共同調達")
    second.sees_not(OBSTACLE)
