"""Forms of the catalog pages. Those that only read are sent by GET and carry no token."""

from collections.abc import Iterable, Mapping
from typing import Any

from wtforms import BooleanField, HiddenField, SelectField, TextAreaField
from wtforms.validators import Length, Optional

from catalog.plan_units import Unit
from catalog.presenters.cases import Filter
from catalog.presenters.words import counts_text
from catalog.selection.saved import MOST_NAME
from catalog.words.groups import MOST_NOTE, GroupEntry
from foundation.forms import LineField, MoyaiForm, WholeNumberField, required

MAX_QUANTITY = 1_000_000_000
MOST_BODIES = 1_788


class ReadingForm(MoyaiForm):
    """A form sent by GET: it changes nothing, so it needs no token."""

    class Meta(MoyaiForm.Meta):
        csrf = False


def quantity_form(units: Iterable[Unit], sent: Any, defaults: Mapping[Unit, int]) -> ReadingForm:
    """One number per unit that the plans price; empty ones are not known."""
    fields = {
        unit.value: WholeNumberField(f"{unit.label}の数", [Optional()], maximum=MAX_QUANTITY)
        for unit in units
    }
    form_class = type("QuantityForm", (ReadingForm,), fields)
    data = {unit.value: count for unit, count in defaults.items()}
    # None, not an empty mapping: WTForms would read an empty one as "nothing was typed".
    relevant = sent if any(name in sent for name in fields) else None
    form: ReadingForm = form_class(formdata=relevant, data=data)
    return form


def typed_quantities(form: ReadingForm, units: Iterable[Unit], sent: Any) -> dict[Unit, int]:
    """The quantities the reader typed and that could be read."""
    if not any(unit.value in sent for unit in units):
        return {}
    form.validate()
    return {
        unit: form[unit.value].data
        for unit in units
        if form[unit.value].data is not None and not form[unit.value].errors
    }


class TogetherForm(ReadingForm):
    """How many bodies of the same size are taken to buy together."""

    bodies = WholeNumberField(
        "いっしょに買う団体の数（仮定）", [Optional()], minimum=2, maximum=MOST_BODIES
    )

    @property
    def count(self) -> int | None:
        """The number that could be read, if any."""
        return self.bodies.data if self.validate() else None


def sent_quantities(form: ReadingForm, units: Iterable[Unit], sent: Any) -> dict[Unit, int] | None:
    """Exactly what the reader sent and could be read, an emptied field being unknown.

    None when the reader sent no quantities at all.
    """
    units = tuple(units)
    return typed_quantities(form, units, sent) if any(u.value in sent for u in units) else None


def filter_form(filters: Iterable[Filter]) -> ReadingForm:
    """A drop-down per filter, each value with its exact counts."""
    fields = {
        item.name: SelectField(
            item.label,
            choices=[
                ("", "すべて"),
                *((c.value, f"{c.label}（{counts_text(c.counts)}）") for c in item.choices),
            ],
            validate_choice=False,
        )
        for item in filters
    }
    chosen = {item.name: next((c.value for c in item.choices if c.chosen), "") for item in filters}
    form: ReadingForm = type("FilterForm", (ReadingForm,), fields)(formdata=None, data=chosen)
    return form


class SynonymForm(MoyaiForm):
    """A group of words of the same meaning."""

    words = TextAreaField(
        "同じ意味の語",
        [required()],
        description="1行に1語、2語以上。どの語で検索しても、ほかの語を含むものも見つかります。",
    )
    note = LineField(
        "備考", [Length(max=MOST_NOTE, message=f"{MOST_NOTE}文字以内で入力してください。")]
    )
    active = BooleanField("検索で使う", default=True)
    seen_version = HiddenField()

    @property
    def seen_number(self) -> int:
        """The version of the row the form was shown with; 0 when it was tampered with."""
        return _version_of(self.seen_version.data)

    @property
    def entry(self) -> GroupEntry:
        """The group as typed."""
        return GroupEntry(
            words=(self.words.data or "").splitlines(),
            note=self.note.data or "",
            active=bool(self.active.data),
        )


class SavedSearchForm(MoyaiForm):
    """What is asked about a search one keeps; its conditions stand in the address."""

    name = LineField(
        "名前",
        [required(), Length(max=MOST_NAME, message=f"{MOST_NAME}文字以内で入力してください。")],
    )
    shared = BooleanField("同じ団体の人にも見せる")
    notify = BooleanField(
        "新しく当てはまったものを知らせる",
        description="1日1回、受信箱とメールで知らせます。メールの中の行き先からいつでも止められます。",
    )
    seen_version = HiddenField()

    @property
    def seen_number(self) -> int:
        """The version of the row the form was shown with; 0 when it was tampered with."""
        return _version_of(self.seen_version.data)


def _version_of(sent: str | None) -> int:
    text = sent or ""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0
