"""The forms of the lead: the project's text, its terms of sharing, invitations, moves."""

import re
from datetime import date, datetime
from typing import Any

from wtforms import (
    BooleanField,
    HiddenField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)

from catalog.plan_units import Unit
from foundation.clock import jst_moment, to_jst
from foundation.forms import (
    DayField,
    MoyaiForm,
    WholeNumberField,
    required,
    required_value,
)
from foundation.text import normalize
from procurement.domain.states import AgreementBasis, ContractModel, ProcurementMethod
from procurement.domain.templates.shelf import TEMPLATES
from procurement.forms.typed import TypedLineField
from procurement.models import Project
from procurement.services.joining import MAX_QUANTITY
from procurement.services.projects import (
    MAX_BODIES,
    MAX_TERM_MONTHS,
    ProjectFields,
)

ASKED_UNITS = (
    Unit.ACCOUNT,
    Unit.DEVICE,
    Unit.RESIDENT,
    Unit.HOUSEHOLD,
    Unit.SCHOOL,
    Unit.METER,
    Unit.CASE,
    Unit.CHARACTER,
)


class ProjectForm(MoyaiForm):
    """What a project says. Deadlines are at 17:00 Japanese time of the day (domain §4)."""

    seen_version = HiddenField()
    title = TypedLineField("案件名", [required()])
    system_type_code = SelectField("システム種別", [required()])
    purpose = TextAreaField("目的", description="起案用資料と案件のページに載ります。")
    prefecture_code = SelectField("対象の都道府県")
    contract_model = SelectField(
        "契約の形",
        choices=[("", "未定"), *((each.value, each.label) for each in ContractModel)],
    )
    agreement_basis = SelectField(
        "共同の根拠",
        choices=[("", "未定"), *((each.value, each.label) for each in AgreementBasis)],
    )
    procurement_method = SelectField(
        "調達方式",
        choices=[("", "未定"), *((each.value, each.label) for each in ProcurementMethod)],
    )
    procurement_method_reason = TypedLineField("調達方式の理由・根拠条項")
    main_unit = SelectField(
        "主な数量の単位", choices=[(each.value, each.label) for each in ASKED_UNITS]
    )
    min_participants = WholeNumberField(
        "最少参加団体数", [required_value()], minimum=2, maximum=MAX_BODIES, default=2
    )
    join_closes_on = DayField(
        "参加の回答期限", description="その日の17時（日本時間）に締め切ります。"
    )
    consent_closes_on = DayField(
        "負担案への同意期限", description="その日の17時（日本時間）に締め切ります。"
    )
    term_start = DayField(
        "共同利用の開始日", [required_value()], description="月の初日にしてください。例：2027-04-01"
    )
    term_months = WholeNumberField(
        "期間（月）", [required_value()], minimum=1, maximum=MAX_TERM_MONTHS, default=60
    )
    policy_reason = TypedLineField("国の方針を確認したうえで進める理由")
    template = SelectField(
        "ひな形（任意）",
        choices=[("", "使わない"), *((each.key, each.name) for each in TEMPLATES.values())],
        default="",
        description="意向調査の質問と要件のたたき台を写します。後からでも写せます。",
    )

    def fields(self) -> ProjectFields:
        """What the lead wants, as the service takes it."""
        return ProjectFields(
            title=self.title.data or "",
            system_type_code=self.system_type_code.data or "",
            purpose=(self.purpose.data or "").strip().replace("\r\n", "\n"),
            prefecture_code=self.prefecture_code.data or None,
            contract_model=self.contract_model.data or "",
            agreement_basis=self.agreement_basis.data or "",
            procurement_method=self.procurement_method.data or "",
            procurement_method_reason=self.procurement_method_reason.data or "",
            main_unit=self.main_unit.data,
            min_participants=self.min_participants.data or 0,
            join_closes_at=_closing(self.join_closes_on.data),
            consent_closes_at=_closing(self.consent_closes_on.data),
            term_start=self.term_start.data,
            term_months=self.term_months.data,
        )


def project_values(project: Project) -> dict[str, Any]:
    """The stored project as the form shows it."""
    return {
        "seen_version": project.row_version,
        "title": project.title,
        "system_type_code": project.system_type_code,
        "purpose": project.purpose,
        "prefecture_code": project.prefecture_code or "",
        "contract_model": project.contract_model,
        "agreement_basis": project.agreement_basis,
        "procurement_method": project.procurement_method,
        "procurement_method_reason": project.procurement_method_reason,
        "main_unit": project.main_unit,
        "min_participants": project.min_participants,
        "join_closes_on": _day(project.join_closes_at),
        "consent_closes_on": _day(project.consent_closes_at),
        "term_start": project.term_start,
        "term_months": project.term_months,
        "policy_reason": project.policy_check.get("reason", ""),
    }


def _closing(day: date | None) -> datetime | None:
    return jst_moment(day) if day else None


def _day(moment: datetime | None) -> date | None:
    return to_jst(moment).date() if moment else None


class InviteForm(MoyaiForm):
    """Whom to ask: ticked municipalities, and codes typed or pasted."""

    unlimited = frozenset({"codes"})

    bodies = SelectMultipleField("団体", validate_choice=False)
    codes = StringField("団体コード（空白かカンマで区切る）")
    message = TextAreaField("案内文（任意）")


class OnBehalfForm(MoyaiForm):
    """A coordinator answers for one of its municipalities; a join counts once confirmed."""

    answer = SelectField(
        "入力する内容", choices=[("join", "参加の依頼"), ("interest", "関心の登録")], default="join"
    )
    body_code = SelectField("団体", [required("団体を選んでください。")])
    quantity = WholeNumberField("数量（わかる場合）", minimum=1, maximum=MAX_QUANTITY)


class MoveForm(MoyaiForm):
    """One step along the life of a project."""

    action = HiddenField()
    seen_state = HiddenField()
    reason = TypedLineField("理由")


class ExtendForm(MoyaiForm):
    """A later join deadline, once."""

    closes_on = DayField("新しい回答期限", [required_value()])


class BasisForm(MoyaiForm):
    """A price plan as the basis of an estimate."""

    price_plan_id = SelectField("料金プラン", [required()])


class FixForm(MoyaiForm):
    """Fixing a share version: what was previewed is what is fixed."""

    preview_sha256 = HiddenField()
    basis_id = HiddenField()
    note = TypedLineField("版の説明（任意）")
    closes_on = DayField(
        "同意の新しい回答期限",
        description="決定した金額や更新であらためて同意を求めるとき。その日の17時（日本時間）です。",
    )
    confirmed = BooleanField("この内容で確定し、同意を求める", [required("確認してください。")])

    def closes_at(self) -> datetime | None:
        """The new deadline, if one is typed."""
        return _closing(self.closes_on.data)


def typed_codes(text: str) -> list[str]:
    """The codes typed or pasted, full-width digits and any of the usual separators allowed."""
    return [code for code in re.split(r"[\s,、，]+", normalize(text)) if code]
