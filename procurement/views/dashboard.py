"""Cost dashboards: /dashboard and below, with every figure as a file."""

from flask import Blueprint, Response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from markupsafe import Markup, escape

from accounts.access import public
from accounts.codes import FICTIONAL_PREFECTURE_CODE
from foundation.clock import jst_today
from foundation.errors import NotFound
from foundation.money import number
from foundation.web import attachment, get_session, now
from procurement.dashboard import pages
from procurement.dashboard.exports import figure_zip
from procurement.dashboard.figures import Cell, DashboardPage, Figure

blueprint = Blueprint("dashboard", __name__)

HOME = ("ホーム", "/")
NATION = ("費用ダッシュボード", "/dashboard")
REAL, FICTIONAL = "real", "fictional"


@blueprint.app_template_filter()
def trusted_svg(svg: str) -> Markup:
    """Our own renderer's drawing: its texts were escaped when it was made."""
    return Markup(svg)


@blueprint.app_template_filter()
def figure_columns(figure: Figure) -> list[tuple[str, str]]:
    """(label with unit, alignment) of a figure's table on the page: all columns but codes."""
    return [
        (f"{column.label}（{column.unit}）" if column.unit else column.label, align)
        for column in figure.columns
        if column.type != "code"
        for align in ("" if column.type == "text" else "num",)
    ]


@blueprint.app_template_filter()
def figure_rows(figure: Figure, mark: Markup) -> Markup:
    """The rows on the page: hundreds of cells, so they are not put together by a template.

    mark: what follows the name of a fictional body.
    """
    after_body = f" {mark}" if figure.fictional else ""
    columns = [
        (
            place,
            "<td>" if column.type == "text" else '<td data-align="num">',
            escape(column.absent),
            after_body if column.key == "body" else "",
        )
        for place, column in enumerate(figure.columns)
        if column.type != "code"
    ]
    rows = figure.rows if figure.shown is None else figure.shown
    cells = (
        "".join(
            f"{opening}{_cell_text(row[place], absent, after)}</td>"
            for place, opening, absent, after in columns
        )
        for row in rows
    )
    return Markup("".join(f"<tr>{row}</tr>\n" for row in cells))


def _cell_text(value: Cell, absent: str, after: str) -> str:
    """What the page says in a cell, escaped."""
    if value is None:
        return absent
    return f"{escape(value)}{after}" if isinstance(value, str) else number(value)


@blueprint.get("/dashboard")
@public
def nation() -> ResponseReturnValue:
    page = _nation_page()
    return _show(
        page,
        trail=[HOME, (NATION[0], None)],
        download=lambda key: url_for("dashboard.nation_data", key=key, data=_side()),
        sides=[
            ("実データ", url_for("dashboard.nation"), _side() == REAL),
            ("架空データ", url_for("dashboard.nation", data=FICTIONAL), _side() == FICTIONAL),
        ],
        choices=[(code, name) for code, name, _, _ in pages.tile_grid()] + [_fictional_choice()],
    )


@blueprint.get("/dashboard/data/<key>.zip")
@public
def nation_data(key: str) -> ResponseReturnValue:
    return figure_download(_nation_page(), key)


@blueprint.get("/dashboard/prefectures")
@public
def choose_prefecture() -> ResponseReturnValue:
    code = request.args.get("code", "")
    return redirect(url_for("dashboard.prefecture", pref_code=code) if code else NATION[1])


@blueprint.get("/dashboard/prefectures/<pref_code>")
@public
def prefecture(pref_code: str) -> ResponseReturnValue:
    page = _prefecture_page(pref_code)
    return _show(
        page,
        trail=[HOME, NATION, (page.title, None)],
        download=lambda key: url_for("dashboard.prefecture_data", pref_code=pref_code, key=key),
    )


@blueprint.get("/dashboard/prefectures/<pref_code>/data/<key>.zip")
@public
def prefecture_data(pref_code: str, key: str) -> ResponseReturnValue:
    return figure_download(_prefecture_page(pref_code), key)


@blueprint.get("/dashboard/bodies/<code6>")
@public
def body(code6: str) -> ResponseReturnValue:
    page = _body_page(code6)
    prefecture_url = url_for("dashboard.prefecture", pref_code=code6[:2])
    return _show(
        page,
        trail=[HOME, NATION, ("都道府県", prefecture_url), (page.title, None)],
        download=lambda key: url_for("dashboard.body_data", code6=code6, key=key),
    )


@blueprint.get("/dashboard/bodies/<code6>/data/<key>.zip")
@public
def body_data(code6: str, key: str) -> ResponseReturnValue:
    return figure_download(_body_page(code6), key)


def _side() -> str:
    return FICTIONAL if request.args.get("data") == FICTIONAL else REAL


def _fictional_choice() -> tuple[str, str]:
    found = pages.find_prefecture(get_session(), FICTIONAL_PREFECTURE_CODE)
    return FICTIONAL_PREFECTURE_CODE, f"{found[0] if found else '架空の県'}（架空）"


def _nation_page() -> DashboardPage:
    return pages.nation(get_session(), fictional=_side() == FICTIONAL)


def _prefecture_page(pref_code: str) -> DashboardPage:
    found = pages.find_prefecture(get_session(), pref_code)
    if not found:
        raise NotFound
    return pages.prefecture(get_session(), pref_code, found[0], fictional=found[1])


def _body_page(code6: str) -> DashboardPage:
    found = pages.find_body(get_session(), code6)
    if not found:
        raise NotFound
    return pages.body(get_session(), code6, found[0], fictional=found[1])


def _show(page, *, trail, download, sides=(), choices=()) -> str:  # type: ignore[no-untyped-def]
    return render_template(
        "dashboard/page.html",
        page=page,
        trail=trail,
        downloads={figure.key: download(figure.key) for figure in page.figures},
        sides=sides,
        choices=choices,
    )


def figure_download(page: DashboardPage, key: str) -> Response:
    """One figure of the page as a zip, or NotFound."""
    figure = next((figure for figure in page.figures if figure.key == key), None)
    if figure is None:
        raise NotFound
    content = figure_zip(figure, jst_today(now()))
    response = attachment(content, "application/zip", f"moyai-{key}.zip")
    response.add_etag()
    response.make_conditional(request)
    return response
