"""Forms of the notice: rule and moments, questions and answers, proposals and their opening."""

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

from wtforms import BooleanField, HiddenField, SelectField, TextAreaField
from wtforms.validators import ValidationError

from foundation.clock import jst_moment, to_jst
from foundation.forms import (
    DayField,
    LineField,
    MoyaiForm,
    PercentField,
    WholeNumberField,
    YenField,
    required,
    required_value,
)
from procurement.domain.evaluation_rule import PriceFormula
from procurement.domain.states import ProcurementMethod
from procurement.domain.tender import MAX_PRICE_YEN, ProposalContent
from procurement.forms.ceilings import KINDS_SAID, ceiling_lines, read_ceilings, read_offers
from procurement.forms.lines import read_lines
from procurement.models import Project
from procurement.presenters.tender import FORMULA_WORDS
from procurement.queries.project_page import CeilingRow
from procurement.queries.tender import NoticePage
from procurement.services.notice import NoticeFields

TIMES = {"17:00": time(17, 0), "12:00": time(12, 0), "23:59:59": time(23, 59, 59)}
_TIME_CHOICES = [("17:00", "17時"), ("12:00", "正午"), ("23:59:59", "23時59分59秒")]
_BIDDING = (ProcurementMethod.OPEN_BIDDING.value, ProcurementMethod.DESIGNATED_BIDDING.value)
# A bid is won by the lowest price: the same as all points for the price.
BIDDING_RULE: Mapping[str, Any] = {
    "full_score": 100,
    "criteria": [],
    "price": {"formula": PriceFormula.RATIO_TO_LOWEST.value, "max_points": 100},
    "tie_break": ["lot"],
}
# Decimal alone reads words like Infinity, and 1e9999999 into ten million digits.
_POINTS = re.compile(r"[0-9]{1,6}(\.[0-9]{1,4})?")


def read_points(text: str, number: int) -> int | str:
    """Points as the rule's JSON holds them: whole, else a decimal string."""
    plain = text.removesuffix("点")
    if not _POINTS.fullmatch(plain):
        raise ValueError(f"{number}行目：「{text}」は点数ではありません。")
    points = Decimal(plain)
    return int(points) if points == points.to_integral_value() else str(points)


