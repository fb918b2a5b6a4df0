"""A vendor: its entries, notices and requests; never that its plan serves an estimate."""

from accounts.examples import EXAMPLE_PASSWORD
from tests.harness.browser import screenshot
from tests.harness.example_projects import VENDOR
from tests.harness.story import Person


def test_a_vendor_sees_its_desk_and_public_notices_but_no_basis(reader):
    vendor = reader()
    vendor.sign_in(VENDOR, EXAMPLE_PASSWORD)
    person = Person(vendor.open("/desk/vendor"))
    person.sees("磯笛クラウド株式会社", "公告中の共同調達", "おうみ自治体クラウド", "届いた依頼")
    person.sees_not("試算の前提")
    person.looks_well()
    screenshot(person.page, "story-vendor-desk")
    person.click("link", "おうみ自治体クラウド")
    person.sees("提案上限額", "568,800円")
    person.sees_not("試算の前提")
    for path in ("/projects", "/inbox"):
        vendor.open(path)
        person.sees_not("試算の前提", "議事録作成サービスの共同利用")
    vendor.open("/projects?joinable=yes")
    person.click("link", "電子申請サービスの共同調達")
    person.sees_not("試算の前提", "自団体の負担を確かめて参加する")
    person.click("link", "負担案", exact=True)
    person.sees("参加団体だけが見られます")
    person.sees_not("試算の前提 A")
    answer = vendor.page.request.get(person.page.url.replace("/sharing", "/join"))
    assert answer.status == 403
