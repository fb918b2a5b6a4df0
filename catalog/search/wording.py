"""What a page of results says about itself: what is shown, in which order, and why."""

from collections.abc import Sequence
from datetime import datetime

from catalog.chance import tie_month
from catalog.search.evaluator import Sort
from catalog.search.facets import FACETS
from catalog.search.query import MOST_CHARACTERS, SORT_LABELS, SearchQuery
from catalog.search.results import LabelTable
from catalog.search.syntax import in_words, joined, parse, without

_ORDER_NOTES = {
    Sort.RELEVANCE: "語が名称・提供者・種別・内容のどこに、どれだけあるかで並べています。",
    Sort.UPDATED: "最後に更新された順に並べています。",
    Sort.CLOSING_SOON: "締切が近いものから並べ、締切のないもの、締切が過ぎたものと続きます。",
    Sort.JOINING_BODIES: "参加団体（市区町村）の数が多いものから並べています。",
    Sort.NEAREST: (
        "幹事・実施団体の人口（掲載サービスは導入事例の団体の人口の中央値、令和2年国勢調査）の比が"
        "{near}に近いものから、同じ比なら同じ類似団体区分のものから並べ、"
        "人口の分からないものを最後にしています。"
    ),
}
SIZE_HINT = "人口（例：30000）か、市区町村の6桁の団体コードを入力してください。"
_NO_SIZE = f"どの規模に近い順かが分からないため、関連の高い順に並べています。{SIZE_HINT}"
_PARTS = "ものはないため、そのうちの一部の語を含む"
_FOLLOWED_BY_PARTS = "ものと、それが少ないため続けた、そのうちの一部の語を含む"
TOO_LONG = f"検索の語は{MOST_CHARACTERS}文字以内で入力してください。"


def describe(
    query: SearchQuery,
    labels: LabelTable,
    total: int,
    real: int,
    fictional: int,
    *,
    partial: bool = False,
    whole: int = 0,
    only_ranking: Sequence[str] = (),
) -> str:
    """The sentence above the results. partial: they have some of the words, and `whole` all.

    only_ranking: typed words that results need not have.
    """
    conditions = "、".join(_conditions(query, labels))
    looked_for = in_words(without(parse(query.text), only_ranking))
    if partial:
        looked_for += _FOLLOWED_BY_PARTS if whole else _PARTS
    if conditions:
        looked_for = f"{joined(looked_for)}{conditions}に当てはまる"
    elif not looked_for:
        looked_for = "掲載されているすべての"
    return (
        f"{looked_for}もの {total:,}件"
        f"（実データ {real:,}件・架空データ {fictional:,}件）を、"
        f"{SORT_LABELS[_used_order(query)]}に表示しています。{_only_ranking_note(only_ranking)}"
    )


def _only_ranking_note(words: Sequence[str]) -> str:
    """What 「A」を含む leaves unsaid where a part of what was typed does not have to be found."""
    if not words:
        return ""
    named = "".join(f"「{word}」" for word in words)
    return f"{named}は、含まないものも表示し、並び順だけに使っています。"


def _used_order(query: SearchQuery) -> Sort:
    unknown_size = query.sort is Sort.NEAREST and query.near is None
    return Sort.RELEVANCE if unknown_size else query.sort


def describe_too_long(query: SearchQuery) -> str:
    """The sentence when the text is over the limit."""
    return f"{TOO_LONG}いまは{len(query.text.strip()):,}文字あるため、検索していません。"


def order_note(query: SearchQuery, now: datetime) -> str:
    """How the order comes about, ties included (domain §6)."""
    year, month = tie_month(now).split("-")
    return (
        f"{_order_note(query)}同順位は、番号と年月（{year}年{int(month)}月）から計算した順です。"
        "名前・料金・登録の古さで順番が有利になることはありません。"
    )


def _order_note(query: SearchQuery) -> str:
    if query.sort is not Sort.NEAREST:
        return _ORDER_NOTES[query.sort]
    return _ORDER_NOTES[Sort.NEAREST].format(near=query.near.words) if query.near else _NO_SIZE


def _conditions(query: SearchQuery, labels: LabelTable) -> list[str]:
    conditions = []
    for facet in FACETS:
        chosen = query.filters.get(facet.name, ())
        if chosen:
            words = "または".join(f"「{labels.word(facet, value)}」" for value in chosen)
            conditions.append(f"{facet.label}が{words}")
    return conditions
