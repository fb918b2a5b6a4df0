"""Forms by which vendors and their people come in."""

from typing import Any

from wtforms import BooleanField, HiddenField, PasswordField, RadioField, SelectField, TextAreaField
from wtforms.validators import EqualTo, Length, ValidationError

from accounts.forms import MIN_PASSWORD_LENGTH
from accounts.signin import MAX_PASSWORD_LENGTH
from catalog.checks import MAX_ALTERNATE_KEY
from catalog.desk.invitations import InvitedRole
from foundation.forms import LineField, MoyaiForm, required

_LENGTH = f"{MIN_PASSWORD_LENGTH}文字以上{MAX_PASSWORD_LENGTH}文字以下で入力してください。"


def _is_address(_form: Any, field: Any) -> None:
    name, at, host = (field.data or "").partition("@")
    good = name and at and "." in host and "@" not in host and not host.startswith(".")
    if not good or len(field.data) > 254 or any(sign.isspace() for sign in field.data):
        raise ValidationError("メールアドレスの形で入力してください。")


class MailForm(MoyaiForm):
    """Only an address: everything else is asked once it is confirmed."""

    email = LineField("メールアドレス", [required(), _is_address])


class PersonForm(MoyaiForm):
    """The person behind a confirmed address."""

    person_name = LineField("氏名", [required(), Length(max=100, message="100文字以内です。")])
    password = PasswordField(
        "パスワード",
        [
            required(),
            Length(min=MIN_PASSWORD_LENGTH, max=MAX_PASSWORD_LENGTH, message=_LENGTH),
        ],
        description=f"{MIN_PASSWORD_LENGTH}文字以上。長い文を勧めます。",
    )
    again = PasswordField(
        "パスワード（確認）",
        [required(), EqualTo("password", message="パスワードと一致しません。")],
    )


class NumbersForm(MoyaiForm):
    """The number a vendor is known by: one of the two."""

    corporate_number = LineField(
        "法人番号", description="13桁。個人事業主など法人番号のない方は空欄にします。"
    )
    alternate_key = LineField(
        "法人番号のない方の識別番号",
        [Length(max=MAX_ALTERNATE_KEY, message=f"{MAX_ALTERNATE_KEY}文字以内で入力してください。")],
        description="適格請求書発行事業者の登録番号（T＋13桁）など、一つに決まる番号です。",
    )


class NumberForm(NumbersForm):
    """A confirmed number put right. seen_number: as the page was shown."""

    reason = LineField(
        "訂正の理由",
        [required(), Length(max=200, message="200文字以内で入力してください。")],
        description="例：登記で確かめた番号への訂正。事業者に届きます。",
    )
    seen_number = HiddenField()


class VendorForm(NumbersForm):
    """What a vendor says of itself besides its name."""

    kana = LineField("よみ（ひらがな）")
    prefecture_code = SelectField("都道府県")
    address = LineField("市区町村より後の所在地")
    website = LineField("ウェブサイト")
    introduction = TextAreaField("紹介")
    sme = BooleanField("中小企業である")
    startup = BooleanField("スタートアップである")
    size_basis = LineField(
        "中小企業・スタートアップとする根拠", description="資本金・従業員数・設立年などです。"
    )


class FactsForm(VendorForm):
    """The same later on. seen_sha256: of the facts as they were shown."""

    seen_sha256 = HiddenField()


class RegistrationForm(PersonForm, VendorForm):
    """The vendor and its first person."""

    name = LineField("事業者の名称", [required()])


class InviteForm(MailForm):
    """Who is invited to the vendor, and as what."""

    role = RadioField(
        "役割",
        [required("役割を選んでください。")],
        choices=[(role.value, role.label) for role in InvitedRole],
        default=InvitedRole.STAFF.value,
        validate_choice=False,
    )

    def validate_role(self, field: Any) -> None:
        """Only what is offered."""
        if field.data not in set(InvitedRole):
            raise ValidationError("役割を選んでください。")
