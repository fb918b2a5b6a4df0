"""The habits of every JSON read: known parameters only, pages, links, conditional answers."""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

from flask import Response, abort, current_app, request

DEFAULT_PER_PAGE = 50
MAX_PER_PAGE = 200
MAX_PAGE = 100_000

PAGING = ("page", "per_page")


def check_parameters(allowed: Iterable[str]) -> None:
    """Answers 400 and names the first query parameter that is neither allowed nor paging.

    The address of one object takes none at all, paging neither; a list without filters: PAGING.
    """
    names = set(allowed)
    known = sorted(names | set(PAGING)) if names else []
    for name in request.args:
        if name not in known:
            choices = f"使えるもの：{'、'.join(known)}" if known else ""
            abort(400, f"パラメーター「{name}」は使えません。{choices}")


def whole_parameter(name: str, default: int, *, lowest: int = 1, highest: int = MAX_PAGE) -> int:
    """A whole number of the query, or 400 naming the parameter and its bounds."""
    text = request.args.get(name)
    if text is None:
        return default
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        abort(400, f"パラメーター「{name}」は整数で指定してください。")
    value = int(text)
    if not lowest <= value <= highest:
        abort(400, f"パラメーター「{name}」は{lowest}以上{highest}以下で指定してください。")
    return value


def choice_parameter(name: str, choices: Iterable[str]) -> str | None:
    """One of the choices or None; 400 naming the parameter and what it may be."""
    text = request.args.get(name)
    known = tuple(choices)
    if text is not None and text not in known:
        abort(400, f"パラメーター「{name}」は次のいずれかで指定してください：{'、'.join(known)}")
    return text


def flag_parameter(name: str) -> bool | None:
    """True, False or (not given) None."""
    text = choice_parameter(name, ("true", "false"))
    return None if text is None else text == "true"


def page_parameters() -> tuple[int, int]:
    """`page` and `per_page` of the query."""
    size = whole_parameter("per_page", DEFAULT_PER_PAGE, highest=MAX_PER_PAGE)
    return whole_parameter("page", 1), size


def list_response(
    *,
    total: int,
    page: int,
    pages: int,
    results: Sequence[Mapping[str, Any]],
    extra: Mapping[str, Any] | None = None,
) -> Response:
    """`{total, page, pages, results}` with links to the pages around it.

    404 past the last page, as the pages for people answer; the first always exists.
    """
    if page > pages:
        abort(404, f"パラメーター「page」は{pages}までです（{total}件）。")
    body = {"total": total, "page": page, "pages": pages, **(extra or {}), "results": results}
    response = object_response(body)
    links = [
        f'<{_page_address(number)}>; rel="{relation}"'
        for relation, number in _neighbours(page, pages)
    ]
    if links:
        response.headers["Link"] = ", ".join(links)
    return response


def object_response(body: Mapping[str, Any]) -> Response:
    """The object as JSON; 304 when the reader already holds this very answer."""
    text = json.dumps(body, ensure_ascii=False, sort_keys=False, default=str)
    response = current_app.response_class(text + "\n", mimetype="application/json")
    return conditional(response)


def conditional(response: Response) -> Response:
    """Adds an ETag over the content and answers 304 where the request's one agrees."""
    response.set_etag(hashlib.sha256(response.get_data()).hexdigest()[:32])
    response.headers.setdefault("Cache-Control", "no-cache")
    response.make_conditional(request)
    return response


def _neighbours(page: int, pages: int) -> list[tuple[str, int]]:
    around = [("first", 1), ("prev", page - 1), ("next", page + 1), ("last", pages)]
    return [(relation, number) for relation, number in around if 1 <= number <= pages]


def _page_address(number: int) -> str:
    kept = [(name, value) for name, value in request.args.items(multi=True) if name != "page"]
    return f"{request.base_url}?{urlencode([*kept, ('page', str(number))])}"
