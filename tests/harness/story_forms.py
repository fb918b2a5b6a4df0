"""People at a browser who fill in forms by the names of their fields, one person a window."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask import Flask
from playwright.sync_api import Locator

from tests.harness.browser import Reader
from tests.harness.example import sign_in
from tests.harness.page import Page


@dataclass
class Clerk:
    """Somebody signed in, who opens a page, fills in one of its forms and sends it."""

    reader: Reader

    def send(self, path: str, action: str, button: str = "", /, **values: str | bool) -> str:
        """Fill in and send the form whose address ends so; what the page then says.

        A dash of a field's name is written as two underscores.
        """
        page = self._submit(path, action, button, values)
        errors = page.locator("main [id$='-error']").all_inner_texts()
        assert not errors, f"{page.url}: {errors}"
        return self.text()

    def send_in_vain(
        self, path: str, action: str, button: str = "", /, **values: str | bool
    ) -> str:
        """The same for what is refused beside its field: the page then, with all it says."""
        page = self._submit(path, action, button, values)
        assert page.locator("main [id$='-error']").count(), f"{page.url}: nothing was refused"
        return self.text()

    def _submit(self, path: str, action: str, button: str, values: dict[str, str | bool]) -> Any:
        page = self.reader.open(path)
        forms = page.locator(f"main form[action$='{action}']")
        form = forms.filter(has=page.get_by_role("button", name=button)).first
        for name, value in values.items():
            _fill(form.locator(f"[name='{name.replace('__', '-')}']"), value)
        form.get_by_role("button", name=button).first.click()
        page.wait_for_load_state()
        return page

    def answer(self, path: str, action: str, button: str, answers: dict[str, str]) -> None:
        """The same for fields whose names are made: told by the beginning of their labels."""
        page = self.reader.open(path)
        form = page.locator(f"main form[action$='{action}']").first
        for label, value in answers.items():
            _fill(form.get_by_label(label), value)
        form.get_by_role("button", name=button).first.click()
        page.wait_for_load_state()

    def score(self, path: str, points: dict[str, tuple[int, ...]]) -> None:
        """Fill in a judge's sheet: points of each bidder, in the order of the questions."""
        page = self.reader.open(path)
        form = page.locator("main form[action$='/scores']")
        for bidder, given in points.items():
            fields = form.locator("section", has_text=bidder).locator("input[name^='score-']")
            for place, value in enumerate(given):
                fields.nth(place).fill(str(value))
        form.get_by_role("button", name="採点を提出する").click()
        page.wait_for_load_state()

    def rows(self, path: str, caption: str) -> list[dict[str, str]]:
        """The rows of the table of that caption, by the headings."""
        return Page(path, self.reader.open(path).content()).table(caption)

    def see(self, path: str, *words: str) -> str:
        """The page says all this."""
        self.reader.open(path)
        text = self.text()
        missing = [word for word in words if word not in text]
        assert not missing, f"{path} does not say {missing}\n{text[:3000]}"
        return text

    def text(self) -> str:
        return self.reader.page.locator("main").inner_text()


def contract_facts(clerk: Clerk, page: str) -> dict[str, str]:
    """What the model asks for, as the page of contracts says it: name → text."""
    lines = clerk.see(page, "契約の形").splitlines()
    names = ("第1期に必要な契約", "事業者からの請求先")
    return {name: lines[lines.index(name) + 1] for name in names}


def contract_parties(clerk: Clerk, page: str) -> list[tuple[str, str]]:
    """Kind and parties of each contract that the page of contracts lists, in its order."""
    return [(row["種類"], row["当事者"]) for row in clerk.rows(page, "記録された契約")]


def seat_clerk(app: Flask, reader: Callable[..., Reader], email: str) -> Clerk:
    """That user at a window of their own; the page of sign-in has its own tests."""
    client = app.test_client()
    sign_in(client, email)
    cookie = client.get_cookie("session")
    assert cookie is not None
    seated = reader()
    seated.page.context.add_cookies(
        [{"name": "session", "value": cookie.value, "url": seated.base}]
    )
    return Clerk(seated)


def _fill(field: Locator, value: str | bool) -> None:
    kind = field.first.evaluate("field => field.tagName + ':' + (field.type || '')")
    if kind.startswith("SELECT"):
        field.first.select_option(value=str(value))
    elif kind == "INPUT:checkbox":
        field.first.set_checked(bool(value))
    elif kind == "INPUT:radio":
        field.and_(field.page.locator(f"[value='{value}']")).check()
    else:
        field.first.fill(str(value))
