"""Synthetic Japanese corpora of any size, the same on every machine.

Each document is put together from what the repository has: a system type drawn as often as the
example data has it, one of its names, summaries, features, effects and lessons
(catalog/data/example_texts.csv), one of the 1,788 real municipalities, an invented vendor, a
price, a year. One in 25 is for bodies only and one in 8 has a part that is: our index keeps
these from the visitor who asks, the others are not given them. The first N documents of a
larger corpus are the corpus of N.
"""

from collections import defaultdict
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from random import Random

from catalog.search.bands import BANDS
from catalog.search.documents import SearchDocument, Viewer
from foundation.tables import read_table

ROOT = Path(__file__).resolve().parents[1]
NOW = datetime(2026, 11, 20, 1, 0, tzinfo=UTC)
FACETS = ("category", "prefecture", "price_band", "fiscal_year")
YEARS = tuple(str(year) for year in range(2017, 2027))
_VENDOR_HEADS = (
    "舫", "潮路", "白波", "朝凪", "千鳥", "若葉", "青嶺", "常盤", "瑞雲", "東雲", "花筏", "水面",
    "遠山", "星合", "小夜", "夕映", "初音", "蓬", "早苗", "山吹", "桔梗", "藤波", "松籟", "千歳",
)  # fmt: skip
_VENDOR_TAILS = ("情報", "ソフト", "データ", "電算", "システムズ", "テック", "計算センター", "総研")


@dataclass(frozen=True, kw_only=True)
class Vocabulary:
    """What documents and queries are made of."""

    types: dict[str, tuple[str, str]]  # code → name, area
    shares: tuple[int, ...]  # of the types, in order
    texts: dict[str, dict[str, tuple[str, ...]]]  # code → kind of text → texts
    bodies: tuple[tuple[str, str], ...]  # name, prefecture's code


@cache
def vocabulary() -> Vocabulary:
    """Read the repository's tables."""
    data = ROOT / "catalog" / "data"
    types = {
        row.cells["code"]: (row.cells["name"], row.cells["area"])
        for row in read_table(data / "system_types.csv", ("code", "name", "area"))
    }
    texts: dict[str, dict[str, list[str]]] = {code: defaultdict(list) for code in types}
    for row in read_table(data / "example_texts.csv", ("kind", "system_type", "text")):
        if row.cells["system_type"] in texts:
            texts[row.cells["system_type"]][row.cells["kind"]].append(row.cells["text"])
    shares = {
        row.cells["system_type"]: int(row.cells["offerings"]) + int(row.cells["cases"])
        for row in read_table(data / "example_types.csv", ("system_type", "offerings", "cases"))
    }
    bodies = read_table(
        ROOT / "accounts" / "data" / "local_bodies.csv", ("name", "kind", "prefecture_code")
    )
    return Vocabulary(
        types=types,
        shares=tuple(shares.get(code, 1) for code in types),
        texts={
            code: {kind: tuple(found) for kind, found in kinds.items()}
            for code, kinds in texts.items()
        },
        bodies=tuple(
            (row.cells["name"], row.cells["prefecture_code"])
            for row in bodies
            if row.cells["kind"] != "prefecture"
        ),
    )


def make_corpus(size: int) -> list[SearchDocument]:
    """So many documents, drawn with a fixed seed."""
    random = Random(20261120)
    return [make_document(random, number) for number in range(1, size + 1)]


def make_document(random: Random, number: int) -> SearchDocument:
    """An offering or a case, with that number."""
    known = vocabulary()
    (code,) = random.choices(tuple(known.types), known.shares)
    name, prefecture = random.choice(known.bodies)
    vendor = f"架空{random.choice(_VENDOR_HEADS)}{random.choice(_VENDOR_TAILS)}株式会社"
    kind = random.choice(("offering", "case"))
    (band,) = random.choices([value for value, *_ in BANDS["price_band"]], (2, 4, 9, 9, 5, 2, 1))
    return SearchDocument(
        kind=kind,
        object_id=number,
        title=_title(random, kind, code, name),
        url=f"/{kind}s/{number}",
        vendor=vendor,
        category=known.types[code][0],
        body=_body(random, code, name),
        government_body="脆弱性診断を毎年受けている。" if random.random() < 1 / 8 else "",
        facets={
            "category": (code,),
            "prefecture": (prefecture,),
            "price_band": (band,),
            "fiscal_year": (random.choice(YEARS),),
        },
        updated_at=NOW - timedelta(minutes=random.randrange(600_000)),
        visibility=Viewer.GOVERNMENT if random.random() < 1 / 25 else Viewer.PUBLIC,
        fictional=True,
    )


def _title(random: Random, kind: str, code: str, body_name: str) -> str:
    known = vocabulary()
    noun = random.choice(known.texts[code].get("noun", (known.types[code][0],)))
    if kind == "offering":
        return f"架空{noun}{random.choice(('', '', ' クラウド版', ' 標準版', ' 共同利用版'))}"
    return f"{body_name}ほか{random.randint(2, 30)}団体の{known.types[code][0]}共同調達"


def _body(random: Random, code: str, body_name: str) -> str:
    texts = vocabulary().texts[code]
    parts = [f"{body_name}で使われています"]
    for kind, most in (("summary", 1), ("feature", 5), ("effect", 1), ("know_how", 1)):
        found = texts.get(kind, ())
        parts += random.sample(found, min(len(found), random.randint(1, most)))
    return "。".join(parts) + "。"
