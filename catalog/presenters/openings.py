"""The box 「募集中の共同調達」 above the results of a search, and the same for programs."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from catalog.openings import Opening
from catalog.presenters.words import counts_text, prefecture_name
from catalog.queries.cases import Counts
from foundation.filters import jst
from foundation.money import number

MOST = 5
WIDE_AREA = "全国・広域"


@dataclass(frozen=True, kw_only=True)
class OpeningItem:
    """One project as a list of resources shows it."""

    title: str
    url: str
    description: str
    meta: tuple[str, ...]
    chips: tuple[str, ...]
    fictional: bool


@dataclass(frozen=True, kw_only=True)
class OpeningsView:
    """The box. more: how many there are beyond the items; rule: why these, in one line."""

    items: tuple[OpeningItem, ...]
    counts: str
    more: int
    more_url: str
    rule: str
    openings: tuple[Opening, ...]


def present_openings(
    openings: Sequence[Opening], kinds: Sequence[str], prefectures: Sequence[str], month: str
) -> OpeningsView:
    """The first of the openings. kinds, prefectures: what they were looked for by."""
    fictional = sum(one.fictional for one in openings)
    named = "・".join(dict.fromkeys(one.system_type_name for one in openings))
    places = "または".join([*(_place(code) for code in prefectures), WIDE_AREA])
    pairs = [("state", "forming"), *(("category", kind) for kind in kinds[:1])]
    return OpeningsView(
        items=tuple(_item(one) for one in openings[:MOST]),
        counts=counts_text(Counts(real=len(openings) - fictional, fictional=fictional)),
        more=max(0, len(openings) - MOST),
        more_url=f"/projects?{urlencode(pairs)}",
        rule=(
            f"検索した種別（{named}）で参加団体を募集している、{places}の案件です。"
            f"締切の近い順、同じ締切は番号と月（{month}）から決まる偶然の順で、だれにも同じ規則で示します。"
            "種別と都道府県のほかの絞り込み（実データだけ、など）は当てはめません。"
            "検索結果の件数には含みません。"
        ),
        openings=tuple(openings),
    )


def opening_json(one: Opening) -> dict[str, Any]:
    """An open project as the API gives it; null = none set, or wide-area."""
    return {
        "id": one.id,
        "title": one.title,
        "url": one.url,
        "category": one.system_type_code,
        "category_label": one.system_type_name,
        "lead": one.lead_name,
        "prefecture": one.prefecture_code,
        "closes_at": one.closes_at.isoformat() if one.closes_at else None,
        "bodies": one.bodies,
        "fictional": one.fictional,
    }


def _item(one: Opening) -> OpeningItem:
    closes = f"参加の締切 {jst(one.closes_at)}" if one.closes_at else "参加の締切は決まっていません"
    return OpeningItem(
        title=one.title,
        url=one.url,
        description=f"幹事：{one.lead_name}",
        meta=(closes, f"参加 {number(one.bodies)}団体", _place(one.prefecture_code)),
        chips=(one.system_type_name,),
        fictional=one.fictional,
    )


def _place(code: str | None) -> str:
    return prefecture_name(code) or WIDE_AREA
