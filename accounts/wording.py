"""The audit chain in the reader's words: what each action is called, what it changed.

Higher packages name their own actions when the application is put together (app.py).
"""

from collections.abc import Mapping
from typing import Any

_names: dict[str, str] = {
    "sign_in": "サインイン",
    "create_user": "利用者の登録",
    "change_password": "パスワードの変更",
    "sign_out_everywhere": "全端末からのサインアウト",
    "import_bodies": "団体表の取り込み",
}

SECRET_KEY = "secret_sha256"
SHOWN_LETTERS = 400


def name_actions(names: Mapping[str, str]) -> None:
    """Call these actions by these words on the audit page."""
    _names.update(names)


def action_name(action: str) -> str:
    """What the action is called; its own name where nobody named it."""
    return _names.get(action, action)


def describe_changes(changes: Mapping[str, Any]) -> list[tuple[str, str]]:
    """(what, to what) in the order written; a secret shows only that there is one."""
    return [(key, _value_text(value)) for key, value in changes.items()]


def _value_text(value: Any) -> str:
    if isinstance(value, Mapping):
        if set(value) == {SECRET_KEY}:
            return f"秘密の値（照合用 {value[SECRET_KEY][:12]}）"
        if set(value) == {"from", "to"}:
            return f"{_value_text(value['from'])} → {_value_text(value['to'])}"
        return "、".join(f"{key}：{_value_text(part)}" for key, part in value.items()) or "なし"
    if isinstance(value, list):
        return _cut("、".join(_value_text(part) for part in value)) or "なし"
    if value is None or value == "":
        return "なし"
    return _cut({True: "はい", False: "いいえ"}[value] if isinstance(value, bool) else str(value))


def _cut(text: str) -> str:
    return text if len(text) <= SHOWN_LETTERS else f"{text[:SHOWN_LETTERS]}…"
