"""An entry from its first word to its publication by keyboard alone: vendor, then operator.

At every stop of the Tab key: the focus is seen, nothing lies over it and it is large enough
(WCAG 2.2, 2.4.7, 2.4.11, 2.5.8). Words may be pasted into the sign-in (3.3.8), what was said before
stands beside what is asked again (3.3.7), help is at the same place everywhere (3.2.6).
"""

from collections.abc import Callable
from datetime import date, timedelta

from flask import Flask
from playwright.sync_api import Page
from sqlalchemy import select

from catalog.models import Offering
from foundation.web import now_of
from tests.harness.browser import PHONE, Reader, assert_accessible, assert_fits
from tests.harness.builders import make_offering
from tests.harness.catalog import ANSWERS

PASSWORD = "moyai-example-2026"
VENDOR, OPERATOR = "vendor-staff@moyai.example", "operator@moyai.example"
# Of what has the focus: what it is, and what is wrong with how it shows.
STOP = """() => {
  const here = document.activeElement;
  if (!here || here === document.body) return null;
  const box = here.getClientRects()[0], whole = here.getBoundingClientRect();
  const style = getComputedStyle(here), label = here.labels && here.labels[0];
  // The middle of the part that is in the window: a wide table is never in it whole.
  const middle = (from, to, most) => (Math.max(from, 0) + Math.min(to, most)) / 2;
  const top = document.elementFromPoint(
    middle(box.left, box.right, innerWidth), middle(box.top, box.bottom, innerHeight));
  const seen = here.contains(top) || (label && label.contains(top));
  const ring = (style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) > 0)
    || style.boxShadow !== 'none';
  const small = style.display !== 'inline' && (whole.width < 24 || whole.height < 24)
    && !(label && label.getBoundingClientRect().height >= 24);
  const faults = [!seen && 'covered', !ring && 'no ring', small && 'small'].filter(Boolean);
  return {
    name: here.name || '', id: here.id, href: here.getAttribute('href') || '',
    text: (here.innerText || '').trim(), button: here.matches('button, a, summary'), faults,
  };
}"""
# How a question is answered without a mouse, by the kind of its control.
KIND = """(key) => {
  const field = document.querySelector(`[name='${key}']`);
  return field.matches('[type=checkbox], [type=radio]') ? 'choice' : 'words';
}"""
HELP = "() => [...document.querySelectorAll('.moyai-account__panel a')].map((a) => a.pathname)"


class Keys:
    """Somebody without a mouse."""

    def __init__(self, page: Page) -> None:
        self.page = page
        page.emulate_media(reduced_motion="reduce")

    def to(self, wanted: Callable[[dict], bool]) -> dict:
        """Tab to it; no stop on the way is at fault."""
        for _ in range(300):
            self.page.keyboard.press("Tab")
            stop = self.page.evaluate(STOP)
            if stop is None:
                continue
            assert not stop["faults"], (self.page.url, stop)
            if wanted(stop):
                return stop
        raise AssertionError(f"not reached on {self.page.url}")

    def field(self, name: str, words: str = "") -> None:
        self.to(lambda stop: stop["name"] == name)
        if words:
            self.page.keyboard.type(words)

    def press(self, text: str) -> None:
        """Tab to the button or link of that text and press it."""
        self.to(lambda stop: stop["button"] and text in stop["text"])
        with self.page.expect_navigation():
            self.page.keyboard.press("Enter")

    def follow(self, href: str) -> None:
        self.to(lambda stop: stop["href"] == href)
        with self.page.expect_navigation():
            self.page.keyboard.press("Enter")

    def focused(self) -> str:
        return str(self.page.evaluate("document.activeElement.id"))

    def see_error(self) -> str:
        """The summary has the focus; its first link leads to the field, which has it then."""
        assert self.focused() == "error-summary"
        self.page.keyboard.press("Tab")
        self.page.keyboard.press("Enter")
        return self.focused()


def sign_in(reader: Callable[..., Reader], width: int, email: str) -> Reader:
    """By keyboard, the password pasted: nothing has to be remembered or copied by eye."""
    seat = reader(width=width)
    keys = Keys(seat.open("/login"))
    keys.field("email", email)
    keys.field("password")
    paste = """(words) => {
      const data = new DataTransfer();
      data.setData('text/plain', words);
      const event = new ClipboardEvent(
        'paste', { clipboardData: data, bubbles: true, cancelable: true });
      return document.activeElement.dispatchEvent(event)
        && document.execCommand('insertText', false, words);
    }"""
    assert seat.page.evaluate(paste, PASSWORD), "pasting is refused"
    with seat.page.expect_navigation():
        seat.page.keyboard.press("Enter")
    assert "/login" not in seat.page.url
    return seat


