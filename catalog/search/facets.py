"""The facets one can narrow by: names, Japanese labels, order, bands. The one table of them.

A facet's name is the parameter that filters by it, in addresses and in the API.
"""

from bisect import bisect_right
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from catalog.criteria import criteria_by_key
from catalog.entries import CaseKind, CaseStatus, ContractModel, ProcurementMethod
from foundation.clock import fiscal_year_label
from foundation.labels import LabelledEnum


class Order(StrEnum):
    """How the values of a facet are listed."""

    TABLE = "table"  # as the table of labels has them
    COUNT = "count"  # most results first
    NEWEST = "newest"  # highest value first


@dataclass(frozen=True, kw_only=True)
class Facet:
    """One facet. `labels` may be completed from the database (sources.register_labels)."""

    name: str
    label: str
    order: Order = Order.TABLE
    labels: Mapping[str, str] = field(default_factory=dict)
    note: str = ""

    def word(self, value: str) -> str:
        """The word for a value; one that no table knows is its own word."""
        if self.name == "fiscal_year" and value.isascii() and value.isdigit():
            return fiscal_year_label(int(value))
        return self.labels.get(value, value)


# (value, from this number on, label); the last row has no upper end.
_POPULATION_BANDS = (
    ("p0", 0, "5千人未満"),
    ("p5k", 5_000, "5千人以上1万人未満"),
    ("p10k", 10_000, "1万人以上3万人未満"),
    ("p30k", 30_000, "3万人以上5万人未満"),
    ("p50k", 50_000, "5万人以上10万人未満"),
    ("p100k", 100_000, "10万人以上20万人未満"),
    ("p200k", 200_000, "20万人以上50万人未満"),
    ("p500k", 500_000, "50万人以上"),
)
_PRICE_BANDS = (
    ("y0", 0, "50万円未満"),
    ("y500k", 500_000, "50万円以上100万円未満"),
    ("y1m", 1_000_000, "100万円以上300万円未満"),
    ("y3m", 3_000_000, "300万円以上1,000万円未満"),
    ("y10m", 10_000_000, "1,000万円以上3,000万円未満"),
    ("y30m", 30_000_000, "3,000万円以上1億円未満"),
    ("y100m", 100_000_000, "1億円以上"),
)
BANDS = {"population_band": _POPULATION_BANDS, "price_band": _PRICE_BANDS}

_PREFECTURES = (
    "北海道 青森県 岩手県 宮城県 秋田県 山形県 福島県 茨城県 栃木県 群馬県 埼玉県 千葉県 "
    "東京都 神奈川県 新潟県 富山県 石川県 福井県 山梨県 長野県 岐阜県 静岡県 愛知県 三重県 "
    "滋賀県 京都府 大阪府 兵庫県 奈良県 和歌山県 鳥取県 島根県 岡山県 広島県 山口県 徳島県 "
    "香川県 愛媛県 高知県 福岡県 佐賀県 長崎県 熊本県 大分県 宮崎県 鹿児島県 沖縄県"
).split()


def _words(members: Iterable[LabelledEnum]) -> dict[str, str]:
    return {member.value: member.label for member in members}


def _answers(criterion: str) -> dict[str, str]:
    return criteria_by_key()[criterion].choice_labels


FACETS: tuple[Facet, ...] = (
    Facet(
        name="kind",
        label="種別",
        labels={
            "offering": "掲載サービス",
            "case": "調達事例",
            "project": "共同調達案件",
            "spec": "仕様書",
            "program": "支援制度",
        },
    ),
    Facet(
        name="fictional",
        label="実データ・架空データ",
        labels={"real": "実データ", "fictional": "架空データ"},
    ),
    Facet(name="case_kind", label="事例の区分", labels=_words(CaseKind)),
    Facet(name="category", label="システム種別", order=Order.COUNT),
    Facet(name="status", label="状況", labels=_words(CaseStatus)),
    Facet(
        name="prefecture",
        label="都道府県",
        labels={f"{number:02}": name for number, name in enumerate(_PREFECTURES, start=1)}
        | {"99": "架空県", "00": "全国・広域"},
        note="掲載サービスは事業者の所在地",
    ),
    Facet(
        name="population_band",
        label="人口規模",
        labels={value: label for value, _, label in _POPULATION_BANDS},
        note="幹事・実施団体が市区町村のもの（令和2年国勢調査）",
    ),
    Facet(name="fiscal_year", label="開始年度", order=Order.NEWEST),
    Facet(name="procurement_method", label="調達方式", labels=_words(ProcurementMethod)),
    Facet(name="contract_model", label="契約の形", labels=_words(ContractModel)),
    Facet(
        name="price_band",
        label="価格帯（年額）",
        labels={value: label for value, _, label in _PRICE_BANDS},
        note="掲載サービスは人口3万人の団体が単独で使う場合の税抜の目安、事例は記載の年額",
    ),
    Facet(name="lgwan", label="LGWAN接続口", labels=_answers("lgwan_endpoint")),
    Facet(name="lgwan_asp", label="LGWAN-ASP登録", labels=_answers("lgwan_asp_registration")),
    Facet(name="hosting", label="設置場所", labels=_answers("hosting")),
    Facet(name="certification", label="認証・登録", labels=_answers("certifications")),
    Facet(
        name="know_how", label="ノウハウ", labels={"yes": "ノウハウあり", "no": "ノウハウ未登録"}
    ),
)
FACETS_BY_NAME = {facet.name: facet for facet in FACETS}
FACET_NAMES: tuple[str, ...] = tuple(FACETS_BY_NAME)


def band_of(facet: str, number: int | None) -> tuple[str, ...]:
    """The band a number falls in, as facet values: none when the number is not known."""
    if number is None or number < 0:
        return ()
    bands = BANDS[facet]
    index = bisect_right([lower for _, lower, _ in bands], number) - 1
    return (bands[index][0],)
