"""Forms of sign-in and of one's own account."""

from wtforms import HiddenField, PasswordField
from wtforms.validators import EqualTo, Length

from accounts.signin import MAX_PASSWORD_LENGTH
from foundation.forms import LineField, MoyaiForm, required

MIN_PASSWORD_LENGTH = 12


class LoginForm(MoyaiForm):
    """Address and password."""

    email = LineField("メールアドレス", [required()])
    password = PasswordField("パスワード", [required()])
    next = HiddenField()


class PasswordForm(MoyaiForm):
    """A new password, typed twice, and the present one."""

    current = PasswordField("今のパスワード", [required()])
    new = PasswordField(
        "新しいパスワード",
        [
            required(),
            Length(
                min=MIN_PASSWORD_LENGTH,
                max=MAX_PASSWORD_LENGTH,
                message=f"{MIN_PASSWORD_LENGTH}文字以上{MAX_PASSWORD_LENGTH}文字以下で入力してください。",
            ),
        ],
        description=f"{MIN_PASSWORD_LENGTH}文字以上。長い文を勧めます。",
    )
    again = PasswordField(
        "新しいパスワード（確認）",
        [required(), EqualTo("new", message="新しいパスワードと一致しません。")],
    )


class ConfirmForm(MoyaiForm):
    """A button and nothing else: the token says that it was pressed on our page."""