class NoticeForm(MoyaiForm):
    """What is fixed before the notice."""

    seen_version = HiddenField()
    notice_url = LineField(
        "公告のページのアドレス", description="公告は自団体の公告の場所で行います。"
    )
    notice_number = LineField("公告番号")
    questions_close_on = DayField("質問の締切")
    questions_close_time = SelectField("質問の締切の時刻", choices=_TIME_CHOICES)
    answers_due_on = DayField("回答日")
    answers_due_time = SelectField("回答の時刻", choices=_TIME_CHOICES)
    proposals_close_on = DayField("提案の締切")
    proposals_close_time = SelectField("提案の締切の時刻", choices=_TIME_CHOICES)
    conditional_on_budget = BooleanField("公告に「予算の成立を条件とする」と記載する")
    criteria = TextAreaField(
        "評価項目（1行に「区分、項目、配点」）",
        description="表計算の3列をそのまま貼り付けられます。例：企画、実施体制、100",
    )
    price_formula = SelectField("価格点の式", choices=[("", "価格点なし"), *FORMULA_WORDS.items()])
    price_points = WholeNumberField("価格点の配点", minimum=1, maximum=100_000)
    base_yen = YenField("基準の額・予定価格（税込）", minimum=1, maximum=MAX_PRICE_YEN)
    tax_percent = PercentField("基準の額に含まれる消費税率", default=Decimal(10))
    minimums = TextAreaField(
        "最低基準（1行に「対象、点」）",
        description="対象は「合計」か、区分の名前です（足せます）。例：企画+機能、420",
    )
    ceilings = TextAreaField(
        "提案上限額（1行に「団体コード、費目、上限額」）",
        description=f"一つでも超える提案は失格です。費目は{KINDS_SAID}。例：252018、月額、105600",
    )
    ceilings_tax = SelectField(
        "提案上限額の税", choices=[("included", "税込"), ("excluded", "税抜")]
    )
    quorum = WholeNumberField(
        "審査委員の定足数", [required_value()], minimum=1, maximum=50, default=1
    )
    tie_break = SelectField(
        "同点のとき",
        choices=[("lot", "くじ"), ("price,lot", "価格の低い者、同じならくじ")],
    )

    def validate_criteria(self, field: TextAreaField) -> None:
        """Each line is a group, a question and its points."""
        try:
            self._criteria()
        except ValueError as problem:
            raise ValidationError(str(problem)) from None

    def validate_minimums(self, field: TextAreaField) -> None:
        """Each line is what is measured and the points it needs."""
        try:
            self._minimums()
        except ValueError as problem:
            raise ValidationError(str(problem)) from None

    def validate_ceilings(self, field: TextAreaField) -> None:
        """Each line is a body, a kind of cost and its ceiling."""
        _check(read_ceilings, field)

    def wanted(self, method: str) -> NoticeFields:
        """The notice as the service takes it. method: of the project; a bid has its own rule."""
        return NoticeFields(
            rule=BIDDING_RULE if method in _BIDDING else self._rule(),
            questions_close_at=_moment(self.questions_close_on, self.questions_close_time),
            answers_due_at=_moment(self.answers_due_on, self.answers_due_time),
            proposals_close_at=_moment(self.proposals_close_on, self.proposals_close_time),
            notice_url=self.notice_url.data or "",
            notice_number=self.notice_number.data or "",
            conditional_on_budget=bool(self.conditional_on_budget.data),
            quorum=self.quorum.data or 1,
            ceilings=read_ceilings(self.ceilings.data or ""),
            ceilings_tax_included=self.ceilings_tax.data != "excluded",
        )

    def _rule(self) -> dict[str, Any]:
        criteria, price = self._criteria(), self._price()
        if not criteria and not price:
            return {}
        points = [Decimal(each["max_points"]) for each in criteria]
        points += [Decimal(price["max_points"])] if price else []
        full = sum(points, Decimal(0))
        rule: dict[str, Any] = {
            "full_score": int(full) if full == full.to_integral_value() else str(full),
            "criteria": criteria,
            "minimums": self._minimums(),
            "tie_break": (self.tie_break.data or "lot").split(","),
        }
        return rule | ({"price": price} if price else {})

    def _criteria(self) -> list[dict[str, Any]]:
        rows = read_lines(self.criteria.data or "", 3, "「区分、項目、配点」")
        return [
            {"group": group, "key": key, "max_points": read_points(points, number)}
            for number, (group, key, points) in enumerate(rows, start=1)
        ]

    def _price(self) -> dict[str, Any]:
        if not self.price_formula.data:
            return {}
        price: dict[str, Any] = {
            "formula": self.price_formula.data,
            "max_points": self.price_points.data or 0,
        }
        if self.base_yen.data is not None:
            price["base_yen"] = self.base_yen.data
            price["tax"] = str(self.tax_percent.data or 0)
        return price

    def _minimums(self) -> list[dict[str, Any]]:
        rows = read_lines(self.minimums.data or "", 2, "「対象、点」")
        return [
            {
                "of": "total" if what == "合計" else f"group:{what}",
                "at_least": read_points(points, number),
            }
            for number, (what, points) in enumerate(rows, start=1)
        ]


def notice_values(
    page: NoticePage, project: Project, ceilings: Sequence[CeilingRow]
) -> dict[str, Any]:
    """The stored notice as the form shows it."""
    rule, price = page.rule, page.rule.get("price") or {}
    values: dict[str, Any] = {
        "seen_version": str(page.row_version),
        "notice_url": project.notice_url,
        "notice_number": project.notice_number,
        "conditional_on_budget": page.conditional_on_budget,
        "quorum": page.quorum,
        "criteria": "\n".join(
            f"{each.get('group', '')}、{each['key']}、{each['max_points']}"
            for each in rule.get("criteria", [])
        ),
        "price_formula": price.get("formula", ""),
        "price_points": price.get("max_points"),
        "base_yen": price.get("base_yen"),
        "tax_percent": Decimal(str(price.get("tax", 10))),
        "minimums": "\n".join(
            f"{_measured(each['of'])}、{each['at_least']}" for each in rule.get("minimums", [])
        ),
        "tie_break": ",".join(rule.get("tie_break", ["lot"])),
        "ceilings": ceiling_lines(ceilings),
        "ceilings_tax": "included" if all(row.tax_included for row in ceilings) else "excluded",
    }
    for name, moment in (
        ("questions_close", page.moments.questions_close_at),
        ("answers_due", page.moments.answers_due_at),
        ("proposals_close", page.moments.proposals_close_at),
    ):
        values[f"{name}_on"], values[f"{name}_time"] = _day_and_time(moment)
    return values


