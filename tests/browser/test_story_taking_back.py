"""What a vendor takes back, by keyboard alone, wide and narrow; and who is left without a desk."""

from collections.abc import Callable

import pytest
from flask import Flask
from playwright.sync_api import Page
from sqlalchemy import delete, select

from accounts.models import Membership, User
from tests.harness.browser import (
    DESKTOP,
    PHONE,
    Reader,
    assert_accessible,
    assert_fits,
    screenshot,
)

PASSWORD = "moyai-example-2026"
MANAGER = "vendor-manager@moyai.example"
STAFF = "vendor-staff@moyai.example"
# What has the focus: its name or words, and whether its middle is seen, under nothing else.
FOCUSED = """() => {
  const here = document.activeElement, box = here.getBoundingClientRect();
  const top = document.elementFromPoint(box.left + box.width / 2, box.top + box.height / 2);
  return [here.name || here.textContent.trim(), here.contains(top)];
}"""
MOST_TABS = 150


class Hands:
    """Somebody without a mouse."""

    def __init__(self, reader: Reader, width: int) -> None:
        self.reader, self.page, self.width = reader, reader.page, width

    def tab_to(self, wanted: str) -> None:
        """On to the next thing of that name, or whose words begin so; it must be seen."""
        for _ in range(MOST_TABS):
            self.page.keyboard.press("Tab")
            found, is_seen = self.page.evaluate(FOCUSED)
            if found.startswith(wanted):
                assert is_seen, f"{wanted} has the focus and is covered"
                return
        raise AssertionError(f"{wanted} is not reached by Tab on {self.page.url}")

    def type(self, name: str, text: str) -> None:
        self.tab_to(name)
        self.page.keyboard.type(text)

    def press(self, wanted: str) -> str:
        """Tab to a button or link and press it; what the page then says."""
        self.tab_to(wanted)
        with self.page.expect_navigation():
            self.page.keyboard.press("Enter")
        return self.page.locator("main").inner_text()

    def look(self, name: str) -> str:
        """What the page says; it is as it should be for everybody."""
        assert_accessible(self.page)
        assert_fits(self.page)
        screenshot(self.page, f"taking-back-{name}-{self.width}")
        return self.page.locator("main").inner_text()


@pytest.fixture(params=[DESKTOP, PHONE])
def hands(request: pytest.FixtureRequest, reader: Callable[..., Reader]) -> Hands:
    window = reader(width=request.param)
    window.page.emulate_media(reduced_motion="reduce")
    return Hands(window, request.param)


def test_a_manager_takes_back_an_invitation_a_name_and_a_draft(hands: Hands) -> None:
    hands.reader.sign_in(MANAGER, PASSWORD)
    page, address = hands.page, f"guest-{hands.width}@vendor.example"
    hands.reader.open("/desk/vendor/members")
    hands.type("email", address)
    assert "招待を送りました" in hands.press("招待のメールを送る")
    assert address in hands.look("members")
    link = page.get_by_role("link", name="招待された人の登録画面").get_attribute("href") or ""
    assert "招待を取り消しました" in hands.press("招待を取り消す")
    page.goto(link)
    assert "この招待は取り消されました" in hands.look("join")
    rename(hands, page)
    draft(hands, page)


def rename(hands: Hands, page: Page) -> None:
    hands.reader.open("/desk/vendor/name")
    hands.type("name", f"架空の新名称{hands.width}")
    hands.type("effective_on", "2026-11-01")
    hands.type("reason", "商号変更")
    hands.press("名称の変更を申請する")
    assert "運営者の審査を待っています" in hands.look("name-waits")
    assert "申請を取り下げました" in hands.press("申請を取り下げる")
    assert "取り下げ（" in hands.look("name-history")


def draft(hands: Hands, page: Page) -> None:
    name = f"架空の捨てるもの{hands.width}"
    hands.reader.open("/desk/vendor/offerings/new")
    hands.type("name", name)
    hands.type("summary", "架空のサービスです。")
    hands.tab_to("system_type_code")
    page.keyboard.press("ArrowDown")
    hands.press("下書きを作る")
    hands.press("下書きを捨てる")
    said = hands.look("throw-away")
    assert "元に戻せません" in said and name in said
    assert f"「{name}」の下書きを捨てました" in hands.press("下書きを捨てる")


def test_who_has_no_organisation_any_more_still_has_an_account(
    live_app: Flask, hands: Hands
) -> None:
    with live_app.extensions["moyai_database"].transaction() as session:
        user = session.scalars(select(User.id).where(User.email == STAFF)).one()
        session.execute(delete(Membership).where(Membership.user_id == user))
    hands.reader.sign_in(STAFF, PASSWORD)
    hands.reader.open("/account")
    assert "今はどの団体・事業者にも所属していません" in hands.look("account")
    hands.reader.open("/inbox")
    assert "自分へのお知らせです" in hands.look("inbox")
