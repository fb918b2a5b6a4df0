"""Sheets and ranks in words: for the lead by name, for a bidder its own line, else as A社."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from string import ascii_uppercase
from typing import Any

from foundation.filters import jst, yen
from procurement.domain.evaluation import Evaluation
from procurement.domain.evaluation_rule import EvaluationRule
from procurement.domain.judging import Seat
from procurement.queries.judging import AwardRow, sheet_json
from procurement.queries.tender import OpenedRow


@dataclass(frozen=True, kw_only=True)
class SheetLine:
    """One proposal of the sheet. points: by criterion, in the rule's order."""

    rank: str
    bidder: str
    total: str
    price: str
    price_points: str
    points: tuple[str, ...]
    reasons: str


@dataclass(frozen=True, kw_only=True)
class SeatLine:
    """A judge and how far the own sheet is; never what it says."""

    user_id: int
    name: str
    state: str
    waiting: bool


@dataclass(frozen=True, kw_only=True)
class ScoreField:
    """One box of a judge's sheet."""

    name: str
    label: str
    maximum: str
    value: str
    error: str


@dataclass(frozen=True, kw_only=True)
class ScoreCard:
    """A proposal as its judge reads it: no price, which is scored by the formula."""

    vendor_id: int
    bidder: str
    summary: str
    mandatory: str
    fields: tuple[ScoreField, ...]


def seat_lines(seats: Sequence[Seat]) -> list[SeatLine]:
    """The judges in the order they were invited."""
    return [
        SeatLine(
            user_id=seat.user_id,
            name=seat.name,
            state=_seat_state(seat),
            waiting=seat.submitted_at is None and not seat.is_absent,
        )
        for seat in seats
    ]


def _seat_state(seat: Seat) -> str:
    if seat.is_absent:
        return f"欠席（{seat.absent_reason}）"
    if seat.submitted_at:
        return f"提出済み（{jst(seat.submitted_at)}）"
    return "申告済み・採点待ち" if seat.declared_at else "利害関係の申告待ち"


def sheet_lines(sheet: Evaluation, names: Mapping[str, str]) -> list[SheetLine]:
    """Every line by name, for the lead."""
    lines = _evenly_written(sheet_json(sheet)["proposals"])
    return [_line(line, names[line["bidder"]]) for line in lines]


def own_line(award: AwardRow, vendor_id: int, name: str) -> SheetLine | None:
    """What a bidder learns: its own points and rank."""
    lines = _evenly_written(award.sheet["proposals"])
    return next((_line(line, name) for line in lines if line["bidder"] == str(vendor_id)), None)


def public_lines(award: AwardRow) -> list[tuple[str, str, str]]:
    """(rank, name, total) with the winner by name and the others as A社, B社 (domain §8)."""
    letters = iter(ascii_uppercase)
    rows = []
    for line in _evenly_written(award.sheet["proposals"]):
        won = line["bidder"] == str(award.vendor_id)
        name = award.vendor_name if won else f"{next(letters, 'その他')}社"
        rows.append((_rank(line), name, f"{line['total']}点" if line["total"] else "—"))
    return rows


def _evenly_written(lines: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The lines with as many digits after the point down each column: 420.00 above 63.75."""
    totals = _aligned([line["total"] for line in lines])
    columns = [_aligned([line["points"][key] for line in lines]) for key in _criteria(lines)]
    return [
        {
            **line,
            "total": totals[place],
            "points": {
                key: column[place] for key, column in zip(_criteria(lines), columns, strict=True)
            },
        }
        for place, line in enumerate(lines)
    ]


def _criteria(lines: Sequence[Mapping[str, Any]]) -> list[str]:
    return list(lines[0]["points"]) if lines else []


def _aligned(points: Sequence[str | None]) -> list[str | None]:
    """Decimal strings with the digits after the point of the longest; None where there are none."""
    digits = max((len(each.partition(".")[2]) for each in points if each), default=0)
    return [None if each is None else f"{Decimal(each):.{digits}f}" for each in points]


def _line(line: Mapping[str, Any], name: str) -> SheetLine:
    price_points = line["price_points"]
    return SheetLine(
        rank=_rank(line),
        bidder=name,
        total=f"{line['total']}点" if line["total"] else "—",
        price=yen(line["price_yen"]) if "price_yen" in line else "",
        price_points=f"{line['price_formula']}点" if price_points is not None else "—",
        points=tuple(f"{points}点" for points in line["points"].values()),
        reasons=" ".join(line["reasons"]),
    )


def _rank(line: Mapping[str, Any]) -> str:
    return f"第{line['rank']}位" if line["rank"] else "失格"


def score_cards(
    rule: EvaluationRule,
    opened: Sequence[OpenedRow],
    typed: Mapping[str, str],
    errors: Mapping[str, str],
) -> list[ScoreCard]:
    """The boxes of a judge's sheet, with what was typed and what is wrong with it."""
    return [
        ScoreCard(
            vendor_id=row.vendor_id,
            bidder=row.vendor_name,
            summary=row.content["summary"],
            mandatory="満たす" if row.content["mandatory_met"] else "満たさない",
            fields=tuple(
                ScoreField(
                    name=name,
                    label=f"{criterion.group}　{criterion.key}".strip(),
                    maximum=f"{criterion.max_points}点満点",
                    value=typed.get(name, ""),
                    error=errors.get(name, ""),
                )
                for place, criterion in enumerate(rule.criteria)
                for name in (f"score-{row.vendor_id}-{place}",)
            ),
        )
        for row in opened
    ]
