"""The form of a case: its fields are made from the declaration of case fields."""

import re
from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from wtforms import HiddenField, SelectField, TextAreaField
from wtforms.widgets import TextArea

from accounts.codes import read_body_code
from catalog.case_drafting.contents import FIELDS, HEADINGS, Content
from catalog.case_fields import CaseField, FieldType
from foundation.forms import (
    LONGEST_ANSWER,
    DayField,
    LineField,
    MoyaiForm,
    ReadField,
    WholeNumberField,
    YenField,
)

_LONG = frozenset(
    {
        *("participants_text", "cost_facts", "background", "process_steps", "know_how"),
        *("issues_met", "cost_sharing_method", "prefecture_borne_cost"),
    }
)
_HELP: Mapping[str, str] = {
    "title": "例：生成AIサービスの共同調達（◯◯県と12市町村）",
    "participants": "市区町村の団体コード（6桁）を1行に1つ、または空白で区切って書きます。",
    "offering_keys": "使っている掲載サービスのページのアドレスか番号を、1行に1つ書きます。",
    "know_how": "ほかの団体に役立つ進め方や注意点です。空欄だと「ノウハウ未登録」と表示されます。",
    "measured_effects": "測った効果を1行に1つずつ書きます。",
    "contact_office": "部署の名称だけを書きます。問い合わせはこのサイトの受信箱に届きます。",
    "source_url": "公表しているページのアドレスです。",
}
_OFFERING = re.compile(r"(?:.*/offerings/)?(\d{1,9})/?")
_NONE = ("", "記載しない")
_MOST_YEN = 10**13
_FLAG = {"true": True, "false": False}


class LinesField(ReadField):
    """Several values, one a line."""

    widget: Any = TextArea()

    def read(self, text: str) -> list[str]:
        if len(text) > LONGEST_ANSWER:
            raise ValueError(f"{LONGEST_ANSWER:,}文字以内で入力してください。")
        return [line.strip() for line in text.splitlines() if line.strip()]

    def write(self, value: Any) -> str:
        return "\n".join(map(str, value or ()))


class BodiesField(LinesField):
    """Codes of municipalities, each with its check digit."""

    def read(self, text: str) -> list[str]:
        return list(
            dict.fromkeys(read_body_code(part) for part in re.split(r"[\s,、|]+", text) if part)
        )


class OfferingsField(LinesField):
    """Entries of the catalog by their number or address; read into numbers."""

    def read(self, text: str) -> list[str]:
        numbers = []
        for line in super().read(text):
            found = _OFFERING.fullmatch(line)
            if found is None:
                raise ValueError(f"「{line[:60]}」は掲載サービスの番号でもアドレスでもありません。")
            numbers.append(found[1])
        return list(dict.fromkeys(numbers))


class CaseForm(MoyaiForm):
    """A case as its lead writes it. seen_sha256: the hash of what the page showed."""

    seen_sha256 = HiddenField()

    def headings(self) -> list[tuple[str, list[Any]]]:
        """(heading, its fields) in the order of the page."""
        return [(title, [self[key] for key in keys]) for title, keys in HEADINGS.items()]

    def read(self) -> Content:
        """What was typed; offering_keys holds numbers still."""
        return {field.key: _plain(field, self[field.key].data) for field in FIELDS}


def case_form(content: Mapping[str, Any], types: list[tuple[str, str]], sha256: str) -> CaseForm:
    """The form showing this content until something was sent. types: (code, name) of systems."""
    fields = {field.key: _field(field) for field in FIELDS}
    data = {field.key: _shown(field, content.get(field.key)) for field in FIELDS}
    made: CaseForm = type("CaseDraftForm", (CaseForm,), fields)(data=data | {"seen_sha256": sha256})
    made["system_type_code"].choices = [("", "選んでください"), *types]
    return made


def _field(field: CaseField) -> Any:
    help_text = _HELP.get(field.key, "")
    if field.key == "system_type_code":
        return SelectField(field.label, description=help_text)
    if field.key == "offering_keys":
        return OfferingsField("使っている掲載サービス", description=help_text)
    if field.type is FieldType.FLAG:
        choices = [_NONE, ("true", "税込"), ("false", "税抜")]
        return SelectField("税の扱い", choices=choices)
    if field.type is FieldType.CODE and field.codes is not None:
        words = [(code.value, code.label) for code in field.codes]
        return SelectField(field.label, choices=words if field.required else [_NONE, *words])
    if field.key in _LONG:
        return TextAreaField(field.label, description=help_text)
    return _FIELDS[field.type](
        field.label.replace("（原典の表記）", "（説明）"), description=help_text
    )


def _whole(label: str, **kwargs: Any) -> Any:
    return WholeNumberField(label, maximum=9_999, **kwargs)


def _yen(label: str, **kwargs: Any) -> Any:
    return YenField(label, maximum=_MOST_YEN, **kwargs)


_FIELDS: Mapping[FieldType, Callable[..., Any]] = {
    FieldType.TEXT: LineField,
    FieldType.WHOLE: _whole,
    FieldType.YEN: _yen,
    FieldType.DAY: DayField,
    FieldType.BODY_LIST: BodiesField,
    FieldType.TEXT_LIST: LinesField,
}


def _plain(field: CaseField, value: Any) -> Any:
    if field.type is FieldType.FLAG:
        return _FLAG.get(value or "")
    if field.type is FieldType.DAY:
        return value.isoformat() if value else None
    if field.type in (FieldType.BODY_LIST, FieldType.TEXT_LIST):
        return list(value or ())
    if field.type in (FieldType.TEXT, FieldType.CODE):
        return (value or "").strip()
    return value


def _shown(field: CaseField, value: Any) -> Any:
    if field.type is FieldType.FLAG:
        return {True: "true", False: "false"}.get(value, "")
    if field.type is FieldType.DAY:
        return date.fromisoformat(value) if value else None
    return value or None if field.type in (FieldType.WHOLE, FieldType.YEN) and value != 0 else value
