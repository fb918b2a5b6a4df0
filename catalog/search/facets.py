"""The facets one can narrow by: names, Japanese labels, order, bands. The one table of them.

A facet's name is the parameter that filters by it, in addresses and in the API.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from catalog.criteria import CRITERIA
from catalog.criterion import AnswerType, Criterion
from catalog.entries import CaseKind, CaseStatus, ContractModel, ProcurementMethod
from catalog.plan_units import Unit
from catalog.policy import PolicyScope
from catalog.search.bands import DEADLINES, band_labels
from foundation.clock import fiscal_year_label
from foundation.labels import LabelledEnum


class Order(StrEnum):
    """How the values of a facet are listed."""

    TABLE = "table"  # as the table of labels has them
    COUNT = "count"  # most results first
    NEWEST = "newest"  # highest value first


@dataclass(frozen=True, kw_only=True)
class Facet:
    """One facet. `labels` may be completed from the database (sources.register_labels).

    lists_all: values that no entry has are shown too, with 0.
    """

    name: str
    label: str
    order: Order = Order.TABLE
    labels: Mapping[str, str] = field(default_factory=dict)
    note: str = ""
    lists_all: bool = False

    def word(self, value: str) -> str:
        """The word for a value; one that no table knows is its own word."""
        if self.name == "fiscal_year" and value.isascii() and value.isdigit():
            return fiscal_year_label(int(value))
        return self.labels.get(value, value)


_PREFECTURES = (
    "北海道 青森県 岩手県 宮城県 秋田県 山形県 福島県 茨城県 栃木県 群馬県 埼玉県 千葉県 "
    "東京都 神奈川県 新潟県 富山県 石川県 福井県 山梨県 長野県 岐阜県 静岡県 愛知県 三重県 "
    "滋賀県 京都府 大阪府 兵庫県 奈良県 和歌山県 鳥取県 島根県 岡山県 広島県 山口県 徳島県 "
    "香川県 愛媛県 高知県 福岡県 佐賀県 長崎県 熊本県 大分県 宮崎県 鹿児島県 沖縄県"
).split()


def _words(members: Iterable[LabelledEnum]) -> dict[str, str]:
    return {member.value: member.label for member in members}


# Where a facet is called otherwise than its criterion; such names stand in addresses.
_FACET_OF_CRITERION = {
    "purposes": "purpose",
    "technologies": "technology",
    "lgwan_endpoint": "lgwan",
    "lgwan_asp_registration": "lgwan_asp",
    "certifications": "certification",
}
_FACET_NOTES = {
    "certifications": "事業者の申告による。有効期限を過ぎたものも含み、掲載のページに印が付きます",
}
_CHOSEN = (AnswerType.CHOICE, AnswerType.CHOICES, AnswerType.TABLE)

# Area of a system type, as the tree names it → the facet's value.
AREAS = {"総務部門": "administration", "事業部門": "operations", "ツール": "tool"}


def facet_of_criterion(criterion: Criterion) -> str:
    """The facet by which the criterion's answers are narrowed."""
    return _FACET_OF_CRITERION.get(criterion.key, criterion.key)


FACET_CRITERIA: tuple[Criterion, ...] = tuple(
    criterion for criterion in CRITERIA if criterion.facet and criterion.type in _CHOSEN
)


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
    Facet(
        name="area", label="システム種別の部門", labels={code: name for name, code in AREAS.items()}
    ),
    Facet(name="policy_scope", label="国の方針との関係", labels=_words(PolicyScope)),
    Facet(name="status", label="状況", labels=_words(CaseStatus)),
    Facet(
        name="deadline",
        label="締切",
        labels={value: label for value, _, _, label in DEADLINES},
        note="いまの時刻で数えます",
    ),
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
        labels=band_labels("population_band"),
        note="幹事・実施団体（掲載サービスは導入事例の団体）が市区町村のもの。令和2年国勢調査",
    ),
    Facet(name="fiscal_year", label="開始年度", order=Order.NEWEST),
    Facet(name="procurement_method", label="調達方式", labels=_words(ProcurementMethod)),
    Facet(name="contract_model", label="契約の形", labels=_words(ContractModel)),
    Facet(
        name="funding_program",
        label="関係する支援制度",
        order=Order.COUNT,
        note="事例は記録に名前のある制度、掲載サービスと案件は資料が種別や条件を挙げている制度。"
        "対象になるとは限りません",
        lists_all=True,
    ),
    Facet(
        name="spec",
        label="適合する仕様書",
        order=Order.COUNT,
        note="掲載サービスの申告または第三者の確認による。事例と案件は、使う製品のもの",
        lists_all=True,
    ),
    Facet(
        name="know_how", label="ノウハウ", labels={"yes": "ノウハウあり", "no": "ノウハウ未登録"}
    ),
    Facet(
        name="price_band",
        label="価格帯（年額）",
        labels=band_labels("price_band"),
        note="掲載サービスは人口3万人の団体が単独で使う場合の税抜の目安、事例は記載の年額",
    ),
    Facet(name="pricing_unit", label="課金の単位", labels=_words(Unit)),
    Facet(
        name="vendor_size",
        label="スタートアップ・中小企業",
        labels={"startup": "スタートアップ", "sme": "中小企業"},
        note="事業者の申告による",
    ),
    # What a catalog entry is asked: declared once, in catalog.criteria.
    *(
        Facet(
            name=facet_of_criterion(c),
            label=c.label,
            labels=c.choice_labels,
            note=_FACET_NOTES.get(c.key, ""),
        )
        for c in FACET_CRITERIA
    ),
)
FACETS_BY_NAME = {facet.name: facet for facet in FACETS}
FACET_NAMES: tuple[str, ...] = tuple(FACETS_BY_NAME)


def system_type_facets(code: str, area: str, policy_scope: str) -> dict[str, tuple[str, ...]]:
    """What every entry of a system type can be narrowed by."""
    return {
        "category": (code,),
        "area": (AREAS[area],) if area in AREAS else (),
        "policy_scope": (policy_scope,),
    }
