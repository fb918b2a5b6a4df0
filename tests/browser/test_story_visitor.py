"""A visitor finds an open joint procurement by search and by the list; nothing asks to sign in."""

from tests.harness.browser import PHONE, screenshot
from tests.harness.story import Person, Typist


def test_a_visitor_finds_a_project_by_search(reader):
    someone = reader()
    person = Person(someone.open("/"))
    person.sees("自治体が、いっしょに買う。", "架空", "244", "270")
    person.looks_well()
    person.page.get_by_role("combobox", name="サービス・事例・案件をさがす").fill(
        "電子申請 共同調達"
    )
    person.page.keyboard.press("Enter")
    person.page.wait_for_load_state()
    person.click("link", "電子申請サービスの共同調達")
    person.sees("参加団体募集", "参加の回答期限", "負担ルール", "架空県")
    person.looks_well()
    person.click("link", "参加団体", exact=True)
    person.sees("団体名は契約後に公開します")
    person.click("link", "負担案", exact=True)
    person.sees("参加団体だけが見られます")
    person.click("link", "経過", exact=True)
    person.sees("意向調査")
    person.looks_well()


def test_a_visitor_on_a_phone_narrows_the_list(reader):
    someone = reader(width=PHONE)
    person = Person(someone.open("/projects"))
    person.tick("今参加できるものだけ")
    person.click("button", "絞り込む")
    person.sees("電子申請サービスの共同調達", "生成AIサービスの共同調達")
    person.sees_not("文書管理・電子決裁サービスの共同調達", "議事録作成サービスの共同利用")
    person.looks_well()
    screenshot(person.page, "story-visitor-list")


def test_the_reenactment_is_marked_and_shows_its_ceilings(reader):
    person = Person(reader().open("/projects?state=solicitation"))
    person.click("link", "おうみ自治体クラウド")
    person.sees("これは再現です", "568,800円", "660,000円", "825,000円", "税込")
    person.looks_well()
    screenshot(person.page, "story-visitor-oumi")


def test_by_keyboard_only_from_home_to_a_project(reader):
    someone = reader()
    typist = Typist(someone.open("/"))
    typist.press("Tab")
    assert "本文へ移動" in typist.page.evaluate("document.activeElement.innerText")
    typist.press("Enter")
    typist.tab_to("サービス・事例・案件をさがす")
    typist.type("生成AI 共同調達")
    typist.enter()
    typist.tab_to("生成AIサービスの共同調達")
    typist.enter()
    typist.tab_to("自団体の負担を確かめて参加する")
    typist.enter()
    assert "/login" in typist.page.url
