"""Both stages of a procurement in words (F13)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from foundation.clock import era_date
from foundation.filters import jst, yen
from procurement.domain.two_stages import StagePattern, Stages
from procurement.queries.stages import StageRow

NOT_RECORDED = "未記録"


@dataclass(frozen=True, kw_only=True)
class StageLine:
    """One entry of the record, for the table of what stood before."""

    number: str
    cap: str
    result: str
    decision: str
    who: str
    at: str


def stage_facts(stages: Stages) -> list[tuple[str, str]]:
    """Nothing where the project does not go by two stages; 「未記録」 for what is unknown."""
    if stages.pattern is StagePattern.NONE:
        return []
    return [
        ("進め方", stages.pattern.label),
        ("第1段階の上限額（税込）", _yen(stages.stage1_cap_yen)),
        ("検証の期間", _span(stages.stage1_starts_on, stages.stage1_ends_on)),
        ("第1段階にかかった額（税込）", _yen(stages.stage1_amount_yen)),
        ("第1段階の結果", stages.stage1_result or NOT_RECORDED),
        ("結果をまとめた日", _day(stages.stage1_result_on)),
        ("第2段階", _decision(stages)),
        ("決定の理由", stages.stage2_reason or NOT_RECORDED),
    ]


def stage_lines(rows: Sequence[StageRow]) -> list[StageLine]:
    """Newest first."""
    return [
        StageLine(
            number=f"第{row.number}回",
            cap=_yen(row.stages.stage1_cap_yen)
            if row.stages.pattern is not StagePattern.NONE
            else "—",
            result=_result(row.stages),
            decision=_decision(row.stages) if row.stages.pattern is not StagePattern.NONE else "—",
            who=row.entered_by,
            at=jst(row.entered_at),
        )
        for row in rows
    ]


def _result(stages: Stages) -> str:
    if stages.pattern is StagePattern.NONE:
        return stages.pattern.label
    return stages.stage1_result or NOT_RECORDED


def _decision(stages: Stages) -> str:
    label = stages.stage2_decision.label
    return f"{label}（{_day(stages.stage2_decided_on)}）" if stages.is_decided else label


def _yen(amount: int | None) -> str:
    return NOT_RECORDED if amount is None else yen(amount)


def _day(day: date | None) -> str:
    return NOT_RECORDED if day is None else era_date(day)


def _span(first: date | None, last: date | None) -> str:
    if first is None:
        return NOT_RECORDED
    return f"{era_date(first)}から{era_date(last)}まで" if last else f"{era_date(first)}から"