def _measured(of: str) -> str:
    return "合計" if of == "total" else of.removeprefix("group:")


def _moment(day: DayField, at: SelectField) -> datetime | None:
    return jst_moment(day.data, TIMES.get(at.data, time(17, 0))) if day.data else None


def _day_and_time(moment: datetime | None) -> tuple[date | None, str]:
    if moment is None:
        return None, "17:00"
    local = to_jst(moment)
    named = {at: name for name, at in TIMES.items()}
    return local.date(), named.get(local.time().replace(microsecond=0), "17:00")


class PostponeForm(MoyaiForm):
    """A later closing of proposals."""

    closes_on = DayField("新しい提案の締切", [required_value()])
    closes_time = SelectField("時刻", choices=_TIME_CHOICES)
    reason = LineField("延ばす理由", [required()])

    def closes_at(self) -> datetime:
        """The moment, UTC."""
        assert self.closes_on.data is not None
        return jst_moment(self.closes_on.data, TIMES.get(self.closes_time.data, time(17, 0)))


class QuestionForm(MoyaiForm):
    """A vendor's question."""

    text = TextAreaField(
        "質問", [required()], description="回答とともに、質問者の名前を出さずに公表されます。"
    )


class AnswerForm(MoyaiForm):
    """The lead's answer to one question."""

    seen_version = HiddenField()
    answer = TextAreaField("回答")


class ExcuseForm(MoyaiForm):
    """Why questions stay without an answer."""

    unanswered_reason = LineField("回答しない理由", [required()])


class ProposalForm(MoyaiForm):
    """What a vendor hands in, sealed until the opening."""

    price_yen = YenField(
        "金額（税抜）",
        [required_value()],
        minimum=1,
        maximum=MAX_PRICE_YEN,
        description="共同利用の期間全体の額です。",
    )
    offered = TextAreaField(
        "団体・費目ごとの金額（税抜）",
        description="提案上限額のある団体・費目の金額です。各行の終わりに金額を入れてください。"
        "一つでも提案上限額を超えると失格です。",
    )
    summary = TextAreaField("提案の要旨", [required()])
    lot_digits = LineField(
        "くじの番号（数字3桁）", [required()], description="同点のときの電子くじに使います。例：042"
    )
    mandatory_met = BooleanField("必須の要件をすべて満たす")
    confirmed = BooleanField("この内容で提出する", [required("確認してください。")])

    def validate_offered(self, field: TextAreaField) -> None:
        """Each line is a body, a kind of cost and the amount."""
        _check(read_offers, field)

    def content(self) -> ProposalContent:
        """What is sealed."""
        return ProposalContent(
            price_yen=self.price_yen.data or 0,
            summary=(self.summary.data or "").strip(),
            lot_digits=self.lot_digits.data or "",
            mandatory_met=bool(self.mandatory_met.data),
            offered=read_offers(self.offered.data or ""),
        )


def _check(read: Callable[[str], object], field: TextAreaField) -> None:
    """What cannot be read is said beside the field."""
    try:
        read(field.data or "")
    except ValueError as problem:
        raise ValidationError(str(problem)) from None


class WithdrawForm(MoyaiForm):
    """Taking a proposal back."""

    reason = LineField("取り下げる理由", [required()])


class JudgeForm(MoyaiForm):
    """Inviting a judge."""

    email = LineField(
        "審査委員のメールアドレス", [required()], description="登録済みの利用者を招きます。"
    )


class AbsenceForm(MoyaiForm):
    """Why a judge will not be heard."""

    reason = LineField("欠席の理由", [required()])


class DeclareForm(MoyaiForm):
    """The judge's declaration."""

    declared = BooleanField(
        "提案した事業者との利害関係はありません", [required("申告してください。")]
    )
