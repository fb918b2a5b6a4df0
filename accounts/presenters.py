"""Local bodies and their facts as pages and programs are told of them."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from accounts.bodies import BodyRow, FactRow, SourceRow
from foundation.filters import UNKNOWN, number

BODY_FIELDS = {
    "code": "団体コード（6桁）",
    "name": "名前",
    "kana": "よみ",
    "kind": "種別",
    "kind_label": "種別の名前",
    "prefecture": "都道府県（2桁）",
    "prefecture_name": "都道府県の名前",
    "fictional": "true は架空の団体",
    "valid_from": "存在し始めた日（分かる場合）",
    "valid_to": "廃止された日（合併など）",
    "successor_code": "廃止後を引き継いだ団体のコード",
    "url": "ページのアドレス",
    "facts": "公表値：項目ごとに value・unit・source（sources のキー）・as_of",
}


def fact_text(fact: FactRow) -> str:
    """「1,973,395人」; codes and indices as they are; 「記載なし」 where nothing is published."""
    if fact.value is None:
        return UNKNOWN
    if isinstance(fact.value, int):
        return f"{number(fact.value)}{fact.unit}"
    return str(_plain(fact.value))


def as_of_text(source: SourceRow) -> str:
    """The day or year a source describes, said plainly where it is not known."""
    return source.as_of or "基準日の記載なし"


def body_json(body: BodyRow) -> dict[str, Any]:
    """A body as the API gives it: each fact with its unit, source and the day it describes."""
    return {
        "code": body.code,
        "name": body.name,
        "kana": body.kana,
        "kind": body.kind.value,
        "kind_label": body.kind_label,
        "prefecture": body.prefecture_code,
        "prefecture_name": body.prefecture_name,
        "fictional": body.fictional,
        "valid_from": body.valid_from,
        "valid_to": body.valid_to,
        "successor_code": body.successor_code,
        "url": f"/bodies/{body.code}",
        "facts": {fact.key: _fact_json(fact) for fact in body.facts},
    }


def sources_json(sources: Mapping[str, SourceRow]) -> dict[str, Any]:
    """The sources facts refer to, with the line to print beside them."""
    return {
        key: {
            "name": source.name,
            "publisher": source.publisher,
            "as_of": source.as_of or None,
            "url": source.url or None,
            "attribution": source.attribution,
        }
        for key, source in sorted(sources.items())
    }


def _fact_json(fact: FactRow) -> dict[str, Any]:
    return {
        "value": _plain(fact.value),
        "unit": fact.unit or None,
        "source": fact.source.key,
        "as_of": fact.source.as_of or None,
    }


def _plain(value: int | Decimal | str | None) -> int | str | None:
    """An index as it was published: 0.72, not the 0.720 the database keeps."""
    return f"{value.normalize():f}" if isinstance(value, Decimal) else value
