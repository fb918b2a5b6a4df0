"""The notice, the questions and the proposals in words."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from foundation.clock import era_date, is_working_day, jst_today, to_jst
from foundation.filters import jst, yen
from procurement.domain.ceilings import Ceiling, list_reasons
from procurement.domain.evaluation_rule import PriceFormula
from procurement.queries.planned_price import PlannedRow
from procurement.queries.tender import NoticePage, OpenedRow, OpeningRow, ReceiptRow

FORMULA_WORDS = {
    PriceFormula.RATIO_TO_LOWEST.value: "最低価格 ÷ 価格 × 配点",
    PriceFormula.ONE_MINUS_RATIO.value: "（1 − 価格 ÷ 基準の額）× 配点",
    PriceFormula.MIDPOINT.value: "予定価格と、最高・最低の中間による式",
}
_CLOCK = "%Y年%m月%d日 %H時%M分%S秒"


@dataclass(frozen=True, kw_only=True)
class ReceiptLine:
    """A receipt of the own vendor, in words."""

    number: str
    received: str
    price: str
    sha256: str
    standing: str
    submitted_by: str


@dataclass(frozen=True, kw_only=True)
class OpenedLine:
    """An opened proposal, in words."""

    order: str
    vendor: str
    price: str
    mandatory: str
    lot_digits: str
    summary: str
    received: str
    sha256: str


UNTIL_SCORED = "採点の提出まで非表示"


def clock_text(moment: datetime) -> str:
    """The server's clock to the second, as deadlines are measured by it."""
    return to_jst(moment).strftime(_CLOCK)


def moment_rows(page: NoticePage) -> list[tuple[str, str]]:
    """The three moments that are fixed."""
    return [(label, jst(moment)) for label, moment in _fixed_moments(page)]


def closed_day_texts(page: NoticePage) -> list[str]:
    """Which moments fall on a day when no office is open to be asked."""
    days = [(label, jst_today(moment)) for label, moment in _fixed_moments(page)]
    return [
        f"{label}の{era_date(day)}は、土日・祝日・年末年始の閉庁日です。"
        for label, day in days
        if not is_working_day(day)
    ]


def _fixed_moments(page: NoticePage) -> list[tuple[str, datetime]]:
    named = (
        ("質問の締切", page.moments.questions_close_at),
        ("回答日", page.moments.answers_due_at),
        ("提案の締切", page.moments.proposals_close_at),
    )
    return [(label, moment) for label, moment in named if moment]


def rule_rows(rule: dict[str, Any]) -> list[tuple[str, str, str]]:
    """The criteria and the price as (group, question, points)."""
    rows = [
        (str(each.get("group", "")) or "—", str(each["key"]), f"{each['max_points']}点")
        for each in rule.get("criteria", [])
    ]
    price = rule.get("price")
    if price:
        rows.append(("価格", FORMULA_WORDS[price["formula"]], f"{price['max_points']}点"))
    return rows


def minimum_texts(rule: dict[str, Any]) -> list[str]:
    """What must be reached, in sentences."""
    return [
        f"{_measured(each['of'])}が{each['at_least']}点に満たない提案は失格とします。"
        for each in rule.get("minimums", [])
    ]


def _measured(of: str) -> str:
    return "合計" if of == "total" else f"「{of.removeprefix('group:')}」の点"


def receipt_lines(rows: Sequence[ReceiptRow]) -> list[ReceiptLine]:
    """The own receipts, newest first."""
    return [
        ReceiptLine(
            number=f"第{row.number}回",
            received=clock_text(row.received_at),
            price=yen(row.content["price_yen"]),
            sha256=row.sha256,
            standing="有効" if row.stands else "差替え・取下げ済み",
            submitted_by=row.submitted_by,
        )
        for row in rows
    ]


def reasons_to_be_out(measures: Sequence[Ceiling], rows: Sequence[ReceiptRow]) -> list[str]:
    """The ceilings that the own proposal which stands is above."""
    standing = next((row for row in rows if row.stands), None)
    return list_reasons(measures, standing.content.get("offered", {})) if standing else []


@dataclass(frozen=True, kw_only=True)
class OfferTable:
    """Per ceiling: what for, how much, and each opened proposal's own amount before tax."""

    columns: list[tuple[str, str]]
    rows: list[tuple[str, str, list[str]]]


def offer_table(measures: Sequence[Ceiling], rows: Sequence[OpenedRow]) -> OfferTable | None:
    """The amounts beside the ceilings; None where there is either none."""
    if not rows or not measures:
        return None
    named = [(row.vendor_name, row.content) for row in rows]
    return _beside(measures, named)


def own_offer_table(measures: Sequence[Ceiling], rows: Sequence[ReceiptRow]) -> OfferTable | None:
    """The same of the own proposal that stands."""
    standing = [("自社の金額", row.content) for row in rows if row.stands]
    return _beside(measures, standing) if standing and measures else None


def _beside(
    measures: Sequence[Ceiling], named: Sequence[tuple[str, Mapping[str, Any]]]
) -> OfferTable:
    lines = [
        (
            each.label,
            f"{yen(each.amount_yen)}（{'税込' if each.tax_percent else '税抜'}）",
            [_offer(each, content.get("offered", {})) for _, content in named],
        )
        for each in measures
    ]
    return OfferTable(columns=[(name, "num") for name, _ in named], rows=lines)


def _offer(measure: Ceiling, offered: Mapping[str, int]) -> str:
    if measure.key not in offered:
        return "—"
    amount = yen(offered[measure.key])
    return f"{amount}（超過）" if measure.is_passed_by(offered[measure.key]) else amount


def opened_lines(rows: Sequence[OpenedRow]) -> list[OpenedLine]:
    """The opened proposals by order of receipt."""
    return [
        OpenedLine(
            order=str(order),
            vendor=row.vendor_name,
            price=yen(row.content["price_yen"]),
            mandatory="満たす" if row.content["mandatory_met"] else "満たさない",
            lot_digits=row.content["lot_digits"],
            summary=row.content["summary"],
            received=clock_text(row.received_at),
            sha256=row.sha256,
        )
        for order, row in enumerate(rows, start=1)
    ]


def lines_without_prices(rows: Sequence[OpenedRow]) -> list[OpenedLine]:
    """The same for a judge who has yet to score: who proposed, and nothing of what.

    The hash goes too: with the other contents known, the price could be tried out against it.
    """
    return [
        replace(line, price=UNTIL_SCORED, mandatory="—", lot_digits="—", summary="—", sha256="—")
        for line in opened_lines(rows)
    ]


def opening_text(opening: OpeningRow | None) -> str:
    """How far the opening is."""
    if opening is None:
        return "まだ開札していません。"
    if opening.opened_at is None:
        return (
            f"{opening.first_name}さんが{jst(opening.first_at)}に開札を申し出ました。"
            "もう一人の方が開くと、提案を読めるようになります。"
        )
    return (
        f"{opening.first_name}さんと{opening.second_name}さんが"
        f"{jst(opening.opened_at)}に開札しました。"
    )


def planned_facts(row: PlannedRow) -> tuple[tuple[str, str], ...]:
    """That a planned price is set, by whom and when; its figure for who may read it."""
    basis = "税込" if row.tax_included else "税抜"
    amount = f"{yen(row.amount_yen)}（{basis}）" if row.amount_yen else "開札まで表示しません"
    return (
        ("決めた人", row.set_by),
        ("決めた日時", jst(row.set_at)),
        ("予定価格", amount),
        ("公表", row.disclosure.label),
    )
