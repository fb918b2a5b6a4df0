"""The form of a price plan: components with tiers, rows added and taken away by buttons."""

import re
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from itertools import count
from typing import Any

from wtforms import Field, FieldList, Form, FormField, HiddenField, SelectField, TextAreaField
from wtforms.meta import DefaultMeta
from wtforms.validators import Length, Optional

from catalog.desk.tiers import TypedTier, list_tier_blockers, stored_tiers
from catalog.entries import PlanEntry
from catalog.plan_units import Kind, Period, QuantityBasis, TierBy, TierMode, Unit, UnitPart
from catalog.plans import Component, Plan
from foundation.errors import Blocker, Refused
from foundation.forms import (
    LineField,
    MoyaiForm,
    PercentField,
    ReadField,
    WholeNumberField,
    required,
)
from foundation.labels import LabelledEnum
from foundation.text import normalize, parse_decimal

MOST_COMPONENTS = 12
MOST_TIERS = 10
MOST = 1_000_000_000_000
_ROW = re.compile(r"(add|remove)-(component|tier)(?::(\d{1,3}))?(?::(\d{1,3}))?")
_KEY = re.compile(r"[a-z][a-z0-9_-]{0,39}")
_TIER_OF_MESSAGE = re.compile(r"第(\d+)段階")
# Where a component's fault is shown; the others stand beside its name.
_FAULT_FIELDS = {
    "unit_size": "unit_size",
    "minimum": "minimum_yen",
    "included": "included",
    "period": "period",
    "tier_by": "tier_by",
}


class PriceField(ReadField):
    """A unit price: yen with up to four places; 「1,200.5円」 is read too."""

    def __init__(self, label: str | None = None, validators: Any = None, **kwargs: Any) -> None:
        kwargs.setdefault("render_kw", {"inputmode": "decimal"})
        super().__init__(label, validators, **kwargs)

    def read(self, text: str) -> Decimal:
        try:
            price = parse_decimal(normalize(text).removesuffix("円"))
        except ValueError:
            raise ValueError(f"「{text}」は金額として読めません。") from None
        if price < 0 or price > MOST:
            raise ValueError("0円以上、1兆円以下で入力してください。")
        return price

    def write(self, value: Decimal) -> str:
        return format(value.normalize(), "f")


def _select(label: str, kind: type[LabelledEnum], description: str = "") -> Any:
    words = [(member.value, member.label) for member in kind]
    return SelectField(label, choices=words, description=description, validate_choice=True)


def _count(label: str, description: str = "", minimum: int = 0) -> Any:
    return WholeNumberField(
        label, [Optional()], minimum=minimum, maximum=MOST, description=description
    )


class Rows(FieldList):  # type: ignore[type-arg]
    """Rows that a form sends; names that only look like numbers are no rows."""

    def _extract_indices(self, prefix: str, formdata: Any) -> Iterator[int]:
        plain = [name for name in formdata if name.isascii()]
        return super()._extract_indices(prefix, plain)  # type: ignore[misc,no-any-return]


class RowForm(Form):
    """Parent of the rows: they speak Japanese as the form around them does."""

    class Meta(DefaultMeta):
        locales = ["ja"]


class TierForm(RowForm):
    """One tier: from, to, price."""

    from_qty = _count("から", minimum=1)
    to_qty = _count("まで", minimum=1)
    unit_price = PriceField("単価（円・税抜）", [Optional()])


class ComponentForm(RowForm):
    """One line of a plan."""

    key = HiddenField()  # what estimates know the component by; given once
    name = LineField("構成要素の名称", [required(), Length(max=60, message="60文字以内です。")])
    kind = _select("費用の種類", Kind)
    period = _select("課金の周期", Period)
    unit = _select("数える単位", Unit)
    unit_size = _count(
        "課金単位の大きさ", "例：1万文字ごとなら 10,000。ふつうは 1 です。", minimum=1
    )
    unit_part = _select("単位に満たない数", UnitPart)
    quantity_basis = _select("数量の数え方", QuantityBasis, "共同調達で合計の数量を使うかです。")
    tiers = Rows(FormField(TierForm), min_entries=1, max_entries=MOST_TIERS)
    mode = _select("段階の計算", TierMode)
    tier_by = _select("段階を数えるもの", TierBy)
    included = _count("無料で含まれる数量")
    minimum_yen = _count("最低料金（円・税抜）")

    @property
    def typed_tiers(self) -> list[TypedTier]:
        """The rows as typed, in order."""
        return [
            TypedTier(
                place=place,
                from_qty=row.form.from_qty.data,
                to_qty=row.form.to_qty.data,
                unit_price=row.form.unit_price.data,
            )
            for place, row in enumerate(self.tiers.entries)
        ]

    def stored(self, key: str) -> dict[str, Any]:
        """The component as a plan's definition holds it."""
        return {
            "key": key,
            "name": self.name.data,
            **{
                name: self[name].data
                for name in (
                    "kind",
                    "period",
                    "unit",
                    "unit_part",
                    "quantity_basis",
                    "mode",
                    "tier_by",
                )
            },
            "unit_size": self.unit_size.data or 1,
            "included": self.included.data or 0,
            "minimum_yen": self.minimum_yen.data or 0,
            **stored_tiers(self.typed_tiers),
        }


