"""A body's way from its contract to the first day of use: a checklist, then the start."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from foundation.errors import Blocker
from foundation.labels import LabelledEnum
from procurement.domain.participation import ParticipationStatus as Status
from procurement.domain.states import State


class IntroductionStep(LabelledEnum):
    """What is checked before a body begins to use the system."""

    SETUP = "setup", "環境の設定"
    MIGRATION = "migration", "データの移行"
    TRAINING = "training", "操作の研修"
    ACCEPTANCE = "acceptance", "検収"


# Nothing is paid for that was not accepted: this one is never 「不要」.
ALWAYS_NEEDED = frozenset({IntroductionStep.ACCEPTANCE})
IN_USE_STATES = (State.INTRODUCTION, State.OPERATION)


@dataclass(frozen=True, kw_only=True)
class Check:
    """The newest entry of a step. note: why it is not needed."""

    done_on: date | None = None
    note: str = ""

    @property
    def is_settled(self) -> bool:
        return self.done_on is not None or bool(self.note)


Checks = Mapping[IntroductionStep, Check]


def list_check_blockers(step: IntroductionStep, check: Check, today: date) -> list[Blocker]:
    """What is wrong with an entry."""
    if check.done_on is not None and check.done_on > today:
        message = "済んだ日に将来の日付は使えません。"
        return [Blocker(code="future", message=message, field="done_on")]
    if check.done_on is None and step in ALWAYS_NEEDED:
        message = f"{step.label}は省けません。済んだ日を入力してください。"
        return [Blocker(code="needed", message=message, field="done_on")]
    if not check.is_settled:
        message = "済んだ日か、要らない理由を入力してください。"
        return [Blocker(code="empty", message=message, field="done_on")]
    return []


def list_stage_blockers(state: State) -> list[Blocker]:
    """Introduction is recorded once contracting is over; later waves follow in operation."""
    if state in IN_USE_STATES:
        return []
    message = "導入の記録は、導入・運用の段階で行います。"
    return [Blocker(code="wrong_state", message=message)]


def list_use_blockers(
    state: State, status: Status, checks: Checks, starts_on: date | None, today: date
) -> list[Blocker]:
    """Why a body's first day of use cannot be recorded; empty when it can."""
    blockers = list_stage_blockers(state)
    if status is Status.IN_USE:
        blockers.append(Blocker(code="in_use", message="利用開始は記録済みです。"))
    elif status is not Status.CONTRACTED:
        blockers.append(Blocker(code="no_contract", message="この団体の契約が記録されていません。"))
    missing = [step.label for step in IntroductionStep if not _settled(checks, step)]
    if missing:
        message = f"{'、'.join(missing)}の確認が済んでいません。"
        blockers.append(Blocker(code="unchecked", message=message))
    if starts_on is not None and starts_on > today:
        message = "利用開始日に将来の日付は使えません。始まってから記録してください。"
        blockers.append(Blocker(code="future", message=message, field="starts_on"))
    return blockers


def _settled(checks: Checks, step: IntroductionStep) -> bool:
    check = checks.get(step)
    return check is not None and check.is_settled
