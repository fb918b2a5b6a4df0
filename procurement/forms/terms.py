"""The form of the sharing terms: the office's choices, and how the stored terms read them."""

from decimal import Decimal
from typing import Any

from wtforms import HiddenField, SelectField, TextAreaField
from wtforms.validators import ValidationError

from accounts.codes import is_body_code
from catalog.plan_units import Kind
from foundation.errors import Refused
from foundation.forms import LineField, MoyaiForm, PercentField, WholeNumberField
from procurement.domain.allocation import Cap
from procurement.domain.rules import RuleTextError, parse_rule
from procurement.domain.terms import (
    FiguresUpdate,
    LateJoiner,
    Leaver,
    Payer,
    PopulationSource,
    StandaloneBasis,
)
from procurement.forms.rules import (
    DEFAULT_EQUAL_PERCENT,
    RULES,
    banded_text,
    choice_of,
    read_percents,
    rule_text,
    typed_settings,
)

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
    option_rule = SelectField("オプションの負担ルール", choices=RULES, default="own_use")
    equal_percent = WholeNumberField("混合のときの均等割の割合", minimum=0, maximum=100, default=30)
    exponent = LineField(
        "逓減割の指数", description="0より大きく1以下（例：0.7）。空欄なら約0.585。"
    )
    bands = LineField(
        "段階割の段階",
        description="人口の下限=重みを「、」で区切ります（例：0=1、10000=1.5、50000=2）。",
    )
    percents = TextAreaField(
        "負担割合表", description="1行に「団体コード 割合」（例：252018 12.5）。合計は100%。"
    )
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

    def validate_exponent(self, field: LineField) -> None:
        """Typed for a rule that is chosen or not, it must be one."""
        if field.data:
            _check_rule(f"degressive:exponent={field.data}")

    def validate_bands(self, field: LineField) -> None:
        """The bands must stand by themselves."""
        if field.data or self._chooses("banded"):
            _check_rule(banded_text(field.data or ""))

    def validate_percents(self, field: TextAreaField) -> None:
        """Lines that are none, codes twice, a sum that is not 100: each is named."""
        if self._chooses("fixed_table") and not (field.data or "").strip():
            raise ValidationError("負担割合表を選んだときは、団体ごとの割合を入力してください。")
        try:
            read_percents(field.data or "")
        except ValueError as error:
            raise ValidationError(str(error)) from None

    def _chooses(self, choice: str) -> bool:
        chosen = (self.initial_rule.data, self.recurring_rule.data, self.option_rule.data)
        return choice in chosen

    def _rule_text(self, choice: str) -> str:
        percent = self.equal_percent.data
        return rule_text(
            choice,
            DEFAULT_EQUAL_PERCENT if percent is None else percent,
            self.exponent.data or "",
            self.bands.data or "",
        )

    def wanted(self) -> dict[str, Any]:
        """The stored form of the terms."""
        return {
            "rules": {
                Kind.INITIAL.value: self._rule_text(self.initial_rule.data),
                Kind.RECURRING.value: self._rule_text(self.recurring_rule.data),
                Kind.OPTION.value: self._rule_text(self.option_rule.data),
            },
            "percents": read_percents(self.percents.data or ""),
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


def _check_rule(text: str) -> None:
    try:
        parse_rule(text)
    except (RuleTextError, Refused) as error:
        raise ValidationError(str(error)) from None


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
        "initial_rule": choice_of(rules.get("initial", "equal")),
        "recurring_rule": choice_of(rules.get("recurring", "population")),
        "option_rule": choice_of(rules.get("option", "own_use")),
        **typed_settings(rules),
        "percents": "\n".join(f"{c} {p}" for c, p in stored.get("percents", {}).items()),
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


def with_rule(stored: dict[str, Any], text: str) -> dict[str, Any]:
    """The stored terms with one rule for initial and recurring cost; nothing is kept by it."""
    rules = {**stored.get("rules", {}), "initial": text, "recurring": text}
    return stored | {"rules": rules}


def keep_unknown_rules(form: TermsForm, stored: dict[str, Any]) -> None:
    """A rule entered elsewhere (a mixture of three …) is offered as it is, so saving keeps it."""
    rules = stored.get("rules", {})
    known = {value for value, _ in RULES}
    fields = (
        (form.initial_rule, "initial"),
        (form.recurring_rule, "recurring"),
        (form.option_rule, "option"),
    )
    for field, kind in fields:
        choice = choice_of(rules.get(kind, "equal"))
        if choice not in known:
            field.choices = [*RULES, (choice, parse_rule(choice).label)]
