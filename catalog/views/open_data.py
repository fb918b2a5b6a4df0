"""Open data: the page that lists it, the downloads, the description of the API."""

from flask import Blueprint, Response, abort, current_app, render_template
from flask.typing import ResponseReturnValue

from accounts.access import public
from accounts.bodies import list_sources
from catalog import open_data
from catalog.desk.queries import list_system_types
from catalog.importing.spec_pages import specs_csv, specs_workbook
from catalog.importing.templates import (
    case_columns,
    make_template,
    offering_columns,
    spec_columns,
)
from catalog.importing.workbooks import child_sheets
from catalog.presenters.words import counts_text
from catalog.queries.cases import CaseFilter, count_cases
from catalog.queries.offerings import count_offerings
from catalog.queries.vendors import count_vendors
from catalog.selection.record_queries import list_lock_links
from foundation.api import conditional, object_response
from foundation.audit import links_csv
from foundation.clock import jst_today
from foundation.openapi import describes, make_document
from foundation.web import attachment, get_session, now

blueprint = Blueprint("open_data", __name__)

LICENCE = "CC BY 4.0"
_API_PREFIX = "/api/v1/"
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_TEMPLATES = {
    "offerings": ("掲載サービス", offering_columns),
    "cases": ("調達事例", case_columns),
    "specs": ("仕様書・手引き", spec_columns),
}


@blueprint.get("/open-data")
@public
def index() -> ResponseReturnValue:
    """What can be downloaded and asked for, under which licence, from which sources."""
    session = get_session()
    counts = {
        "掲載サービス": counts_text(count_offerings(session)),
        "登録事業者": counts_text(count_vendors(session), "者"),
        "調達事例": counts_text(count_cases(session, CaseFilter())),
    }
    return render_template(
        "catalog/open_data.html",
        counts=list(counts.items()),
        downloads=open_data.TITLES.items(),
        operations=_list_operations(),
        sources=list_sources(session).values(),
        templates=[(name, title) for name, (title, _columns) in _TEMPLATES.items()],
        licence=LICENCE,
        as_of=jst_today(now()),
    )


@blueprint.get("/open-data/selection-locks.csv")
@public
def selection_locks() -> ResponseReturnValue:
    """The link of every lock of a selection record: an export must agree with its own."""
    text = links_csv(list_lock_links(get_session()))
    return conditional(attachment(text, "text/csv", "selection-locks.csv"))


@blueprint.get("/open-data/specs.<ending>")
@public
def specs(ending: str) -> Response:
    """Every specification in the columns of the import: what comes out goes in again."""
    if ending == "csv":
        text = "\ufeff" + specs_csv(get_session())
        return conditional(attachment(text, "text/csv", "specs.csv"))
    if ending != "xlsx":
        abort(404)
    return attachment(specs_workbook(get_session()), _XLSX, "specs.xlsx")


@blueprint.get("/open-data/<name>.zip")
@public
def download(name: str) -> Response:
    """One dataset as long data with dictionary, codes and changelog; public answers only."""
    if name not in open_data.TITLES:
        abort(404)
    content = open_data.make_zip(get_session(), name, jst_today(now()))
    return conditional(attachment(content, "application/zip", f"{name}.zip"))


@blueprint.get("/open-data/templates/<name>.xlsx")
@public
def template(name: str) -> Response:
    """An empty import file with its code lists."""
    if name not in _TEMPLATES:
        abort(404)
    _title, columns = _TEMPLATES[name]
    children = child_sheets() if name == "offerings" else {}
    content = make_template(columns(dict(list_system_types(get_session()))), children)
    return attachment(content, _XLSX, f"{name}-template.xlsx")


@blueprint.get("/api/v1/openapi.json")
@describes("公開APIの説明（OpenAPI 3.1）")
@public
def openapi() -> Response:
    """The description of every public read."""
    return object_response(_document())


def _document() -> dict[str, object]:
    return make_document(
        current_app.url_map.iter_rules(),
        current_app.view_functions,
        title="もやい 公開API",
        version="1",
        prefix=_API_PREFIX,
        licence=LICENCE,
    )


def _list_operations() -> list[tuple[str, str]]:
    paths = _document()["paths"]
    assert isinstance(paths, dict)
    return [(path, operations["get"]["summary"]) for path, operations in paths.items()]