class PlanForm(MoyaiForm):
    """A plan of one seller. seen_sha256: the hash of all prices as the page showed them.

    seen_plan: the plan's name as it was opened, by which it is found again: places move when
    somebody else takes a plan out.
    """

    name = LineField("料金プランの名称", [required(), Length(max=60, message="60文字以内です。")])
    components = Rows(FormField(ComponentForm), min_entries=1, max_entries=MOST_COMPONENTS)
    tax_rate_percent = PercentField("消費税率（％）", [required()])
    not_included = TextAreaField(
        "料金に含まないもの", description="移行、研修、終了時の作業など、別に費用がかかるものです。"
    )
    price_basis = LineField("価格の根拠", description="定価、キャンペーン、見積りの条件などです。")
    seen_sha256 = HiddenField()
    seen_plan = HiddenField(validators=[Length(max=60, message="画面を開き直してください。")])

    def change_rows(self, command: str) -> None:
        """Add or take away a row: 「add-component」, 「remove-tier:0:2」; else nothing."""
        found = _ROW.fullmatch(command)
        if not found:
            return
        verb, what, first, second = found.groups()
        rows = self.components
        place = second
        if what == "tier":
            owner = _entry(self.components, first)
            if owner is None:
                return
            rows = owner.form.tiers
        else:
            place = first
        if verb == "add":
            if len(rows.entries) < (rows.max_entries or 0):
                rows.append_entry()
            self._focus(rows, len(rows.entries) - 1)
        elif place is not None and _entry(rows, place) is not None:
            if len(rows.entries) > 1:
                rows.entries.pop(int(place))
            self._focus(rows, int(place))

    def _focus(self, rows: Rows, place: int) -> None:
        """Whoever works by keyboard goes on in the row that came, or beside the one that went."""
        row = rows.entries[min(place, len(rows.entries) - 1)].form
        first = row.name if rows is self.components else row.from_qty
        first.render_kw = {**(first.render_kw or {}), "autofocus": True}

    def validate(self, extra_validators: Any = None) -> bool:
        """Whether it is a plan; the reasons are beside the fields and tiers they are about."""
        good = super().validate(extra_validators)
        # Every component says what is wrong with it, not only the first.
        checked = [_check_component(row.form) for row in self.components.entries]
        return good and all(checked)

    @property
    def entry(self) -> PlanEntry:
        """The plan as typed; its components keep their keys by place."""
        return PlanEntry(
            name=self.name.data or "",
            definition={"name": self.name.data or "", "components": self._components()},
            tax_rate_percent=self.tax_rate_percent.data or Decimal(0),
            not_included=(self.not_included.data or "").strip(),
            price_basis=self.price_basis.data or "",
        )

    def find_plan(self) -> Plan | None:
        """The plan, as far as it can be computed now."""
        try:
            return Plan.from_dict(self.entry.definition)
        except (Refused, TypeError, ValueError):
            return None

    def _components(self) -> list[dict[str, Any]]:
        rate = str(self.tax_rate_percent.data if self.tax_rate_percent.data is not None else 10)
        keys = _keys([row.form.key.data or "" for row in self.components.entries])
        return [
            row.form.stored(key) | {"tax_rate": rate}
            for key, row in zip(keys, self.components.entries, strict=True)
        ]

    def leaves(self) -> Iterator[Field]:
        """Every input of the form, each called so that it can be told from its neighbours."""
        for field in self:
            if field is not self.components:
                yield field
        for number, row in enumerate(self.components.entries, 1):
            yield from _leaves_of(row.form, row.form.name.data or f"構成要素{number}")


