"""/projects/<id>/costs: alone against joint, by body and fiscal year, with the data as files."""

from flask import render_template, url_for
from flask.typing import ResponseReturnValue

from accounts.access import current_actor, public
from foundation.errors import NotFound
from foundation.web import get_session, now
from procurement.dashboard import pages
from procurement.dashboard.figures import DashboardPage
from procurement.domain.lifecycle import State
from procurement.presenters.project import project_frame
from procurement.queries.project_page import ProjectHead, get_head_and_project
from procurement.views.blueprint import blueprint
from procurement.views.dashboard import figure_download

# Public after contracting: bodies, contract amounts, shares (domain §8).
PUBLIC_FROM = frozenset({State.INTRODUCTION, State.OPERATION, State.CLOSED})


@blueprint.get("/projects/<int:project_id>/costs")
@public
def costs(project_id: int) -> ResponseReturnValue:
    """What each body pays alone and together; for members, and for all after contracting."""
    head, _ = get_head_and_project(get_session(), current_actor(), project_id)
    page = _find_page(head)
    downloads = {
        figure.key: url_for("procurement.costs_data", project_id=project_id, key=figure.key)
        for figure in (page.figures if page else ())
    }
    return render_template(
        "procurement/costs.html",
        frame=project_frame(head, "costs", now()),
        page=page,
        downloads=downloads,
    )


@blueprint.get("/projects/<int:project_id>/costs/data/<key>.zip")
@public
def costs_data(project_id: int, key: str) -> ResponseReturnValue:
    """One figure of the page as files, for whoever may see the page's figures."""
    head, _ = get_head_and_project(get_session(), current_actor(), project_id)
    page = _find_page(head)
    if page is None:
        raise NotFound
    return figure_download(page, key)


def _find_page(head: ProjectHead) -> DashboardPage | None:
    if not head.standing.is_member and State(head.state) not in PUBLIC_FROM:
        return None
    return pages.project(get_session(), head.id, head.row.title, fictional=head.fictional)
