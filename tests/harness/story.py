"""A person working through a task in the browser: every click and every input is counted."""

from dataclasses import dataclass, field

from playwright.sync_api import Locator, Page

from tests.harness.browser import assert_accessible, assert_fits


@dataclass
class Person:
    """Somebody with a mouse: clicks and inputs as the person would count them."""

    page: Page
    clicks: int = 0
    inputs: int = 0

    def click(self, role: str, name: str, *, exact: bool = False) -> None:
        """Click the first link or button of that name in the page's main part, or anywhere."""
        self.clicks += 1
        target = self._find(role, name, exact=exact)
        target.click()
        self.page.wait_for_load_state()

    def _find(self, role: str, name: str, *, exact: bool) -> Locator:
        main = self.page.locator("main").get_by_role(role, name=name, exact=exact)  # type: ignore[arg-type]
        anywhere = self.page.get_by_role(role, name=name, exact=exact)  # type: ignore[arg-type]
        return (main if main.count() else anywhere).first

    def fill(self, label: str, text: str) -> None:
        """Type into the field of that label."""
        self.inputs += 1
        self.page.locator("main").get_by_label(label).first.fill(text)

    def choose(self, label: str, option: str) -> None:
        """Choose from a select."""
        self.inputs += 1
        self.page.locator("main").get_by_label(label).first.select_option(label=option)

    def choose_value(self, label: str, value: str) -> None:
        """Choose from a select by what it sends."""
        self.inputs += 1
        self.page.locator("main").get_by_label(label).first.select_option(value=value)

    def tick(self, label: str) -> None:
        """Tick a box."""
        self.inputs += 1
        self.page.locator("main").get_by_label(label).first.check()

    def sees(self, *words: str) -> None:
        """The page says all this."""
        text = self.page.locator("main").inner_text()
        missing = [word for word in words if word not in text]
        assert not missing, f"{self.page.url} does not say {missing}\n{text[:3000]}"

    def sees_not(self, *words: str) -> None:
        """The page says nothing of this."""
        text = self.page.content()
        found = [word for word in words if word in text]
        assert not found, f"{self.page.url} says {found}"

    def looks_well(self) -> None:
        """Accessible and not too wide, as it stands."""
        assert_accessible(self.page)
        assert_fits(self.page)


@dataclass
class Typist:
    """Somebody with a keyboard only: Tab to everything, Enter and Space to act."""

    page: Page
    keys: int = 0
    seen: list[str] = field(default_factory=list)

    def press(self, key: str) -> None:
        self.keys += 1
        self.page.keyboard.press(key)

    def tab_to(self, name: str, *, limit: int = 200) -> None:
        """Press Tab until what holds the focus is called that (label, text or value)."""
        for _ in range(limit):
            self.press("Tab")
            held = self.page.evaluate(_NAME_OF_FOCUS)
            self.seen.append(held)
            if name in held:
                assert self.page.evaluate(_FOCUS_IS_VISIBLE), f"no visible focus on 「{held}」"
                return
        raise AssertionError(f"{self.page.url}: Tab never reaches 「{name}」: {self.seen[-40:]}")

    def type(self, text: str) -> None:
        """Replace what the field holds."""
        self.press("Control+a")
        self.page.keyboard.type(text)

    def enter(self) -> None:
        """Follow the link or press the button that holds the focus."""
        with self.page.expect_navigation():
            self.press("Enter")


_NAME_OF_FOCUS = """() => {
  const held = document.activeElement;
  if (!held || held === document.body) return "";
  const label = held.labels && held.labels.length ? held.labels[0].innerText : "";
  return (label || held.getAttribute("aria-label") || held.innerText || held.value || "").trim();
}"""
_FOCUS_IS_VISIBLE = """() => {
  const held = document.activeElement;
  const shown = getComputedStyle(held);
  const parent = getComputedStyle(held.parentElement);
  return shown.outlineStyle !== "none" || shown.boxShadow !== "none"
    || parent.outlineStyle !== "none" || parent.boxShadow !== "none";
}"""
