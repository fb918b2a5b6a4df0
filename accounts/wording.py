"""The audit chain in the reader's words: what each action is called, what it changed.

Higher packages name their own actions, fields and codes when the application is put together
(app.py).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from accounts.roles import ROLE_LABELS
from foundation.clock import fiscal_year_label
from foundation.filters import jst, jst_date, yen

Words = Mapping[str, str] | Callable[[str], str]


@dataclass(frozen=True, kw_only=True)
class Wording:
    """What a package calls what it writes into the chain.

    codes: field → words of its codes. subjects: kind of subject → what it is called.
    """

    actions: Mapping[str, str]
    fields: Mapping[str, str] = field(default_factory=dict)
    codes: Mapping[str, Words] = field(default_factory=dict)
    subjects: Mapping[str, str] = field(default_factory=dict)


OWN = Wording(
    actions={
        "sign_in": "サインイン",
        "create_user": "利用者の登録",
        "change_password": "パスワードの変更",
        "sign_out_everywhere": "全端末からのサインアウト",
        "import_bodies": "団体表の取り込み",
    },
    fields={
        "organization_id": "所属する団体の番号",
        "roles": "役割",
        "example": "試用の利用者",
        "file": "ファイル",
        "rows": "行数",
        "added": "追加",
        "changed": "変更",
        "unchanged": "変更なし",
        "local_body": "地方公共団体",
        "organization": "組織",
        "fact_source": "公表値の出典",
    },
    codes={"roles": {role.value: label for role, label in ROLE_LABELS.items()}},
    subjects={"user": "利用者", "import_batch": "取り込み", "local_body": "団体"},
)

SECRET_KEY = "secret_sha256"
SHOWN_LETTERS = 400

_names: dict[str, str] = {}
_fields: dict[str, str] = {}
_codes: dict[str, Words] = {}
_subjects: dict[str, str] = {}


def add_wording(wording: Wording) -> None:
    """Say these things in these words on the audit page."""
    _names.update(wording.actions)
    _fields.update(wording.fields)
    _codes.update(wording.codes)
    _subjects.update(wording.subjects)


add_wording(OWN)


def action_name(action: str) -> str:
    """What the action is called; its own name where nobody named it."""
    return _names.get(action, action)


def subject_name(subject: str) -> str:
    """「利用者 5」 for 'user 5'; as it is where nobody named its kind."""
    kind, _, number = subject.partition(" ")
    return f"{_subjects.get(kind, kind)} {number}"


def describe_changes(changes: Mapping[str, Any]) -> list[tuple[str, str]]:
    """(what, to what) in the order written; a secret shows only that there is one."""
    return [(_field_name(key), _value_text(key, value)) for key, value in changes.items()]


def _field_name(key: str) -> str:
    if key.isascii() and key.isdigit() and len(key) == 4:
        return fiscal_year_label(int(key))
    return _fields.get(key, key)


def _value_text(key: str, value: Any) -> str:
    if isinstance(value, Mapping):
        return _mapping_text(key, value)
    if isinstance(value, list):
        return _cut("、".join(_value_text(key, part) for part in value)) or "なし"
    if value is None or value == "":
        return "なし"
    if isinstance(value, bool):
        return "はい" if value else "いいえ"
    if isinstance(value, int):
        return yen(value) if key.endswith("_yen") else f"{value:,}"
    return _cut(_word(key, str(value)))


def _mapping_text(key: str, value: Mapping[str, Any]) -> str:
    if set(value) == {SECRET_KEY}:
        return f"秘密の値（照合用 {value[SECRET_KEY][:12]}）"
    if set(value) == {"from", "to"}:
        return f"{_value_text(key, value['from'])} → {_value_text(key, value['to'])}"
    # The years of an amount carry no name of their own: they are written as the amount is.
    parts = (
        f"{_field_name(name)}：{_value_text(key if name.isdigit() else name, part)}"
        for name, part in value.items()
    )
    return "、".join(parts) or "なし"


def _word(key: str, text: str) -> str:
    words = _codes.get(key)
    if words is not None:
        return words.get(text, text) if isinstance(words, Mapping) else words(text)
    try:
        return jst_date(date.fromisoformat(text)) if len(text) == 10 else _moment_text(text)
    except ValueError:
        return text


def _moment_text(text: str) -> str:
    """A moment on a Japanese wall clock. Raises ValueError for any other text."""
    moment = datetime.fromisoformat(text)
    return jst(moment) if moment.tzinfo else text


def _cut(text: str) -> str:
    return text if len(text) <= SHOWN_LETTERS else f"{text[:SHOWN_LETTERS]}…"
