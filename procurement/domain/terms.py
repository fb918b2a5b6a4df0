"""The terms bodies agree on before anything is computed: rule per category, parts, time (§3)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from catalog.pricing import Kind, Unit
from foundation.clock import add_months
from foundation.errors import Blocker, Refused, refuse
from foundation.labels import LabelledEnum
from foundation.text import read_decimal, read_whole_number
from procurement.domain.allocation import (
    LARGEST_REMAINDER,
    Cap,
    Part,
    Rounding,
    parse_part,
    parse_rounding,
)
from procurement.domain.rules import Method, Rule, RuleTextError, parse_rule

DEFAULT_TERM_MONTHS = 60
MAX_TERM_MONTHS = 120
DEFAULT_TOLERANCE_PERCENT = Decimal(3)
DEFAULT_TAX_RATE = Decimal(10)
DEFAULT_ORDER = (Kind.INITIAL, Kind.RECURRING, Kind.OPTION)


class PopulationSource(LabelledEnum):
    """Which population counts; the two give different shares."""

    CENSUS_2020 = "census_2020", "令和2年国勢調査（2020年10月1日）"
    REGISTER_2025 = "register_2025", "住民基本台帳（2025年1月1日）"


class LateJoiner(LabelledEnum):
    """A late joiner's part of the initial cost."""

    NOTHING = "nothing", "初期費用を負担しない"
    OWN_SETUP = "own_setup", "自団体の導入分だけを負担する"
    SHARE_WITH_CREDIT = "share_with_credit", "初期費用を分担し、先に負担した団体へ精算する"


class Leaver(LabelledEnum):
    """What a body pays that leaves before the end of the term."""

    NOTICE = "notice", "予告期間を経て、離脱月まで負担する"
    TO_TERM_END = "to_term_end", "契約期間の終わりまで負担する"
    DIFFERENCE = "difference", "離脱で残る団体に生じる差額を負担する"


class FiguresUpdate(LabelledEnum):
    """Whether population and quantities follow the years."""

    FROZEN = "frozen", "締結時の数値に固定"
    APRIL = "april", "毎年4月に更新"


class StandaloneBasis(LabelledEnum):
    """The one kind of stand-alone figure a computation uses; the two are never mixed."""

    PLAN = "plan", "料金プランを単独の数量で計算"
    DECLARED = "declared", "各団体の見積・現行費用"


class Payer(LabelledEnum):
    PREFECTURE = "prefecture", "都道府県負担分"
    GRANT = "grant", "交付金・補助金"


@dataclass(frozen=True, kw_only=True)
class DeclaredPart:
    """A part taken off before sharing.

    category None is a lump sum for the whole term, taken from categories in `order`.
    A yen amount of one category is for the whole term too; a percent is of each amount.
    """

    payer: Payer
    part: Part
    category: Kind | None = None
    order: tuple[Kind, ...] = DEFAULT_ORDER
    name: str = ""

    def __post_init__(self) -> None:
        if self.category is None and self.part.percent:
            raise refuse(
                "part_lump", "一括の負担分は円で入力してください（百分率は費目ごと）。", "parts"
            )

    @property
    def categories(self) -> tuple[Kind, ...]:
        """The categories it is taken from, in order."""
        return (self.category,) if self.category else self.order

    @property
    def label(self) -> str:
        """「滋賀県」 if named, else who pays."""
        return self.name or self.payer.label


def default_rules() -> dict[Kind, Rule]:
    """Initial cost equally, running cost by population, options by what each uses."""
    return {
        Kind.INITIAL: Rule(method=Method.EQUAL),
        Kind.RECURRING: Rule(method=Method.POPULATION),
        Kind.OPTION: Rule(method=Method.OWN_USE),
    }


@dataclass(frozen=True, kw_only=True)
class SharingTerms:
    """Everything a body consents to besides its own maximum.

    term_start: the first day of a month. tax_rate: percent, for amounts without their own.
    quantity_unit: what `quantity` counts. percents: body code → its part by 負担割合表.
    """

    term_start: date
    term_months: int = DEFAULT_TERM_MONTHS
    rules: Mapping[Kind, Rule] = field(default_factory=default_rules)
    rounding: Rounding = LARGEST_REMAINDER
    lead_code: str | None = None
    parts: tuple[DeclaredPart, ...] = ()
    cap: Cap = Cap.NONE
    population_source: PopulationSource = PopulationSource.CENSUS_2020
    quantity_unit: Unit = Unit.ACCOUNT
    late_joiner: LateJoiner = LateJoiner.OWN_SETUP
    leaver: Leaver = Leaver.NOTICE
    leaver_notice_months: int = 6
    figures_update: FiguresUpdate = FiguresUpdate.FROZEN
    tolerance_percent: Decimal = DEFAULT_TOLERANCE_PERCENT
    tax_rate: Decimal = DEFAULT_TAX_RATE
    standalone_basis: StandaloneBasis = StandaloneBasis.PLAN
    percents: Mapping[str, Decimal] = field(default_factory=dict)

    def __post_init__(self) -> None:
        faults = list_terms_blockers(self)
        if faults:
            raise Refused(faults)

    @property
    def term_end(self) -> date:
        """The first day after the term."""
        return add_months(self.term_start, self.term_months)

    @property
    def rule_label(self) -> str:
        """「初期費用：均等割、運用費：人口割、オプション：実費」."""
        return "、".join(f"{kind.label}：{self.rules[kind].label}" for kind in DEFAULT_ORDER)

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> "SharingTerms":
        """Read the stored JSON. Raises Refused with a field for each value that cannot stand."""
        known = {
            name: reader(data[name], name) for name, reader in _READERS.items() if name in data
        }
        unknown = sorted(set(data) - set(_READERS))
        if unknown:
            raise refuse("terms_field", f"負担条件の項目「{'、'.join(unknown)}」はありません。")
        if "term_start" not in known:
            raise refuse("terms_field", "共同利用の開始月を入力してください。", "term_start")
        return cls(**known)

    def to_dict(self) -> dict[str, Any]:
        """The stored JSON: enums by value, rules as text, numbers exact as strings."""
        # Named only where there are some: versions of before had none, and keep their hash.
        percents = {code: str(percent) for code, percent in sorted(self.percents.items())}
        return ({"percents": percents} if percents else {}) | {
            "term_start": self.term_start.isoformat(),
            "term_months": self.term_months,
            "rules": {kind.value: self.rules[kind].text for kind in DEFAULT_ORDER},
            "rounding": self.rounding.text,
            "lead_code": self.lead_code,
            "parts": [_part_to_dict(part) for part in self.parts],
            "cap": self.cap.value,
            "population_source": self.population_source.value,
            "quantity_unit": self.quantity_unit.value,
            "late_joiner": self.late_joiner.value,
            "leaver": self.leaver.value,
            "leaver_notice_months": self.leaver_notice_months,
            "figures_update": self.figures_update.value,
            "tolerance_percent": str(self.tolerance_percent),
            "tax_rate": str(self.tax_rate),
            "standalone_basis": self.standalone_basis.value,
        }


