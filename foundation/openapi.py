"""The description of the JSON reads (OpenAPI 3.1), made from the routes themselves.

A view says what it takes with `describes`; a view that says nothing is listed all the same.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

View = TypeVar("View", bound=Callable[..., Any])

_PLACEHOLDER = re.compile(r"<(?:(?P<converter>[a-z_]+)(?:\([^)]*\))?:)?(?P<name>\w+)>")


@dataclass(frozen=True, kw_only=True)
class Parameter:
    """A query parameter. choices: the only permitted values, if they are few."""

    name: str
    description: str
    type: str = "string"
    choices: Sequence[str] = ()


@dataclass(frozen=True, kw_only=True)
class Description:
    """What an operation takes and gives. fields: result field → its meaning."""

    summary: str = ""
    parameters: Sequence[Parameter] = ()
    paged: bool = False
    fields: Mapping[str, str] | None = None


PAGE_PARAMETERS = (
    Parameter(name="page", description="ページ番号（1から）", type="integer"),
    Parameter(name="per_page", description="1ページの件数（1から200）", type="integer"),
)


class Route(Protocol):
    """A rule of the web program, as far as it is described here."""

    @property
    def rule(self) -> str: ...
    @property
    def endpoint(self) -> str: ...
    @property
    def methods(self) -> set[str] | None: ...


def describes(
    summary: str,
    *parameters: Parameter,
    paged: bool = False,
    fields: Mapping[str, str] | None = None,
) -> Callable[[View], View]:
    """Marks a view with what it takes and gives; put it right below the route.

    summary: one line in Japanese, as the page of open data prints it.
    """

    def mark(view: View) -> View:
        view.openapi = Description(  # type: ignore[attr-defined]
            summary=summary, parameters=parameters, paged=paged, fields=fields
        )
        return view

    return mark


def make_document(
    routes: Iterable[Route],
    views: Mapping[str, Callable[..., Any]],
    *,
    title: str,
    version: str,
    prefix: str,
    licence: str,
) -> dict[str, Any]:
    """The OpenAPI document of every GET route under the prefix, by path."""
    found = sorted(
        (route for route in routes if route.rule.startswith(prefix)), key=lambda r: r.rule
    )
    return {
        "openapi": "3.1.0",
        "info": {"title": title, "version": version, "license": {"name": licence}},
        "paths": {
            _PLACEHOLDER.sub(r"{\g<name>}", route.rule): {
                "get": _operation(route, views[route.endpoint])
            }
            for route in found
            if "GET" in (route.methods or ())
        },
    }


def _operation(route: Route, view: Callable[..., Any]) -> dict[str, Any]:
    described: Description = getattr(view, "openapi", Description())
    parameters = [*described.parameters, *(PAGE_PARAMETERS if described.paged else ())]
    summary = described.summary or (view.__doc__ or route.endpoint).strip().splitlines()[0]
    return {
        "operationId": route.endpoint.replace(".", "_"),
        "summary": summary,
        "parameters": [*_path_parameters(route.rule), *map(_query_parameter, parameters)],
        "responses": {
            "200": {
                "description": "OK",
                "content": {"application/json": {"schema": _schema(described)}},
            },
            "304": {"description": "前回の ETag から変わっていない"},
            "400": {"description": "使えないパラメーター（名前を示す）"},
            "404": {"description": _absent(described)},
        },
    }


def _absent(described: Description) -> str:
    none = "存在しない、または公開されていない"
    return "最後のページより後のページ（1ページ目は常にある）" if described.paged else none


def _path_parameters(rule: str) -> list[dict[str, Any]]:
    return [
        {
            "name": match["name"],
            "in": "path",
            "required": True,
            "schema": {"type": "integer" if match["converter"] == "int" else "string"},
        }
        for match in _PLACEHOLDER.finditer(rule)
    ]


def _query_parameter(parameter: Parameter) -> dict[str, Any]:
    schema: dict[str, Any] = {"type": parameter.type}
    if parameter.choices:
        schema["enum"] = list(parameter.choices)
    return {
        "name": parameter.name,
        "in": "query",
        "required": False,
        "description": parameter.description,
        "schema": schema,
    }


def _schema(described: Description) -> dict[str, Any]:
    item: dict[str, Any] = {"type": "object"}
    if described.fields:
        item["properties"] = {n: {"description": text} for n, text in described.fields.items()}
    if not described.paged:
        return item
    whole = {"type": "integer"}
    return {
        "type": "object",
        "properties": {
            "total": whole,
            "page": whole,
            "pages": whole,
            "results": {"type": "array", "items": item},
        },
    }
