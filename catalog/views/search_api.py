"""`GET /api/v1/search`: the search page's answer for programs."""

import re

from flask import Blueprint, abort, request
from flask.typing import ResponseReturnValue

from accounts.access import public
from catalog.presenters.openings import opening_json
from catalog.presenters.search import present_json, result_json
from catalog.presenters.suggestions import present_suggestions, suggestion_json
from catalog.search.evaluator import Sort
from catalog.search.facets import FACETS
from catalog.search.query import PARAMETERS, SORT_LABELS, SearchQuery, read_query
from catalog.search.results import SearchPage
from catalog.search.wording import SIZE_HINT, TOO_LONG
from catalog.views.search_openings import openings_for
from catalog.views.search_setup import answer, get_search, suggest
from foundation.api import list_response
from foundation.openapi import Parameter, describes
from foundation.text import printable

blueprint = Blueprint("search_api", __name__)

_YEAR = re.compile("[0-9]{4}")
_WORDS = {facet.name: facet.label for facet in FACETS} | {
    "q": "さがす言葉",
    "exact": (
        "1 のとき、入力した語のままさがす（同義語や似た語を使わない）。"
        "all のとき、すべての語を含むものだけをさがす（一部の語を含むものを続けない）"
    ),
    "sort": f"並び順（{'、'.join(f'{s.value}＝{label}' for s, label in SORT_LABELS.items())}）",
    "size": (
        "sort=nearest が近さを測る規模。市区町村の6桁の団体コード、または人口"
        "（6桁の数字が団体コードと同じときは団体。「252,018」のように区切ると人口）"
    ),
    "page": "ページ番号（1から）",
}

_FIELDS = {
    "total": "件数",
    "total_fictional": "うち架空データの件数",
    "facets": "絞り込みの項目ごとの値・名称・件数",
    "results": "見つかったもの（20件ずつ）",
    "open_projects": "検索した種別で募集している公開の案件（件数に含まない。1ページ目だけ）",
    "open_projects[].closes_at": "参加の締切（決まっていなければ null）",
    "open_projects[].prefecture": "都道府県（2桁。全国・広域は null）",
}


@blueprint.get("/api/v1/search")
@describes(
    "検索（/search と同じ条件・件数・順序）",
    *(Parameter(name=name, description=_WORDS.get(name, name)) for name in PARAMETERS),
    fields=_FIELDS,
)
@public
def index() -> ResponseReturnValue:
    """Same filters, counts and order as /search; what cannot be read is 400 and named."""
    read = read_query(request.args.items(multi=True))
    if read.unknown:
        abort(
            400,
            f"パラメーター「{read.unknown[0]}」は使えません。使えるもの：{'、'.join(PARAMETERS)}",
        )
    if read.bad_sort:
        abort(
            400,
            f"パラメーター「sort」は次のいずれかで指定してください：{'、'.join(map(str, Sort))}",
        )
    if read.bad_exact:
        abort(400, "パラメーター「exact」は 1 か all を指定できます。")
    if read.bad_page:
        abort(400, "パラメーター「page」は1以上の整数で指定してください。")
    if read.query.is_too_long:
        abort(400, f"パラメーター「q」が長すぎます。{TOO_LONG}")
    _check_values(read.query)
    found = answer(read.query)
    if read.query.size and read.query.sort is Sort.NEAREST and found.query.near is None:
        abort(400, f"パラメーター「size」を読めません。{SIZE_HINT}")
    if found.is_out_of_range:
        abort(404)
    return list_response(
        total=found.total,
        page=found.page,
        pages=found.pages,
        results=[result_json(result) for result in found.results],
        extra=present_json(found) | {"open_projects": _openings(found)},
    )


@blueprint.get("/api/v1/suggest")
@describes(
    "入力の候補（前方一致。種類の順に3件ずつ、種類の中は名前と年月のハッシュの順）",
    Parameter(name="q", description="入力した文字。表記または読みの先頭"),
    fields={
        "results[].text": "検索する語",
        "results[].kind": "種類（word category body vendor offering case project spec program）",
        "results[].label": "種類の名称",
        "results[].fictional": "架空データか",
        "results[].url": "その語で検索するページ",
    },
)
@public
def suggestions() -> ResponseReturnValue:
    """Texts that begin like `q`, at most ten; what the reader may not find is not among them."""
    for name in request.args:
        if name != "q":
            abort(400, f"パラメーター「{name}」は使えません。使えるもの：q")
    found = present_suggestions(
        request.args.get("q", ""), suggest(printable(request.args.get("q", "")))
    )
    return list_response(
        total=len(found), page=1, pages=1, results=[suggestion_json(link) for link in found]
    )


def _openings(found: SearchPage) -> list[dict[str, object]]:
    """What stands above the page's results, and is none of them."""
    return [opening_json(one) for one in openings_for(found).openings]


def _check_values(query: SearchQuery) -> None:
    """A value its facet cannot have is a mistake to be told of, not an empty answer."""
    if not all(_YEAR.fullmatch(value) for value in query.filters.get("fiscal_year", ())):
        abort(400, "パラメーター「fiscal_year」は西暦4桁の年度で指定してください。")
    for name, values in query.filters.items():
        known = get_search().known_values(name)
        if known and not set(values) <= set(known):
            choices = "、".join(known)
            abort(400, f"パラメーター「{name}」は次のいずれかで指定してください：{choices}")