def list_terms_blockers(terms: SharingTerms) -> list[Blocker]:
    """Every reason why these terms cannot stand, with its field."""
    checks = (
        (terms.term_start.day == 1, "term_start", "共同利用の開始日は月の初日にしてください。"),
        (
            1 <= terms.term_months <= MAX_TERM_MONTHS,
            "term_months",
            f"期間は1か月から{MAX_TERM_MONTHS}か月までにしてください。",
        ),
        (
            set(terms.rules) == set(DEFAULT_ORDER),
            "rules",
            "負担ルールは初期費用・運用費・オプションのそれぞれに定めてください。",
        ),
        (
            0 <= terms.leaver_notice_months <= 36,
            "leaver_notice_months",
            "離脱の予告期間は0か月から36か月までにしてください。",
        ),
        (
            0 <= terms.tolerance_percent <= 100,
            "tolerance_percent",
            "許容幅は0%から100%までにしてください。",
        ),
        (0 <= terms.tax_rate <= 100, "tax_rate", "税率は0%から100%までにしてください。"),
        (
            terms.rounding.floor_unit_yen is None or terms.lead_code is not None,
            "lead_code",
            "切捨てを選ぶ場合は、不足分を負担する幹事団体を定めてください。",
        ),
    )
    return [
        Blocker(code=f"terms_{name}", message=message, field=name)
        for holds, name, message in checks
        if not holds
    ]


def _part_to_dict(declared: DeclaredPart) -> dict[str, Any]:
    return {
        "payer": declared.payer.value,
        "part": declared.part.text,
        "category": declared.category.value if declared.category else None,
        "order": [kind.value for kind in declared.order],
        "name": declared.name,
    }


def _read_part(data: Mapping[str, Any]) -> DeclaredPart:
    category = data.get("category")
    return DeclaredPart(
        payer=Payer(data["payer"]),
        part=parse_part(str(data["part"])),
        category=Kind(category) if category else None,
        order=tuple(Kind(kind) for kind in data.get("order", DEFAULT_ORDER)),
        name=str(data.get("name", "")),
    )


def _reader(read: Any) -> Any:
    """A reader whose failure is a refusal naming the field, in Japanese."""

    def read_field(value: Any, name: str) -> Any:
        try:
            return read(value)
        except RuleTextError as error:
            raise refuse(f"terms_{name}", str(error), name) from None
        except (ValueError, TypeError, KeyError):
            message = f"負担条件「{name}」の値「{value}」は使えません。"
            raise refuse(f"terms_{name}", message, name) from None

    return read_field


def _read_rules(data: Mapping[str, str]) -> dict[Kind, Rule]:
    return default_rules() | {Kind(kind): parse_rule(text) for kind, text in data.items()}


_READERS: Mapping[str, Any] = {
    "term_start": _reader(lambda v: v if isinstance(v, date) else date.fromisoformat(v)),
    "term_months": _reader(read_whole_number),
    "rules": _reader(_read_rules),
    "rounding": _reader(parse_rounding),
    "lead_code": _reader(lambda v: v or None),
    "parts": _reader(lambda v: tuple(_read_part(part) for part in v)),
    "cap": _reader(Cap),
    "population_source": _reader(PopulationSource),
    "quantity_unit": _reader(Unit),
    "late_joiner": _reader(LateJoiner),
    "leaver": _reader(Leaver),
    "leaver_notice_months": _reader(read_whole_number),
    "figures_update": _reader(FiguresUpdate),
    "tolerance_percent": _reader(read_decimal),
    "tax_rate": _reader(read_decimal),
    "standalone_basis": _reader(StandaloneBasis),
    "percents": _reader(lambda v: {code: read_decimal(percent) for code, percent in v.items()}),
}
