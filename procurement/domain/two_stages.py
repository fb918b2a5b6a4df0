"""Two stages of one procurement: prove the effect with little money, then contract (F13).

The pattern of 広島県 (S1:1999-2005). It stands beside the procurement method, which is the
second stage's own; no method is ruled out by it, and none is said to be lawful.
"""

from dataclasses import dataclass
from datetime import date

from foundation.errors import Blocker
from foundation.labels import LabelledEnum
from procurement.domain.states import BEFORE_NOTICE, State

HIROSHIMA_CAP_YEN = 1_000_000  # 「100万円を上限とした県の活動支援金」 (S1:2001); in no law
MAX_YEN = 10**12
MAX_TEXT = 2000


class StagePattern(LabelledEnum):
    """Whether a project goes by two stages, and whose pattern it follows."""

    NONE = "none", "2段階では進めない"
    HIROSHIMA = "hiroshima", "広島県の型（県の活動支援金で効果を検証し、結果を踏まえて契約する）"
    OWN = "own", "自分たちで決めた型"


class StageDecision(LabelledEnum):
    """What the lead decided on the first stage's result."""

    OPEN = "open", "まだ決めていない"
    PROCEED = "proceed", "第2段階（契約の手続）に進む"
    STOP = "stop", "第2段階に進まない"


@dataclass(frozen=True, kw_only=True)
class Stages:
    """Both stages as recorded. Whole yen, tax included; None and '' : not recorded.

    stage1_cap_yen: the most the first stage may cost. stage1_amount_yen: what it did cost.
    stage1_starts_on, stage1_ends_on: first and last day of the trial.
    """

    pattern: StagePattern = StagePattern.NONE
    stage1_cap_yen: int | None = None
    stage1_starts_on: date | None = None
    stage1_ends_on: date | None = None
    stage1_amount_yen: int | None = None
    stage1_result: str = ""
    stage1_result_on: date | None = None
    stage2_decision: StageDecision = StageDecision.OPEN
    stage2_reason: str = ""
    stage2_decided_on: date | None = None

    @property
    def has_result(self) -> bool:
        return bool(self.stage1_result.strip()) and self.stage1_result_on is not None

    @property
    def is_decided(self) -> bool:
        return self.stage2_decision is not StageDecision.OPEN


def default_cap(pattern: StagePattern, typed_yen: int | None) -> int | None:
    """The cap typed; 広島県's own where none is and its pattern is followed."""
    if pattern is StagePattern.NONE:
        return None
    if typed_yen is None and pattern is StagePattern.HIROSHIMA:
        return HIROSHIMA_CAP_YEN
    return typed_yen


def list_time_blockers(state: State) -> list[Blocker]:
    """Both stages are recorded before the second one's procedure begins."""
    if state in BEFORE_NOTICE:
        return []
    message = "2段階の記録を変えられるのは、公告（公告によらない場合は契約の段階）の前だけです。"
    return [Blocker(code="too_late", message=message)]


def list_decided_blockers(known: Stages) -> list[Blocker]:
    """What a decision rests on is not changed under it."""
    if not known.is_decided:
        return []
    message = "第2段階を決めた後です。直すときは、先に決定を「まだ決めていない」に戻してください。"
    return [Blocker(code="decided", message=message)]


def list_result_blockers(known: Stages) -> list[Blocker]:
    """F13: the second stage needs a recorded result of the first."""
    if known.pattern is not StagePattern.NONE and known.has_result:
        return []
    message = "先に第1段階の結果と日付を記録してください。第2段階は、結果を踏まえて決めます。"
    return [Blocker(code="no_result", message=message)]


def list_first_blockers(known: Stages, wanted: Stages, today: date) -> list[Blocker]:
    """What is wrong with the first stage as typed. known: as it stands now."""
    if wanted.pattern is StagePattern.NONE:
        return _list_dropping_blockers(known, today)
    return [
        *_list_yen_blockers(wanted),
        *_list_day_blockers(wanted, today),
        *_list_text_blockers(wanted),
    ]


