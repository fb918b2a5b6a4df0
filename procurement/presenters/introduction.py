"""The introduction of each body in words."""

from collections.abc import Sequence
from dataclasses import dataclass

from foundation.filters import era_date
from procurement.domain.introduction import Check, IntroductionStep
from procurement.domain.participation import ParticipationStatus as Status
from procurement.queries.introduction import BodyProgress
from procurement.queries.standing import Standing


@dataclass(frozen=True, kw_only=True)
class ProgressLine:
    """A body's row: a cell for each step. code: '' where this reader records nothing."""

    name: str
    wave: str
    status: str
    cells: tuple[str, ...]
    starts: str
    own: bool
    code: str


STEP_LABELS = [step.label for step in IntroductionStep]


def progress_lines(rows: Sequence[BodyProgress], standing: Standing) -> list[ProgressLine]:
    """By wave and code; the lead finds the forms of a body behind its name."""
    return [
        ProgressLine(
            name=row.name,
            wave=f"第{row.wave}期",
            status=row.status.label,
            cells=tuple(_cell(row.checks.get(step)) for step in IntroductionStep),
            starts=era_date(row.starts_on) if row.starts_on else "—",
            own=row.code == standing.actor.body_code,
            code=row.code if standing.leads and row.status is not Status.IN_USE else "",
        )
        for row in rows
    ]


def _cell(check: Check | None) -> str:
    if check is None or not check.is_settled:
        return "未"
    return era_date(check.done_on) if check.done_on else f"不要（{check.note}）"