class FlatForm:
    """A form with rows as `error_summary` reads one without."""

    def __init__(self, form: PlanForm) -> None:
        self._leaves = list(form.leaves())
        self.form_errors = form.form_errors
        self.errors = any(leaf.errors for leaf in self._leaves) or form.form_errors

    def __iter__(self) -> Iterator[Field]:
        return iter(self._leaves)


def plan_form(stored: Mapping[str, Any] | None, sha256: str, name: str = "") -> PlanForm:
    """The form showing a stored plan, or the beginning of one."""
    data = plan_form_data(stored) if stored else {"name": name, "tax_rate_percent": Decimal(10)}
    opened = stored["name"] if stored else ""
    return PlanForm(data={**data, "seen_sha256": sha256, "seen_plan": opened})


def plan_form_data(stored: Mapping[str, Any]) -> dict[str, Any]:
    """A stored plan as the form's fields take it."""
    plan = Plan.from_dict(stored["definition"])
    return {
        "name": stored["name"],
        "tax_rate_percent": Decimal(stored["tax_rate_percent"]),
        "not_included": stored["not_included"],
        "price_basis": stored["price_basis"],
        "components": [_component_data(component) for component in plan.components],
    }


def _component_data(component: Component) -> dict[str, Any]:
    starts = [max(tier.from_qty, 1) for tier in component.tiers]
    ends: list[int | None] = [start - 1 for start in starts[1:]]
    tiers = [
        {"from_qty": start, "to_qty": end, "unit_price": tier.unit_price}
        for tier, start, end in zip(component.tiers, starts, [*ends, None], strict=False)
    ]
    data = component.to_dict()
    return {
        **{name: data[name] for name in ("key", "name", "kind", "period", "unit", "unit_part")},
        **{name: data[name] for name in ("quantity_basis", "mode", "tier_by", "unit_size")},
        "included": component.included or None,
        "minimum_yen": component.minimum_yen or None,
        "tiers": tiers or [{"from_qty": None, "to_qty": None, "unit_price": component.unit_price}],
    }


def _keys(sent: Sequence[str]) -> list[str]:
    """The components' keys; one that is new or was tampered with gets the next free one."""
    free = (f"c{number}" for number in count(1) if f"c{number}" not in sent)
    keys: list[str] = []
    for key in sent:
        good = _KEY.fullmatch(key) is not None and key not in keys
        keys.append(key if good else next(free))
    return keys


def _entry(rows: Any, place: str | None) -> Any:
    number = int(place) if place is not None else -1
    return rows.entries[number] if 0 <= number < len(rows.entries) else None


def _check_component(form: ComponentForm) -> bool:
    if any(field.errors for field in form if field is not form.tiers) or any(form.tiers.errors):
        return False
    blockers = list_tier_blockers(form.typed_tiers)
    for blocker in blockers:
        place, _, name = (blocker.field or "").partition(":")
        _add(form.tiers.entries[int(place)].form[name], blocker)
    if blockers:
        return False
    try:
        Component.from_dict(form.stored("c1"))
    except Refused as refused:
        for blocker in refused.blockers:
            _add(_field_of(form, blocker), blocker)
        return False
    return True


def _field_of(form: ComponentForm, blocker: Blocker) -> Any:
    found = _TIER_OF_MESSAGE.search(blocker.message)
    if found:
        typed = [tier.place for tier in form.typed_tiers if not tier.is_empty]
        place = typed[min(int(found[1]), len(typed)) - 1]
        return form.tiers.entries[place].form.unit_price
    if blocker.code == "unit_price":
        return form.tiers.entries[0].form.unit_price
    return form[_FAULT_FIELDS.get(blocker.code, "name")]


def _add(field: Field, blocker: Blocker) -> None:
    message = blocker.message.partition("」：")[2] or blocker.message
    field.errors = [*field.errors, message]


def _leaves_of(form: ComponentForm, title: str) -> Sequence[Field]:
    leaves = [field for field in form if field is not form.tiers]
    for number, row in enumerate(form.tiers.entries, 1):
        for field in row.form:
            field.label.text = f"{title} 第{number}段階の{_PLAIN_LABELS[field.short_name]}"
            leaves.append(field)
    return leaves


_PLAIN_LABELS = {"from_qty": "始まり（から）", "to_qty": "終わり（まで）", "unit_price": "単価"}