def _list_dropping_blockers(known: Stages, today: date) -> list[Blocker]:
    """A trial that has begun ends with a result, be it that it was given up."""
    if known.pattern is StagePattern.NONE:
        message = "2段階で進めるときの進め方を選んでください。"
        return [Blocker(code="nothing", message=message, field="pattern")]
    begun = known.stage1_starts_on is not None and known.stage1_starts_on <= today
    if not (begun or known.stage1_result or known.stage1_amount_yen):
        return []
    message = "第1段階が始まっています。取りやめた場合も、そのことを結果として記録してください。"
    return [Blocker(code="begun", message=message, field="pattern")]


def _list_yen_blockers(wanted: Stages) -> list[Blocker]:
    cap, spent = wanted.stage1_cap_yen, wanted.stage1_amount_yen
    if cap is None or not 1 <= cap <= MAX_YEN:
        message = "第1段階の上限額を1円以上1兆円以下で入力してください。"
        return [Blocker(code="cap", message=message, field="stage1_cap_yen")]
    if spent is not None and not 0 <= spent <= MAX_YEN:
        message = "第1段階にかかった額を0円以上1兆円以下で入力してください。"
        return [Blocker(code="amount", message=message, field="stage1_amount_yen")]
    if spent is not None and spent > cap:
        message = f"第1段階にかかった額が、上限額を{spent - cap:,}円超えています。"
        return [Blocker(code="over_cap", message=message, field="stage1_amount_yen")]
    return []


def _list_day_blockers(wanted: Stages, today: date) -> list[Blocker]:
    start, end, told = wanted.stage1_starts_on, wanted.stage1_ends_on, wanted.stage1_result_on
    found = []
    if end is not None and (start is None or end < start):
        message = "検証の最後の日は、最初の日以後にしてください。"
        found.append(("stage1_ends_on", message))
    if told is not None and told > today:
        found.append(("stage1_result_on", "結果をまとめた日は、今日以前にしてください。"))
    elif told is not None and (start is None or told < start):
        message = "結果をまとめた日は、検証の最初の日以後にしてください。"
        found.append(("stage1_result_on", message))
    return [Blocker(code="days", message=message, field=field) for field, message in found]


def _list_text_blockers(wanted: Stages) -> list[Blocker]:
    text = wanted.stage1_result.strip()
    if len(text) > MAX_TEXT:
        message = f"結果は{MAX_TEXT:,}文字以内で入力してください。"
        return [Blocker(code="too_long", message=message, field="stage1_result")]
    if bool(text) == (wanted.stage1_result_on is not None):
        return []
    if text:
        message = "結果をまとめた日を入力してください。"
        return [Blocker(code="result_day", message=message, field="stage1_result_on")]
    message = "第1段階の結果を文で入力してください。"
    return [Blocker(code="result", message=message, field="stage1_result")]


def list_decision_blockers(
    known: Stages, decision: StageDecision, reason: str, decided_on: date | None, today: date
) -> list[Blocker]:
    """What is wrong with the decision as typed."""
    if decision is StageDecision.OPEN:
        return []
    return [*_list_reason_blockers(reason), *_list_decided_blockers(known, decided_on, today)]


def _list_reason_blockers(reason: str) -> list[Blocker]:
    if 0 < len(reason.strip()) <= MAX_TEXT:
        return []
    message = f"決定の理由を{MAX_TEXT:,}文字以内で入力してください。"
    return [Blocker(code="reason", message=message, field="stage2_reason")]


def _list_decided_blockers(known: Stages, decided_on: date | None, today: date) -> list[Blocker]:
    told = known.stage1_result_on
    if decided_on is not None and told is not None and told <= decided_on <= today:
        return []
    message = "決定した日は、第1段階の結果をまとめた日から今日までにしてください。"
    return [Blocker(code="decided_on", message=message, field="stage2_decided_on")]
