"""The form of the sharing terms: the office's choices, and how the stored terms read them."""

from decimal import Decimal
from typing import Any

from wtforms import HiddenField, SelectField
from wtforms.validators import ValidationError

from accounts.codes import is_body_code
from catalog.plan_units import Kind
from foundation.forms import LineField, MoyaiForm, PercentField, WholeNumberField
from procurement.domain.allocation import Cap
from procurement.domain.rules import parse_rule
from procurement.domain.terms import (
    FiguresUpdate,
    LateJoiner,
    Leaver,
    Payer,
    PopulationSource,
    StandaloneBasis,
)

MIXED = "mixed"
RULES = [
    ("equal", "均等割"),
    ("population", "人口割"),
    ("households", "世帯割"),
    ("quantity", "数量割"),
    ("degressive", "逓減割（人口2倍で負担1.5倍）"),
    ("mixed:population", "均等割＋人口割（混合）"),
    ("mixed:quantity", "均等割＋数量割（混合）"),
]
ROUNDINGS = [
    ("largest_remainder", "最大剰余方式（合計が1円まで一致）"),
    ("floor:100", "100円未満切捨て（不足分は幹事団体）"),
    ("floor:1000", "1,000円未満切捨て（不足分は幹事団体）"),
]


def _labels(enum: Any) -> list[tuple[str, str]]:
    return [(each.value, each.label) for each in enum]


class TermsForm(MoyaiForm):
    """Rule per category, parts taken off first, rounding, and the terms over time."""

    seen_version = HiddenField()
    initial_rule = SelectField("初期費用の負担ルール", choices=RULES)
    recurring_rule = SelectField("運用費の負担ルール", choices=RULES)
    equal_percent = WholeNumberField("混合のときの均等割の割合", minimum=0, maximum=100, default=30)
    population_source = SelectField("人口の出典", choices=_labels(PopulationSource))
    prefecture_part = LineField(
        "都道府県の負担分",
        description="割合（例：30%）か、期間合計の円（例：500000）。空欄ならなし。",
    )
    rounding = SelectField("端数処理", choices=ROUNDINGS)
    lead_code = LineField("切捨ての不足分を負担する団体コード")
    cap = SelectField("単独額の上限", choices=_labels(Cap))
    standalone_basis = SelectField("単独額の算出", choices=_labels(StandaloneBasis))
    late_joiner = SelectField("途中参加", choices=_labels(LateJoiner))
    leaver = SelectField("途中離脱", choices=_labels(Leaver))
    leaver_notice_months = WholeNumberField("離脱の予告期間", minimum=0, maximum=36, default=6)
    figures_update = SelectField("人口・数量の更新", choices=_labels(FiguresUpdate))
    tolerance_percent = PercentField("同意の上限の許容幅（%）")

    def validate_lead_code(self, field: LineField) -> None:
        """A code that is none would leave the shortfall to nobody."""
        if field.data and not is_body_code(field.data):
            raise ValidationError("団体コードは、検査数字まで合う数字6桁で入力してください。")

    def wanted(self) -> dict[str, Any]:
        """The stored form of the terms."""
        percent = self.equal_percent.data if self.equal_percent.data is not None else 30
        return {
            "rules": {
                Kind.INITIAL.value: _rule_text(self.initial_rule.data, percent),
                Kind.RECURRING.value: _rule_text(self.recurring_rule.data, percent),
                Kind.OPTION.value: "own_use",
            },
            "population_source": self.population_source.data,
            "parts": _parts(self.prefecture_part.data or ""),
            "rounding": self.rounding.data,
            "lead_code": self.lead_code.data or None,
            "cap": self.cap.data,
            "standalone_basis": self.standalone_basis.data,
            "late_joiner": self.late_joiner.data,
            "leaver": self.leaver.data,
            "leaver_notice_months": self.leaver_notice_months.data or 0,
            "figures_update": self.figures_update.data,
            "tolerance_percent": str(
                3 if self.tolerance_percent.data is None else self.tolerance_percent.data
            ),
        }


def _rule_text(choice: str, equal_percent: int) -> str:
    if not choice.startswith(f"{MIXED}:") or "=" in choice:
        return choice
    other = choice.removeprefix(f"{MIXED}:")
    return f"mixed:equal={equal_percent},{other}={100 - equal_percent}"


def _parts(text: str) -> list[dict[str, Any]]:
    if not text:
        return []
    payer = Payer.PREFECTURE.value
    if text.endswith("%"):
        kinds = (Kind.INITIAL, Kind.RECURRING)
        return [{"payer": payer, "part": text, "category": kind.value} for kind in kinds]
    amount = text.removesuffix("円").replace(",", "")
    return [{"payer": payer, "part": amount, "category": None}]


def terms_values(stored: dict[str, Any], row_version: int) -> dict[str, Any]:
    """The stored draft as the form shows it."""
    rules = stored.get("rules", {})
    values = {name: stored[name] for name in _AS_STORED if stored.get(name) is not None}
    parts = stored.get("parts", [])
    return values | {
        "seen_version": row_version,
        "initial_rule": _choice(rules.get("initial", "equal")),
        "recurring_rule": _choice(rules.get("recurring", "population")),
        "equal_percent": _equal_percent(rules),
        "prefecture_part": parts[0]["part"] if parts else "",
        "tolerance_percent": Decimal(stored.get("tolerance_percent", "3")),
    }


_AS_STORED = (
    "population_source",
    "rounding",
    "lead_code",
    "cap",
    "standalone_basis",
    "late_joiner",
    "leaver",
    "leaver_notice_months",
    "figures_update",
)


def make_terms_form(stored: dict[str, Any], row_version: int) -> TermsForm:
    """The form with what is stored; a rule the choices do not know stays selectable."""
    form = TermsForm(formdata=None, data=terms_values(stored, row_version))
    keep_unknown_rules(form, stored)
    return form


def keep_unknown_rules(form: TermsForm, stored: dict[str, Any]) -> None:
    """A rule entered elsewhere (段階割 …) is offered as it is, so that saving keeps it."""
    rules = stored.get("rules", {})
    known = {value for value, _ in RULES}
    for field, kind in ((form.initial_rule, "initial"), (form.recurring_rule, "recurring")):
        choice = _choice(rules.get(kind, "equal"))
        if choice not in known:
            field.choices = [*RULES, (choice, parse_rule(choice).label)]


def _choice(text: str) -> str:
    """A stored rule as one of the choices, or its own text."""
    if not text.startswith("mixed:equal="):
        return text
    other = text.rsplit(",", maxsplit=1)[-1].split("=", maxsplit=1)[0]
    choice = f"{MIXED}:{other}"
    return choice if choice in {value for value, _ in RULES} and text.count(",") == 1 else text


def _equal_percent(rules: dict[str, str]) -> int:
    for text in rules.values():
        if text.startswith("mixed:equal="):
            return int(text.removeprefix("mixed:equal=").split(",")[0])
    return 30
