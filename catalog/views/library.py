"""Specifications, funding programs, related catalogs: pages and API."""

from contextlib import ExitStack

from flask import Blueprint, Response, g, render_template, request
from flask.typing import ResponseReturnValue

from accounts.access import public
from catalog.chance import tie_month
from catalog.conformance import naming_specs
from catalog.library import queries
from catalog.presenters import library as presenter
from catalog.presenters.conformances import present_conformances
from catalog.queries.comparison import MAX_COMPARED
from catalog.queries.conformances import list_conformances
from catalog.spec_names import load_spec_names
from foundation.api import PAGING, check_parameters, list_response, object_response, page_parameters
from foundation.openapi import describes
from foundation.paging import Page
from foundation.web import get_session, now

blueprint = Blueprint("library", __name__)


@blueprint.before_app_request
def _name_specs() -> None:
    """Pages, forms and files of this request may speak of what the library holds by now."""
    g.spec_names = ExitStack()
    g.spec_names.enter_context(naming_specs(lambda: load_spec_names(get_session())))


@blueprint.teardown_app_request
def _name_no_specs(_error: BaseException | None) -> None:
    if "spec_names" in g:
        g.pop("spec_names").close()


@blueprint.get("/specs")
@public
def spec_list() -> ResponseReturnValue:
    """All specifications."""
    lines = presenter.spec_lines(queries.list_specs(get_session()))
    return render_template("catalog/specs.html", lines=lines, columns=presenter.SPEC_COLUMNS)


@blueprint.get("/specs/<int:spec_id>")
@public
def spec(spec_id: int) -> ResponseReturnValue:
    """One specification."""
    session, month = get_session(), tie_month(now())
    row = queries.get_spec(session, spec_id)
    return render_template(
        "catalog/spec.html",
        view=presenter.present_spec(row, queries.get_spec_versions(session, row)),
        versions=present_conformances(list_conformances(session, row.key, month)),
        month=month,
        limit=MAX_COMPARED,
        entry_id=spec_id,
    )


@blueprint.get("/programs")
@public
def program_list() -> ResponseReturnValue:
    """All programs."""
    lines = presenter.program_lines(queries.list_programs(get_session()))
    return render_template("catalog/programs.html", lines=lines, columns=presenter.PROGRAM_COLUMNS)


@blueprint.get("/programs/<int:program_id>")
@public
def program(program_id: int) -> ResponseReturnValue:
    """One program; answers about its conditions stand in the address and are stored nowhere."""
    row = queries.get_program(get_session(), program_id)
    return render_template(
        "catalog/program.html",
        view=presenter.present_program(row),
        fit=presenter.present_fit(row, request.args.to_dict()),
        answers=presenter.ANSWERS,
        entry_id=program_id,
    )


@blueprint.get("/related")
@public
def related() -> ResponseReturnValue:
    """Catalogs and dashboards of others."""
    lines = presenter.related_lines(queries.list_related(get_session()))
    return render_template("catalog/related.html", lines=lines, columns=presenter.RELATED_COLUMNS)


@blueprint.get("/api/v1/specs")
@describes("仕様書の一覧（番号順）", paged=True, fields=presenter.SPEC_FIELDS)
@public
def api_specs() -> Response:
    """Specifications by id."""
    check_parameters(PAGING)
    return _list([presenter.spec_json(row) for row in queries.list_specs(get_session())])


@blueprint.get("/api/v1/specs/<int:spec_id>")
@describes("仕様書1件", fields=presenter.SPEC_FIELDS)
@public
def api_spec(spec_id: int) -> Response:
    """One specification."""
    check_parameters(())
    return object_response(presenter.spec_json(queries.get_spec(get_session(), spec_id)))


@blueprint.get("/api/v1/programs")
@describes("支援制度の一覧（番号順）", paged=True, fields=presenter.PROGRAM_FIELDS)
@public
def api_programs() -> Response:
    """Programs by id."""
    check_parameters(PAGING)
    return _list([presenter.program_json(row) for row in queries.list_programs(get_session())])


@blueprint.get("/api/v1/programs/<int:program_id>")
@describes("支援制度1件", fields=presenter.PROGRAM_FIELDS)
@public
def api_program(program_id: int) -> Response:
    """One program."""
    check_parameters(())
    return object_response(presenter.program_json(queries.get_program(get_session(), program_id)))


def _list(rows: list[dict[str, object]]) -> Response:
    page, size = page_parameters()
    start = (page - 1) * size
    found = Page(rows=rows[start : start + size], total=len(rows), page=page, size=size)
    return list_response(
        total=found.total, page=found.page, pages=found.pages, results=list(found.rows)
    )
