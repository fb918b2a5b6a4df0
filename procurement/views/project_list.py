"""/projects: every public joint procurement, narrowed as the reader likes."""

from collections.abc import Iterable
from dataclasses import dataclass

from flask import render_template, request
from flask.typing import ResponseReturnValue

from accounts.access import public
from catalog.queries.policy import list_system_types
from foundation.paging import existing
from foundation.web import get_session, now, page_number
from procurement.domain.lifecycle import State
from procurement.presenters.rows import project_item
from procurement.queries.project_rows import (
    ProjectFilter,
    list_prefecture_names,
    list_public_projects,
)
from procurement.queries.standing import HIDDEN_STATE
from procurement.views.blueprint import blueprint


@dataclass(frozen=True, kw_only=True)
class Choice:
    """A select of the filter. An unknown value of the address counts as no choice."""

    name: str
    label: str
    options: tuple[tuple[str, str], ...]

    @property
    def chosen(self) -> str:
        value = request.args.get(self.name, "")
        return value if value in {known for known, _ in self.options} else ""


@blueprint.get("/projects")
@public
def project_list() -> ResponseReturnValue:
    """The list; narrowing is by address, so that it can be sent to a colleague."""
    session, moment = get_session(), now()
    prefectures = list_prefecture_names(session)
    choices = (
        Choice(name="state", label="段階", options=_states()),
        Choice(name="prefecture", label="都道府県", options=tuple(prefectures.items())),
        Choice(
            name="category",
            label="システム種別",
            options=tuple((each.code, each.name) for each in list_system_types(session)),
        ),
    )
    narrowed = ProjectFilter(
        **{choice.name: choice.chosen for choice in choices},
        joinable=request.args.get("joinable") == "yes",
    )
    page = existing(
        list_public_projects(session, narrowed=narrowed, page=page_number(), now=moment)
    )
    return render_template(
        "procurement/project_list.html",
        page=page,
        items=[project_item(row, moment, prefectures) for row in page.rows],
        choices=choices,
        joinable=narrowed.joinable,
    )


def _states() -> tuple[tuple[str, str], ...]:
    public_states: Iterable[State] = (each for each in State if each.value != HIDDEN_STATE)
    return tuple((each.value, each.label) for each in public_states)