def begin(keys: Keys, name: str) -> str:
    """An entry with nothing but its name; the path of its desk."""
    keys.press("掲載サービスを登録する")
    keys.press("下書きを作る")
    assert keys.see_error() == "name"
    keys.page.keyboard.type(name)
    keys.field("summary", "架空のサービスです。")
    keys.field("system_type_code")
    keys.page.keyboard.press("ArrowDown")
    keys.press("下書きを作る")
    return keys.page.url


def answer_everything(keys: Keys, base: str) -> int:
    """Follow each reason not to hand in to its question, answer it, come back; how many."""
    answered = 0
    while True:
        keys.page.goto(f"{base}/submit")
        reasons = keys.page.locator("#blockers a")
        if not reasons.count():
            return answered
        href = reasons.first.get_attribute("href") or ""
        keys.follow(href)
        answered += 1
        if href.endswith("/prices"):
            give_a_price(keys)
            continue
        key = href.partition("#")[2]
        assert keys.focused() == key, "the reason leads to the question itself"
        if keys.page.evaluate(STOP)["name"] != key:
            keys.field(key)
        if keys.page.evaluate(KIND, key) == "choice":
            keys.page.keyboard.press("Space")
        else:
            keys.page.keyboard.type("3")
        keys.press("保存して一覧に戻る")


def give_a_price(keys: Keys) -> None:
    keys.press("料金プランを加える")
    keys.field("name", "標準")
    keys.field("components-0-name", "利用料")
    keys.field("components-0-tiers-0-unit_price", "1000")
    keys.press("保存")
    assert keys.page.url.endswith("/prices")


def test_an_entry_is_handed_in_sent_back_and_published(reader: Callable[..., Reader]) -> None:
    """Narrow, as a wide window is at four times the size: there focus is covered soonest."""
    width = PHONE
    name = f"架空の鍵盤受付{width}"
    vendor = sign_in(reader, width, VENDOR)
    keys = Keys(vendor.open("/desk/vendor"))
    base = begin(keys, name)
    assert answer_everything(keys, base) >= 10
    keys.press("提出する")
    operator = sign_in(reader, width, OPERATOR)
    desk = Keys(operator.open("/admin/reviews"))
    desk.press(name)
    desk.press("差し戻す")
    assert desk.see_error() == "reply"
    desk.page.keyboard.type("概要を直してください。")
    desk.press("差し戻す")
    vendor.page.goto(base)
    assert "概要を直してください。" in vendor.page.inner_text("main")
    keys.press("内容を確かめて提出する")
    keys.press("提出する")
    operator.open("/admin/reviews")
    desk.press(name)
    desk.press("承認して公開する")
    assert vendor.open(f"/offerings/{base.rsplit('/', 1)[1]}").inner_text("h1") == name


def test_help_is_at_the_same_place_on_every_page(reader: Callable[..., Reader]) -> None:
    paths = ("/", "/desk/vendor", "/desk/vendor/offerings/new", "/search", "/inbox", "/nowhere")
    seat = reader()
    seat.sign_in(VENDOR, PASSWORD)
    places = {tuple(seat.open(path).evaluate(HELP)) for path in paths}
    seat.troubles.clear()  # the browser writes of the page that is missing
    assert len(places) == 1
    assert places.pop()[:2] == ("/account", "/help")


def test_what_has_run_out_and_what_is_asked_again_fit_a_phone(
    live_app: Flask, reader: Callable[..., Reader]
) -> None:
    """The marks of certificates, the overdue renewal, and the earlier answers beside the form."""
    number = run_out(live_app, now_of(live_app).date())
    seat = reader(width=PHONE)
    page = seat.open(f"/offerings/{number}")
    text = page.inner_text("main")
    assert "プライバシーマーク：有効期限切れ" in text
    assert "要更新確認" in text
    assert_fits(page)
    assert_accessible(page)
    seat.sign_in(VENDOR, PASSWORD)
    page = seat.open(f"/desk/vendor/offerings/{number}")
    assert "年次更新の期限が過ぎました" in page.inner_text("main")
    keys = Keys(page)
    keys.to(lambda stop: stop["id"] == "renew")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    page = seat.open(f"/desk/vendor/offerings/{number}/security")
    assert "プライバシーマーク" in page.locator(".dads-description-list").first.inner_text()
    assert page.locator("[name=certifications]:checked").count() == 0
    assert_fits(page)
    assert_accessible(page)


def run_out(app: Flask, today: date) -> int:
    """An entry of the vendor with a P-mark that is over, published two years ago; its id."""
    answers = ANSWERS | {
        "certifications": ["p_mark"],
        "certificates": {"p_mark": {"number": "架空-1", "valid_to": f"{today.year - 1}-03-31"}},
    }
    long_ago = now_of(app) - timedelta(days=730)
    with app.extensions["moyai_database"].transaction() as session:
        own = select(Offering).where(Offering.name == "いそぶえ電子決裁ボード")
        vendor = session.scalars(own).one().vendor
        offering = make_offering(
            session,
            vendor,
            name="架空の古い掲載",
            answers=answers,
            published_at=long_ago,
            system_type_code="document_management",
        )
        return offering.id
