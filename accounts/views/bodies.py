"""Local bodies: the list, one body's public record, and both for programs."""

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from accounts.access import current_actor, public
from accounts.bodies import (
    BodyFilter,
    count_fictional,
    get_body,
    list_bodies,
    list_prefectures,
    list_sources,
)
from accounts.codes import BODY_KIND_LABELS, BodyKind
from accounts.panels import list_panels
from accounts.presenters import BODY_FIELDS, as_of_text, body_json, fact_text, sources_json
from foundation.api import (
    check_parameters,
    choice_parameter,
    flag_parameter,
    list_response,
    object_response,
    page_parameters,
)
from foundation.openapi import Parameter, describes
from foundation.paging import existing
from foundation.web import get_session, page_number

blueprint = Blueprint("bodies", __name__)

MAX_QUERY_LENGTH = 100

_PARAMETERS = (
    Parameter(
        name="q", description="名前・よみ・団体コードの一部（空白で区切ると、すべてを含む団体）"
    ),
    Parameter(name="prefecture", description="都道府県（2桁）"),
    Parameter(name="kind", description="種別", choices=[kind.value for kind in BodyKind]),
    Parameter(
        name="fictional",
        description="true 架空だけ・false 実在だけ",
        type="boolean",
    ),
)


@blueprint.get("/bodies")
@public
def body_list() -> ResponseReturnValue:
    """All local bodies, narrowed by prefecture, kind and name. Unknown values are ignored."""
    session = get_session()
    prefectures = list_prefectures(session)
    wanted = BodyFilter(
        q=request.args.get("q", "")[:MAX_QUERY_LENGTH],
        prefecture=_known("prefecture", {code for code, _name in prefectures}),
        kind=_known("kind", set(BodyKind)),
    )
    page = existing(list_bodies(session, wanted, page=page_number()))
    return render_template(
        "accounts/bodies.html",
        page=page,
        fictional=count_fictional(session, wanted),
        wanted=wanted,
        prefectures=prefectures,
        kinds=[(kind.value, label) for kind, label in BODY_KIND_LABELS.items()],
        fact_text=fact_text,
    )


@blueprint.get("/bodies/<code>")
@public
def body(code: str) -> ResponseReturnValue:
    """One body's public record."""
    session = get_session()
    row = get_body(session, code)
    return render_template(
        "accounts/body.html",
        body=row,
        panels=list_panels(session, code, current_actor()),
        fact_text=fact_text,
        as_of_text=as_of_text,
    )


@blueprint.get("/api/v1/bodies")
@describes("地方公共団体の一覧（コード順）", *_PARAMETERS, paged=True, fields=BODY_FIELDS)
@public
def api_bodies() -> ResponseReturnValue:
    """地方公共団体の一覧（団体コード順）"""
    check_parameters(("q", "prefecture", "kind", "fictional"))
    session = get_session()
    page, size = page_parameters()
    wanted = BodyFilter(
        q=request.args.get("q", "")[:MAX_QUERY_LENGTH],
        prefecture=choice_parameter("prefecture", dict(list_prefectures(session))),
        kind=choice_parameter("kind", tuple(BodyKind)),
        fictional=flag_parameter("fictional"),
    )
    found = list_bodies(session, wanted, page=page, size=size)
    return list_response(
        total=found.total,
        page=found.page,
        pages=found.pages,
        results=[body_json(row) for row in found.rows],
        extra={
            "total_fictional": count_fictional(session, wanted),
            "sources": sources_json(list_sources(session)),
        },
    )


@blueprint.get("/api/v1/bodies/<code>")
@describes("地方公共団体1件の値と出典", fields=BODY_FIELDS)
@public
def api_body(code: str) -> ResponseReturnValue:
    """地方公共団体1件：公表値と、その出典・基準日"""
    check_parameters(())
    row = get_body(get_session(), code)
    sources = {source.key: source for source in row.sources}
    return object_response(body_json(row) | {"sources": sources_json(sources)})


def _known(name: str, choices: set[str] | set[BodyKind]) -> str | None:
    value = request.args.get(name)
    return value if value in choices else None
