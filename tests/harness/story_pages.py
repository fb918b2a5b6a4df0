"""People who go the long way of a story by its pages and forms, without waiting for a browser."""

from dataclasses import dataclass

from flask import Flask

from tests.harness.client import StrictClient, as_page
from tests.harness.example import sign_in
from tests.harness.page import Page


@dataclass
class Traveller:
    """Somebody signed in whose pages are read strictly; as `story_forms.Clerk`, but quick."""

    client: StrictClient

    def send(self, path: str, action: str, button: str = "", /, **values: str | bool) -> str:
        """Fill in and send the form whose address ends so; where it leads.

        A dash of a field's name is written as two underscores.
        """
        form = self.client.page(path).form(action, button=button)
        typed = {name.replace("__", "-"): value for name, value in values.items()}
        unknown = set(typed) - set(form.names)
        assert not unknown, f"{path}: no field {unknown} in {form.names}"
        answer = form.submit(self.client, {k: "y" if v is True else v for k, v in typed.items()})
        if answer.status_code != 302:
            errors = as_page(answer).soup.select("[id$='-error'], .moyai-blockers, [role=alert]")
            raise AssertionError(f"{path}{action}: {[each.get_text() for each in errors]}")
        return answer.location

    def score(self, path: str, points: dict[str, tuple[int, ...]]) -> None:
        """Fill in a judge's sheet: points of each bidder, in the order of the questions."""
        form = self.client.page(path).form("/scores")
        typed = {}
        for bidder, given in points.items():
            section = next(each for each in form.tag.select("section") if bidder in each.get_text())
            fields = section.select("input[name^='score-']")
            typed |= {
                str(field["name"]): str(value) for field, value in zip(fields, given, strict=True)
            }
        assert form.submit(self.client, typed).status_code == 302

    def page(self, path: str) -> Page:
        """What the page says."""
        return self.client.page(path)


def send_traveller(app: Flask, email: str) -> Traveller:
    """That user, signed in."""
    client = StrictClient(app)
    sign_in(client, email)
    return Traveller(client)
